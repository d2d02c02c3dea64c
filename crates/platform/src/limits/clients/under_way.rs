//! A client's requests that are under way at a time.
//!
//! Nodes hold places, each of which one request can have. A node that needs more takes them from the database, half of those that
//! are free at once, and keeps them while the client is busy. Where none are free, it asks the others (`crate::events::live` carries
//! the question): each gives up half of its idle ones at once, or else, where it has more than who asks, the next that becomes
//! idle. So nodes together never have more requests under way than there are places, and none is refused while a place
//! lies idle elsewhere; and a request costs a write only when its node's share grows or shrinks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::sync::Notify;

use super::{Allowance, Refusal, held, is_alone};
use crate::app::{App, Shared};
use store::clock::wall_now;
use store::model::ClientId;
use store::{StoreError, shares};

/// A node that dies leaves its places to others after this long.
const LEASE: Duration = Duration::from_secs(10);
const KEEP_EVERY: Duration = Duration::from_secs(3);
/// A client that asks nothing for so long needs no places.
const IDLE: Duration = Duration::from_secs(60);
/// How long a request waits for other nodes' idle places, each time before another look.
const PATIENCE: [Duration; 5] = [
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(20),
    Duration::from_millis(40),
    Duration::from_millis(80),
];
/// What was given up for another node isn't taken back for so long, or it would never get there.
const GIVEN: Duration = Duration::from_millis(200);
/// After other nodes had none to give, requests beyond this node's places aren't worth another question for so long.
const FULL: Duration = Duration::from_millis(100);

/// Clients of whose places the database is to be given some back.
#[derive(Debug, Default)]
pub(super) struct Returns {
    clients: Mutex<BTreeSet<ClientId>>,
    filled: Notify,
}

/// A client's places on this node.
#[derive(Debug)]
pub(super) struct Room {
    client: ClientId,
    places: Mutex<Places>,
    /// One asks for more, the others wait for what it brings.
    asking: tokio::sync::Mutex<()>,
    /// Held while the database is told how many places are this node's.
    telling: tokio::sync::Mutex<()>,
    /// A request has ended.
    left: Notify,
    returns: Arc<Returns>,
}

#[derive(Debug, Default)]
struct Places {
    under_way: i64,
    /// How many of the client's places are this node's. The database knows of as many at least.
    held: i64,
    /// When they no longer are, unless they are kept.
    lapse: Option<Instant>,
    /// Another node waits for the next that becomes idle.
    wanted: bool,
    /// When one that was in use went to another node.
    given: Option<Instant>,
    /// When nobody had one to give.
    full: Option<Instant>,
    /// When a request last came.
    asked: Option<Instant>,
}

/// A request's place, until it is dropped.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<Allowance>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let room = &self.0.room;
        if held(&room.places).leave() {
            room.give_back_soon();
        }
        room.left.notify_one();
    }
}

/// Gives a client's request a place.
pub(super) async fn enter(
    app: &App,
    allowance: &Arc<Allowance>,
    at_a_time: i64,
) -> Result<UnderWay, Refusal> {
    let room = &allowance.room;
    let limit = allowance.places(app, at_a_time).await?;
    let entered = || {
        let entered = held(&room.places).enter(limit, is_alone(app));
        entered.then(|| UnderWay(Arc::clone(allowance)))
    };
    if let Some(under_way) = entered() {
        return Ok(under_way);
    }
    if is_alone(app) {
        return Err(Refusal::TooMany);
    }
    let _turn = room.asking.lock().await;
    if let Some(under_way) = entered() {
        return Ok(under_way);
    }
    if held(&room.places).is_full(limit) {
        return Err(Refusal::TooMany);
    }
    room.take(app, limit).await?;
    if let Some(under_way) = entered() {
        return Ok(under_way);
    }
    for pause in PATIENCE {
        app.live.ask_for_places(room.client, room.held());
        tokio::select! {
            () = tokio::time::sleep(pause) => room.take(app, limit).await?,
            () = room.left.notified() => {}
        }
        if let Some(under_way) = entered() {
            return Ok(under_way);
        }
    }
    held(&room.places).full = Some(Instant::now());
    Err(Refusal::TooMany)
}

/// Keeps this node's places, and gives back those that others want, until the program is to stop.
pub async fn share(app: Shared) {
    if is_alone(&app) {
        return;
    }
    let mut stop = app.stop.subscribe();
    let mut keep_at = tokio::time::Instant::now() + KEEP_EVERY;
    while !*stop.borrow() {
        let done = tokio::select! {
            wanted = app.live.places_wanted() => give_up(&app, wanted).await,
            () = app.limits.returns.filled.notified() => give_back(&app).await,
            () = tokio::time::sleep_until(keep_at) => {
                keep_at = tokio::time::Instant::now() + KEEP_EVERY;
                keep(&app).await
            }
            _ = stop.changed() => Ok(()),
        };
        if let Err(error) = done {
            tracing::error!(%error, "requests under way can't be shared with other nodes");
        }
    }
}

/// What other nodes ask for.
async fn give_up(app: &App, wanted: BTreeMap<ClientId, u32>) -> Result<(), StoreError> {
    for (client, theirs) in wanted {
        let allowance = app.limits.of(client);
        if held(&allowance.room.places).give_up(theirs.into()) {
            allowance.room.give_back_soon();
        }
    }
    give_back(app).await
}

