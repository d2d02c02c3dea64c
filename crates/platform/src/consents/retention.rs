//! Records that are kept for a set number of days, and erased when their time is over.
//!
//! Days are counted in UTC: what was written on a day is kept for that day and the whole number of days after it. Of an entry
//! the body goes, and its authenticator stays, so that the chain can be verified as before; an entry says which bodies went.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::Entry;
use super::adopting::began;
use crate::app::App;
use crate::change::Change;
use crate::events::Event;
use store::connections::Connection;
use store::model::{Actor, ClientId, ConnectionStatus, EventType, RecordKind};
use store::retention::{self as rows, Ended, Retention};
use store::{Db, StoreError};

/// The most days that can be set: a hundred years.
pub const MAX_DAYS: i64 = 36_500;
/// Six years: in many countries, claims that a record can prove or disprove end with them.
pub const DEFAULT: Retention = Retention {
    record_days: Some(2_190),
    event_days: None,
    data_days: None,
    page_days: None,
};
/// Days for which a client knows beforehand that data will be deleted; all of them if there are fewer.
const NOTICE: i64 = 7;
const BATCH: i64 = 500;
/// Larger, of events and records: each batch of events reads through the messages that events are kept for.
const ROWS: i64 = 5_000;

/// The day on which this process has last enforced everything.
#[derive(Debug)]
pub struct Enforced(AtomicI64);

impl Default for Enforced {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

/// A client's days, set or by default.
///
/// # Errors
/// The database can't be read.
pub async fn of(db: &Db, client: ClientId) -> Result<Retention, StoreError> {
    Ok(rows::get(db, client).await?.unwrap_or(DEFAULT))
}

/// Sets a client's days. They hold for what is there already, too.
///
/// # Errors
/// The database can't be written to.
pub async fn set(app: &App, client: ClientId, days: &Retention) -> Result<(), StoreError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    store::clients::lock(&mut change, client).await?;
    let before = rows::get_in(&mut change, client).await?.unwrap_or(DEFAULT);
    rows::put(&mut change, client, days).await?;
    let described = |days: &Retention| {
        json!({
            "recordDays": days.record_days, "eventDays": days.event_days, "dataDays": days.data_days,
            "pageDays": days.page_days,
        })
    };
    if before != *days {
        let entry = Entry::new(client, RecordKind::RetentionChanged);
        change.record(entry.changing(&described(&before), &described(days)));
    }
    change.commit().await?;
    app.enforced.0.store(i64::MIN, Ordering::SeqCst);
    Ok(())
}

/// Erases what is over, once a day. Every node does; what another has erased is not erased again.
pub(crate) async fn enforce(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let today = now.timestamp().div_euclid(86_400);
    if app.enforced.0.load(Ordering::SeqCst) == today {
        return Ok(());
    }
    if let Some(before) = over(now, Some(i64::from(app.config.sync.quarantine_days))) {
        let mut change = Change::begin(app, Actor::Moorline).await?;
        store::quarantine::forget_before(&mut change, before).await?;
        change.commit().await?;
    }
    for client in store::clients::list(&app.db).await? {
        let days = of(&app.db, client.id).await?;
        if let Some(before) = over(now, days.record_days) {
            while erase_some(app, client.id, before).await? {}
        }
        if let Some(before) = over(now, days.event_days) {
            while delete_some_events(app, client.id, before).await? {}
        }
        // Without days, none is kept: what is there is of a time when they were.
        let pages = days
            .page_days
            .map_or(Some(now), |days| over(now, Some(days)));
        if let Some(before) = pages {
            let mut change = Change::begin(app, Actor::Moorline).await?;
            store::raw_pages::forget_before(&mut change, client.id, before).await?;
            change.commit().await?;
        }
        if let Some(days) = days.data_days {
            end_data(app, client.id, days).await?;
        }
    }
    app.enforced.0.store(today, Ordering::SeqCst);
    Ok(())
}

/// The time before which everything is over.
fn over(now: DateTime<Utc>, days: Option<i64>) -> Option<DateTime<Utc>> {
    let midnight = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    midnight.checked_sub_signed(TimeDelta::try_days(days?)?)
}

/// Erases a batch; true if there may be more.
async fn erase_some(
    app: &App,
    client: ClientId,
    before: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mut change = Change::begin(app, Actor::Moorline).await?;
    let erased = rows::erase_bodies(&mut change, client, before, BATCH).await?;
    rows::erase_names(&mut change, client, before).await?;
    if !erased.is_empty() {
        let entry = Entry::new(client, RecordKind::RecordErased)
            .with("entries", ranges(&erased))
            .with("before", before);
        change.record(entry);
    }
    change.commit().await?;
    Ok(i64::try_from(erased.len()).unwrap_or(i64::MAX) == BATCH)
}

