//! Layers around the APIs: outages, the count of calls, and the armed faults.

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;

use crate::Access;
use crate::api::refusal::refusal;
use crate::config::Product;
use crate::control::calls::{Counter, Recent};
use crate::control::faults::{Kind, OutageMode, Stage, Target};
use crate::pages;
use crate::platform::Shared;
use crate::server::Lost;

/// Outermost: an outage meets everything but the control and the style sheet of its page.
pub(crate) async fn outage(
    State(platform): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let spared = path == "/control"
        || path.starts_with("/control/")
        || path.starts_with("/assets/")
        || path == "/favicon.svg";
    if spared {
        return next.run(request).await;
    }
    let target = Target {
        product: Product::of_path(path),
        business: None,
        path,
    };
    let struck = platform.faults.strike(Stage::Everywhere, target);
    let Some(Kind::Outage { mode }) = struck.first() else {
        return next.run(request).await;
    };
    platform.calls.turned_away();
    match mode {
        OutageMode::Closed => lost(),
        OutageMode::Unavailable => pages::problem(
            request.uri().path(),
            request.headers(),
            StatusCode::SERVICE_UNAVAILABLE,
            "We’re down for the moment",
            "This outage was started on the control page.",
        ),
    }
}

/// Counts a call by its route, on arrival and with its answer.
pub(crate) async fn count(
    State(platform): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let route = (request.extensions().get::<MatchedPath>())
        .map_or_else(|| "other".to_owned(), |route| route.as_str().to_owned());
    let method = request.method().to_string();
    let counter = Counter::Api(route);
    platform.calls.received(&counter);
    let response = next.run(request).await;
    let answer = match response.extensions().get::<Lost>() {
        Some(Lost) => "lost".to_owned(),
        None if response.extensions().get::<Cut>().is_some() => "malformed".to_owned(),
        None => response.status().as_str().to_owned(),
    };
    let who = (response.extensions().get::<Access>()).map(|access| access.business.clone());
    let call = Recent {
        at: platform.state.now(),
        method,
        path,
        answer,
        who,
    };
    platform.calls.answered(&counter, call);
    response
}

/// Marks an answer whose body was cut on purpose.
#[derive(Debug, Clone, Copy)]
struct Cut;

/// Innermost: behind the bearer token, so that the business is known.
pub(crate) async fn faults(
    State(platform): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let access = request.extensions().get::<Access>();
    let target = Target {
        product: access.map(|access| access.product),
        business: access.map(|access| access.business.as_str()),
        path: request.uri().path(),
    };
    let product = target.product;
    let (mut cut_it, mut lose_it) = (false, false);
    for kind in platform.faults.strike(Stage::Api, target) {
        match kind {
            Kind::ApiDelay { delay_ms } => {
                platform.faults.hold(delay_ms).await;
            }
            Kind::ApiRateLimit {
                retry_after_seconds,
            } => return too_many(product, retry_after_seconds),
            Kind::ApiError { status } => return broken(product, status),
            Kind::ApiMalformed => cut_it = true,
            Kind::ApiAnswerLost => lose_it = true,
            _ => {}
        }
    }
    let response = next.run(request).await;
    if lose_it {
        lost()
    } else if cut_it {
        cut(response).await
    } else {
        response
    }
}

/// Saves a client's write before the client receives the answer.
pub(crate) async fn keep(State(platform): State<Shared>, request: Request, next: Next) -> Response {
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let access = request.extensions().get::<Access>().cloned();
    let response = next.run(request).await;
    let (true, true, Some(access)) = (writes, response.status().is_success(), access) else {
        return response;
    };
    let written = platform.library.written(&access.business);
    let kept = platform.state.record_written(&access.business, written);
    if let Err(error) = kept.await {
        tracing::error!(%error, "saving a written record failed");
        return broken(Some(access.product), 500);
    }
    response
}

fn lost() -> Response {
    let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
    response.extensions_mut().insert(Lost);
    response
}

fn too_many(product: Option<Product>, retry_after_seconds: u32) -> Response {
    let text = format!("Too many requests. Come back in {retry_after_seconds} seconds.");
    let mut response = refusal(product, StatusCode::TOO_MANY_REQUESTS, &text);
    let retry_after = HeaderValue::from(retry_after_seconds);
    response.headers_mut().insert(RETRY_AFTER, retry_after);
    response
}

fn broken(product: Option<Product>, status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    refusal(product, status, "Something broke on our side.")
}

/// Ends the body in the middle, with a length that hides the loss.
async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(_) => return lost(),
    };
    parts.headers.remove(CONTENT_LENGTH);
    parts.extensions.insert(Cut);
    Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() / 2)))
}
