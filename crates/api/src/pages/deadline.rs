//! The deadline of a page, and a fault in one: both end in a page.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::HeaderValue;
use http::header::REFRESH;

use super::parts::reader::{Reader, read_by};
use super::trouble::Trouble;
use crate::AppState;
use crate::around::errors::correlation_id;
use crate::resources::files::PATIENCE;
use platform::app::App;

/// The platforms' way back: what it began goes on after the deadline, so that loading it again shows how it ended.
const CALLBACK: &str = "/oauth/{platformKey}/callback";

/// Answers in the reader's language, and with a page when another one takes too long or breaks.
pub(crate) async fn layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let reader = Reader::of(request.uri().query(), request.headers());
    read_by(reader, bounded(&app, request, next)).await
}

async fn bounded(app: &App, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let limit = match path.is_some_and(|path| path.as_str().ends_with("/upload")) {
        true => PATIENCE,
        false => Duration::from_millis(app.config.limits.request_timeout_ms),
    };
    let goes_on = path.is_some_and(|path| path.as_str() == CALLBACK);
    let whole = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(limit, whole).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(correlation_id = correlation_id(), "a page panicked");
            Trouble::broken().into_response()
        }
        Err(_) if goes_on => {
            let mut response = Trouble::still_working().into_response();
            let soon = HeaderValue::from_static("2");
            response.headers_mut().insert(REFRESH, soon);
            response
        }
        Err(_) => Trouble::took_too_long().into_response(),
    }
}
