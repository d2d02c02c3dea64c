//! The end of a pull, and of its batch.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::app::App;
use crate::change::Change;
use crate::events::Event;
use crate::work::Run;
use store::StoreError;
use store::connections::Connection;
use store::datasets::Dataset;
use store::model::{Actor, DatasetId, DatasetStatus};

/// Ends every pull that runs for a connection, because its access came to an end, and reports the batches that end with them.
/// The caller holds the company's lock.
pub(crate) async fn stop(
    change: &mut Change<'_>,
    connection: &Connection,
    status: DatasetStatus,
    message: &str,
) -> Result<(), StoreError> {
    for batch in end_running(change, connection, status, message).await? {
        announce_batch(change, batch).await?;
    }
    Ok(())
}

/// Ends every pull that runs for a connection that is about to be deleted. The datasets go with it: a batch that others are still
/// a part of is reported without waiting for them, as far as it is this connection's.
pub(crate) async fn stop_for_good(
    change: &mut Change<'_>,
    connection: &Connection,
) -> Result<(), StoreError> {
    let message = "The connection was deleted.";
    for batch in end_running(change, connection, DatasetStatus::Cancelled, message).await? {
        let mut batch = store::datasets::of_batch(change, batch).await?;
        if batch.iter().any(|dataset| dataset.completed.is_none()) {
            batch.retain(|dataset| dataset.connection_id == connection.id);
        }
        change.event(Event::Batch(&batch)).await?;
    }
    Ok(())
}

/// Returns the batches that something ended of.
async fn end_running(
    change: &mut Change<'_>,
    connection: &Connection,
    status: DatasetStatus,
    message: &str,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let (id, now) = (connection.id, change.now);
    let ended = store::datasets::end_running(change, id, status, message, now).await?;
    let metrics = &change.app.metrics;
    for _ in &ended {
        metrics.count_outcome(
            &metrics.datasets,
            &connection.integration_key,
            status.as_str(),
        );
    }
    Ok(ended.iter().map(|dataset| dataset.batch_id).collect())
}

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
        announce_batch(&mut change, dataset.batch_id).await?;
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

/// Reports a batch, once, when the last of it has ended. The caller holds the company's lock: two that end at once must not
/// both see the other unfinished.
pub(super) async fn announce_batch(change: &mut Change<'_>, batch: Uuid) -> Result<(), StoreError> {
    let batch = store::datasets::of_batch(change, batch).await?;
    if batch.iter().all(|dataset| dataset.completed.is_some()) {
        change.event(Event::Batch(&batch)).await?;
    }
    Ok(())
}
