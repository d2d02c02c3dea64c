//! Client authentication: `client_secret_basic` or `client_secret_post` (RFC 6749, section 2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap};

use crate::oauth::params::Params;
use crate::state::{Registered, State};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unauthenticated {
    /// Both methods at once, which section 2.3 forbids.
    TwoMethods,
    InvalidClient,
}

pub(super) fn authenticate(
    state: &State,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Registered, Unauthenticated> {
    use Unauthenticated::{InvalidClient, TwoMethods};
    let in_body = params.get("client_secret");
    let (id, secret) = match headers.get(AUTHORIZATION) {
        Some(_) if in_body.is_some() => return Err(TwoMethods),
        Some(value) => {
            let (id, secret) = value.to_str().ok().and_then(basic).ok_or(InvalidClient)?;
            if params.get("client_id").is_some_and(|named| named != id) {
                return Err(InvalidClient);
            }
            (id, secret)
        }
        None => {
            let id = params.get("client_id").ok_or(InvalidClient)?;
            (id.to_owned(), in_body.ok_or(InvalidClient)?.to_owned())
        }
    };
    state
        .client(&id)
        .filter(|client| client.secret_is(&secret))
        .ok_or(InvalidClient)
}

/// Id and secret are each form-encoded inside the base64.
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, rest) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_encoding::percent_decode_str(&text)
        .decode_utf8()
        .ok()
        .map(|text| text.into_owned())
}
