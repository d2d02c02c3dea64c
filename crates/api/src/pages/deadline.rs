//! The deadline of a page, which ends in a page.

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::REFRESH;

use super::trouble::Trouble;
use crate::AppState;

/// The platforms' way back: what it began goes on after the deadline, so that loading it again shows how it ended.
const CALLBACK: &str = "/oauth/{platformKey}/callback";

/// Answers with a page when another one takes too long.
pub(crate) async fn layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let limit = Duration::from_millis(app.config.limits.request_timeout_ms);
    let path = request.extensions().get::<MatchedPath>();
    let goes_on = path.is_some_and(|path| path.as_str() == CALLBACK);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) if goes_on => {
            let mut response = Trouble::still_working().into_response();
            let soon = HeaderValue::from_static("2");
            response.headers_mut().insert(REFRESH, soon);
            response
        }
        Err(_) => Trouble::took_too_long().into_response(),
    }
}
