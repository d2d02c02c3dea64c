//! Look whether connections need their customers' consent anew.

use super::JobOutcome;
use crate::app::App;
use crate::disclosure;
use store::jobs::Job;

pub(super) async fn run(app: &App, job: &Job) -> anyhow::Result<JobOutcome> {
    disclosure::reconsider(app, job.subject, &job.payload).await?;
    Ok(JobOutcome::Done)
}
