//! A platform's answers for single records of a page, kept while their pull waits in the middle of it.

use crate::model::DatasetId;
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct Supplement {
        /// The address that it is requested from, as the client's settings have it.
        pub source: String,
        pub record_id: String,
        /// None if the platform has nothing there.
        pub body: Option<Vec<u8>>,
    }
}

pub async fn list(db: &Db, dataset: DatasetId) -> Result<Vec<Supplement>, StoreError> {
    query!(
        db,
        all Supplement,
        "select source, record_id, body from supplement where dataset_id = $1",
        dataset
    )
}

/// Nothing is kept of a pull that has ended meanwhile. The caller holds the company's lock.
pub async fn keep(tx: &mut Tx, dataset: DatasetId, added: &[Supplement]) -> Result<(), StoreError> {
    for supplement in added {
        query!(
            tx,
            "insert into supplement (dataset_id, source, record_id, body)
             select $1, $2, $3, $4 where exists (select 1 from dataset where id = $1 and completed is null)
             on conflict do nothing",
            dataset,
            &supplement.source,
            &supplement.record_id,
            supplement.body.as_deref()
        )?;
    }
    Ok(())
}

/// Once the page is stored, or its pull is over.
pub async fn forget(tx: &mut Tx, dataset: DatasetId) -> Result<(), StoreError> {
    query!(tx, "delete from supplement where dataset_id = $1", dataset)?;
    Ok(())
}
