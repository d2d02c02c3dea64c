//! `/profile/linking`. Ours: the contract doesn't have it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::AppState;
use crate::around::auth::Client;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use platform::companies::clients::{self, NotChanged};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Linking {
    /// True if a link takes effect only once the client has confirmed that its own signed-in user finished it.
    strict: bool,
}

pub(crate) async fn get(
    State(app): State<AppState>,
    client: Client,
) -> Result<Json<Linking>, ApiError> {
    let strict = store::clients::links_strictly(&app.db, client.id).await?;
    Ok(Json(Linking { strict }))
}

pub(crate) async fn replace(
    State(app): State<AppState>,
    client: Client,
    Body(body): Body<Linking>,
) -> Result<Json<Linking>, ApiError> {
    let set = clients::set_strict(&app, client.id, body.strict).await;
    set.map_err(|error| match error {
        NotChanged::NeedsPage => ApiError::invalid(
            "strict",
            "Strict linking needs a page of yours that the customer's browser is sent to: set redirectUrl with PUT /profile first.",
        ),
        other => other.into(),
    })?;
    Ok(Json(body))
}
