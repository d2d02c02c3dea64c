//! Pull one dataset.

use super::{JobOutcome, Run};
use crate::app::App;
use crate::data::pulling;
use store::StoreError;
use store::jobs::Job;
use store::model::DatasetId;

pub(super) async fn run(app: &App, job: &Job, run: &Run) -> anyhow::Result<JobOutcome> {
    Ok(pulling::run(app, DatasetId(job.subject), run).await?)
}

pub(super) async fn give_up(app: &App, job: &Job) -> Result<(), StoreError> {
    let message = "Moorline could not go on with this pull; its log says why.";
    pulling::give_up(app, DatasetId(job.subject), message).await
}
