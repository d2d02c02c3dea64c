//! The record of what happened.

use chrono::{DateTime, Utc};

use super::columns::row;
use super::db::{Db, StoreError, Tx, query};
use crate::model::{Actor, ClientId, CompanyId, ConnectionId, ConnectionStatus, EventType};

row! {
    #[derive(Clone, Debug)]
    pub struct Event {
        /// Grows with time, though two writers may commit out of its order.
        pub id: i64,
        pub client_id: ClientId,
        pub company_id: CompanyId,
        pub connection_id: Option<ConnectionId>,
        pub kind: EventType,
        pub occurred: DateTime<Utc>,
        pub actor: Actor,
        pub reason: Option<String>,
        pub from_status: Option<ConnectionStatus>,
        pub to_status: Option<ConnectionStatus>,
        /// JSON: the contract's webhook payload.
        pub payload: String,
    }
}

/// Everything of an event but its number.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub client_id: ClientId,
    pub company_id: CompanyId,
    pub connection_id: Option<ConnectionId>,
    pub kind: EventType,
    pub occurred: DateTime<Utc>,
    pub actor: Actor,
    pub reason: Option<String>,
    pub from_status: Option<ConnectionStatus>,
    pub to_status: Option<ConnectionStatus>,
    pub payload: String,
}

pub async fn insert(tx: &mut Tx, event: &NewEvent) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into event (client_id, company_id, connection_id, type, occurred, actor, reason, from_status, to_status, payload)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        event.client_id,
        event.company_id,
        event.connection_id,
        event.kind,
        event.occurred,
        event.actor,
        &event.reason,
        event.from_status,
        event.to_status,
        &event.payload
    )?;
    Ok(())
}

row! { struct Number { number: i64 } }

/// How many events a connection has.
pub async fn count_of_connection(
    db: &Db,
    client: ClientId,
    connection: ConnectionId,
) -> Result<i64, StoreError> {
    let row = query!(
        db,
        one Number,
        "select count(*) as number from event where client_id = $1 and connection_id = $2",
        client,
        connection
    )?;
    Ok(row.number)
}

/// A connection's events, newest first.
pub async fn of_connection(
    db: &Db,
    client: ClientId,
    connection: ConnectionId,
    limit: i64,
    offset: i64,
) -> Result<Vec<Event>, StoreError> {
    query!(
        db,
        all Event,
        "select id, client_id, company_id, connection_id, type as kind, occurred, actor, reason, from_status, to_status, payload
         from event where client_id = $1 and connection_id = $2 order by id desc limit $3 offset $4",
        client,
        connection,
        limit,
        offset
    )
}

/// A company's events after a number, oldest first, at most a hundred.
pub async fn of_company_after(
    db: &Db,
    client: ClientId,
    company: CompanyId,
    after: i64,
) -> Result<Vec<Event>, StoreError> {
    query!(
        db,
        all Event,
        "select id, client_id, company_id, connection_id, type as kind, occurred, actor, reason, from_status, to_status, payload
         from event where client_id = $1 and company_id = $2 and id > $3 order by id limit 100",
        client,
        company,
        after
    )
}

/// The newest event's number, 0 where nothing happened yet.
pub async fn newest(db: &Db, company: CompanyId) -> Result<i64, StoreError> {
    let row = query!(db, one Number, "select coalesce(max(id), 0) as number from event where company_id = $1", company)?;
    Ok(row.number)
}
