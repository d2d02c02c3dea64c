//! Sealed tokens, and who may refresh them just now.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::event::Expiring;
use crate::model::{ClientId, CompanyId, ConnectionId, GrantId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};
use crate::work::jobs::Lease;

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
        pub refresh_expires: Option<DateTime<Utc>>,
        /// The grant that the tokens are of; none if the version before stored them.
        pub grant_id: Option<GrantId>,
    }
}

/// A connection's credential, sealed. Unscoped: no handler reads it, and jobs pass a connection that they have loaded.
pub async fn get(db: &Db, connection: ConnectionId) -> Result<Option<Credential>, StoreError> {
    query!(
        db,
        opt Credential,
        "select connection_id, client_id, version, access_token, refresh_token, expires, scope, lease_owner, lease_until,
                refresh_began, updated, refresh_expires, grant_id
         from credential where connection_id = $1",
        connection
    )
}

/// The same inside a transaction.
pub async fn get_in(
    tx: &mut Tx,
    connection: ConnectionId,
) -> Result<Option<Credential>, StoreError> {
    query!(
        tx,
        opt Credential,
        "select connection_id, client_id, version, access_token, refresh_token, expires, scope, lease_owner, lease_until,
                refresh_began, updated, refresh_expires, grant_id
         from credential where connection_id = $1",
        connection
    )
}

row! { struct Number { number: i64 } }

/// True if the connection has any.
pub async fn is_there(tx: &mut Tx, connection: ConnectionId) -> Result<bool, StoreError> {
    let found = query!(
        tx,
        one Number,
        "select count(*) as number from credential where connection_id = $1",
        connection
    )?;
    Ok(found.number > 0)
}

row! {
    /// A credential whose access token is to be renewed.
    #[derive(Clone, Debug)]
    pub struct Renewable {
        pub connection_id: ConnectionId,
        pub client_id: ClientId,
        pub integration_key: String,
    }
}

/// The credentials that live no longer than `before` and can be renewed, at most `each` of one client at one platform: those
/// that failed last come last, so that they are in no other's way. `wall` is the real time, by which leases run.
pub async fn expiring(
    db: &Db,
    before: DateTime<Utc>,
    wall: DateTime<Utc>,
    each: i64,
) -> Result<Vec<Renewable>, StoreError> {
    query!(
        db,
        all Renewable,
        "select connection_id, client_id, integration_key
         from (select credential.connection_id, credential.client_id, connection.integration_key,
                      row_number() over (
                          partition by credential.client_id, connection.integration_key
                          order by case when credential.failing_since is null then 0 else 1 end, credential.expires
                      ) as place
               from credential join connection on connection.id = credential.connection_id
               where credential.expires < $1 and credential.refresh_token is not null
                 and (credential.lease_until is null or credential.lease_until < $2)) as due
         where place <= $3 order by place",
        before,
        wall,
        each
    )
}

row! {
    /// A credential whose access has ended, and that nothing renews.
    #[derive(Clone, Copy, Debug)]
    pub struct Over {
        pub connection_id: ConnectionId,
        pub version: i64,
    }
}

/// The credentials without a refresh token whose access has ended.
pub async fn over(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Over>, StoreError> {
    query!(
        db,
        all Over,
        "select connection_id, version from credential where refresh_token is null and expires <= $1 limit $2",
        now,
        limit
    )
}

/// Tokens as a platform gave them, sealed.
#[derive(Clone, Debug)]
pub struct NewTokens {
    pub access_token: Vec<u8>,
    /// None if the platform gave none: at a refresh the one before stays good.
    pub refresh_token: Option<Vec<u8>>,
    pub expires: Option<DateTime<Utc>>,
    pub scope: Option<String>,
    pub ending: Ending,
}

/// The times at which a grant ends, as far as they are known, and at which its end is reported. At a refresh, a time that isn't given
/// stays as it was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ending {
    pub refresh_expires: Option<DateTime<Utc>>,
    pub refresh_warn_at: Option<DateTime<Utc>>,
    pub consent_expires: Option<DateTime<Utc>>,
    pub consent_warn_at: Option<DateTime<Utc>>,
}

/// Replaces the grant, if there was one, and ends any node's lease: its answer belongs to the old grant.
pub async fn replace(
    tx: &mut Tx,
    connection: ConnectionId,
    client: ClientId,
    grant: GrantId,
    tokens: &NewTokens,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into credential (connection_id, client_id, version, access_token, refresh_token, expires, scope, updated,
                                 refresh_expires, refresh_warn_at, consent_expires, consent_warn_at, grant_id)
         values ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (connection_id) do update set version = credential.version + 1, access_token = excluded.access_token,
             refresh_token = excluded.refresh_token, expires = excluded.expires, scope = excluded.scope,
             lease_owner = null, lease_until = null, refresh_began = null, updated = excluded.updated,
             refresh_expires = excluded.refresh_expires, refresh_warn_at = excluded.refresh_warn_at,
             consent_expires = excluded.consent_expires, consent_warn_at = excluded.consent_warn_at,
             failing_since = null, failing_told = null, grant_id = excluded.grant_id",
        connection,
        client,
        &tokens.access_token,
        &tokens.refresh_token,
        tokens.expires,
        &tokens.scope,
        now,
        tokens.ending.refresh_expires,
        tokens.ending.refresh_warn_at,
        tokens.ending.consent_expires,
        tokens.ending.consent_warn_at,
        grant
    )?;
    Ok(())
}

