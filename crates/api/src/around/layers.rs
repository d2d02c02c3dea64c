//! Layers around every request: its correlation id, its log line, its deadline.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};

use super::errors::{ApiError, CORRELATION, correlation_id, new_correlation_id};
use crate::AppState;
use platform::app::metrics::RequestLabels;

/// Gives the request its correlation id, logs and counts it. Paths are logged by their pattern: real ones carry ids, and
/// link URLs carry passwords.
pub(crate) async fn observe(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let id = new_correlation_id();
    let began = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let header = HeaderValue::from_str(&id).ok();
    let mut response = CORRELATION
        .scope(id.clone(), async {
            match ambiguous(&request) {
                Some(why) => ApiError::bad_request(why).into_response(),
                None => in_the_envelope(next.run(request).await),
            }
        })
        .await;
    if let Some(header) = header {
        response.headers_mut().insert("x-correlation-id", header);
    }
    response
        .headers_mut()
        .entry("x-content-type-options")
        .or_insert(HeaderValue::from_static("nosniff"));
    let status = response.status();
    let elapsed = began.elapsed();
    app.metrics
        .requests
        .get_or_create(&RequestLabels {
            method: method.to_string(),
            route: route.clone(),
            status: status.as_u16(),
        })
        .inc();
    app.metrics.request_seconds.observe(elapsed.as_secs_f64());
    let (status, millis) = (status.as_u16(), elapsed.as_secs_f64() * 1_000.0);
    if status >= 500 {
        tracing::error!(%method, route, status, millis, correlation_id = id, "request failed");
    } else if status >= 400 {
        tracing::info!(%method, route, status, millis, correlation_id = id, "request refused");
    } else {
        tracing::debug!(%method, route, status, millis, correlation_id = id, "request");
    }
    response
}

/// Puts refusals by axum's own extractors (a path that is not UTF-8, a query that can't be read) into the envelope; axum
/// answers with plain text or an empty body.
fn in_the_envelope(response: Response) -> Response {
    let status = response.status();
    let plain = response
        .headers()
        .get(CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !plain || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let mut made = ApiError::in_place_of(status).into_response();
    for (name, value) in response.headers() {
        if ![CONTENT_TYPE, CONTENT_LENGTH].contains(name) {
            made.headers_mut().insert(name, value.clone());
        }
    }
    made
}

/// hyper accepts what a proxy in front may read otherwise (RFC 9112 § 3.2, § 6.3): such requests are refused.
fn ambiguous(request: &Request) -> Option<&'static str> {
    let headers = request.headers();
    if headers.get_all(HOST).iter().count() > 1 {
        return Some("The request has more than one Host.");
    }
    if !headers.contains_key(HOST) && request.uri().authority().is_none() {
        return Some("The request has no Host.");
    }
    if headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH) {
        return Some("The request has both Content-Length and Transfer-Encoding.");
    }
    None
}

/// Ends what takes too long. Streams have answered by then: only their beginning is under the deadline.
pub(crate) async fn deadline(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let limit = Duration::from_millis(app.config.limits.request_timeout_ms);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::too_slow().into_response(),
    }
}

/// A bug in one request must not end the others.
pub(crate) async fn catch_panics(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(correlation_id = correlation_id(), "a request panicked");
            ApiError::internal().into_response()
        }
    }
}

pub(crate) async fn no_such_route() -> ApiError {
    ApiError::no_such_route()
}

pub(crate) async fn no_such_method() -> ApiError {
    ApiError::no_such_method()
}
