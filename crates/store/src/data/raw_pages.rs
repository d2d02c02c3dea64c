//! Answers of platforms as they came, sealed, for clients that have them kept.

use chrono::{DateTime, Utc};

use crate::model::{ClientId, ConnectionId, DatasetId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    /// One page of a pull.
    #[derive(Clone, Debug)]
    pub struct RawPage {
        pub data_type: String,
        pub dataset_id: DatasetId,
        /// Its number in the pull, from 0.
        pub number: i64,
        /// The number of the list that it is of, from 0.
        pub list: i64,
        /// The answer, and what was looked up for it.
        pub sealed: Vec<u8>,
        pub came: DateTime<Utc>,
    }
}

/// Keeps a page; one that is pulled again takes the place of itself.
pub async fn put(tx: &mut Tx, connection: ConnectionId, page: &RawPage) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into raw_page (connection_id, data_type, dataset_id, number, list, sealed, came)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (connection_id, data_type, dataset_id, number) do update set list = excluded.list,
             sealed = excluded.sealed, came = excluded.came",
        connection,
        &page.data_type,
        page.dataset_id,
        page.number,
        page.list,
        page.sealed.as_slice(),
        page.came
    )?;
    Ok(())
}

row! { struct DataType { data_type: String } }

/// The data types of which a connection's pages are kept.
pub async fn types(db: &Db, connection: ConnectionId) -> Result<Vec<String>, StoreError> {
    let rows = query!(
        db,
        all DataType,
        "select distinct data_type from raw_page where connection_id = $1 order by data_type",
        connection
    )?;
    Ok(rows.into_iter().map(|row| row.data_type).collect())
}

/// A connection's pages of a type that came with complete pulls, in the order in which they came.
pub async fn of_type(
    db: &Db,
    connection: ConnectionId,
    data_type: &str,
) -> Result<Vec<RawPage>, StoreError> {
    query!(
        db,
        all RawPage,
        "select p.data_type, p.dataset_id, p.number, p.list, p.sealed, p.came
         from raw_page p join dataset d on d.id = p.dataset_id
         where p.connection_id = $1 and p.data_type = $2 and d.completed is not null
         order by d.requested, d.id, p.number",
        connection,
        data_type
    )
}

/// Forgets the pages of earlier pulls: one of everything has taken their place.
pub async fn forget_others(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    dataset: DatasetId,
) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from raw_page where connection_id = $1 and data_type = $2 and dataset_id <> $3",
        connection,
        data_type,
        dataset
    )?;
    Ok(())
}

/// Forgets a client's pages that came before a time.
pub async fn forget_before(
    tx: &mut Tx,
    client: ClientId,
    before: DateTime<Utc>,
) -> Result<u64, StoreError> {
    query!(
        tx,
        "delete from raw_page where came < $2 and connection_id in (select id from connection where client_id = $1)",
        client,
        before
    )
}
