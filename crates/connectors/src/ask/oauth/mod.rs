//! OAuth 2.0 as a client: RFC 6749, 7009 (revocation), 7636 (PKCE), 9207 (issuer).

mod answers;
mod approval;
pub(crate) mod assertion;
mod person;
pub mod pkce;
pub(crate) mod proof;
pub(crate) mod revoke;
mod scopes;

pub use scopes::scopes_in;

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use egress::{Door, EgressError, HeaderValue, Method, Request, Response, Secret, header};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

pub use self::answers::Unread;
pub(crate) use self::answers::without_mark;
use super::json::plain;
use crate::described::integration::Integration;
use crate::described::manifest::{BodyFormat, ClientAuthentication};

/// The OAuth client that a tenant has at the platform.
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    pub client_id: String,
    /// None for a public client.
    pub client_secret: Option<Secret>,
}

/// The parameters that one authorization adds to the platform's fixed authorization URL.
#[derive(Clone, Copy)]
pub struct AuthorizationRequest<'a> {
    pub redirect_uri: &'a str,
    pub state: &'a str,
    /// [`Integration::scopes_for`] what will be done.
    pub scopes: &'a [String],
    /// [`crate::pkce::Verifier::challenge`]; required if [`Integration::pkce`] is true.
    pub code_challenge: Option<&'a str>,
    /// OpenID's nonce, if an id token is requested.
    pub nonce: Option<&'a str>,
}

/// A token endpoint's answer.
#[derive(Clone)]
pub struct TokenSet {
    pub access_token: Secret,
    /// None if the platform gives none; after a refresh, None means that the old one stays valid (RFC 6749 § 6).
    pub refresh_token: Option<Secret>,
    pub expires_in: Option<Duration>,
    /// The end as a date-time, if the answer gives it in that form.
    pub expires_at: Option<DateTime<Utc>>,
    pub refresh_expires_in: Option<Duration>,
    pub refresh_expires_at: Option<DateTime<Utc>>,
    pub scope: Option<String>,
    pub id_token: Option<Secret>,
    /// The answer's other members. They may be as secret as the tokens, so that `Debug` doesn't show them.
    pub extra: Map<String, Value>,
}

impl std::fmt::Debug for TokenSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSet")
            .field("expires_in", &self.expires_in)
            .field("refreshable", &self.refresh_token.is_some())
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// The reason why a token endpoint gave no tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    /// The platform refused: `invalid_grant`, `invalid_client`, … (RFC 6749 § 5.2). Both texts are bounded, and free of the
    /// secrets that were sent.
    #[error("the platform refused: {error}")]
    Refused {
        error: String,
        description: Option<String>,
    },
    /// A 5xx, 408 or 429, or a refusal that isn't OAuth's (a proxy's page): worth a retry later.
    #[error("the platform's token endpoint is unavailable (status {status})")]
    Unavailable {
        status: u16,
        retry_after: Option<Duration>,
    },
    /// Nothing was sent: the connection's values don't make an address of the platform's.
    #[error("the token endpoint's address isn't known: {0}")]
    NoAddress(String),
    /// No answer at all; see [`EgressError::nothing_was_sent`].
    #[error(transparent)]
    Unreachable(#[from] EgressError),
    /// A success whose tokens can't be read, and the reason, which quotes nothing of it.
    #[error("the platform's token endpoint gave an answer that can't be read: {why}")]
    Unreadable { why: String, answer: Unread },
}

impl OAuthError {
    /// True if the platform refuses the client's own credentials: its operator has to correct them.
    pub fn is_operators_fault(&self) -> bool {
        matches!(self, Self::Refused { error, .. } if matches!(error.as_str(), "invalid_client" | "unauthorized_client"))
    }
}

