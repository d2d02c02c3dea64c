//! `/companies/{companyId}/products`.

use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

use crate::AppState;
use crate::around::body::OptionalBody;
use crate::around::errors::ApiError;
use crate::around::tenancy::OwnCompany;
use platform::companies::products;
use store::model::Product;

pub(crate) async fn add(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let product = find(&app, &id)?;
    products::add(&app, company.client_id, company.id, &product).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn remove(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    products::remove(&app, company.client_id, company.id, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RefreshIn {
    data_types: Option<Vec<String>>,
}

pub(crate) async fn refresh(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
    Path((_, id)): Path<(String, String)>,
    OptionalBody(body): OptionalBody<RefreshIn>,
) -> Result<StatusCode, ApiError> {
    let product = find(&app, &id)?;
    let data_types = body.and_then(|body| body.data_types);
    if data_types.as_ref().is_some_and(Vec::is_empty) {
        return Err(ApiError::invalid(
            "dataTypes",
            "Name at least one data type, or leave dataTypes out to refresh all of the product's.",
        ));
    }
    products::refresh(
        &app,
        company.client_id,
        company.id,
        &product,
        data_types.as_deref(),
    )
    .await?;
    Ok(StatusCode::ACCEPTED)
}

fn find(app: &AppState, id: &str) -> Result<Product, ApiError> {
    products::find(&app.config, id).ok_or_else(|| {
        let known: Vec<String> = products::all(&app.config)
            .into_iter()
            .map(|product| product.id)
            .collect();
        ApiError::not_found(format!(
            "No product has the identifier {}. There are: {}.",
            id.chars().take(64).collect::<String>(),
            known.join(", ")
        ))
    })
}
