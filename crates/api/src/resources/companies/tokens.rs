//! Access tokens for one company.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;

use crate::around::auth::Client;
use crate::around::errors::ApiError;
use crate::{AppState, around::path_id, resources::companies};
use platform::access::company_tokens::{self, Audience, Bearer};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompanyToken {
    expires_in: i64,
    access_token: String,
    token_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectionManagementToken {
    access_token: String,
}

pub(crate) async fn company(
    State(app): State<AppState>,
    client: Client,
    Path(id): Path<String>,
) -> Result<Json<CompanyToken>, ApiError> {
    let access_token = issue(&app, client, &id, Audience::Company).await?;
    Ok(Json(CompanyToken {
        expires_in: Audience::Company.lifetime().num_seconds(),
        access_token,
        token_type: "Bearer",
    }))
}

pub(crate) async fn connection_management(
    State(app): State<AppState>,
    client: Client,
    Path(id): Path<String>,
) -> Result<Json<ConnectionManagementToken>, ApiError> {
    let access_token = issue(&app, client, &id, Audience::ConnectionManagement).await?;
    Ok(Json(ConnectionManagementToken { access_token }))
}

async fn issue(
    app: &AppState,
    client: Client,
    id: &str,
    audience: Audience,
) -> Result<String, ApiError> {
    let company = companies::find(app, client.id, path_id("companyId", id)?).await?;
    let bearer = Bearer {
        client: client.id,
        company: company.id,
        audience,
    };
    Ok(company_tokens::issue(
        &app.vault,
        app.config.origin(),
        bearer,
        app.clock.now(),
    ))
}
