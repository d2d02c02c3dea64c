//! The chain: each entry's authenticator covers the entry and the authenticator before it.
//!
//! The keys of the authenticators are the vault's, so that write access to the database alone can't make an entry; each entry is under
//! the newest of them, and a chain never goes back to an earlier one. An
//! end of the chain that was altered in the database is not taken as good and built upon: an entry that says so comes first,
//! and stays.

use serde_json::{Value, json};

use super::Entry;
use crate::credentials::vault::{RecordKeys, Vault};
use store::entries::{self, Head};
use store::model::{ClientId, RecordKind};
use store::{StoreError, Tx};

/// The authenticator of a body. Kept when the body is erased.
fn body_hash(keys: &RecordKeys, client: ClientId, seq: i64, body: &str) -> [u8; 32] {
    let seq = seq.to_be_bytes();
    let parts: [&[u8]; 3] = [client.0.as_bytes(), &seq, body.as_bytes()];
    keys.sign(keys.newest(), BODY, &parts)
}

/// True if a body is the one that was written with an entry.
pub(super) fn is_its_body(keys: &RecordKeys, entry: &entries::Entry, body: &str) -> bool {
    let seq = entry.seq.to_be_bytes();
    let parts: [&[u8]; 3] = [entry.client_id.0.as_bytes(), &seq, body.as_bytes()];
    entry.body_hash.len() == 32 && keys.signer(0, BODY, &parts, &entry.body_hash).is_some()
}

/// The number of the key that an entry is authenticated by, behind the one whose authenticator is `before`, from a number on. None if it
/// was altered.
pub(super) fn signer(
    keys: &RecordKeys,
    from: usize,
    entry: &entries::Entry,
    before: &[u8],
) -> Option<usize> {
    with_parts(entry, before, |parts| {
        let given = entry.hash.as_slice();
        let signer = keys.signer(from, ENTRY, parts, given);
        signer.filter(|_| given.len() == 32)
    })
}

const BODY: &str = "record: body";
const ENTRY: &str = "record: entry";
const HEAD: &str = "record: head";

/// Content that an entry's authenticator covers.
fn with_parts<T>(entry: &entries::Entry, before: &[u8], f: impl FnOnce(&[&[u8]]) -> T) -> T {
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    f(&[
        entry.client_id.0.as_bytes(),
        &entry.seq.to_be_bytes(),
        before,
        &entry.at.timestamp_micros().to_be_bytes(),
        entry.kind.as_bytes(),
        &id(entry.company_id.map(|id| id.0)),
        &id(entry.connection_id.map(|id| id.0)),
        &id(entry.consent_id.map(|id| id.0)),
        entry.actor.as_bytes(),
        &id(entry.api_key_id.map(|id| id.0)),
        &entry.body_hash,
    ])
}

/// The authenticator of a chain's end.
fn seal(keys: &RecordKeys, client: ClientId, seq: i64, hash: &[u8]) -> [u8; 32] {
    let seq = seq.to_be_bytes();
    keys.sign(keys.newest(), HEAD, &[client.0.as_bytes(), &seq, hash])
}

/// The number of the key by which this installation has sealed a chain's end. None if it hasn't.
pub(super) fn sealer(keys: &RecordKeys, client: ClientId, head: &Head) -> Option<usize> {
    let seq = head.seq.to_be_bytes();
    let parts: [&[u8]; 3] = [client.0.as_bytes(), &seq, &head.hash];
    let sealer = keys.signer(0, HEAD, &parts, &head.seal);
    sealer.filter(|_| head.seal.len() == 32)
}

/// Appends entries to the chains of their clients. The last statements of their transaction: nothing is locked after the ends of
/// the chains, which are locked in the order of the clients.
pub(crate) async fn append(
    vault: &Vault,
    tx: &mut Tx,
    entries: Vec<Entry>,
) -> Result<(), StoreError> {
    append_under(vault, &vault.record_keys(), tx, entries).await
}

