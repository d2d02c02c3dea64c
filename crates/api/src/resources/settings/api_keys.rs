//! `/apiKeys`.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;

use crate::around::auth::Client;
use crate::around::body::OptionalBody;
use crate::around::errors::ApiError;
use crate::wire::api_key::{ApiKey, ApiKeyIn, ApiKeys};
use crate::{AppState, around::path_id};
use store::clients;

pub(crate) async fn list(
    State(app): State<AppState>,
    client: Client,
) -> Result<Json<ApiKeys>, ApiError> {
    let keys = clients::keys(&app.db, client.id).await?;
    Ok(Json(ApiKeys {
        results: keys.into_iter().map(ApiKey::known).collect(),
    }))
}

pub(crate) async fn create(
    State(app): State<AppState>,
    client: Client,
    OptionalBody(body): OptionalBody<ApiKeyIn>,
) -> Result<(StatusCode, Json<ApiKey>), ApiError> {
    let name = body.and_then(|body| body.name);
    let name = name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let (key, text) = platform::companies::clients::create_key(&app, client.id, name).await?;
    Ok((StatusCode::CREATED, Json(ApiKey::fresh(key, text))))
}

/// Any of the client's own, the one that asks and the last one included.
pub(crate) async fn delete(
    State(app): State<AppState>,
    client: Client,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id = path_id("apiKeyId", &id)?;
    if platform::companies::clients::delete_key(&app, client.id, id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found(format!(
            "No API key was found with ID {id}"
        )))
    }
}
