//! Workers, which take jobs from the queue in turn and do them under a lease.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::{Id, JoinError, JoinSet};
use uuid::Uuid;

use super::leases::{LEASE, Leases};
use super::running::{Places, Run, Waiting};
use super::turns::{self, Taken, UnderWay};
use super::{JobOutcome, placing, pull, push, reconsider, revoke};
use crate::app::{App, Shared, metrics};
use crate::connecting;
use crate::credentials::TokenError;
use crate::data::pulling::PullError;
use crate::data::pushing::PushError;
use crate::disclosure;
use store::clock::{random_id, wall_now};
use store::jobs::{Job, Lease};
use store::model::{DatasetId, JobId, JobKind};
use store::{Db, StoreError};

/// The queue is looked at unasked this often: for other nodes' jobs, and those whose time has come.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A job that the database interrupted goes on after this long.
const INTERRUPTION: TimeDelta = TimeDelta::seconds(2);
/// Storing a job's end is tried this often while the database takes no writes.
const SETTLE_EVERY: Duration = Duration::from_secs(1);

/// The jobs of this node.
struct Workers {
    app: Shared,
    owner: Uuid,
    places: Arc<Places>,
    leases: Arc<Leases>,
    under_way: UnderWay,
    running: JoinSet<()>,
    taken: HashMap<Id, Taken>,
}

/// Works until the program is to stop, then lets running jobs finish for `shutdown_seconds` and gives the others back.
pub async fn work(app: Shared) {
    let mut stop = app.stop.subscribe();
    let owner = random_id();
    if let Db::Sqlite { .. } = app.db {
        // One process has an SQLite database: leases and half-made links were left by a process that has ended.
        if let Err(error) = take_over(&app).await {
            tracing::error!(%error, "the last run's unfinished work could not be taken over");
        }
    }
    if let Err(error) = disclosure::after_changes_of_the_installation(&app).await {
        tracing::error!(%error, "connections were not looked at for what is wanted of them by now");
    }
    let mut workers = Workers {
        owner,
        places: Arc::new(Places::new(
            app.config.workers as usize,
            Arc::clone(&app.work),
        )),
        leases: Arc::default(),
        under_way: UnderWay::new(app.config.jobs_at_once as usize),
        running: JoinSet::new(),
        taken: HashMap::new(),
        app,
    };
    let (app, leases) = (Shared::clone(&workers.app), Arc::clone(&workers.leases));
    let keeping = tokio::spawn(async move { leases.keep_all(&app.db, owner).await });
    workers.run(&mut stop).await;
    workers.drain().await;
    keeping.abort();
    let db = &workers.app.db;
    let released = async {
        let mut tx = db.write().await?;
        store::jobs::release_all(&mut tx, owner).await?;
        tx.commit().await
    };
    if let Err(error) = released.await {
        tracing::error!(%error, "leases could not be given back; others will take them when they run out");
    }
}

impl Workers {
    async fn run(&mut self, stop: &mut tokio::sync::watch::Receiver<bool>) {
        let app = Shared::clone(&self.app);
        let mut looked: Option<Instant> = None;
        while !*stop.borrow() {
            if looked.is_none_or(|looked| looked.elapsed() >= LOOK_EVERY) {
                looked = Some(Instant::now());
                if let Err(error) = free_lost(&app).await {
                    tracing::error!(%error, "jobs of dead workers can't be freed");
                }
            }
            match self.claim().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::error!(%error, "the queue can't be read"),
            }
            tokio::select! {
                () = app.work.notified() => {}
                Some(ended) = self.running.join_next_with_id(), if !self.running.is_empty() => {
                    self.ended(ended);
                    while let Some(ended) = self.running.try_join_next_with_id() {
                        self.ended(ended);
                    }
                }
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => error.id(),
        };
        if let Some(taken) = self.taken.remove(&id) {
            self.under_way.end(&taken);
        }
    }

