//! Revoke a grant at its platform.

use std::time::Duration;

use super::JobOutcome;
use crate::app::App;
use crate::credentials::{self, TokenError};
use store::jobs::Job;
use store::model::ConnectionId;

/// About a day, with the pauses below.
const ATTEMPTS: i64 = 30;

pub(super) async fn run(app: &App, job: &Job) -> anyhow::Result<JobOutcome> {
    let keep = async |payload: String| {
        let mut tx = app.db.write().await?;
        store::jobs::set_payload(&mut tx, job.id, &payload).await?;
        tx.commit().await
    };
    match credentials::revoke(app, ConnectionId(job.subject), &job.payload, keep).await {
        Ok(()) => Ok(JobOutcome::Done),
        Err(TokenError::Unavailable(error)) if job.attempt < ATTEMPTS => {
            let seconds = 2_u64.pow(u32::try_from(job.attempt).unwrap_or(1).min(12));
            Ok(JobOutcome::Again {
                after: Duration::from_secs(seconds),
                fresh: false,
                reason: error.to_string(),
            })
        }
        Err(TokenError::Unavailable(error)) => {
            tracing::error!(connection = %job.subject, %error, "grant not revoked at the platform: it stayed unreachable");
            Ok(JobOutcome::Done)
        }
        Err(error) => Err(error.into()),
    }
}
