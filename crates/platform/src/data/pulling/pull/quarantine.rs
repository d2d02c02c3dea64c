//! Records that can't be read: set aside with their reasons and, sealed, the form in which the platform sent them, and tried
//! again when only changes are read. A pull that reads everything meets them anyway.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use connectors::{Access, MappedPage};
use egress::Secret;
use sha2::{Digest as _, Sha256};

use super::super::validation::{self, Finding};
use super::window::Window;
use super::{Pull, Selection, Trouble};
use crate::change::Change;
use crate::credentials::vault::openings::Purpose;
use crate::credentials::vault::{Place, Row, Sealed, hex};
use store::connections::Connection;
use store::model::ConnectionId;
use store::quarantine::{self as rows, SetAside};
use store::{StoreError, Tx};

/// The most records of a data type that a connection's quarantine holds.
const MOST: i64 = 500;
/// The longest form that is kept, in bytes.
const LONGEST: usize = 128 * 1024;
/// The longest reason that is kept beside it, in characters.
const LONGEST_REASON: usize = 500;

/// True if the form of every record that was set aside is kept, so that reading changes alone loses none of them.
pub(in crate::data::pulling) async fn is_quarantine_whole(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
) -> Result<bool, StoreError> {
    let tally = rows::tally(tx, connection, data_type).await?;
    Ok(tally.unkept == 0 && tally.number < MOST)
}

/// True if it is known of each record that was set aside which one it is: those that a pull of everything didn't see are gone.
pub(super) async fn is_everything_known(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
) -> Result<bool, StoreError> {
    let tally = rows::tally(tx, connection, data_type).await?;
    Ok(tally.unknown == 0 && tally.number < MOST)
}

/// Records that were set aside by earlier pulls, mapped again.
#[derive(Default)]
pub(super) struct Retried {
    /// A batch for each list that they came on: its rows, which are the records of its page, in order.
    batches: Vec<(Vec<SetAside>, MappedPage, Vec<Finding>)>,
}

