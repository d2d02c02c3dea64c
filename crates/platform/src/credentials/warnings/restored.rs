//! A database that is older than what this node has seen of it: a backup was restored.
//!
//! A number in the database is counted up by the node that has renewed tokens, and each node writes the newest that it has seen into
//! a file of its own, beside the database or the key. A database with a lower number than the file's was put back. Tokens that are
//! due since then may have been renewed in what is lost, and strict platforms end a grant whose spent token comes again: these
//! connections aren't renewed until an operator says so or their customers connect again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::change::Change;
use store::clock::{new_id, random_id};
use store::connections::{Connection, ConnectionError};
use store::model::Actor;
use store::{Db, StoreError, doubtful, meta};

const INSTALLATION: &str = "epoch.installation";
const EPOCH: &str = "epoch";
const FILE: &str = "moorline.epoch";
/// Tokens are renewed this long before they end, and a little.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
const STATUS_TEXT: &str = "Restored from a backup";

/// True once tokens were renewed since the number was last counted up.
#[derive(Default)]
pub(crate) struct Moved(AtomicBool);

impl Moved {
    pub(in crate::credentials) fn note(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The newest that this node has seen of a database.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Seen {
    installation: Uuid,
    epoch: i64,
    at: DateTime<Utc>,
}

impl Seen {
    fn file(app: &App) -> PathBuf {
        app.config.data_folder().join(FILE)
    }

    fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }

    /// In one step: a file that is half written is never seen.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        let beside = path.with_extension(random_id().simple().to_string());
        let written = std::fs::File::create_new(&beside).and_then(|mut file| {
            file.write_all(&serde_json::to_vec(self)?)?;
            file.sync_all()
        });
        let moved = written.and_then(|()| std::fs::rename(&beside, path));
        if moved.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        moved
    }
}

/// Compares the database with what this node has seen of it, and counts on. `begins` is true at the start, when it is not known what
/// the last run has renewed.
///
/// # Errors
/// The database can't be read or written to.
pub async fn count_epoch(app: &App, begins: bool) -> Result<(), StoreError> {
    let has_moved = app.moved.0.swap(false, Ordering::SeqCst);
    let counted = count_on(app, begins || has_moved).await;
    if has_moved && counted.is_err() {
        app.moved.note();
    }
    counted
}

/// The installation's id, the same in its database for as long as that lasts; none before it has run.
///
/// # Errors
/// The database can't be read.
pub async fn installation(db: &Db) -> Result<Option<String>, StoreError> {
    meta::get(db, INSTALLATION).await
}

async fn count_on(app: &App, is_to_count: bool) -> Result<(), StoreError> {
    let path = Seen::file(app);
    loop {
        // In this order: what a file says is in the database before.
        let seen = Seen::read(&path);
        let installation = meta::get(&app.db, INSTALLATION).await?;
        let installation = installation.and_then(|text| text.parse::<Uuid>().ok());
        let known = meta::get(&app.db, EPOCH).await?;
        let epoch = known.as_ref().and_then(|text| text.parse::<i64>().ok());
        let epoch = epoch.unwrap_or_default();
        let newer =
            seen.filter(|seen| Some(seen.installation) == installation && seen.epoch > epoch);
        if newer.is_none() && !is_to_count {
            return Ok(());
        }
        let now = app.clock.now();
        let next = newer.as_ref().map_or(epoch, |newer| newer.epoch) + 1;
        let mut tx = app.db.write().await?;
        if !meta::replace(&mut tx, EPOCH, known.as_deref(), &next.to_string()).await? {
            // Another node has counted on since; the number must never go back.
            continue;
        }
        let installation = match installation {
            Some(installation) => installation,
            None => new_id(now),
        };
        meta::set(&mut tx, INSTALLATION, &installation.to_string()).await?;
        if let Some(newer) = &newer {
            doubtful::hold_back(&mut tx, newer.at + AHEAD, now).await?;
        }
        tx.commit().await?;
        let counted = Seen {
            installation,
            epoch: next,
            at: now,
        };
        if let Err(error) = counted.write(&path) {
            tracing::warn!(path = %path.display(), %error, "a restored backup could not be known as one: the file beside the database can't be written");
        }
        if let Some(newer) = newer {
            tracing::error!(
                seen = %newer.at,
                "this database is older than what this node has seen: a backup was restored. Connections whose tokens may have been renewed since are held back; `moorline doctor` lists them"
            );
            tell(app).await?;
        }
        return Ok(());
    }
}

/// Notes beside a database that it was put back from a backup, so that the first start knows it also where no node has run before.
///
/// # Errors
/// The database can't be read, or the file can't be written.
pub async fn note_restored(
    db: &Db,
    folder: &Path,
    now: DateTime<Utc>,
) -> Result<(), RestoredError> {
    let path = folder.join(FILE);
    let known = meta::get(db, EPOCH).await?;
    let epoch = known
        .and_then(|text| text.parse::<i64>().ok())
        .unwrap_or_default();
    let installation = meta::get(db, INSTALLATION).await?;
    let Some(installation) = installation.and_then(|text| text.parse::<Uuid>().ok()) else {
        // It has never run: nothing was renewed.
        return Ok(());
    };
    if Seen::read(&path).is_some_and(|seen| seen.installation == installation && seen.epoch > epoch)
    {
        // It is known as one by what this node has seen itself.
        return Ok(());
    }
    let seen = Seen {
        installation,
        epoch: epoch + 1,
        at: now,
    };
    Ok(seen.write(&path)?)
}

#[derive(Debug, thiserror::Error)]
pub enum RestoredError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the file moorline.epoch can't be written: {0}")]
    File(#[from] std::io::Error),
}

/// Reports on each connection that is held back why it is.
async fn tell(app: &App) -> Result<(), StoreError> {
    for held_back in doubtful::held_back(&app.db, i64::MAX).await? {
        let id = held_back.connection_id;
        let Some(connection) = store::connections::find(&app.db, id).await? else {
            continue;
        };
        let mut change = Change::of_company(app, connection.company_id, Actor::Moorline).await?;
        let now = change.now;
        let error = ConnectionError {
            id: new_id(now),
            connection_id: id,
            status_code: "500".into(),
            status_text: STATUS_TEXT.into(),
            error_message: in_words(&connection, held_back.restored_at),
            errored_on: now,
            resolved_on: None,
        };
        store::connections::insert_error(&mut change, &error).await?;
        change.commit().await?;
    }
    Ok(())
}

/// The reason why a connection is held back, for its company's own people.
pub(in crate::credentials) fn in_words(connection: &Connection, restored: DateTime<Utc>) -> String {
    format!(
        "Moorline was restored from a backup on {}, and may have renewed the access to {} since the backup was made. It isn't renewed until Moorline's operator says so; connecting again gives new access.",
        restored.format("%-d %B %Y, %H:%M UTC"),
        connection.platform_name
    )
}

/// The reason why access is lost that was renewed in what a restored backup lacks.
pub(in crate::credentials) fn lost_in_words(
    connection: &Connection,
    restored: DateTime<Utc>,
) -> String {
    format!(
        "Moorline was restored from a backup on {}, and had renewed the access to {} since the backup was made, so that the renewed access is lost. Please connect again.",
        restored.format("%-d %B %Y, %H:%M UTC"),
        connection.platform_name
    )
}
