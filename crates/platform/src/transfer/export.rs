//! Everything that an installation keeps, into one archive.
//!
//! Sealed values stay sealed, as they are in the database: nothing is opened on the way. The key that they are sealed with
//! goes along under a passphrase, or not at all.

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use egress::Secret;

use super::Progress;
use super::archive::{Heading, KeyPart, TablePart, Writer};
use crate::credentials::vault::wrapped::Wrapped;
use crate::credentials::vault::{VaultError, roots};
use store::{Db, StoreError, dump};

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("the archive can't be written: {0}")]
    File(#[from] std::io::Error),
    #[error("the archive can't be written: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Writes the archive to `path`. Returns the number of rows. `key` is the key file's text. A server may go on meanwhile:
/// everything is read as it is at one moment.
pub async fn run(
    db: &Db,
    key: &Secret,
    passphrase: Option<&Secret>,
    path: &Path,
    now: DateTime<Utc>,
    progress: &impl Progress,
) -> Result<u64, ExportError> {
    let part = KeyPart {
        id: roots::name_in(key, "the key")?,
        wrapped: passphrase.map(|passphrase| Wrapped::seal(key, passphrase)),
    };
    let tables = dump::tables(db).await?;
    let created = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut heading = Heading::new(created, dump::schema(db).await?, part);
    let mut tx = db.snapshot().await?;
    let mut total = 0;
    for table in &tables {
        let rows = u64::try_from(dump::count(&mut tx, table).await?).unwrap_or_default();
        total += rows;
        heading.tables.push(TablePart::from((table, rows)));
    }
    let mut writer = Writer::create(path, &heading)?;
    progress.begin("rows", total);
    for (position, table) in tables.iter().enumerate() {
        dump::read(&mut tx, table, |values| {
            progress.step(1);
            writer.row(position, &values)
        })
        .await??;
    }
    progress.end();
    drop(tx);
    Ok(writer.finish()?)
}
