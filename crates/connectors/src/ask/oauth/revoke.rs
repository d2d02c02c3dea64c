//! Giving a grant back, in the requests that the manifest lists for it.

use std::collections::BTreeMap;
use std::time::Duration;

use egress::{Door, EgressError, HeaderValue, Method, Request, Response, Secret, header};
use serde_json::Value;

use super::{ClientCredentials, write_parameters};
use crate::ask::errors::retry_after;
use crate::ask::json::plain;
use crate::ask::presentable::presentable;
use crate::described::access::revoke::RevokeRequest;
use crate::described::integration::Integration;
use crate::described::manifest::{BodyFormat, RevocationReach, RevokeMethod};
use crate::described::template::Template;
use crate::text::steps;

/// The grant to give back.
#[derive(Clone, Copy)]
pub struct Grant<'a> {
    pub access_token: &'a Secret,
    pub refresh_token: Option<&'a Secret>,
    /// The connection's own values.
    pub variables: &'a BTreeMap<String, String>,
}

/// The outcome of giving a grant back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// The platform took it back.
    Done(Said),
    /// It was over at the platform already.
    OverAlready(Said),
    /// The platform offers no revocation, or none with the values that the connection has so far.
    NotOffered,
    /// Revocation needs an access token that is valid, and this one has expired: refresh it and try again.
    Stale,
}

/// A platform's answer to a revocation, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub status: u16,
    /// The error's code, bounded and free of the secrets that were sent.
    pub error: Option<String>,
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.error {
            Some(error) => write!(f, "{} ({error})", self.status),
            None => write!(f, "{}", self.status),
        }
    }
}

/// The reason why a grant was not given back; another try may succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevocationError {
    /// An answer that doesn't say that the grant is over, with the wait that it asks for.
    #[error("the platform answered {said}")]
    Refused {
        said: Said,
        retry_after: Option<Duration>,
    },
    /// No answer at all.
    #[error(transparent)]
    Unreachable(#[from] EgressError),
}

impl RevocationError {
    /// True if the platform doesn't accept the OAuth client itself: its operator must mend that.
    pub fn is_the_clients_fault(&self) -> bool {
        let Self::Refused { said, .. } = self else {
            return false;
        };
        let named = said.error.as_deref();
        matches!(named, Some("invalid_client" | "unauthorized_client"))
    }
}

/// The kind of the token to revoke (RFC 7009 § 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenHint {
    AccessToken,
    RefreshToken,
}

impl Integration {
    /// Gives a grant back: by the manifest's requests in their order, or by RFC 7009, by which revoking the refresh
    /// token ends the access tokens too (§ 2.1) unless the manifest says that it reaches no further than itself. A request that
    /// needs an unknown value is left out.
    ///
    /// # Errors
    /// The platform can't be asked, or its answer doesn't say that the grant is over: also a success with an error in it.
    pub async fn end(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        grant: Grant<'_>,
    ) -> Result<Revocation, RevocationError> {
        // A key or a certificate is no grant of the authorization server's: it ends where it was made.
        if self.way_of(grant.variables).is_some() {
            return Ok(Revocation::NotOffered);
        }
        let access = (grant.access_token, TokenHint::AccessToken);
        let refresh = grant
            .refresh_token
            .map(|token| (token, TokenHint::RefreshToken));
        if self.auth.revoke.is_empty() {
            let alone = self.revocation_reach() == RevocationReach::Token || refresh.is_none();
            let tokens = refresh.into_iter().chain(alone.then_some(access));
            let mut ended = Revocation::NotOffered;
            for (token, hint) in tokens {
                ended = further(
                    ended,
                    self.revoke(door, credentials, token, hint, grant.variables)
                        .await?,
                );
            }
            return Ok(ended);
        }
        self.send_all(door, credentials, grant, |_| true).await
    }

    /// Ends the access to one account, whose values are the grant's, by the requests that reach no further. `NotOffered` if the
    /// platform has none.
    ///
    /// # Errors
    /// As of [`Self::end`].
    pub async fn end_account(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        grant: Grant<'_>,
    ) -> Result<Revocation, RevocationError> {
        let own = |request: &RevokeRequest| request.one_account;
        self.send_all(door, credentials, grant, own).await
    }

    /// Sends those of the manifest's requests that are wanted, in their order.
    async fn send_all(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        grant: Grant<'_>,
        wanted: impl Fn(&RevokeRequest) -> bool,
    ) -> Result<Revocation, RevocationError> {
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
        let secrets = [Some(grant.access_token), grant.refresh_token, secret];
        let mut ended = Revocation::NotOffered;
        for request in self.auth.revoke.iter().filter(|request| wanted(request)) {
            let step = self.give_back(door, credentials, request, &names, &secrets);
            match step.await? {
                Revocation::Stale => return Ok(Revocation::Stale),
                outcome => ended = further(ended, outcome),
            }
        }
        Ok(ended)
    }

