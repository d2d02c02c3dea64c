//! Every grant that was ever held, from the platform's answer with its tokens to a proven end. A row outlives the connection and
//! the company that it was given for.

use chrono::{DateTime, Utc};

use crate::model::{
    ClientId, CompanyId, ConnectionId, GrantId, GrantOrigin, GrantReason, GrantState,
};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct Held {
        pub id: GrantId,
        pub client_id: ClientId,
        pub company_id: CompanyId,
        pub connection_id: ConnectionId,
        pub integration_key: String,
        pub platform_name: String,
        /// The account at the platform that it leads to, as far as it is known.
        pub account_id: Option<String>,
        pub account_name: Option<String>,
        /// JSON: the accounts, each `{id, variables}`, if there are several.
        pub accounts: String,
        pub origin: GrantOrigin,
        pub scope: Option<String>,
        pub begun: DateTime<Utc>,
        pub state: GrantState,
        /// The reason for which it is given back, and the time since when.
        pub reason: Option<GrantReason>,
        pub let_go: Option<DateTime<Utc>>,
        pub ended: Option<DateTime<Utc>>,
        /// The platform's last answer about it: its status, and a few words.
        pub answer_status: Option<i64>,
        pub answer: Option<String>,
        pub attempts: i64,
        pub next_attempt: Option<DateTime<Utc>>,
        /// Sealed; none while a credential has them, and none once the end is proven.
        pub access_token: Option<Vec<u8>>,
        pub refresh_token: Option<Vec<u8>>,
        /// Sealed: an answer to its last renewal whose tokens could not be read, with its time.
        pub unread_answer: Option<Vec<u8>>,
        pub unread_at: Option<DateTime<Utc>>,
        pub token_expires: Option<DateTime<Utc>>,
        pub refresh_expires: Option<DateTime<Utc>>,
        /// JSON object: the connection's own values, by which requests may name the grant.
        pub variables: String,
        /// Of an import: an authenticator over its refresh token.
        pub fingerprint: Option<Vec<u8>>,
    }
}

/// Tokens, sealed to the grant's connection, with their ends as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    pub access_token: Vec<u8>,
    pub refresh_token: Option<Vec<u8>>,
    /// The answer to a renewal that may hold newer ones, and could not be read, with its time.
    pub unread: Option<(Vec<u8>, DateTime<Utc>)>,
    pub expires: Option<DateTime<Utc>>,
    pub refresh_expires: Option<DateTime<Utc>>,
}

/// A platform's answer, in short.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: Option<i64>,
    pub words: Option<String>,
}

/// The connection that takes a grant into use.
pub struct Use<'a> {
    pub connection_id: ConnectionId,
    pub account_id: Option<&'a str>,
    pub account_name: Option<&'a str>,
    /// JSON object.
    pub variables: &'a str,
    pub scope: Option<&'a str>,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, client_id, company_id, connection_id, integration_key, platform_name, account_id, account_name, accounts,
                    origin, scope, begun, state, reason, let_go, ended, answer_status, answer, attempts, next_attempt, access_token,
                    refresh_token, unread_answer, unread_at, token_expires, refresh_expires, variables, fingerprint
             from held_grant ",
            $rest
        )
    };
}

mod waiting;

pub use waiting::{abandoned, follow, hasten, hasten_with, left_lying, lies_idle};

pub async fn insert(tx: &mut Tx, held: &Held) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into held_grant
             (id, client_id, company_id, connection_id, integration_key, platform_name, account_id, account_name, accounts,
              origin, scope, begun, state, reason, let_go, ended, answer_status, answer, attempts, next_attempt, access_token,
              refresh_token, unread_answer, unread_at, token_expires, refresh_expires, variables, fingerprint)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
                 $25, $26, $27, $28)",
        held.id,
        held.client_id,
        held.company_id,
        held.connection_id,
        &held.integration_key,
        &held.platform_name,
        &held.account_id,
        &held.account_name,
        &held.accounts,
        held.origin,
        &held.scope,
        held.begun,
        held.state,
        held.reason,
        held.let_go,
        held.ended,
        held.answer_status,
        &held.answer,
        held.attempts,
        held.next_attempt,
        &held.access_token,
        &held.refresh_token,
        &held.unread_answer,
        held.unread_at,
        held.token_expires,
        held.refresh_expires,
        &held.variables,
        &held.fingerprint
    )?;
    Ok(())
}

