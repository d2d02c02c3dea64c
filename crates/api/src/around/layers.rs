//! Layers around every request: its correlation id, its caller, its log line, its deadline.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use http::uri::Authority;
use http::{HeaderValue, Method};

use super::errors::{
    ApiError, CORRELATION, CORRELATION_HEADER, correlation_id, new_correlation_id,
};
use super::rate_headers;
use crate::AppState;
use platform::access::caller::{self, Caller, Who};
use platform::app::metrics::RequestLabels;
use platform::consents::reads;
use store::model::CompanyId;

/// The reason for which a request is refused by the bytes that it came in.
#[derive(Clone, Copy)]
pub(crate) struct Refused(pub(crate) &'static str);

/// Gives the request its correlation id, logs and counts it. Paths are logged by their pattern: real ones carry ids, and
/// link URLs carry passwords.
pub(crate) async fn observe(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let id = new_correlation_id();
    let began = Instant::now();
    let method = known(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let header = HeaderValue::from_str(&id).ok();
    let caller = rate_headers::address_of(&app, &request);
    let browser = request.headers().get(USER_AGENT);
    let caller = Caller::from(caller, browser.and_then(|name| name.to_str().ok()));
    let answered = async {
        match ambiguous(&request) {
            Some(why) => {
                // Where the next request begins isn't known.
                let close = [(CONNECTION, HeaderValue::from_static("close"))];
                (close, ApiError::bad_request(why)).into_response()
            }
            None => in_the_envelope(next.run(request).await),
        }
    };
    let answered = caller::called_by(Some(Arc::new(caller)), answered);
    let mut response = CORRELATION.scope(id.clone(), answered).await;
    if let Some(header) = header {
        // An answer that is given again has the id of the first time.
        response
            .headers_mut()
            .entry(CORRELATION_HEADER)
            .or_insert(header);
    }
    // Answers hold secrets and books, unless they say themselves that they may be kept.
    response
        .headers_mut()
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
        .headers_mut()
        .entry("x-content-type-options")
        .or_insert(HeaderValue::from_static("nosniff"));
    let status = response.status();
    let elapsed = began.elapsed();
    app.metrics
        .requests
        .get_or_create(&RequestLabels {
            method,
            route: route.clone(),
            status: status.as_u16(),
        })
        .inc();
    app.metrics.request_seconds.observe(elapsed.as_secs_f64());
    let (status, millis) = (status.as_u16(), elapsed.as_secs_f64() * 1_000.0);
    if status >= 500 {
        tracing::error!(
            method,
            route,
            status,
            millis,
            correlation_id = id,
            "request failed"
        );
    } else if status >= 400 {
        tracing::info!(
            method,
            route,
            status,
            millis,
            correlation_id = id,
            "request refused"
        );
    } else {
        tracing::debug!(
            method,
            route,
            status,
            millis,
            correlation_id = id,
            "request"
        );
    }
    response
}

/// Puts refusals by axum's own extractors (a path that is not UTF-8, a query that can't be read) into the envelope; axum
/// answers with plain text or an empty body.
fn in_the_envelope(response: Response) -> Response {
    let status = response.status();
    let plain = response
        .headers()
        .get(CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !plain || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let mut made = ApiError::in_place_of(status).into_response();
    for (name, value) in response.headers() {
        if ![CONTENT_TYPE, CONTENT_LENGTH].contains(name) {
            made.headers_mut().insert(name, value.clone());
        }
    }
    made
}

/// hyper accepts what a proxy in front may read otherwise (RFC 9112 § 3.2, § 6.3): such requests are refused.
fn ambiguous(request: &Request) -> Option<&'static str> {
    if let Some(Refused(why)) = request.extensions().get() {
        return Some(why);
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        // RFC 9112 § 3.2 asks for it from HTTP/1.1 on; balancers probe with less.
        (None, _) if request.version() == http::Version::HTTP_10 => None,
        (None, _) => Some("The request has no Host."),
        (Some(_), Some(_)) => Some("The request has more than one Host."),
        (Some(host), None) if is_host(host) => None,
        (Some(_), None) => Some("The Host is not a host's name with a port or without."),
    }
}

fn is_host(value: &HeaderValue) -> bool {
    let authority = Authority::try_from(value.as_bytes()).ok();
    authority.is_some_and(|authority| {
        let has_user = authority.as_str().contains('@');
        let port = authority.as_str().strip_prefix(authority.host());
        let has_port = authority.port_u16().is_some();
        !has_user && !authority.host().is_empty() && (has_port || port == Some(""))
    })
}

/// A method's name if it is one that requests have: any other would make a figure of its own.
fn known(method: &Method) -> &'static str {
    const NAMES: [&str; 9] = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE",
    ];
    let known = NAMES.iter().find(|name| **name == method.as_str());
    known.copied().unwrap_or("other")
}

