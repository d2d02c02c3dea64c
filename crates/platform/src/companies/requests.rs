//! Requests of a business to a client about the data that it shared: a copy of it, or its deletion.
//!
//! Moorline keeps the request, tells the client and shows its answer. To give the copy or to delete the company is the client's
//! own act: it may hold the data elsewhere too, or have to keep some of it by law.

use chrono::TimeDelta;

use crate::app::App;
use crate::change::Change;
use crate::events::Event;
use store::StoreError;
use store::clock::new_id;
use store::companies::Company;
use store::data_requests::{self as rows, DataRequest};
use store::model::{Actor, DataRequestId, DataRequestKind, DataRequestStatus, EventType};

/// The time in which a client has to answer: a month by the General Data Protection Regulation, article 12(3).
const DUE: TimeDelta = TimeDelta::days(30);

/// Stores a request of the company's own people. A second one of the same kind is the same request, as long as the first is open.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn ask(app: &App, company: &Company, kind: DataRequestKind) -> Result<(), StoreError> {
    let mut change = Change::of_company(app, company.id, Actor::Customer).await?;
    let now = change.now;
    let request = DataRequest {
        id: DataRequestId(new_id(now)),
        client_id: company.client_id,
        company_id: company.id,
        company_name: company.name.clone(),
        kind,
        status: DataRequestStatus::Open,
        requested: now,
        due: now + DUE,
        answered: None,
        note: None,
    };
    if rows::insert(&mut change, &request).await? {
        let created = Event::DataRequest(&request, EventType::DataRequestCreated);
        change.event(created).await?;
    }
    change.commit().await
}

/// Stores the client's answer. None if the request was answered before.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn answer(
    app: &App,
    mut request: DataRequest,
    status: DataRequestStatus,
    note: Option<String>,
) -> Result<Option<DataRequest>, StoreError> {
    let mut change = Change::of_company(app, request.company_id, Actor::Client).await?;
    let now = change.now;
    if !rows::answer(&mut change, &request, status, note.as_deref(), now).await? {
        return Ok(None);
    }
    request.status = status;
    request.note = note;
    request.answered = Some(now);
    let answered = Event::DataRequest(&request, EventType::DataRequestAnswered);
    change.event(answered).await?;
    change.commit().await?;
    Ok(Some(request))
}
