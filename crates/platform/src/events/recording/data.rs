//! Events of data: pulled, held back, deleted, written.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{event, event_at, record};
use crate::events::payload;
use store::connections::Connection;
use store::datasets::Dataset;
use store::events::NewEvent;
use store::model::{Actor, ConnectionId, DatasetStatus, EventType};
use store::{StoreError, Tx};

/// Records that pulling a data type waits until `next_attempt`.
pub(in crate::events) async fn sync_paused(
    tx: &mut Tx,
    connection: &Connection,
    data_type: &str,
    reason: &str,
    next_attempt: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut payload = payload::connection(tx, connection).await?;
    payload["dataType"] = json!(data_type);
    payload["reason"] = json!(reason);
    payload["nextAttempt"] = json!(next_attempt);
    let kind = EventType::SyncPaused;
    let new = NewEvent {
        reason: Some(reason.to_owned()),
        ..event_at(connection, kind, &payload, Actor::Platform, now)
    };
    record(tx, new).await
}

/// Records that data pulled through a connection will be deleted, or was.
pub(in crate::events) async fn of_data(
    tx: &mut Tx,
    connection: &Connection,
    kind: EventType,
    expires: DateTime<Utc>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut payload = payload::connection(tx, connection).await?;
    payload["expiryDate"] = json!(expires);
    payload["reason"] = json!(reason);
    let new = NewEvent {
        reason: Some(reason.to_owned()),
        ..event_at(connection, kind, &payload, Actor::Moorline, now)
    };
    record(tx, new).await
}

/// A write to a platform that has ended.
pub struct Write<'a> {
    /// The push operation's key.
    pub id: Uuid,
    /// `Create`, `Update`, `Delete` or `UploadAttachment`.
    pub change: &'a str,
    pub data_type: &'a str,
    pub requested: DateTime<Utc>,
    pub completed: Option<DateTime<Utc>>,
    /// `Success`, `Failed` or `TimedOut` (or `Pending`, while it is not known).
    pub status: &'a str,
    /// The record at the platform.
    pub record: Option<&'a str>,
    pub attachment: Option<&'a str>,
}

/// Records the end of a write: `{dataType}.write.successful` if its status is `Success`, else `.unsuccessful`.
pub(in crate::events) async fn of_write(
    tx: &mut Tx,
    connection: &Connection,
    write: &Write<'_>,
    actor: Actor,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let kind = match write.status {
        "Success" => EventType::WriteSuccessful,
        _ => EventType::WriteUnsuccessful,
    };
    let payload = json!({
        "id": write.id,
        "type": write.change,
        "referenceCompany": payload::reference(tx, connection.company_id).await?,
        "connectionId": connection.id,
        "requestedOnDate": write.requested,
        "completedOnDate": write.completed,
        "status": write.status,
        "record": write.record.map(|id| json!({ "id": id })),
        "attachmentId": write.attachment,
    });
    let new = NewEvent {
        data_type: Some(write.data_type.to_owned()),
        reason: reason.map(str::to_owned),
        ..event_at(connection, kind, &payload, actor, now)
    };
    record(tx, new).await
}

/// Records that all pulls which were queued together have ended: an event for each connection, since each has a history of
/// its own.
pub(in crate::events) async fn of_batch(
    tx: &mut Tx,
    datasets: &[Dataset],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut connections: Vec<ConnectionId> = datasets
        .iter()
        .map(|dataset| dataset.connection_id)
        .collect();
    connections.sort();
    connections.dedup();
    for connection in connections {
        let own: Vec<&Dataset> = datasets
            .iter()
            .filter(|dataset| dataset.connection_id == connection)
            .collect();
        of_connections_batch(tx, &own, now).await?;
    }
    Ok(())
}

/// The contract's `issues` of a pull: the results of its validation, whose details are at the path in `logs`.
async fn issues(tx: &mut Tx, dataset: &Dataset) -> Result<Vec<Value>, StoreError> {
    let (errors, warnings) = store::issues::tally_in(tx, dataset.id).await?;
    let data_type = &dataset.data_type;
    let logs = format!(
        "/companies/{}/sync/{}/validation",
        dataset.company_id, dataset.id
    );
    let of = |kind: &str, number: i64, words: &str| {
        (number > 0).then(|| {
            json!({
                "type": kind,
                "message": format!("{words} in {data_type}: {number}."),
                "links": { "logs": logs },
            })
        })
    };
    Ok([
        of("error.validation", errors, "Records that could not be used"),
        of(
            "warning.validation",
            warnings,
            "Values that don't look right",
        ),
    ]
    .into_iter()
    .flatten()
    .collect())
}

async fn of_connections_batch(
    tx: &mut Tx,
    datasets: &[&Dataset],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(first) = datasets.first() else {
        return Ok(());
    };
    let mut data_types = Vec::with_capacity(datasets.len());
    for dataset in datasets {
        data_types.push(json!({
            "connectionId": dataset.connection_id,
            "dataType": dataset.data_type,
            // The contract's first read after an authorisation reports no modification.
            "recordsModified": !dataset.initial && dataset.modified > 0,
            "status": dataset.status,
            "issues": issues(tx, dataset).await?,
        }));
    }
    let failed = datasets
        .iter()
        .filter(|dataset| dataset.status.is_error() || dataset.status == DatasetStatus::Cancelled)
        .count();
    let reason = match (failed, datasets.len()) {
        (0, 1) => "One data type was read.".to_owned(),
        (0, all) => format!("{all} data types were read."),
        (_, 1) => format!("{} could not be read.", first.data_type),
        (failed, all) => format!("{failed} of {all} data types could not be read."),
    };
    // If each pull fetched only changes since some time, the earliest of those times.
    let since = datasets
        .iter()
        .map(|dataset| dataset.since)
        .collect::<Option<Vec<_>>>()
        .and_then(|times| times.into_iter().min());
    let payload = json!({
        "referenceCompany": payload::reference(tx, first.company_id).await?,
        "modifiedFromDate": since,
        "dataTypes": data_types,
    });
    let kind = if first.initial {
        EventType::ReadCompletedInitial
    } else {
        EventType::ReadCompleted
    };
    let new = NewEvent {
        company_id: Some(first.company_id),
        connection_id: Some(first.connection_id),
        reason: Some(reason),
        ..event(first.client_id, kind, &payload, Actor::Moorline, now)
    };
    record(tx, new).await
}
