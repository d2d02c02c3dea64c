//! Reading a token endpoint's answers, liberally: platforms agree on the words of RFC 6749 § 5.1, and on little else.
//!
//! An answer is JSON, with or without a byte order mark, or a form (`access_token=…&expires_in=…`). Any member may be a number
//! or a text. A `token_type` is any word for a bearer token, or none. A success that can't be read is never thrown away: a refresh
//! token may stand in it whose predecessor is spent.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use egress::{Response, Secret, header};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{OAuthError, TokenSet};
use crate::ask::errors::retry_after;
use crate::ask::json;
use crate::ask::presentable::{presentable, without_links};
use crate::described::integration::Integration;

/// The longest answer that is kept, in bytes. Tokens of several kilobytes exist.
const LONGEST_KEPT: usize = 64 * 1024;

/// The longest lifetime that is believed: a longer one is none.
const LONGEST_LIFE: f64 = 100.0 * 365.25 * 86_400.0;

/// Kinds of tokens that need a proof with each request, and are worth nothing in an `Authorization: Bearer` header.
const NOT_BEARER: [&str; 5] = ["mac", "dpop", "pop", "hok", "n_a"];

/// OAuth's codes (RFC 6749 § 5.2), which some platforms write in capitals.
const CODES: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// Codes of refusals that pass by themselves (RFC 6749 § 4.1.2.1, RFC 8628 § 3.5).
const PASSING: [&str; 3] = ["temporarily_unavailable", "server_error", "slow_down"];

/// A success whose tokens can't be read: the answer, for a later look. It may hold tokens, so that it is as secret as they are.
#[derive(Clone)]
pub struct Unread(Secret);

impl Unread {
    fn of(response: &Response) -> Self {
        let kind = response.headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let body = &response.body[..response.body.len().min(LONGEST_KEPT)];
        Self(Secret::new(format!(
            "{}\n{}",
            STANDARD.encode(body),
            kind.replace('\n', " ")
        )))
    }

    /// The answer as one text, to be sealed.
    pub fn text(&self) -> &Secret {
        &self.0
    }

    pub fn from_text(text: Secret) -> Self {
        Self(text)
    }

    fn body(&self) -> Bytes {
        let encoded = self.0.expose().split('\n').next().unwrap_or_default();
        STANDARD.decode(encoded).unwrap_or_default().into()
    }

    /// True unless the answer certainly brought no new refresh token: then the one before it is still worth a try. Sending a
    /// spent one ends the whole grant at many platforms.
    pub fn may_hold_refresh_token(&self) -> bool {
        let body = self.body();
        let Ok(text) = std::str::from_utf8(&body) else {
            return true;
        };
        let is_page = text.trim_start().trim_start_matches(MARK).starts_with('<');
        !is_page && text.to_ascii_lowercase().contains("refresh")
    }
}

impl std::fmt::Debug for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unread(***)")
    }
}

impl PartialEq for Unread {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose() == other.0.expose()
    }
}

impl Eq for Unread {}

/// The byte order mark, which RFC 8259 § 8.1 forbids and some servers send.
const MARK: char = '\u{feff}';

/// The body without a byte order mark.
pub(crate) fn without_mark(body: &Bytes) -> Bytes {
    if body.starts_with(b"\xef\xbb\xbf") {
        body.slice(3..)
    } else {
        body.clone()
    }
}

/// The body as a JSON object's text: as it is, or made of a form. The error says why it is neither, without quoting it.
fn as_object(body: &Bytes) -> Result<Bytes, &'static str> {
    let body = without_mark(body);
    let text = std::str::from_utf8(&body).map_err(|_| "it is not a text")?;
    let text = text.trim();
    match text.as_bytes().first() {
        None => return Err("it is empty"),
        Some(b'{') => {
            return match serde_json::from_str::<Map<String, Value>>(text) {
                Ok(_) => Ok(Bytes::copy_from_slice(text.as_bytes())),
                Err(_) => Err("it begins like JSON, and is not"),
            };
        }
        Some(b'<') => return Err("it is a page of HTML or XML"),
        Some(b'[' | b'"') => return Err("it is JSON, but not an object"),
        Some(_) => {}
    }
    let members: Map<String, Value> = form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
        .collect();
    let known = ["access_token", "error", "refresh_token"];
    if text.contains('=') && known.iter().any(|name| members.contains_key(*name)) {
        Ok(Value::Object(members).to_string().into())
    } else {
        Err("it is neither JSON nor a form")
    }
}

