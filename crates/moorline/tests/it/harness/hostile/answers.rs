//! Requests as a tenant saw them, and its answers.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// A request as the tenant saw it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    /// Without the tenant's key: `token`, `v1/customers`.
    pub path: String,
    pub query: BTreeMap<String, String>,
    /// The parameters of a form's body.
    pub form: BTreeMap<String, String>,
    pub body: String,
    pub authorization: Option<String>,
    /// The account that the request's token or code leads to, whether or not its grant still lives.
    pub account: Option<String>,
    /// By the story's clock.
    pub at: DateTime<Utc>,
}

impl Asked {
    pub(super) fn new(
        method: Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &Bytes,
        at: DateTime<Utc>,
    ) -> Self {
        let pairs = |text: &[u8]| {
            url::form_urlencoded::parse(text)
                .into_owned()
                .collect::<BTreeMap<String, String>>()
        };
        let header = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let is_form = header("content-type").is_some_and(|kind| kind.contains("urlencoded"));
        let path = uri.path().trim_start_matches('/');
        Self {
            method,
            path: path.split_once('/').map_or("", |(_, rest)| rest).to_owned(),
            query: pairs(uri.query().unwrap_or_default().as_bytes()),
            form: if is_form {
                pairs(body)
            } else {
                BTreeMap::new()
            },
            body: String::from_utf8_lossy(body).into_owned(),
            authorization: header("authorization"),
            account: None,
            at,
        }
    }

    /// True for a request to the token endpoint that renews.
    pub fn is_renewal(&self) -> bool {
        self.path == "token" && self.grant_type() == "refresh_token"
    }

    /// True for a request to the token endpoint that trades a code.
    pub fn is_exchange(&self) -> bool {
        self.path == "token" && self.grant_type() == "authorization_code"
    }

    fn grant_type(&self) -> &str {
        self.form.get("grant_type").map_or("", String::as_str)
    }

    pub fn bearer(&self) -> Option<&str> {
        self.authorization.as_deref()?.strip_prefix("Bearer ")
    }

    /// The text of a Basic header, decoded from base64 alone.
    pub fn basic(&self) -> Option<String> {
        let encoded = self.authorization.as_deref()?.strip_prefix("Basic ")?;
        String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// True if the connection breaks before the answer is whole.
    pub is_lost: bool,
}

impl Reply {
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", &body.to_string())
    }

    pub fn text(status: u16, content_type: &str, body: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.as_bytes().to_vec(),
            is_lost: false,
        }
    }

    /// OAuth's refusal (RFC 6749 § 5.2).
    pub fn refusal(status: u16, error: &str) -> Self {
        Self::json(status, &serde_json::json!({ "error": error }))
    }

    /// An access token's refusal (RFC 6750 § 3.1).
    pub fn unauthorized() -> Self {
        Self::refusal(401, "invalid_token").header(
            "www-authenticate",
            "Bearer realm=\"quayside\", error=\"invalid_token\"",
        )
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same with another body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same with its JSON changed.
    pub fn changed(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut json = self.value();
        change(&mut json);
        self.body(json.to_string())
    }

    /// The same, of which the caller gets no whole answer.
    pub fn lost(mut self) -> Self {
        self.is_lost = true;
        self
    }

    /// The body, if it is JSON.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(if self.is_lost {
            let whole = Bytes::from(self.body);
            let half = whole.slice(..whole.len() / 2);
            let broken = Err(std::io::Error::other("the connection breaks"));
            Body::from_stream(futures_util::stream::iter([Ok(half), broken]))
        } else {
            Body::from(self.body)
        });
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap();
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        response
    }
}
