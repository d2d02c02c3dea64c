//! Rate limits around every request: the refusal of an address that calls too often, and the headers with a client's standing.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::errors::ApiError;
use crate::AppState;
use crate::wire::time;
use platform::app::App;
use platform::limits::clients::{Admission, Standing};
use store::model::ClientId;

/// The address of the TCP peer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// A place for a request's admission until its answer is written.
#[derive(Clone, Debug, Default)]
struct Slot(Arc<OnceLock<Admission>>);

/// Lets a client's request go on, or refuses it.
pub(crate) async fn admit(
    parts: &http::request::Parts,
    app: &App,
    client: ClientId,
) -> Result<(), ApiError> {
    let admission = app.client_limits.admit(client).await?;
    if let Some(slot) = parts.extensions.get::<Slot>() {
        let _ = slot.0.set(admission);
    }
    Ok(())
}

/// Around every request: the guard of addresses, and the headers of what was admitted.
pub(crate) async fn layer(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let a_minute = app.config.limits.requests_per_minute_per_address;
    let is_operation = matches!(request.uri().path(), "/health" | "/ready" | "/metrics");
    if let (1.., false, Some(Peer(peer))) =
        (a_minute, is_operation, request.extensions().get::<Peer>())
    {
        let address = caller(*peer, request.headers(), &app.config.limits.trusted_proxies);
        if let Some(wait) = app.client_limits.call(address).await {
            return ApiError::too_many(wait.num_seconds()).into_response();
        }
    }
    let slot = Slot::default();
    request.extensions_mut().insert(slot.clone());
    let mut response = next.run(request).await;
    let admitted = slot.0.get().and_then(|admission| admission.standing);
    if let Some(standing) = admitted.or_else(|| response.extensions().get().copied()) {
        write_standing(response.headers_mut(), &standing);
    }
    response
}

fn write_standing(headers: &mut HeaderMap, standing: &Standing) {
    for (name, value) in [
        ("x-rate-limit-limit", standing.limit.to_string()),
        ("x-rate-limit-remaining", standing.remaining.to_string()),
        ("x-rate-limit-reset", time(standing.reset)),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// The address that a request came from.
pub(crate) fn address_of(app: &App, request: &Request) -> Option<IpAddr> {
    let Peer(peer) = request.extensions().get::<Peer>()?;
    Some(caller(
        *peer,
        request.headers(),
        &app.config.limits.trusted_proxies,
    ))
}

/// The address that called: the TCP peer's, or the one that a trusted proxy names.
fn caller(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let ours = |address: IpAddr| trusted.contains(&address.to_canonical());
    if !ours(peer) {
        return peer;
    }
    let named: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    // Each proxy appends the address that called it. Any caller can have written the names before the last unknown one.
    let mut caller = peer;
    for name in named.iter().rev() {
        let Some(address) = address(name.trim()) else {
            break;
        };
        caller = address;
        if !ours(address) {
            break;
        }
    }
    caller
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = text
        .strip_prefix('[')
        .and_then(|rest| rest.split(']').next());
    text.parse()
        .or_else(|_| bracketed.unwrap_or_default().parse())
        .ok()
        .or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|at| at.ip()))
}

/// Seconds to wait, as the header has them.
pub(crate) fn retry_after(headers: &mut HeaderMap, seconds: i64) {
    headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed_about_the_address_that_called_it() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let trusted = [ip("127.0.0.1"), ip("10.0.0.1")];
        let caller_of = |peer: &str, chain: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", chain.parse().unwrap());
            caller(ip(peer), &headers, &trusted)
        };
        assert_eq!(caller_of("192.0.2.9", "198.51.100.1"), ip("192.0.2.9"));
        assert_eq!(caller_of("127.0.0.1", "198.51.100.1"), ip("198.51.100.1"));
        assert_eq!(
            caller_of("127.0.0.1", "1.2.3.4, 198.51.100.1:90, 10.0.0.1"),
            ip("198.51.100.1")
        );
        assert_eq!(
            caller_of("127.0.0.1", "[2001:db8::7]:443"),
            ip("2001:db8::7")
        );
        assert_eq!(caller_of("127.0.0.1", "nonsense"), ip("127.0.0.1"));
    }
}
