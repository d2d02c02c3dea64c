//! Sealed tokens, and who may refresh them just now.

mod pauses;
mod shared;

pub use pauses::{Pause, end_pauses};
pub use shared::{holder, move_to, of_grant_in};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

pub use super::doubtful::{Unread, keep_unread};
use crate::model::{ClientId, ConnectionId, GrantId};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, StoreError, Tx, query};
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
        /// Renewals that brought nothing, in a row.
        pub failures: i64,
        /// The pause after the last of them.
        pub paused_at: Option<DateTime<Utc>>,
        pub paused_until: Option<DateTime<Utc>>,
        pub paused_why: Option<String>,
        /// The time of a refusal of the grant that was not believed.
        pub doubted: Option<DateTime<Utc>>,
        /// A success whose tokens can't be read, sealed, with its time and the reason.
        pub unread_answer: Option<Vec<u8>>,
        pub unread_at: Option<DateTime<Utc>>,
        pub unread_why: Option<String>,
        /// The time at which it was reported that these tokens can't be opened.
        pub unreadable_at: Option<DateTime<Utc>>,
        /// The time at which a backup was restored that may be older than the last renewal.
        pub restored_at: Option<DateTime<Utc>>,
        /// True if it isn't renewed for that reason.
        pub held_back: bool,
    }
}

/// A statement with a credential's columns between its two parts.
macro_rules! credential {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " connection_id, client_id, version, access_token, refresh_token, expires, scope, lease_owner, lease_until,
              refresh_began, updated, refresh_expires, grant_id, failures, paused_at, paused_until, paused_why, doubted,
              unread_answer, unread_at, unread_why, unreadable_at, restored_at, held_back ",
            $after
        )
    };
}
use credential;

/// A connection's credential, sealed. Unscoped: no handler reads it, and jobs pass a connection that they have loaded.
pub async fn get(db: &Db, connection: ConnectionId) -> Result<Option<Credential>, StoreError> {
    query!(
        db,
        opt Credential,
        credential!("select", "from credential where connection_id = $1"),
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
        credential!("select", "from credential where connection_id = $1"),
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

/// The difference that clocks of nodes may have. A pause that begins later than this from now was begun before the clock was set
/// back, and is over.
const SKEW: TimeDelta = TimeDelta::seconds(60);

row! {
    /// A credential whose access token is to be renewed.
    #[derive(Clone, Debug)]
    pub struct Renewable {
        pub connection_id: ConnectionId,
        pub client_id: ClientId,
        pub integration_key: String,
        /// True if its last renewal failed.
        pub failing: bool,
    }
}

/// The credentials that live no longer than `before` and can be renewed now, at most `each` of one client at one platform:
/// neither in a pause nor renewed after `idle_since`. Those that failed last come last, so that they are in no other's way. `wall`
/// is the real time, by which leases run.
pub async fn expiring(
    db: &Db,
    before: DateTime<Utc>,
    idle_since: DateTime<Utc>,
    (now, wall): (DateTime<Utc>, DateTime<Utc>),
    each: i64,
) -> Result<Vec<Renewable>, StoreError> {
    query!(
        db,
        all Renewable,
        "select connection_id, client_id, integration_key, failing
         from (select credential.connection_id, credential.client_id, connection.integration_key,
                      (credential.failing_since is not null) as failing,
                      row_number() over (
                          partition by credential.client_id, connection.integration_key
                          order by case when credential.failing_since is null then 0 else 1 end, credential.expires
                      ) as place
               from credential join connection on connection.id = credential.connection_id
               where credential.expires < $1 and credential.refresh_token is not null and credential.held_back = $7
                 and (credential.lease_until is null or credential.lease_until < $2)
                 and (credential.updated <= $4 or credential.updated > $6)
                 and (credential.paused_until is null or credential.paused_until <= $5 or credential.paused_at > $6)) as due
         where place <= $3 order by place",
        before,
        wall,
        each,
        idle_since,
        now,
        now + SKEW,
        false
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
                                 refresh_expires, refresh_warn_at, consent_expires, consent_warn_at, grant_id, held_back)
         values ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (connection_id) do update set version = credential.version + 1, access_token = excluded.access_token,
             refresh_token = excluded.refresh_token, expires = excluded.expires, scope = excluded.scope,
             lease_owner = null, lease_until = null, refresh_began = null, updated = excluded.updated,
             refresh_expires = excluded.refresh_expires, refresh_warn_at = excluded.refresh_warn_at,
             consent_expires = excluded.consent_expires, consent_warn_at = excluded.consent_warn_at,
             failing_since = null, failing_told = null, failures = 0, paused_at = null, paused_until = null,
             paused_why = null, doubted = null, refused_at = null, unread_answer = null, unread_at = null, unread_why = null, unreadable_at = null,
             restored_at = null, held_back = excluded.held_back,
             grant_id = excluded.grant_id",
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
        grant,
        false
    )?;
    Ok(())
}

row! {
    /// The version of a credential that is there, and who is renewing it: all that a renewal's decisions go by.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct Standing {
        pub version: i64,
        pub grant_id: Option<GrantId>,
        pub lease_owner: Option<Uuid>,
        pub lease_until: Option<DateTime<Utc>>,
        pub refresh_began: Option<DateTime<Utc>>,
        pub paused_at: Option<DateTime<Utc>>,
        pub paused_until: Option<DateTime<Utc>>,
    }
}

impl Standing {
    /// The pause after the last renewal that brought nothing.
    pub fn pause(&self) -> Option<Pause> {
        Pause::between(self.paused_at, self.paused_until)
    }
}

