//! `/companies/{companyId}/sync/{datasetId}/validation`.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;

use crate::around::errors::ApiError;
use crate::around::tenancy::OwnCompany;
use crate::{AppState, around::path_id};
use store::model::DatasetId;
use store::{datasets, issues};

#[derive(Serialize)]
pub(crate) struct ValidationResult {
    errors: Vec<Item>,
    warnings: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    rule_id: String,
    item_id: String,
    message: String,
    validator_name: String,
}

pub(crate) async fn get(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
    Path((_, dataset)): Path<(String, String)>,
) -> Result<Json<ValidationResult>, ApiError> {
    let dataset: DatasetId = path_id("datasetId", &dataset)?;
    let found = datasets::get(&app.db, company.id, dataset).await?;
    let found = found.ok_or_else(|| {
        ApiError::not_found(format!("No pull operation was found with ID {dataset}")).of("PullApi")
    })?;
    let mut result = ValidationResult {
        errors: Vec::new(),
        warnings: Vec::new(),
    };
    for issue in issues::list(&app.db, found.id).await? {
        let list = if issue.is_error {
            &mut result.errors
        } else {
            &mut result.warnings
        };
        list.push(Item {
            rule_id: issue.rule_id,
            item_id: issue.item_id,
            message: issue.message,
            validator_name: issue.validator,
        });
    }
    Ok(Json(result))
}
