//! Batches of pulls: reported when the last of them has ended, and what an access that ends takes with it.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Event;
use super::change::Change;
use store::StoreError;
use store::connections::Connection;
use store::model::DatasetStatus;

/// Ends every pull that runs for a connection, because its access came to an end, and reports the batches that end with them.
/// The caller holds the company's lock.
pub(crate) async fn stop(
    change: &mut Change<'_>,
    connection: &Connection,
    status: DatasetStatus,
    message: &str,
) -> Result<(), StoreError> {
    for batch in end_running(change, connection, status, message).await? {
        announce(change, batch).await?;
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

/// Reports a batch, once, when the last of it has ended. The caller holds the company's lock: two that end at once must not
/// both see the other unfinished.
pub(crate) async fn announce(change: &mut Change<'_>, batch: Uuid) -> Result<(), StoreError> {
    let batch = store::datasets::of_batch(change, batch).await?;
    if batch.iter().all(|dataset| dataset.completed.is_some()) {
        change.event(Event::Batch(&batch)).await?;
    }
    Ok(())
}