    /// Revokes a token at the platform (RFC 7009).
    async fn revoke(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        token: &Secret,
        hint: TokenHint,
        variables: &BTreeMap<String, String>,
    ) -> Result<Revocation, RevocationError> {
        let url = self.auth.revoke_url.as_ref();
        let Some(url) = url.and_then(|url| url.fill(variables).ok()) else {
            return Ok(Revocation::NotOffered);
        };
        let hint = match hint {
            TokenHint::AccessToken => "access_token",
            TokenHint::RefreshToken => "refresh_token",
        };
        let form = vec![("token", token.expose()), ("token_type_hint", hint)];
        let format = BodyFormat::Form;
        let response = self.ask_as(format, door, credentials, &url, form).await?;
        let secrets = [Some(token), credentials.client_secret.as_ref()];
        self.verdict(&response, &[], &secrets)
    }

    /// Sends one of the requests. `NotOffered` if it needs an unknown value.
    async fn give_back(
        &self,
        door: &Door,
        credentials: &ClientCredentials,
        step: &RevokeRequest,
        names: &BTreeMap<String, String>,
        secrets: &[Option<&Secret>],
    ) -> Result<Revocation, RevocationError> {
        let filled = |text: &Template| text.fill(names, str::to_owned).ok();
        let url = step.url.fill(names).ok();
        let parameters: Option<Vec<(&str, String)>> = step
            .parameters
            .iter()
            .map(|(name, text)| Some((name.as_str(), filled(text)?)))
            .collect();
        let (Some(url), Some(parameters)) = (url, parameters) else {
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
        if response.status.as_u16() == 401 && step.proves_access() {
            return Ok(Revocation::Stale);
        }
        self.verdict(&response, &step.gone, secrets)
    }

    /// The meaning of an answer. Only a success without an error in it, or the word that there is no such token, says that a
    /// grant is over: a client that isn't known, a page that isn't there or a server that is down say nothing of the grant.
    fn verdict(
        &self,
        response: &Response,
        gone: &[u16],
        secrets: &[Option<&Secret>],
    ) -> Result<Revocation, RevocationError> {
        let status = response.status.as_u16();
        let error = self.error_in(response);
        let is_over = matches!(error.as_deref(), Some("invalid_token" | "invalid_grant"));
        let said = Said {
            status,
            error: error.map(|error| presentable(&error, secrets)),
        };
        match status {
            200..300 if said.error.is_none() => Ok(Revocation::Done(said)),
            200..300 | 400 | 404 | 410 | 422 if is_over => Ok(Revocation::OverAlready(said)),
            _ if gone.contains(&status) => Ok(Revocation::OverAlready(said)),
            _ => Err(RevocationError::Refused {
                said,
                retry_after: retry_after(&response.headers),
            }),
        }
    }

    /// The code of the error in a body: OAuth's, at the manifest's path, or in one of the shapes that are usual elsewhere.
    fn error_in(&self, response: &Response) -> Option<String> {
        let body = response
            .body
            .strip_prefix("\u{feff}".as_bytes())
            .unwrap_or(&response.body);
        let code = match serde_json::from_slice::<Value>(body) {
            Ok(body) => self.error_in_json(&body)?,
            Err(_) => {
                let kind = response.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
                if !kind.contains("form-urlencoded") {
                    return None;
                }
                let mut pairs = url::form_urlencoded::parse(body);
                let (_, code) = pairs.find(|(name, _)| name == "error")?;
                code.into_owned()
            }
        };
        if self.auth.grant_lost.contains(&code) {
            return Some("invalid_grant".to_owned());
        }
        Some(code)
    }

    fn error_in_json(&self, body: &Value) -> Option<String> {
        let at = |path: &str| {
            let found = steps(path)
                .iter()
                .try_fold(body, |value, step| match value {
                    Value::Array(items) => items.get(step.parse::<usize>().ok()?),
                    other => other.get(step),
                });
            found.and_then(code_of)
        };
        let refused = |name: &str, words: &[&str]| {
            let value = body.get(name)?;
            let is_refused = match value {
                Value::Bool(value) => !value,
                Value::String(word) => words
                    .iter()
                    .any(|refusal| refusal.eq_ignore_ascii_case(word)),
                _ => false,
            };
            is_refused.then(|| format!("{name}: {}", plain(value)))
        };
        at("error")
            .or_else(|| at(self.auth.token_error.as_deref()?))
            .or_else(|| at("errors"))
            .or_else(|| refused("success", &["false"]))
            .or_else(|| refused("ok", &["false"]))
            .or_else(|| refused("status", &["error", "fail", "failed", "failure"]))
    }
}

/// The code that a member for an error holds; none if it holds nothing.
fn code_of(value: &Value) -> Option<String> {
    let unnamed = || Some("error".to_owned());
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::Bool(true) => unnamed(),
        Value::Number(number) => (number.as_i64() != Some(0)).then(|| number.to_string()),
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Array(items) => items.iter().find_map(code_of),
        Value::Object(members) if members.is_empty() => None,
        Value::Object(members) => ["code", "error", "type", "message"]
            .iter()
            .find_map(|name| members.get(*name).and_then(code_of))
            .or_else(unnamed),
    }
}

/// Of two requests' outcomes, that of both together: over already only if nothing was left to take back.
fn further(before: Revocation, next: Revocation) -> Revocation {
    match (before, next) {
        (before, Revocation::NotOffered) => before,
        (Revocation::Done(said), Revocation::OverAlready(_)) => Revocation::Done(said),
        (_, next) => next,
    }
}
