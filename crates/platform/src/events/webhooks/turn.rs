//! One consumer's deliveries in this process, for as long as there are any.
//!
//! First attempts with the same lane (a connection's, or a company's own) follow each other in the order of their events;
//! lanes go side by side, as many at once as the configuration allows. Messages that are tried again keep to no order and
//! hold nothing back.

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

/// Messages looked at at once, of either kind.
const WINDOW: i64 = 128;
/// How often the consumer and its messages are looked at unasked: changes that other processes made, and those whose time
/// has come.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// After the database refused something.
const BREATHER: Duration = Duration::from_secs(1);

/// How the dispatcher speaks to a turn.
#[derive(Default)]
pub(super) struct Signal {
    dirty: AtomicBool,
    wake: Notify,
    /// This process no longer has the right to deliver.
    lost: AtomicBool,
}

impl Signal {
    /// There is something new to do, or to know of the consumer.
    pub(super) fn mark(&self) {
        self.dirty.store(true, Ordering::SeqCst);
        self.wake.notify_one();
    }

    pub(super) fn is_marked(&self) -> bool {
        self.dirty.load(Ordering::SeqCst)
    }

    pub(super) fn lose(&self) {
        self.lost.store(true, Ordering::SeqCst);
        self.wake.notify_one();
    }
}

struct Turn {
    app: Shared,
    id: WebhookId,
    owner: Uuid,
    consumer: Option<Arc<Consumer>>,
    firsts: VecDeque<Message>,
    furthers: VecDeque<Message>,
    in_flight: HashSet<Uuid>,
    lanes: HashSet<Uuid>,
    running: JoinSet<Done>,
    /// Whether a look may find more than is known.
    more: bool,
    /// The next one comes from the messages that are tried again.
    furthers_next: bool,
    /// When the consumer's rate lets the next one go.
    free_at: Instant,
}

struct Done {
    message: Uuid,
    lane: Option<Uuid>,
    made: Result<Effect, StoreError>,
}

/// Delivers until nothing is due, and gives the consumer as it was last known, to save the next turn reading it.
pub(super) async fn take(
    app: Shared,
    id: WebhookId,
    owner: Uuid,
    known: Option<Arc<Consumer>>,
    signal: Arc<Signal>,
) -> Option<Arc<Consumer>> {
    let mut stop = app.stop.subscribe();
    let mut turn = Turn {
        app: Arc::clone(&app),
        id,
        owner,
        consumer: known,
        firsts: VecDeque::new(),
        furthers: VecDeque::new(),
        in_flight: HashSet::new(),
        lanes: HashSet::new(),
        running: JoinSet::new(),
        more: true,
        furthers_next: false,
        free_at: Instant::now(),
    };
    let mut look_at = Instant::now();
    let mut over = false;
    loop {
        over = over || *stop.borrow() || signal.lost.load(Ordering::SeqCst);
        if over {
            turn.firsts.clear();
            turn.furthers.clear();
        } else if signal.dirty.swap(false, Ordering::SeqCst)
            || Instant::now() >= look_at
            || (turn.more && turn.is_short())
        {
            look_at = Instant::now() + LOOK_EVERY;
            match turn.look().await {
                Ok(true) => {}
                Ok(false) => over = true,
                Err(error) => {
                    tracing::error!(webhook = %id, %error, "the messages of a webhook consumer can't be read");
                    tokio::time::sleep(BREATHER).await;
                }
            }
        }
        if !over {
            turn.start();
        }
        let rate = turn.free_at;
        let waits_for_rate = !over && rate > Instant::now();
        // The rate is kept beyond the last message: the next turn, here or on another node, knows nothing of it.
        if turn.running.is_empty() && (over || (turn.is_empty() && !waits_for_rate)) {
            break;
        }
        tokio::select! {
            Some(done) = turn.running.join_next() => {
                if turn.end(done).await {
                    signal.dirty.store(true, Ordering::SeqCst);
                }
            }
            () = signal.wake.notified() => {}
            () = tokio::time::sleep_until(rate), if waits_for_rate => {}
            () = tokio::time::sleep_until(look_at), if !over => {}
            _ = stop.changed(), if !over => {}
        }
    }
    if let Db::Postgres(_) = app.db
        && let Err(error) = release(&app, id, owner).await
    {
        tracing::error!(webhook = %id, %error, "a lease could not be given back; it will run out");
    }
    turn.consumer
}

