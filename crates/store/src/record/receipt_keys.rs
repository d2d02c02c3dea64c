//! Keys that receipts are signed with.

use chrono::{DateTime, Utc};

use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct ReceiptKey {
        pub kid: String,
        pub public_key: Vec<u8>,
        /// Sealed.
        pub seed: Vec<u8>,
        pub created: DateTime<Utc>,
    }
}

/// Every key, newest first.
pub async fn all(db: &Db) -> Result<Vec<ReceiptKey>, StoreError> {
    query!(
        db,
        all ReceiptKey,
        "select kid, public_key, seed, created from receipt_key order by created desc, kid"
    )
}

pub async fn insert(tx: &mut Tx, key: &ReceiptKey) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into receipt_key (kid, public_key, seed, created) values ($1, $2, $3, $4)",
        &key.kid,
        &key.public_key,
        &key.seed,
        key.created
    )?;
    Ok(())
}
