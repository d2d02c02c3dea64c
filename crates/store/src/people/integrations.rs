//! A client's settings of an integration.

use chrono::{DateTime, Utc};

use crate::model::ClientId;
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct Setting {
        pub client_id: ClientId,
        pub key: String,
        pub enabled: bool,
        pub oauth_client_id: Option<String>,
        /// Sealed.
        pub oauth_client_secret: Option<Vec<u8>>,
        pub updated: DateTime<Utc>,
    }
}

pub async fn get(db: &Db, client: ClientId, key: &str) -> Result<Option<Setting>, StoreError> {
    query!(
        db,
        opt Setting,
        "select client_id, key, enabled, oauth_client_id, oauth_client_secret, updated
         from integration_setting where client_id = $1 and key = $2",
        client,
        key
    )
}

/// The same through a transaction that changes it.
pub async fn get_in(
    tx: &mut Tx,
    client: ClientId,
    key: &str,
) -> Result<Option<Setting>, StoreError> {
    query!(
        tx,
        opt Setting,
        "select client_id, key, enabled, oauth_client_id, oauth_client_secret, updated
         from integration_setting where client_id = $1 and key = $2",
        client,
        key
    )
}

pub async fn list(db: &Db, client: ClientId) -> Result<Vec<Setting>, StoreError> {
    query!(
        db,
        all Setting,
        "select client_id, key, enabled, oauth_client_id, oauth_client_secret, updated
         from integration_setting where client_id = $1 order by key",
        client
    )
}

pub async fn put(tx: &mut Tx, setting: &Setting) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into integration_setting (client_id, key, enabled, oauth_client_id, oauth_client_secret, updated)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (client_id, key) do update set enabled = excluded.enabled, oauth_client_id = excluded.oauth_client_id,
             oauth_client_secret = excluded.oauth_client_secret, updated = excluded.updated",
        setting.client_id,
        &setting.key,
        setting.enabled,
        &setting.oauth_client_id,
        &setting.oauth_client_secret,
        setting.updated
    )?;
    Ok(())
}
