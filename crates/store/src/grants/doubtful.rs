//! Tokens in doubt: answers that can't be read, ciphertexts that can't be opened, and tokens of a restored backup.

use chrono::{DateTime, Utc};

use super::credentials::By;
use crate::model::{ClientId, ConnectionId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! { struct Number { number: i64 } }

row! {
    /// A credential with an answer that can't be read.
    #[derive(Clone, Debug)]
    pub struct Misread {
        pub connection_id: ConnectionId,
        pub client_id: ClientId,
        pub integration_key: String,
        pub unread_at: DateTime<Utc>,
        pub unread_why: String,
    }
}

/// Every answer that can't be read, the oldest first.
pub async fn misread(db: &Db, limit: i64) -> Result<Vec<Misread>, StoreError> {
    query!(
        db,
        all Misread,
        "select credential.connection_id, credential.client_id, connection.integration_key, unread_at, unread_why
         from credential join connection on connection.id = credential.connection_id
         where unread_at is not null and unread_why is not null order by unread_at limit $1",
        limit
    )
}

/// A success whose tokens can't be read, sealed.
#[derive(Clone, Debug)]
pub struct Unread<'a> {
    pub answer: &'a [u8],
    pub at: DateTime<Utc>,
    pub why: &'a str,
}

/// Keeps an answer until it is understood, if this is still the version.
pub async fn keep_unread(tx: &mut Tx, by: By, unread: Unread<'_>) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update credential set unread_answer = $4, unread_at = $5, unread_why = $6
         where connection_id = $1 and version = $2 and (lease_owner = $3 or grant_id = $7)",
        by.connection,
        by.version,
        by.owner,
        unread.answer,
        unread.at,
        unread.why,
        by.grant
    )?;
    Ok(rows == 1)
}

/// Marks tokens as ones that can't be opened; false if they are marked already, or other tokens are there by now.
pub async fn mark_unreadable(
    tx: &mut Tx,
    connection: ConnectionId,
    version: i64,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update credential set unreadable_at = $3 where connection_id = $1 and version = $2 and unreadable_at is null",
        connection,
        version,
        now
    )?;
    Ok(rows == 1)
}

/// Takes the mark away; false if there was none.
pub async fn mark_readable(tx: &mut Tx, connection: ConnectionId) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update credential set unreadable_at = null where connection_id = $1 and unreadable_at is not null",
        connection
    )?;
    Ok(rows == 1)
}

/// The number of connections whose tokens can't be opened.
pub async fn unreadable(db: &Db) -> Result<i64, StoreError> {
    let row = query!(
        db,
        one Number,
        "select count(*) as number from credential where unreadable_at is not null"
    )?;
    Ok(row.number)
}

/// Holds back the tokens that would have been renewed before a time, in what a restored backup lacks.
pub async fn hold_back(
    tx: &mut Tx,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    query!(
        tx,
        "update credential set restored_at = $2, held_back = $3
         where refresh_token is not null and (expires is null or expires < $1)",
        before,
        now,
        true
    )
}

row! {
    /// A credential that isn't renewed since a backup was restored.
    #[derive(Clone, Copy, Debug)]
    pub struct HeldBack {
        pub connection_id: ConnectionId,
        pub restored_at: DateTime<Utc>,
    }
}

/// The credentials that are held back.
pub async fn held_back(db: &Db, limit: i64) -> Result<Vec<HeldBack>, StoreError> {
    query!(
        db,
        all HeldBack,
        "select connection_id, restored_at from credential where held_back = $1 and restored_at is not null
         order by connection_id limit $2",
        true,
        limit
    )
}

/// Lets tokens that are held back be renewed; false if they aren't.
pub async fn let_on(tx: &mut Tx, connection: ConnectionId) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update credential set held_back = $2 where connection_id = $1 and held_back = $3",
        connection,
        false,
        true
    )?;
    Ok(rows == 1)
}
