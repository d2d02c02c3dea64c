//! Refreshing data, and its progress: pull operations and data status.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use connectors::DataType;
use http::StatusCode;
use serde::Deserialize;

use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::around::tenancy::OwnCompany;
use crate::wire::dataset::{DataStatus, PullOperation};
use crate::{AppState, around::path_id};
use platform::data::pulling;
use store::connections;
use store::datasets as rows;
use store::model::{ConnectionId, DatasetId, DatasetStatus};

/// Queues every type that is fetched on first link, on every Linked connection; pulls that run already are left to run.
pub(crate) async fn refresh_all(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
) -> Result<StatusCode, ApiError> {
    pulling::refresh_all(&app, company.client_id, company.id).await?;
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
    let named: Option<ConnectionId> = match &on.connection_id {
        Some(id) => Some(path_id("connectionId", id)?),
        None => None,
    };
    let first = pulling::refresh_one(&app, company.client_id, company.id, data_type, named).await?;
    Ok(Json(first.into()))
}

/// The same for the company's details, as clients call it that are older than `queue`.
pub(crate) async fn refresh_info(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
) -> Result<Json<PullOperation>, ApiError> {
    let (client, id) = (company.client_id, company.id);
    let first = pulling::refresh_one(&app, client, id, DataType::Company, None).await?;
    Ok(Json(first.into()))
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

/// By data type, with those that were never requested.
pub(crate) async fn status(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
) -> Result<Json<BTreeMap<&'static str, DataStatus>>, ApiError> {
    let newest = rows::newest(&app.db, company.id).await?;
    let connections = connections::of_companies(&app.db, &[company.id]).await?;
    let platform_of = |dataset: &rows::Dataset| {
        let mut all = connections.iter();
        let found = all.find(|connection| connection.id == dataset.connection_id);
        found.map(|connection| connection.platform_name.as_str())
    };
    // The contract lists its own data types only.
    let statuses = DataType::ALL.iter().map(|data_type| {
        let of_type = |dataset: &&rows::Dataset| dataset.data_type == data_type.as_str();
        let mut success = newest.iter().filter(of_type);
        let success = success.find(|dataset| dataset.status == DatasetStatus::Complete);
        let status = match newest.iter().find(of_type) {
            Some(latest) => DataStatus::new(*data_type, latest, success, platform_of(latest)),
            None => DataStatus::never_requested(*data_type),
        };
        (data_type.as_str(), status)
    });
    Ok(Json(statuses.collect()))
}
