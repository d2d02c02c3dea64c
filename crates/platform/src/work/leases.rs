//! Leases of the jobs that a node has under way, kept by one statement for all of them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use parking_lot::Mutex;
use tokio::sync::Notify;
use uuid::Uuid;

use store::clock::wall_now;
use store::model::JobId;
use store::{Db, StoreError, jobs};

/// The time after which a dead worker's jobs go to others.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(15);
const KEEP_EVERY: Duration = Duration::from_secs(5);

/// The leases that this node holds, each with what its run is told by if it is lost.
#[derive(Default)]
pub(super) struct Leases(Mutex<HashMap<JobId, Arc<Notify>>>);

/// A lease that is kept until this is dropped.
pub(super) struct Kept<'a> {
    leases: &'a Leases,
    job: JobId,
    lost: Arc<Notify>,
}

impl Kept<'_> {
    /// Resolves if the lease is lost: the job is another worker's then.
    pub(super) async fn lost(&self) {
        self.lost.notified().await;
    }
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        let mut own = self.leases.0.lock();
        // A later run of the same job keeps its own.
        if own
            .get(&self.job)
            .is_some_and(|lost| Arc::ptr_eq(lost, &self.lost))
        {
            own.remove(&self.job);
        }
    }
}

impl Leases {
    pub(super) fn keep(&self, job: JobId) -> Kept<'_> {
        let lost = Arc::<Notify>::default();
        // A run of before has lost the lease, though to this same node.
        if let Some(earlier) = self.0.lock().insert(job, Arc::clone(&lost)) {
            earlier.notify_one();
        }
        Kept {
            leases: self,
            job,
            lost,
        }
    }

    /// Keeps all leases, again and again.
    pub(super) async fn keep_all(&self, db: &Db, owner: Uuid) {
        loop {
            tokio::time::sleep(KEEP_EVERY).await;
            let held: Vec<JobId> = self.0.lock().keys().copied().collect();
            if held.is_empty() {
                continue;
            }
            match lost(db, owner, &held).await {
                Ok(lost) => {
                    let own = self.0.lock();
                    for job in lost {
                        if let Some(run) = own.get(&job) {
                            run.notify_one();
                        }
                    }
                }
                // The next time; a lease outlasts two.
                Err(error) => tracing::warn!(%error, "leases are not kept"),
            }
        }
    }
}

/// Keeps the owner's leases. Returns those of `held` that are others' by now; a job that is gone was ended, by its own run at most.
async fn lost(db: &Db, owner: Uuid, held: &[JobId]) -> Result<Vec<JobId>, StoreError> {
    let mut tx = db.write().await?;
    let kept = jobs::keep(&mut tx, owner, held, wall_now() + LEASE).await?;
    tx.commit().await?;
    let kept: HashSet<JobId> = kept.into_iter().collect();
    let mut lost = Vec::new();
    for job in held.iter().filter(|job| !kept.contains(job)) {
        if jobs::is_of_another(db, *job, owner).await? {
            lost.push(*job);
        }
    }
    Ok(lost)
}
