//! A job's run: its lease, and the place at work that it holds except while it waits for a platform.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use store::jobs::Job;
use store::model::JobId;
use store::{StoreError, Tx};

/// Runs that are begun together at most, and those without a place from which on none are begun.
const MOST_FRESH: usize = 64;
const ENOUGH_FRESH: usize = 32;
/// Runs that are back from their platforms and wait for a place, each with a page in memory: from so many on none are begun.
const ENOUGH_BACK: usize = 64;

/// The places at work: runs that compute or use the database hold one each, those that wait for a platform none.
pub(super) struct Places {
    places: Arc<Semaphore>,
    /// Runs that were begun and have had no place yet.
    fresh: AtomicUsize,
    /// Runs that are back from their platforms and wait for a place.
    back: AtomicUsize,
    wake: Arc<Notify>,
}

/// A run that waits for a place.
pub(super) struct Waiting {
    places: Arc<Places>,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    /// It was begun and has had no place yet.
    Fresh,
    /// It is back from its platform.
    Back,
}

impl Places {
    /// `wake` is notified when runs may be begun again.
    pub(super) fn new(number: usize, wake: Arc<Notify>) -> Self {
        Self {
            places: Arc::new(Semaphore::new(number)),
            fresh: AtomicUsize::new(0),
            back: AtomicUsize::new(0),
            wake,
        }
    }

    /// The number of further runs to begin now: fewer than half of the most are not worth a transaction.
    pub(super) fn wanted(&self) -> usize {
        let fresh = self.fresh.load(Ordering::SeqCst);
        if fresh >= ENOUGH_FRESH || self.back.load(Ordering::SeqCst) >= ENOUGH_BACK {
            return 0;
        }
        MOST_FRESH - fresh
    }

    fn count(&self, kind: Kind) -> (&AtomicUsize, usize) {
        match kind {
            Kind::Fresh => (&self.fresh, ENOUGH_FRESH),
            Kind::Back => (&self.back, ENOUGH_BACK),
        }
    }

    fn wait(self: &Arc<Self>, kind: Kind) -> Waiting {
        self.count(kind).0.fetch_add(1, Ordering::SeqCst);
        Waiting {
            places: Arc::clone(self),
            kind,
        }
    }

    /// Counts a run that is about to begin.
    pub(super) fn expect(self: &Arc<Self>) -> Waiting {
        self.wait(Kind::Fresh)
    }
}

impl Waiting {
    async fn over(self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        Arc::clone(&self.places.places).acquire_owned().await.ok()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let (count, enough) = self.places.count(self.kind);
        if count.fetch_sub(1, Ordering::SeqCst) == enough {
            self.places.wake.notify_one();
        }
    }
}

/// One run of a job.
pub(crate) struct Run {
    pub(crate) attempt: i64,
    job: JobId,
    owner: Uuid,
    places: Arc<Places>,
    place: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Run {
    /// Waits for a place at work.
    pub(super) async fn begin(expected: Waiting, job: &Job, owner: Uuid) -> Self {
        let places = Arc::clone(&expected.places);
        let place = Mutex::new(expected.over().await);
        Self {
            attempt: job.attempt,
            job: job.id,
            owner,
            places,
            place,
        }
    }

    /// Leaves the place to others while the run waits for a platform.
    pub(crate) async fn waiting<T>(&self, platform: impl Future<Output = T>) -> T {
        *self.place.lock() = None;
        let answer = platform.await;
        let place = self.places.wait(Kind::Back).over().await;
        *self.place.lock() = place;
        answer
    }

    /// Ends the job in the transaction of its last change. False if the lease was lost: then the change must not be made.
    pub(crate) async fn finish(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        store::jobs::finish(tx, self.job, self.owner).await
    }
}
