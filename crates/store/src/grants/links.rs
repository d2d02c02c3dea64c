//! One-time passwords that were spent, customers on their way to a platform, and the ends of their ways.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{ClientId, CompanyId, ConnectionId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};
use crate::work::meta;

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
        /// JSON: the disclosure as the customer was shown it.
        pub disclosure: Option<String>,
        pub created: DateTime<Utc>,
        pub expires: DateTime<Utc>,
        pub spent: Option<DateTime<Utc>>,
        /// Sealed: the platform's answer, which waits for the client's confirmation.
        pub held: Option<Vec<u8>>,
        pub held_until: Option<DateTime<Utc>>,
    }
}

row! {
    /// The use that a one-time password was put to.
    #[derive(Clone, Debug)]
    pub struct Spending {
        pub id: Vec<u8>,
        pub expires: DateTime<Utc>,
        /// The browser that spent it; none for one that was spent by an earlier version of the program.
        pub browser_hash: Option<Vec<u8>>,
        /// The connection that it led to.
        pub connection_id: Option<ConnectionId>,
        /// The redirect's status code, if the link ended with it.
        pub outcome: Option<i64>,
    }
}

/// Spends a password. False when it was spent before.
pub async fn spend_password(tx: &mut Tx, spending: &Spending) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "insert into spent_password (id, expires, browser_hash, connection_id, outcome) values ($1, $2, $3, $4, $5)
         on conflict (id) do nothing",
        &spending.id,
        spending.expires,
        &spending.browser_hash,
        spending.connection_id,
        spending.outcome
    )?;
    Ok(rows == 1)
}

/// The use that a password was put to; none if it is unspent. Unscoped: the password is a secret, and this is its hash.
pub async fn spending(db: &Db, id: &[u8]) -> Result<Option<Spending>, StoreError> {
    query!(
        db,
        opt Spending,
        "select id, expires, browser_hash, connection_id, outcome from spent_password where id = $1",
        id
    )
}

pub async fn insert_attempt(tx: &mut Tx, attempt: &Attempt) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into authorization_attempt
             (state_hash, client_id, company_id, connection_id, browser_hash, verifier, parameters, disclosure, created, expires)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &attempt.state_hash,
        attempt.client_id,
        attempt.company_id,
        attempt.connection_id,
        &attempt.browser_hash,
        &attempt.verifier,
        &attempt.parameters,
        &attempt.disclosure,
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
        "select state_hash, client_id, company_id, connection_id, browser_hash, verifier, parameters, disclosure, created, expires,
                spent, held, held_until
         from authorization_attempt where state_hash = $1",
        state_hash
    )
}

/// Gives a customer who sets out again, in the same browser and by the same link, the whole time once more. False if the
/// state was spent.
pub async fn renew_attempt(
    tx: &mut Tx,
    state_hash: &[u8],
    expires: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update authorization_attempt set expires = $2 where state_hash = $1 and spent is null",
        state_hash,
        expires
    )?;
    Ok(rows == 1)
}

/// Gives an attempt another disclosure, which its customer has just agreed to. False if the state was spent.
pub async fn retell_attempt(tx: &mut Tx, attempt: &Attempt) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update authorization_attempt set disclosure = $2, expires = $3 where state_hash = $1 and spent is null",
        &attempt.state_hash,
        &attempt.disclosure,
        attempt.expires
    )?;
    Ok(rows == 1)
}

/// Spends a state. False when it was spent before. One that has expired is spent, too: it then ends as that.
pub async fn spend_attempt(
    tx: &mut Tx,
    state_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update authorization_attempt set spent = $2, verifier = null, held = null, held_until = null
         where state_hash = $1 and spent is null",
        state_hash,
        now
    )?;
    Ok(rows == 1)
}

