//! Write one record to a platform.

use crate::app::App;
use crate::model::PushId;
use crate::pushing::{self, PushError};
use crate::store::StoreError;
use crate::store::jobs::Job;
use crate::sync::Turn;

pub(super) async fn run(app: &App, job: &Job) -> anyhow::Result<Turn> {
    Ok(pushing::run(app, PushId(job.subject), job.attempt).await?)
}

pub(super) async fn give_up(app: &App, job: &Job) -> Result<(), StoreError> {
    let message = "Moorline could not go on with this write; its log says why.";
    match pushing::give_up(app, PushId(job.subject), message).await {
        Err(PushError::Store(error)) => Err(error),
        _ => Ok(()),
    }
}
