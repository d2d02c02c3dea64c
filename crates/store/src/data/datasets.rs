//! Pull operations.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{pull_states, supplements};
use crate::model::{ClientId, CompanyId, ConnectionId, DatasetId, DatasetStatus};
use crate::query::{Kind, Schema};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, News, StoreError, Tx, query};
use crate::sql::dialect;
use crate::sql::filter::Resolved;
use crate::sql::list::{self, Listing, Slice, Wanted};

row! {
    #[derive(Clone, Debug)]
    pub struct Dataset {
        pub id: DatasetId,
        pub client_id: ClientId,
        pub company_id: CompanyId,
        pub connection_id: ConnectionId,
        pub data_type: String,
        /// The batch that was queued together, and is announced together.
        pub batch_id: Uuid,
        /// The first pull after an authorisation.
        pub initial: bool,
        pub status: DatasetStatus,
        pub status_description: Option<String>,
        pub error_message: Option<String>,
        /// Per cent.
        pub progress: i64,
        pub requested: DateTime<Utc>,
        /// The time at which it ended, well or badly; a running one has none.
        pub completed: Option<DateTime<Utc>>,
        /// Only what changed at the platform since then was requested; none means everything was.
        pub since: Option<DateTime<Utc>>,
        /// Records that the platform last changed before then are not kept; none means that all are.
        pub window_from: Option<DateTime<Utc>>,
        /// Months that are kept of a statement.
        pub months: Option<i64>,
        /// The platform's cursor to the page that comes next.
        pub next_page: Option<String>,
        pub pages: i64,
        pub records: i64,
        /// Records that were new, changed or deleted.
        pub modified: i64,
        /// Records of the platform's that couldn't be read.
        pub set_aside: i64,
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, client_id, company_id, connection_id, data_type, batch_id, initial, status, status_description,
                    error_message, progress, requested, completed, since, window_from, months, next_page, pages, records, modified, set_aside
             from dataset ",
            $rest
        )
    };
}

/// Queues a pull, with the time at which the schedule asks for the one after it. `Conflict` if one of the same type is still running.
pub async fn insert(
    tx: &mut Tx,
    dataset: &Dataset,
    next_due: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into dataset (id, client_id, company_id, connection_id, data_type, batch_id, initial, status,
                              status_description, error_message, progress, requested, completed, since, window_from, months,
                              pages, records, modified, set_aside)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, 0, 0, 0)",
        dataset.id,
        dataset.client_id,
        dataset.company_id,
        dataset.connection_id,
        &dataset.data_type,
        dataset.batch_id,
        dataset.initial,
        dataset.status,
        &dataset.status_description,
        &dataset.error_message,
        dataset.progress,
        dataset.requested,
        dataset.completed,
        dataset.since,
        dataset.window_from,
        dataset.months
    )?;
    pull_states::began(tx, dataset, next_due).await
}

/// A dataset by its id alone. Unscoped: a job names it. Handlers use [`get`].
pub async fn find(db: &Db, id: DatasetId) -> Result<Option<Dataset>, StoreError> {
    let mut text = Dynamic::new(columns!("where id = "));
    text.bind(Bind::Id(id.0));
    Ok(query!(db, all Dataset, text)?.into_iter().next())
}

pub async fn get(
    db: &Db,
    company: CompanyId,
    id: DatasetId,
) -> Result<Option<Dataset>, StoreError> {
    let found = find(db, id).await?;
    Ok(found.filter(|dataset| dataset.company_id == company))
}

/// The running dataset of this type, if there is one.
pub async fn running(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
) -> Result<Option<Dataset>, StoreError> {
    let mut text = Dynamic::new(columns!("where completed is null and connection_id = "));
    text.bind(Bind::Id(connection.0))
        .push(" and data_type = ")
        .bind(Bind::Text(data_type.to_owned()));
    Ok(query!(tx, all Dataset, text)?.into_iter().next())
}

/// The newest successful pull of this type; with `whole`, the newest that requested everything.
pub async fn last_success(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    whole: bool,
) -> Result<Option<Dataset>, StoreError> {
    let mut text = Dynamic::new(columns!("where status = 'Complete' and connection_id = "));
    text.bind(Bind::Id(connection.0))
        .push(" and data_type = ")
        .bind(Bind::Text(data_type.to_owned()));
    if whole {
        text.push(" and since is null");
    }
    text.push(" order by requested desc, id desc limit 1");
    Ok(query!(tx, all Dataset, text)?.into_iter().next())
}

row! { struct Narrowest { window_from: Option<DateTime<Utc>> } }

/// The latest start of a window among the successful pulls of this type since a time, that included.
pub async fn narrowest_window(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    since: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let row = query!(
        tx,
        one Narrowest,
        "select max(window_from) as window_from from dataset
         where connection_id = $1 and data_type = $2 and requested >= $3 and status = 'Complete'",
        connection,
        data_type,
        since
    )?;
    Ok(row.window_from)
}

