//! `/companies/{companyId}/connections/{connectionId}/reconciliation` (ours, beyond the contract).

use axum::Json;
use axum::extract::State;

use crate::AppState;
use crate::around::errors::ApiError;
use crate::around::tenancy::OwnConnection;
use platform::data::reconciliation::{self, Reconciliation};

pub(crate) async fn get(
    State(app): State<AppState>,
    OwnConnection(connection): OwnConnection,
) -> Result<Json<Reconciliation>, ApiError> {
    let made = reconciliation::of(&app, &connection).await?;
    Ok(Json(Reconciliation::clone(&made)))
}
