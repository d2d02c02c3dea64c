//! What happened, written through the caller's transaction.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::model::{Actor, ConnectionId, ConnectionStatus, EventType};
use crate::store::companies::Company;
use crate::store::connections::Connection;
use crate::store::datasets::Dataset;
use crate::store::events::{NewEvent, insert};
use crate::store::{StoreError, Tx};

/// Records something that happened to a company itself.
pub async fn of_company(
    tx: &mut Tx,
    company: &Company,
    kind: EventType,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = json!({
        "id": company.id, "name": company.name, "description": company.description, "created": company.created,
    });
    insert(
        tx,
        &NewEvent {
            client_id: company.client_id,
            company_id: company.id,
            connection_id: None,
            kind,
            occurred: now,
            actor,
            reason: None,
            from_status: None,
            to_status: None,
            payload: payload.to_string(),
        },
    )
    .await
}

/// Records something that happened to a connection. `from` is its status before; `connection.status` the one after.
pub async fn of_connection(
    tx: &mut Tx,
    connection: &Connection,
    kind: EventType,
    from: Option<ConnectionStatus>,
    actor: Actor,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = json!({
        "referenceCompany": { "id": connection.company_id },
        "connection": {
            "id": connection.id,
            "integrationId": connection.integration_id,
            "integrationKey": connection.integration_key,
            "sourceId": connection.source_id,
            "sourceType": connection.source_type,
            "platformName": connection.platform_name,
            "status": connection.status,
            "created": connection.created,
        },
    });
    insert(
        tx,
        &NewEvent {
            client_id: connection.client_id,
            company_id: connection.company_id,
            connection_id: Some(connection.id),
            kind,
            occurred: now,
            actor,
            reason: reason.map(str::to_owned),
            from_status: from,
            to_status: Some(connection.status),
            payload: payload.to_string(),
        },
    )
    .await
}

/// Records that everything which was queued together has ended: an event for each connection, since each has a history of
/// its own.
pub async fn of_batch(
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

async fn of_connections_batch(
    tx: &mut Tx,
    datasets: &[&Dataset],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(first) = datasets.first() else {
        return Ok(());
    };
    let data_types: Vec<_> = datasets
        .iter()
        .map(|dataset| {
            json!({
                "connectionId": dataset.connection_id,
                "dataType": dataset.data_type,
                // The contract's first read after an authorisation reports no modification.
                "recordsModified": !dataset.initial && dataset.modified > 0,
                "status": dataset.status,
            })
        })
        .collect();
    let failed = datasets
        .iter()
        .filter(|dataset| dataset.status.is_error())
        .count();
    let reason = match (failed, datasets.len()) {
        (0, 1) => "One data type was read.".to_owned(),
        (0, all) => format!("{all} data types were read."),
        (_, 1) => format!("{} could not be read.", first.data_type),
        (failed, all) => format!("{failed} of {all} data types could not be read."),
    };
    let payload = json!({
        "referenceCompany": { "id": first.company_id },
        "dataTypes": data_types,
    });
    insert(
        tx,
        &NewEvent {
            client_id: first.client_id,
            company_id: first.company_id,
            connection_id: Some(first.connection_id),
            kind: if first.initial {
                EventType::ReadCompletedInitial
            } else {
                EventType::ReadCompleted
            },
            occurred: now,
            actor: Actor::Moorline,
            reason: Some(reason),
            from_status: None,
            to_status: None,
            payload: payload.to_string(),
        },
    )
    .await
}
