//! Sealed tokens, and who may refresh them just now.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::columns::row;
use super::db::{Db, StoreError, Tx, query};
use super::jobs::Lease;
use crate::model::{ClientId, ConnectionId};

row! {
    #[derive(Clone, Debug)]
    pub struct Credential {
        pub connection_id: ConnectionId,
        pub client_id: ClientId,
        /// Grows with each set of tokens: a fence for compare-and-swap.
        pub version: i64,
        pub access_token: Vec<u8>,
        pub refresh_token: Option<Vec<u8>>,
        pub expires: Option<DateTime<Utc>>,
        pub scope: Option<String>,
        pub lease_owner: Option<Uuid>,
        pub lease_until: Option<DateTime<Utc>>,
        /// Set before the platform is asked, cleared with its answer: still set, the answer was lost.
        pub refresh_began: Option<DateTime<Utc>>,
        pub updated: DateTime<Utc>,
    }
}

pub async fn get(db: &Db, connection: ConnectionId) -> Result<Option<Credential>, StoreError> {
    query!(
        db,
        opt Credential,
        "select connection_id, client_id, version, access_token, refresh_token, expires, scope, lease_owner, lease_until,
                refresh_began, updated
         from credential where connection_id = $1",
        connection
    )
}

/// Every credential that lives no longer than `before` and can be refreshed.
pub async fn expiring(
    db: &Db,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Credential>, StoreError> {
    query!(
        db,
        all Credential,
        "select connection_id, client_id, version, access_token, refresh_token, expires, scope, lease_owner, lease_until,
                refresh_began, updated
         from credential where expires < $1 and refresh_token is not null order by expires limit $2",
        before,
        limit
    )
}

/// Tokens as a platform gave them, sealed.
#[derive(Clone, Debug)]
pub struct NewTokens {
    pub access_token: Vec<u8>,
    /// None where the platform gave none: at a refresh the one before stays good.
    pub refresh_token: Option<Vec<u8>>,
    pub expires: Option<DateTime<Utc>>,
    pub scope: Option<String>,
}

/// Puts a new grant in place of whatever was there, and ends anybody's lease: their answer belongs to the old grant.
pub async fn replace(
    tx: &mut Tx,
    connection: ConnectionId,
    client: ClientId,
    tokens: &NewTokens,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into credential (connection_id, client_id, version, access_token, refresh_token, expires, scope, updated)
         values ($1, $2, 1, $3, $4, $5, $6, $7)
         on conflict (connection_id) do update set version = credential.version + 1, access_token = excluded.access_token,
             refresh_token = excluded.refresh_token, expires = excluded.expires, scope = excluded.scope,
             lease_owner = null, lease_until = null, refresh_began = null, updated = excluded.updated",
        connection,
        client,
        &tokens.access_token,
        &tokens.refresh_token,
        tokens.expires,
        &tokens.scope,
        now
    )?;
    Ok(())
}

/// Takes the right to refresh this version, and writes down that a refresh begins. False when somebody else holds it or
/// the version has moved on.
pub async fn claim(
    tx: &mut Tx,
    connection: ConnectionId,
    version: i64,
    owner: Uuid,
    lease: Lease,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update credential set lease_owner = $3, lease_until = $4, refresh_began = $5
         where connection_id = $1 and version = $2 and (lease_until is null or lease_until < $5)",
        connection,
        version,
        owner,
        lease.until,
        lease.from
    )?;
    Ok(rows == 1)
}

/// Stores what the platform gave for this version, if the caller still holds the lease.
pub async fn rotate(
    tx: &mut Tx,
    connection: ConnectionId,
    version: i64,
    owner: Uuid,
    tokens: &NewTokens,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update credential set version = version + 1, access_token = $4, refresh_token = coalesce($5, refresh_token),
                expires = $6, lease_owner = null, lease_until = null, refresh_began = null, updated = $7
         where connection_id = $1 and version = $2 and lease_owner = $3",
        connection,
        version,
        owner,
        &tokens.access_token,
        &tokens.refresh_token,
        tokens.expires,
        now
    )?;
    Ok(rows == 1)
}

/// Gives the lease back without new tokens. `answered` says whether the platform certainly changed nothing; otherwise the
/// mark stays that a refresh began whose answer was lost.
pub async fn release(
    tx: &mut Tx,
    connection: ConnectionId,
    owner: Uuid,
    answered: bool,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update credential set lease_owner = null, lease_until = null,
                refresh_began = case when $3 then null else refresh_began end
         where connection_id = $1 and lease_owner = $2",
        connection,
        owner,
        answered
    )?;
    Ok(())
}

/// Ends every lease, keeping the marks of refreshes that began: for SQLite at start, where nobody else can hold one.
pub async fn break_leases(tx: &mut Tx) -> Result<(), StoreError> {
    query!(
        tx,
        "update credential set lease_owner = null, lease_until = null where lease_owner is not null"
    )?;
    Ok(())
}

/// Makes the access token count as expired, after a platform refused it before its time.
pub async fn expire(
    tx: &mut Tx,
    connection: ConnectionId,
    version: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update credential set expires = $3 where connection_id = $1 and version = $2",
        connection,
        version,
        now
    )?;
    Ok(())
}

/// Takes the tokens out of the store.
pub async fn take(tx: &mut Tx, connection: ConnectionId) -> Result<Option<Credential>, StoreError> {
    query!(
        tx,
        opt Credential,
        "delete from credential where connection_id = $1
         returning connection_id, client_id, version, access_token, refresh_token, expires, scope, lease_owner, lease_until,
                   refresh_began, updated",
        connection
    )
}

/// Shreds the tokens.
pub async fn delete(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from credential where connection_id = $1",
        connection
    )?;
    Ok(())
}
