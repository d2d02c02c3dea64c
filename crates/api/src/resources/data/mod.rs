//! Reading pulled data: the contract's data endpoints, from one table of resources.

mod described;
mod model;
pub mod pulls;
pub mod pushes;
mod resources;
mod statements;
pub mod supplemental;
pub mod sync_settings;
mod tracking;
pub mod validation;

use ::records::DataType;
use axum::Router;
use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{RequestPartsExt as _, body::Body};
use http::header::CONTENT_TYPE;
use http::request::Parts;

use crate::around::auth::Client;
use crate::around::errors::ApiError;
use crate::around::paging::Paging;
use crate::{AppState, around::path_id};
pub(crate) use described::operations;
use resources::{COMMERCE_INFO, COMPANY_INFO, Reach, Reading, Resource};
use statements::Periods;
use store::connections::{self, Connection};
use store::model::{CompanyId, ConnectionId, ConnectionStatus};
use store::query::{Condition, Expression, Order};
use store::records::{self, Scope, Stored};
use store::{companies, datasets};

const COMPANY: &str = "/companies/{companyId}/data";
const CONNECTION: &str = "/companies/{companyId}/connections/{connectionId}/data";

pub fn routes() -> Router<AppState> {
    let mut router = Router::new()
        .route(
            &format!("{COMPANY}/info"),
            get(async |app, asked| single(app, asked, &COMPANY_INFO).await),
        )
        .route(
            &format!("{CONNECTION}/commerce-info"),
            get(async |app, asked| single(app, asked, &COMMERCE_INFO).await),
        )
        .route(
            &format!("{COMPANY}/banking-transactions"),
            get(list_of_all_banks),
        )
        .route(
            &format!("{CONNECTION}/bankAccounts/{{id}}/bankTransactions"),
            get(list_of_account),
        )
        .route(
            &format!("{COMPANY}/trackingCategories/{{id}}"),
            get(tracking_category),
        );
    for resource in resources::statements() {
        let path = format!("{COMPANY}/financials/{}", resource.path);
        router = router.route(
            &path,
            get(async |app, asked, periods| statement(app, asked, periods, resource).await),
        );
    }
    for resource in resources::lists() {
        let base = match resource.reach {
            Reach::Company => COMPANY,
            Reach::Connection => CONNECTION,
        };
        let path = format!("{base}/{}", resource.path);
        if resource.reading == Reading::ListAndIds {
            let one = format!("{path}/{{id}}");
            router = router.route(
                &one,
                get(async |app, asked| one_by_id(app, asked, resource).await),
            );
        }
        router = router.route(
            &path,
            get(async |app, asked, paging| list(app, asked, paging, resource).await),
        );
    }
    router
}

/// The client that asks, and the ids in the path.
struct Asked {
    client: Client,
    company: CompanyId,
    connection: Option<ConnectionId>,
    /// A record's id, or that of the account whose records are asked for.
    id: String,
}

impl FromRequestParts<AppState> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let client = Client::from_request_parts(parts, app).await?;
        let params = parts
            .extract::<RawPathParams>()
            .await
            .map_err(|_| ApiError::bad_request("The path can't be read."))?;
        let param = |wanted: &str| {
            params
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| value.to_owned())
        };
        let connection = match param("connectionId") {
            Some(text) => Some(path_id("connectionId", &text)?),
            None => None,
        };
        Ok(Self {
            client,
            company: path_id("companyId", &param("companyId").unwrap_or_default())?,
            connection,
            id: param("id").unwrap_or_default(),
        })
    }
}