/// A grant by its id. Unscoped: a job names it, and its owner is read from the row.
pub async fn find(db: &Db, id: GrantId) -> Result<Option<Held>, StoreError> {
    let mut text = Dynamic::new(columns!("where id = "));
    text.bind(Bind::Id(id.0));
    Ok(query!(db, all Held, text)?.into_iter().next())
}

/// The same inside a transaction.
pub async fn find_in(tx: &mut Tx, id: GrantId) -> Result<Option<Held>, StoreError> {
    let mut text = Dynamic::new(columns!("where id = "));
    text.bind(Bind::Id(id.0));
    Ok(query!(tx, all Held, text)?.into_iter().next())
}

/// The grant that a connection uses.
pub async fn in_use(tx: &mut Tx, connection: ConnectionId) -> Result<Option<Held>, StoreError> {
    let mut text = Dynamic::new(columns!("where state = 'inUse' and connection_id = "));
    text.bind(Bind::Id(connection.0));
    Ok(query!(tx, all Held, text)?.into_iter().next())
}

/// True if a grant was imported for the connection with this authenticator over its refresh token, whatever became of it.
pub async fn was_brought(
    tx: &mut Tx,
    connection: ConnectionId,
    fingerprint: &[u8],
) -> Result<bool, StoreError> {
    let found = query!(
        tx,
        one Number,
        "select count(*) as number from held_grant where connection_id = $1 and fingerprint = $2",
        connection,
        fingerprint
    )?;
    Ok(found.number > 0)
}

/// Gives a grant that was received to the connection that uses it; its tokens are the credential's from now on. False if it was
/// let go in the meantime.
pub async fn take_into_use(tx: &mut Tx, id: GrantId, used: &Use<'_>) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update held_grant set state = 'inUse', connection_id = $2, account_id = $3, account_name = $4, variables = $5,
                scope = coalesce($6, scope), accounts = '[]', access_token = null, refresh_token = null
         where id = $1 and state = 'pending'",
        id,
        used.connection_id,
        used.account_id,
        used.account_name,
        used.variables,
        used.scope
    )?;
    Ok(rows == 1)
}

/// Makes the changes of who shares a grant take turns. Taken after the company's lock.
pub async fn lock(tx: &mut Tx, id: GrantId) -> Result<(), StoreError> {
    query!(
        tx,
        "update held_grant set attempts = attempts where id = $1",
        id
    )?;
    Ok(())
}

/// Gives a grant in use to another connection that shares it.
pub async fn pass_to(
    tx: &mut Tx,
    id: GrantId,
    company: CompanyId,
    used: &Use<'_>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update held_grant set company_id = $2, connection_id = $3, account_id = $4, account_name = $5, variables = $6
         where id = $1 and state = 'inUse'",
        id,
        company,
        used.connection_id,
        used.account_id,
        used.account_name,
        used.variables
    )?;
    Ok(())
}

/// Notes the account that a grant leads to, once it is known.
pub async fn set_account(
    tx: &mut Tx,
    id: GrantId,
    account_id: &str,
    account_name: Option<&str>,
    variables: &str,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update held_grant set account_id = $2, account_name = $3, variables = $4 where id = $1",
        id,
        account_id,
        account_name,
        variables
    )?;
    Ok(())
}

/// Notes the accounts that a grant leads to, and the values that came with it: JSON both.
pub async fn set_accounts(
    tx: &mut Tx,
    id: GrantId,
    accounts: &str,
    variables: &str,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update held_grant set accounts = $2, variables = $3 where id = $1",
        id,
        accounts,
        variables
    )?;
    Ok(())
}

/// Lets a grant go: from now on it is being given back, first at `next_attempt`. Without `tokens` it keeps those that it has.
/// False if it had ended, or is being given back already.
pub async fn let_go(
    tx: &mut Tx,
    id: GrantId,
    reason: GrantReason,
    tokens: Option<&Tokens>,
    now: DateTime<Utc>,
    next_attempt: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update held_grant set state = 'beingGivenBack', reason = $2, let_go = $3, next_attempt = $4, attempts = 0,
                access_token = coalesce($5, access_token), refresh_token = coalesce($6, refresh_token),
                token_expires = coalesce($7, token_expires), refresh_expires = coalesce($8, refresh_expires),
                unread_answer = $9, unread_at = $10
         where id = $1 and state in ('pending', 'inUse')",
        id,
        reason,
        now,
        next_attempt,
        tokens.map(|tokens| &tokens.access_token),
        tokens.and_then(|tokens| tokens.refresh_token.as_ref()),
        tokens.and_then(|tokens| tokens.expires),
        tokens.and_then(|tokens| tokens.refresh_expires),
        tokens.and_then(|tokens| tokens.unread.as_ref().map(|(answer, _)| answer)),
        tokens.and_then(|tokens| tokens.unread.as_ref().map(|(_, at)| *at))
    )?;
    Ok(rows == 1)
}

