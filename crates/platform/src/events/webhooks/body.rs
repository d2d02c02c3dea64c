//! A message's body: the contract's envelope around the event's payload, with its addresses.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::access::links;
use crate::app::App;
use store::StoreError;
use store::messages::{self, Message};
use store::model::{CompanyId, ConnectionId};

/// The body of a message. None if its event is no longer kept.
///
/// Addresses are added here, not when the event is recorded: they carry one-time passwords that are good for a day, and a
/// message may be sent later than that. So two attempts of one message can differ in them.
///
/// # Errors
/// The database can't be read.
pub async fn body(app: &App, message: &Message) -> Result<Option<String>, StoreError> {
    if let Some(body) = &message.body {
        return Ok(Some(body.clone()));
    }
    let Some(content) = messages::content(&app.db, message.event_id).await? else {
        return Ok(None);
    };
    let mut payload: Value = serde_json::from_str(&content.payload)
        .map_err(|_| StoreError::Corrupt("an event's payload is not JSON".into()))?;
    if let Some(company) = message.company_id {
        add_addresses(app, &message.event_type, company, &mut payload);
    }
    Ok(Some(envelope(
        message.id,
        &message.event_type,
        content.occurred,
        &payload,
    )))
}

pub(super) fn envelope(id: Uuid, event_type: &str, at: DateTime<Utc>, payload: &Value) -> String {
    json!({ "id": id, "eventType": event_type, "generatedDate": at, "payload": payload })
        .to_string()
}

fn add_addresses(app: &App, event_type: &str, company: CompanyId, payload: &mut Value) {
    if let Some(Value::Object(reference)) = payload.get_mut("referenceCompany") {
        let portal = format!("{}/companies/{company}", app.config.origin());
        reference.insert("links".into(), json!({ "portal": portal }));
    }
    if let Some(Value::Object(connection)) = payload.get_mut("connection")
        && let Some(id) = connection
            .get("id")
            .and_then(Value::as_str)
            .and_then(|id| id.parse::<ConnectionId>().ok())
    {
        let url = links::link_url_of(app, company, id);
        connection.insert("linkUrl".into(), json!(url));
    }
    add_origin(app.config.origin(), payload);
    let is_company = matches!(
        event_type,
        "company.created" | "company.updated" | "company.deleted"
    );
    if is_company && let Value::Object(details) = payload {
        let url = links::company_url(app, company);
        details.insert("redirect".into(), json!(url));
    }
}

/// Completes the addresses of validation results, which are recorded as paths.
fn add_origin(origin: &str, payload: &mut Value) {
    let pulled = payload.get_mut("dataTypes").and_then(Value::as_array_mut);
    for one in pulled.into_iter().flatten() {
        let issues = one.get_mut("issues").and_then(Value::as_array_mut);
        for logs in issues
            .into_iter()
            .flatten()
            .filter_map(|issue| issue.pointer_mut("/links/logs"))
        {
            if let Some(path) = logs.as_str().filter(|path| path.starts_with('/')) {
                *logs = json!(format!("{origin}{path}"));
            }
        }
    }
}
