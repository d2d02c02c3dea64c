//! Requests that carry an `Idempotency-Key`: one of them takes effect, and its answer is given to those that repeat it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::ClientId;
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

/// An attempt at a request, which alone may take effect under the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub client: ClientId,
    /// The client's id, or that of the company whose token called.
    pub caller: Uuid,
    pub key: Uuid,
    /// Told apart from other attempts by these random bytes.
    pub holder: Vec<u8>,
}

row! {
    /// A request that came with a key, as far as it has got.
    #[derive(Clone, Debug)]
    pub struct KeyedRequest {
        /// SHA-256 of method, path and body.
        pub fingerprint: Vec<u8>,
        /// In real time ([`crate::clock::wall_now`]).
        pub held_until: DateTime<Utc>,
        /// True from the attempt's first commit.
        pub took_effect: bool,
        pub status: Option<i64>,
        /// Sealed.
        pub answer: Option<Vec<u8>>,
    }
}

row! { struct Holder { holder: Vec<u8> } }

/// Times of a claim: the wall clock for the lease, the installation's clock for the key's own life.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    pub wall: DateTime<Utc>,
    pub held_until: DateTime<Utc>,
    pub now: DateTime<Utc>,
    pub expires: DateTime<Utc>,
}

/// Takes a key for an attempt. False if another request has it: one that was answered, took effect or is under way.
///
/// A key whose time is over is free, and so is that of an attempt that died before it changed anything.
pub async fn claim(
    tx: &mut Tx,
    claim: &Claim,
    fingerprint: &[u8],
    times: Times,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "insert into keyed_request
             (client_id, caller, idempotency_key, fingerprint, holder, held_until, took_effect, status, answer, expires)
         values ($1, $2, $3, $4, $5, $6, false, null, null, $7)
         on conflict (client_id, caller, idempotency_key) do update set fingerprint = excluded.fingerprint,
             holder = excluded.holder, held_until = excluded.held_until, took_effect = false, status = null,
             answer = null, expires = excluded.expires
         where keyed_request.expires <= $8
            or (keyed_request.answer is null and not keyed_request.took_effect and keyed_request.held_until <= $9
                and keyed_request.fingerprint = excluded.fingerprint)",
        claim.client,
        claim.caller,
        claim.key,
        fingerprint,
        &claim.holder,
        times.held_until,
        times.expires,
        times.now,
        times.wall
    )?;
    Ok(rows == 1)
}

/// The request that has a key.
pub async fn get(db: &Db, claim: &Claim) -> Result<Option<KeyedRequest>, StoreError> {
    query!(
        db,
        opt KeyedRequest,
        "select fingerprint, held_until, took_effect, status, answer from keyed_request
         where client_id = $1 and caller = $2 and idempotency_key = $3",
        claim.client,
        claim.caller,
        claim.key
    )
}

/// Holds an attempt's key for longer.
pub async fn hold(tx: &mut Tx, claim: &Claim, until: DateTime<Utc>) -> Result<(), StoreError> {
    query!(
        tx,
        "update keyed_request set held_until = $5
         where client_id = $1 and caller = $2 and idempotency_key = $3 and holder = $4",
        claim.client,
        claim.caller,
        claim.key,
        &claim.holder,
        until
    )?;
    Ok(())
}

/// Notes, in the transaction of the change itself, that an attempt changes something. False if another attempt has its key by
/// now: then the change must not be made.
pub async fn take_effect(tx: &mut Tx, claim: &Claim) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update keyed_request set took_effect = true
         where client_id = $1 and caller = $2 and idempotency_key = $3 and holder = $4",
        claim.client,
        claim.caller,
        claim.key,
        &claim.holder
    )?;
    if rows == 1 {
        return Ok(true);
    }
    let other = query!(
        tx,
        opt Holder,
        "select holder from keyed_request where client_id = $1 and caller = $2 and idempotency_key = $3",
        claim.client,
        claim.caller,
        claim.key
    )?;
    Ok(other.is_none_or(|other| other.holder == claim.holder))
}

/// Keeps an attempt's answer.
pub async fn answer(
    tx: &mut Tx,
    claim: &Claim,
    status: i64,
    answer: &[u8],
) -> Result<(), StoreError> {
    query!(
        tx,
        "update keyed_request set status = $5, answer = $6
         where client_id = $1 and caller = $2 and idempotency_key = $3 and holder = $4",
        claim.client,
        claim.caller,
        claim.key,
        &claim.holder,
        status,
        answer
    )?;
    Ok(())
}

/// Gives back the key of an attempt that changed nothing.
pub async fn release(tx: &mut Tx, claim: &Claim) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from keyed_request
         where client_id = $1 and caller = $2 and idempotency_key = $3 and holder = $4 and not took_effect",
        claim.client,
        claim.caller,
        claim.key,
        &claim.holder
    )?;
    Ok(())
}

/// Drops the requests whose time is over.
pub async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
    query!(tx, "delete from keyed_request where expires <= $1", now)?;
    Ok(())
}
