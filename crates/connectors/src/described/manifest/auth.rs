//! `[auth]`: how a customer gives access, and how it is kept and given back.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use serde::Deserialize;

/// How a customer gives access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthKind {
    OAuth2,
}

/// How this program proves to the token endpoint that it is the client (RFC 6749 § 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuthentication {
    /// The `Authorization` header.
    Basic,
    /// `client_id` and `client_secret` in the body.
    Post,
    /// A public client: `client_id` alone.
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthSection {
    pub(crate) kind: AuthKind,
    pub(crate) authorize_url: String,
    /// Further parameters of the authorization URL.
    #[serde(default)]
    pub(crate) authorize_parameters: BTreeMap<String, String>,
    pub(crate) token_url: String,
    pub(crate) revoke_url: Option<String>,
    /// OpenID's user info endpoint.
    pub(crate) userinfo_url: Option<String>,
    pub(crate) issuer: Option<String>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    pub(crate) client_authentication: ClientAuthentication,
    #[serde(default = "yes")]
    pub(crate) pkce: bool,
    /// The member of the token response that says, in seconds, how long the refresh token lives.
    pub(crate) refresh_expires_in: Option<String>,
    /// How long a refresh token lives, where the token response doesn't say.
    pub(crate) refresh_token_days: Option<NonZeroU16>,
    /// How long a customer's consent lasts, however often tokens are refreshed.
    pub(crate) consent_days: Option<NonZeroU16>,
    /// How long before either ends somebody should hear of it.
    pub(crate) warning_days: Option<NonZeroU16>,
    /// How the body of a token request is written.
    #[serde(default)]
    pub(crate) token_request: BodyFormat,
    /// Further headers of requests to the token and revocation endpoints.
    #[serde(default)]
    pub(crate) token_headers: BTreeMap<String, String>,
    /// The members of the token response that say until when the access and the refresh token live, as date-times.
    pub(crate) expires_at: Option<String>,
    pub(crate) refresh_expires_at: Option<String>,
    /// Where a refusal that isn't OAuth's own has its word and its sentence: dotted paths.
    pub(crate) token_error: Option<String>,
    pub(crate) token_error_description: Option<String>,
    /// The words that mean what OAuth's `invalid_grant` means.
    #[serde(default)]
    pub(crate) grant_lost: Vec<String>,
    /// Claims of the access token, a JWT, that become variables of the connection.
    #[serde(default)]
    pub(crate) token_claims: Vec<String>,
    /// How a grant is given back, where that isn't RFC 7009's way.
    #[serde(default)]
    pub(crate) revoke: Vec<RevokeSection>,
    /// Query parameters of the callback that become variables of the connection.
    #[serde(default)]
    pub(crate) callback_parameters: Vec<String>,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BodyFormat {
    #[default]
    Form,
    Json,
    None,
}

/// One request of those that give a grant back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeSection {
    #[serde(default)]
    pub(crate) method: RevokeMethod,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) body: BodyFormat,
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
    /// The header's text; as the token endpoint has it where there is none.
    pub(crate) authorization: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum RevokeMethod {
    #[default]
    Post,
    Delete,
}

fn yes() -> bool {
    true
}
