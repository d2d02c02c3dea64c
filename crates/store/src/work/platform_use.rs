//! Requests that platforms received on a day, and the times until which they receive none.

use chrono::{DateTime, Utc};

use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! { struct Taken { taken: i64 } }

/// Gives a node `wanted` of a subject's requests of the day, or as many as there are below `limit`.
pub async fn lease(
    tx: &mut Tx,
    subject: &str,
    day: i64,
    wanted: i64,
    limit: i64,
) -> Result<i64, StoreError> {
    query!(
        tx,
        "insert into platform_use (subject, day, granted, taken) values ($1, $2, 0, 0)
         on conflict (subject) do update set day = excluded.day, granted = 0, taken = 0
         where platform_use.day < excluded.day",
        subject,
        day
    )?;
    let lease = query!(
        tx,
        opt Taken,
        "update platform_use set
            taken = case when granted + $3 > $4 then $4 - granted else $3 end,
            granted = case when granted + $3 > $4 then $4 else granted + $3 end
         where subject = $1 and day = $2 and granted < $4
         returning taken",
        subject,
        day,
        wanted,
        limit
    )?;
    Ok(lease.map_or(0, |lease| lease.taken))
}

/// Takes back what a node was given and hasn't used.
pub async fn give_back(
    tx: &mut Tx,
    subject: &str,
    day: i64,
    unused: i64,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update platform_use set granted = granted - $3 where subject = $1 and day = $2",
        subject,
        day,
        unused
    )?;
    Ok(())
}

row! {
    #[derive(Clone, Debug)]
    pub struct Rest {
        pub until: DateTime<Utc>,
        pub reason: String,
    }
}

/// The rest that a subject keeps at `now`.
pub async fn rest(db: &Db, subject: &str, now: DateTime<Utc>) -> Result<Option<Rest>, StoreError> {
    query!(
        db,
        opt Rest,
        "select until, reason from platform_rest where subject = $1 and until > $2",
        subject,
        now
    )
}

/// Lets a subject rest; a longer rest stays.
pub async fn set_rest(
    tx: &mut Tx,
    subject: &str,
    until: DateTime<Utc>,
    reason: &str,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into platform_rest (subject, until, reason) values ($1, $2, $3)
         on conflict (subject) do update set until = excluded.until, reason = excluded.reason
         where platform_rest.until < excluded.until",
        subject,
        until,
        reason
    )?;
    Ok(())
}

/// Ends every rest.
pub async fn end_rests(tx: &mut Tx) -> Result<(), StoreError> {
    query!(tx, "delete from platform_rest")?;
    Ok(())
}

/// Drops rests that are over, and counts of days before `day`.
pub async fn sweep(tx: &mut Tx, now: DateTime<Utc>, day: i64) -> Result<(), StoreError> {
    query!(tx, "delete from platform_rest where until <= $1", now)?;
    query!(tx, "delete from platform_use where day < $1", day)?;
    Ok(())
}
