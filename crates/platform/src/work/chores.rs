//! Chores, which come round by the clock.

use std::time::Duration;

use chrono::TimeDelta;

use super::set_back;
use crate::app::{App, Shared, metrics, timekeeping};
use crate::change::Change;
use crate::companies::funnel;
use crate::credentials::holding;
use crate::credentials::vault::openings;
use crate::data::{files, pulling};
use crate::events::webhooks;
use crate::transfer::backup;
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
    let mut round = Round { app, failed: None };
    round.does("time", timekeeping::keep(app)).await;
    round.does("clock", set_back::end_pauses(app)).await;
    credentials::store_left(app).await;
    let renewals = credentials::refresh_expiring(app);
    round.does("renewals", renewals).await;
    let epoch = credentials::count_epoch(app, false);
    round.does("epoch", epoch).await;
    let warnings = credentials::tell_of_endings(app);
    round.does("warnings", warnings).await;
    let endings = credentials::end_what_is_over(app);
    round.does("endings", endings).await;
    let stranded = holding::sharing::end_stranded(app);
    round.does("shared grants", stranded).await;
    let links = connecting::record_interrupted(app, EXCHANGE);
    round.does("interrupted links", links).await;
    let unconfirmed = connecting::end_unconfirmed(app);
    round.does("confirmations", unconfirmed).await;
    let choices = connecting::forget_unanswered(app);
    round.does("choices", choices).await;
    let days = app.client_limits.renew_due();
    round.does("days of limits", days).await;
    let minutes = app.client_limits.forget_minutes();
    round.does("minutes", minutes).await;
    round
        .does("platform limits", app.platform_limits.tidy())
        .await;
    round.does("schedule", pulling::queue_due(app)).await;
    round.does("settings", pulling::look_over(app)).await;
    round.does("left links", funnel::end_left(app)).await;
    round.does("links", sweep_links(app)).await;
    round.does("funnel", funnel::add_up(app)).await;
    round.does("cut-off uploads", files::sweep(app)).await;
    round.does("reads", consents::reads::flush(app)).await;
    round.does("openings", openings::flush(app)).await;
    let days = openings::close_days(app);
    round.does("days of openings", days).await;
    let days = consents::reads::close_days(app);
    round.does("days of reads", days).await;
    let retention = consents::retention::enforce(app);
    round.does("retention", retention).await;
    round.does("webhooks", webhooks::chores(app)).await;
    round.does("figures", measure_queue(app)).await;
    round.failed.map_or(Ok(()), Err)
}

/// A round, with its first failure.
struct Round<'a> {
    app: &'a App,
    failed: Option<StoreError>,
}

impl Round<'_> {
    /// Does a chore, unless the program is to stop or the database is away: then the others could only wait for it in vain.
    async fn does<T>(&mut self, chore: &str, work: impl Future<Output = Result<T, StoreError>>) {
        let is_away = matches!(self.failed, Some(StoreError::Unavailable(_)));
        if is_away || self.app.is_stopping() {
            return;
        }
        if let Err(error) = work.await {
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
    let backup = backup::last(&app.db).await?.and_then(|last| last.made);
    let made = backup.map_or(0, |made| made.timestamp());
    app.metrics.last_backup_timestamp_seconds.set(made);
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
