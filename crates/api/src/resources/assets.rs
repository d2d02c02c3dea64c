//! Files that browsers fetch: platforms' pictures and the component.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use connectors::AssetRole;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use crate::AppState;
use crate::around::errors::ApiError;

/// The component as it was built with this program.
static COMPONENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/connections.js"));
/// Its version: the last part of its immutable address.
const COMPONENT_VERSION: &str = env!("COMPONENT_VERSION");

/// A platform's logo or button.
pub(crate) async fn picture(
    State(app): State<AppState>,
    Path((key, picture)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let role = AssetRole::ALL
        .into_iter()
        .find(|role| role.as_str().replace('_', "-") == picture);
    let integration = app.catalogue.get(&key);
    let asset = role
        .zip(integration)
        .and_then(|(role, integration)| integration.asset(role));
    let asset = asset.ok_or_else(ApiError::no_such_route)?;
    let mut response = cacheable(
        &headers,
        &asset.bytes,
        asset.content_type,
        &asset.etag,
        "public, max-age=3600",
    );
    // An SVG that is opened on its own must not run anything in this origin.
    response.headers_mut().insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    );
    Ok(response)
}

/// The evergreen address: browsers revalidate it each time, and are answered with 304 while it is the same.
pub(crate) async fn component(headers: HeaderMap) -> Response {
    script(&headers, "public, max-age=0, must-revalidate")
}

/// The versioned address: never changes.
pub(crate) async fn component_of_version(
    Path(version): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if version.strip_prefix('v') != Some(COMPONENT_VERSION) {
        return Err(ApiError::not_found(format!(
            "This program serves the component's version v{COMPONENT_VERSION}."
        ))
        .of("PublicApi"));
    }
    Ok(script(&headers, "public, max-age=31536000, immutable"))
}

fn script(headers: &HeaderMap, cache: &'static str) -> Response {
    let etag = format!(
        "\"{}\"",
        platform::credentials::vault::hex(&Sha256::digest(COMPONENT)[..16])
    );
    let mut response = cacheable(
        headers,
        &Bytes::from_static(COMPONENT),
        "text/javascript; charset=utf-8",
        &etag,
        cache,
    );
    response.headers_mut().insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}

pub(crate) fn cacheable(
    headers: &HeaderMap,
    bytes: &Bytes,
    kind: &'static str,
    etag: &str,
    cache: &'static str,
) -> Response {
    let known = headers
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let same = known.is_some_and(|known| {
        known
            .split(',')
            .any(|tag| tag.trim().trim_start_matches("W/") == etag)
    });
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, kind)], bytes.clone()).into_response()
    };
    let out = response.headers_mut();
    out.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    out.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if let Ok(etag) = HeaderValue::from_str(etag) {
        out.insert(ETAG, etag);
    }
    response
}
