//! `/profile/syncSettings` and `/companies/{companyId}/syncSettings`.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;

use crate::around::auth::Client;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::wire::sync_settings::{OfClient, OfCompany, SettingsIn};
use crate::{AppState, around::path_id, resources::companies};
use platform::data::pulling::settings;
use store::model::CompanyId;

pub(crate) async fn of_client(
    State(app): State<AppState>,
    client: Client,
) -> Result<Json<OfClient>, ApiError> {
    let held = settings::of_client(&app, client.id).await?;
    Ok(Json(OfClient::new(client.id, &held)))
}

/// POST sets the whole list; types that aren't in it follow the defaults, and all do if it overrides none.
pub(crate) async fn set_of_client(
    State(app): State<AppState>,
    client: Client,
    Body(body): Body<SettingsIn>,
) -> Result<StatusCode, ApiError> {
    is_of(
        "clientId",
        body.client_id.as_deref(),
        &client.id.to_string(),
    )?;
    let own = body.checked()?;
    settings::set_of_client(&app, client.id, own.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn of_company(
    State(app): State<AppState>,
    client: Client,
    Path(company): Path<String>,
) -> Result<Json<OfCompany>, ApiError> {
    let company: CompanyId = path_id("companyId", &company)?;
    companies::find(&app, client.id, company).await?;
    let held = settings::of_company(&app, client.id, company).await?;
    Ok(Json(OfCompany::new(company, &held)))
}

/// The same for one company. What its client has locked can't be set otherwise.
pub(crate) async fn set_of_company(
    State(app): State<AppState>,
    client: Client,
    Path(company): Path<String>,
    Body(body): Body<SettingsIn>,
) -> Result<StatusCode, ApiError> {
    let company: CompanyId = path_id("companyId", &company)?;
    companies::find(&app, client.id, company).await?;
    is_of(
        "companyId",
        body.company_id.as_deref(),
        &company.to_string(),
    )?;
    let own = body.checked()?;
    settings::set_of_company(&app, client.id, company, own.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn is_of(name: &str, given: Option<&str>, owner: &str) -> Result<(), ApiError> {
    match given {
        Some(given) if !given.eq_ignore_ascii_case(owner) => Err(ApiError::invalid(
            name,
            format!("{name} must be {owner}, whose settings these are."),
        )),
        _ => Ok(()),
    }
}
