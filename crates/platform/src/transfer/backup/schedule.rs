//! Backups that the servers make by themselves.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::places::Place;
use super::{BackupError, run};
use crate::app::{App, Shared};
use store::{StoreError, meta};

/// In `meta`: the time at which the next scheduled backup is due.
const DUE: &str = "backup.due";
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
    if due.is_some_and(|due| due > now) {
        return Ok(None);
    }
    let next = |pause: TimeDelta| (now + pause).to_rfc3339_opts(SecondsFormat::Secs, true);
    let claim = next(TimeDelta::hours(1).min(TimeDelta::hours(settings.every_hours.into())));
    if !put(app, before.as_deref(), &claim).await? {
        return Ok(None);
    }
    // Before: there may be no room for another one.
    place.prune(settings.keep, now).await?;
    let made = run(app, &place, settings.with_key).await?;
    place.prune(settings.keep, now).await?;
    put(
        app,
        Some(&claim),
        &next(TimeDelta::hours(settings.every_hours.into())),
    )
    .await?;
    tracing::info!(place = %made, "made a backup");
    Ok(Some(made))
}

async fn put(app: &App, before: Option<&str>, value: &str) -> Result<bool, StoreError> {
    let mut tx = app.db.write().await?;
    let put = meta::replace(&mut tx, DUE, before, value).await?;
    tx.commit().await?;
    Ok(put)
}
