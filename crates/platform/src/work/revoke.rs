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
    // A lost lease must not end it between the platform's answer to a renewal and the storing of that answer.
    let (id, connection, payload) = (job.id, ConnectionId(job.subject), job.payload.clone());
    let revocation = app.detach(async move |app| {
        let keep = async |payload: String| {
            let mut tx = app.db.write().await?;
            store::jobs::set_payload(&mut tx, id, &payload).await?;
            tx.commit().await
        };
        credentials::revoke(&app, connection, &payload, keep).await
    });
    match revocation.await {
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
