//! Grants whose customer has still to choose a business.

use chrono::{DateTime, Utc};

use crate::model::{ClientId, CompanyId, ConnectionId, GrantId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct Choice {
        pub ticket_hash: Vec<u8>,
        pub client_id: ClientId,
        pub company_id: CompanyId,
        pub connection_id: ConnectionId,
        pub browser_hash: Vec<u8>,
        /// Sealed.
        pub access_token: Vec<u8>,
        pub refresh_token: Option<Vec<u8>>,
        pub token_expires: Option<DateTime<Utc>>,
        pub refresh_expires: Option<DateTime<Utc>>,
        pub scope: Option<String>,
        /// JSON: what the platform named.
        pub businesses: String,
        /// JSON: the values that came with the platform's answer.
        pub variables: String,
        /// The index of the chosen one, if that leaves another question.
        pub chosen: Option<i64>,
        /// JSON object: the custom parameters that the link URL carried.
        pub parameters: String,
        /// JSON: the disclosure as the customer was shown it.
        pub disclosure: Option<String>,
        /// Sealed: the claims of the person, if they were requested.
        pub person: Option<Vec<u8>>,
        pub created: DateTime<Utc>,
        pub expires: DateTime<Utc>,
        /// The grant that the tokens are of; none if the version before stored them.
        pub grant_id: Option<GrantId>,
    }
}

pub async fn insert(tx: &mut Tx, choice: &Choice) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into link_choice
             (ticket_hash, client_id, company_id, connection_id, browser_hash, access_token, refresh_token, token_expires,
              refresh_expires, scope, businesses, variables, chosen, parameters, disclosure, person, created, expires,
              grant_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        &choice.ticket_hash,
        choice.client_id,
        choice.company_id,
        choice.connection_id,
        &choice.browser_hash,
        &choice.access_token,
        &choice.refresh_token,
        choice.token_expires,
        choice.refresh_expires,
        &choice.scope,
        &choice.businesses,
        &choice.variables,
        choice.chosen,
        &choice.parameters,
        &choice.disclosure,
        &choice.person,
        choice.created,
        choice.expires,
        choice.grant_id
    )?;
    Ok(())
}

/// A choice by its ticket. Unscoped: the ticket is a secret of the browser that came back, and the row names the connection.
pub async fn find(db: &Db, ticket_hash: &[u8]) -> Result<Option<Choice>, StoreError> {
    query!(
        db,
        opt Choice,
        "select ticket_hash, client_id, company_id, connection_id, browser_hash, access_token, refresh_token, token_expires,
                refresh_expires, scope, businesses, variables, chosen, parameters, disclosure, person, created, expires,
                grant_id
         from link_choice where ticket_hash = $1",
        ticket_hash
    )
}

/// Notes what was chosen.
pub async fn choose(tx: &mut Tx, ticket_hash: &[u8], chosen: i64) -> Result<(), StoreError> {
    query!(
        tx,
        "update link_choice set chosen = $2 where ticket_hash = $1",
        ticket_hash,
        chosen
    )?;
    Ok(())
}

/// Takes a choice away. False if another caller has.
pub async fn take(tx: &mut Tx, ticket_hash: &[u8]) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "delete from link_choice where ticket_hash = $1",
        ticket_hash
    )?;
    Ok(rows == 1)
}

/// Choices that no customer made in time.
pub async fn expired(db: &Db, now: DateTime<Utc>) -> Result<Vec<Choice>, StoreError> {
    query!(
        db,
        all Choice,
        "select ticket_hash, client_id, company_id, connection_id, browser_hash, access_token, refresh_token, token_expires,
                refresh_expires, scope, businesses, variables, chosen, parameters, disclosure, person, created, expires,
                grant_id
         from link_choice where expires <= $1 limit 100",
        now
    )
}

/// The open choices of a connection.
pub async fn of_connection(
    tx: &mut Tx,
    connection: ConnectionId,
) -> Result<Vec<Choice>, StoreError> {
    query!(
        tx,
        all Choice,
        "select ticket_hash, client_id, company_id, connection_id, browser_hash, access_token, refresh_token, token_expires,
                refresh_expires, scope, businesses, variables, chosen, parameters, disclosure, person, created, expires,
                grant_id
         from link_choice where connection_id = $1",
        connection
    )
}

row! {
    /// A connection that was made beside another one, for a further business behind the same sign-in.
    #[derive(Clone, Copy, Debug)]
    pub struct Beside {
        pub connection_id: ConnectionId,
        /// The connection that began. It may be gone.
        pub beside_id: ConnectionId,
    }
}

/// Notes that a connection was made beside another one.
pub async fn note_beside(
    tx: &mut Tx,
    connection: ConnectionId,
    (company, first): (CompanyId, ConnectionId),
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into connection_beside (connection_id, beside_id, beside_company_id) values ($1, $2, $3)",
        connection,
        first,
        company
    )?;
    Ok(())
}

/// The connections that were made beside a company's own, in companies that still stand below it.
pub async fn beside(db: &Db, company: CompanyId) -> Result<Vec<Beside>, StoreError> {
    query!(
        db,
        all Beside,
        "select b.connection_id, b.beside_id from connection_beside b
         join connection n on n.id = b.connection_id
         join company c on c.id = n.company_id
         where b.beside_company_id = $1 and c.parent_id = $1 order by n.created, n.id",
        company
    )
}

row! { struct Found { number: i64 } }

/// True if a connection of a company was made beside one of another company, below which that company still stands.
pub async fn is_beside(
    db: &Db,
    (company, connection): (CompanyId, ConnectionId),
    first: CompanyId,
) -> Result<bool, StoreError> {
    let found = query!(
        db,
        one Found,
        "select count(*) as number from connection_beside b
         join connection n on n.id = b.connection_id
         join company c on c.id = n.company_id
         where b.connection_id = $1 and n.company_id = $2 and b.beside_company_id = $3 and c.parent_id = $3",
        connection,
        company,
        first
    )?;
    Ok(found.number > 0)
}