/// Gives a grant that is no longer wanted its newest tokens, and lets it go again, also if it had ended with older ones.
pub async fn let_go_anew(
    tx: &mut Tx,
    id: GrantId,
    tokens: &Tokens,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update held_grant set state = 'beingGivenBack', reason = coalesce(reason, 'unwanted'), let_go = coalesce(let_go, $6),
                ended = null, next_attempt = $6, attempts = 0, access_token = $2, refresh_token = coalesce($3, refresh_token),
                token_expires = $4, refresh_expires = coalesce($5, refresh_expires), unread_answer = null, unread_at = null
         where id = $1 and state not in ('pending', 'inUse')",
        id,
        &tokens.access_token,
        &tokens.refresh_token,
        tokens.expires,
        tokens.refresh_expires,
        now
    )?;
    Ok(rows == 1)
}

/// Gives a grant that is no longer wanted the answer to its last renewal, which could not be read, and lets it go again, also if
/// it had ended with older tokens.
pub async fn let_go_unread(
    tx: &mut Tx,
    id: GrantId,
    answer: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update held_grant set state = 'beingGivenBack', reason = coalesce(reason, 'unwanted'), let_go = coalesce(let_go, $3),
                ended = null, next_attempt = $3, attempts = 0, unread_answer = $2, unread_at = $3
         where id = $1 and state not in ('pending', 'inUse')",
        id,
        answer,
        now
    )?;
    Ok(rows == 1)
}

/// Shreds the tokens of a grant that were given back, and leaves the answer that could not be read.
pub async fn leave_unread(tx: &mut Tx, id: GrantId) -> Result<(), StoreError> {
    query!(
        tx,
        "update held_grant set access_token = null, refresh_token = null
         where id = $1 and state = 'beingGivenBack' and unread_answer is not null",
        id
    )?;
    Ok(())
}

/// Keeps the tokens that a grant on its way back was renewed to.
pub async fn renewed(tx: &mut Tx, id: GrantId, tokens: &Tokens) -> Result<(), StoreError> {
    query!(
        tx,
        "update held_grant set access_token = $2, refresh_token = coalesce($3, refresh_token), token_expires = $4,
                refresh_expires = coalesce($5, refresh_expires), unread_answer = null, unread_at = null
         where id = $1 and state = 'beingGivenBack'",
        id,
        &tokens.access_token,
        &tokens.refresh_token,
        tokens.expires,
        tokens.refresh_expires
    )?;
    Ok(())
}

/// Notes an attempt that did not end it. `counts` is false for one that came to no request.
pub async fn attempted(
    tx: &mut Tx,
    id: GrantId,
    answer: &Answer,
    counts: bool,
    next_attempt: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update held_grant set attempts = attempts + $4, answer_status = $2, answer = $3, next_attempt = $5
         where id = $1 and state = 'beingGivenBack'",
        id,
        answer.status,
        &answer.words,
        i64::from(counts),
        next_attempt
    )?;
    Ok(())
}

/// Ends a grant, and shreds its tokens. False if it has ended before.
pub async fn end(
    tx: &mut Tx,
    id: GrantId,
    end: GrantState,
    answer: &Answer,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update held_grant set state = $2, ended = $3, answer_status = $4, answer = $5, next_attempt = null,
                access_token = null, refresh_token = null, unread_answer = null
         where id = $1 and state in ('pending', 'inUse', 'beingGivenBack')",
        id,
        end,
        now,
        answer.status,
        &answer.words
    )?;
    Ok(rows == 1)
}

/// Ends the grants that a revocation of everything of an account has ended with it: gives the ids of those that stood replaced.
pub async fn end_with_account(
    tx: &mut Tx,
    client: ClientId,
    integration_key: &str,
    account_id: &str,
    answer: &Answer,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    query!(
        tx,
        "update held_grant set state = 'givenBack', ended = $4, answer_status = $5, answer = $6
         where client_id = $1 and integration_key = $2 and account_id = $3 and state = 'superseded'",
        client,
        integration_key,
        account_id,
        now,
        answer.status,
        &answer.words
    )
}

