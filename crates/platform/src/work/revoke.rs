//! Tell a platform that a grant is no longer wanted.

use std::time::Duration;

use crate::app::App;
use store::model::ConnectionId;

use crate::credentials::{self, TokenError};
use crate::data::pulling::Turn;
use store::jobs::Job;

/// About a day, with the pauses below.
const TRIES: i64 = 30;

pub(super) async fn run(app: &App, job: &Job) -> anyhow::Result<Turn> {
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
        Ok(()) => Ok(Turn::Done),
        Err(TokenError::Unavailable(error)) if job.attempt < TRIES => {
            let seconds = 2_u64.pow(u32::try_from(job.attempt).unwrap_or(1).min(12));
            Ok(Turn::Again {
                after: Duration::from_secs(seconds),
                fresh: false,
                reason: error.to_string(),
            })
        }
        Err(TokenError::Unavailable(error)) => {
            tracing::error!(connection = %job.subject, %error, "grant not revoked at the platform: it stayed unreachable");
            Ok(Turn::Done)
        }
        Err(error) => Err(error.into()),
    }
}
