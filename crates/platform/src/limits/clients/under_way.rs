//! A client's requests that are under way at a time.
//!
//! A place is the right to have one request under way. Nodes hold places: a node that needs more takes them from the database, half
//! of the free ones at once, and keeps them while the client is busy. If none are free, it requests places from the other nodes
//! (`crate::events::nodes` carries the request): each gives up half of its idle ones at once, or else, if it holds more than the
//! requesting node, the next that becomes idle. So nodes together never have more requests under way than there are places, none is
//! refused while a place lies idle elsewhere, and a request costs a write only when its node's share grows or shrinks.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use super::{ClientLimits, Refusal, Usage};
use crate::events::nodes::PlaceRequests;
use store::clock::wall_now;
use store::model::ClientId;
use store::{StoreError, shares};

/// The time after which a dead node's places are free.
const LEASE: TimeDelta = TimeDelta::seconds(10);
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// A client that requests nothing for this long needs no places.
const IDLE: Duration = Duration::from_secs(60);
/// A request's waits for other nodes' idle places, each before it tries again.
const WAITS: [Duration; 5] = [
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(20),
    Duration::from_millis(40),
    Duration::from_millis(80),
];
/// A place given up for another node isn't taken back before this time, or that node might never get it.
const GIVEN_UP: Duration = Duration::from_millis(200);
/// After other nodes had no place to give, they aren't asked again before this time.
const FULL: Duration = Duration::from_millis(100);

/// The clients whose places on this node have become fewer, which the database is yet to learn.
#[derive(Debug, Default)]
pub(super) struct Returns {
    clients: Mutex<BTreeSet<ClientId>>,
    filled: Notify,
}

/// A client's places on this node.
#[derive(Debug)]
pub(super) struct Share {
    client: ClientId,
    places: Mutex<Places>,
    /// Held by the one request that takes more places; the others wait for what it brings.
    taking: tokio::sync::Mutex<()>,
    /// Held while the node's number of places is written to the database.
    writing: tokio::sync::Mutex<()>,
    /// Notified when a request has ended.
    ended: Notify,
    returns: Arc<Returns>,
}

#[derive(Debug, Default)]
struct Places {
    /// Requests under way.
    used: i64,
    /// Places of this node. The database has as many at least.
    held: i64,
    /// The time at which they are another's, unless the lease is renewed.
    lapse: Option<Instant>,
    /// Another node waits for the next that becomes idle.
    requested: bool,
    /// The time at which the last one in use was given up for another node.
    given_up: Option<Instant>,
    /// The time at which no node had one to give.
    full: Option<Instant>,
    /// The time of the last request.
    last_request: Option<Instant>,
}

/// A request's place, until it is dropped.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<Usage>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let share = &self.0.share;
        if share.places.lock().leave() {
            share.give_back_soon();
        }
        share.ended.notify_one();
    }
}

impl ClientLimits {
    /// Gives a client's request a place.
    pub(super) async fn enter(&self, usage: &Arc<Usage>) -> Result<UnderWay, Refusal> {
        let share = &usage.share;
        let limit = self.place_limit(share.client, usage).await?;
        let entered = || {
            let entered = share.places.lock().enter(limit, self.is_alone());
            entered.then(|| UnderWay(Arc::clone(usage)))
        };
        if let Some(under_way) = entered() {
            return Ok(under_way);
        }
        if self.is_alone() {
            return Err(Refusal::TooMany);
        }
        let _taking = share.taking.lock().await;
        if let Some(under_way) = entered() {
            return Ok(under_way);
        }
        if share.places.lock().is_full(limit) {
            return Err(Refusal::TooMany);
        }
        self.take_places(share, limit).await?;
        if let Some(under_way) = entered() {
            return Ok(under_way);
        }
        for wait in WAITS {
            self.nodes.request_places(share.client, share.held());
            tokio::select! {
                () = tokio::time::sleep(wait) => self.take_places(share, limit).await?,
                () = share.ended.notified() => {}
            }
            if let Some(under_way) = entered() {
                return Ok(under_way);
            }
        }
        share.places.lock().full = Some(Instant::now());
        Err(Refusal::TooMany)
    }

    /// Renews the leases of this node's places, and gives back those that other nodes request, until the program is to stop.
    pub async fn share(&self, mut stop: watch::Receiver<bool>) {
        if self.is_alone() {
            return;
        }
        let mut renew_at = tokio::time::Instant::now() + RENEW_EVERY;
        while !*stop.borrow() {
            let done = tokio::select! {
                requested = self.nodes.places_requested() => self.give_up_places(requested).await,
                () = self.returns.filled.notified() => self.give_back_places().await,
                () = tokio::time::sleep_until(renew_at) => {
                    renew_at = tokio::time::Instant::now() + RENEW_EVERY;
                    self.renew_places().await
                }
                _ = stop.changed() => Ok(()),
            };
            if let Err(error) = done {
                tracing::error!(%error, "places for requests under way can't be shared with other nodes");
            }
        }
    }

    /// The most requests of the client that may be under way on all nodes.
    async fn place_limit(&self, client: ClientId, usage: &Usage) -> Result<i64, StoreError> {
        // A client without a connected company has as many as with one: it has to connect the first.
        let companies = self.companies(client, usage).await?.max(1);
        Ok(self.caps.concurrent_per_company.saturating_mul(companies))
    }

