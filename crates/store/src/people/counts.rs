//! Counts of a client's companies and connections, kept with each change of one: pages, limits and the list of integrations
//! show them, and counting millions takes longer than a request may.
//!
//! A transaction that changes a count on PostgreSQL first waits for the client's row of `company_count`, with the company's lock in
//! hand (`crate::grants::connections::lock_company`): one order for all, in which no two wait for each other.

use crate::model::{ClientId, CompanyId, ConnectionId, ConnectionStatus};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

pub(crate) async fn company_added(tx: &mut Tx, client: ClientId) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into company_count (client_id, number) values ($1, 1)
         on conflict (client_id) do update set number = company_count.number + 1",
        client
    )?;
    Ok(())
}

/// Before a company goes, and with it the connections that it still has.
pub(crate) async fn company_goes(
    tx: &mut Tx,
    client: ClientId,
    id: CompanyId,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update company_count set number = number - 1,
            connected = connected - case when exists
                (select 1 from connection where company_id = $2 and status = 'Linked') then 1 else 0 end
         where client_id = $1 and exists (select 1 from company where client_id = $1 and id = $2)",
        client,
        id
    )?;
    query!(
        tx,
        "insert into connection_count (client_id, integration_key, status, number)
         select client_id, integration_key, status, -count(*) from connection
         where client_id = $1 and company_id = $2 group by client_id, integration_key, status
         on conflict (client_id, integration_key, status) do update set number = connection_count.number + excluded.number",
        client,
        id
    )?;
    Ok(())
}

/// After a connection came, or came to another status.
pub(crate) async fn connection_came(tx: &mut Tx, id: ConnectionId) -> Result<(), StoreError> {
    count(tx, id, 1).await
}

/// Before a connection goes, or leaves its status.
pub(crate) async fn connection_goes(tx: &mut Tx, id: ConnectionId) -> Result<(), StoreError> {
    count(tx, id, -1).await
}

async fn count(tx: &mut Tx, id: ConnectionId, by: i64) -> Result<(), StoreError> {
    query!(
        tx,
        "update company_count set connected = connected + case when exists
            (select 1 from connection own where own.id = $1 and own.status = 'Linked' and not exists
                (select 1 from connection other
                 where other.company_id = own.company_id and other.id <> own.id and other.status = 'Linked'))
            then $2 else 0 end
         where client_id = (select client_id from connection where id = $1)",
        id,
        by
    )?;
    query!(
        tx,
        "insert into connection_count (client_id, integration_key, status, number)
         select client_id, integration_key, status, $2 from connection where id = $1
         on conflict (client_id, integration_key, status) do update set number = connection_count.number + excluded.number",
        id,
        by
    )?;
    Ok(())
}

row! { struct Number { number: i64 } }

/// Companies of a client with a Linked connection.
pub async fn connected_companies(db: &Db, client: ClientId) -> Result<i64, StoreError> {
    let row = query!(
        db,
        opt Number,
        "select connected as number from company_count where client_id = $1",
        client
    )?;
    Ok(row.map_or(0, |row| row.number))
}

row! {
    #[derive(Clone, Debug)]
    pub struct Tally { pub integration_key: String, pub status: ConnectionStatus, pub number: i64 }
}

/// The number of all clients' connections, by integration and status.
pub async fn all_connections(db: &Db) -> Result<Vec<Tally>, StoreError> {
    query!(
        db,
        all Tally,
        "select integration_key, status, cast(sum(number) as bigint) as number from connection_count
         group by integration_key, status"
    )
}

/// The number of a client's connections, by integration and status.
pub async fn connections(db: &Db, client: ClientId) -> Result<Vec<Tally>, StoreError> {
    query!(
        db,
        all Tally,
        "select integration_key, status, number from connection_count where client_id = $1",
        client
    )
}
