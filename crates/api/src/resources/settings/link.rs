//! `/profile/link`: a client's settings of Link (ours, beyond the contract).

use axum::Json;
use axum::extract::State;

use crate::AppState;
use crate::around::auth::Client;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use platform::companies::link::{self, Settings};

pub(crate) async fn get(
    State(app): State<AppState>,
    client: Client,
) -> Result<Json<Settings>, ApiError> {
    Ok(Json(link::of_client(&app, client.id).await?))
}

/// PUT sets everything: what is left out is unset.
pub(crate) async fn replace(
    State(app): State<AppState>,
    client: Client,
    Body(body): Body<Settings>,
) -> Result<Json<Settings>, ApiError> {
    link::set(&app, client.id, &body).await?;
    Ok(Json(body))
}
