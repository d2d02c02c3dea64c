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
use store::model::{SyncSetting, SyncSettings};
use store::sync_settings as rows;

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
    let settings = body.checked()?;
    let mut tx = app.db.write().await?;
    rows::set_client(&mut tx, client.id, settings.as_deref(), app.clock.now()).await?;
    tx.commit().await?;
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
    let base = settings::of_client(&app, company.client_id).await?.settings;
    for setting in own.iter().flatten() {
        check_lock(&base, setting)?;
    }
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, company.id).await?;
    if store::companies::find_in(&mut tx, company.id)
        .await?
        .is_none()
    {
        return Err(ApiError::no_company(company.id));
    }
    rows::set_company(
        &mut tx,
        company.client_id,
        company.id,
        own.as_deref(),
        app.clock.now(),
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A locked setting may be repeated as it is, so that a list can be read, changed and sent back.
fn check_lock(base: &SyncSettings, setting: &SyncSetting) -> Result<(), ApiError> {
    let locked = base.of(setting.data_type);
    if locked.is_locked && locked != setting {
        return Err(ApiError::invalid(
            "settings",
            format!(
                "{} is locked by the client's settings; repeat its setting as it is, or leave it out.",
                setting.data_type
            ),
        ));
    }
    Ok(())
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
