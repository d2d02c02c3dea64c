//! Chores, which come round by the clock.

use std::time::Duration;

use chrono::TimeDelta;

use super::set_back;
use crate::app::{App, Shared, metrics, timekeeping};
use crate::change::Change;
use crate::data::pulling;
use crate::events::webhooks;
use crate::{connecting, consents, credentials};
use store::StoreError;
use store::clock::wall_now;
use store::model::Actor;

const EVERY: Duration = Duration::from_secs(15);
/// Longer than any exchange of a code for tokens takes, deadlines and commits included.
const EXCHANGE: TimeDelta = TimeDelta::seconds(120);

/// Access that ends within this time is counted as ending.
const ENDING_SOON: TimeDelta = TimeDelta::days(7);

/// Does all chores, again and again, until the program is to stop. Every node does; each chore is safe to do twice.
pub async fn chores(app: Shared) {
    let mut stop = app.stop.subscribe();
    while !*stop.borrow() {
        // Each failure is in the log.
        let _ = chores_once(&app).await;
        tokio::select! {
            _ = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

/// One round of all chores. One that fails keeps none after it from being done.
///
/// # Errors
/// The first failure.
pub async fn chores_once(app: &App) -> Result<(), StoreError> {
    let mut round = Round::default();
    round.after("time", timekeeping::keep(app).await);
    round.after("clock", set_back::end_pauses(app).await);
    credentials::store_left(app).await;
    round.after("renewals", credentials::refresh_expiring(app).await);
    let epoch = credentials::count_epoch(app, false).await;
    round.after("epoch", epoch);
    round.after("warnings", credentials::tell_of_endings(app).await);
    round.after("endings", credentials::end_what_is_over(app).await);
    let links = connecting::record_interrupted(app, EXCHANGE).await;
    round.after("interrupted links", links);
    round.after("choices", connecting::forget_unanswered(app).await);
    round.after("days of limits", app.client_limits.renew_due().await);
    round.after("minutes", app.client_limits.forget_minutes().await);
    round.after("paces", app.platform_limits.tidy().await);
    let hours = app.config.sync.every_hours;
    round.after("schedule", pulling::queue_due(app, hours).await);
    round.after("links", sweep_links(app).await);
    round.after("reads", consents::reads::flush(app).await);
    round.after("days of reads", consents::reads::close_days(app).await);
    round.after("retention", consents::retention::enforce(app).await);
    round.after("webhooks", webhooks::chores(app).await);
    round.after("figures", measure_queue(app).await);
    round.failed.map_or(Ok(()), Err)
}

/// The outcome of a round so far.
#[derive(Default)]
struct Round {
    failed: Option<StoreError>,
}

impl Round {
    fn after<T>(&mut self, chore: &str, outcome: Result<T, StoreError>) {
        if let Err(error) = outcome {
            tracing::error!(chore, %error, "a chore failed; it will come round again");
            self.failed.get_or_insert(error);
        }
    }
}

async fn sweep_links(app: &App) -> Result<(), StoreError> {
    let mut change = Change::begin(app, Actor::Moorline).await?;
    let now = change.now;
    store::links::sweep(&mut change, now).await?;
    store::consents::sweep_requests(&mut change, now).await?;
    store::keyed_requests::sweep(&mut change, now).await?;
    change.commit().await
}

async fn measure_queue(app: &App) -> Result<(), StoreError> {
    let depth = store::jobs::depth(&app.db).await?;
    let gauge = |state| {
        app.metrics
            .jobs
            .get_or_create(&metrics::StateLabels { state })
            .clone()
    };
    gauge(metrics::JobState::Waiting).set(depth.waiting);
    gauge(metrics::JobState::Dead).set(depth.dead);
    let now = app.clock.now();
    let oldest = store::jobs::oldest_due_pull(&app.db, now, wall_now()).await?;
    let waited = oldest.map_or(0, |since| (now - since).num_seconds().max(0));
    app.metrics.oldest_due_pull_seconds.set(waited);
    for tally in store::counts::all_connections(&app.db).await? {
        let labels = metrics::ConnectionLabels {
            integration: tally.integration_key,
            status: tally.status.as_str(),
        };
        let gauge = app.metrics.connections.get_or_create(&labels).clone();
        gauge.set(tally.number);
    }
    if app.metrics.ending_is_to_be_counted(now) {
        let ending = store::endings::ending_before(&app.db, now + ENDING_SOON).await?;
        app.metrics.grants_ending.set(ending);
    }
    credentials::measure(app).await?;
    Ok(())
}
