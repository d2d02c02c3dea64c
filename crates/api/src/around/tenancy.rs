//! The company and the connection of a path, loaded for a caller that may reach them.
//!
//! Every handler below `/companies/{companyId}` takes one of these types, so that none can forget to check whose company it
//! is. All of them refuse in one order: unknown or insufficient credentials (401, 403), ids that can't be read (400), rows
//! that aren't there or are another client's (404).

use std::fmt::Display;
use std::str::FromStr;

use axum::RequestPartsExt;
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

use super::auth::{self, Client, Credentials};
use super::errors::ApiError;
use super::path_id;
use crate::AppState;
use platform::access::caller::{self, Who};
use platform::access::company_tokens::{self, Audience};
use store::companies::Company;
use store::connections::Connection;
use store::model::{Actor, ClientId, CompanyId, ConnectionId};

/// The company of the path, for its client's software alone.
#[derive(Debug)]
pub(crate) struct OwnCompany(pub(crate) Company);

/// A connection of that company, for its client's software alone.
#[derive(Debug)]
pub(crate) struct OwnConnection(pub(crate) Connection);

/// The company of the path, for its client's software and for its own people with a token for exactly this company.
#[derive(Debug)]
pub(crate) struct ForCompany(pub(crate) Company);

/// A connection of that company, for both kinds of credentials.
#[derive(Debug)]
pub(crate) struct ForConnection {
    pub(crate) connection: Connection,
    pub(crate) actor: Actor,
}

/// The company of the path, for its client's software and for its own people with a token that lets them connect platforms:
/// the one that the Connections component carries doesn't.
#[derive(Debug)]
pub(crate) struct ForLink {
    pub(crate) company: Company,
    pub(crate) actor: Actor,
}

/// A connection of that company, for the same callers.
#[derive(Debug)]
pub(crate) struct ForLinkConnection {
    pub(crate) connection: Connection,
    pub(crate) actor: Actor,
}

/// The company of the path, for a page of its client's that has no credentials yet: what it may do, the link that it sends says.
#[derive(Debug)]
pub(crate) struct ForPage(pub(crate) Company);

/// A caller with a right to the company of the path, which isn't loaded: for the record of events, which outlives companies
/// and connections. Queries must be bound to both ids.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ForHistory {
    pub(crate) client: ClientId,
    pub(crate) company: CompanyId,
    actor: Actor,
    /// None for the client's software.
    audience: Option<Audience>,
    /// True if the token is of the company beside whose connection the one of the path was made, and reaches that one alone.
    beside: bool,
}

impl ForHistory {
    /// Refuses the token of the Connections component.
    fn can_link(&self) -> Result<(), ApiError> {
        match self.audience {
            Some(Audience::ConnectionManagement) => Err(ApiError::forbidden(
                "This token manages connections and makes none; use one of GET /companies/{companyId}/accessToken.",
            )),
            _ => Ok(()),
        }
    }
}

impl FromRequestParts<AppState> for OwnCompany {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let client = Client::from_request_parts(parts, app).await?;
        let id = id_in_path(parts, "companyId").await?;
        Ok(Self(load_company(app, client.id, id).await?))
    }
}

impl FromRequestParts<AppState> for OwnConnection {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let client = Client::from_request_parts(parts, app).await?;
        let company = id_in_path(parts, "companyId").await?;
        let id = id_in_path(parts, "connectionId").await?;
        Ok(Self(load_connection(app, client.id, company, id).await?))
    }
}

impl FromRequestParts<AppState> for ForCompany {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let caller = ForHistory::from_request_parts(parts, app).await?;
        let company = load_company(app, caller.client, caller.company).await?;
        Ok(Self(company))
    }
}

impl FromRequestParts<AppState> for ForConnection {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let caller = ForHistory::from_request_parts(parts, app).await?;
        let id = id_in_path(parts, "connectionId").await?;
        Ok(Self {
            connection: load_connection(app, caller.client, caller.company, id).await?,
            actor: caller.actor,
        })
    }
}

