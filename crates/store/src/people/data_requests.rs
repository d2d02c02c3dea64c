//! Requests of businesses about the data that they shared.

use chrono::{DateTime, Utc};

use crate::list::{self, Slice, Wanted};
use crate::model::{ClientId, CompanyId, DataRequestId, DataRequestKind, DataRequestStatus};
use crate::query::{Kind, Schema};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};
use crate::sql::filter::Resolved;
use crate::sql::list::Listing;

row! {
    #[derive(Clone, Debug)]
    pub struct DataRequest {
        pub id: DataRequestId,
        pub client_id: ClientId,
        pub company_id: CompanyId,
        /// As it was when the request was made: the company may be gone.
        pub company_name: String,
        pub kind: DataRequestKind,
        pub status: DataRequestStatus,
        pub requested: DateTime<Utc>,
        /// The day by which the client has to answer.
        pub due: DateTime<Utc>,
        pub answered: Option<DateTime<Utc>>,
        /// The client's words to the business.
        pub note: Option<String>,
    }
}

/// Stores an open request. False if the company has one of that kind already.
pub async fn insert(tx: &mut Tx, request: &DataRequest) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "insert into data_request (id, client_id, company_id, company_name, kind, status, requested, due)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
        request.id,
        request.client_id,
        request.company_id,
        &request.company_name,
        request.kind,
        request.status,
        request.requested,
        request.due
    )?;
    Ok(rows == 1)
}

pub async fn get(
    db: &Db,
    client: ClientId,
    id: DataRequestId,
) -> Result<Option<DataRequest>, StoreError> {
    query!(db, opt DataRequest, "select id, client_id, company_id, company_name, kind, status, requested, due, answered, note from data_request
         where client_id = $1 and id = $2", client, id)
}

/// A company's requests, newest first.
pub async fn of_company(
    db: &Db,
    client: ClientId,
    company: CompanyId,
) -> Result<Vec<DataRequest>, StoreError> {
    query!(
        db,
        all DataRequest,
        "select id, client_id, company_id, company_name, kind, status, requested, due, answered, note from data_request
         where client_id = $1 and company_id = $2 order by requested desc, id desc",
        client,
        company
    )
}

/// Answers an open request. False if it isn't open any more.
pub async fn answer(
    tx: &mut Tx,
    request: &DataRequest,
    status: DataRequestStatus,
    note: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update data_request set status = $3, note = $4, answered = $5 where client_id = $1 and id = $2 and status = 'Open'",
        request.client_id,
        request.id,
        status,
        note,
        now
    )?;
    Ok(rows == 1)
}

/// The properties that queries for requests can name.
pub const SCHEMA: Schema = Schema {
    name: "DataRequest",
    fields: &[
        ("id", Kind::Id),
        ("companyId", Kind::Id),
        ("kind", Kind::Word(DataRequestKind::WORDS)),
        ("status", Kind::Word(DataRequestStatus::WORDS)),
        ("requestedDate", Kind::Time),
        ("dueDate", Kind::Time),
    ],
    open: false,
};

fn resolve(field: &str) -> Option<Resolved> {
    Some(match field {
        "id" => Resolved::column("id"),
        "companyId" => Resolved::column("company_id"),
        "kind" => Resolved::column("kind"),
        "status" => Resolved::column("status"),
        "requestedDate" => Resolved::column("requested"),
        "dueDate" => Resolved::column("due"),
        _ => return None,
    })
}

const LISTING: Listing = Listing {
    count: "select count(*) as number from data_request where client_id = ",
    select: "select id, client_id, company_id, company_name, kind, status, requested, due, answered, note from data_request
             where client_id = ",
    order: "requested, id",
    kept: None,
};

/// A client's requests, oldest first.
pub async fn list(
    db: &Db,
    client: ClientId,
    wanted: Wanted<'_>,
) -> Result<Slice<DataRequest>, StoreError> {
    list::page(db, &LISTING, client.0, wanted, &resolve, &[]).await
}
