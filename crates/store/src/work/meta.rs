//! Facts about this installation itself.

use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! { struct Value { value: String } }

pub async fn get(db: &Db, key: &str) -> Result<Option<String>, StoreError> {
    Ok(query!(db, opt Value, "select value from meta where key = $1", key)?.map(|row| row.value))
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

pub async fn forget(tx: &mut Tx, key: &str) -> Result<(), StoreError> {
    query!(tx, "delete from meta where key = $1", key)?;
    Ok(())
}