/// Writes down how far a pull has come.
pub async fn update(tx: &mut Tx, dataset: &Dataset) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update dataset set status = $2, status_description = $3, error_message = $4, progress = $5, completed = $6,
                next_page = $7, pages = $8, records = $9, modified = $10, since = $11, set_aside = $12
         where id = $1 and completed is null",
        dataset.id,
        dataset.status,
        &dataset.status_description,
        &dataset.error_message,
        dataset.progress,
        dataset.completed,
        &dataset.next_page,
        dataset.pages,
        dataset.records,
        dataset.modified,
        dataset.since,
        dataset.set_aside
    )?;
    if dataset.completed.is_some() {
        supplements::forget(tx, dataset.id).await?;
        if rows == 1 {
            pull_states::ended(tx, dataset).await?;
        }
    }
    Ok(rows == 1)
}

row! { struct Owner { company_id: CompanyId } }

/// Notes that a pull's turn has come, unless something else has it in hand at this moment.
pub async fn set_fetching(tx: &mut Tx, id: DatasetId) -> Result<(), StoreError> {
    let mut text = Dynamic::new("update dataset set status = ");
    text.bind(Bind::Text(DatasetStatus::Fetching.as_str().to_owned()))
        .push(" where id in (select id from dataset where id = ")
        .bind(Bind::Id(id.0))
        .push(" and status = ")
        .bind(Bind::Text(DatasetStatus::Queued.as_str().to_owned()))
        // A claim that waited for one dataset with others in hand could wait for ever.
        .push(dialect::skip_locked(tx))
        .push(") returning company_id");
    for owner in query!(tx, all Owner, text)? {
        tx.announce(News::Company(owner.company_id));
    }
    Ok(())
}

/// Ends whatever still runs for a connection. Returns what ended, as it was before.
pub async fn end_running(
    tx: &mut Tx,
    connection: ConnectionId,
    status: DatasetStatus,
    message: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Dataset>, StoreError> {
    let mut text = Dynamic::new(columns!("where completed is null and connection_id = "));
    text.bind(Bind::Id(connection.0));
    let running = query!(tx, all Dataset, text)?;
    if running.is_empty() {
        return Ok(running);
    }
    query!(
        tx,
        "delete from supplement where dataset_id in (select id from dataset where connection_id = $1 and completed is null)",
        connection
    )?;
    query!(
        tx,
        "update dataset set status = $2, error_message = $3, status_description = null, completed = $4
         where connection_id = $1 and completed is null",
        connection,
        status,
        message,
        now
    )?;
    pull_states::all_ended(tx, connection).await?;
    Ok(running)
}

/// The datasets of a batch.
pub async fn of_batch(tx: &mut Tx, batch: Uuid) -> Result<Vec<Dataset>, StoreError> {
    let mut text = Dynamic::new(columns!("where batch_id = "));
    text.bind(Bind::Id(batch))
        .push(" order by data_type, connection_id");
    query!(tx, all Dataset, text)
}

/// The properties that queries for pull operations can name. `isCompleted` is not among them, as the contract says: its error message
/// is the one that official docs show.
pub const SCHEMA: Schema = Schema {
    name: "Dataset",
    fields: &[
        ("id", Kind::Id),
        ("companyId", Kind::Id),
        ("connectionId", Kind::Id),
        ("dataType", Kind::Text),
        ("status", Kind::Word(DatasetStatus::WORDS)),
        ("statusDescription", Kind::Text),
        ("errorMessage", Kind::Text),
        ("requested", Kind::Time),
        ("completed", Kind::Time),
        ("progress", Kind::Number),
    ],
    open: false,
};

fn resolve(field: &str) -> Option<Resolved> {
    Some(match field {
        "id" => Resolved::column("id"),
        "companyId" => Resolved::column("company_id"),
        "connectionId" => Resolved::column("connection_id"),
        "dataType" => Resolved::column("data_type"),
        "status" => Resolved::column("status"),
        "statusDescription" => Resolved::nullable("status_description"),
        "errorMessage" => Resolved::nullable("error_message"),
        "requested" => Resolved::column("requested"),
        "completed" => Resolved::nullable("completed"),
        "progress" => Resolved::column("progress"),
        _ => return None,
    })
}

const LISTING: Listing = Listing {
    count: "select count(*) as number from dataset where company_id = ",
    select: columns!("where company_id = "),
    order: "requested desc, id desc",
    kept: None,
};

/// A company's pull history, newest first.
pub async fn list(
    db: &Db,
    company: CompanyId,
    wanted: Wanted<'_>,
) -> Result<Slice<Dataset>, StoreError> {
    list::page(db, &LISTING, company.0, wanted, &resolve, &[]).await
}

/// The datasets of a client that are looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrowed {
    pub company: Option<CompanyId>,
    pub connection: Option<ConnectionId>,
    /// Those that failed, and those that wait with a reason.
    pub failing: bool,
}

