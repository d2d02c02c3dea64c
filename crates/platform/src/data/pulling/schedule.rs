//! Pulls that are due by the clock.
//!
//! The time at which each type of a connection is due stands beside the state of its pulls ([`store::pull_states`]): a look at the
//! clock costs what is due, not what there is. Whatever moves a due time writes it: a pull that begins, a link, a company's settings, in
//! their own transactions. A client's settings and the installation's may concern any number of connections: a walk
//! ([`walk`]) brings those after them.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use connectors::{DataType, Integration};
use uuid::Uuid;

use super::queue::{Batch, Cause, queue_types};
use super::settings;
use crate::app::App;
use crate::change::Change;
use crate::disclosure::agreed::Bounds;
use store::clock::new_id;
use store::connections::{Connection, Owned};
use store::model::{Actor, ClientId, CompanyId, ConnectionId, ConnectionStatus, SyncSettings};
use store::pull_states::{self, PullState, Walk};
use store::{StoreError, Tx};

/// Types that are due, or connections of a walk, that are looked at together.
const PAGE: i64 = 200;
/// Walks go on for this long at a time, so that other chores come round.
const WALKING: Duration = Duration::from_secs(5);

/// Queues every type that is due by the schedule which holds for its company. Returns the number of datasets queued.
///
/// # Errors
/// The database can't be reached or written to; what was queued before stays so.
pub async fn queue_due(app: &App) -> Result<usize, StoreError> {
    note_changes_of_the_installation(app).await?;
    walk(app).await?;
    let mut queued = 0;
    let mut seen = HashSet::new();
    let mut most = PAGE;
    loop {
        let due = pull_states::due(&app.db, app.clock.now(), most).await?;
        let is_all = due.len() < usize::try_from(most).unwrap_or_default();
        let mut connections = due.into_iter().filter(|due| seen.insert(*due)).peekable();
        // Each connection's turn leaves nothing due; one that is met again, since it can't be read, must not hold up those behind it.
        if connections.peek().is_none() {
            if is_all {
                return Ok(queued);
            }
            most += PAGE;
            continue;
        }
        for due in connections {
            let id = due.connection_id;
            let due = queue_due_of(app, due.company_id, id).await;
            queued += passed_over(id, due)?.unwrap_or_default();
        }
    }
}

/// A connection that can't be read holds up no other; a database that can't be is another matter.
pub(super) fn passed_over<T>(
    id: ConnectionId,
    result: Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    match result {
        Ok(done) => Ok(Some(done)),
        Err(error) if error.is_passing() => Err(error),
        Err(error) => {
            tracing::error!(connection = %id, %error, "the schedule of a connection can't be followed");
            Ok(None)
        }
    }
}

async fn queue_due_of(
    app: &App,
    company: CompanyId,
    id: ConnectionId,
) -> Result<usize, StoreError> {
    let mut change = Change::of_company(app, company, Actor::Moorline).await?;
    let Some((connection, integration, settings)) = plan(&mut change, id).await? else {
        change.commit().await?;
        return Ok(0);
    };
    let now = change.now;
    // Read with the company's lock in hand: another node may have queued them.
    let states = pull_states::of_connection_in(&mut change, id).await?;
    let is_due = |state: &&PullState| !state.running && state.due.is_some_and(|due| due <= now);
    let types: Vec<DataType> = states
        .iter()
        .filter(is_due)
        .filter_map(|state| state.data_type.parse().ok())
        .collect();
    let batch = Batch {
        id: new_id(now),
        settings: &settings,
        cause: Cause::Schedule,
    };
    let due = types.len();
    let queued = if due == 0 {
        0
    } else {
        queue_types(&mut change, &connection, integration, types, batch).await?
    };
    change.commit().await?;
    if queued < due {
        // Something runs of which the states don't know: the previous version's node has begun it.
        correct(app, company, id).await?;
    }
    Ok(queued)
}

/// Brings the due times of a connection's types in line with its settings and its customer's consent, once it can be pulled. The
/// caller holds the company's lock.
pub(crate) async fn follow(change: &mut Change<'_>, id: ConnectionId) -> Result<(), StoreError> {
    plan(change, id).await.map(drop)
}

/// The same for all connections of a company.
pub(super) async fn follow_company(
    change: &mut Change<'_>,
    company: CompanyId,
) -> Result<(), StoreError> {
    for connection in store::connections::of_company_in(change, company).await? {
        if connection.status == ConnectionStatus::Linked {
            follow(change, connection.id).await?;
        }
    }
    Ok(())
}

