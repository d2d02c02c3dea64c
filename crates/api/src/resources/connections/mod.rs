//! `/companies/{companyId}/connections`.

pub mod authorization;
pub mod management;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::companies;
use crate::around::auth::{Client, ForCompany};
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::wire::connection::{Connection, shape, shape_one};
use crate::{AppState, around::path_id};
use platform::connecting;
use store::connections as rows;
use store::model::{Actor, ClientId, CompanyId, ConnectionId};

pub(crate) async fn list(
    State(app): State<AppState>,
    caller: ForCompany,
    paging: Paging,
) -> Result<Json<Envelope<Connection>>, ApiError> {
    companies::find(&app, caller.client, caller.company).await?;
    let filter = paging.filter(&rows::SCHEMA)?;
    let order = paging.order(&rows::SCHEMA)?;
    let slice = rows::list(&app.db, caller.company, paging.wanted(&filter, &order)).await?;
    Ok(Json(
        paging.envelope(shape(&app, slice.rows).await?, slice.total),
    ))
}

pub(crate) async fn create(
    State(app): State<AppState>,
    client: Client,
    Path(company): Path<String>,
    Body(body): Body<Value>,
) -> Result<Json<Connection>, ApiError> {
    let company: CompanyId = path_id("companyId", &company)?;
    companies::find(&app, client.id, company).await?;
    // Older clients send the bare key as a JSON string.
    let key = match &body {
        Value::String(key) => Some(key.as_str()),
        other => other.get("platformKey").and_then(Value::as_str),
    };
    let key = key.filter(|key| !key.is_empty()).ok_or_else(|| {
        ApiError::bad_request("Push object DataConnectionArgs must be provided").of("ClientsApi")
    })?;
    let connection = connecting::create(&app, client.id, company, key, Actor::Client).await?;
    Ok(Json(shape_one(&app, connection).await?))
}

pub(crate) async fn get(
    State(app): State<AppState>,
    caller: ForCompany,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Connection>, ApiError> {
    let connection = find(
        &app,
        caller.client,
        caller.company,
        path_id("connectionId", &id)?,
    )
    .await?;
    Ok(Json(shape_one(&app, connection).await?))
}

#[derive(Deserialize)]
pub(crate) struct StatusIn {
    status: Option<String>,
}

/// PATCH: the one status that can be asked for is Unlinked.
pub(crate) async fn update(
    State(app): State<AppState>,
    caller: ForCompany,
    Path((_, id)): Path<(String, String)>,
    Body(body): Body<StatusIn>,
) -> Result<Json<Connection>, ApiError> {
    let connection = find(
        &app,
        caller.client,
        caller.company,
        path_id("connectionId", &id)?,
    )
    .await?;
    match body.status.as_deref() {
        Some("Unlinked") => {}
        Some(_) => {
            return Err(ApiError::invalid(
                "status",
                "The only status that can be set is Unlinked.",
            ));
        }
        None => {
            return Err(ApiError::invalid(
                "status",
                "A status is required: Unlinked.",
            ));
        }
    }
    let unlinked = connecting::unlink(&app, &connection, caller.actor, None).await?;
    Ok(Json(shape_one(&app, unlinked).await?))
}

pub(crate) async fn delete(
    State(app): State<AppState>,
    client: Client,
    Path((company, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let company = path_id("companyId", &company)?;
    let connection = find(&app, client.id, company, path_id("connectionId", &id)?).await?;
    connecting::delete(&app, &connection, Actor::Client).await?;
    Ok(StatusCode::OK)
}

pub(crate) async fn find(
    app: &AppState,
    client: ClientId,
    company: CompanyId,
    id: ConnectionId,
) -> Result<rows::Connection, ApiError> {
    match rows::get(&app.db, client, company, id).await? {
        Some(connection) => Ok(connection),
        None => {
            companies::find(app, client, company).await?;
            Err(ApiError::no_connection(id))
        }
    }
}
