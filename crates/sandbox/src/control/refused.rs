//! The control API's errors.

use std::io;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

/// An error of the control API: a status and a sentence.
#[derive(Debug)]
pub(crate) struct Refused(pub(super) StatusCode, pub(super) String);

impl Refused {
    pub(crate) fn text(&self) -> &str {
        &self.1
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        tracing::error!(%error, "saving the state failed");
        Self(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the state file can't be written".into(),
        )
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

pub(super) fn unprocessable(text: impl Into<String>) -> Refused {
    Refused(StatusCode::UNPROCESSABLE_ENTITY, text.into())
}

pub(super) fn unknown(noun: &str) -> Refused {
    Refused(StatusCode::NOT_FOUND, format!("there is no such {noun}"))
}
