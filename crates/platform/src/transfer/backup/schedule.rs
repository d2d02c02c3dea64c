//! Backups that the servers make by themselves.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::places::Place;
use super::{BackupError, run};
use crate::app::{App, Shared};
use crate::credentials::installation;
use store::{Db, StoreError, meta};

/// In `meta`: the time at which the next scheduled backup is due.
const DUE: &str = "backup.due";
/// In `meta`: [`Last`], as JSON.
const LAST: &str = "backup.last";
/// Looked at this often.
const LOOK: Duration = Duration::from_secs(15);

/// Makes the backups that the settings ask for, one node at a time, until the program stops.
pub async fn scheduled(app: Shared) {
    let mut stop = app.stop.subscribe();
    while !*stop.borrow() && app.config.backup.every_hours > 0 {
        // A stop doesn't wait for a copy of everything; what was begun is deleted by a later one.
        let made = tokio::select! {
            made = make_due(&app) => made,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        if let Err(error) = made {
            tracing::error!(%error, "the scheduled backup failed; it is tried again in an hour");
        }
        tokio::select! {
            _ = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Makes a backup if one is due. Returns its place.
///
/// # Errors
/// It is due, and could not be made: it is due again in an hour.
pub async fn make_due(app: &App) -> Result<Option<String>, BackupError> {
    let settings = &app.config.backup;
    let Some(to) = settings.to().filter(|_| settings.every_hours > 0) else {
        return Ok(None);
    };
    let place = Place::of(to, settings)?;
    let now = app.clock.now();
    let before = meta::get(&app.db, DUE).await?;
    let due = before
        .as_deref()
        .and_then(|text| text.parse::<DateTime<Utc>>().ok());
    let between = TimeDelta::hours(settings.every_hours.into());
    // A time further away than that was set by a clock that was wrong, or before the setting was changed.
    if due.is_some_and(|due| due > now && due <= now + between) {
        return Ok(None);
    }
    let next = |pause: TimeDelta| (now + pause).to_rfc3339_opts(SecondsFormat::Secs, true);
    let claim = next(TimeDelta::hours(1).min(between));
    if !put(app, before.as_deref(), &claim).await? {
        return Ok(None);
    }
    let made = match make(app, &place).await {
        Ok(made) => made,
        Err(error) => {
            note(app, now, Some(&error.to_string())).await?;
            return Err(error);
        }
    };
    put(app, Some(&claim), &next(between)).await?;
    note(app, now, None).await?;
    tracing::info!(place = %made, "made a backup");
    Ok(Some(made))
}

async fn make(app: &App, place: &Place) -> Result<String, BackupError> {
    let (settings, now) = (&app.config.backup, app.clock.now());
    let installation = installation(&app.db).await?;
    let installation = installation.as_deref();
    // Before: there may be no room for another one.
    place.prune(settings.keep, installation, now).await?;
    let made = run(app, place, settings.with_key).await?;
    place.prune(settings.keep, installation, now).await?;
    Ok(made)
}

/// The outcome of the last backup that servers made by themselves.
#[derive(Debug, Serialize, Deserialize)]
pub struct Last {
    /// The newest one that was made.
    pub made: Option<DateTime<Utc>>,
    /// The failure since, with its time.
    pub failed: Option<(DateTime<Utc>, String)>,
}

/// The outcome of the last scheduled backup; none if none was due yet.
///
/// # Errors
/// The database can't be read.
pub async fn last(db: &Db) -> Result<Option<Last>, StoreError> {
    let text = meta::get(db, LAST).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

async fn note(app: &App, now: DateTime<Utc>, failure: Option<&str>) -> Result<(), StoreError> {
    let before = last(&app.db).await?;
    let noted = match failure {
        None => Last {
            made: Some(now),
            failed: None,
        },
        Some(why) => Last {
            made: before.and_then(|before| before.made),
            failed: Some((now, why.to_owned())),
        },
    };
    let text = serde_json::to_string(&noted).unwrap_or_default();
    let mut tx = app.db.write().await?;
    meta::set(&mut tx, LAST, &text).await?;
    tx.commit().await
}

async fn put(app: &App, before: Option<&str>, value: &str) -> Result<bool, StoreError> {
    let mut tx = app.db.write().await?;
    let put = meta::replace(&mut tx, DUE, before, value).await?;
    tx.commit().await?;
    Ok(put)
}
