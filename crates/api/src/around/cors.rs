//! Calls from pages in a browser: allowed to the origins that the company's client has registered.
//!
//! A preflight carries no credentials, so the client of the company in the path decides.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderValue, Method, StatusCode};

use crate::AppState;
use store::model::CompanyId;

/// Around the operations that a company's token reaches.
pub(crate) async fn layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).cloned();
    let allowed = match &origin {
        Some(origin) => is_registered(&app, request.uri().path(), origin).await,
        None => false,
    };
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key("access-control-request-method");
    let mut response = if preflight {
        let mut response = StatusCode::NO_CONTENT.into_response();
        if allowed {
            let headers = response.headers_mut();
            headers.insert(
                ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static("GET, POST, PUT, PATCH"),
            );
            headers.insert(
                ACCESS_CONTROL_ALLOW_HEADERS,
                HeaderValue::from_static(
                    "authorization, content-type, idempotency-key, last-event-id",
                ),
            );
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        }
        response
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let (true, Some(origin)) = (allowed, origin) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("x-correlation-id, idempotency-replayed"),
        );
    }
    response
}

async fn is_registered(app: &AppState, path: &str, origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let company: Option<CompanyId> = path.split('/').nth(2).and_then(|id| id.parse().ok());
    let Some(company) = company else { return false };
    let found = async {
        let Some(owner) = store::companies::owner(&app.db, company).await? else {
            return Ok(None);
        };
        store::clients::get(&app.db, owner).await
    };
    match found.await {
        Ok(Some(client)) => client.origins().iter().any(|allowed| allowed == origin),
        Ok(None) => false,
        Err(error) => {
            tracing::error!(%error, "registered origins can't be read");
            false
        }
    }
}