/// Takes the right to refresh this version, and writes down that a refresh begins. False if another node holds it or
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

/// Stores what the platform gave for this version, if the caller still holds the lease. A warning that was given isn't given
/// again for an end that is as near as the one before.
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
                expires = $6, lease_owner = null, lease_until = null, refresh_began = null, updated = $7,
                refresh_expires = coalesce($8, refresh_expires),
                refresh_warn_at = case
                    when $8 is null then refresh_warn_at
                    when $9 <= $7 and refresh_expires is not null and refresh_warn_at is null then null
                    else $9
                end,
                consent_expires = coalesce(consent_expires, $10),
                consent_warn_at = case when consent_expires is null then $11 else consent_warn_at end,
                failing_since = null, failing_told = null
         where connection_id = $1 and version = $2 and lease_owner = $3",
        connection,
        version,
        owner,
        &tokens.access_token,
        &tokens.refresh_token,
        tokens.expires,
        now,
        tokens.ending.refresh_expires,
        tokens.ending.refresh_warn_at,
        tokens.ending.consent_expires,
        tokens.ending.consent_warn_at
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

row! {
    /// A credential that can't be renewed just now.
    #[derive(Clone, Copy, Debug)]
    pub struct Failing {
        pub since: DateTime<Utc>,
        /// The time at which that was reported; none while it may be a fault that passes.
        pub told: Option<DateTime<Utc>>,
        /// The time at which the access token ends, or ended.
        pub expires: Option<DateTime<Utc>>,
    }
}

/// Writes down that this version couldn't be renewed; none if it is no longer the version. The caller holds the company's
/// lock.
pub async fn note_failure(
    tx: &mut Tx,
    connection: ConnectionId,
    version: i64,
    now: DateTime<Utc>,
) -> Result<Option<Failing>, StoreError> {
    query!(
        tx,
        opt Failing,
        "update credential set failing_since = coalesce(failing_since, $3) where connection_id = $1 and version = $2
         returning failing_since as since, failing_told as told, expires",
        connection,
        version,
        now
    )
}

/// Writes down that the failure was reported.
pub async fn failure_told(
    tx: &mut Tx,
    connection: ConnectionId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update credential set failing_told = $2 where connection_id = $1",
        connection,
        now
    )?;
    Ok(())
}

/// The failure of a credential that can't be renewed; none if it can.
pub async fn failing(tx: &mut Tx, connection: ConnectionId) -> Result<Option<Failing>, StoreError> {
    query!(
        tx,
        opt Failing,
        "select failing_since as since, failing_told as told, expires from credential
         where connection_id = $1 and failing_since is not null",
        connection
    )
}

row! {
    /// A grant whose end is near enough to be reported.
    #[derive(Clone, Copy, Debug)]
    pub struct Due {
        pub connection_id: ConnectionId,
        pub company_id: CompanyId,
        pub refresh_expires: Option<DateTime<Utc>>,
        pub refresh_warn_at: Option<DateTime<Utc>>,
        pub consent_expires: Option<DateTime<Utc>>,
        pub consent_warn_at: Option<DateTime<Utc>>,
        /// False if there is no refresh token: then `refresh_expires` is the end of the access itself.
        pub renewable: bool,
    }
}

/// Grants whose end is to be reported by now.
pub async fn to_warn_of(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Due>, StoreError> {
    query!(
        db,
        all Due,
        "select credential.connection_id, connection.company_id, refresh_expires, refresh_warn_at, consent_expires,
                consent_warn_at, (refresh_token is not null) as renewable
         from credential join connection on connection.id = credential.connection_id
         where refresh_warn_at <= $1 or consent_warn_at <= $1 limit $2",
        now,
        limit
    )
}

/// Takes the duty to report an end; false if another node has taken it or the end has moved away.
pub async fn take_warning(
    tx: &mut Tx,
    connection: ConnectionId,
    what: Expiring,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = match what {
        Expiring::RefreshToken | Expiring::AccessToken => query!(
            tx,
            "update credential set refresh_warn_at = null where connection_id = $1 and refresh_warn_at <= $2",
            connection,
            now
        )?,
        Expiring::Consent => query!(
            tx,
            "update credential set consent_warn_at = null where connection_id = $1 and consent_warn_at <= $2",
            connection,
            now
        )?,
    };
    Ok(rows == 1)
}

/// Ends every lease, keeping the marks of refreshes that began: for SQLite at start, when no other process can hold one.
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
                   refresh_began, updated, refresh_expires, grant_id",
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