async fn delete_some_events(
    app: &App,
    client: ClientId,
    before: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mut change = Change::begin(app, Actor::Moorline).await?;
    let deleted = rows::delete_events(&mut change, client, before, ROWS).await?;
    change.commit().await?;
    Ok(i64::try_from(deleted).unwrap_or(i64::MAX) == ROWS)
}

/// Tells of data that will be deleted, and deletes what was told of for long enough.
async fn end_data(app: &App, client: ClientId, days: i64) -> Result<(), StoreError> {
    let now = app.clock.now();
    let notice = NOTICE.min(days);
    let began = began(&app.db).await?.unwrap_or(now);
    let Some(before) = over(now, Some(days - notice)) else {
        return Ok(());
    };
    let mut after = Uuid::nil();
    loop {
        let ended = rows::ended_before(&app.db, client, before, began, after, BATCH).await?;
        let Some(last) = ended.last() else {
            return Ok(());
        };
        after = last.connection_id.0;
        for one in &ended {
            // The whole days after its end, and the whole days after its client was told.
            let due =
                day_after(one.ended, days + 1).max(day_after(one.told.unwrap_or(now), notice));
            match one.told {
                None => tell(app, one, due, days).await?,
                Some(_) if due <= now => while delete_data(app, one, due, days).await? {},
                Some(_) => {}
            }
        }
    }
}

/// The beginning of the day that is a number of days after a time's own.
fn day_after(time: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    let midnight = time.date_naive().and_time(NaiveTime::MIN).and_utc();
    TimeDelta::try_days(days)
        .and_then(|days| midnight.checked_add_signed(days))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

async fn tell(app: &App, ended: &Ended, due: DateTime<Utc>, days: i64) -> Result<(), StoreError> {
    let mut change = Change::of_company(app, ended.company_id, Actor::Moorline).await?;
    let Some(connection) = still_ended(&mut change, ended).await? else {
        return Ok(());
    };
    let told = change.now;
    if !rows::put_notice(&mut change, connection.id, ended.ended, told).await? {
        return Ok(());
    }
    let day = due.format("%-d %B %Y");
    let reason = format!("Data is deleted {days} days after access has ended: on {day}.");
    let expiring = Event::Data {
        connection: &connection,
        kind: EventType::DataExpiring,
        expires: due,
        reason: &reason,
    };
    change.event(expiring).await?;
    change.commit().await
}

/// Deletes a batch of a connection's data; true if there is more.
async fn delete_data(
    app: &App,
    ended: &Ended,
    due: DateTime<Utc>,
    days: i64,
) -> Result<bool, StoreError> {
    let mut change = Change::of_company(app, ended.company_id, Actor::Moorline).await?;
    let Some(connection) = still_ended(&mut change, ended).await? else {
        return Ok(false);
    };
    let deleted = rows::delete_records(&mut change, connection.id, ROWS).await?;
    let more = i64::try_from(deleted).unwrap_or(i64::MAX) == ROWS;
    if !more {
        rows::delete_pulls(&mut change, connection.id).await?;
        let reason = format!("Data is deleted {days} days after access has ended.");
        let gone = Event::Data {
            connection: &connection,
            kind: EventType::DataDeleted,
            expires: due,
            reason: &reason,
        };
        change.event(gone).await?;
        let entry = Entry::new(connection.client_id, RecordKind::DataDeleted)
            .of_company(connection.company_id)
            .of_connection(connection.id)
            .with("accessEnded", ended.ended)
            .with("days", days);
        change.record(entry);
    }
    change.commit().await?;
    Ok(more)
}

/// The connection, unless access was given again meanwhile.
async fn still_ended(
    change: &mut Change<'_>,
    ended: &Ended,
) -> Result<Option<Connection>, StoreError> {
    let found = store::connections::find_in(change, ended.connection_id).await?;
    Ok(found.filter(|connection| {
        matches!(
            connection.status,
            ConnectionStatus::Unlinked | ConnectionStatus::Deauthorized
        )
    }))
}

/// Numbers in order as `[from, to]`, both included.
fn ranges(numbers: &[i64]) -> Vec<[i64; 2]> {
    let mut found: Vec<[i64; 2]> = Vec::new();
    for number in numbers {
        match found.last_mut() {
            Some([_, to]) if *to + 1 == *number => *to = *number,
            _ => found.push([*number, *number]),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_over_when_the_whole_days_after_it_are() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let noon = at("2026-06-15T12:00:00Z");
        assert_eq!(over(noon, Some(1)), Some(at("2026-06-14T00:00:00Z")));
        assert_eq!(over(noon, Some(0)), Some(at("2026-06-15T00:00:00Z")));
        assert_eq!(over(noon, None), None);
    }

    #[test]
    fn numbers_become_ranges() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), [[1, 3], [7, 7], [9, 10]]);
        assert!(ranges(&[]).is_empty());
    }
}
