//! Days for which a client's records are kept, and the erasing of those that are over.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::data::pull_states;
use crate::model::{ClientId, CompanyId, ConnectionId};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, StoreError, Tx, query};

row! {
    /// Days; none if what they are of is kept for good.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Retention {
        /// Of the record: from an act, or from the end of a consent.
        pub record_days: Option<i64>,
        pub event_days: Option<i64>,
        /// Of pulled data: from the end of access.
        pub data_days: Option<i64>,
        /// Of platforms' answers as they came; none if they aren't kept at all.
        pub page_days: Option<i64>,
    }
}

pub async fn get(db: &Db, client: ClientId) -> Result<Option<Retention>, StoreError> {
    query!(
        db,
        opt Retention,
        "select record_days, event_days, data_days, page_days from client_retention where client_id = $1",
        client
    )
}

/// The same through a transaction that changes it.
pub async fn get_in(tx: &mut Tx, client: ClientId) -> Result<Option<Retention>, StoreError> {
    query!(
        tx,
        opt Retention,
        "select record_days, event_days, data_days, page_days from client_retention where client_id = $1",
        client
    )
}

pub async fn put(tx: &mut Tx, client: ClientId, days: &Retention) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into client_retention (client_id, record_days, event_days, data_days, page_days) values ($1, $2, $3, $4, $5)
         on conflict (client_id) do update set record_days = excluded.record_days, event_days = excluded.event_days,
             data_days = excluded.data_days, page_days = excluded.page_days",
        client,
        days.record_days,
        days.event_days,
        days.data_days,
        days.page_days
    )?;
    Ok(())
}

row! { struct Seq { seq: i64 } }

/// Erases the bodies of entries from before a time, at most `limit`, and gives their numbers in order. A consent's entries stay
/// until it has ended before that time; what the chain says of itself stays for good.
pub async fn erase_bodies(
    tx: &mut Tx,
    client: ClientId,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut due = Dynamic::new(
        "select e.seq from record_entry e
         where e.body is not null and e.kind not in ('record.erased', 'record.broken') and e.client_id = ",
    );
    due.bind(Bind::Id(client.0)).push(" and e.at < ");
    due.bind(Bind::Time(before)).push(
        " and (e.consent_id is null or exists (select 1 from consent c where c.id = e.consent_id and c.ended < ",
    );
    due.bind(Bind::Time(before))
        .push(")) order by e.seq limit ");
    due.bind(Bind::Int(limit));
    let due = query!(tx, all Seq, due)?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let mut text =
        Dynamic::new("update record_entry set body = null where body is not null and client_id = ");
    text.bind(Bind::Id(client.0)).push(" and seq in (");
    for (at, row) in due.iter().enumerate() {
        if at > 0 {
            text.push(", ");
        }
        text.bind(Bind::Int(row.seq));
    }
    text.push(") returning seq");
    let mut erased: Vec<i64> = query!(tx, all Seq, text)?
        .into_iter()
        .map(|row| row.seq)
        .collect();
    erased.sort_unstable();
    Ok(erased)
}

/// Forgets the businesses' names of consents that ended before a time: their entries are erased.
pub async fn erase_names(
    tx: &mut Tx,
    client: ClientId,
    before: DateTime<Utc>,
) -> Result<u64, StoreError> {
    query!(
        tx,
        "update consent set business = null where client_id = $1 and ended < $2 and business is not null",
        client,
        before
    )
}

/// Deletes events from before a time, at most `limit`. Returns how many there were. One that a message to a webhook consumer is
/// made from stays until the message goes.
pub async fn delete_events(
    tx: &mut Tx,
    client: ClientId,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, StoreError> {
    query!(
        tx,
        "delete from event where id in (
             select id from event where client_id = $1 and occurred < $2 and id not in (select event_id from webhook_message)
             order by id limit $3)",
        client,
        before,
        limit
    )
}

row! {
    /// A connection that has data and whose access ended.
    #[derive(Clone, Debug)]
    pub struct Ended {
        pub connection_id: ConnectionId,
        pub company_id: CompanyId,
        pub ended: DateTime<Utc>,
        /// The time at which its client was told that the data will be deleted.
        pub told: Option<DateTime<Utc>>,
    }
}

/// The connections of a client that have data and whose access ended before a time; `after` pages through them by id. Of an end
/// that is not on record the time counts at which the record `began`.
pub async fn ended_before(
    db: &Db,
    client: ClientId,
    before: DateTime<Utc>,
    began: DateTime<Utc>,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Ended>, StoreError> {
    query!(
        db,
        all Ended,
        "select over.connection_id, over.company_id, over.ended, data_notice.told
         from (select connection.id as connection_id, connection.company_id as company_id,
                      coalesce((select max(consent.ended) from consent where consent.connection_id = connection.id), $3) as ended
               from connection
               where connection.client_id = $1 and connection.id > $4 and connection.status in ('Unlinked', 'Deauthorized')
                 and exists (select 1 from dataset where dataset.connection_id = connection.id)) as over
              left join data_notice on data_notice.connection_id = over.connection_id and data_notice.ended = over.ended
         where over.ended < $2 order by over.connection_id limit $5",
        client,
        before,
        began,
        after,
        limit
    )
}

/// Notes that a client is told. False if it was told of this end before.
pub async fn put_notice(
    tx: &mut Tx,
    connection: ConnectionId,
    ended: DateTime<Utc>,
    told: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "insert into data_notice (connection_id, ended, told) values ($1, $2, $3)
         on conflict (connection_id) do update set ended = excluded.ended, told = excluded.told
         where data_notice.ended <> excluded.ended",
        connection,
        ended,
        told
    )?;
    Ok(rows == 1)
}

/// Deletes records that were pulled through a connection, at most `limit`. Returns how many there were.
pub async fn delete_records(
    tx: &mut Tx,
    connection: ConnectionId,
    limit: i64,
) -> Result<u64, StoreError> {
    query!(
        tx,
        "delete from record where connection_id = $1 and (data_type, id) in (
             select data_type, id from record where connection_id = $1 limit $2)",
        connection,
        limit
    )
}

/// Deletes a connection's pulls with what was found about their records, the records that couldn't be read and the answers
/// as they came. The next pull is
/// a first one again.
pub async fn delete_pulls(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from quarantine where connection_id = $1",
        connection
    )?;
    query!(
        tx,
        "delete from raw_page where connection_id = $1",
        connection
    )?;
    query!(
        tx,
        "delete from dataset where connection_id = $1",
        connection
    )?;
    pull_states::forget(tx, connection).await?;
    query!(
        tx,
        "delete from data_notice where connection_id = $1",
        connection
    )?;
    Ok(())
}
