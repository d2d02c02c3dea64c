//! Reads of companies' data by API keys, summed for a day.

use crate::model::{ApiKeyId, ClientId, CompanyId};
use crate::sql::columns::row;
use crate::sql::db::{StoreError, Tx, query};

row! {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct Reads {
        pub client_id: ClientId,
        /// Days since 1970-01-01, UTC.
        pub day: i64,
        pub api_key_id: ApiKeyId,
        pub company_id: CompanyId,
        pub data_type: String,
        pub reads: i64,
    }
}

/// Adds reads to those of their day.
pub async fn add(tx: &mut Tx, more: &Reads) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into read_count (client_id, day, api_key_id, company_id, data_type, reads) values ($1, $2, $3, $4, $5, $6)
         on conflict (client_id, day, api_key_id, company_id, data_type) do update set reads = read_count.reads + excluded.reads",
        more.client_id,
        more.day,
        more.api_key_id,
        more.company_id,
        &more.data_type,
        more.reads
    )?;
    Ok(())
}

/// Takes the reads of one client on one day that is over: the first there is before `day`, all of its rows.
pub async fn take_before(tx: &mut Tx, day: i64) -> Result<Vec<Reads>, StoreError> {
    query!(
        tx,
        all Reads,
        "delete from read_count
         where (client_id, day) in (select client_id, day from read_count where day < $1 order by day, client_id limit 1)
         returning client_id, day, api_key_id, company_id, data_type, reads",
        day
    )
}
