//! Health, readiness and metrics, for the operator's machines.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde_json::json;

use crate::AppState;
use crate::around::errors::not_ready;
use platform::app::readiness::Unready;
use platform::app::timekeeping::wrong_clock;

/// The process answers.
pub(crate) async fn health() -> Response {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })).into_response()
}

/// The process can work: its database takes writes, and it isn't about to stop.
pub(crate) async fn ready(State(app): State<AppState>) -> Response {
    if *app.stop.borrow() {
        return not_ready("stopping");
    }
    match app.readiness.of(&app.db).await {
        Ok(()) => {
            let mut answer = json!({ "status": "ready", "database": app.db.engine() });
            if let Some(words) = wrong_clock() {
                answer["clock"] = words.into();
            }
            Json(answer).into_response()
        }
        Err(Unready::Full) => not_ready("disk full"),
        Err(Unready::Unavailable) => not_ready("database unavailable"),
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
