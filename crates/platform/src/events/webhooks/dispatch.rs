//! The choice of consumers to which this process delivers.
//!
//! On PostgreSQL one process at a time delivers to a consumer and holds a lease on it: so order and rate limit hold across nodes.
//! SQLite has one process, which needs no lease.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use super::consumer::Consumer;
use super::deliveries::{self, Signal};
use crate::app::Shared;
use store::clock::{random_id, wall_now};
use store::model::WebhookId;
use store::{Db, StoreError, webhooks};

/// The time after which a dead process's consumers are free for others.
const LEASE: TimeDelta = TimeDelta::seconds(10);
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// The interval at which due messages of all consumers are looked for, those that other processes committed included.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The most consumers whose opened secrets and connections are kept between deliveries.
const KNOWN: usize = 1_000;

/// A consumer to which all due messages were delivered, as it was last read.
type Ended = (WebhookId, Option<Arc<Consumer>>);

struct Dispatch {
    app: Shared,
    owner: Uuid,
    active: HashMap<WebhookId, Arc<Signal>>,
    known: HashMap<WebhookId, Arc<Consumer>>,
    running: JoinSet<Ended>,
    ids: HashMap<tokio::task::Id, WebhookId>,
}

/// Delivers until the program is to stop, then lets attempts under way end for as long as the configuration allows.
pub async fn deliver(app: Shared) {
    let mut stop = app.stop.subscribe();
    let mut dispatch = Dispatch {
        app: Arc::clone(&app),
        owner: random_id(),
        active: HashMap::new(),
        known: HashMap::new(),
        running: JoinSet::new(),
        ids: HashMap::new(),
    };
    let mut look_at = Instant::now();
    let mut renew_at = Instant::now() + RENEW_EVERY;
    // The last time at which the leases were renewed.
    let mut renewed = Instant::now();
    while !*stop.borrow() {
        tokio::select! {
            () = app.outbox.filled() => {
                for id in app.outbox.take() {
                    dispatch.start_or_signal(id).await;
                }
            }
            () = tokio::time::sleep_until(look_at) => {
                look_at = Instant::now() + LOOK_EVERY;
                match webhooks::with_work(&app.db, app.clock.now(), wall_now()).await {
                    Ok(ids) => {
                        for id in ids {
                            if !dispatch.active.contains_key(&id) {
                                dispatch.start_or_signal(id).await;
                            }
                        }
                    }
                    Err(error) => tracing::error!(%error, "due webhook messages can't be looked for"),
                }
            }
            () = tokio::time::sleep_until(renew_at) => {
                renew_at = Instant::now() + RENEW_EVERY;
                match dispatch.renew().await {
                    Ok(()) => renewed = Instant::now(),
                    Err(error) => {
                        tracing::error!(%error, "leases on webhook consumers could not be renewed");
                        if renewed.elapsed() >= LEASE.to_std().unwrap_or_default() {
                            dispatch.active.values().for_each(|signal| signal.lose());
                        }
                    }
                }
            }
            Some(ended) = dispatch.running.join_next_with_id() => dispatch.finish(ended).await,
            _ = stop.changed() => {}
        }
    }
    let patience = Duration::from_secs(app.config.shutdown_seconds);
    let drained = tokio::time::timeout(patience, async {
        while dispatch.running.join_next().await.is_some() {}
    })
    .await;
    if drained.is_err() {
        tracing::warn!("some webhook attempts were cut off; their messages will be sent again");
        dispatch.running.shutdown().await;
    }
}

impl Dispatch {
    /// Signals the consumer's deliveries that there is something new, or begins them.
    async fn start_or_signal(&mut self, id: WebhookId) {
        if let Some(signal) = self.active.get(&id) {
            signal.mark();
            return;
        }
        match self.lease(id).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(webhook = %id, %error, "a webhook consumer could not be leased");
                return;
            }
        }
        let signal = Arc::new(Signal::default());
        self.active.insert(id, Arc::clone(&signal));
        let (app, owner) = (Arc::clone(&self.app), self.owner);
        let known = self.known.remove(&id);
        let task = self.running.spawn(async move {
            let consumer = deliveries::run(app, id, owner, known, signal).await;
            (id, consumer)
        });
        self.ids.insert(task.id(), id);
    }

    async fn lease(&self, id: WebhookId) -> Result<bool, StoreError> {
        if let Db::Sqlite { .. } = self.app.db {
            return Ok(true);
        }
        let mut tx = self.app.db.write().await?;
        let wall = wall_now();
        let taken = webhooks::lease(&mut tx, id, self.owner, wall + LEASE, wall).await?;
        tx.commit().await?;
        Ok(taken)
    }

    async fn renew(&self) -> Result<(), StoreError> {
        if let (Db::Postgres(_), false) = (&self.app.db, self.active.is_empty()) {
            let mut tx = self.app.db.write().await?;
            webhooks::keep_leases(&mut tx, self.owner, wall_now() + LEASE).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn finish(&mut self, ended: Result<(tokio::task::Id, Ended), tokio::task::JoinError>) {
        let id = match ended {
            Ok((task, (id, consumer))) => {
                self.ids.remove(&task);
                if let Some(consumer) = consumer {
                    if self.known.len() >= KNOWN {
                        self.known.clear();
                    }
                    self.known.insert(id, consumer);
                }
                id
            }
            Err(error) => {
                tracing::error!(%error, "the deliveries to a webhook consumer panicked");
                match self.ids.remove(&error.id()) {
                    Some(id) => id,
                    None => return,
                }
            }
        };
        // A message that came after the last read needs another run.
        if self
            .active
            .remove(&id)
            .is_some_and(|signal| signal.is_marked())
        {
            self.start_or_signal(id).await;
        }
    }
}
