//! Write one record to a platform.

use super::JobOutcome;
use crate::app::App;
use crate::data::pushing::{self, PushError};
use store::StoreError;
use store::jobs::Job;
use store::model::PushId;

pub(super) async fn run(app: &App, job: &Job) -> anyhow::Result<JobOutcome> {
    let (id, attempt) = (PushId(job.subject), job.attempt);
    // A lost lease must not end it between the platform's answer and the storing of that answer.
    let run = app.detach(async move |app| pushing::run(&app, id, attempt).await);
    Ok(run.await?)
}

pub(super) async fn give_up(app: &App, job: &Job) -> Result<(), StoreError> {
    let message = "Moorline could not go on with this write; its log says why.";
    match pushing::give_up(app, PushId(job.subject), message).await {
        Err(PushError::Store(error)) => Err(error),
        _ => Ok(()),
    }
}
