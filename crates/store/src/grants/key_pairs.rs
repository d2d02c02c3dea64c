//! Key pairs whose certificates are still to be registered at a platform.

use chrono::{DateTime, Utc};

use crate::model::{ClientId, ConnectionId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct KeyPair {
        pub connection_id: ConnectionId,
        pub client_id: ClientId,
        /// PEM.
        pub certificate: String,
        /// Sealed.
        pub private_key: Vec<u8>,
        pub made: DateTime<Utc>,
        /// The certificate's end.
        pub expires: DateTime<Utc>,
    }
}

/// The key pair that was made for a connection, and isn't in use yet.
pub async fn get(db: &Db, connection: ConnectionId) -> Result<Option<KeyPair>, StoreError> {
    query!(
        db,
        opt KeyPair,
        "select connection_id, client_id, certificate, private_key, made, expires from key_pair where connection_id = $1",
        connection
    )
}

/// Stores a key pair, unless one is there that was made after `stale`: of two pages that ask at once, one makes it.
pub async fn insert(tx: &mut Tx, pair: &KeyPair, stale: DateTime<Utc>) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into key_pair (connection_id, client_id, certificate, private_key, made, expires)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (connection_id) do update set certificate = excluded.certificate, private_key = excluded.private_key,
             made = excluded.made, expires = excluded.expires
         where key_pair.made <= $7",
        pair.connection_id,
        pair.client_id,
        &pair.certificate,
        &pair.private_key,
        pair.made,
        pair.expires,
        stale
    )?;
    Ok(())
}

/// Forgets a connection's key pair: it is in use, or the connection needs none any more.
pub async fn delete(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from key_pair where connection_id = $1",
        connection
    )?;
    Ok(())
}