/// Keeps the platform's answer of an attempt until the client confirms it, in the place of an earlier one. False if the attempt has ended.
pub async fn hold(
    tx: &mut Tx,
    state_hash: &[u8],
    held: &[u8],
    until: DateTime<Utc>,
    confirmation_hash: &[u8],
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update authorization_attempt set held = $2, held_until = $3, confirmation_hash = $4
         where state_hash = $1 and spent is null",
        state_hash,
        held,
        until,
        confirmation_hash
    )?;
    Ok(rows == 1)
}

/// The attempt of a connection whose answer waits for a confirmation.
pub async fn held(
    db: &Db,
    connection: ConnectionId,
    confirmation_hash: &[u8],
) -> Result<Option<Attempt>, StoreError> {
    query!(
        db,
        opt Attempt,
        "select state_hash, client_id, company_id, connection_id, browser_hash, verifier, parameters, disclosure, created, expires,
                spent, held, held_until
         from authorization_attempt
         where connection_id = $1 and confirmation_hash = $2 and spent is null and held is not null",
        connection,
        confirmation_hash
    )
}

/// Attempts whose answers have waited for a confirmation in vain.
pub async fn unconfirmed(db: &Db, now: DateTime<Utc>) -> Result<Vec<Attempt>, StoreError> {
    query!(
        db,
        all Attempt,
        "select state_hash, client_id, company_id, connection_id, browser_hash, verifier, parameters, disclosure, created, expires,
                spent, held, held_until
         from authorization_attempt where held_until <= $1 limit 100",
        now
    )
}

row! {
    /// The end of an attempt, for the browser that made it.
    #[derive(Clone, Debug)]
    pub struct LinkEnd {
        pub state_hash: Vec<u8>,
        /// The connection that it led to.
        pub connection_id: ConnectionId,
        pub browser_hash: Vec<u8>,
        /// Leads to the choice of a business, if the platform named several.
        pub ticket_hash: Option<Vec<u8>>,
        /// The redirect's status code; none while the choice is open.
        pub outcome: Option<i64>,
        pub status_text: String,
        /// JSON object: the custom parameters that the link URL carried.
        pub parameters: String,
        pub expires: DateTime<Utc>,
    }
}

/// Puts its end in the place of an attempt. A later end of the same attempt counts.
pub async fn end_attempt(tx: &mut Tx, end: &LinkEnd) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from authorization_attempt where state_hash = $1",
        &end.state_hash
    )?;
    query!(
        tx,
        "insert into link_end (state_hash, connection_id, browser_hash, ticket_hash, outcome, status_text, parameters, expires)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (state_hash) do update set connection_id = excluded.connection_id, ticket_hash = excluded.ticket_hash,
             outcome = excluded.outcome, status_text = excluded.status_text, expires = excluded.expires",
        &end.state_hash,
        end.connection_id,
        &end.browser_hash,
        &end.ticket_hash,
        end.outcome,
        &end.status_text,
        &end.parameters,
        end.expires
    )?;
    Ok(())
}

/// The end of the attempt that a state began. Unscoped: the state is a secret of the browser, and this is its hash.
pub async fn end_of(db: &Db, state_hash: &[u8]) -> Result<Option<LinkEnd>, StoreError> {
    query!(
        db,
        opt LinkEnd,
        "select state_hash, connection_id, browser_hash, ticket_hash, outcome, status_text, parameters, expires
         from link_end where state_hash = $1",
        state_hash
    )
}

/// The end of the attempt that led to a choice of a business. Unscoped: as of [`end_of`], by the hash of the choice's ticket.
pub async fn end_of_choice(db: &Db, ticket_hash: &[u8]) -> Result<Option<LinkEnd>, StoreError> {
    query!(
        db,
        opt LinkEnd,
        "select state_hash, connection_id, browser_hash, ticket_hash, outcome, status_text, parameters, expires
         from link_end where ticket_hash = $1",
        ticket_hash
    )
}

