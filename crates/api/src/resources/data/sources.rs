//! The sources of an answer: the connections of a company that have the data that a read is of.

use ::records::DataType;
use axum::RequestPartsExt as _;
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

use super::resources::Resource;
use crate::AppState;
use crate::around::errors::ApiError;
use crate::around::tenancy::{OwnCompany, OwnConnection};
use store::companies::Company;
use store::connections::{self, Connection};
use store::datasets;
use store::model::{CompanyId, ConnectionId, ConnectionStatus};
use store::records::Scope;

/// The target of a read: a company or one connection, each the caller's own, and a record's id.
pub(super) struct Target {
    of: Of,
    /// A record's id, or the id of the account whose records are read.
    pub(super) id: String,
}

enum Of {
    Company(Company),
    Connection(Connection),
}

impl Target {
    pub(super) fn company(&self) -> CompanyId {
        match &self.of {
            Of::Company(company) => company.id,
            Of::Connection(connection) => connection.company_id,
        }
    }
}

impl FromRequestParts<AppState> for Target {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        // A path that can't be read is refused by the extractors of the company and the connection, after the credentials.
        let params = parts.extract::<RawPathParams>().await.ok();
        let param = |name: &str| {
            let mut params = params.iter().flat_map(RawPathParams::iter);
            params
                .find(|(param, _)| *param == name)
                .map(|(_, value)| value.to_owned())
        };
        let of = if param("connectionId").is_some() {
            let OwnConnection(connection) = OwnConnection::from_request_parts(parts, app).await?;
            Of::Connection(connection)
        } else {
            let OwnCompany(company) = OwnCompany::from_request_parts(parts, app).await?;
            Of::Company(company)
        };
        Ok(Self {
            of,
            id: param("id").unwrap_or_default(),
        })
    }
}

/// The connections that a company's answer comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// The one that was authorized last, a Linked one before others.
    Newest,
    All,
}

/// The connections that an answer comes from, each known to have the data: never empty.
pub(super) async fn sources(
    app: &AppState,
    target: &Target,
    resource: &Resource,
    reads: Reads,
) -> Result<Scope, ApiError> {
    let candidates = match &target.of {
        Of::Connection(connection) => vec![connection.clone()],
        Of::Company(company) => of_company(app, company, resource, reads).await?,
    };
    if candidates.is_empty() {
        return Err(no_data(resource, target.company()));
    }
    let offering: Vec<ConnectionId> = candidates
        .iter()
        .filter(|connection| offers(app, connection, resource.data_type))
        .map(|connection| connection.id)
        .collect();
    if offering.is_empty() {
        let platforms: Vec<&str> = candidates
            .iter()
            .map(|connection| connection.platform_name.as_str())
            .collect();
        return Err(ApiError::not_found(format!(
            "Datatype {} not supported by platform(s) {}",
            resource.data_type,
            platforms.join(", ")
        ))
        .of("PullApi"));
    }
    let mut ready = Vec::new();
    for connection in offering {
        let pulled = datasets::pulled_types(&app.db, connection).await?;
        if pulled
            .iter()
            .any(|data_type| data_type == resource.data_type.as_str())
        {
            ready.push(connection);
        }
    }
    if ready.is_empty() {
        return Err(ApiError::not_pulled(resource.data_type));
    }
    Ok(Scope {
        company: target.company(),
        connections: ready,
    })
}

/// A company's connections of the resource's kind that were ever authorized.
async fn of_company(
    app: &AppState,
    company: &Company,
    resource: &Resource,
    reads: Reads,
) -> Result<Vec<Connection>, ApiError> {
    let source_type = resource.data_type.source_type().as_str();
    let mut candidates = connections::of_companies(&app.db, &[company.id]).await?;
    candidates.retain(|connection| {
        connection.source_type.as_str() == source_type && connection.last_authorized.is_some()
    });
    if reads == Reads::Newest {
        let linked = |connection: &Connection| connection.status == ConnectionStatus::Linked;
        candidates.sort_by_key(|connection| (linked(connection), connection.last_authorized));
        candidates = candidates.pop().into_iter().collect();
    }
    Ok(candidates)
}

/// Data stays readable when the integration it came through is no longer installed.
fn offers(app: &AppState, connection: &Connection, data_type: DataType) -> bool {
    match app.catalogue.get(&connection.integration_key) {
        Some(integration) => integration.supports(data_type),
        None => connection.source_type.as_str() == data_type.source_type().as_str(),
    }
}

pub(super) fn no_data(resource: &Resource, id: impl std::fmt::Display) -> ApiError {
    ApiError::not_found(format!(
        "No data available for {} for ID {id}",
        resource.path
    ))
    .of("PullApi")
}