async fn give_back(app: &App) -> Result<(), StoreError> {
    loop {
        let Some(client) = held(&app.limits.returns.clients).pop_first() else {
            return Ok(());
        };
        let allowance = app.limits.of(client);
        let _turn = allowance.room.telling.lock().await;
        let left = held(&allowance.room.places).held;
        let mut tx = app.db.write().await?;
        shares::leave_places(&mut tx, client, app.limits.node, left).await?;
        tx.commit().await?;
    }
}

async fn keep(app: &App) -> Result<(), StoreError> {
    let rooms: Vec<_> = app
        .limits
        .known()
        .into_iter()
        .filter(|(_, allowance)| held(&allowance.room.places).held > 0)
        .collect();
    if rooms.is_empty() {
        return Ok(());
    }
    for (_, allowance) in &rooms {
        if held(&allowance.room.places).rest() {
            allowance.room.give_back_soon();
        }
    }
    let lapse = Instant::now() + LEASE;
    let mut tx = app.db.write().await?;
    let kept = shares::keep_places(&mut tx, app.limits.node, wall_now() + lease()).await?;
    tx.commit().await?;
    let at_a_time = i64::from(app.config.limits.concurrent_per_company);
    for kept in kept {
        let allowance = app.limits.of(kept.client_id);
        let limit = allowance.places(app, at_a_time).await?;
        let mut places = held(&allowance.room.places);
        places.lapse = Some(lapse);
        // More than this node knows of: whoever took them went away before they came.
        if places.shrink(kept.all_nodes, limit) || kept.own > places.held {
            allowance.room.give_back_soon();
        }
    }
    Ok(())
}

fn lease() -> TimeDelta {
    TimeDelta::from_std(LEASE).unwrap_or(TimeDelta::MAX)
}

impl Allowance {
    /// How many of the client's requests may be under way on all nodes.
    async fn places(&self, app: &App, at_a_time: i64) -> Result<i64, StoreError> {
        // A client without a connected company has as many as with one: it has to connect the first.
        let companies = self.companies(app, self.room.client).await?.max(1);
        Ok(at_a_time.saturating_mul(companies))
    }
}

impl Room {
    pub(super) fn new(client: ClientId, returns: Arc<Returns>) -> Self {
        Self {
            client,
            places: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
            telling: tokio::sync::Mutex::default(),
            left: Notify::new(),
            returns,
        }
    }

    /// Takes places of those that are free, enough for one more request where there are.
    async fn take(&self, app: &App, limit: i64) -> Result<(), StoreError> {
        if held(&self.places)
            .given
            .is_some_and(|at| at.elapsed() < GIVEN)
        {
            return Ok(());
        }
        let _turn = self.telling.lock().await;
        let (before, need) = {
            let places = held(&self.places);
            (places.held, places.under_way + 1 - places.held)
        };
        let (lapse, from) = (Instant::now() + LEASE, wall_now());
        let lease = shares::Lease {
            from,
            until: from + lease(),
        };
        let mut tx = app.db.write().await?;
        let node = app.limits.node;
        let taken =
            shares::take_places(&mut tx, self.client, node, before, need, limit, lease).await?;
        tx.commit().await?;
        let mut places = held(&self.places);
        // Some may have been given up meanwhile, of which the database is yet to hear.
        places.held += taken - before;
        places.lapse = Some(lapse);
        Ok(())
    }

    fn held(&self) -> u32 {
        u32::try_from(held(&self.places).held).unwrap_or(u32::MAX)
    }

    fn give_back_soon(&self) {
        held(&self.returns.clients).insert(self.client);
        self.returns.filled.notify_one();
    }
}

impl Places {
    /// True where there was a place for one more; `alone`, they are all this node's.
    fn enter(&mut self, limit: i64, alone: bool) -> bool {
        let now = Instant::now();
        self.asked = Some(now);
        if self.lapse.is_some_and(|lapse| lapse <= now) {
            (self.held, self.lapse) = (0, None);
        }
        let there_is = self.under_way < if alone { limit } else { self.held.min(limit) };
        if there_is {
            self.under_way += 1;
        }
        there_is
    }

    /// True where the place goes to another node.
    fn leave(&mut self) -> bool {
        self.under_way -= 1;
        let goes = self.wanted && self.held > self.under_way;
        if goes {
            self.held -= 1;
            self.wanted = false;
            self.given = Some(Instant::now());
        }
        goes
    }

    /// Gives up half of the idle ones for another node, which has `theirs`, or else the next. True where there are some to give
    /// back.
    fn give_up(&mut self, theirs: i64) -> bool {
        let idle = (self.held - self.under_way).max(0);
        self.held -= (idle + 1) / 2;
        self.wanted = idle == 0 && self.held > theirs + 1;
        idle > 0
    }

    /// Gives up all when the client has been silent for long. True where there are some to give back.
    fn rest(&mut self) -> bool {
        let silent = self.asked.is_none_or(|asked| asked.elapsed() >= IDLE);
        let rests = silent && self.under_way == 0;
        if rests {
            self.held = 0;
        }
        rests
    }

    /// Gives up this node's part of what all hold beyond the limit, which fell. True where there are some to give back.
    fn shrink(&mut self, all: i64, limit: i64) -> bool {
        let shrinks = all > limit;
        if shrinks {
            self.held = self.held * limit / all;
        }
        shrinks
    }

    /// Whether asking others is worth nothing: this node has them all, or they had none a moment ago.
    fn is_full(&self, limit: i64) -> bool {
        self.held >= limit || self.full.is_some_and(|at| at.elapsed() < FULL)
    }
}