/// Refuses U+0000 in a path or a query, by the name of what holds it: one of the databases has no such character.
pub(crate) async fn no_nul(request: Request, next: Next) -> Response {
    match nul_in(&request) {
        Some(name) => ApiError::holds_nul(&name).into_response(),
        None => next.run(request).await,
    }
}

fn nul_in(request: &Request) -> Option<String> {
    let holds = |text: &str| text.contains("%00");
    let (path, query) = (request.uri().path(), request.uri().query());
    if holds(path) {
        let pattern = request.extensions().get::<MatchedPath>();
        let names = pattern.map_or("", MatchedPath::as_str).split('/');
        let mut pairs = names.zip(path.split('/'));
        let found = pairs.find(|(_, part)| holds(part));
        let name = found.map_or("path", |(name, _)| name.trim_matches(['{', '}']));
        return Some(name.to_owned());
    }
    let mut parameters = query?.split('&');
    let found = parameters.find(|parameter| holds(parameter))?;
    let name = found.split('=').next().unwrap_or_default();
    Some(if holds(name) { "query" } else { name }.to_owned())
}

/// Ends what takes too long. Streams have answered by then: only their beginning is under the deadline.
pub(crate) async fn deadline(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let limit = Duration::from_millis(app.config.limits.request_timeout_ms);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::too_slow().into_response(),
    }
}

/// Counts answers with a company's data for the record: which API key read what of which company.
pub(crate) async fn count_reads(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let pattern = request.extensions().get::<MatchedPath>().cloned();
    let path = request.uri().path().to_owned();
    let reads = request.method() == Method::GET;
    let response = next.run(request).await;
    let read = pattern.filter(|_| reads && response.status().is_success());
    let read = read.and_then(|pattern| data_in(pattern.as_str(), &path));
    if let Some((company, data_type)) = read
        && let Some(Who::Key(key, client)) = caller::current().and_then(|caller| caller.who())
    {
        reads::count(&app, (client, key), company, &data_type);
    }
    response
}

/// The company and the kind of data of a path that answers with a company's data.
fn data_in(pattern: &str, path: &str) -> Option<(CompanyId, String)> {
    const SUMS: &str = "/reconciliation";
    const FILES: &str = "/files/download";

    let (_, of_data) = match pattern {
        pattern if pattern.ends_with(SUMS) => ("", &SUMS[1..]),
        pattern if pattern.ends_with(FILES) => ("", "files"),
        _ => pattern.split_once("/data/")?,
    };
    if of_data.starts_with("history") || of_data.starts_with("queue") {
        return None;
    }
    let company = path.strip_prefix("/companies/")?.split('/').next()?;
    let company = company.parse().ok()?;
    let mut words = of_data.split('/').filter(|word| !word.starts_with('{'));
    let last = words.next_back()?;
    let data_type = match last {
        "custom" => format!("custom/{}", path.rsplit('/').next()?),
        word => word.to_owned(),
    };
    Some((company, data_type))
}

/// A bug in one request must not end the others.
pub(crate) async fn catch_panics(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(correlation_id = correlation_id(), "a request panicked");
            ApiError::internal().into_response()
        }
    }
}

pub(crate) async fn no_such_route() -> ApiError {
    ApiError::no_such_route()
}

pub(crate) async fn no_such_method() -> ApiError {
    ApiError::no_such_method()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_is_known_by_its_path() {
        let company = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
        let of = |pattern: &str, end: &str| {
            let path = format!("/companies/{company}{end}");
            let found = data_in(&format!("/companies/{{companyId}}{pattern}"), &path);
            found.map(|(_, data_type)| data_type)
        };
        for (pattern, end, data_type) in [
            ("/data/invoices/{id}", "/data/invoices/1", Some("invoices")),
            (
                "/data/financials/balanceSheet",
                "/data/financials/balanceSheet",
                Some("balanceSheet"),
            ),
            (
                "/connections/{connectionId}/data/bankAccounts/{id}/bankTransactions",
                "/connections/1/data/bankAccounts/2/bankTransactions",
                Some("bankTransactions"),
            ),
            (
                "/connections/{connectionId}/data/custom/{customDataIdentifier}",
                "/connections/1/data/custom/lines",
                Some("custom/lines"),
            ),
            ("/files/download", "/files/download", Some("files")),
            ("/data/history/{datasetId}", "/data/history/1", None),
            ("/connections", "/connections", None),
        ] {
            assert_eq!(of(pattern, end).as_deref(), data_type, "{pattern}");
        }
    }
}