/// Writes the due times that differ from the plan. None if the connection is not one to be pulled by a schedule.
async fn plan<'a>(
    change: &mut Change<'a>,
    id: ConnectionId,
) -> Result<Option<(Connection, &'a Integration, SyncSettings)>, StoreError> {
    let connection = store::connections::find_in(change, id).await?;
    let app = change.app;
    let found = connection
        .filter(|connection| connection.status == ConnectionStatus::Linked)
        .and_then(|connection| {
            let integration = app.catalogue.get(&connection.integration_key)?;
            Some((connection, &**integration))
        });
    let Some((connection, integration)) = found else {
        suspend(change, id).await?;
        return Ok(None);
    };
    let (client, company) = (connection.client_id, connection.company_id);
    let settings = settings::of_company_in(change, client, company).await?;
    let bounds = Bounds::read_in(change, id).await?;
    let states = pull_states::of_connection_in(change, id).await?;
    let now = change.now;
    let grounds = Grounds {
        connection: &connection,
        integration,
        settings: &settings,
        bounds: &bounds,
    };
    for planned in grounds.differences(&states, now) {
        let (data_type, from) = (planned.data_type.as_str(), planned.counted_from);
        pull_states::set_due(change, id, data_type, from, planned.due).await?;
    }
    Ok(Some((connection, integration, settings)))
}

async fn suspend(tx: &mut Tx, id: ConnectionId) -> Result<(), StoreError> {
    for state in pull_states::of_connection_in(tx, id).await? {
        if state.due.is_some() {
            let data_type = state.data_type.as_str();
            pull_states::set_due(tx, id, data_type, state.counted_from, None).await?;
        }
    }
    Ok(())
}

/// The grounds on which a connection's schedule stands.
struct Grounds<'a> {
    connection: &'a Connection,
    integration: &'a Integration,
    settings: &'a SyncSettings,
    bounds: &'a Bounds,
}

/// A type's place in the schedule.
struct Planned {
    data_type: String,
    counted_from: DateTime<Utc>,
    due: Option<DateTime<Utc>>,
}

impl Grounds<'_> {
    /// The places in the schedule that the states don't have yet.
    fn differences(&self, states: &[PullState], now: DateTime<Utc>) -> Vec<Planned> {
        // A type that was never pulled is due a whole interval after the authorisation.
        let connection = self.connection;
        let linked = connection.last_authorized.unwrap_or(connection.created);
        let offered = self.integration.data().iter().map(|own| own.data_type);
        let mut differences = Vec::new();
        for data_type in offered.clone() {
            let state = states
                .iter()
                .find(|state| state.data_type == data_type.as_str());
            let pulled = state.filter(|state| state.newest_id.is_some());
            // A clock that was set back makes no interval longer.
            let from = pulled.map_or(linked, |state| state.counted_from).min(now);
            let is_forbidden = self
                .bounds
                .forbid_reading(self.integration, data_type)
                .is_some();
            let due = if is_forbidden {
                // A refusal at every turn of the clock would say nothing new.
                None
            } else {
                self.settings.of(data_type).due_after(from)
            };
            let is_told = match state {
                Some(state) => state.due == due && state.counted_from == from,
                None => due.is_none(),
            };
            if !is_told {
                differences.push(Planned {
                    data_type: data_type.as_str().to_owned(),
                    counted_from: from,
                    due,
                });
            }
        }
        let is_offered = |state: &PullState| {
            offered
                .clone()
                .any(|own| own.as_str() == state.data_type.as_str())
        };
        let gone = states.iter().filter(|state| !is_offered(state));
        differences.extend(
            gone.filter(|state| state.due.is_some())
                .map(|state| Planned {
                    data_type: state.data_type.clone(),
                    counted_from: state.counted_from,
                    due: None,
                }),
        );
        differences
    }
}

/// Brings a connection's states in line with its history, and its due times with them.
async fn correct(app: &App, company: CompanyId, id: ConnectionId) -> Result<(), StoreError> {
    let mut change = Change::of_company(app, company, Actor::Moorline).await?;
    let states = pull_states::of_connection_in(&mut change, id).await?;
    for newest in pull_states::in_history_in(&mut change, id).await? {
        if !states.iter().any(|state| newest.is_told_by(state)) {
            pull_states::correct(&mut change, id, &newest).await?;
        }
    }
    follow(&mut change, id).await?;
    change.commit().await
}

/// Looks, without writing anything, whether a connection's states and due times are as they should be, and corrects them if not.
/// They are, unless the previous version of the program worked on the database meanwhile.
pub(super) async fn look(app: &App, owned: Owned) -> Result<(), StoreError> {
    let (id, company) = (owned.id, owned.company_id);
    let states = pull_states::of_connection(&app.db, id).await?;
    let history = pull_states::in_history(&app.db, id).await?;
    let is_told = |newest: &pull_states::InHistory| states.iter().any(|own| newest.is_told_by(own));
    let is_right = history.iter().all(is_told) && !differs(app, id, &states).await?;
    if is_right {
        return Ok(());
    }
    correct(app, company, id).await
}

