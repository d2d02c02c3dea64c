//! The history of pulls: looked over and pruned in small steps, a few connections at each round of the chores.
//!
//! A round costs the same however much there is; a large installation is looked through in hours. What is looked for besides old
//! pulls are states that the history contradicts: the previous version of the program, which knows no states, may have worked on the
//! database during an upgrade.

use std::sync::atomic::AtomicBool;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use uuid::Uuid;

use super::schedule;
use crate::app::App;
use store::pull_states;
use store::{StoreError, connections};

/// Connections that are looked at in a round.
const CONNECTIONS: i64 = 50;
/// Pulls that are deleted in a round, and in one transaction of it.
const DELETED: u64 = 2_000;
const AT_ONCE: i64 = 500;
/// The place that the rounds have come to is written down each time that so many have passed: a restart loses no more.
const ROUNDS: u32 = 100;

/// The fact about the installation that says which connection was the last to be looked at.
const PLACE: &str = "pulls.lookedAt";

/// The place that this process has come to.
#[derive(Debug, Default)]
pub(crate) struct LookedAt {
    /// The connection, and the rounds since it was written down.
    place: Mutex<Option<(Uuid, u32)>>,
    /// True once the installation's schedule was compared with what it was when the program last ran.
    pub(super) is_schedule_known: AtomicBool,
}

/// One round.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn look_over(app: &App) -> Result<(), StoreError> {
    let known = *app.looked_at.place.lock();
    let (after, rounds) = match known {
        Some(known) => known,
        None => {
            let place = store::meta::get(&app.db, PLACE).await?;
            let place = place.and_then(|place| place.parse().ok());
            (place.unwrap_or_default(), 0)
        }
    };
    let before = before(app);
    let owned = connections::owned_after(&app.db, None, after, CONNECTIONS).await?;
    let mut deleted = 0;
    let mut last = Uuid::nil();
    for connection in &owned {
        schedule::passed_over(connection.id, schedule::look(app, *connection).await)?;
        if let Some(before) = before {
            deleted += prune(app, connection, before, DELETED.saturating_sub(deleted)).await?;
        }
        if deleted >= DELETED {
            // This connection's turn goes on with the next round.
            break;
        }
        last = connection.id.0;
    }
    let is_end = owned.len() < usize::try_from(CONNECTIONS).unwrap_or_default();
    let place = match (deleted >= DELETED, is_end) {
        (true, _) if last.is_nil() => after,
        (false, true) => Uuid::nil(),
        _ => last,
    };
    let is_worth_a_write = rounds + 1 >= ROUNDS && !place.is_nil();
    if is_worth_a_write {
        let mut tx = app.db.write().await?;
        store::meta::set(&mut tx, PLACE, &place.to_string()).await?;
        tx.commit().await?;
    }
    let rounds = if is_worth_a_write { 0 } else { rounds + 1 };
    *app.looked_at.place.lock() = Some((place, rounds));
    Ok(())
}

/// Pulls that were requested before then are over.
fn before(app: &App) -> Option<DateTime<Utc>> {
    let days = TimeDelta::try_days(i64::from(app.config.sync.history_days))?;
    app.clock.now().checked_sub_signed(days)
}

/// Deletes a connection's pulls of before a time, up to a number of them. Returns the number deleted.
async fn prune(
    app: &App,
    connection: &connections::Owned,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, StoreError> {
    let mut deleted = 0;
    while deleted < most && pull_states::has_old(&app.db, connection.id, before).await? {
        let mut tx = app.db.write().await?;
        let gone = pull_states::prune(&mut tx, connection.id, before, AT_ONCE).await?;
        tx.commit().await?;
        deleted += gone;
        if gone == 0 {
            break;
        }
    }
    Ok(deleted)
}
