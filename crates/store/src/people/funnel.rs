//! Counters of what became of a client's customers in Link: by day, platform, step and reason, never by person.
//!
//! A step is written beside what it counts as a row of its own, and added to the counter by a chore: no two customers wait for
//! the same row, and a reader sums both.

use uuid::Uuid;

use crate::model::{ClientId, CompanyId, ConnectionId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};
use crate::work::meta;

row! {
    /// The steps of a connection that are counted, and its loss.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct Journey {
        /// A sum of powers of two.
        pub steps: i64,
        /// Days since 1970-01-01, UTC.
        pub lost_day: Option<i64>,
        pub lost_reason: Option<String>,
    }
}

row! {
    /// A number of steps: of one counter, or to be added to it.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct Count {
        pub client_id: ClientId,
        /// Days since 1970-01-01, UTC.
        pub day: i64,
        /// Empty for what is of no platform.
        pub platform_key: String,
        pub step: String,
        /// Empty for what isn't a loss.
        pub reason: String,
        pub number: i64,
    }
}

/// A connection's journey. The caller holds the company's lock.
pub async fn journey(tx: &mut Tx, connection: ConnectionId) -> Result<Option<Journey>, StoreError> {
    query!(
        tx,
        opt Journey,
        "select steps, lost_day, lost_reason from link_journey where connection_id = $1",
        connection
    )
}

pub async fn put_journey(
    tx: &mut Tx,
    connection: ConnectionId,
    journey: &Journey,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into link_journey (connection_id, steps, lost_day, lost_reason) values ($1, $2, $3, $4)
         on conflict (connection_id) do update set steps = excluded.steps, lost_day = excluded.lost_day,
             lost_reason = excluded.lost_reason",
        connection,
        journey.steps,
        journey.lost_day,
        &journey.lost_reason
    )?;
    Ok(())
}

/// Notes that a company opened Link on a day. False if that day, or a later one, was noted before.
pub async fn visit(tx: &mut Tx, company: CompanyId, day: i64) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "insert into link_visit (company_id, day) values ($1, $2)
         on conflict (company_id) do update set day = excluded.day where link_visit.day < excluded.day",
        company,
        day
    )?;
    Ok(rows == 1)
}

/// Leaves a number to be added to its counter.
pub async fn note(tx: &mut Tx, id: Uuid, count: &Count) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into link_step (id, client_id, day, platform_key, step, reason, number) values ($1, $2, $3, $4, $5, $6, $7)",
        id,
        count.client_id,
        count.day,
        &count.platform_key,
        &count.step,
        &count.reason,
        count.number
    )?;
    Ok(())
}

row! { struct Number { number: i64 } }

/// True if there is something to add.
pub async fn waits(db: &Db) -> Result<bool, StoreError> {
    let found = query!(
        db,
        opt Number,
        "select cast(1 as bigint) as number from link_step limit 1"
    )?;
    Ok(found.is_some_and(|found| found.number == 1))
}

/// The fact about the installation that lets one node after the other take what is to be added.
const TURN: &str = "funnel.turn";

/// Takes some of what is to be added.
pub async fn take(tx: &mut Tx, limit: i64) -> Result<Vec<Count>, StoreError> {
    meta::set(tx, TURN, "").await?;
    query!(
        tx,
        all Count,
        "delete from link_step where id in (select id from link_step order by id limit $1)
         returning client_id, day, platform_key, step, reason, number",
        limit
    )
}

/// Adds to a counter.
pub async fn add(tx: &mut Tx, more: &Count) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into link_funnel (client_id, day, platform_key, step, reason, number) values ($1, $2, $3, $4, $5, $6)
         on conflict (client_id, day, platform_key, step, reason) do update set number = link_funnel.number + excluded.number",
        more.client_id,
        more.day,
        &more.platform_key,
        &more.step,
        &more.reason,
        more.number
    )?;
    Ok(())
}

/// A client's counts on some days, in order, with what is still to be added; of one platform if it is given.
pub async fn of_client(
    db: &Db,
    client: ClientId,
    (from, to): (i64, i64),
    platform_key: Option<&str>,
) -> Result<Vec<Count>, StoreError> {
    query!(
        db,
        all Count,
        "select client_id, day, platform_key, step, reason, cast(sum(number) as bigint) as number
         from (select client_id, day, platform_key, step, reason, number from link_funnel where client_id = $1
               union all
               select client_id, day, platform_key, step, reason, number from link_step where client_id = $1) as counted
         where day >= $2 and day <= $3 and ($4 is null or platform_key = $4)
         group by client_id, day, platform_key, step, reason having sum(number) > 0
         order by day, platform_key, step, reason",
        client,
        from,
        to,
        platform_key
    )
}

/// Deletes the counts of the days before one.
pub async fn forget_before(tx: &mut Tx, day: i64) -> Result<u64, StoreError> {
    let counters = query!(tx, "delete from link_funnel where day < $1", day)?;
    let waiting = query!(tx, "delete from link_step where day < $1", day)?;
    Ok(counters + waiting)
}

/// Deletes all counts of a client.
pub async fn delete_of_client(tx: &mut Tx, client: ClientId) -> Result<(), StoreError> {
    query!(tx, "delete from link_step where client_id = $1", client)?;
    query!(tx, "delete from link_funnel where client_id = $1", client)?;
    Ok(())
}
