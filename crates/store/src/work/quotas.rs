//! Each client's requests of the day.

use crate::model::ClientId;
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    /// After a node was given some.
    #[derive(Clone, Copy, Debug)]
    pub struct Lease {
        /// All that nodes have been given that day.
        pub granted: i64,
        /// The part that this one was given now.
        pub taken: i64,
    }
}

/// Gives a node `wanted` of the day's requests, or as many as there are below `limit`. None if there are none.
pub async fn lease(
    tx: &mut Tx,
    client: ClientId,
    day: i64,
    wanted: i64,
    limit: i64,
) -> Result<Option<Lease>, StoreError> {
    query!(
        tx,
        "insert into quota (client_id, day, granted, taken, exhausted) values ($1, $2, 0, 0, false)
         on conflict (client_id) do update set day = excluded.day, granted = 0, taken = 0 where quota.day < excluded.day",
        client,
        day
    )?;
    query!(
        tx,
        opt Lease,
        "update quota set
            taken = case when granted + $3 > $4 then $4 - granted else $3 end,
            granted = case when granted + $3 > $4 then $4 else granted + $3 end
         where client_id = $1 and day = $2 and granted < $4
         returning granted, taken",
        client,
        day,
        wanted,
        limit
    )
}

/// Takes back what a node was given and hasn't used.
pub async fn give_back(
    tx: &mut Tx,
    client: ClientId,
    day: i64,
    unused: i64,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update quota set granted = granted - $3 where client_id = $1 and day = $2",
        client,
        day,
        unused
    )?;
    Ok(())
}

/// Notes that the day's requests are used up. True for the first to note it.
pub async fn exhaust(tx: &mut Tx, client: ClientId, day: i64) -> Result<bool, StoreError> {
    let noted = query!(
        tx,
        "update quota set exhausted = true where client_id = $1 and day = $2 and not exhausted",
        client,
        day
    )?;
    Ok(noted == 1)
}

/// Notes that a new day has begun. True for the first to note it after the requests had been used up.
pub async fn renew(tx: &mut Tx, client: ClientId, day: i64) -> Result<bool, StoreError> {
    let noted = query!(
        tx,
        "update quota set exhausted = false where client_id = $1 and day < $2 and exhausted",
        client,
        day
    )?;
    Ok(noted == 1)
}

row! { struct Exhausted { client_id: ClientId } }

/// Clients whose requests were used up on an earlier day, and to whom new ones were not reported yet.
pub async fn exhausted_before(db: &Db, day: i64) -> Result<Vec<ClientId>, StoreError> {
    let rows = query!(
        db,
        all Exhausted,
        "select client_id from quota where exhausted and day < $1 order by client_id",
        day
    )?;
    Ok(rows.into_iter().map(|row| row.client_id).collect())
}
