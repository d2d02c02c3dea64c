//! Credentials of a request: a client's API key, one company's token, or an automation service's integration key.

use axum::extract::FromRequestParts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, ORIGIN};
use http::request::Parts;

use super::errors::ApiError;
use super::rate_headers;
use crate::AppState;
use platform::access::caller::{self, Who};
use platform::access::company_tokens;
use platform::access::integration_keys;
use store::model::ClientId;

/// A client's software. Operations that take this are out of reach for company tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    pub(crate) id: ClientId,
}

/// A caller that may reach webhook consumers: a client's software, or an automation service with its integration key, which
/// sees the consumers that it made and no others.
#[derive(Clone, Debug)]
pub(crate) struct ForWebhooks {
    pub(crate) client: ClientId,
    /// None for the client's own software.
    pub(crate) service: Option<String>,
}

/// The content of an `Authorization` header.
pub(super) enum Credentials<'a> {
    Key(String),
    Bearer(&'a str),
}

/// Reads the `Authorization` header.
pub(super) fn credentials(parts: &Parts) -> Result<Credentials<'_>, ApiError> {
    let header = parts
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let (scheme, value) = header
        .and_then(|text| text.split_once(' '))
        .ok_or_else(ApiError::unauthorized)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Credentials::Bearer(value.trim()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(ApiError::unauthorized());
    }
    let decoded = STANDARD
        .decode(value.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let text = decoded.ok_or_else(ApiError::unauthorized)?;
    // The contract encodes the bare key; ordinary Basic clients put it before a colon.
    let key = text.split_once(':').map_or(text.as_str(), |(user, _)| user);
    Ok(Credentials::Key(key.to_owned()))
}

/// The client that a key belongs to, once its request is admitted under its rate limit.
pub(super) async fn client_of_key(
    parts: &Parts,
    app: &AppState,
    key: &str,
) -> Result<Client, ApiError> {
    let known = app.keys.authenticate(key).await?;
    let (id, key) = known.ok_or_else(ApiError::unauthorized)?;
    caller::identify(Who::Key(key, id));
    rate_headers::admit(parts, app, id).await?;
    Ok(Client { id })
}

impl FromRequestParts<AppState> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        match credentials(parts)? {
            Credentials::Key(key) => client_of_key(parts, app, &key).await,
            Credentials::Bearer(token) => {
                let known =
                    company_tokens::verify(&app.vault, app.config.origin(), token, app.clock.now());
                Err(match known {
                    Some(_) => ApiError::forbidden(
                        "A company's token does not reach this operation; use an API key.",
                    ),
                    None => ApiError::unauthorized(),
                })
            }
        }
    }
}

impl FromRequestParts<AppState> for ForWebhooks {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let key = match credentials(parts)? {
            Credentials::Key(key) => key,
            Credentials::Bearer(token) => token.to_owned(),
        };
        if let Some((client, service)) = integration_keys::authenticate(&app.db, &key).await? {
            caller::identify(Who::Service(service.clone()));
            return Ok(Self {
                client,
                service: Some(service),
            });
        }
        let client = Client::from_request_parts(parts, app).await?;
        Ok(Self {
            client: client.id,
            service: None,
        })
    }
}

/// Refuses a browser's request from an origin that the client has not registered.
pub(super) async fn check_origin(
    parts: &Parts,
    app: &AppState,
    client: ClientId,
) -> Result<(), ApiError> {
    let Some(origin) = parts
        .headers
        .get(ORIGIN)
        .and_then(|value| value.to_str().ok())
    else {
        return Ok(());
    };
    if origin == app.config.origin() {
        return Ok(());
    }
    let client = store::clients::get(&app.db, client)
        .await?
        .ok_or_else(ApiError::unauthorized)?;
    if client.origins().iter().any(|allowed| allowed == origin) {
        return Ok(());
    }
    Err(ApiError::forbidden(format!(
        "The origin {} is not registered; register it with POST /corsSettings.",
        origin.chars().take(200).collect::<String>()
    )))
}