/// The same, with keys of the record of which the newest may not be in the database yet.
pub(crate) async fn append_under(
    vault: &Vault,
    keys: &RecordKeys,
    tx: &mut Tx,
    mut entries: Vec<Entry>,
) -> Result<(), StoreError> {
    let mut keys = keys.clone();
    entries.sort_by_key(|entry| entry.client);
    let mut entries = entries.into_iter().peekable();
    while let Some(first) = entries.peek() {
        let client = first.client;
        let mut end = good_end(vault, &mut keys, tx, client, first.at).await?;
        while let Some(entry) = entries.next_if(|entry| entry.client == client) {
            let leaves = entry.leaves;
            let body = Value::Object(entry.body).to_string();
            let row = entries::Entry {
                client_id: client,
                seq: end.seq + 1,
                at: entry.at,
                kind: entry.kind.as_str().to_owned(),
                company_id: entry.company,
                connection_id: entry.connection,
                consent_id: entry.consent,
                actor: entry.actor.to_owned(),
                api_key_id: entry.key,
                body: Some(body),
                body_hash: Vec::new(),
                hash: Vec::new(),
            };
            end = add(&keys, tx, row, &end.hash).await?;
            if let Some(consent) = leaves {
                store::consents::put(tx, &consent).await?;
            }
        }
        entries::set_head(tx, client, &end).await?;
    }
    Ok(())
}

/// Inserts an entry behind the one whose authenticator is `before`, and gives the end that it makes.
async fn add(
    keys: &RecordKeys,
    tx: &mut Tx,
    mut row: entries::Entry,
    before: &[u8],
) -> Result<Head, StoreError> {
    let body = row.body.as_deref().unwrap_or_default();
    row.body_hash = body_hash(keys, row.client_id, row.seq, body).to_vec();
    row.hash = with_parts(&row, before, |parts| keys.sign(keys.newest(), ENTRY, parts)).to_vec();
    entries::insert(tx, &row).await?;
    Ok(Head {
        seq: row.seq,
        seal: seal(keys, row.client_id, row.seq, &row.hash).to_vec(),
        hash: row.hash,
    })
}

/// The end of a chain, locked. One that isn't as this installation left it gets an entry that says so, behind everything that
/// is there.
async fn good_end(
    vault: &Vault,
    keys: &mut RecordKeys,
    tx: &mut Tx,
    client: ClientId,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Head, StoreError> {
    let head = entries::head(tx, client).await?;
    // Another process may have made a new key of the record: a chain that begins, or that has gone on under it, goes by it here too.
    if sealer(keys, client, &head).is_none() {
        let learnt = vault.learnt_record_keys().await?;
        if learnt.newest() > keys.newest() {
            *keys = learnt;
        }
    }
    let last = entries::last(tx, client).await?;
    let good = match &last {
        None => head.seq == 0 && head.hash.is_empty(),
        Some(last) => {
            let is_sealed = sealer(keys, client, &head).is_some();
            last.seq == head.seq && last.hash == head.hash && is_sealed
        }
    };
    if good {
        return Ok(head);
    }
    let found = last.as_ref().map_or(0, |last| last.seq);
    tracing::error!(%client, head = head.seq, last = found, "the record was altered in the database; run: moorline consents verify");
    let row = entries::Entry {
        client_id: client,
        seq: head.seq.max(found) + 1,
        at: now,
        kind: RecordKind::RecordBroken.as_str().to_owned(),
        company_id: None,
        connection_id: None,
        consent_id: None,
        actor: "moorline".to_owned(),
        api_key_id: None,
        body: Some(json!({ "head": head.seq, "last": found }).to_string()),
        body_hash: Vec::new(),
        hash: Vec::new(),
    };
    add(keys, tx, row, BROKEN).await
}

/// Stands in place of the authenticator before an entry that tells of a broken chain.
pub(super) const BROKEN: &[u8] = b"broken";
