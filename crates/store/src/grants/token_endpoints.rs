//! Token endpoints that ask for a pause, or refuse a client's own credentials: none of the client's connections asks them meanwhile.

use chrono::{DateTime, Utc};

use super::credentials::Pause;
use crate::model::ClientId;
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct TokenEndpoint {
        pub client_id: ClientId,
        pub integration_key: String,
        /// In a row.
        pub failures: i64,
        /// The time of the first of them.
        pub since: DateTime<Utc>,
        pub paused_at: DateTime<Utc>,
        pub paused_until: DateTime<Utc>,
        /// In words.
        pub reason: String,
        /// OAuth's code, if the client's credentials are refused: the operator's fault.
        pub fault: Option<String>,
    }
}

impl TokenEndpoint {
    pub fn pause(&self) -> Pause {
        Pause {
            from: self.paused_at,
            until: self.paused_until,
        }
    }
}

/// The state of an endpoint that failed; none if it answers.
pub async fn get(
    db: &Db,
    client: ClientId,
    key: &str,
) -> Result<Option<TokenEndpoint>, StoreError> {
    query!(
        db,
        opt TokenEndpoint,
        "select client_id, integration_key, failures, since, paused_at, paused_until, reason, fault from token_endpoint
         where client_id = $1 and integration_key = $2",
        client,
        key
    )
}

/// The same inside a transaction.
pub async fn get_in(
    tx: &mut Tx,
    client: ClientId,
    key: &str,
) -> Result<Option<TokenEndpoint>, StoreError> {
    query!(
        tx,
        opt TokenEndpoint,
        "select client_id, integration_key, failures, since, paused_at, paused_until, reason, fault from token_endpoint
         where client_id = $1 and integration_key = $2",
        client,
        key
    )
}

/// Every endpoint that refuses its client's credentials.
pub async fn misconfigured(db: &Db) -> Result<Vec<TokenEndpoint>, StoreError> {
    query!(
        db,
        all TokenEndpoint,
        "select client_id, integration_key, failures, since, paused_at, paused_until, reason, fault from token_endpoint
         where fault is not null order by since"
    )
}

/// Writes down that an endpoint failed.
pub async fn put(tx: &mut Tx, endpoint: &TokenEndpoint) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into token_endpoint (client_id, integration_key, failures, since, paused_at, paused_until, reason, fault)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (client_id, integration_key) do update set failures = excluded.failures, since = excluded.since,
             paused_at = excluded.paused_at, paused_until = excluded.paused_until, reason = excluded.reason,
             fault = excluded.fault",
        endpoint.client_id,
        &endpoint.integration_key,
        endpoint.failures,
        endpoint.since,
        endpoint.paused_at,
        endpoint.paused_until,
        &endpoint.reason,
        &endpoint.fault
    )?;
    Ok(())
}

/// Takes the turn to ask an endpoint whose pause, as the caller saw it, is over; false if another caller has taken it. No
/// other asks before `until`, or before the answer is written down.
pub async fn take_turn(
    tx: &mut Tx,
    seen: &TokenEndpoint,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update token_endpoint set paused_at = $4, paused_until = $5
         where client_id = $1 and integration_key = $2 and paused_until = $3",
        seen.client_id,
        &seen.integration_key,
        seen.paused_until,
        now,
        until
    )?;
    Ok(rows == 1)
}

/// Keeps a turn that ends at `held` for longer; false if it has ended meanwhile.
pub async fn keep_turn(
    tx: &mut Tx,
    client: ClientId,
    key: &str,
    held: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update token_endpoint set paused_until = $4
         where client_id = $1 and integration_key = $2 and paused_until = $3",
        client,
        key,
        held,
        until
    )?;
    Ok(rows == 1)
}

/// Forgets an endpoint's failures; true if there were any.
pub async fn clear(tx: &mut Tx, client: ClientId, key: &str) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "delete from token_endpoint where client_id = $1 and integration_key = $2",
        client,
        key
    )?;
    Ok(rows == 1)
}
