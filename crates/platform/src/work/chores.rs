//! Chores, which come round by the clock.

use std::time::Duration;

use chrono::TimeDelta;

use super::set_back;
use crate::app::{App, Shared, metrics};
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
        if let Err(error) = chores_once(&app).await {
            tracing::error!(%error, "a chore failed; it will come round again");
        }
        tokio::select! {
            _ = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

/// One round of all chores.
///
/// # Errors
/// The first chore that failed; those after it were not done.
pub async fn chores_once(app: &App) -> Result<(), StoreError> {
    set_back::end_pauses(app).await?;
    credentials::refresh_expiring(app).await?;
    credentials::tell_of_endings(app).await?;
    credentials::end_what_is_over(app).await?;
    connecting::record_interrupted(app, EXCHANGE).await?;
    connecting::forget_unanswered(app).await?;
    app.client_limits.renew_due().await?;
    app.client_limits.forget_minutes().await?;
    app.platform_limits.tidy().await?;
    pulling::queue_due(app).await?;
    pulling::look_over(app).await?;
    sweep_links(app).await?;
    consents::reads::flush(app).await?;
    consents::reads::close_days(app).await?;
    consents::retention::enforce(app).await?;
    webhooks::chores(app).await?;
    measure_queue(app).await
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
        let ending = store::credentials::ending_before(&app.db, now + ENDING_SOON).await?;
        app.metrics.grants_ending.set(ending);
    }
    credentials::measure(app).await?;
    Ok(())
}
