//! `/reference`: the document as a page that people read. It works without its script, which filters and copies.

pub(crate) mod front;
mod kind;
mod page;

use std::sync::LazyLock;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS,
};
use sha2::{Digest, Sha256};

use super::document;
use crate::AppState;
use crate::around::errors::ApiError;
use crate::resources::assets::RESOURCE_POLICY;
use page::page;

const STYLES: &str = include_str!("reference.css");
const SCRIPT: &str = include_str!("reference.js");
/// The address of this installation, as the page is written before a request.
const ORIGIN: &str = "https://moorline.invalid";

/// Named after their content, so that browsers may keep them for ever.
static STYLES_NAME: LazyLock<String> = LazyLock::new(|| named("reference", STYLES, "css"));
static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| named("reference", SCRIPT, "js"));

static PAGE: LazyLock<Result<String, askama::Error>> = LazyLock::new(|| page(document()).render());

fn named(name: &str, content: &str, kind: &str) -> String {
    let hash = platform::credentials::vault::hex(&Sha256::digest(content)[..8]);
    format!("{name}.{hash}.{kind}")
}

pub(crate) async fn show(State(app): State<AppState>) -> Result<Response, ApiError> {
    let page = PAGE.as_ref().map_err(|error| {
        tracing::error!(%error, "the reference could not be written");
        ApiError::internal()
    })?;
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; \
             frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        ),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    Ok((headers, page.replace(ORIGIN, app.config.origin())).into_response())
}

/// Another version's name is answered with this one's content, not to be kept: nodes are replaced one by one.
pub(crate) async fn asset(Path(file): Path<String>) -> Result<Response, ApiError> {
    let (content, kind, name) = if file.ends_with(".css") {
        (STYLES, "text/css; charset=utf-8", &*STYLES_NAME)
    } else if file.ends_with(".js") {
        (SCRIPT, "text/javascript; charset=utf-8", &*SCRIPT_NAME)
    } else {
        return Err(ApiError::no_such_route());
    };
    let caching = if file == *name {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    Ok((
        [
            (CONTENT_TYPE, HeaderValue::from_static(kind)),
            (CACHE_CONTROL, HeaderValue::from_static(caching)),
            (RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
        ],
        content,
    )
        .into_response())
}
