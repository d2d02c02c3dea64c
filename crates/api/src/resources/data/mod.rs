//! Reading pulled data: the contract's data endpoints, from one table of resources.

mod described;
mod model;
pub(crate) mod pulls;
pub(crate) mod pushes;
mod resources;
mod selection;
mod sources;
mod statements;
pub(crate) mod supplemental;
mod tracking;
pub(crate) mod validation;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::AppState;
use crate::around::errors::ApiError;
use crate::around::paging::Paging;
pub(crate) use described::operations;
use resources::{COMMERCE_INFO, COMPANY_INFO, Reach, Reading, Resource};
use selection::{Selection, json, page};
use sources::{Reads, Target, no_data, sources};
use statements::Periods;
use store::query::Condition;
use store::records::{self, Stored};

const COMPANY: &str = "/companies/{companyId}/data";
const CONNECTION: &str = "/companies/{companyId}/connections/{connectionId}/data";

pub(crate) fn routes() -> Router<AppState> {
    let mut router = Router::new()
        .route(
            &format!("{COMPANY}/info"),
            get(async |app, target| single(app, target, &COMPANY_INFO).await),
        )
        .route(
            &format!("{CONNECTION}/commerce-info"),
            get(async |app, target| single(app, target, &COMMERCE_INFO).await),
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
            get(async |app, target, periods| statement(app, target, periods, resource).await),
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
                get(async |app, target| one_by_id(app, target, resource).await),
            );
        }
        router = router.route(
            &path,
            get(async |app, target, paging| list(app, target, paging, resource).await),
        );
    }
    router
}

async fn list(
    State(app): State<AppState>,
    target: Target,
    paging: Paging,
    resource: &Resource,
) -> Result<Response, ApiError> {
    let selection = Selection::read(&paging, resource)?;
    let scope = sources(&app, &target, resource, Reads::Newest).await?;
    page(&app, &scope, &paging, resource, selection).await
}

async fn list_of_all_banks(
    State(app): State<AppState>,
    target: Target,
    paging: Paging,
) -> Result<Response, ApiError> {
    let resource = &resources::BANKING_TRANSACTIONS;
    let selection = Selection::read(&paging, resource)?;
    let scope = sources(&app, &target, resource, Reads::All).await?;
    page(&app, &scope, &paging, resource, selection).await
}

async fn list_of_account(
    State(app): State<AppState>,
    target: Target,
    paging: Paging,
) -> Result<Response, ApiError> {
    let resource = &resources::BANK_TRANSACTIONS;
    let mut selection = Selection::read(&paging, resource)?;
    selection.also(Condition::equal("accountId", &target.id));
    let scope = sources(&app, &target, resource, Reads::Newest).await?;
    page(&app, &scope, &paging, resource, selection).await
}

async fn one_by_id(
    State(app): State<AppState>,
    target: Target,
    resource: &Resource,
) -> Result<Response, ApiError> {
    one(&app, &target, resource, &target.id)
        .await?
        .ok_or_else(|| no_data(resource, &target.id))
}

/// The one record of a type that has one record only.
async fn single(
    State(app): State<AppState>,
    target: Target,
    resource: &Resource,
) -> Result<Response, ApiError> {
    let found = one(&app, &target, resource, resource.data_type.as_str()).await?;
    found.ok_or_else(|| no_data(resource, target.company()))
}

async fn one(
    app: &AppState,
    target: &Target,
    resource: &Resource,
    id: &str,
) -> Result<Option<Response>, ApiError> {
    let scope = sources(app, target, resource, Reads::Newest).await?;
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
    target: Target,
    periods: Periods,
    resource: &Resource,
) -> Result<Response, ApiError> {
    let months = all_present(&app, &target, resource).await?;
    if months.is_empty() {
        return Err(no_data(resource, target.company()));
    }
    let documents: Vec<&str> = months.iter().map(|month| month.document.as_str()).collect();
    match statements::compose(resource.data_type, &documents, &periods)? {
        Some(body) => Ok(json(body)),
        None => Err(no_data(resource, target.company())),
    }
}

/// A category with all that is below it.
async fn tracking_category(
    State(app): State<AppState>,
    target: Target,
) -> Result<Response, ApiError> {
    let resource = &resources::TRACKING_CATEGORIES;
    let categories = all_present(&app, &target, resource).await?;
    match tracking::tree(&categories, &target.id, resource.stamps)? {
        Some(body) => Ok(json(body)),
        None => Err(no_data(resource, &target.id)),
    }
}

/// Every record of a type that has few.
async fn all_present(
    app: &AppState,
    target: &Target,
    resource: &Resource,
) -> Result<Vec<Stored>, ApiError> {
    /// More months, and more categories, than any set of books has.
    const MOST: i64 = 10_000;

    let scope = sources(app, target, resource, Reads::Newest).await?;
    let mut selection = Selection::default();
    selection.only_present();
    let filter = selection.filter.as_ref();
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
