//! One change to what Moorline keeps: its transaction, company, actor and time.
//!
//! Everything that follows from a change goes through it: its events, the jobs that it leaves, and, after the commit, the
//! waking of workers, live views and deliveries, which the store notes beside the rows ([`store::News`]). A change that is
//! dropped without [`commit`](Change::commit) changes nothing and wakes none of them.
//!
//! It stands on the [`App`], as everything does that changes something. The parts that the App stands on have no Change: they write
//! to a transaction of their own, and record an event with `Event::record`.

use std::ops::{Deref, DerefMut};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::access::idempotency;
use crate::app::App;
use crate::consents::{self, Entry, Told};
use crate::events::Event;
use store::clock::new_id;
use store::model::{Actor, CompanyId, JobId, JobKind};
use store::turns::Place;
use store::{News, StoreError, Tx};

/// A transaction with its circumstances. Functions of the store take it as the [`Tx`] that it is.
pub struct Change<'a> {
    pub(crate) app: &'a App,
    tx: Tx,
    pub(crate) actor: Actor,
    /// The time of everything that the change writes.
    pub(crate) now: DateTime<Utc>,
    /// Facts about the consent that the change takes or ends, noted before its event.
    pub(crate) told: Told,
    /// Entries of the record, appended at the commit.
    entries: Vec<Entry>,
}

impl<'a> Change<'a> {
    /// Begins a change to a company, with the company locked: on PostgreSQL its row is locked before any other row of it, so that two
    /// changes never wait for each other. Live views of the company show the change once it is committed.
    ///
    /// # Errors
    /// The database can't be reached or written to.
    pub async fn of_company(
        app: &'a App,
        company: CompanyId,
        actor: Actor,
    ) -> Result<Self, StoreError> {
        let mut change = Self::begin(app, actor).await?;
        change.lock(company).await?;
        Ok(change)
    }

    /// Locks a company in a change that had another row to lock first, such as the client's.
    ///
    /// # Errors
    /// The database can't be reached or written to.
    pub(crate) async fn lock(&mut self, company: CompanyId) -> Result<(), StoreError> {
        store::connections::lock_company(&mut self.tx, company).await?;
        // Read once the company is locked: its changes bear times in the order in which they become visible.
        self.now = self.app.clock.now();
        self.announce(News::Company(company));
        Ok(())
    }

    /// Begins a change that concerns no company, or many.
    ///
    /// # Errors
    /// The database can't be reached or written to.
    pub async fn begin(app: &'a App, actor: Actor) -> Result<Self, StoreError> {
        let tx = app.db.write().await?;
        let now = app.clock.now();
        Ok(Self {
            app,
            tx,
            actor,
            now,
            told: Told::default(),
            entries: Vec::new(),
        })
    }

    /// Records an event, and the messages to the webhook consumers that subscribe to it. If it gives or ends a consent, that goes
    /// on record too.
    ///
    /// # Errors
    /// The database can't be reached or written to.
    pub async fn event(&mut self, event: Event<'_>) -> Result<(), StoreError> {
        match &event {
            Event::Connection {
                connection,
                kind,
                reason,
                ..
            } => consents::follow(self, connection, *kind, *reason).await?,
            Event::Company(company, kind) => consents::follow_company(self, company, *kind),
            Event::Product(company, _, changed) => consents::follow_product(self, company, changed),
            Event::DataRequest(request, kind) => consents::follow_request(self, request, *kind),
            Event::GrantEnded { grant, .. } => consents::follow_grant(self, grant).await?,
            _ => {}
        }
        event.record(&mut self.tx, self.actor, self.now).await
    }

    /// Puts an act on record, with its actor: a part of the change as every row of it is.
    pub fn record(&mut self, entry: Entry) {
        self.entries.push(entry.by(self.app, self.actor, self.now));
    }

    /// Queues a job, to be done as soon as a worker is free.
    ///
    /// # Errors
    /// The database can't be reached or written to.
    pub async fn enqueue(
        &mut self,
        kind: JobKind,
        subject: Uuid,
        payload: &str,
    ) -> Result<(), StoreError> {
        self.enqueue_at(self.now, kind, subject, payload).await
    }

    /// Queues a job that is not to be done before a time.
    ///
    /// # Errors
    /// The database can't be reached or written to.
    pub async fn enqueue_at(
        &mut self,
        run_at: DateTime<Utc>,
        kind: JobKind,
        subject: Uuid,
        payload: &str,
    ) -> Result<(), StoreError> {
        let (id, now) = (JobId(new_id(self.now)), self.now);
        store::jobs::insert(&mut self.tx, id, kind, subject, payload, run_at, now).await
    }

    /// Queues a job with its place in the queue.
    ///
    /// # Errors
    /// The database can't be reached or written to.
    pub(crate) async fn enqueue_placed(
        &mut self,
        run_at: DateTime<Utc>,
        kind: JobKind,
        subject: Uuid,
        place: &Place,
    ) -> Result<(), StoreError> {
        let (id, now) = (JobId(new_id(self.now)), self.now);
        store::jobs::insert(&mut self.tx, id, kind, subject, "{}", run_at, now).await?;
        store::turns::place(&mut self.tx, id, place).await
    }

    /// Makes the change durable, and wakes everything in this process that follows from it.
    ///
    /// # Errors
    /// The database refused the commit; nothing was changed, or (a connection lost meanwhile) it isn't known.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        idempotency::take_effect(&mut self.tx).await?;
        if !self.entries.is_empty() {
            // Last: nothing may be locked after the ends of the chains.
            let entries = std::mem::take(&mut self.entries);
            consents::append(&self.app.vault, &mut self.tx, entries).await?;
        }
        self.tx.commit().await
    }
}

impl Deref for Change<'_> {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for Change<'_> {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}