/// True if due times aren't as settings and consent want them.
async fn differs(app: &App, id: ConnectionId, states: &[PullState]) -> Result<bool, StoreError> {
    let Some(connection) = store::connections::find(&app.db, id).await? else {
        return Ok(false);
    };
    let integration = app.catalogue.get(&connection.integration_key);
    let Some(integration) = integration.filter(|_| connection.status == ConnectionStatus::Linked)
    else {
        return Ok(states.iter().any(|state| state.due.is_some()));
    };
    let (client, company) = (connection.client_id, connection.company_id);
    let settings = settings::of_company(app, client, company).await?.settings;
    let bounds = Bounds::read(app, id).await?;
    let grounds = Grounds {
        connection: &connection,
        integration,
        settings: &settings,
        bounds: &bounds,
    };
    Ok(!grounds.differences(states, app.clock.now()).is_empty())
}

/// Has the due times of a client's connections follow its settings, from the next look at the clock on.
pub(super) async fn begin_walk(tx: &mut Tx, client: ClientId) -> Result<(), StoreError> {
    pull_states::begin_walk(tx, client).await
}

/// Has all due times follow: the clock was set back, or the installation's own schedule has changed.
pub(crate) async fn begin_walk_of_all(tx: &mut Tx) -> Result<(), StoreError> {
    pull_states::begin_walk(tx, pull_states::ALL).await
}

/// Goes on with the walks that were begun.
async fn walk(app: &App) -> Result<(), StoreError> {
    let began = Instant::now();
    for mut walk in pull_states::walks(&app.db).await? {
        if walk.after.is_nil() {
            // So that one that is begun anew from here on stands elsewhere, and is noticed.
            let begun = Uuid::from_u128(1);
            go_on(app, walk, Some(begun)).await?;
            walk.after = begun;
        }
        let client = (walk.client_id != pull_states::ALL).then_some(walk.client_id);
        loop {
            if began.elapsed() >= WALKING {
                return Ok(());
            }
            let owned = store::connections::owned_after(&app.db, client, walk.after, PAGE).await?;
            for connection in &owned {
                passed_over(connection.id, bring_in_line(app, connection).await)?;
            }
            let after = owned.last().map(|last| last.id.0);
            go_on(app, walk, after).await?;
            match after {
                Some(after) => walk.after = after,
                None => break,
            }
        }
    }
    Ok(())
}

async fn bring_in_line(app: &App, owned: &Owned) -> Result<(), StoreError> {
    let states = pull_states::of_connection(&app.db, owned.id).await?;
    if !differs(app, owned.id, &states).await? {
        return Ok(());
    }
    let mut change = Change::of_company(app, owned.company_id, Actor::Moorline).await?;
    follow(&mut change, owned.id).await?;
    change.commit().await
}

async fn go_on(app: &App, walk: Walk, after: Option<Uuid>) -> Result<(), StoreError> {
    let mut tx = app.db.write().await?;
    pull_states::go_on(&mut tx, walk, after).await?;
    tx.commit().await
}

/// The fact about the installation that says what its schedule is made of.
const FINGERPRINT: &str = "pulls.schedule";

/// Begins a walk through all connections if the installation's schedule, or the types that its platforms offer, are not what they
/// were when it last ran.
async fn note_changes_of_the_installation(app: &App) -> Result<(), StoreError> {
    let is_known = &app.looked_at.is_schedule_known;
    if is_known.load(Ordering::SeqCst) {
        return Ok(());
    }
    let fingerprint = fingerprint(app);
    let known = store::meta::get(&app.db, FINGERPRINT).await?;
    if known.as_ref() != Some(&fingerprint) {
        let mut tx = app.db.write().await?;
        store::meta::set(&mut tx, FINGERPRINT, &fingerprint).await?;
        begin_walk_of_all(&mut tx).await?;
        tx.commit().await?;
    }
    is_known.store(true, Ordering::SeqCst);
    Ok(())
}

fn fingerprint(app: &App) -> String {
    use sha2::{Digest, Sha256};
    let mut digest = Sha256::new();
    for integration in app.catalogue.iter() {
        let offered = integration.data().iter().map(|own| own.data_type.as_str());
        let offered: Vec<&str> = offered.collect();
        digest.update(format!("{} {}\n", integration.key(), offered.join(" ")));
    }
    let types = crate::credentials::vault::hex(&digest.finalize());
    format!("every {} hours, {types}", app.config.sync.every_hours)
}
