//! JSON bodies, refused in words where they can't be read.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use super::errors::ApiError;

/// A JSON body of the shape that the operation takes.
pub struct Body<T>(pub T);

/// The same where the operation also works without a body.
pub struct OptionalBody<T>(pub Option<T>);

impl<T: DeserializeOwned, S: Sync + Send> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match OptionalBody::from_request(request, state).await? {
            OptionalBody(Some(body)) => Ok(Self(body)),
            OptionalBody(None) => Err(ApiError::invalid("body", "A JSON body is required.")),
        }
    }
}

impl<T: DeserializeOwned, S: Sync + Send> FromRequest<S> for OptionalBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let kind = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_ascii_lowercase);
        let bytes = Bytes::from_request(request, state).await.map_err(|error| {
            match error.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "The body is larger than this operation takes.",
                ),
                _ => ApiError::bad_request("The body could not be read to its end."),
            }
        })?;
        let is_json = |kind: &str| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
        };
        match kind.as_deref() {
            Some(kind) if !is_json(kind) => {
                return Err(ApiError::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "The body must be JSON, with Content-Type: application/json.",
                ));
            }
            _ => {}
        }
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        serde_json::from_slice(&bytes)
            .map(|body| Self(Some(body)))
            .map_err(|error| ApiError::invalid("body", format!("The body can't be used: {error}.")))
    }
}

use axum::response::IntoResponse;