impl FromRequestParts<AppState> for ForLink {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let caller = ForHistory::from_request_parts(parts, app).await?;
        if caller.beside {
            return Err(ApiError::forbidden(OTHER_COMPANY));
        }
        caller.can_link()?;
        Ok(Self {
            company: load_company(app, caller.client, caller.company).await?,
            actor: caller.actor,
        })
    }
}

impl FromRequestParts<AppState> for ForLinkConnection {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let caller = ForHistory::from_request_parts(parts, app).await?;
        caller.can_link()?;
        let id = id_in_path(parts, "connectionId").await?;
        Ok(Self {
            connection: load_connection(app, caller.client, caller.company, id).await?,
            actor: caller.actor,
        })
    }
}

impl FromRequestParts<AppState> for ForPage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let id = id_in_path(parts, "companyId").await?;
        let client = store::companies::owner(&app.db, id).await?;
        let client = client.ok_or_else(|| ApiError::no_company(id))?;
        auth::check_origin(parts, app, client).await?;
        Ok(Self(load_company(app, client, id).await?))
    }
}

impl FromRequestParts<AppState> for ForHistory {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        match auth::credentials(parts)? {
            Credentials::Key(key) => {
                let client = auth::client_of_key(parts, app, &key).await?;
                Ok(Self {
                    client: client.id,
                    company: id_in_path(parts, "companyId").await?,
                    actor: Actor::Client,
                    audience: None,
                    beside: false,
                })
            }
            Credentials::Bearer(token) => {
                let bearer =
                    company_tokens::verify(&app.vault, app.config.origin(), token, app.clock.now())
                        .ok_or_else(ApiError::unauthorized)?;
                let company = id_in_path(parts, "companyId").await?;
                let beside = bearer.company != company;
                if beside && !is_beside(parts, app, company, bearer.company).await? {
                    return Err(ApiError::forbidden(OTHER_COMPANY));
                }
                auth::check_origin(parts, app, bearer.client).await?;
                caller::identify(Who::Token(bearer.audience));
                Ok(Self {
                    client: bearer.client,
                    company,
                    actor: Actor::Customer,
                    audience: Some(bearer.audience),
                    beside,
                })
            }
        }
    }
}

const OTHER_COMPANY: &str = "This token is for another company.";

/// True if the connection of the path was made beside one of the token's company, when its customer connected several businesses by
/// one sign-in: the people who gave that access can see it, and take it back.
async fn is_beside(
    parts: &mut Parts,
    app: &AppState,
    company: CompanyId,
    of_token: CompanyId,
) -> Result<bool, ApiError> {
    match id_in_path(parts, "connectionId").await {
        Ok(connection) => {
            let found = store::choices::is_beside(&app.db, (company, connection), of_token).await?;
            Ok(found)
        }
        Err(_) => Ok(false),
    }
}

/// An id in the path, or the refusal that names it.
async fn id_in_path<T: FromStr>(parts: &mut Parts, name: &str) -> Result<T, ApiError>
where
    T::Err: Display,
{
    let params = parts
        .extract::<RawPathParams>()
        .await
        .map_err(|_| ApiError::unreadable_path())?;
    let text = params.iter().find(|(param, _)| *param == name);
    path_id(name, text.map_or("", |(_, value)| value))
}

pub(crate) async fn load_company(
    app: &AppState,
    client: ClientId,
    id: CompanyId,
) -> Result<Company, ApiError> {
    store::companies::get(&app.db, client, id)
        .await?
        .ok_or_else(|| ApiError::no_company(id))
}

/// Loads a connection of one of the client's companies. The refusal names the company if that is what isn't there.
pub(crate) async fn load_connection(
    app: &AppState,
    client: ClientId,
    company: CompanyId,
    id: ConnectionId,
) -> Result<Connection, ApiError> {
    match store::connections::get(&app.db, client, company, id).await? {
        Some(connection) => Ok(connection),
        None => {
            load_company(app, client, company).await?;
            Err(ApiError::no_connection(id))
        }
    }
}
