//! The end of a pull.

use crate::app::App;
use crate::change::Change;
use crate::events::batches;
use crate::work::Run;
use store::StoreError;
use store::datasets::Dataset;
use store::model::{Actor, DatasetId, DatasetStatus};

/// Ends a dataset without success, and with it the job whose run this is. False if it was ended from outside meanwhile, or deleted,
/// or the run has lost its lease.
pub(super) async fn end(
    app: &App,
    mut dataset: Dataset,
    status: DatasetStatus,
    message: Option<String>,
    run: Option<&Run>,
) -> Result<bool, StoreError> {
    let mut change = Change::of_company(app, dataset.company_id, Actor::Moorline).await?;
    dataset.status = status;
    dataset.status_description = None;
    dataset.error_message = message;
    dataset.completed = Some(change.now);
    let ended = store::datasets::update(&mut change, &dataset).await?;
    if ended {
        batches::announce(&mut change, dataset.batch_id).await?;
    }
    if let Some(run) = run
        && !run.finish(&mut change).await?
    {
        return Ok(false);
    }
    change.commit().await?;
    if ended {
        let message = dataset.error_message.as_deref();
        tracing::warn!(dataset = %dataset.id, connection = %dataset.connection_id, data_type = dataset.data_type, %status, message, "dataset ended");
    }
    Ok(ended)
}

/// Ends a dataset whose job failed, again and again, in a way that the program doesn't handle.
pub(crate) async fn give_up(app: &App, id: DatasetId, message: &str) -> Result<(), StoreError> {
    match store::datasets::find(&app.db, id).await? {
        Some(dataset) if dataset.completed.is_none() => {
            let status = DatasetStatus::InternalError;
            end(app, dataset, status, Some(message.to_owned()), None).await?;
            Ok(())
        }
        _ => Ok(()),
    }
}