impl Integration {
    /// The tokens of an answer, or the reason why there are none.
    pub(super) fn tokens(
        &self,
        response: &Response,
        secrets: &[Option<&Secret>],
    ) -> Result<TokenSet, OAuthError> {
        if !response.status.is_success() {
            return Err(match self.token_refusal(response, secrets) {
                // RFC 6749 § 5.2 has this status for one refusal alone.
                OAuthError::Unavailable { status: 401, .. } => OAuthError::Refused {
                    error: "invalid_client".to_owned(),
                    description: None,
                },
                error => error,
            });
        }
        match self.read_tokens(&response.body) {
            Ok(tokens) => Ok(tokens),
            // Some servers refuse with a status of 200.
            Err(why) => Err(match self.said(response, secrets) {
                Some(refusal) => refusal,
                None => OAuthError::Unreadable {
                    why: why.to_owned(),
                    answer: Unread::of(response),
                },
            }),
        }
    }

    /// Reads an answer that was kept once more: another version or another manifest may understand it.
    pub fn read_again(&self, answer: &Unread) -> Result<TokenSet, &'static str> {
        self.read_tokens(&answer.body())
    }

    fn read_tokens(&self, body: &Bytes) -> Result<TokenSet, &'static str> {
        let whole = as_object(body)?;
        let inner = match self.auth.token_answer.as_deref() {
            None => None,
            Some(path) => {
                let found = json::at(&whole, path).ok().flatten();
                Some(found.ok_or("it has nothing where the manifest's token_answer leads")?)
            }
        };
        let object = match inner {
            Some(inner) => inner.get().as_bytes(),
            None => whole.as_ref(),
        };
        let mut members = Members::of(object)?;
        if let Some(kind) = members.text("token_type")
            && NOT_BEARER.contains(&kind.trim().to_ascii_lowercase().as_str())
        {
            return Err("its token_type is one that can't be sent as a bearer token");
        }
        let access_token = members.secret("access_token");
        let access_token = access_token.ok_or("it has no access_token")?;
        let expires_in = members.seconds("expires_in");
        let expires_at = members.time(self.auth.expires_at.as_deref());
        Ok(TokenSet {
            access_token,
            refresh_token: members.secret("refresh_token"),
            expires_in: match expires_at {
                None => expires_in.or(self.auth.access_token_lifetime),
                Some(_) => expires_in,
            },
            expires_at,
            refresh_expires_in: members.seconds(&self.auth.refresh_expires_in),
            refresh_expires_at: members.time(self.auth.refresh_expires_at.as_deref()),
            scope: members.scope(&self.auth.scopes),
            id_token: members.secret("id_token"),
            extra: members.rest(),
        })
    }

    /// The error in a token endpoint's answer that isn't a success: OAuth's, or at the paths that the manifest gives.
    pub(crate) fn token_refusal(
        &self,
        response: &Response,
        secrets: &[Option<&Secret>],
    ) -> OAuthError {
        let status = response.status.as_u16();
        let unavailable = OAuthError::Unavailable {
            status,
            retry_after: retry_after(&response.headers),
        };
        if response.status.is_server_error() || matches!(status, 408 | 429) {
            return unavailable;
        }
        self.said(response, secrets).unwrap_or(unavailable)
    }

    /// The refusal that a body names, whatever the status.
    fn said(&self, response: &Response, secrets: &[Option<&Secret>]) -> Option<OAuthError> {
        let body = as_object(&response.body).ok()?;
        let text = |path: &str| {
            let value = json::at(&body, path).ok().flatten()?;
            let text = value
                .get()
                .starts_with('"')
                .then(|| json::scalar(value))??;
            let text = without_links(&presentable(&text, secrets));
            (!text.is_empty()).then_some(text)
        };
        let own = |path: &Option<String>| path.as_deref().and_then(text);
        let error = text("error")
            .or_else(|| own(&self.auth.token_error))
            .or_else(|| text("error.code"))
            .or_else(|| text("error.type"))?;
        let description = text("error_description")
            .or_else(|| own(&self.auth.token_error_description))
            .or_else(|| text("error.message"));
        let known = CODES.iter().find(|code| code.eq_ignore_ascii_case(&error));
        if PASSING.iter().any(|code| code.eq_ignore_ascii_case(&error)) {
            return Some(OAuthError::Unavailable {
                status: response.status.as_u16(),
                retry_after: retry_after(&response.headers),
            });
        }
        Some(OAuthError::Refused {
            error: match known {
                _ if self.auth.grant_lost.contains(&error) => "invalid_grant".to_owned(),
                Some(code) => (*code).to_owned(),
                None => error,
            },
            description,
        })
    }
}