/// A credential's standing. No other transaction changes it before this one ends.
pub async fn standing(
    tx: &mut Tx,
    connection: ConnectionId,
) -> Result<Option<Standing>, StoreError> {
    query!(
        tx,
        opt Standing,
        "update credential set version = version where connection_id = $1
         returning version, grant_id, lease_owner, lease_until, refresh_began, paused_at, paused_until",
        connection
    )
}

/// Takes the right to refresh this version, and writes down that a refresh begins. The caller has decided by its [`standing`] that it
/// may.
pub async fn claim(
    tx: &mut Tx,
    connection: ConnectionId,
    version: i64,
    owner: Uuid,
    lease: Lease,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update credential set lease_owner = $3, lease_until = $4, refresh_began = coalesce(refresh_began, $5)
         where connection_id = $1 and version = $2",
        connection,
        version,
        owner,
        lease.until,
        lease.from
    )?;
    Ok(())
}

/// Keeps a lease for longer. False if it is another caller's by now, or the version has moved on.
pub async fn keep(
    tx: &mut Tx,
    connection: ConnectionId,
    version: i64,
    owner: Uuid,
    lease: Lease,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update credential set lease_until = $4 where connection_id = $1 and version = $2 and lease_owner = $3",
        connection,
        version,
        owner,
        lease.until
    )?;
    Ok(rows == 1)
}

/// The claim by which a version was renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct By {
    pub connection: ConnectionId,
    pub version: i64,
    pub owner: Uuid,
    pub grant: Option<GrantId>,
}

/// Stores what the platform gave for this version, if it is still the version; the caller has decided by its [`standing`] that they are
/// its tokens. A warning that was given isn't given again for an end that is as near as the one
/// before.
pub async fn rotate(
    tx: &mut Tx,
    by: By,
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
                failing_since = null, failing_told = null, failures = 0, paused_at = null, paused_until = null,
                paused_why = null, doubted = null, unread_answer = null, unread_at = null, unread_why = null, restored_at = null,
                held_back = $3
         where connection_id = $1 and version = $2",
        by.connection,
        by.version,
        false,
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

/// Marks this version as one of which a renewal's answer was lost.
pub async fn note_interrupted(
    tx: &mut Tx,
    connection: ConnectionId,
    version: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update credential set refresh_began = coalesce(refresh_began, $3) where connection_id = $1 and version = $2",
        connection,
        version,
        now
    )?;
    Ok(())
}

/// Notes the scopes of a renewal, also at the grant. False if the credential is of another grant by now, or gone.
pub async fn set_scope(
    tx: &mut Tx,
    connection: ConnectionId,
    grant: GrantId,
    scope: &str,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update credential set scope = $3 where connection_id = $1 and grant_id = $2",
        connection,
        grant,
        scope
    )?;
    query!(
        tx,
        "update held_grant set scope = $2 where id = $1 and state = 'inUse'",
        grant,
        scope
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

/// Writes down that this version couldn't be renewed, and the pause after that; none if it is no longer the version. The
/// caller holds the company's lock.
pub async fn note_failure(
    tx: &mut Tx,
    connection: ConnectionId,
    version: i64,
    pause: Pause,
    why: &str,
) -> Result<Option<Failing>, StoreError> {
    query!(
        tx,
        opt Failing,
        "update credential set failing_since = coalesce(failing_since, $3), failures = failures + 1, paused_at = $3,
                paused_until = $4, paused_why = $5
         where connection_id = $1 and version = $2
         returning failing_since as since, failing_told as told, expires",
        connection,
        version,
        pause.from,
        pause.until,
        why
    )
}

/// Writes down that the platform refused the grant, which isn't believed yet.
pub async fn doubt(
    tx: &mut Tx,
    connection: ConnectionId,
    version: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update credential set doubted = $3 where connection_id = $1 and version = $2",
        connection,
        version,
        now
    )?;
    Ok(())
}

/// The credentials after a connection's, by id.
pub async fn after(
    db: &Db,
    connection: ConnectionId,
    limit: i64,
) -> Result<Vec<Credential>, StoreError> {
    let mut sql = Dynamic::new(credential!(
        "select",
        "from credential where connection_id > "
    ));
    sql.bind(Bind::Id(connection.0));
    sql.push(" order by connection_id limit ")
        .bind(Bind::Int(limit));
    query!(db, all Credential, sql)
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

/// Ends every lease, keeping the marks of refreshes that began: for SQLite at start, when no other process can hold one.
pub async fn break_leases(tx: &mut Tx) -> Result<(), StoreError> {
    query!(
        tx,
        "update credential set lease_owner = null, lease_until = null where lease_owner is not null"
    )?;
    Ok(())
}

/// Makes the access token count as one that never lived, after a platform refused it before its time; a pause after a failed
/// renewal stays. False if this isn't the version any more, if it can't be renewed, or if that was done for the same reason
/// since `before`.
pub async fn expire(
    tx: &mut Tx,
    connection: ConnectionId,
    version: i64,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update credential set expires = updated, refused_at = $3
         where connection_id = $1 and version = $2 and refresh_token is not null
           and (refused_at is null or refused_at <= $4 or refused_at > $3)",
        connection,
        version,
        now,
        before
    )?;
    Ok(rows == 1)
}

/// Takes the tokens out of the store.
pub async fn take(tx: &mut Tx, connection: ConnectionId) -> Result<Option<Credential>, StoreError> {
    query!(
        tx,
        opt Credential,
        credential!("delete from credential where connection_id = $1 returning", ""),
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