impl Integration {
    /// The address to send the customer's browser to; none if there is no sign-in at the platform.
    pub fn authorization_url(
        &self,
        credentials: &ClientCredentials,
        request: &AuthorizationRequest<'_>,
    ) -> Option<Url> {
        let mut url = self.auth.authorize_url.clone()?;
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &credentials.client_id)
            .append_pair("redirect_uri", request.redirect_uri);
        if !request.scopes.is_empty() {
            query.append_pair("scope", &request.scopes.join(" "));
        }
        query.append_pair("state", request.state);
        if let Some(challenge) = request.code_challenge {
            query
                .append_pair("code_challenge", challenge)
                .append_pair("code_challenge_method", "S256");
        }
        if let Some(nonce) = request.nonce {
            query.append_pair("nonce", nonce);
        }
        for (name, value) in &self.auth.authorize_parameters {
            query.append_pair(name, value);
        }
        drop(query);
        Some(url)
    }

    /// Exchanges the code of a callback for tokens. The code is spent by this, whatever comes back. `variables` are the callback's own
    /// values, which the token endpoint's address may have.
    pub async fn exchange(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        redirect_uri: &str,
        code: &Secret,
        verifier: Option<&Secret>,
        variables: &BTreeMap<String, String>,
    ) -> Result<TokenSet, OAuthError> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("redirect_uri", redirect_uri),
        ];
        if let Some(verifier) = verifier {
            form.push(("code_verifier", verifier.expose()));
        }
        let response = self
            .ask_for_tokens(door, credentials, form, variables)
            .await?;
        let secrets = [Some(code), verifier, credentials.client_secret.as_ref()];
        self.tokens(&response, &secrets)
    }

    /// Sends one refresh, once. If refresh tokens rotate, the old one is spent by this. `variables` are the connection's own values.
    pub async fn refresh(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        refresh_token: &Secret,
        variables: &BTreeMap<String, String>,
    ) -> Result<TokenSet, OAuthError> {
        let form = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose()),
        ];
        let response = self
            .ask_for_tokens(door, credentials, form, variables)
            .await?;
        let secrets = [Some(refresh_token), credentials.client_secret.as_ref()];
        self.tokens(&response, &secrets)
    }

    /// The claims of the access token, a JWT, that the manifest names. It came from the platform's own token endpoint, so that
    /// its signature need not be verified (OpenID Connect Core § 3.1.3.7).
    pub fn claims_of(&self, access_token: &Secret) -> BTreeMap<String, String> {
        let payload = access_token.expose().split('.').nth(1);
        let claims: Option<Map<String, Value>> = payload
            .and_then(|payload| URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok())
            .and_then(|payload| serde_json::from_slice(&payload).ok());
        let Some(claims) = claims else {
            return BTreeMap::new();
        };
        let named = self.auth.token_claims.iter();
        named
            .filter_map(|name| {
                let value = claims.get(name).filter(|value| !value.is_null())?;
                Some((name.clone(), plain(value)))
            })
            .collect()
    }

    async fn ask_for_tokens(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        form: Vec<(&str, &str)>,
        variables: &BTreeMap<String, String>,
    ) -> Result<Response, OAuthError> {
        let url = self.auth.token_url.as_ref();
        let url = url.ok_or_else(|| OAuthError::NoAddress("there is no sign-in".to_owned()))?;
        let url = url
            .fill(variables)
            .map_err(|error| OAuthError::NoAddress(error.to_string()))?;
        let format = self.auth.token_request;
        Ok(self.ask_as(format, door, credentials, &url, form).await?)
    }

    /// Posts parameters with the client's authentication.
    pub(crate) async fn ask_as(
        &self,
        format: BodyFormat,
        door: &Door,
        credentials: &ClientCredentials,
        url: &Url,
        mut form: Vec<(&str, &str)>,
    ) -> Result<Response, EgressError> {
        let id = credentials.client_id.as_str();
        let secret = credentials.client_secret.as_ref().map(Secret::expose);
        let mut authorization = None;
        match self.auth.client_authentication {
            ClientAuthentication::Basic => {
                authorization = Some(basic(id, secret.unwrap_or_default(), form_encoded));
            }
            ClientAuthentication::RawBasic => {
                authorization = Some(basic(id, secret.unwrap_or_default(), str::to_owned));
            }
            ClientAuthentication::Post => {
                form.push(("client_id", id));
                form.extend(secret.map(|secret| ("client_secret", secret)));
            }
            ClientAuthentication::None => form.push(("client_id", id)),
        }
        let mut request = Request::new(Method::POST, url.clone());
        write_parameters(&mut request, format, &form);
        self.token_headers(&mut request);
        if let Some(authorization) = authorization {
            request.headers.insert(header::AUTHORIZATION, authorization);
        }
        door.send(request).await
    }

    /// Adds the headers of every request to the token and revocation endpoints.
    pub(crate) fn token_headers(&self, request: &mut Request) {
        let headers = &mut request.headers;
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        for (name, text) in &self.auth.token_headers {
            let text = text.fill(&BTreeMap::new(), str::to_owned).ok();
            if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
                headers.insert(name.clone(), value);
            }
        }
    }
}

/// RFC 6749 § 2.3.1: both halves are form-encoded before they are joined, so that a colon in the id stays apart.
fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn basic(id: &str, secret: &str, encode: impl Fn(&str) -> String) -> HeaderValue {
    let pair = format!("{}:{}", encode(id), encode(secret));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))
        .expect("base64 stands in any header");
    value.set_sensitive(true);
    value
}

/// Writes parameters as the body of a request.
pub(crate) fn write_parameters(
    request: &mut Request,
    format: BodyFormat,
    parameters: &[(&str, &str)],
) {
    let (content_type, body) = match format {
        BodyFormat::None => return,
        BodyFormat::Form => (
            "application/x-www-form-urlencoded",
            form_urlencoded::Serializer::new(String::new())
                .extend_pairs(parameters)
                .finish(),
        ),
        BodyFormat::Json => {
            let members = parameters.iter();
            let members: Map<String, Value> = members
                .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
                .collect();
            ("application/json", Value::Object(members).to_string())
        }
    };
    request.body = body.into();
    let content_type = HeaderValue::from_static(content_type);
    request.headers.insert(header::CONTENT_TYPE, content_type);
}
