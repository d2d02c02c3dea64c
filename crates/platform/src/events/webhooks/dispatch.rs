//! Which consumers this process delivers to.
//!
//! On PostgreSQL a consumer is delivered to by one process at a time, which holds a lease on it: that is what makes order and
//! rate hold over several nodes. SQLite has one process, which needs none.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use super::consumer::Consumer;
use super::turn::{self, Signal};
use crate::app::Shared;
use store::clock::wall_now;
use store::model::WebhookId;
use store::{Db, StoreError, webhooks};

/// A process that dies leaves its consumers to others after this long.
const LEASE: TimeDelta = TimeDelta::seconds(10);
const KEEP_EVERY: Duration = Duration::from_secs(3);
/// How often all consumers are looked at unasked: what other processes committed, and what has become due.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Consumers whose opened secrets and connections are kept between their turns.
const KNOWN: usize = 1_000;

/// Whose turn ended, and the consumer as it was last known.
type Ended = (WebhookId, Option<Arc<Consumer>>);

struct Dispatch {
    app: Shared,
    owner: Uuid,
    turns: HashMap<WebhookId, Arc<Signal>>,
    known: HashMap<WebhookId, Arc<Consumer>>,
    running: JoinSet<Ended>,
    ids: HashMap<tokio::task::Id, WebhookId>,
}

/// Delivers until the program is to stop, then lets attempts under way end for as long as the configuration allows.
pub async fn deliver(app: Shared) {
    let mut stop = app.stop.subscribe();
    let mut dispatch = Dispatch {
        app: Arc::clone(&app),
        owner: Uuid::new_v4(),
        turns: HashMap::new(),
        known: HashMap::new(),
        running: JoinSet::new(),
        ids: HashMap::new(),
    };
    let mut look_at = Instant::now();
    let mut keep_at = Instant::now() + KEEP_EVERY;
    // When the leases were last known to be kept.
    let mut kept = Instant::now();
    while !*stop.borrow() {
        tokio::select! {
            () = app.outbox.filled() => {
                for id in app.outbox.take() {
                    dispatch.rouse(id).await;
                }
            }
            () = tokio::time::sleep_until(look_at) => {
                look_at = Instant::now() + LOOK_EVERY;
                match webhooks::with_work(&app.db, app.clock.now(), wall_now()).await {
                    Ok(ids) => {
                        for id in ids {
                            if !dispatch.turns.contains_key(&id) {
                                dispatch.rouse(id).await;
                            }
                        }
                    }
                    Err(error) => tracing::error!(%error, "due webhook messages can't be looked for"),
                }
            }
            () = tokio::time::sleep_until(keep_at) => {
                keep_at = Instant::now() + KEEP_EVERY;
                match dispatch.keep().await {
                    Ok(()) => kept = Instant::now(),
                    Err(error) => {
                        tracing::error!(%error, "leases on webhook consumers could not be kept");
                        if kept.elapsed() >= LEASE.to_std().unwrap_or_default() {
                            dispatch.turns.values().for_each(|signal| signal.lose());
                        }
                    }
                }
            }
            Some(ended) = dispatch.running.join_next_with_id() => dispatch.end(ended).await,
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
    /// Tells the consumer's turn that there is something new, or begins one.
    async fn rouse(&mut self, id: WebhookId) {
        if let Some(signal) = self.turns.get(&id) {
            signal.mark();
            return;
        }
        match self.lease(id).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(webhook = %id, %error, "a webhook consumer could not be taken on");
                return;
            }
        }
        let signal = Arc::new(Signal::default());
        self.turns.insert(id, Arc::clone(&signal));
        let (app, owner) = (Arc::clone(&self.app), self.owner);
        let known = self.known.remove(&id);
        let task = self.running.spawn(async move {
            let consumer = turn::take(app, id, owner, known, signal).await;
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

    async fn keep(&self) -> Result<(), StoreError> {
        if let (Db::Postgres(_), false) = (&self.app.db, self.turns.is_empty()) {
            let mut tx = self.app.db.write().await?;
            webhooks::keep_leases(&mut tx, self.owner, wall_now() + LEASE).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn end(&mut self, ended: Result<(tokio::task::Id, Ended), tokio::task::JoinError>) {
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
                tracing::error!(%error, "a webhook consumer's turn ended badly");
                match self.ids.remove(&error.id()) {
                    Some(id) => id,
                    None => return,
                }
            }
        };
        // What came in after the turn's last look needs another.
        if self
            .turns
            .remove(&id)
            .is_some_and(|signal| signal.is_marked())
        {
            self.rouse(id).await;
        }
    }
}
