//! Access tokens (RFC 6750) and API keys at the APIs.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, StatusCode};

use super::scope::Scope;
use crate::api::refusal::refusal;
use crate::config::Product;
use crate::platform::{Platform, Shared};
use crate::state::{Bearer, NoAccess};

/// The header that an API key comes in.
const API_KEY: &str = "x-api-key";

/// Lets a request through with an [`crate::Access`] among its extensions, or answers 401 or 403.
pub(crate) async fn require(
    State(platform): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let product = Product::of_path(request.uri().path());
    let bearer = match present(&platform, product, request.headers()) {
        Ok(bearer) => bearer,
        Err(refused) => return *refused,
    };
    if let Some(product) = product {
        if bearer.access.product != product {
            return insufficient(Insufficient::Product(product));
        }
        if !bearer.scopes.reads(product) {
            return insufficient(Insufficient::Scope(Some(product), product.scope()));
        }
        let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let write = Scope::WriteAccounting;
        if product == Product::Accounting && !only_reads && !bearer.scopes.contains(write) {
            return insufficient(Insufficient::Scope(Some(product), write.name()));
        }
    }
    let access = bearer.access;
    request.extensions_mut().insert(access.clone());
    let mut response = next.run(request).await;
    // Passes the business to the call counter outside.
    response.extensions_mut().insert(access);
    response
}

/// The live access token of the request.
pub(super) fn present(
    platform: &Platform,
    product: Option<Product>,
    headers: &HeaderMap,
) -> Result<Bearer, Box<Response>> {
    let key = headers.get(API_KEY).and_then(|value| value.to_str().ok());
    if let Some(key) = key {
        let known = platform.state.bearer(key.trim()).ok();
        return known.filter(|known| known.is_key).ok_or_else(|| {
            let challenge = "ApiKey realm=\"practice\"".into();
            let text = "This API key is not valid.";
            Box::new(refuse(product, StatusCode::UNAUTHORIZED, challenge, text))
        });
    }
    let token = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let Some(token) = token else {
        // No error code for a request without any credentials (section 3.1).
        return Err(Box::new(refuse(
            product,
            StatusCode::UNAUTHORIZED,
            "Bearer realm=\"practice\"".into(),
            "Send an access token in the Authorization header.",
        )));
    };
    let bearer = platform.state.bearer(token);
    let bearer = bearer.and_then(|bearer| {
        if bearer.is_key {
            Err(NoAccess::Unknown)
        } else {
            Ok(bearer)
        }
    });
    bearer.map_err(|reason| {
        Box::new(refuse(
            product,
            StatusCode::UNAUTHORIZED,
            format!(
                "Bearer realm=\"practice\", error=\"invalid_token\", error_description=\"{reason}\""
            ),
            &format!("{reason}."),
        ))
    })
}

pub(super) enum Insufficient {
    Product(Product),
    Scope(Option<Product>, &'static str),
}

pub(super) fn insufficient(missing: Insufficient) -> Response {
    let (needed, scope, text) = match missing {
        Insufficient::Product(product) => (
            Some(product),
            product.scope(),
            format!("This access token was not issued for {}.", product.brand()),
        ),
        Insufficient::Scope(product, scope) => (
            product,
            scope,
            format!("This access token lacks the scope {scope}."),
        ),
    };
    refuse(
        needed,
        StatusCode::FORBIDDEN,
        format!("Bearer realm=\"practice\", error=\"insufficient_scope\", scope=\"{scope}\""),
        &text,
    )
}

fn refuse(product: Option<Product>, status: StatusCode, challenge: String, text: &str) -> Response {
    let mut response = refusal(product, status, text);
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
