//! The chain: each entry's authenticator covers the entry and the authenticator before it.
//!
//! The key of the authenticators is derived from the vault's, so that write access to the database alone can't make an entry. An
//! end of the chain that was altered in the database is not taken as good and built upon: an entry that says so comes first,
//! and stays.

use serde_json::{Value, json};

use super::Entry;
use crate::credentials::vault::Vault;
use store::entries::{self, Head};
use store::model::{ClientId, RecordKind};
use store::{StoreError, Tx};

/// The authenticator of a body. Kept when the body is erased.
pub(super) fn body_hash(vault: &Vault, client: ClientId, seq: i64, body: &str) -> [u8; 32] {
    let seq = seq.to_be_bytes();
    vault.sign(
        "record: body",
        &[client.0.as_bytes(), &seq, body.as_bytes()],
    )
}

/// The authenticator of an entry behind the one whose authenticator is `before`.
pub(super) fn entry_hash(vault: &Vault, entry: &entries::Entry, before: &[u8]) -> [u8; 32] {
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    vault.sign(
        "record: entry",
        &[
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
        ],
    )
}

/// The authenticator of a chain's end.
pub(super) fn seal(vault: &Vault, client: ClientId, seq: i64, hash: &[u8]) -> [u8; 32] {
    let seq = seq.to_be_bytes();
    vault.sign("record: head", &[client.0.as_bytes(), &seq, hash])
}

/// True if the seal of a chain's end is the one that this installation made.
pub(super) fn is_sealed(vault: &Vault, client: ClientId, head: &Head) -> bool {
    let seq = head.seq.to_be_bytes();
    head.seal.len() == 32
        && vault.verify(
            "record: head",
            &[client.0.as_bytes(), &seq, &head.hash],
            &head.seal,
        )
}

/// Appends entries to the chains of their clients. The last statements of their transaction: nothing is locked after the ends of
/// the chains, which are locked in the order of the clients.
pub(crate) async fn append(
    vault: &Vault,
    tx: &mut Tx,
    mut entries: Vec<Entry>,
) -> Result<(), StoreError> {
    entries.sort_by_key(|entry| entry.client);
    let mut entries = entries.into_iter().peekable();
    while let Some(first) = entries.peek() {
        let client = first.client;
        let mut end = good_end(vault, tx, client, first.at).await?;
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
            end = add(vault, tx, row, &end.hash).await?;
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
    vault: &Vault,
    tx: &mut Tx,
    mut row: entries::Entry,
    before: &[u8],
) -> Result<Head, StoreError> {
    let body = row.body.as_deref().unwrap_or_default();
    row.body_hash = body_hash(vault, row.client_id, row.seq, body).to_vec();
    row.hash = entry_hash(vault, &row, before).to_vec();
    entries::insert(tx, &row).await?;
    Ok(Head {
        seq: row.seq,
        seal: seal(vault, row.client_id, row.seq, &row.hash).to_vec(),
        hash: row.hash,
    })
}

/// The end of a chain, locked. One that isn't as this installation left it gets an entry that says so, behind everything that
/// is there.
async fn good_end(
    vault: &Vault,
    tx: &mut Tx,
    client: ClientId,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Head, StoreError> {
    let head = entries::head(tx, client).await?;
    let last = entries::last(tx, client).await?;
    let good = match &last {
        None => head.seq == 0 && head.hash.is_empty(),
        Some(last) => {
            last.seq == head.seq && last.hash == head.hash && is_sealed(vault, client, &head)
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
    add(vault, tx, row, BROKEN).await
}

/// Stands in place of the authenticator before an entry that tells of a broken chain.
pub(super) const BROKEN: &[u8] = b"broken";
