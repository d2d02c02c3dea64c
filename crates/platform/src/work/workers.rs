//! Workers, which take jobs from the queue and do them under a lease.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{JobOutcome, pull, push, reconsider, revoke};
use crate::app::{App, Shared, metrics};
use crate::connecting;
use crate::credentials::TokenError;
use crate::data::pulling::PullError;
use crate::data::pushing::PushError;
use crate::disclosure;
use store::clock::wall_now;
use store::jobs::{Job, Lease};
use store::model::JobKind;
use store::{Db, StoreError};

/// The time after which a dead worker's jobs go to others.
const LEASE: TimeDelta = TimeDelta::seconds(15);
const KEEP_EVERY: Duration = Duration::from_secs(5);
/// The queue is looked at unasked this often: for other nodes' jobs, and those whose time has come.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A job that the database interrupted goes on after this long.
const INTERRUPTION: TimeDelta = TimeDelta::seconds(2);
/// Storing a job's end is tried this often while the database takes no writes.
const SETTLE_EVERY: Duration = Duration::from_secs(1);

/// Works until the program is to stop, then lets running jobs finish for `shutdown_seconds` and gives the others back.
pub async fn work(app: Shared) {
    let mut stop = app.stop.subscribe();
    let owner = Uuid::new_v4();
    if let Db::Sqlite { .. } = app.db {
        // One process has an SQLite database: leases and half-made links were left by a process that has ended.
        if let Err(error) = take_over(&app).await {
            tracing::error!(%error, "the last run's unfinished work could not be taken over");
        }
    }
    if let Err(error) = disclosure::after_changes_of_the_installation(&app).await {
        tracing::error!(%error, "connections were not looked at for what is wanted of them by now");
    }
    let slots = Arc::new(Semaphore::new(app.config.workers as usize));
    let mut running = JoinSet::new();
    while !*stop.borrow() {
        let free = slots.available_permits();
        let claimed = if free == 0 {
            Ok(Vec::new())
        } else {
            claim(&app, owner, free).await
        };
        let found = match claimed {
            Ok(jobs) => {
                let found = jobs.len();
                for job in jobs {
                    let Ok(permit) = Arc::clone(&slots).acquire_owned().await else {
                        return;
                    };
                    let app = Arc::clone(&app);
                    running.spawn(async move {
                        take(&app, owner, job).await;
                        drop(permit);
                    });
                }
                found
            }
            Err(error) => {
                tracing::error!(%error, "the queue can't be read");
                0
            }
        };
        if found > 0 {
            continue;
        }
        tokio::select! {
            _ = app.work.notified() => {}
            _ = running.join_next(), if !running.is_empty() => {}
            _ = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
    let patience = Duration::from_secs(app.config.shutdown_seconds);
    let drained = tokio::time::timeout(patience, async {
        while running.join_next().await.is_some() {}
    })
    .await;
    if drained.is_err() {
        running.abort_all();
        while running.join_next().await.is_some() {}
    }
    let released = async {
        let mut tx = app.db.write().await?;
        store::jobs::release_all(&mut tx, owner).await?;
        tx.commit().await
    };
    if let Err(error) = released.await {
        tracing::error!(%error, "leases could not be given back; others will take them when they run out");
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

async fn claim(app: &App, owner: Uuid, free: usize) -> Result<Vec<Job>, StoreError> {
    let now = app.clock.now();
    // A look without a write first: an idle queue must not cost the disk anything.
    if store::jobs::nothing_due(&app.db, now, wall_now()).await? {
        return Ok(Vec::new());
    }
    let mut tx = app.db.write().await?;
    let jobs = store::jobs::claim(
        &mut tx,
        owner,
        now,
        Lease::lasting(LEASE),
        i64::try_from(free).unwrap_or(1),
    )
    .await?;
    tx.commit().await?;
    Ok(jobs)
}

/// Does one job while keeping its lease; a lost lease ends the work at once, since another node may hold the job by then.
async fn take(app: &App, owner: Uuid, job: Job) {
    let waited = (app.clock.now() - job.run_at).to_std().unwrap_or_default();
    let kind = metrics::KindLabels {
        kind: job.kind.as_str(),
    };
    // In one statement: the family is locked until its end.
    app.metrics
        .job_wait_seconds
        .get_or_create(&kind)
        .observe(waited.as_secs_f64());
    let work = async {
        match job.kind {
            JobKind::Sync => pull::run(app, &job).await,
            JobKind::Revoke => revoke::run(app, &job).await,
            JobKind::Push => push::run(app, &job).await,
            JobKind::Reconsider => reconsider::run(app, &job).await,
        }
    };
    let keep = async {
        loop {
            tokio::time::sleep(KEEP_EVERY).await;
            let kept = async {
                let mut tx = app.db.write().await?;
                let kept = store::jobs::keep(&mut tx, job.id, owner, wall_now() + LEASE).await?;
                tx.commit().await?;
                Ok::<bool, StoreError>(kept)
            };
            if let Ok(false) = kept.await {
                return;
            }
        }
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = keep => {
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
                JobKind::Revoke | JobKind::Reconsider => {}
            }
            return Ok(());
        }
    }
    tx.commit().await
}