/// An object's members as they are written: a number keeps all its digits.
struct Members {
    texts: BTreeMap<String, String>,
    all: Map<String, Value>,
}

impl Members {
    fn of(object: &[u8]) -> Result<Self, &'static str> {
        let refused = "it is JSON, but its tokens are not in an object";
        let all: Map<String, Value> = serde_json::from_slice(object).map_err(|_| refused)?;
        let raw: &serde_json::value::RawValue =
            serde_json::from_slice(object).map_err(|_| refused)?;
        let members = json::object(raw).map_err(|_| refused)?;
        let texts = members
            .into_iter()
            .filter(|(_, value)| !matches!(value.get(), "null" | "true" | "false"))
            .filter_map(|(name, value)| Some((name.into_owned(), json::scalar(value)?)))
            .collect();
        Ok(Self { texts, all })
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.all.remove(name);
        self.texts.remove(name)
    }

    fn secret(&mut self, name: &str) -> Option<Secret> {
        let text = self.text(name)?;
        let text = text.trim();
        (!text.is_empty()).then(|| Secret::new(text))
    }

    /// A number of seconds. None and less is no lifetime: platforms write 0 or -1 for a token without an end, and one that had
    /// ended already would be worth nothing.
    fn seconds(&mut self, name: &str) -> Option<Duration> {
        let seconds: f64 = self.text(name)?.trim().parse().ok()?;
        if !seconds.is_finite() || seconds <= 0.0 {
            return None;
        }
        Duration::try_from_secs_f64(seconds.min(LONGEST_LIFE)).ok()
    }

    /// A date-time (RFC 3339), or seconds or milliseconds since 1970.
    fn time(&mut self, name: Option<&str>) -> Option<DateTime<Utc>> {
        let text = self.text(name?)?;
        let text = text.trim();
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Some(time.to_utc());
        }
        let number: i64 = text.parse().ok()?;
        // Seconds have twelve digits only after the year 5138.
        if number >= 100_000_000_000 {
            DateTime::from_timestamp_millis(number)
        } else {
            DateTime::from_timestamp(number, 0)
        }
    }

    /// The scopes, separated by spaces: of a text with spaces or commas, or an array. Commas stay if a requested scope has one.
    fn scope(&mut self, requested: &[String]) -> Option<String> {
        let commas = !requested.iter().any(|scope| scope.contains(','));
        let given = self.all.remove("scope").or(self.all.remove("scopes"))?;
        let texts = match given {
            Value::String(text) => vec![text],
            Value::Array(items) => items
                .into_iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            _ => return None,
        };
        let separates = |letter: char| letter.is_whitespace() || (commas && letter == ',');
        let scopes = texts.iter().flat_map(|text| text.split(separates));
        let scopes: Vec<&str> = scopes.filter(|scope| !scope.is_empty()).collect();
        (!scopes.is_empty()).then(|| scopes.join(" "))
    }

    fn rest(self) -> Map<String, Value> {
        self.all
    }
}
