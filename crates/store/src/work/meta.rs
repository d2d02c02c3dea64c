//! Facts about this installation itself.

use crate::clock::random_id;
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! { struct Value { value: String } }

pub async fn get(db: &Db, key: &str) -> Result<Option<String>, StoreError> {
    Ok(query!(db, opt Value, "select value from meta where key = $1", key)?.map(|row| row.value))
}

/// The same, in a transaction that goes by it.
pub(crate) async fn read(tx: &mut Tx, key: &str) -> Result<Option<String>, StoreError> {
    Ok(query!(tx, opt Value, "select value from meta where key = $1", key)?.map(|row| row.value))
}

pub async fn set(tx: &mut Tx, key: &str, value: &str) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
        key,
        value
    )?;
    Ok(())
}

/// Puts a value in the place of the one that was read, or of none. False if it is another by now.
pub async fn replace(
    tx: &mut Tx,
    key: &str,
    before: Option<&str>,
    value: &str,
) -> Result<bool, StoreError> {
    let rows = match before {
        Some(before) => query!(
            tx,
            "update meta set value = $3 where key = $1 and value = $2",
            key,
            before,
            value
        )?,
        None => query!(
            tx,
            "insert into meta (key, value) values ($1, $2) on conflict (key) do nothing",
            key,
            value
        )?,
    };
    Ok(rows == 1)
}

pub async fn forget(tx: &mut Tx, key: &str) -> Result<(), StoreError> {
    query!(tx, "delete from meta where key = $1", key)?;
    Ok(())
}

/// Writes something and makes it durable, which shows that the database takes writes at this moment. Nothing of it stays: a row
/// comes and goes, under a key of its own, so that nodes that try at once don't wait for each other.
pub async fn try_write(db: &Db) -> Result<(), StoreError> {
    let key = format!("tried.{}", random_id());
    let mut tx = db.write().await?;
    set(&mut tx, &key, "").await?;
    forget(&mut tx, &key).await?;
    tx.commit().await
}