    /// Takes jobs whose turn has come, as many as may be under way. Returns their number.
    async fn claim(&mut self) -> Result<usize, StoreError> {
        let wanted = self.under_way.free().min(self.places.wanted());
        let times = (self.app.clock.now(), Lease::lasting(LEASE));
        // A look without a write first: an idle queue must not cost the disk anything.
        if wanted == 0 || store::turns::nothing_waits(&self.app.db, times).await? {
            return Ok(0);
        }
        let mut chosen = Vec::new();
        let leased = self.lease(times, wanted, &mut chosen).await;
        let mut chosen: HashMap<JobId, Taken> = chosen.into_iter().collect();
        let leased = leased.map(|jobs| {
            let number = jobs.len();
            for job in jobs {
                if let Some(taken) = chosen.remove(&job.id) {
                    self.begin(job, taken);
                }
            }
            number
        });
        // Those that another node has taken, or all of them if nothing was taken.
        for taken in chosen.values() {
            self.under_way.end(taken);
        }
        leased
    }

    async fn lease(
        &mut self,
        times: (DateTime<Utc>, Lease),
        wanted: usize,
        chosen: &mut Vec<(JobId, Taken)>,
    ) -> Result<Vec<Job>, StoreError> {
        let mut tx = self.app.db.write().await?;
        placing::place_due(&mut tx, times).await?;
        turns::choose(&mut tx, &mut self.under_way, times, wanted, chosen).await?;
        let mut jobs = Vec::with_capacity(chosen.len());
        for (id, _) in &*chosen {
            jobs.extend(store::turns::lease(&mut tx, *id, self.owner, times.1).await?);
        }
        for job in &jobs {
            if job.kind == JobKind::Sync {
                store::datasets::set_fetching(&mut tx, DatasetId(job.subject)).await?;
            }
        }
        tx.commit().await?;
        Ok(jobs)
    }

    fn begin(&mut self, job: Job, taken: Taken) {
        let (app, owner) = (Shared::clone(&self.app), self.owner);
        let (expected, leases) = (self.places.expect(), Arc::clone(&self.leases));
        let run = async move { take(&app, owner, expected, &leases, job).await };
        let id = self.running.spawn(run).id();
        self.taken.insert(id, taken);
    }

    /// Lets running jobs finish, for a time.
    async fn drain(&mut self) {
        let patience = Duration::from_secs(self.app.config.shutdown_seconds);
        let drained = tokio::time::timeout(patience, async {
            while self.running.join_next().await.is_some() {}
        })
        .await;
        if drained.is_err() {
            self.running.shutdown().await;
        }
    }
}

async fn take_over(app: &App) -> Result<(), StoreError> {
    let mut tx = app.db.write().await?;
    store::jobs::break_leases(&mut tx).await?;
    store::credentials::break_leases(&mut tx).await?;
    store::pushes::break_leases(&mut tx).await?;
    store::webhooks::break_leases(&mut tx).await?;
    tx.commit().await?;
    connecting::record_interrupted(app, TimeDelta::zero()).await?;
    Ok(())
}

