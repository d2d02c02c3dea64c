//! Access tokens at the APIs (RFC 6750).

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use serde_json::json;

use crate::config::Product;
use crate::platform::{Platform, Shared};
use crate::state::{Bearer, NoAccess};

/// Lets a request through with an [`crate::Access`] among its extensions, or answers 401 or 403.
pub(crate) async fn require(
    State(platform): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let bearer = match present(&platform, request.headers()) {
        Ok(bearer) => bearer,
        Err(refused) => return *refused,
    };
    if let Some(product) = Product::of_path(request.uri().path()) {
        if bearer.access.product != product {
            return insufficient(Insufficient::Product(product));
        }
        if !bearer.scopes.reads(product) {
            return insufficient(Insufficient::Scope(product.scope()));
        }
    }
    let access = bearer.access;
    request.extensions_mut().insert(access.clone());
    let mut response = next.run(request).await;
    // Tells the call counter outside whose books were read.
    response.extensions_mut().insert(access);
    response
}

/// The live access token of the request.
pub(super) fn present(platform: &Platform, headers: &HeaderMap) -> Result<Bearer, Box<Response>> {
    let token = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let Some(token) = token else {
        // No error code for a request without any credentials (section 3.1).
        return Err(Box::new(refuse(
            StatusCode::UNAUTHORIZED,
            "Bearer realm=\"practice\"".into(),
            "no_token",
            "Send an access token in the Authorization header.",
        )));
    };
    platform.state.bearer(token).map_err(|reason| {
        let code = match reason {
            NoAccess::Unknown => "token_unknown",
            NoAccess::Expired => "token_expired",
            NoAccess::Revoked => "access_revoked",
        };
        Box::new(refuse(
            StatusCode::UNAUTHORIZED,
            format!(
                "Bearer realm=\"practice\", error=\"invalid_token\", error_description=\"{reason}\""
            ),
            code,
            &format!("{reason}."),
        ))
    })
}

pub(super) enum Insufficient {
    Product(Product),
    Scope(&'static str),
}

pub(super) fn insufficient(what: Insufficient) -> Response {
    let (scope, text) = match what {
        Insufficient::Product(product) => (
            product.scope(),
            format!("This access token was not issued for {}.", product.brand()),
        ),
        Insufficient::Scope(scope) => {
            (scope, format!("This access token lacks the scope {scope}."))
        }
    };
    refuse(
        StatusCode::FORBIDDEN,
        format!("Bearer realm=\"practice\", error=\"insufficient_scope\", scope=\"{scope}\""),
        "not_allowed",
        &text,
    )
}

fn refuse(status: StatusCode, challenge: String, code: &str, text: &str) -> Response {
    let body = Json(json!({ "problem": { "code": code, "text": text } }));
    let mut response = (status, body).into_response();
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
