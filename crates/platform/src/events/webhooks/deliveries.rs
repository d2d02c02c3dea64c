//! The deliveries to one consumer in this process, for as long as messages are due to it.
//!
//! First attempts with the same lane (a connection's, or a company's own) follow each other in the order of their events;
//! lanes go side by side, as many at once as the configuration allows. Retries keep to no order and hold nothing back.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use super::attempt::{self, Effect};
use super::consumer::{Consumer, LoadError};
use crate::app::{App, Shared};
use store::messages::{self, Message};
use store::model::WebhookId;
use store::{Db, StoreError};

/// The most first attempts, and the most retries, that are read at once.
const WINDOW: i64 = 128;
/// The interval at which the consumer and its messages are read unasked, for changes by other processes and messages that became
/// due.
const READ_EVERY: Duration = Duration::from_millis(250);
/// The pause after an error of the database.
const ERROR_PAUSE: Duration = Duration::from_secs(1);

/// The dispatcher's signals to the deliveries of a consumer.
#[derive(Default)]
pub(super) struct Signal {
    changed: AtomicBool,
    wake: Notify,
    /// The lease on the consumer was lost.
    lost: AtomicBool,
}

impl Signal {
    /// Signals a new message, or a change of the consumer.
    pub(super) fn mark(&self) {
        self.changed.store(true, Ordering::SeqCst);
        self.wake.notify_one();
    }

    pub(super) fn is_marked(&self) -> bool {
        self.changed.load(Ordering::SeqCst)
    }

    pub(super) fn lose(&self) {
        self.lost.store(true, Ordering::SeqCst);
        self.wake.notify_one();
    }
}

struct Deliveries {
    app: Shared,
    id: WebhookId,
    owner: Uuid,
    consumer: Option<Arc<Consumer>>,
    firsts: VecDeque<Message>,
    retries: VecDeque<Message>,
    in_flight: HashSet<Uuid>,
    lanes: HashSet<Uuid>,
    running: JoinSet<Done>,
    /// The database may have more messages than were read.
    more: bool,
    /// The next message is a retry, if there is one.
    retry_next: bool,
    /// The time at which the consumer's rate limit allows the next message.
    free_at: Instant,
}

struct Done {
    message: Uuid,
    lane: Option<Uuid>,
    outcome: Result<Effect, StoreError>,
}

/// Delivers until nothing is due. Returns the consumer as it was last read, so that the next run needn't open it again.
pub(super) async fn run(
    app: Shared,
    id: WebhookId,
    owner: Uuid,
    known: Option<Arc<Consumer>>,
    signal: Arc<Signal>,
) -> Option<Arc<Consumer>> {
    let mut stop = app.stop.subscribe();
    let mut deliveries = Deliveries {
        app: Arc::clone(&app),
        id,
        owner,
        consumer: known,
        firsts: VecDeque::new(),
        retries: VecDeque::new(),
        in_flight: HashSet::new(),
        lanes: HashSet::new(),
        running: JoinSet::new(),
        more: true,
        retry_next: false,
        free_at: Instant::now(),
    };
    let mut read_at = Instant::now();
    let mut over = false;
    loop {
        over = over || *stop.borrow() || signal.lost.load(Ordering::SeqCst);
        if over {
            deliveries.firsts.clear();
            deliveries.retries.clear();
        } else if signal.changed.swap(false, Ordering::SeqCst)
            || Instant::now() >= read_at
            || (deliveries.more && deliveries.is_short())
        {
            read_at = Instant::now() + READ_EVERY;
            match deliveries.read().await {
                Ok(true) => {}
                Ok(false) => over = true,
                Err(error) => {
                    tracing::error!(webhook = %id, %error, "the messages of a webhook consumer can't be read");
                    tokio::time::sleep(ERROR_PAUSE).await;
                }
            }
        }
        if !over {
            deliveries.start();
        }
        let rate = deliveries.free_at;
        let waits_for_rate = !over && rate > Instant::now();
        // The rate limit is kept beyond the last message: the next run, here or on another node, doesn't know of that.
        if deliveries.running.is_empty() && (over || (deliveries.is_empty() && !waits_for_rate)) {
            break;
        }
        tokio::select! {
            Some(done) = deliveries.running.join_next() => {
                if deliveries.finish(done).await {
                    signal.changed.store(true, Ordering::SeqCst);
                }
            }
            () = signal.wake.notified() => {}
            () = tokio::time::sleep_until(rate), if waits_for_rate => {}
            () = tokio::time::sleep_until(read_at), if !over => {}
            _ = stop.changed(), if !over => {}
        }
    }
    if let Db::Postgres(_) = app.db
        && let Err(error) = release(&app, id, owner).await
    {
        tracing::error!(webhook = %id, %error, "a lease could not be released; it will expire");
    }
    deliveries.consumer
}

