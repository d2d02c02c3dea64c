//! The contract's JSON shapes at the time of an event, without their addresses.

use serde_json::{Map, Value, json};

use store::companies::{self, Company};
use store::connections::{self, Connection};
use store::model::CompanyId;
use store::{StoreError, Tx};

/// `Company.companyDetails`: the company without its connections.
pub(super) async fn company(tx: &mut Tx, company: &Company) -> Result<Value, StoreError> {
    let mut subsidiaries = Vec::new();
    for subsidiary in companies::subsidiaries_in(tx, company.id).await? {
        subsidiaries.push(reference(tx, subsidiary.id).await?);
    }
    let parent = match company.parent_id {
        Some(parent) => Some(reference(tx, parent).await?),
        None => None,
    };
    Ok(json!({
        "id": company.id,
        "name": company.name,
        "description": company.description,
        "platform": "",
        "lastSync": company.last_sync,
        "created": company.created,
        "products": company.product_ids(),
        "referenceParentCompany": parent,
        "referenceSubsidiaryCompanies": subsidiaries,
        "tags": tags(tx, company.id).await?,
    }))
}

/// `Company.companyReference`, whose link to the company is added when a message is sent.
pub(super) async fn reference(tx: &mut Tx, id: CompanyId) -> Result<Value, StoreError> {
    let Some(company) = companies::find_in(tx, id).await? else {
        return Ok(json!({ "id": id }));
    };
    Ok(json!({
        "id": company.id,
        "name": company.name,
        "description": company.description,
        "tags": tags(tx, id).await?,
    }))
}

async fn tags(tx: &mut Tx, id: CompanyId) -> Result<Value, StoreError> {
    let tags: Map<String, Value> = companies::tags_in(tx, id)
        .await?
        .into_iter()
        .map(|(key, value)| (key, Value::String(value)))
        .collect();
    Ok(Value::Object(tags))
}

/// `{referenceCompany, connection}`: the connection as `GET …/connections/{connectionId}` shows it, but for its link.
pub(super) async fn connection(tx: &mut Tx, connection: &Connection) -> Result<Value, StoreError> {
    let errors: Vec<Value> = connections::errors_in(tx, connection.id)
        .await?
        .iter()
        .map(|error| {
            let mut shaped = json!({
                "statusCode": error.status_code,
                "statusText": error.status_text,
                "errorMessage": error.error_message,
                "erroredOnUtc": error.errored_on,
                "status": if error.resolved_on.is_some() { "Resolved" } else { "Active" },
            });
            if let Some(resolved) = error.resolved_on {
                shaped["resolvedOnUtc"] = json!(resolved);
            }
            shaped
        })
        .collect();
    let mut shaped = json!({
        "id": connection.id,
        "integrationId": connection.integration_id,
        "integrationKey": connection.integration_key,
        "sourceId": connection.source_id,
        "sourceType": connection.source_type,
        "platformName": connection.platform_name,
        "status": connection.status,
        "created": connection.created,
    });
    // Absent rather than null, as in the API's own answers.
    if let Some(at) = connection.last_sync {
        shaped["lastSync"] = json!(at);
    }
    if !errors.is_empty() {
        shaped["dataConnectionErrors"] = Value::Array(errors);
    }
    let info = connection
        .info
        .as_deref()
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    if let Some(info) = info {
        shaped["connectionInfo"] = info;
    }
    Ok(json!({
        "referenceCompany": reference(tx, connection.company_id).await?,
        "connection": shaped,
    }))
}
