//! Who is asking: a client's software with its API key, or one company's own people with a token.

use axum::RequestPartsExt;
use axum::extract::{FromRequestParts, RawPathParams};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, ORIGIN};
use http::request::Parts;

use super::errors::ApiError;
use super::{path_id, rate_headers};
use crate::AppState;
use platform::access::company_tokens;
use platform::access::integration_keys;
use store::model::{Actor, ClientId, CompanyId};

/// A client's software. Operations that take this are out of reach for company tokens.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    pub id: ClientId,
}

/// Somebody who may act on the company in the path: its client's software, or its own people with a token for exactly this
/// company.
#[derive(Clone, Copy, Debug)]
pub struct ForCompany {
    pub client: ClientId,
    pub company: CompanyId,
    pub actor: Actor,
}

/// Who may reach webhook consumers: a client's software, or an automation service with its integration key, which sees the
/// consumers that it made and no others.
#[derive(Clone, Debug)]
pub struct ForWebhooks {
    pub client: ClientId,
    /// None for the client's own software.
    pub service: Option<String>,
}

enum Credentials<'a> {
    Key(String),
    Bearer(&'a str),
}

fn credentials(parts: &Parts) -> Result<Credentials<'_>, ApiError> {
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

async fn by_key(parts: &Parts, app: &AppState, key: &str) -> Result<Client, ApiError> {
    let known = app.keys.authenticate(key).await?;
    let (id, _) = known.ok_or_else(ApiError::unauthorized)?;
    rate_headers::admit(parts, app, id).await?;
    Ok(Client { id })
}

impl FromRequestParts<AppState> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        match credentials(parts)? {
            Credentials::Key(key) => by_key(parts, app, &key).await,
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

impl FromRequestParts<AppState> for ForCompany {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let company = company_in_path(parts).await;
        match credentials(parts)? {
            Credentials::Key(key) => {
                let client = by_key(parts, app, &key).await?;
                Ok(Self {
                    client: client.id,
                    company: company?,
                    actor: Actor::Client,
                })
            }
            Credentials::Bearer(token) => {
                let bearer =
                    company_tokens::verify(&app.vault, app.config.origin(), token, app.clock.now())
                        .ok_or_else(ApiError::unauthorized)?;
                if bearer.company != company? {
                    return Err(ApiError::forbidden("This token is for another company."));
                }
                check_origin(parts, app, bearer.client).await?;
                Ok(Self {
                    client: bearer.client,
                    company: bearer.company,
                    actor: Actor::Customer,
                })
            }
        }
    }
}

async fn company_in_path(parts: &mut Parts) -> Result<CompanyId, ApiError> {
    let params = parts
        .extract::<RawPathParams>()
        .await
        .map_err(|_| ApiError::bad_request("The path can't be read."))?;
    let text = params
        .iter()
        .find(|(name, _)| *name == "companyId")
        .map(|(_, value)| value.to_owned());
    path_id("companyId", text.as_deref().unwrap_or_default())
}

/// A browser says from where; that must be an origin which the client has registered.
async fn check_origin(parts: &Parts, app: &AppState, client: ClientId) -> Result<(), ApiError> {
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