/// The connections that an answer comes from, each known to have the data: never empty.
async fn sources(
    app: &AppState,
    asked: &Asked,
    resource: &Resource,
    all: bool,
) -> Result<Scope, ApiError> {
    let company = asked.company;
    let candidates = match asked.connection {
        Some(id) => match connections::get(&app.db, asked.client.id, company, id).await? {
            Some(connection) => vec![connection],
            None => return Err(absent(app, asked, ApiError::no_connection(id)).await?),
        },
        None => {
            if companies::get(&app.db, asked.client.id, company)
                .await?
                .is_none()
            {
                return Err(ApiError::no_company(company));
            }
            let source_type = resource.data_type.source_type().as_str();
            let mut candidates = connections::of_companies(&app.db, &[company]).await?;
            candidates.retain(|connection| {
                connection.source_type.as_str() == source_type
                    && connection.last_authorized.is_some()
            });
            if !all {
                let linked =
                    |connection: &Connection| connection.status == ConnectionStatus::Linked;
                candidates
                    .sort_by_key(|connection| (linked(connection), connection.last_authorized));
                candidates = candidates.pop().into_iter().collect();
            }
            candidates
        }
    };
    if candidates.is_empty() {
        return Err(no_data(resource, company));
    }
    let platforms: Vec<&str> = candidates
        .iter()
        .map(|connection| connection.platform_name.as_str())
        .collect();
    let platforms = platforms.join(", ");
    let offering: Vec<ConnectionId> = candidates
        .iter()
        .filter(|connection| offers(app, connection, resource.data_type))
        .map(|connection| connection.id)
        .collect();
    if offering.is_empty() {
        let data_type = resource.data_type;
        return Err(ApiError::not_found(format!(
            "Datatype {data_type} not supported by platform(s) {platforms}"
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
        return Err(ApiError::conflict(format!(
            "Data for {} has not been requested yet, or its first sync is not complete.",
            resource.data_type
        ))
        .of("PullApi"));
    }
    Ok(Scope {
        company,
        connections: ready,
    })
}

/// Data stays readable when the integration it came through is no longer installed.
fn offers(app: &AppState, connection: &Connection, data_type: DataType) -> bool {
    match app.catalogue.get(&connection.integration_key) {
        Some(integration) => integration.supports(data_type),
        None => connection.source_type.as_str() == data_type.source_type().as_str(),
    }
}

/// The error for the company that is missing, if it is; otherwise for the thing below it.
async fn absent(app: &AppState, asked: &Asked, otherwise: ApiError) -> Result<ApiError, ApiError> {
    let company = companies::get(&app.db, asked.client.id, asked.company).await?;
    Ok(if company.is_none() {
        ApiError::no_company(asked.company)
    } else {
        otherwise
    })
}

fn no_data(resource: &Resource, id: impl std::fmt::Display) -> ApiError {
    ApiError::not_found(format!(
        "No data available for {} for ID {id}",
        resource.path
    ))
    .of("PullApi")
}

async fn list(
    State(app): State<AppState>,
    asked: Asked,
    paging: Paging,
    resource: &Resource,
) -> Result<Response, ApiError> {
    let wanted = Wanted::read(&paging, resource)?;
    let scope = sources(&app, &asked, resource, false).await?;
    page(&app, &scope, &paging, resource, wanted).await
}

async fn list_of_all_banks(
    State(app): State<AppState>,
    asked: Asked,
    paging: Paging,
) -> Result<Response, ApiError> {
    let resource = &resources::BANKING_TRANSACTIONS;
    let wanted = Wanted::read(&paging, resource)?;
    let scope = sources(&app, &asked, resource, true).await?;
    page(&app, &scope, &paging, resource, wanted).await
}

async fn list_of_account(
    State(app): State<AppState>,
    asked: Asked,
    paging: Paging,
) -> Result<Response, ApiError> {
    let resource = &resources::BANK_TRANSACTIONS;
    let mut wanted = Wanted::read(&paging, resource)?;
    wanted.also(Condition::equal("accountId", &asked.id));
    let scope = sources(&app, &asked, resource, false).await?;
    page(&app, &scope, &paging, resource, wanted).await
}

async fn one_by_id(
    State(app): State<AppState>,
    asked: Asked,
    resource: &Resource,
) -> Result<Response, ApiError> {
    one(&app, &asked, resource, &asked.id)
        .await?
        .ok_or_else(|| no_data(resource, &asked.id))
}

/// The one record of a type that has one record only.
async fn single(
    State(app): State<AppState>,
    asked: Asked,
    resource: &Resource,
) -> Result<Response, ApiError> {
    let found = one(&app, &asked, resource, resource.data_type.as_str()).await?;
    found.ok_or_else(|| no_data(resource, asked.company))
}

async fn one(
    app: &AppState,
    asked: &Asked,
    resource: &Resource,
    id: &str,
) -> Result<Option<Response>, ApiError> {
    let scope = sources(app, asked, resource, false).await?;
    for connection in scope.connections {
        let found = records::get(
            &app.db,
            scope.company,
            connection,
            resource.data_type.as_str(),
            id,
        )
        .await?;
        if let Some(record) = found.filter(|record| !record.deleted || resource.stamps.metadata) {
            let mut body = Vec::with_capacity(record.document.len() + 128);
            record.write(resource.stamps, &mut body);
            return Ok(Some(json(body)));
        }
    }
    Ok(None)
}

async fn statement(
    State(app): State<AppState>,
    asked: Asked,
    periods: Periods,
    resource: &Resource,
) -> Result<Response, ApiError> {
    let months = all_present(&app, &asked, resource).await?;
    if months.is_empty() {
        return Err(no_data(resource, asked.company));
    }
    let documents: Vec<&str> = months.iter().map(|month| month.document.as_str()).collect();
    match statements::compose(resource.data_type, &documents, &periods)? {
        Some(body) => Ok(json(body)),
        None => Err(no_data(resource, asked.company)),
    }
}

/// A category with all that is below it.
async fn tracking_category(
    State(app): State<AppState>,
    asked: Asked,
) -> Result<Response, ApiError> {
    let resource = &resources::TRACKING_CATEGORIES;
    let categories = all_present(&app, &asked, resource).await?;
    match tracking::tree(&categories, &asked.id, resource.stamps)? {
        Some(body) => Ok(json(body)),
        None => Err(no_data(resource, &asked.id)),
    }
}

/// Every record of a type that has few.
async fn all_present(
    app: &AppState,
    asked: &Asked,
    resource: &Resource,
) -> Result<Vec<Stored>, ApiError> {
    /// More months, and more categories, than any set of books has.
    const MOST: i64 = 10_000;

    let scope = sources(app, asked, resource, false).await?;
    let mut wanted = Wanted::default();
    wanted.only_present();
    let filter = wanted.filter.as_ref();
    let found = records::list(
        &app.db,
        &scope,
        resource.data_type.as_str(),
        filter,
        None,
        MOST,
        0,
    );
    Ok(found.await?)
}

/// A selection of a resource's records, and their order.
#[derive(Default)]
struct Wanted {
    filter: Option<Expression>,
    order: Option<Order>,
}

impl Wanted {
    fn read(paging: &Paging, resource: &Resource) -> Result<Self, ApiError> {
        let model = model::of(resource.data_type);
        let schema = records::schema(model.map_or(resource.path, |model| model.name));
        let mut wanted = Self {
            filter: paging.filter(&schema)?,
            order: paging.order(&schema)?,
        };
        if let Some(model) = model {
            model.check(wanted.filter.as_ref(), wanted.order.as_ref())?;
        }
        if !resource.stamps.metadata {
            wanted.only_present();
        }
        Ok(wanted)
    }

    /// Leaves out what is gone at the platform, for schemas that have no way to say so.
    fn only_present(&mut self) {
        self.also(Condition::not_deleted());
    }

    fn also(&mut self, condition: Condition) {
        let condition = Expression::Condition(condition);
        self.filter = Some(match self.filter.take() {
            Some(filter) => Expression::All(vec![condition, filter]),
            None => condition,
        });
    }
}

async fn page(
    app: &AppState,
    scope: &Scope,
    paging: &Paging,
    resource: &Resource,
    wanted: Wanted,
) -> Result<Response, ApiError> {
    let Wanted { filter, order } = wanted;
    let total =
        records::count(&app.db, scope, resource.data_type.as_str(), filter.as_ref()).await?;
    let records = if paging.offset() < total {
        let (limit, offset) = (paging.page_size, paging.offset());
        records::list(
            &app.db,
            scope,
            resource.data_type.as_str(),
            filter.as_ref(),
            order.as_ref(),
            limit,
            offset,
        )
        .await?
    } else {
        Vec::new()
    };
    Ok(json(envelope(&records, resource, paging, total)))
}

/// The contract's paging envelope around documents that are already JSON.
fn envelope(records: &[Stored], resource: &Resource, paging: &Paging, total: i64) -> Vec<u8> {
    let size: usize = records
        .iter()
        .map(|record| record.document.len() + 160)
        .sum();
    let mut body = Vec::with_capacity(size + 512);
    body.extend_from_slice(b"{\"results\":[");
    for (place, record) in records.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        record.write(resource.stamps, &mut body);
    }
    let tail = serde_json::json!({
        "pageNumber": paging.page,
        "pageSize": paging.page_size,
        "totalResults": total,
        "_links": paging.links(total),
    });
    body.extend_from_slice(b"],");
    body.extend_from_slice(&tail.to_string().as_bytes()[1..]);
    body
}

fn json(body: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/json")], Body::from(body)).into_response()
}
