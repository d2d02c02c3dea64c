//! Events of companies.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{event, record};
use crate::events::payload;
use store::companies::Company;
use store::data_requests::DataRequest;
use store::events::NewEvent;
use store::model::{Actor, EventType};
use store::{StoreError, Tx};

/// Records something that happened to a company itself. A deleted company's event is written before its rows go.
pub(in crate::events) async fn of_company(
    tx: &mut Tx,
    company: &Company,
    kind: EventType,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = payload::company(tx, company).await?;
    let new = NewEvent {
        company_id: Some(company.id),
        ..event(company.client_id, kind, &payload, actor, now)
    };
    record(tx, new).await
}

/// A product that a company was given, or that was taken from it.
pub struct ProductChange<'a> {
    pub id: &'a str,
    pub name: &'a str,
    /// The ids of all the company's products after the change.
    pub products: &'a [String],
}

/// Records that a company's products changed: `CompanyProductAdded` or `CompanyProductRemoved`.
pub(in crate::events) async fn of_product(
    tx: &mut Tx,
    company: &Company,
    kind: EventType,
    change: &ProductChange<'_>,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = json!({
        "id": company.id,
        "name": company.name,
        "description": company.description,
        "productId": change.id,
        "productName": change.name,
        "products": change.products,
    });
    let new = NewEvent {
        company_id: Some(company.id),
        ..event(company.client_id, kind, &payload, actor, now)
    };
    record(tx, new).await
}

/// Records that a business named a platform that isn't on offer.
pub(in crate::events) async fn platform_requested(
    tx: &mut Tx,
    company: &Company,
    platform: &str,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = json!({
        "referenceCompany": payload::reference(tx, company.id).await?,
        "platformName": platform,
        "requestedDate": now,
    });
    let kind = EventType::PlatformRequested;
    let new = NewEvent {
        company_id: Some(company.id),
        ..event(company.client_id, kind, &payload, actor, now)
    };
    record(tx, new).await
}

/// Records that a business asked something about its data, or was answered.
pub(in crate::events) async fn of_data_request(
    tx: &mut Tx,
    request: &DataRequest,
    kind: EventType,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = json!({
        "id": request.id,
        "referenceCompany": payload::reference(tx, request.company_id).await?,
        "kind": request.kind,
        "status": request.status,
        "requestedDate": request.requested,
        "dueDate": request.due,
        "answeredDate": request.answered,
        "note": request.note,
    });
    let new = NewEvent {
        company_id: Some(request.company_id),
        reason: request.note.clone(),
        ..event(request.client_id, kind, &payload, actor, now)
    };
    record(tx, new).await
}
