//! The record of what happened, which webhooks, timelines and live streams are read from.
//!
//! Numbers are given when a row is written, and PostgreSQL's transactions commit in the order in which they end. So the
//! writer of an event first locks its company ([`insert`] sees to it) and holds the lock until the commit: **one company's
//! events become visible in the order of their numbers**, and "after the last one I saw" misses none. Across companies no
//! such order holds: a reader of all companies' events must mark what it has taken, not remember a number.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::{Actor, ClientId, CompanyId, ConnectionId, ConnectionStatus, EventType};
use crate::sql::columns::row;
use crate::sql::db::{Db, News, StoreError, Tx, query};
use crate::sql::dialect;

row! {
    #[derive(Clone, Debug)]
    pub struct Event {
        /// Within a company, grows in the order in which events became visible.
        pub id: i64,
        /// Its name outside: a webhook's `webhook-id` and its envelope's `id`.
        pub uid: Uuid,
        pub client_id: ClientId,
        /// None for what concerns the client alone.
        pub company_id: Option<CompanyId>,
        pub connection_id: Option<ConnectionId>,
        pub kind: EventType,
        /// Of a write.
        pub data_type: Option<String>,
        pub occurred: DateTime<Utc>,
        pub actor: Actor,
        pub reason: Option<String>,
        pub from_status: Option<ConnectionStatus>,
        pub to_status: Option<ConnectionStatus>,
        /// JSON: the contract's webhook payload, without its addresses.
        pub payload: String,
    }
}

impl Event {
    /// The event type as the wire spells it.
    pub fn name(&self) -> String {
        self.kind.name(self.data_type.as_deref())
    }
}

/// Everything of an event but its number.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub uid: Uuid,
    pub client_id: ClientId,
    pub company_id: Option<CompanyId>,
    pub connection_id: Option<ConnectionId>,
    pub kind: EventType,
    pub data_type: Option<String>,
    pub occurred: DateTime<Utc>,
    pub actor: Actor,
    pub reason: Option<String>,
    pub from_status: Option<ConnectionStatus>,
    pub to_status: Option<ConnectionStatus>,
    pub payload: String,
}

row! { struct Id { id: i64 } }

/// Writes an event down with its company locked, and gives its number. A caller that changes other rows of the company has
/// locked it before (`store::connections::lock_company`), or two such transactions could wait for each other.
pub async fn insert(tx: &mut Tx, event: &NewEvent) -> Result<i64, StoreError> {
    if let Some(company) = event.company_id {
        dialect::lock_company(tx, company).await?;
        tx.announce(News::Company(company));
    }
    let row = query!(
        tx,
        one Id,
        "insert into event (uid, client_id, company_id, connection_id, type, data_type, occurred, actor, reason, from_status,
                            to_status, payload)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         returning id",
        event.uid,
        event.client_id,
        event.company_id,
        event.connection_id,
        event.kind,
        &event.data_type,
        event.occurred,
        event.actor,
        &event.reason,
        event.from_status,
        event.to_status,
        &event.payload
    )?;
    Ok(row.id)
}

row! { struct Number { number: i64 } }

/// The number of a connection's events.
pub async fn count_of_connection(
    db: &Db,
    client: ClientId,
    company: CompanyId,
    connection: ConnectionId,
) -> Result<i64, StoreError> {
    let row = query!(
        db,
        one Number,
        "select count(*) as number from event where client_id = $1 and company_id = $2 and connection_id = $3",
        client,
        company,
        connection
    )?;
    Ok(row.number)
}

row! { struct OfCompany { company_id: CompanyId } }

/// The company that a connection belonged to, which may be gone. Unscoped: a job names the connection.
pub async fn company_of(
    db: &Db,
    connection: ConnectionId,
) -> Result<Option<CompanyId>, StoreError> {
    let found = query!(
        db,
        opt OfCompany,
        "select company_id from event where connection_id = $1 and company_id is not null limit 1",
        connection
    )?;
    Ok(found.map(|event| event.company_id))
}

/// A connection's events, newest first.
pub async fn of_connection(
    db: &Db,
    client: ClientId,
    company: CompanyId,
    connection: ConnectionId,
    limit: i64,
    offset: i64,
) -> Result<Vec<Event>, StoreError> {
    query!(
        db,
        all Event,
        "select id, uid, client_id, company_id, connection_id, type as kind, data_type, occurred, actor, reason, from_status,
                to_status, payload
         from event where client_id = $1 and company_id = $2 and connection_id = $3 order by id desc limit $4 offset $5",
        client,
        company,
        connection,
        limit,
        offset
    )
}

/// A company's newest events of a kind.
pub async fn of_kind(
    db: &Db,
    company: CompanyId,
    kind: EventType,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    query!(
        db,
        all Event,
        "select id, uid, client_id, company_id, connection_id, type as kind, data_type, occurred, actor, reason, from_status,
                to_status, payload
         from event where company_id = $1 and type = $2 order by id desc limit $3",
        company,
        kind,
        limit
    )
}

/// The same, as a transaction sees them.
pub async fn of_kind_in(
    tx: &mut Tx,
    company: CompanyId,
    kind: EventType,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    query!(
        tx,
        all Event,
        "select id, uid, client_id, company_id, connection_id, type as kind, data_type, occurred, actor, reason, from_status,
                to_status, payload
         from event where company_id = $1 and type = $2 order by id desc limit $3",
        company,
        kind,
        limit
    )
}

/// A company's events after a number, oldest first, at most a hundred. Read on from the last one's number: nothing will
/// appear before it any more.
pub async fn of_company_after(
    db: &Db,
    client: ClientId,
    company: CompanyId,
    after: i64,
) -> Result<Vec<Event>, StoreError> {
    query!(
        db,
        all Event,
        "select id, uid, client_id, company_id, connection_id, type as kind, data_type, occurred, actor, reason, from_status,
                to_status, payload
         from event where client_id = $1 and company_id = $2 and id > $3 order by id limit 100",
        client,
        company,
        after
    )
}

/// The number of the company's newest event, 0 if it has none.
pub async fn newest(db: &Db, company: CompanyId) -> Result<i64, StoreError> {
    let row = query!(db, one Number, "select coalesce(max(id), 0) as number from event where company_id = $1", company)?;
    Ok(row.number)
}

row! {
    /// A connection's newest event.
    pub struct Newest {
        pub connection_id: ConnectionId,
        pub id: i64,
    }
}

/// The newest event of each of a company's connections.
pub async fn newest_of_connections(db: &Db, company: CompanyId) -> Result<Vec<Newest>, StoreError> {
    query!(
        db,
        all Newest,
        "select connection.id as connection_id,
                (select coalesce(max(event.id), 0) from event where event.connection_id = connection.id) as id
         from connection where company_id = $1",
        company
    )
}

row! {
    /// A sign that something happened to a company.
    pub struct Sign {
        pub id: i64,
        pub company_id: CompanyId,
    }
}

/// The newest events of companies, newest first: a hint where to look, since one with a lower number may still appear.
pub async fn latest(db: &Db, limit: i64) -> Result<Vec<Sign>, StoreError> {
    query!(db, all Sign, "select id, company_id from event where company_id is not null order by id desc limit $1", limit)
}
