//! Files that browsers fetch: platforms' pictures and the components.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use connectors::AssetRole;
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use crate::AppState;
use crate::around::errors::ApiError;
use platform::credentials::vault::hex;
use platform::data::files::sources::source;

/// The sites whose pages may use a file, also those that are isolated from others.
pub(crate) const RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// The picture of an integration by which files are uploaded.
const UPLOAD: &[u8] = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="48" height="48"><rect width="48" height="48" rx="10" fill="#e9edf5"/><path d="M14 32v4h20v-4M24 31V13m-7 7 7-7 7 7" fill="none" stroke="#33415c" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>"##;

/// A file of the components, as it was built with this program, and its forms that were compressed then.
struct Built {
    name: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

static COMPONENTS: &[Built] = include!(concat!(env!("OUT_DIR"), "/components.rs"));
/// A digest of each of them, made once.
static TAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let digest = |file: &Built| hex(&Sha256::digest(file.plain)[..16]);
    COMPONENTS.iter().map(digest).collect()
});
/// Their versions: the last part but one of their immutable addresses.
const CONNECTIONS_VERSION: &str = env!("CONNECTIONS_VERSION");
const LINK_VERSION: &str = env!("LINK_VERSION");

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
    let cached = "public, max-age=3600";
    let mut response = match asset {
        Some(asset) => cacheable(
            &headers,
            &asset.bytes,
            asset.content_type,
            &asset.etag,
            cached,
        ),
        None if source(&key).is_some() && role == Some(AssetRole::LogoSquare) => cacheable(
            &headers,
            &Bytes::from_static(UPLOAD),
            "image/svg+xml",
            "\"upload-1\"",
            cached,
        ),
        None => return Err(ApiError::no_such_route()),
    };
    // An SVG that is opened on its own must not run anything in this origin.
    response.headers_mut().insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    );
    Ok(response)
}

/// The Connections component.
pub(crate) async fn connections(headers: HeaderMap) -> Result<Response, ApiError> {
    newest(&headers, "connections.js")
}

pub(crate) async fn connections_of_version(
    version: Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    of_version(&headers, "connections.js", CONNECTIONS_VERSION, &version)
}

/// The Link component.
pub(crate) async fn link(headers: HeaderMap) -> Result<Response, ApiError> {
    newest(&headers, "link.js")
}

pub(crate) async fn link_of_version(
    version: Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    of_version(&headers, "link.js", LINK_VERSION, &version)
}

/// The evergreen address: browsers revalidate it each time, and are answered with 304 while it is the same.
fn newest(headers: &HeaderMap, name: &str) -> Result<Response, ApiError> {
    built(headers, name, SCRIPT, "public, max-age=0, must-revalidate")
}

/// The versioned address: never changes.
fn of_version(
    headers: &HeaderMap,
    name: &str,
    own: &str,
    version: &str,
) -> Result<Response, ApiError> {
    if version.strip_prefix('v') != Some(own) {
        return Err(ApiError::not_found(format!(
            "This program serves the component's version v{own}."
        ))
        .of("PublicApi"));
    }
    built(headers, name, SCRIPT, IMMUTABLE)
}

/// A component's words in a language. The name holds a hash of the content; a component of another build, which asks
/// for other words, gets none and goes on in English.
pub(crate) async fn words(
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let name = format!("words/{file}");
    built(&headers, &name, "application/json", IMMUTABLE)
}

/// A part of a component. The name holds the part's digest, by which the component that asks for it knows it.
pub(crate) async fn part(
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    built(&headers, &format!("parts/{file}"), SCRIPT, IMMUTABLE)
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

fn built(
    headers: &HeaderMap,
    name: &str,
    kind: &'static str,
    cache: &'static str,
) -> Result<Response, ApiError> {
    let mut files = COMPONENTS.iter().zip(TAGS.iter());
    let found = files.find(|(file, _)| file.name == name);
    let (file, tag) = found.ok_or_else(ApiError::no_such_route)?;
    let brotli = file.brotli.map(|bytes| ("br", bytes));
    let gzip = file.gzip.map(|bytes| ("gzip", bytes));
    let compressed = [brotli, gzip]
        .into_iter()
        .flatten()
        .find(|(coding, _)| accepts(headers, coding));
    let (coding, bytes) = compressed.unwrap_or(("", file.plain));
    // A strong ETag is one form's alone.
    let etag = format!("\"{tag}{coding}\"");
    let mut response = cacheable(headers, &Bytes::from_static(bytes), kind, &etag, cache);
    let out = response.headers_mut();
    out.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if !coding.is_empty() && response.status() == StatusCode::OK {
        let coding = HeaderValue::from_static(coding);
        response.headers_mut().insert(CONTENT_ENCODING, coding);
    }
    Ok(response)
}

/// True if the client takes a content coding by name (RFC 9110, 12.5.3), and not with a weight of 0.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|entry| {
            let (name, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
            let weight = weight.trim().to_ascii_lowercase();
            let weight = weight.strip_prefix("q=").map(str::parse::<f32>);
            name.trim().eq_ignore_ascii_case(coding)
                && matches!(weight, Some(Ok(weight)) if weight > 0.0)
        })
}

/// A file that a browser may keep, and any page may use.
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
    // The weak comparison (RFC 9110, 13.1.2).
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let same = known.is_some_and(|known| known.split(',').any(|tag| opaque(tag) == opaque(etag)));
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, kind)], bytes.clone()).into_response()
    };
    let out = response.headers_mut();
    out.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    out.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    out.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    if let Ok(etag) = HeaderValue::from_str(etag) {
        out.insert(ETAG, etag);
    }
    response
}
