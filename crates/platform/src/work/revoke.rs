//! Give a grant back at its platform, or end the access to one business there.

use super::JobOutcome;
use crate::app::App;
use crate::credentials::{self, Attempt};
use store::jobs::Job;

pub(super) async fn run(app: &App, job: &Job) -> anyhow::Result<JobOutcome> {
    let Some(grant) = credentials::grant_of(app, job).await? else {
        return Ok(JobOutcome::Done);
    };
    // A lost lease must not end it between the platform's answer to a renewal and the storing of that answer.
    let attempt = app.detach(async move |app| credentials::give_back(&app, grant).await);
    Ok(match attempt.await? {
        Attempt::Over => JobOutcome::Done,
        Attempt::Again { at, reason } => JobOutcome::Again {
            at,
            // The grant's row counts its attempts, and says when they end.
            fresh: true,
            reason,
        },
    })
}

/// Ends the access to one business while others go on sharing the grant.
pub(super) async fn take_out(app: &App, job: &Job) -> anyhow::Result<JobOutcome> {
    let own = job.clone();
    // As above: it may be renewed for this.
    let attempt = app.detach(async move |app| credentials::take_out(&app, &own).await);
    Ok(match attempt.await? {
        Attempt::Over => JobOutcome::Done,
        Attempt::Again { at, reason } => JobOutcome::Again {
            at,
            fresh: false,
            reason,
        },
    })
}
