//! Giving a grant back, in the requests that the manifest lists for it.

use std::collections::BTreeMap;

use egress::{Door, HeaderValue, Method, Request, Secret, header};
use url::Url;

use super::{ClientCredentials, OAuthError, write_parameters};
use crate::ask::errors::retry_after;
use crate::described::integration::Integration;
use crate::described::manifest::{BodyFormat, RevokeMethod};
use crate::described::revoke::RevokeRequest;
use crate::described::template::{Template, encode_segment};

/// The grant to give back.
#[derive(Clone, Copy)]
pub struct Grant<'a> {
    pub access_token: &'a Secret,
    pub refresh_token: Option<&'a Secret>,
    /// The connection's own values.
    pub variables: &'a BTreeMap<String, String>,
}

/// The outcome of giving a grant back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// The platform doesn't know the grant any more.
    Done,
    /// The platform offers no revocation, or none with the values that the connection has so far.
    NotOffered,
    /// Revocation needs an access token that is valid, and this one has expired: refresh it and try again.
    Stale,
}

/// The kind of the token to revoke (RFC 7009 § 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenHint {
    AccessToken,
    RefreshToken,
}

impl Integration {
    /// Gives a grant back: by the manifest's requests in their order, or by RFC 7009, by which revoking the refresh
    /// token ends the access tokens too (§ 2.1). A request that needs an unknown value is left out, and a refusal means that
    /// there is nothing left to give back.
    pub async fn end(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        grant: Grant<'_>,
    ) -> Result<Revocation, OAuthError> {
        if self.auth.revoke.is_empty() {
            let (token, hint) = match grant.refresh_token {
                Some(token) => (token, TokenHint::RefreshToken),
                None => (grant.access_token, TokenHint::AccessToken),
            };
            return match self.revoke(door, credentials, token, hint).await {
                Ok(true) | Err(OAuthError::Refused { .. }) => Ok(Revocation::Done),
                Ok(false) => Ok(Revocation::NotOffered),
                Err(error) => Err(error),
            };
        }
        let mut names = grant.variables.clone();
        let secret = credentials.client_secret.as_ref();
        for (name, value) in [
            ("access_token", Some(grant.access_token.expose())),
            ("refresh_token", grant.refresh_token.map(Secret::expose)),
            ("client_id", Some(credentials.client_id.as_str())),
            ("client_secret", secret.map(Secret::expose)),
        ] {
            names.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        }
        let mut ended = Revocation::NotOffered;
        for request in &self.auth.revoke {
            match self.give_back(door, credentials, request, &names).await? {
                Revocation::NotOffered => {}
                Revocation::Stale => return Ok(Revocation::Stale),
                Revocation::Done => ended = Revocation::Done,
            }
        }
        Ok(ended)
    }

    /// Revokes a token at the platform (RFC 7009). `Ok(false)` if the platform offers no revocation; a token that the
    /// platform doesn't know any more is a success.
    async fn revoke(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        token: &Secret,
        hint: TokenHint,
    ) -> Result<bool, OAuthError> {
        let Some(url) = &self.auth.revoke_url else {
            return Ok(false);
        };
        let hint = match hint {
            TokenHint::AccessToken => "access_token",
            TokenHint::RefreshToken => "refresh_token",
        };
        let form = vec![("token", token.expose()), ("token_type_hint", hint)];
        let format = BodyFormat::Form;
        let response = self.ask_as(format, door, credentials, url, form).await?;
        if response.status.is_success() {
            return Ok(true);
        }
        let secrets = [Some(token), credentials.client_secret.as_ref()];
        Err(self.token_refusal(&response, &secrets))
    }

    /// Sends one of the requests. `NotOffered` if it needs an unknown value.
    async fn give_back(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        step: &RevokeRequest,
        names: &BTreeMap<String, String>,
    ) -> Result<Revocation, OAuthError> {
        let filled = |text: &Template| text.fill(names, str::to_owned).ok();
        let url = step.url.fill(names, encode_segment).ok();
        let parameters: Option<Vec<(&str, String)>> = step
            .parameters
            .iter()
            .map(|(name, text)| Some((name.as_str(), filled(text)?)))
            .collect();
        let (Some(Ok(url)), Some(parameters)) = (url.map(|url| Url::parse(&url)), parameters)
        else {
            return Ok(Revocation::NotOffered);
        };
        let borrowed: Vec<(&str, &str)> = parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let response = match (&step.authorization, step.method) {
            (None, RevokeMethod::Post) => {
                let format = step.body;
                self.ask_as(format, door, credentials, &url, borrowed)
                    .await?
            }
            (authorization, method) => {
                let mut request = match method {
                    RevokeMethod::Post => Request::new(Method::POST, url),
                    RevokeMethod::Delete => Request::new(Method::DELETE, url),
                };
                if method == RevokeMethod::Post {
                    write_parameters(&mut request, step.body, &borrowed);
                }
                self.token_headers(&mut request);
                let text = match authorization {
                    Some(text) => filled(text),
                    None => names
                        .get("access_token")
                        .map(|token| format!("Bearer {token}")),
                };
                let value = text.and_then(|text| HeaderValue::try_from(text).ok());
                let Some(mut value) = value else {
                    return Ok(Revocation::NotOffered);
                };
                value.set_sensitive(true);
                request.headers.insert(header::AUTHORIZATION, value);
                door.send(request).await?
            }
        };
        let status = response.status.as_u16();
        let by_access_token = match &step.authorization {
            Some(text) => text.uses("access_token"),
            None => step.method == RevokeMethod::Delete,
        };
        match status {
            401 if by_access_token => Ok(Revocation::Stale),
            408 | 429 | 500.. => Err(OAuthError::Unavailable {
                status,
                retry_after: retry_after(&response.headers),
            }),
            200..300 | 400 | 404 | 410 | 422 => Ok(Revocation::Done),
            _ => {
                let secrets = [credentials.client_secret.as_ref()];
                match self.token_refusal(&response, &secrets) {
                    OAuthError::Refused { .. } => Ok(Revocation::Done),
                    error => Err(error),
                }
            }
        }
    }
}
