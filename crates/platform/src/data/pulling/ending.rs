//! The end of a pull, and of its batch.

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::change::Change;
use crate::events::Event;
use store::connections::Connection;
use store::datasets::Dataset;
use store::model::{Actor, DatasetId, DatasetStatus};
use store::{StoreError, Tx};

/// Ends every pull that runs for a connection, because it was disconnected.
pub(crate) async fn stop(
    tx: &mut Tx,
    connection: &Connection,
    message: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    store::datasets::end_running(tx, connection.id, DatasetStatus::Cancelled, message, now).await?;
    Ok(())
}

/// Ends a dataset without success.
pub(super) async fn end(
    app: &App,
    mut dataset: Dataset,
    status: DatasetStatus,
    message: Option<String>,
) -> Result<(), StoreError> {
    tracing::warn!(dataset = %dataset.id, connection = %dataset.connection_id, data_type = dataset.data_type, %status, message, "dataset ended");
    let mut change = Change::of_company(app, dataset.company_id, Actor::Moorline).await?;
    dataset.status = status;
    dataset.status_description = None;
    dataset.error_message = message;
    dataset.completed = Some(change.now);
    if store::datasets::update(&mut change, &dataset).await? {
        announce_batch(&mut change, &dataset).await?;
    }
    change.commit().await
}

/// Ends a dataset whose job failed, again and again, in a way that the program doesn't handle.
pub(crate) async fn give_up(app: &App, id: DatasetId, message: &str) -> Result<(), StoreError> {
    match store::datasets::find(&app.db, id).await? {
        Some(dataset) if dataset.completed.is_none() => {
            let status = DatasetStatus::InternalError;
            end(app, dataset, status, Some(message.to_owned())).await
        }
        _ => Ok(()),
    }
}

/// Reports a batch, once, when the last of it has ended. The caller holds the company's lock: two that end at once must not
/// both see the other unfinished.
pub(super) async fn announce_batch(
    change: &mut Change<'_>,
    dataset: &Dataset,
) -> Result<(), StoreError> {
    let batch = store::datasets::of_batch(change, dataset.batch_id).await?;
    if batch.iter().all(|dataset| dataset.completed.is_some()) {
        change.event(Event::Batch(&batch)).await?;
    }
    Ok(())
}