/// A client's pull history, newest first.
pub async fn of_client(
    db: &Db,
    client: ClientId,
    narrowed: &Narrowed,
    limit: i64,
) -> Result<Vec<Dataset>, StoreError> {
    let mut text = Dynamic::new(columns!("where client_id = "));
    text.bind(Bind::Id(client.0));
    if let Some(company) = narrowed.company {
        text.push(" and company_id = ").bind(Bind::Id(company.0));
    }
    if let Some(connection) = narrowed.connection {
        text.push(" and connection_id = ")
            .bind(Bind::Id(connection.0));
    }
    if narrowed.failing {
        text.push(" and error_message is not null");
    }
    text.push(" order by requested desc, id desc limit ")
        .bind(Bind::Int(limit));
    query!(db, all Dataset, text)
}

row! {
    /// The newest pulls of a platform's Linked connections that failed for one reason.
    #[derive(Clone, Debug)]
    pub struct Failing {
        pub platform_name: String,
        pub status: DatasetStatus,
        pub reason: String,
        pub number: i64,
    }
}

/// The pulls that are the newest of their data type and connection, and failed or wait with a reason, by platform.
pub async fn failing(db: &Db) -> Result<Vec<Failing>, StoreError> {
    query!(
        db,
        all Failing,
        "select connection.platform_name as platform_name, newest.status as status, newest.error_message as reason,
                count(*) as number
         from connection
         join pull_state on pull_state.connection_id = connection.id
         join dataset newest on newest.id = pull_state.newest_id
         where newest.error_message is not null and connection.status = 'Linked' and newest.status <> 'NotSupported'
         group by connection.platform_name, newest.status, newest.error_message
         order by connection.platform_name, count(*) desc, newest.error_message"
    )
}

/// For each data type of a company: the newest dataset, and the newest that succeeded.
pub async fn newest(db: &Db, company: CompanyId) -> Result<Vec<Dataset>, StoreError> {
    newest_within(
        db,
        "connection_id in (select id from connection where company_id = ",
        company.0,
        ")",
    )
    .await
}

/// For each data type of a connection: the newest dataset, and the newest that succeeded.
pub async fn newest_of_connection(
    db: &Db,
    connection: ConnectionId,
) -> Result<Vec<Dataset>, StoreError> {
    newest_within(db, "connection_id = ", connection.0, "").await
}

async fn newest_within(
    db: &Db,
    scope: &'static str,
    id: Uuid,
    scope_end: &'static str,
) -> Result<Vec<Dataset>, StoreError> {
    let mut text = Dynamic::new(columns!(
        "where id in (select newest_id from pull_state where "
    ));
    text.push(scope).bind(Bind::Id(id)).push(scope_end);
    text.push(" union select success_id from pull_state where ");
    text.push(scope).bind(Bind::Id(id)).push(scope_end);
    text.push(") order by data_type, requested desc, id desc");
    let found = query!(db, all Dataset, text)?;
    // Several connections may have pulls of one type.
    let mut kept: Vec<Dataset> = Vec::new();
    for dataset in found {
        let mut of_type = kept.iter().filter(|one| one.data_type == dataset.data_type);
        let succeeded = of_type
            .clone()
            .any(|one| one.status == DatasetStatus::Complete);
        let is_first = of_type.next().is_none();
        if is_first || (!succeeded && dataset.status == DatasetStatus::Complete) {
            kept.push(dataset);
        }
    }
    Ok(kept)
}

row! { struct DataType { data_type: String } }

/// Data types of a connection that have been pulled successfully. Unscoped: callers pass a connection that they have loaded.
pub async fn pulled_types(db: &Db, connection: ConnectionId) -> Result<Vec<String>, StoreError> {
    let rows = query!(
        db,
        all DataType,
        "select data_type from pull_state where connection_id = $1 and success_id is not null order by data_type",
        connection
    )?;
    Ok(rows.into_iter().map(|row| row.data_type).collect())
}

row! { struct Status { status: DatasetStatus } }

/// The status of the newest pull of each of a connection's data types.
pub async fn newest_statuses(
    db: &Db,
    connection: ConnectionId,
) -> Result<Vec<DatasetStatus>, StoreError> {
    let rows = query!(
        db,
        all Status,
        "select status from dataset where id in (select newest_id from pull_state where connection_id = $1)",
        connection
    )?;
    Ok(rows.into_iter().map(|row| row.status).collect())
}
