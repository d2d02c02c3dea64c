//! Refreshing data, and its progress: pull operations and data status.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use connectors::DataType;
use http::StatusCode;
use serde::Deserialize;

use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::around::tenancy::{OwnCompany, load_connection};
use crate::wire::dataset::{DataStatus, PullOperation};
use crate::{AppState, around::path_id, resources::companies};
use store::clock::new_id;
use store::model::{ConnectionId, DatasetId, DatasetStatus, SourceType};

use platform::data::pulling::{self, Cause};
use store::connections::Connection;
use store::datasets as rows;

/// Queues every type that is fetched on first link, on every Linked connection; what runs already is left to run.
pub(crate) async fn refresh_all(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
) -> Result<StatusCode, ApiError> {
    let linked = companies::linked(&app, company.id).await?;
    let batch = new_id(app.clock.now());
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, company.id).await?;
    for connection in &linked {
        let Some(integration) = app.catalogue.get(&connection.integration_key) else {
            continue;
        };
        pulling::queue_all_of(
            &app,
            &mut tx,
            connection,
            integration,
            Cause::Request,
            batch,
        )
        .await?;
    }
    tx.commit().await?;
    app.work.notify_one();
    app.live.wake(company.id);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(crate) struct OnConnection {
    #[serde(rename = "connectionId")]
    connection_id: Option<String>,
}

/// Queues one type on the Linked connections of its kind, or on the one that is named; answers with the first's operation.
pub(crate) async fn refresh_one(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
    Path((_, name)): Path<(String, String)>,
    Query(on): Query<OnConnection>,
) -> Result<Json<PullOperation>, ApiError> {
    let data_type: DataType = name.parse().map_err(|_| {
        let valid = DataType::ALL.iter().map(|known| known.as_str());
        ApiError::unknown("dataType", "data type", &name, valid)
    })?;
    let mut linked = companies::linked(&app, company.id).await?;
    match &on.connection_id {
        Some(id) => {
            let id: ConnectionId = path_id("connectionId", id)?;
            linked.retain(|connection| connection.id == id);
            if linked.is_empty() {
                let known = load_connection(&app, company.client_id, company.id, id).await?;
                return Err(ApiError::bad_request(format!(
                    "Only a Linked connection can be refreshed; this one is {}.",
                    known.status
                ))
                .of("PullApi"));
            }
        }
        None => linked.retain(|connection| kind_of(connection, data_type)),
    }
    if linked.is_empty() {
        return Err(ApiError::bad_request(format!(
            "The company has no Linked connection of the kind that has {data_type}; connect one first."
        ))
        .of("PullApi"));
    }
    let batch = new_id(app.clock.now());
    let mut first = None;
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, company.id).await?;
    for connection in &linked {
        let Some(integration) = app.catalogue.get(&connection.integration_key) else {
            continue;
        };
        let queued = pulling::queue(
            &app,
            &mut tx,
            connection,
            integration,
            data_type,
            Cause::Request,
            batch,
        )
        .await?;
        first.get_or_insert(queued);
    }
    tx.commit().await?;
    app.work.notify_one();
    app.live.wake(company.id);
    let first = first.ok_or_else(|| {
        ApiError::bad_request("The integration of this connection is no longer installed; its data can be read, but not refreshed.").of("PullApi")
    })?;
    Ok(Json(first.into()))
}

fn kind_of(connection: &Connection, data_type: DataType) -> bool {
    connection.source_type.as_str() == data_type.source_type().as_str()
        && connection.source_type != SourceType::Unknown
}

pub(crate) async fn history(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
    paging: Paging,
) -> Result<Json<Envelope<PullOperation>>, ApiError> {
    let filter = paging.filter(&rows::SCHEMA)?;
    let order = paging.order(&rows::SCHEMA)?;
    let slice = rows::list(&app.db, company.id, paging.wanted(&filter, &order)).await?;
    Ok(Json(paging.envelope(
        slice.rows.into_iter().map(PullOperation::from).collect(),
        slice.total,
    )))
}

pub(crate) async fn get(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
    Path((_, dataset)): Path<(String, String)>,
) -> Result<Json<PullOperation>, ApiError> {
    let dataset: DatasetId = path_id("datasetId", &dataset)?;
    let found = rows::get(&app.db, company.id, dataset).await?;
    let found = found.ok_or_else(|| {
        ApiError::not_found(format!("No pull operation was found with ID {dataset}")).of("PullApi")
    })?;
    Ok(Json(found.into()))
}

/// By data type; types that were never requested are absent.
pub(crate) async fn status(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
) -> Result<Json<BTreeMap<String, DataStatus>>, ApiError> {
    let newest = rows::newest(&app.db, company.id).await?;
    let mut statuses = BTreeMap::new();
    for dataset in &newest {
        // The contract lists its own data types only.
        let own = dataset.data_type.parse::<DataType>().is_err();
        if own || statuses.contains_key(&dataset.data_type) {
            continue;
        }
        let same = || {
            newest
                .iter()
                .filter(|other| other.data_type == dataset.data_type)
        };
        let success = same().find(|other| other.status == DatasetStatus::Complete);
        statuses.insert(dataset.data_type.clone(), DataStatus::new(dataset, success));
    }
    Ok(Json(statuses))
}
