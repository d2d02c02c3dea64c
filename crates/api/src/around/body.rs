//! JSON bodies, and the refusal of those that can't be used.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use super::errors::ApiError;

/// A JSON body of the shape that the operation takes.
pub(crate) struct Body<T>(pub T);

/// The same for an operation that also works without a body.
pub(crate) struct OptionalBody<T>(pub Option<T>);

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
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(ApiError::unread_body)?;
        let is_json = |kind: &str| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
        };
        match kind.as_deref() {
            Some(kind) if !is_json(kind) => {
                return Err(ApiError::not_json());
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
