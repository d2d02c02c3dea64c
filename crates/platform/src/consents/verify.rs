//! A chain read from its first entry to its end: every edit, deletion, reordering and cut that it shows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::chain::{BROKEN, is_its_body, sealer, signer};
use crate::app::App;
use crate::credentials::vault::{RecordKeys, hex};
use store::consents::{self, Consent};
use store::entries::{self, Entry, Head};
use store::model::{ClientId, ConnectionId, ConsentId, ConsentState, RecordKind};
use store::{StoreError, Tx};

const BATCH: i64 = 1000;
/// A chain that began so shortly before a new key of the record was made may have been begun without it.
const AT_ONCE: TimeDelta = TimeDelta::minutes(5);

/// An end of a chain that was written down somewhere else, such as in a log or on paper: `42:9f3c…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub seq: i64,
    /// Hexadecimal.
    pub hash: String,
}

impl std::str::FromStr for Kept {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "'{text}' is not a head; write it as `moorline consents verify` prints it, SEQ:HASH"
            )
        };
        let (seq, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
        let seq: i64 = seq.parse().map_err(|_| wrong())?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if seq < 1 || !is_hash {
            return Err(wrong());
        }
        Ok(Self {
            seq,
            hash: hash.to_ascii_lowercase(),
        })
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// Something that isn't as this installation wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The entry's number. None for what no single entry shows.
    pub seq: Option<i64>,
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "entry {seq}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// The outcome of a verification.
#[derive(Debug)]
pub struct Report {
    pub entries: u64,
    /// The end of the chain, to be kept elsewhere. None for a client without entries.
    pub head: Option<Kept>,
    pub faults: Vec<Fault>,
}

/// Verifies one client's chain, and compares it with the client's consents and connections.
///
/// # Errors
/// The database can't be read.
pub async fn verify(
    app: &App,
    client: ClientId,
    kept: Option<&Kept>,
) -> Result<Report, StoreError> {
    let mut seen = app.db.snapshot().await?;
    let mut walk = Walk::new(app.vault.learnt_record_keys().await?, client);
    loop {
        let batch = entries::after(&mut seen, client, walk.last_seq, BATCH).await?;
        let Some(last) = batch.last() else { break };
        let end = last.seq;
        for entry in &batch {
            walk.step(entry, kept);
        }
        walk.last_seq = end;
    }
    let head = entries::head_in(&mut seen, client).await?;
    walk.end(head.as_ref(), kept);
    walk.compare(&mut seen).await?;
    Ok(Report {
        entries: walk.entries,
        head: (walk.entries > 0).then(|| Kept {
            seq: walk.last_seq,
            hash: hex(&walk.last_hash),
        }),
        faults: walk.faults,
    })
}

/// A consent, as the entries' columns tell it: they stay when the bodies are erased.
struct Told {
    connection: Option<ConnectionId>,
    state: ConsentState,
    given: DateTime<Utc>,
    /// Given before there was a record: its own time stands in the body.
    adopted: bool,
    authorised: DateTime<Utc>,
    ended: Option<DateTime<Utc>>,
    seq: i64,
}

struct Walk {
    keys: RecordKeys,
    /// The time of the first entry.
    began: Option<DateTime<Utc>>,
    /// The number of the record's key by which the last entry was authenticated: those after it aren't by an earlier one.
    key: usize,
    client: ClientId,
    last_seq: i64,
    last_hash: Vec<u8>,
    entries: u64,
    /// Entries without a body, and those that an entry says were erased.
    bare: BTreeSet<i64>,
    erased: BTreeSet<i64>,
    told: BTreeMap<ConsentId, Told>,
    kept_found: bool,
    faults: Vec<Fault>,
}

impl Walk {
    fn new(keys: RecordKeys, client: ClientId) -> Self {
        Self {
            keys,
            began: None,
            key: 0,
            client,
            last_seq: 0,
            last_hash: Vec::new(),
            entries: 0,
            bare: BTreeSet::new(),
            erased: BTreeSet::new(),
            told: BTreeMap::new(),
            kept_found: false,
            faults: Vec::new(),
        }
    }

    fn fault(&mut self, seq: impl Into<Option<i64>>, what: impl Into<String>) {
        self.faults.push(Fault {
            seq: seq.into(),
            what: what.into(),
        });
    }

    fn step(&mut self, entry: &Entry, kept: Option<&Kept>) {
        self.entries += 1;
        self.began.get_or_insert(entry.at);
        let expected = self.last_seq + 1;
        let gap = entry.seq != expected;
        let broken = entry.kind == RecordKind::RecordBroken.as_str();
        if gap && !broken {
            let which = match entry.seq - 1 {
                last if last == expected => format!("entry {expected} is missing"),
                last => format!("entries {expected} to {last} are missing"),
            };
            self.fault(entry.seq, format!("before it, {which}"));
        }
        if broken {
            let at = entry.at.format("%Y-%m-%d %H:%M UTC");
            self.fault(
                entry.seq,
                format!("the end of the chain had been altered in the database when this was written ({at})"),
            );
        }
        match &entry.body {
            Some(body) => {
                if !is_its_body(&self.keys, entry, body) {
                    self.fault(entry.seq, "its body was altered");
                }
                if entry.kind == RecordKind::RecordErased.as_str() {
                    self.erased.extend(erased_by(body));
                }
            }
            None => {
                self.bare.insert(entry.seq);
            }
        }
        let before = if broken { BROKEN } else { &self.last_hash };
        let signer = signer(&self.keys, self.key, entry, before);
        // Behind a gap the authenticator before it isn't known: the gap is the fault.
        match signer {
            Some(number) => self.key = number,
            None if gap && !broken => {}
            None => self.fault(
                entry.seq,
                "it was altered, moved to another place, or the entry before it was",
            ),
        }
        if let Some(kept) = kept.filter(|kept| kept.seq == entry.seq) {
            self.kept_found = true;
            if hex(&entry.hash) != kept.hash {
                self.fault(
                    entry.seq,
                    "it is another one than the head that was kept elsewhere",
                );
            }
        }
        self.follow(entry);
        (self.last_seq, self.last_hash) = (entry.seq, entry.hash.clone());
    }

    fn follow(&mut self, entry: &Entry) {
        let (Some(id), Some(kind)) = (entry.consent_id, RecordKind::from_word(&entry.kind)) else {
            return;
        };
        let state = match kind {
            RecordKind::ConsentGiven
            | RecordKind::ConsentImported
            | RecordKind::ConsentAdopted
            | RecordKind::ConsentRenewed => ConsentState::Given,
            RecordKind::ConsentWithdrawn => ConsentState::Withdrawn,
            RecordKind::ConsentRevoked => ConsentState::Revoked,
            RecordKind::ConsentExpired => ConsentState::Expired,
            RecordKind::ConsentIdentified => {
                if let Some(told) = self.told.get_mut(&id) {
                    told.authorised = entry.at;
                }
                return;
            }
            _ => return,
        };
        let told = self.told.entry(id).or_insert(Told {
            connection: entry.connection_id,
            state,
            given: entry.at,
            adopted: kind == RecordKind::ConsentAdopted,
            authorised: entry.at,
            ended: None,
            seq: entry.seq,
        });
        (told.state, told.seq) = (state, entry.seq);
        match state {
            ConsentState::Given => told.authorised = entry.at,
            _ => told.ended = Some(entry.at),
        }
    }

    /// Compares the last entry with the end that is written down, here and elsewhere.
    fn end(&mut self, head: Option<&Head>, kept: Option<&Kept>) {
        for seq in self
            .bare
            .difference(&self.erased)
            .copied()
            .collect::<Vec<_>>()
        {
            self.fault(
                seq,
                "its body is gone, and no entry says that it was erased",
            );
        }
        match head {
            None if self.entries > 0 => {
                self.fault(None, "the end of the chain (table record_head) is missing");
            }
            None => {}
            Some(head) if head.seq == 0 && self.entries == 0 => {}
            Some(head) => {
                if head.seq > self.last_seq {
                    let (from, to) = (self.last_seq + 1, head.seq);
                    self.fault(
                        None,
                        format!("the chain was cut: entries {from} to {to} are missing at its end"),
                    );
                } else if head.seq != self.last_seq || head.hash != self.last_hash {
                    self.fault(
                        None,
                        "the end of the chain (table record_head) isn't its last entry",
                    );
                }
                // By the last entry's own key: who has had an earlier one could seal an end with that.
                if sealer(&self.keys, self.client, head) != Some(self.key) {
                    self.fault(None, "the end of the chain (table record_head) was altered");
                }
            }
        }
        let since = self.keys.newest_since();
        if self.key < self.keys.newest()
            && let (Some(began), Some(since)) = (self.began, since)
            && began < since - AT_ONCE
        {
            let at = since.format("%Y-%m-%d %H:%M UTC");
            self.fault(
                None,
                format!("entries are missing at its end: every chain went on under another key on {at}, and this one doesn't"),
            );
        }
        if let Some(kept) = kept.filter(|_| !self.kept_found) {
            let seq = kept.seq;
            self.fault(
                None,
                format!("entry {seq}, which the head that was kept elsewhere names, is missing"),
            );
        }
    }

    /// Compares the entries with what the lists show, and with the connections that live.
    async fn compare(&mut self, seen: &mut Tx) -> Result<(), StoreError> {
        let listed: BTreeMap<ConsentId, Consent> = consents::of_client(seen, self.client)
            .await?
            .into_iter()
            .map(|consent| (consent.id, consent))
            .collect();
        let mut faults = Vec::new();
        for (id, told) in &self.told {
            match listed.get(id) {
                None => faults.push((
                    told.seq,
                    format!("consent {id} is missing in the list of consents"),
                )),
                Some(consent) => {
                    let same = consent.state == told.state
                        && consent.ended == told.ended
                        && Some(consent.connection_id) == told.connection
                        && (told.adopted || consent.given == told.given);
                    if !same {
                        faults.push((
                            told.seq,
                            format!("consent {id} is listed otherwise than its entries say"),
                        ));
                    }
                }
            }
        }
        for (seq, what) in faults {
            self.fault(seq, what);
        }
        for id in listed.keys().filter(|id| !self.told.contains_key(id)) {
            self.faults.push(Fault {
                seq: None,
                what: format!("consent {id} is listed, and no entry tells of it"),
            });
        }
        let mut in_force: BTreeMap<ConnectionId, (ConsentId, DateTime<Utc>, i64)> = self
            .told
            .iter()
            .filter(|(_, told)| told.state == ConsentState::Given)
            .filter_map(|(id, told)| Some((told.connection?, (*id, told.authorised, told.seq))))
            .collect();
        for linked in consents::linked(seen, self.client).await? {
            let (connection, company) = (linked.id, linked.company_id);
            let authorised = linked.last_authorized;
            match in_force.remove(&connection) {
                None => self.fault(
                    None,
                    format!("connection {connection} of company {company} is Linked, and no entry gives a consent for it"),
                ),
                Some((_, entry, seq)) if authorised.is_some_and(|at| at > entry) => self.fault(
                    seq,
                    format!("connection {connection} was authorised later than its last entry says"),
                ),
                Some(_) => {}
            }
        }
        for (connection, (consent, _, seq)) in in_force {
            self.fault(
                seq,
                format!("consent {consent} is in force by its entries, but connection {connection} isn't Linked"),
            );
        }
        Ok(())
    }
}

/// The numbers of the entries whose bodies an entry says were erased.
fn erased_by(body: &str) -> Vec<i64> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let ranges = body["entries"].as_array().cloned().unwrap_or_default();
    ranges
        .iter()
        .filter_map(|range| Some((range[0].as_i64()?, range[1].as_i64()?)))
        .flat_map(|(from, to)| from..=to)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_printed() {
        let head = Kept {
            seq: 42,
            hash: "9f".repeat(32),
        };
        assert_eq!(head.to_string().parse::<Kept>(), Ok(head));
        for wrong in [
            "",
            "42",
            "42:9f",
            "x:",
            "0:",
            &format!("-1:{}", "9f".repeat(32)),
        ] {
            assert!(wrong.parse::<Kept>().is_err(), "{wrong}");
        }
    }
}