/// Lets other workers have the jobs of those that have died.
async fn free_lost(app: &App) -> Result<(), StoreError> {
    let now = wall_now();
    if !store::turns::any_lost(&app.db, now).await? {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    store::turns::free_lost(&mut tx, now).await?;
    tx.commit().await
}

/// Does one job while its lease is kept; a lost lease ends the work at once, since another node may hold the job by then.
async fn take(app: &App, owner: Uuid, expected: Waiting, leases: &Leases, job: Job) {
    let waited = (app.clock.now() - job.run_at).to_std().unwrap_or_default();
    let kind = metrics::KindLabels {
        kind: job.kind.as_str(),
    };
    // In one statement: the family is locked until its end.
    app.metrics
        .job_wait_seconds
        .get_or_create(&kind)
        .observe(waited.as_secs_f64());
    let lease = leases.keep(job.id);
    let work = async {
        match job.kind {
            JobKind::Sync => {
                let run = Run::begin(expected, &job, owner).await;
                pull::run(app, &job, &run).await
            }
            JobKind::Reconsider => {
                let _run = Run::begin(expected, &job, owner).await;
                reconsider::run(app, &job).await
            }
            // Little more than waiting for the platform.
            JobKind::Revoke => {
                drop(expected);
                revoke::run(app, &job).await
            }
            JobKind::TakeOut => {
                drop(expected);
                revoke::take_out(app, &job).await
            }
            JobKind::Push => {
                drop(expected);
                push::run(app, &job).await
            }
        }
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = lease.lost() => {
            tracing::warn!(job = %job.id, kind = %job.kind, "lease lost; left to its new holder");
            return;
        }
    };
    let began = Instant::now();
    while let Err(error) = settle(app, owner, &job, &outcome).await {
        // Once the lease has run out, another node may hold the job.
        if !error.is_passing()
            || began.elapsed() + SETTLE_EVERY >= LEASE.to_std().unwrap_or_default()
        {
            tracing::error!(job = %job.id, kind = %job.kind, %error, "job's end not stored; it will be done again");
            return;
        }
        tokio::time::sleep(SETTLE_EVERY).await;
    }
}

/// The failure of the store that interrupted a job, if the same may succeed later.
fn interruption(error: &anyhow::Error) -> Option<&StoreError> {
    fn of_token(error: &TokenError) -> Option<&StoreError> {
        match error {
            TokenError::Store(error) => Some(error),
            _ => None,
        }
    }
    let store = if let Some(error) = error.downcast_ref::<PullError>() {
        match error {
            PullError::Store(error) => Some(error),
            PullError::Stopped(_) => None,
        }
    } else if let Some(error) = error.downcast_ref::<PushError>() {
        match error {
            PushError::Store(error) => Some(error),
            PushError::Stopped(_) => None,
        }
    } else if let Some(error) = error.downcast_ref::<TokenError>() {
        of_token(error)
    } else {
        error.downcast_ref::<StoreError>()
    };
    store.filter(|error| error.is_passing())
}

async fn settle(
    app: &App,
    owner: Uuid,
    job: &Job,
    outcome: &anyhow::Result<JobOutcome>,
) -> Result<(), StoreError> {
    /// Attempts at a job that fails in a way that the program doesn't handle.
    const ATTEMPTS: i64 = 10;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    match outcome {
        Ok(JobOutcome::Finished) => return Ok(()),
        Ok(JobOutcome::Done) => {
            store::jobs::finish(&mut tx, job.id, owner).await?;
        }
        Ok(JobOutcome::Again { at, fresh, reason }) => {
            let attempt = if *fresh { 0 } else { job.attempt };
            store::jobs::again(&mut tx, job.id, owner, *at, attempt, Some(reason)).await?;
            if job.kind == JobKind::Revoke {
                store::held::follow(&mut tx, job.id, job.subject).await?;
            }
        }
        // No failure of the job, and none of its attempts: a full disk may last longer than all of them.
        Err(error) if interruption(error).is_some() => {
            tracing::warn!(job = %job.id, kind = %job.kind, %error, "job interrupted by the database; it will go on");
            let (at, reason) = (now + INTERRUPTION, error.to_string());
            store::jobs::again(&mut tx, job.id, owner, at, job.attempt - 1, Some(&reason)).await?;
        }
        Err(error) if job.attempt < ATTEMPTS => {
            tracing::error!(job = %job.id, kind = %job.kind, attempt = job.attempt, %error, "job failed; it will be tried again");
            let seconds = 1_i64 << job.attempt.clamp(0, 9);
            let (at, reason) = (now + TimeDelta::seconds(seconds), error.to_string());
            store::jobs::again(&mut tx, job.id, owner, at, job.attempt, Some(&reason)).await?;
        }
        Err(error) => {
            tracing::error!(job = %job.id, kind = %job.kind, %error, "job given up");
            store::jobs::bury(&mut tx, job.id, owner, &error.to_string()).await?;
            tx.commit().await?;
            match job.kind {
                JobKind::Sync => pull::give_up(app, job).await?,
                JobKind::Push => push::give_up(app, job).await?,
                JobKind::Revoke | JobKind::TakeOut | JobKind::Reconsider => {}
            }
            return Ok(());
        }
    }
    tx.commit().await
}