async fn release(app: &App, id: WebhookId, owner: Uuid) -> Result<(), StoreError> {
    let mut tx = app.db.write().await?;
    store::webhooks::release(&mut tx, id, owner).await?;
    tx.commit().await
}

impl Turn {
    fn is_empty(&self) -> bool {
        self.firsts.is_empty() && self.furthers.is_empty()
    }

    fn is_short(&self) -> bool {
        self.firsts.len() + self.furthers.len() < self.at_once()
    }

    fn at_once(&self) -> usize {
        self.app.config.webhooks.concurrency as usize
    }

    /// Reads the consumer and what is due to it. False where nothing may be sent to it now.
    async fn look(&mut self) -> Result<bool, LoadError> {
        self.more = false;
        let app = Arc::clone(&self.app);
        self.consumer = Consumer::load(&app, self.id, self.consumer.take()).await?;
        let now = app.clock.now();
        let willing = self.consumer.as_ref().is_some_and(|consumer| {
            !consumer.row.disabled && consumer.row.paused_until.is_none_or(|until| until <= now)
        });
        if !willing {
            return Ok(false);
        }
        if let Db::Postgres(_) = app.db
            && !store::webhooks::holds(&app.db, self.id, self.owner).await?
        {
            return Ok(false);
        }
        let firsts = messages::first_attempts(&app.db, self.id, WINDOW).await?;
        let furthers = messages::further_attempts(&app.db, self.id, now, WINDOW).await?;
        let window = usize::try_from(WINDOW).unwrap_or(usize::MAX);
        self.more = firsts.len() == window || furthers.len() == window;
        // Anew each time, so that an event which was committed late still comes before those with higher numbers.
        let fresh = |messages: Vec<Message>| {
            messages
                .into_iter()
                .filter(|message| !self.in_flight.contains(&message.id))
                .collect::<VecDeque<_>>()
        };
        (self.firsts, self.furthers) = (fresh(firsts), fresh(furthers));
        Ok(true)
    }

    /// Starts what may start now.
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
                let made = attempt::make(&app, &consumer, message).await;
                if let Err(error) = &made {
                    tracing::error!(message = %id, %error, "an attempt could not be recorded; the message will be sent again");
                    tokio::time::sleep(BREATHER).await;
                }
                Done {
                    message: id,
                    lane,
                    made,
                }
            });
        }
    }

    /// Takes from both kinds in turn, so that neither starves the other.
    fn next(&mut self) -> Option<(Message, Option<Uuid>)> {
        self.furthers_next = !self.furthers_next;
        if self.furthers_next
            && let Some(message) = self.furthers.pop_front()
        {
            return Some((message, None));
        }
        // The first of the queue whose lane is free; none before it in the same lane, or that lane would not be.
        let free = self
            .firsts
            .iter()
            .position(|message| !self.lanes.contains(&message.lane));
        if let Some(message) = free.and_then(|index| self.firsts.remove(index)) {
            let lane = message.lane;
            return Some((message, Some(lane)));
        }
        self.furthers.pop_front().map(|message| (message, None))
    }

    /// Takes note of an attempt's end. True where the consumer must be looked at before anything else is sent.
    async fn end(&mut self, done: Result<Done, tokio::task::JoinError>) -> bool {
        match done {
            Ok(done) => {
                self.in_flight.remove(&done.message);
                if let Some(lane) = done.lane {
                    self.lanes.remove(&lane);
                }
                if done.made.is_err() {
                    // What stands in the queue may be older than what is to come again.
                    self.more = true;
                    return true;
                }
                done.made.is_ok_and(|effect| effect == Effect::Changed)
            }
            Err(error) => {
                // A panic. Which message it was isn't known: begin anew rather than leave its lane shut.
                tracing::error!(webhook = %self.id, %error, "an attempt ended badly");
                self.running.shutdown().await;
                self.in_flight.clear();
                self.lanes.clear();
                tokio::time::sleep(BREATHER).await;
                true
            }
        }
    }
}
