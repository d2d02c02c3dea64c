//! Records that couldn't be read, set aside with their reasons and, sealed, the form in which their platform sent them.

use chrono::{DateTime, Utc};

use crate::model::{ConnectionId, DatasetId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    /// A record that was set aside.
    #[derive(Clone, Debug)]
    pub struct SetAside {
        /// The id of the standard record that it would have become; if that isn't known, the digest of its form.
        pub key: String,
        /// True if the key is an id.
        pub known: bool,
        /// The number of the list that it came on, from 0.
        pub list: i64,
        pub reason: String,
        /// None if it is too long to be kept.
        pub sealed: Option<Vec<u8>>,
        /// The pull that last met it.
        pub dataset_id: DatasetId,
        /// The time at which the platform last sent it.
        pub seen: DateTime<Utc>,
    }
}

/// Sets a record aside, in place of the form of it that was.
pub async fn put(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    one: &SetAside,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into quarantine (connection_id, data_type, key, known, list, reason, sealed, dataset_id, seen)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (connection_id, data_type, key) do update set known = excluded.known, list = excluded.list,
             reason = excluded.reason, sealed = excluded.sealed, dataset_id = excluded.dataset_id, seen = excluded.seen",
        connection,
        data_type,
        &one.key,
        one.known,
        one.list,
        &one.reason,
        one.sealed.as_deref(),
        one.dataset_id,
        one.seen
    )?;
    Ok(())
}

row! { struct Key { key: String } }

/// The keys of a connection's records of a type that are set aside.
pub async fn keys(
    db: &Db,
    connection: ConnectionId,
    data_type: &str,
) -> Result<Vec<String>, StoreError> {
    let rows = query!(
        db,
        all Key,
        "select key from quarantine where connection_id = $1 and data_type = $2",
        connection,
        data_type
    )?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// The first ids of a connection's records of a type that are set aside, as far as they are known.
pub async fn first_ids(
    db: &Db,
    connection: ConnectionId,
    data_type: &str,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    let rows = query!(
        db,
        all Key,
        "select key from quarantine where connection_id = $1 and data_type = $2 and known = $3
         order by key limit $4",
        connection,
        data_type,
        true,
        limit
    )?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// Those of a connection's records of a type that are set aside and that a pull hasn't met itself.
pub async fn of_others(
    db: &Db,
    connection: ConnectionId,
    data_type: &str,
    dataset: DatasetId,
) -> Result<Vec<SetAside>, StoreError> {
    query!(
        db,
        all SetAside,
        "select key, known, list, reason, sealed, dataset_id, seen from quarantine
         where connection_id = $1 and data_type = $2 and dataset_id <> $3 order by key",
        connection,
        data_type,
        dataset
    )
}

/// Forgets a record that could be read, or that is gone.
pub async fn forget(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    key: &str,
) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from quarantine where connection_id = $1 and data_type = $2 and key = $3",
        connection,
        data_type,
        key
    )?;
    Ok(())
}

/// Forgets what a complete pull no longer met: the platform doesn't have it in that form any more.
pub async fn forget_others(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    dataset: DatasetId,
) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from quarantine where connection_id = $1 and data_type = $2 and dataset_id <> $3",
        connection,
        data_type,
        dataset
    )?;
    Ok(())
}

row! {
    /// The numbers of a connection's records of a type that are set aside.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Tally {
        pub number: i64,
        /// Those whose id isn't known.
        pub unknown: i64,
        /// Those whose form isn't kept.
        pub unkept: i64,
    }
}

pub async fn tally(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
) -> Result<Tally, StoreError> {
    query!(
        tx,
        one Tally,
        "select count(*) as number, count(case when known then null else 1 end) as unknown,
                count(case when sealed is null then 1 else null end) as unkept
         from quarantine where connection_id = $1 and data_type = $2",
        connection,
        data_type
    )
}

/// Forgets what a platform has last sent before a time. Returns the number.
pub async fn forget_before(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    query!(tx, "delete from quarantine where seen < $1", before)
}