row! { struct Number { number: i64 } }

/// True if a connection is Linked, through the same OAuth client, to the account, or to one that isn't known; to any account of the
/// platform if none is given.
pub async fn account_is_in_use(
    db: &Db,
    client: ClientId,
    integration_key: &str,
    account_id: Option<&str>,
) -> Result<bool, StoreError> {
    let found = query!(
        db,
        one Number,
        "select count(*) as number from connection
         where integration_key = $2 and status = 'Linked' and ($3 is null or account_id is null or account_id = $3)
           and (client_id = $1 or exists (
               select 1 from integration_setting own_setting join integration_setting other
                   on other.oauth_client_id = own_setting.oauth_client_id and other.key = own_setting.key
               where own_setting.client_id = $1 and own_setting.key = $2 and other.client_id = connection.client_id))",
        client,
        integration_key,
        account_id
    )?;
    Ok(found.number > 0)
}

/// True if a customer of the client is just being linked to the platform, but for the grant and the connection `own`: a code was
/// taken, or a grant received, and neither has come to anything yet.
pub async fn link_is_under_way(
    db: &Db,
    client: ClientId,
    integration_key: &str,
    since: DateTime<Utc>,
    own: (GrantId, ConnectionId),
) -> Result<bool, StoreError> {
    let found = query!(
        db,
        one Number,
        "select (select count(*) from held_grant
                 where state = 'pending' and client_id = $1 and integration_key = $2 and begun > $3 and id <> $4)
              + (select count(*) from authorization_attempt join connection on connection.id = authorization_attempt.connection_id
                 where authorization_attempt.client_id = $1 and connection.integration_key = $2
                   and authorization_attempt.spent > $3 and authorization_attempt.connection_id <> $5) as number",
        client,
        integration_key,
        since,
        own.0,
        own.1
    )?;
    Ok(found.number > 0)
}

/// Restricts a list to a company's grants, or to those of one of its connections.
fn of(text: &mut Dynamic, client: ClientId, company: CompanyId, connection: Option<ConnectionId>) {
    text.bind(Bind::Id(client.0))
        .push(" and company_id = ")
        .bind(Bind::Id(company.0));
    if let Some(connection) = connection {
        text.push(" and connection_id = ")
            .bind(Bind::Id(connection.0));
    }
}

/// The number of a company's grants, or of one of its connections'.
pub async fn count(
    db: &Db,
    client: ClientId,
    company: CompanyId,
    connection: Option<ConnectionId>,
) -> Result<i64, StoreError> {
    let mut text = Dynamic::new("select count(*) as number from held_grant where client_id = ");
    of(&mut text, client, company, connection);
    let rows = query!(db, all Number, text)?;
    Ok(rows.first().map_or(0, |row| row.number))
}

/// A company's grants, or those of one of its connections, newest first.
pub async fn list(
    db: &Db,
    client: ClientId,
    company: CompanyId,
    connection: Option<ConnectionId>,
    (limit, offset): (i64, i64),
) -> Result<Vec<Held>, StoreError> {
    let mut text = Dynamic::new(columns!("where client_id = "));
    of(&mut text, client, company, connection);
    text.push(" order by begun desc, id desc limit ")
        .bind(Bind::Int(limit))
        .push(" offset ")
        .bind(Bind::Int(offset));
    query!(db, all Held, text)
}

row! {
    /// Grants that a platform does not take back, for one reason.
    #[derive(Clone, Debug)]
    pub struct Trouble {
        pub integration_key: String,
        pub platform_name: String,
        pub state: GrantState,
        pub answer: Option<String>,
        pub number: i64,
    }
}

/// The grants that several attempts could not give back, those that wait for an answer to be understood, and those of which that was
/// given up since a time.
pub async fn troubled(db: &Db, since: DateTime<Utc>) -> Result<Vec<Trouble>, StoreError> {
    query!(
        db,
        all Trouble,
        "select integration_key, platform_name, state, answer, count(*) as number from held_grant
         where (state = 'beingGivenBack' and (attempts >= 3 or (attempts = 0 and answer is not null)
                                              or (access_token is null and unread_answer is not null)))
            or (state = 'refused' and ended > $1)
         group by integration_key, platform_name, state, answer order by integration_key, state, answer",
        since
    )
}
