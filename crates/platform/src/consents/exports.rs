//! Archives of the whole installation, which hold the data of every client: each has that on its record.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Entry, append};
use crate::credentials::vault::Vault;
use store::model::RecordKind;
use store::{Db, StoreError};

/// Puts on every client's record that an export begins, before anything is read for it. For a command that has no
/// [`App`](crate::app::App).
///
/// # Errors
/// The database can't be reached or written to.
pub async fn note_archive(
    db: &Db,
    vault: &Vault,
    now: DateTime<Utc>,
    details: &Value,
) -> Result<(), StoreError> {
    let clients = store::clients::list(db).await?;
    let entries = clients.iter().map(|client| {
        Entry::new(client.id, RecordKind::ExportBegun)
            .with("target", details)
            .by_operator(now)
    });
    let mut tx = db.write().await?;
    append(vault, &mut tx, entries.collect()).await?;
    tx.commit().await
}
