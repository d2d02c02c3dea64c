//! Push operations.

use chrono::{DateTime, Utc};

use crate::model::{ClientId, CompanyId, ConnectionId, PushId, PushStatus};
use crate::query::{Kind, Schema};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, StoreError, Tx, query};
use crate::sql::filter::Resolved;
use crate::sql::list::{self, Listing, Slice, Wanted};
use crate::work::jobs::Lease;

row! {
    #[derive(Clone, Debug)]
    pub struct Push {
        pub id: PushId,
        pub client_id: ClientId,
        pub company_id: CompanyId,
        pub connection_id: ConnectionId,
        pub data_type: String,
        /// The platform's id of the record to change; none makes a new one.
        pub target: Option<String>,
        /// The standard record, as the client sent it: JSON.
        pub request: String,
        pub requested: DateTime<Utc>,
        pub timeout_minutes: Option<i64>,
        /// True if the type is read again afterwards.
        pub sync_after: bool,
        pub status: PushStatus,
        pub status_code: i64,
        pub error_message: Option<String>,
        /// The record's faults: a JSON list of `{itemId?, message, validatorName}`.
        pub validation: Option<String>,
        /// The time at which it was first handed to the platform: from then on it may have been done.
        pub sent: Option<DateTime<Utc>>,
        /// The end of the time in which a run has it in hand at the platform, by the real time. None between runs.
        pub in_hand_until: Option<DateTime<Utc>>,
        pub completed: Option<DateTime<Utc>>,
        /// The platform's id of the record that was written.
        pub record_id: Option<String>,
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, client_id, company_id, connection_id, data_type, target, request, requested, timeout_minutes,
                    sync_after, status, status_code, error_message, validation, sent, in_hand_until, completed, record_id
             from push_operation ",
            $rest
        )
    };
}

pub async fn insert(tx: &mut Tx, push: &Push) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into push_operation (id, client_id, company_id, connection_id, data_type, target, request, requested,
                                     timeout_minutes, sync_after, status, status_code)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        push.id,
        push.client_id,
        push.company_id,
        push.connection_id,
        &push.data_type,
        &push.target,
        &push.request,
        push.requested,
        push.timeout_minutes,
        push.sync_after,
        push.status,
        push.status_code
    )?;
    Ok(())
}

/// A push operation by its id alone. Unscoped: a job names it. Handlers use [`get`].
pub async fn find(db: &Db, id: PushId) -> Result<Option<Push>, StoreError> {
    let mut text = Dynamic::new(columns!("where id = "));
    text.bind(Bind::Id(id.0));
    Ok(query!(db, all Push, text)?.into_iter().next())
}

pub async fn get(db: &Db, company: CompanyId, id: PushId) -> Result<Option<Push>, StoreError> {
    let found = find(db, id).await?;
    Ok(found.filter(|push| push.company_id == company))
}

/// Writes down that it is about to be handed to the platform, by a caller who has it in hand until the lease's end. False if it has
/// ended meanwhile, if another has it in hand, or if it was handed over since the caller looked, who did not know it `sent`.
pub async fn take_in_hand(
    tx: &mut Tx,
    id: PushId,
    lease: Lease,
    sent: bool,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    Ok(query!(
        tx,
        "update push_operation set sent = coalesce(sent, $2), in_hand_until = $3
         where id = $1 and status = 'Pending' and (in_hand_until is null or in_hand_until < $4) and (sent is null or $5)",
        id,
        now,
        lease.until,
        lease.from,
        sent
    )? == 1)
}

/// Lets everything out of hand: for SQLite at start, when no other process can have it.
pub async fn break_leases(tx: &mut Tx) -> Result<(), StoreError> {
    query!(
        tx,
        "update push_operation set in_hand_until = null where in_hand_until is not null"
    )?;
    Ok(())
}

/// Lets it out of hand, while what was sent before stands.
pub async fn put_down(tx: &mut Tx, id: PushId) -> Result<(), StoreError> {
    query!(
        tx,
        "update push_operation set in_hand_until = null where id = $1",
        id
    )?;
    Ok(())
}

/// The platform certainly did nothing: it is as if it had never been sent.
pub async fn clear_sent(tx: &mut Tx, id: PushId) -> Result<(), StoreError> {
    query!(
        tx,
        "update push_operation set sent = null, in_hand_until = null where id = $1 and status = 'Pending'",
        id
    )?;
    Ok(())
}

/// Writes down what it waits for; the caller has it in hand no more.
pub async fn set_waiting(tx: &mut Tx, id: PushId, message: &str) -> Result<(), StoreError> {
    query!(
        tx,
        "update push_operation set error_message = $2, in_hand_until = null where id = $1 and status = 'Pending'",
        id,
        message
    )?;
    Ok(())
}

/// Writes down how it ended. False when it had ended before: the first end stands.
pub async fn finish(tx: &mut Tx, push: &Push) -> Result<bool, StoreError> {
    Ok(query!(
        tx,
        "update push_operation set status = $2, status_code = $3, error_message = $4, validation = $5, completed = $6,
                record_id = $7, in_hand_until = null
         where id = $1 and status = 'Pending'",
        push.id,
        push.status,
        push.status_code,
        &push.error_message,
        &push.validation,
        push.completed,
        &push.record_id
    )? == 1)
}

const STATUSES: &[&str] = &["Pending", "Failed", "Success", "TimedOut"];

/// The properties that queries for push operations can name; the sources list no properties, so these are the object's own.
pub const SCHEMA: Schema = Schema {
    name: "PushOperation",
    fields: &[
        ("pushOperationKey", Kind::Id),
        ("companyId", Kind::Id),
        ("dataConnectionKey", Kind::Id),
        ("dataType", Kind::Text),
        ("status", Kind::Word(STATUSES)),
        ("statusCode", Kind::Number),
        ("errorMessage", Kind::Text),
        ("requestedOnUtc", Kind::Time),
        ("completedOnUtc", Kind::Time),
        ("timeoutInMinutes", Kind::Number),
    ],
    open: false,
};

fn resolve(field: &str) -> Option<Resolved> {
    Some(match field {
        "pushOperationKey" => Resolved::column("id"),
        "companyId" => Resolved::column("company_id"),
        "dataConnectionKey" => Resolved::column("connection_id"),
        "dataType" => Resolved::column("data_type"),
        "status" => Resolved::column("status"),
        "statusCode" => Resolved::column("status_code"),
        "errorMessage" => Resolved::nullable("error_message"),
        "requestedOnUtc" => Resolved::column("requested"),
        "completedOnUtc" => Resolved::nullable("completed"),
        "timeoutInMinutes" => Resolved::nullable("timeout_minutes"),
        _ => return None,
    })
}

const LISTING: Listing = Listing {
    count: "select count(*) as number from push_operation where company_id = ",
    select: columns!("where company_id = "),
    order: "requested desc, id desc",
    kept: None,
};

/// A company's push history, newest first.
pub async fn list(
    db: &Db,
    company: CompanyId,
    wanted: Wanted<'_>,
) -> Result<Slice<Push>, StoreError> {
    list::page(db, &LISTING, company.0, wanted, &resolve, &[]).await
}
