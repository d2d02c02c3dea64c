//! OAuth 2.0 as a client: RFC 6749, 7009 (revocation), 7636 (PKCE), 9207 (issuer).

use std::time::Duration;

use egress::{Door, EgressError, Secret};
use serde_json::{Map, Value};
use url::Url;

use crate::integration::Integration;

/// What the platform knows this deployment by.
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    pub client_id: String,
    /// None for a public client.
    pub client_secret: Option<Secret>,
}

/// What one authorization adds to the platform's fixed authorization URL.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizationRequest<'a> {
    pub redirect_uri: &'a str,
    pub state: &'a str,
    /// [`crate::pkce::Verifier::challenge`]; give one whenever [`Integration::pkce`] says so.
    pub code_challenge: Option<&'a str>,
    /// OpenID's nonce, where an id token is asked for.
    pub nonce: Option<&'a str>,
}

/// A token endpoint's answer.
#[derive(Debug, Clone)]
pub struct TokenSet {
    pub access_token: Secret,
    /// None where the platform gives none; after a refresh, None means that the old one stays good (RFC 6749 § 6).
    pub refresh_token: Option<Secret>,
    pub expires_in: Option<Duration>,
    pub refresh_expires_in: Option<Duration>,
    pub scope: Option<String>,
    pub id_token: Option<Secret>,
    /// Further members of the answer; not secret by any rule known here, but do not log them.
    pub extra: Map<String, Value>,
}

/// Why a token endpoint gave no tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    /// The platform understood and said no: `invalid_grant`, `invalid_client`, … (RFC 6749 § 5.2).
    #[error("the platform refused: {error}")]
    Refused {
        error: String,
        description: Option<String>,
    },
    /// A 5xx, 408 or 429, or an error page of something in between: worth another try later.
    #[error("the platform's token endpoint is unavailable (status {status})")]
    Unavailable {
        status: u16,
        retry_after: Option<Duration>,
    },
    /// No answer at all; see [`EgressError::nothing_was_sent`].
    #[error(transparent)]
    Unreachable(#[from] EgressError),
    /// A success that is no token response.
    #[error("the platform's token endpoint answered with something that is no token response")]
    Malformed,
}

impl Integration {
    /// Where to send the customer's browser.
    pub fn authorization_url(
        &self,
        credentials: &ClientCredentials,
        request: &AuthorizationRequest<'_>,
    ) -> Url {
        let _ = (credentials, request);
        todo!()
    }

    /// Trades the code of a callback for tokens. The code is spent by this, whatever comes back.
    pub async fn exchange(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        redirect_uri: &str,
        code: &Secret,
        verifier: Option<&Secret>,
    ) -> Result<TokenSet, OAuthError> {
        let _ = (door, credentials, redirect_uri, code, verifier);
        todo!()
    }

    /// One refresh, sent once. Where refresh tokens rotate, the old one is spent by this.
    pub async fn refresh(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        refresh_token: &Secret,
    ) -> Result<TokenSet, OAuthError> {
        let _ = (door, credentials, refresh_token);
        todo!()
    }

    /// Revokes a token at the platform (RFC 7009). `Ok(false)` where the platform offers no revocation.
    pub async fn revoke(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        token: &Secret,
        hint: TokenHint,
    ) -> Result<bool, OAuthError> {
        let _ = (door, credentials, token, hint);
        todo!()
    }
}

/// Which token is revoked (RFC 7009 § 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenHint {
    AccessToken,
    RefreshToken,
}
