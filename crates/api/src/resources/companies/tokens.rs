//! Access tokens for one company.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::AppState;
use crate::around::errors::ApiError;
use crate::around::tenancy::OwnCompany;
use platform::access::company_tokens::{self, Audience, Bearer};
use store::companies::Company;

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
    OwnCompany(company): OwnCompany,
) -> Result<Json<CompanyToken>, ApiError> {
    let access_token = issue(&app, &company, Audience::Company);
    Ok(Json(CompanyToken {
        expires_in: Audience::Company.lifetime().num_seconds(),
        access_token,
        token_type: "Bearer",
    }))
}

pub(crate) async fn connection_management(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
) -> Result<Json<ConnectionManagementToken>, ApiError> {
    let access_token = issue(&app, &company, Audience::ConnectionManagement);
    Ok(Json(ConnectionManagementToken { access_token }))
}

fn issue(app: &AppState, company: &Company, audience: Audience) -> String {
    let bearer = Bearer {
        client: company.client_id,
        company: company.id,
        audience,
    };
    company_tokens::issue(&app.vault, app.config.origin(), bearer, app.clock.now())
}
