//! One-time passwords that were spent, and customers on their way to a platform.

use chrono::{DateTime, Utc};

use crate::model::{ClientId, CompanyId, ConnectionId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct Attempt {
        pub state_hash: Vec<u8>,
        pub client_id: ClientId,
        pub company_id: CompanyId,
        pub connection_id: ConnectionId,
        pub browser_hash: Vec<u8>,
        /// Sealed PKCE verifier.
        pub verifier: Option<Vec<u8>>,
        /// JSON object: the custom parameters that the link URL carried.
        pub parameters: String,
        pub created: DateTime<Utc>,
        pub expires: DateTime<Utc>,
        pub spent: Option<DateTime<Utc>>,
    }
}

/// Spends a password. False when it was spent before.
pub async fn spend_password(
    tx: &mut Tx,
    id: &[u8],
    expires: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "insert into spent_password (id, expires) values ($1, $2) on conflict (id) do nothing",
        id,
        expires
    )?;
    Ok(rows == 1)
}

row! { struct Found { id: Vec<u8> } }

pub async fn is_spent(db: &Db, id: &[u8]) -> Result<bool, StoreError> {
    Ok(
        query!(db, opt Found, "select id from spent_password where id = $1", id)?
            .is_some_and(|row| row.id == id),
    )
}

pub async fn insert_attempt(tx: &mut Tx, attempt: &Attempt) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into authorization_attempt
             (state_hash, client_id, company_id, connection_id, browser_hash, verifier, parameters, created, expires)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &attempt.state_hash,
        attempt.client_id,
        attempt.company_id,
        attempt.connection_id,
        &attempt.browser_hash,
        &attempt.verifier,
        &attempt.parameters,
        attempt.created,
        attempt.expires
    )?;
    Ok(())
}

/// Finds an attempt. Unscoped: the state is a secret, and says which connection a callback is for.
pub async fn attempt(db: &Db, state_hash: &[u8]) -> Result<Option<Attempt>, StoreError> {
    query!(
        db,
        opt Attempt,
        "select state_hash, client_id, company_id, connection_id, browser_hash, verifier, parameters, created, expires, spent
         from authorization_attempt where state_hash = $1",
        state_hash
    )
}

/// Spends a state. False when it was spent before or has expired.
pub async fn spend_attempt(
    tx: &mut Tx,
    state_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update authorization_attempt set spent = $2, verifier = null
         where state_hash = $1 and spent is null and expires > $2",
        state_hash,
        now
    )?;
    Ok(rows == 1)
}

/// Forgets that the exchange of this attempt is under way: it ended, well or badly.
pub async fn close_attempt(tx: &mut Tx, state_hash: &[u8]) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from authorization_attempt where state_hash = $1",
        state_hash
    )?;
    Ok(())
}

/// Attempts whose code was taken but whose exchange never ended: the process died in between.
pub async fn abandoned(db: &Db, spent_before: DateTime<Utc>) -> Result<Vec<Attempt>, StoreError> {
    query!(
        db,
        all Attempt,
        "select state_hash, client_id, company_id, connection_id, browser_hash, verifier, parameters, created, expires, spent
         from authorization_attempt where spent <= $1 limit 100",
        spent_before
    )
}

/// Drops what has expired. Returns how many rows went.
pub async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let passwords = query!(tx, "delete from spent_password where expires < $1", now)?;
    let attempts = query!(
        tx,
        "delete from authorization_attempt where expires < $1 and spent is null",
        now
    )?;
    Ok(passwords + attempts)
}

/// Forgets every customer on the way through this connection.
pub async fn delete_attempts(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from authorization_attempt where connection_id = $1",
        connection
    )?;
    Ok(())
}
