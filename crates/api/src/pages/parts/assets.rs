//! The pages' style sheet and icon, and the badge for pages of clients.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use sha2::{Digest, Sha256};

use crate::around::errors::ApiError;
use crate::resources::assets::RESOURCE_POLICY;
use platform::credentials::vault::hex;
use platform::disclosure::colour::Colour;

const STYLESHEET: &str = include_str!("assets/link.css");
const ICON: &str = include_str!("assets/icon.svg");
const BADGE: &str = include_str!("assets/badge.svg");

/// Named after its content, so that browsers may keep it for ever.
static FILE: LazyLock<String> =
    LazyLock::new(|| format!("link.{}.css", hex(&Sha256::digest(STYLESHEET)[..8])));

pub(crate) fn stylesheet_path() -> String {
    format!("/link/assets/{}", *FILE)
}

/// Another version's name is answered with this one's content, not to be kept: while nodes are being replaced, a page of
/// one can ask the other for its style sheet.
pub(crate) async fn file(Path(file): Path<String>) -> Response {
    if file == "icon.svg" {
        return (
            [
                (CONTENT_TYPE, "image/svg+xml"),
                (CACHE_CONTROL, "public, max-age=86400"),
                (RESOURCE_POLICY, "same-origin"),
            ],
            ICON,
        )
            .into_response();
    }
    if let Some(colour) = theme(&file) {
        return (
            [
                (CONTENT_TYPE, "text/css; charset=utf-8"),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (RESOURCE_POLICY, "same-origin"),
            ],
            colour.style_sheet(),
        )
            .into_response();
    }
    let caching = if file == *FILE {
        "public, max-age=31536000, immutable"
    } else if file.starts_with("link.") && file.ends_with(".css") {
        "no-store"
    } else {
        return ApiError::no_such_route().into_response();
    };
    (
        [
            (CONTENT_TYPE, "text/css; charset=utf-8"),
            (CACHE_CONTROL, caching),
            (RESOURCE_POLICY, "same-origin"),
        ],
        STYLESHEET,
    )
        .into_response()
}

/// The colour of a theme's file: `theme.0f5f7d.css`. Colours that clients can't set have none.
fn theme(file: &str) -> Option<Colour> {
    let digits = file.strip_prefix("theme.")?.strip_suffix(".css")?;
    let colour = Colour::read(&format!("#{digits}"))?;
    colour.check().is_ok().then_some(colour)
}

/// "Secured by Moorline", which any page may show.
pub(crate) async fn badge() -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=86400"),
        ),
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
        ),
        (RESOURCE_POLICY, HeaderValue::from_static("cross-origin")),
    ];
    (headers, BADGE).into_response()
}
