//! Compressed answers: which ones, and why not the others.
//!
//! The length of a compressed body tells how much of it repeats. Who can put a text of their own into an answer beside a secret, make
//! it be sent again and again, and see its length on the wire, guesses the secret letter by letter, through TLS (BREACH,
//! CVE-2013-3587). So an answer is compressed only if no secret can stand in it:
//!
//! - pulled data and what is known of pulls and writes, sync settings, the record, the catalogue, the API's document and its page, the
//!   pages' style sheets, and figures are: the first of them is long, and compresses to a tenth. They hold no credential. Much of it is confidential, and a query
//!   comes back in `_links`; but only the holder of an API key can ask, with a header that no browser adds by itself, so that no
//!   page can have a victim's browser ask for it;
//! - companies and connections aren't: each has a link with a one-time password, beside names that customers choose;
//! - API keys, tokens, webhook consumers with their secrets and their messages aren't;
//! - hosted pages aren't: their forms hold one-time passwords, beside what their address says, in a browser;
//! - what company tokens reach isn't, since that is asked for by browsers, and event streams must not wait for a full buffer.
//!
//! A list of what may be, not of what may not: a new route is plain until it is named here. Refusals are plain, too: they are short,
//! and repeat what was sent.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{Extensions, HeaderMap, Method, StatusCode, Version};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

/// A shorter answer fits into one packet anyway.
const FROM_BYTES: u16 = 1_400;

/// Whole paths.
const PATHS: &[&str] = &[
    "/audit",
    "/consents",
    "/companies/{companyId}/consents",
    "/companies/{companyId}/connections/{connectionId}/reconciliation",
    "/companies/{companyId}/connections/{connectionId}/options/{dataType}",
    "/companies/{companyId}/dataStatus",
    "/companies/{companyId}/push",
    "/companies/{companyId}/push/{pushOperationKey}",
    "/companies/{companyId}/sync/{datasetId}/validation",
    "/companies/{companyId}/syncSettings",
    "/integrations",
    "/link/assets/{file}",
    "/metrics",
    "/openapi.json",
    "/reference",
    "/reference/{file}",
];

/// A company's data, and its pull history.
const DATA: &[&str] = &[
    "/companies/{companyId}/data/",
    "/companies/{companyId}/connections/{connectionId}/data/",
];

/// Of an answer that may be compressed.
#[derive(Clone, Copy)]
struct WithoutSecrets;

/// Marks the answers that may be compressed.
pub(crate) async fn mark(request: Request, next: Next) -> Response {
    let pattern = request.extensions().get::<MatchedPath>();
    let is_free = pattern.is_some_and(|pattern| is_without_secrets(pattern.as_str()));
    // HEAD has the headers of the answer to GET (RFC 9110, section 9.3.2).
    let is_free = is_free && matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = next.run(request).await;
    if is_free {
        response.extensions_mut().insert(WithoutSecrets);
    }
    response
}

fn is_without_secrets(pattern: &str) -> bool {
    PATHS.contains(&pattern) || DATA.iter().any(|beginning| pattern.starts_with(beginning))
}

/// Compresses what was marked, with Brotli or gzip, as the client takes it.
pub(crate) fn layer() -> CompressionLayer<impl Predicate> {
    let marked = |status: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions| {
        status.is_success() && extensions.get::<WithoutSecrets>().is_some()
    };
    CompressionLayer::new().compress_when(SizeAbove::new(FROM_BYTES).and(marked))
}
