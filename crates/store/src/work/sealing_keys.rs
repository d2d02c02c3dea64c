//! The keys that secrets are sealed with, wrapped; and the key that each node seals with.

use chrono::{DateTime, Utc};

use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

/// Seals nothing yet.
pub const ADDED: &str = "added";
/// Seals what is sealed now.
pub const ACTIVE: &str = "active";
/// Opens what it has sealed.
pub const FORMER: &str = "former";
/// A later key of the record: it seals no stored value.
pub const OF_RECORD: &str = "record";
/// Opens nothing any more.
pub const RETIRED: &str = "retired";

row! {
    #[derive(Clone, Debug)]
    pub struct SealingKey {
        /// Hexadecimal digest of the key, or a name.
        pub id: String,
        /// The root key that wraps it.
        pub root: String,
        /// None if it is the root key itself, and once it is retired.
        pub wrapped: Option<Vec<u8>>,
        pub state: String,
        pub created: DateTime<Utc>,
        pub activated: Option<DateTime<Utc>>,
        /// The time at which nothing was found any more that is sealed with it.
        pub emptied: Option<DateTime<Utc>>,
        pub retired: Option<DateTime<Utc>>,
    }
}

/// Every key, the oldest first.
pub async fn list(db: &Db) -> Result<Vec<SealingKey>, StoreError> {
    query!(
        db,
        all SealingKey,
        "select id, root, wrapped, state, created, activated, emptied, retired from sealing_key order by created, id"
    )
}

/// The same, in a transaction that changes them.
pub async fn list_in(tx: &mut Tx) -> Result<Vec<SealingKey>, StoreError> {
    query!(
        tx,
        all SealingKey,
        "select id, root, wrapped, state, created, activated, emptied, retired from sealing_key order by created, id"
    )
}

/// Makes the transactions that change the keys take turns.
pub async fn lock(tx: &mut Tx) -> Result<(), StoreError> {
    if let Tx::Postgres(_) = tx {
        query!(tx, "select pg_advisory_xact_lock(7405138270165)")?;
    }
    Ok(())
}

/// Inserts a key; one with its id that is there already stays.
pub async fn insert(tx: &mut Tx, key: &SealingKey) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into sealing_key (id, root, wrapped, state, created, activated, emptied, retired)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
        &key.id,
        &key.root,
        &key.wrapped,
        &key.state,
        key.created,
        key.activated,
        key.emptied,
        key.retired
    )?;
    Ok(())
}

/// Deletes every key, for those of another installation.
pub async fn forget_all(tx: &mut Tx) -> Result<(), StoreError> {
    query!(tx, "delete from sealing_key")?;
    Ok(())
}

/// Makes a key the one that seals, and the one before it a former one.
pub async fn activate(tx: &mut Tx, id: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    query!(
        tx,
        "update sealing_key set state = $2 where state = $3 and id <> $1 and id <> 'record'",
        id,
        FORMER,
        ACTIVE
    )?;
    query!(
        tx,
        "update sealing_key set state = $2, activated = $3, emptied = null where id = $1",
        id,
        ACTIVE,
        now
    )?;
    Ok(())
}

/// Puts a key under another root key.
pub async fn wrap(tx: &mut Tx, id: &str, root: &str, wrapped: &[u8]) -> Result<(), StoreError> {
    query!(
        tx,
        "update sealing_key set root = $2, wrapped = $3 where id = $1",
        id,
        root,
        wrapped
    )?;
    Ok(())
}

/// Notes that nothing was found that is sealed with a key.
pub async fn emptied(tx: &mut Tx, id: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    query!(
        tx,
        "update sealing_key set emptied = $2 where id = $1",
        id,
        now
    )?;
    Ok(())
}

/// Ends a key, and erases it.
pub async fn retire(tx: &mut Tx, id: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    query!(
        tx,
        "update sealing_key set state = $2, wrapped = null, retired = $3 where id = $1",
        id,
        RETIRED,
        now
    )?;
    Ok(())
}

row! {
    /// A process that seals.
    #[derive(Clone, Debug)]
    pub struct Node {
        pub name: String,
        pub key_id: String,
        /// All keys that it can open values with, with commas between.
        pub known: String,
        /// Answers of platforms that it keeps beside the database.
        pub kept: i64,
        /// The time since which it seals with that key.
        pub since: DateTime<Utc>,
    }
}

pub async fn nodes(db: &Db) -> Result<Vec<Node>, StoreError> {
    query!(db, all Node, "select name, key_id, known, kept, since from sealing_node order by name")
}

pub async fn put_node(tx: &mut Tx, node: &Node) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into sealing_node (name, key_id, known, kept, since) values ($1, $2, $3, $4, $5)
         on conflict (name) do update set key_id = excluded.key_id, known = excluded.known, kept = excluded.kept, since = excluded.since",
        &node.name,
        &node.key_id,
        &node.known,
        node.kept,
        node.since
    )?;
    Ok(())
}

/// Forgets every node.
pub async fn forget_nodes(tx: &mut Tx) -> Result<(), StoreError> {
    query!(tx, "delete from sealing_node")?;
    Ok(())
}

pub async fn forget_node(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    query!(tx, "delete from sealing_node where name = $1", name)?;
    Ok(())
}
