//! Health, readiness and metrics, for the operator's machines.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde_json::json;

use crate::AppState;
use crate::around::errors::not_ready;

/// The process answers.
pub(crate) async fn health() -> Response {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })).into_response()
}

/// The process can work: its database answers, and it isn't about to stop.
pub(crate) async fn ready(State(app): State<AppState>) -> Response {
    if *app.stop.borrow() {
        return not_ready("stopping");
    }
    match app.db.ping().await {
        Ok(()) => Json(json!({ "status": "ready", "database": app.db.engine() })).into_response(),
        Err(error) => {
            tracing::error!(%error, "not ready");
            not_ready("database unavailable")
        }
    }
}

pub(crate) async fn metrics(State(app): State<AppState>) -> Response {
    (
        [(
            CONTENT_TYPE,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        )],
        app.metrics.text(),
    )
        .into_response()
}
