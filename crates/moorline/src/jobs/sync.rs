//! Pull one dataset.

use crate::app::App;
use crate::model::DatasetId;
use crate::store::StoreError;
use crate::store::jobs::Job;
use crate::sync::{self, Turn};

pub(super) async fn run(app: &App, job: &Job) -> anyhow::Result<Turn> {
    Ok(sync::run(app, DatasetId(job.subject), job.attempt).await?)
}

pub(super) async fn give_up(app: &App, job: &Job) -> Result<(), StoreError> {
    let message = "Moorline could not go on with this pull; its log says why.";
    sync::give_up(app, DatasetId(job.subject), message).await
}
