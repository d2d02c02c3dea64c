//! `/profile/syncSettings` and `/companies/{companyId}/syncSettings`.

use axum::Json;
use axum::extract::State;
use http::StatusCode;

use crate::AppState;
use crate::around::auth::Client;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::tenancy::OwnCompany;
use crate::wire::sync_settings::{OfClient, OfCompany, SettingsIn};
use platform::data::pulling::settings;

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
    OwnCompany(company): OwnCompany,
) -> Result<Json<OfCompany>, ApiError> {
    let held = settings::of_company(&app, company.client_id, company.id).await?;
    Ok(Json(OfCompany::new(company.id, &held)))
}

/// The same for one company. What its client has locked can't be set otherwise.
pub(crate) async fn set_of_company(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
    Body(body): Body<SettingsIn>,
) -> Result<StatusCode, ApiError> {
    is_of(
        "companyId",
        body.company_id.as_deref(),
        &company.id.to_string(),
    )?;
    let own = body.checked()?;
    settings::set_of_company(&app, company.client_id, company.id, own.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn is_of(name: &str, given: Option<&str>, owner: &str) -> Result<(), ApiError> {
    match given {
        Some(given) if !given.eq_ignore_ascii_case(owner) => Err(ApiError::invalid(
            name,
            format!(
                "{name} must be {owner}, as in the path or the credentials; it may be left out."
            ),
        )),
        _ => Ok(()),
    }
}
