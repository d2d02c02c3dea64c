//! `/companies/{companyId}/connections`.

pub(crate) mod additional;
pub(crate) mod authorization;
pub(crate) mod confirmation;
pub(crate) mod disclosures;
pub(crate) mod funnel;
pub(crate) mod grants;
pub(crate) mod link;
pub(crate) mod machine;
pub(crate) mod management;
pub(crate) mod reconciliation;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::AppState;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::around::tenancy::{ForCompany, ForConnection, ForLink, OwnConnection};
use crate::wire::connection::{Connection, shape, shape_one};
use platform::connecting;
use store::connections as rows;
use store::model::Actor;

pub(crate) async fn list(
    State(app): State<AppState>,
    ForCompany(company): ForCompany,
    paging: Paging,
) -> Result<Json<Envelope<Connection>>, ApiError> {
    let filter = paging.filter(&rows::SCHEMA)?;
    let order = paging.order(&rows::SCHEMA)?;
    let slice = rows::list(&app.db, company.id, paging.wanted(&filter, &order)).await?;
    Ok(Json(
        paging.envelope(shape(&app, slice.rows).await?, slice.total),
    ))
}

pub(crate) async fn create(
    State(app): State<AppState>,
    ForLink { company, actor }: ForLink,
    Body(body): Body<Value>,
) -> Result<Json<Connection>, ApiError> {
    // Older clients send the bare key as a JSON string.
    let key = match &body {
        Value::String(key) => Some(key.as_str()),
        other => other.get("platformKey").and_then(Value::as_str),
    };
    let key = key.filter(|key| !key.is_empty()).ok_or_else(|| {
        ApiError::bad_request("Push object DataConnectionArgs must be provided").of("ClientsApi")
    })?;
    // A customer who chooses a platform again goes on with what was begun.
    let begun = match actor {
        Actor::Customer => connecting::begun(&app, company.id, key).await?,
        _ => None,
    };
    let connection = match begun {
        Some(begun) => begun,
        None => connecting::create(&app, company.client_id, company.id, key, actor).await?,
    };
    Ok(Json(shape_one(&app, connection).await?))
}

pub(crate) async fn get(
    State(app): State<AppState>,
    ForConnection { connection, .. }: ForConnection,
) -> Result<Json<Connection>, ApiError> {
    Ok(Json(shape_one(&app, connection).await?))
}

#[derive(Deserialize)]
pub(crate) struct StatusIn {
    status: Option<String>,
}

/// PATCH: a status can be set to Unlinked only.
pub(crate) async fn update(
    State(app): State<AppState>,
    ForConnection { connection, actor }: ForConnection,
    Body(body): Body<StatusIn>,
) -> Result<Json<Connection>, ApiError> {
    match body.status.as_deref() {
        Some("Unlinked") => {}
        Some(_) => {
            return Err(ApiError::invalid(
                "status",
                "A connection's status can be set to Unlinked only.",
            ));
        }
        None => {
            return Err(ApiError::invalid(
                "status",
                "status is required. Valid value: Unlinked.",
            ));
        }
    }
    let unlinked = connecting::unlink(&app, &connection, actor, None).await?;
    Ok(Json(shape_one(&app, unlinked).await?))
}

pub(crate) async fn delete(
    State(app): State<AppState>,
    OwnConnection(connection): OwnConnection,
) -> Result<StatusCode, ApiError> {
    connecting::delete(&app, &connection, Actor::Client).await?;
    Ok(StatusCode::OK)
}
