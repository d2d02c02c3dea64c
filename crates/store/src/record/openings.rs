//! Sealed values that were opened, summed for a day.

use crate::model::{ClientId, ConnectionId};
use crate::sql::columns::row;
use crate::sql::db::{StoreError, Tx, query};

row! {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct Openings {
        pub client_id: ClientId,
        /// Days since 1970-01-01, UTC.
        pub day: i64,
        /// Nil for what is of no connection.
        pub connection_id: ConnectionId,
        pub field: String,
        pub purpose: String,
        pub number: i64,
    }
}

/// Adds openings to those of their day.
pub async fn add(tx: &mut Tx, more: &Openings) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into secret_opening (client_id, day, connection_id, field, purpose, number) values ($1, $2, $3, $4, $5, $6)
         on conflict (client_id, day, connection_id, field, purpose) do update set number = secret_opening.number + excluded.number",
        more.client_id,
        more.day,
        more.connection_id,
        &more.field,
        &more.purpose,
        more.number
    )?;
    Ok(())
}

/// Takes the openings of one client on one day that is over: the first there is before `day`, all of its rows.
pub async fn take_before(tx: &mut Tx, day: i64) -> Result<Vec<Openings>, StoreError> {
    query!(
        tx,
        all Openings,
        "delete from secret_opening
         where (client_id, day) in (select client_id, day from secret_opening where day < $1 order by day, client_id limit 1)
         returning client_id, day, connection_id, field, purpose, number",
        day
    )
}