    /// Takes free places from the database, enough for one more request if there are.
    async fn take_places(&self, share: &Share, limit: i64) -> Result<(), StoreError> {
        let given_up = share.places.lock().given_up;
        if given_up.is_some_and(|at| at.elapsed() < GIVEN_UP) {
            return Ok(());
        }
        let _writing = share.writing.lock().await;
        let (before, need) = {
            let places = share.places.lock();
            (places.held, places.used + 1 - places.held)
        };
        let (lapse, from) = (lapse(), wall_now());
        let lease = shares::Lease {
            from,
            until: from + LEASE,
        };
        let mut tx = self.db.write().await?;
        let node = self.nodes.id();
        let taken =
            shares::take_places(&mut tx, share.client, node, before, need, limit, lease).await?;
        tx.commit().await?;
        let mut places = share.places.lock();
        // Some may have been given up meanwhile, which the database is yet to learn.
        places.held += taken - before;
        places.lapse = Some(lapse);
        Ok(())
    }

    /// Gives up the places that other nodes request.
    async fn give_up_places(&self, requested: PlaceRequests) -> Result<(), StoreError> {
        for (client, theirs) in requested {
            let usage = self.usage(client);
            if usage.share.places.lock().give_up(theirs.into()) {
                usage.share.give_back_soon();
            }
        }
        self.give_back_places().await
    }

    async fn give_back_places(&self) -> Result<(), StoreError> {
        loop {
            let Some(client) = self.returns.clients.lock().pop_first() else {
                return Ok(());
            };
            let usage = self.usage(client);
            let _writing = usage.share.writing.lock().await;
            let left = usage.share.places.lock().held;
            let mut tx = self.db.write().await?;
            shares::leave_places(&mut tx, client, self.nodes.id(), left).await?;
            tx.commit().await?;
        }
    }

    async fn renew_places(&self) -> Result<(), StoreError> {
        let holding: Vec<_> = self
            .known()
            .into_iter()
            .filter(|(_, usage)| usage.share.places.lock().held > 0)
            .collect();
        if holding.is_empty() {
            return Ok(());
        }
        for (_, usage) in &holding {
            if usage.share.places.lock().retire() {
                usage.share.give_back_soon();
            }
        }
        let lapse = lapse();
        let mut tx = self.db.write().await?;
        let renewed = shares::keep_places(&mut tx, self.nodes.id(), wall_now() + LEASE).await?;
        tx.commit().await?;
        for row in renewed {
            let usage = self.usage(row.client_id);
            let limit = self.place_limit(row.client_id, &usage).await?;
            let mut places = usage.share.places.lock();
            places.lapse = Some(lapse);
            // The database has more than this node: the request that took them was dropped before they came.
            if places.shrink(row.all_nodes, limit) || row.own > places.held {
                usage.share.give_back_soon();
            }
        }
        Ok(())
    }
}

fn lapse() -> Instant {
    Instant::now() + LEASE.to_std().unwrap_or_default()
}

impl Share {
    pub(super) fn new(client: ClientId, returns: Arc<Returns>) -> Self {
        Self {
            client,
            places: Mutex::default(),
            taking: tokio::sync::Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            ended: Notify::new(),
            returns,
        }
    }

    fn held(&self) -> u32 {
        u32::try_from(self.places.lock().held).unwrap_or(u32::MAX)
    }

    fn give_back_soon(&self) {
        self.returns.clients.lock().insert(self.client);
        self.returns.filled.notify_one();
    }
}

impl Places {
    /// True if there was a place for one more request. All places are this node's if it is `alone`.
    fn enter(&mut self, limit: i64, alone: bool) -> bool {
        let now = Instant::now();
        self.last_request = Some(now);
        if self.lapse.is_some_and(|lapse| lapse <= now) {
            (self.held, self.lapse) = (0, None);
        }
        let is_free = self.used < if alone { limit } else { self.held.min(limit) };
        if is_free {
            self.used += 1;
        }
        is_free
    }

    /// True if the place goes to another node.
    fn leave(&mut self) -> bool {
        self.used -= 1;
        let goes = self.requested && self.held > self.used;
        if goes {
            self.held -= 1;
            self.requested = false;
            self.given_up = Some(Instant::now());
        }
        goes
    }

    /// Gives up half of the idle places for another node, which holds `theirs`, or else the next that becomes idle. True if there are
    /// some to give back.
    fn give_up(&mut self, theirs: i64) -> bool {
        let idle = (self.held - self.used).max(0);
        self.held -= (idle + 1) / 2;
        self.requested = idle == 0 && self.held > theirs + 1;
        idle > 0
    }

    /// Gives up all places if the client has been idle. True if there are some to give back.
    fn retire(&mut self) -> bool {
        let idle = self
            .last_request
            .is_none_or(|request| request.elapsed() >= IDLE);
        let retires = idle && self.used == 0;
        if retires {
            self.held = 0;
        }
        retires
    }

    /// Gives up this node's part of the places beyond a limit that fell. True if there are some to give back.
    fn shrink(&mut self, all: i64, limit: i64) -> bool {
        let shrinks = all > limit;
        if shrinks {
            self.held = self.held * limit / all;
        }
        shrinks
    }

    /// True if requesting places is of no use: this node holds them all, or no node had one a moment ago.
    fn is_full(&self, limit: i64) -> bool {
        self.held >= limit || self.full.is_some_and(|at| at.elapsed() < FULL)
    }
}
