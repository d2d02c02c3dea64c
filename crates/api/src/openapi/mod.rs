//! The API's own description: `/openapi.json`, composed once from the files in `openapi/` and from the code's tables.
//!
//! `openapi/README.md` says how an operation is added.

mod compose;
mod operation;
pub(crate) mod reference;
mod shorthand;

use std::sync::LazyLock;

use axum::response::Response;
use http::header::VARY;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::resources::assets::cacheable;
use compose::compose;
pub(crate) use operation::Operation;

/// The rooms in the order in which a reader meets them.
const FILES: &[(&str, &str)] = &[
    ("shared", include_str!("../../openapi/shared.toml")),
    ("companies", include_str!("../../openapi/companies.toml")),
    (
        "connections",
        include_str!("../../openapi/connections.toml"),
    ),
    ("files", include_str!("../../openapi/files.toml")),
    (
        "integrations",
        include_str!("../../openapi/integrations.toml"),
    ),
    ("access", include_str!("../../openapi/access.toml")),
    ("settings", include_str!("../../openapi/settings.toml")),
    ("refreshing", include_str!("../../openapi/refreshing.toml")),
    ("accounting", include_str!("../../openapi/accounting.toml")),
    ("banking", include_str!("../../openapi/banking.toml")),
    ("commerce", include_str!("../../openapi/commerce.toml")),
    ("custom", include_str!("../../openapi/custom.toml")),
    ("pushing", include_str!("../../openapi/pushing.toml")),
    ("webhooks", include_str!("../../openapi/webhooks.toml")),
    ("record", include_str!("../../openapi/record.toml")),
    ("pages", include_str!("../../openapi/pages.toml")),
    ("operating", include_str!("../../openapi/operating.toml")),
];

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    compose(FILES, crate::resources::data::operations)
        .unwrap_or_else(|error| panic!("openapi/{error}"))
});

/// OpenAPI 3.1. The same for every installation: its server is the origin that it was fetched from.
pub fn document() -> &'static Value {
    &DOCUMENT
}

pub(crate) async fn json(headers: HeaderMap) -> Response {
    static TEXT: LazyLock<(Vec<u8>, String)> = LazyLock::new(|| {
        let text = document().to_string().into_bytes();
        // Weak: the document goes out in several codings, which are other bytes.
        let etag = format!(
            "W/\"{}\"",
            platform::credentials::vault::hex(&Sha256::digest(&text)[..16])
        );
        (text, etag)
    });
    let mut response = cacheable(
        &headers,
        &axum::body::Bytes::from_static(&TEXT.0),
        "application/json",
        &TEXT.1,
        "public, max-age=0, must-revalidate",
    );
    let vary = HeaderValue::from_static("Accept-Encoding");
    response.headers_mut().insert(VARY, vary);
    response
}