async fn release(app: &App, id: WebhookId, owner: Uuid) -> Result<(), StoreError> {
    let mut tx = app.db.write().await?;
    store::webhooks::release(&mut tx, id, owner).await?;
    tx.commit().await
}

impl Deliveries {
    fn is_empty(&self) -> bool {
        self.firsts.is_empty() && self.retries.is_empty()
    }

    fn is_short(&self) -> bool {
        self.firsts.len() + self.retries.len() < self.at_once()
    }

    fn at_once(&self) -> usize {
        self.app.config.webhooks.concurrency as usize
    }

    /// Reads the consumer and the messages that are due to it. False if nothing may be sent to it now.
    async fn read(&mut self) -> Result<bool, LoadError> {
        self.more = false;
        let app = Arc::clone(&self.app);
        if let Db::Postgres(_) = app.db
            && !store::webhooks::holds(&app.db, self.id, self.owner).await?
        {
            return Ok(false);
        }
        let now = app.clock.now();
        let firsts = messages::first_attempts(&app.db, self.id, WINDOW).await?;
        let retries = messages::further_attempts(&app.db, self.id, now, WINDOW).await?;
        // After the messages, so that none is signed with a secret that was replaced before it was written.
        self.consumer = Consumer::load(&app, self.id, self.consumer.take()).await?;
        let accepting = self.consumer.as_ref().is_some_and(|consumer| {
            !consumer.row.disabled && consumer.row.paused_until.is_none_or(|until| until <= now)
        });
        if !accepting {
            return Ok(false);
        }
        let window = usize::try_from(WINDOW).unwrap_or(usize::MAX);
        self.more = firsts.len() == window || retries.len() == window;
        // Read anew each time, so that an event which was committed late still comes before those with higher numbers.
        let fresh = |messages: Vec<Message>| {
            messages
                .into_iter()
                .filter(|message| !self.in_flight.contains(&message.id))
                .collect::<VecDeque<_>>()
        };
        (self.firsts, self.retries) = (fresh(firsts), fresh(retries));
        Ok(true)
    }

    /// Starts the attempts that may start now.
    fn start(&mut self) {
        let Some(consumer) = self.consumer.clone() else {
            return;
        };
        while self.running.len() < self.at_once() && self.free_at <= Instant::now() {
            let Some((message, lane)) = self.next() else {
                return;
            };
            if let Some(rate) = consumer
                .row
                .rate_limit
                .and_then(|rate| u32::try_from(rate).ok())
            {
                self.free_at = Instant::now() + Duration::from_secs(1) / rate.max(1);
            }
            self.in_flight.insert(message.id);
            self.lanes.extend(lane);
            let (app, consumer) = (Arc::clone(&self.app), Arc::clone(&consumer));
            self.running.spawn(async move {
                let id = message.id;
                let outcome = attempt::make(&app, &consumer, message).await;
                if let Err(error) = &outcome {
                    tracing::error!(message = %id, %error, "an attempt could not be recorded; the message will be sent again");
                    tokio::time::sleep(ERROR_PAUSE).await;
                }
                Done {
                    message: id,
                    lane,
                    outcome,
                }
            });
        }
    }

    /// Takes first attempts and retries alternately, so that neither starves the other.
    fn next(&mut self) -> Option<(Message, Option<Uuid>)> {
        self.retry_next = !self.retry_next;
        if self.retry_next
            && let Some(message) = self.retries.pop_front()
        {
            return Some((message, None));
        }
        // The first in the queue whose lane is free: none before it has the same lane, or that lane would not be free.
        let free = self
            .firsts
            .iter()
            .position(|message| !self.lanes.contains(&message.lane));
        if let Some(message) = free.and_then(|index| self.firsts.remove(index)) {
            let lane = message.lane;
            return Some((message, Some(lane)));
        }
        self.retries.pop_front().map(|message| (message, None))
    }

    /// Notes that an attempt ended. True if the consumer must be read again before anything else is sent.
    async fn finish(&mut self, done: Result<Done, tokio::task::JoinError>) -> bool {
        match done {
            Ok(done) => {
                self.in_flight.remove(&done.message);
                if let Some(lane) = done.lane {
                    self.lanes.remove(&lane);
                }
                if done.outcome.is_err() {
                    // The message waits again, and may be older than those in the queue.
                    self.more = true;
                    return true;
                }
                done.outcome.is_ok_and(|effect| effect == Effect::Changed)
            }
            Err(error) => {
                // A panic, of an unknown message: begin anew rather than leave its lane shut.
                tracing::error!(webhook = %self.id, %error, "an attempt panicked");
                self.running.shutdown().await;
                self.in_flight.clear();
                self.lanes.clear();
                tokio::time::sleep(ERROR_PAUSE).await;
                true
            }
        }
    }
}