impl Pull<'_> {
    /// Maps again what earlier pulls have set aside, by the map as it is now.
    pub(super) async fn retry(&mut self, access: &Access<'_>) -> Result<Retried, Trouble> {
        let mut retried = Retried::default();
        let selection = Arc::clone(&self.selection);
        let Selection::Standard { data_type, .. } = &*selection else {
            return Ok(retried);
        };
        let (connection, dataset) = (&self.connection, &self.dataset);
        let kept =
            rows::of_others(&self.app.db, connection.id, &dataset.data_type, dataset.id).await?;
        let mut lists: BTreeMap<i64, Vec<(SetAside, String)>> = BTreeMap::new();
        for row in kept {
            let sealed = row.sealed.clone().map(Sealed);
            let place = place(connection, &dataset.data_type, &row.key);
            let Some(sealed) = sealed else { continue };
            match self
                .app
                .vault
                .open_sealed(&sealed, place, Purpose::Mapping)
                .await
            {
                Ok(raw) => {
                    let raw = raw.expose().to_owned();
                    lists.entry(row.list).or_default().push((row, raw));
                }
                Err(error) => {
                    tracing::warn!(dataset = %dataset.id, %error, "a record that was set aside can't be opened");
                }
            }
        }
        for (list, rows) in lists {
            let Ok(list) = usize::try_from(list) else {
                continue;
            };
            let raw: Vec<&str> = rows.iter().map(|(_, raw)| raw.as_str()).collect();
            let Some(mut page) = self.integration.page_of(*data_type, list, &raw) else {
                continue;
            };
            let lookups = self.integration.lookups_of(*data_type, list);
            if lookups > 0 {
                let permit = self.admitted(lookups).await?;
                let door = &self.app.door;
                page.lookups = self
                    .integration
                    .look_up_for(door, access, *data_type, list)
                    .await?;
                drop(permit);
            }
            let (mapped, findings) = self.read_whole(access, Arc::new(page)).await?;
            let rows = rows.into_iter().map(|(row, _)| row).collect();
            retried.batches.push((rows, mapped, findings));
        }
        Ok(retried)
    }

    /// Stores what could be read of records that were set aside, unless the platform has sent something newer since. Returns
    /// the findings about them, and notes the others on the dataset.
    pub(super) async fn store_retried(
        &mut self,
        change: &mut Change<'_>,
        retried: Retried,
    ) -> Result<Vec<Finding>, StoreError> {
        let mut noticed = Vec::new();
        let data_type = self.dataset.data_type.clone();
        let window = Window::of(&self.dataset);
        for (rows, mapped, findings) in retried.batches {
            let refused: HashSet<usize> = mapped.set_aside.iter().map(|one| one.index).collect();
            let mut records = Vec::new();
            for (record, item) in mapped.records.into_iter().zip(mapped.items) {
                let row = &rows[item];
                let connection = self.connection.id;
                let last =
                    store::records::last_change(change, connection, &data_type, &record.id).await?;
                let is_newer = last.is_none_or(|last| last <= row.seen);
                if is_newer && window.keeps(&record.id, record.source_modified) {
                    records.push(record);
                }
            }
            self.put(change, &records).await?;
            let (connection, dataset) = (&self.connection, &mut self.dataset);
            for (index, row) in rows.iter().enumerate() {
                if refused.contains(&index) {
                    continue;
                }
                rows::forget(change, connection.id, &data_type, &row.key).await?;
                self.quarantined.remove(&row.key);
            }
            noticed.extend(findings);
            for mut one in mapped.set_aside {
                let mut row = rows[one.index].clone();
                dataset.set_aside += 1;
                // The records that it was learnt from aren't beside it any more.
                if row.known {
                    for refusal in &mut one.refusals {
                        refusal.id.get_or_insert_with(|| row.key.clone());
                    }
                }
                noticed.extend(of_set_aside(change, connection, &data_type, &one, true).await?);
                row.reason = reason(&one);
                row.dataset_id = dataset.id;
                rows::put(change, connection.id, &data_type, &row).await?;
            }
        }
        Ok(noticed)
    }

    /// Sets aside what a page has of records that can't be read; what is stored of them stays. Returns the findings about them.
    pub(super) async fn set_aside(
        &mut self,
        change: &mut Change<'_>,
        list: usize,
        set_aside: Vec<connectors::SetAside>,
    ) -> Result<Vec<Finding>, StoreError> {
        let mut noticed = Vec::new();
        let (connection, dataset) = (&self.connection, &mut self.dataset);
        let data_type = dataset.data_type.clone();
        for one in set_aside {
            dataset.set_aside += 1;
            let ids: Vec<&str> = one.ids.iter().map(String::as_str).collect();
            if !ids.is_empty() {
                let seen = dataset.id;
                store::records::see(change, connection.id, &data_type, seen, &ids).await?;
            }
            let key = match ids.first() {
                Some(id) => id.replace('\0', ""),
                None => {
                    // One that didn't come whole has no form.
                    let form = match one.raw.as_str() {
                        "" => one.number.as_deref().unwrap_or_default(),
                        raw => raw,
                    };
                    format!("sha256:{}", hex(&Sha256::digest(form.as_bytes())))
                }
            };
            let kept = self.quarantined.contains(&key)
                || i64::try_from(self.quarantined.len()).unwrap_or(i64::MAX) < MOST;
            noticed.extend(of_set_aside(change, connection, &data_type, &one, kept).await?);
            if !kept {
                continue;
            }
            let is_kept = !one.raw.is_empty() && one.raw.len() <= LONGEST;
            let sealed = is_kept.then(|| {
                let place = place(connection, &data_type, &key);
                let raw = Secret::new(one.raw.as_str());
                self.app.vault.seal(&raw, place).0
            });
            let row = SetAside {
                known: !ids.is_empty(),
                list: i64::try_from(list).unwrap_or(i64::MAX),
                reason: reason(&one),
                sealed,
                dataset_id: dataset.id,
                seen: change.now,
                key,
            };
            rows::put(change, connection.id, &data_type, &row).await?;
            self.quarantined.insert(row.key);
        }
        Ok(noticed)
    }

    /// Lets go of what could be read, or is gone.
    pub(super) async fn let_go<'a>(
        &mut self,
        change: &mut Change<'_>,
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<(), StoreError> {
        if self.quarantined.is_empty() {
            return Ok(());
        }
        let (connection, data_type) = (self.connection.id, self.dataset.data_type.as_str());
        for id in ids {
            if self.quarantined.remove(id) {
                rows::forget(change, connection, data_type, id).await?;
            }
        }
        Ok(())
    }
}

const fn place<'a>(connection: &Connection, data_type: &'a str, key: &'a str) -> Place<'a> {
    Place {
        client: connection.client_id,
        row: Row::Data(connection.id, data_type, key),
        field: "unread_record",
    }
}

fn reason(one: &connectors::SetAside) -> String {
    let reasons: Vec<&str> = (one.refusals.iter())
        .map(|refusal| refusal.message.as_str())
        .collect();
    reasons.join("; ").chars().take(LONGEST_REASON).collect()
}

/// The findings about a record that was set aside, which tell what stands in its place.
async fn of_set_aside(
    tx: &mut Tx,
    connection: &Connection,
    data_type: &str,
    one: &connectors::SetAside,
    kept: bool,
) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for refusal in &one.refusals {
        let stale = match &refusal.id {
            Some(id) => store::records::last_change(tx, connection.id, data_type, id).await?,
            None => None,
        };
        let mut finding = validation::of_refusal(refusal);
        if !finding.message.ends_with(['.', '…']) {
            finding.message.push('.');
        }
        if let Some(number) = &one.number {
            finding.message.push_str(&format!(" Its number: {number}."));
            if finding.item.is_empty() {
                finding.item.clone_from(number);
            }
        }
        finding.message.push_str(&match stale {
            Some(at) => format!(
                " It is set aside; the record stays as it was stored, on {}, and may be out of date.",
                at.format("%-d %B %Y")
            ),
            None => " It is set aside.".to_owned(),
        });
        if !kept {
            finding
                .message
                .push_str(" Its form is not kept: too many are.");
        }
        findings.push(finding);
    }
    Ok(findings)
}