/// Notes the outcome of the choice that an attempt led to, and the connection that was linked by it.
pub async fn end_choice(
    tx: &mut Tx,
    ticket_hash: &[u8],
    connection: ConnectionId,
    (outcome, status_text): (i64, &str),
    expires: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update link_end set connection_id = $2, outcome = $3, status_text = $4, expires = $5 where ticket_hash = $1",
        ticket_hash,
        connection,
        outcome,
        status_text,
        expires
    )?;
    Ok(())
}

/// Forgets the end of the attempt that led to a choice which was left without an outcome.
pub async fn forget_choice(tx: &mut Tx, ticket_hash: &[u8]) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from link_end where ticket_hash = $1 and outcome is null",
        ticket_hash
    )?;
    Ok(())
}

/// Attempts whose code was taken but whose exchange never ended: the process died in between.
pub async fn abandoned(db: &Db, spent_before: DateTime<Utc>) -> Result<Vec<Attempt>, StoreError> {
    query!(
        db,
        all Attempt,
        "select state_hash, client_id, company_id, connection_id, browser_hash, verifier, parameters, disclosure, created, expires,
                spent, held, held_until
         from authorization_attempt where spent <= $1 limit 100",
        spent_before
    )
}

/// Takes an attempt that was left half done; false if another node has taken it, or it has ended after all.
pub async fn take_abandoned(tx: &mut Tx, state_hash: &[u8]) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "delete from authorization_attempt where state_hash = $1 and spent is not null",
        state_hash
    )?;
    Ok(rows == 1)
}

/// The time for which a customer who comes back too late is still recognised.
const LATE: TimeDelta = TimeDelta::days(1);

/// Attempts whose customers did not come back, oldest first.
pub async fn left(db: &Db, now: DateTime<Utc>) -> Result<Vec<Attempt>, StoreError> {
    query!(
        db,
        all Attempt,
        "select state_hash, client_id, company_id, connection_id, browser_hash, verifier, parameters, disclosure, created, expires,
                spent, held, held_until
         from authorization_attempt where expires < $1 and spent is null order by expires limit 100",
        now - LATE
    )
}

/// Forgets an attempt whose customer did not come back. False if another node has, or the customer has come after all.
pub async fn forget_left(tx: &mut Tx, attempt: &Attempt) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "delete from authorization_attempt where state_hash = $1 and expires = $2 and spent is null",
        &attempt.state_hash,
        attempt.expires
    )?;
    Ok(rows == 1)
}

/// The time for which a spent password is known after its end.
const REMEMBERED: TimeDelta = TimeDelta::days(7);
/// The step of the time up to which spent passwords are forgotten, from one sweep to the next.
const STEP: TimeDelta = TimeDelta::minutes(1);
/// The fact about the installation that holds that time.
const SWEPT: &str = "links.swept";

/// Drops what has expired. Returns how many rows went.
///
/// A spent password must not be forgotten while it could be used: a clock that was wrong for an hour and is right again would
/// make it new. So the time up to which they are forgotten follows the clock in small steps, and stays behind it.
pub async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let swept = meta::read(tx, SWEPT).await?;
    let swept = swept.and_then(|text| text.parse::<DateTime<Utc>>().ok());
    let until = match swept {
        Some(swept) if now - swept >= STEP => swept + STEP,
        Some(swept) => swept,
        None => now,
    };
    if swept != Some(until) {
        meta::set(tx, SWEPT, &until.to_rfc3339()).await?;
    }
    let passwords = query!(
        tx,
        "delete from spent_password where expires < $1",
        until - REMEMBERED
    )?;
    let ends = query!(tx, "delete from link_end where expires < $1", now)?;
    Ok(passwords + ends)
}

/// Forgets every customer on the way through this connection, and the ends of those who went it.
pub async fn delete_attempts(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from authorization_attempt where connection_id = $1",
        connection
    )?;
    query!(
        tx,
        "delete from link_end where connection_id = $1",
        connection
    )?;
    Ok(())
}
