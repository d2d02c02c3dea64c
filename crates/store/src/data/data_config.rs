//! Data that clients want of platforms in addition to the standard models.

use chrono::{DateTime, Utc};

use crate::model::ClientId;
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

/// The two kinds: further fields of standard records, and data types of a client's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataConfigKind {
    /// By a data type's key.
    Supplemental,
    /// By the client's own name.
    Custom,
}

impl DataConfigKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Supplemental => "supplemental",
            Self::Custom => "custom",
        }
    }
}

row! {
    #[derive(Clone, Debug)]
    pub struct DataConfig {
        /// JSON, in the contract's shape.
        pub config: String,
        pub changed: DateTime<Utc>,
    }
}

pub async fn get(
    db: &Db,
    client: ClientId,
    platform: &str,
    kind: DataConfigKind,
    name: &str,
) -> Result<Option<DataConfig>, StoreError> {
    query!(
        db,
        opt DataConfig,
        "select config, changed from data_config
         where client_id = $1 and platform_key = $2 and kind = $3 and name = $4",
        client,
        platform,
        kind.as_str(),
        name
    )
}

/// The same through a transaction that decides by it.
pub async fn get_in(
    tx: &mut Tx,
    client: ClientId,
    platform: &str,
    kind: DataConfigKind,
    name: &str,
) -> Result<Option<DataConfig>, StoreError> {
    query!(
        tx,
        opt DataConfig,
        "select config, changed from data_config
         where client_id = $1 and platform_key = $2 and kind = $3 and name = $4",
        client,
        platform,
        kind.as_str(),
        name
    )
}

pub async fn put(
    tx: &mut Tx,
    client: ClientId,
    platform: &str,
    kind: DataConfigKind,
    name: &str,
    config: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into data_config (client_id, platform_key, kind, name, config, changed)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (client_id, platform_key, kind, name) do update set config = excluded.config,
             changed = excluded.changed",
        client,
        platform,
        kind.as_str(),
        name,
        config,
        now
    )?;
    Ok(())
}

row! {
    /// A configuration with its names.
    #[derive(Clone, Debug)]
    pub struct NamedConfig {
        pub platform_key: String,
        pub kind: String,
        /// A data type's key, or the client's own name.
        pub name: String,
        /// JSON, in the contract's shape.
        pub config: String,
    }
}

impl NamedConfig {
    pub fn is(&self, kind: DataConfigKind) -> bool {
        self.kind == kind.as_str()
    }
}

/// Everything that a client has configured, of all platforms.
pub async fn of_client(db: &Db, client: ClientId) -> Result<Vec<NamedConfig>, StoreError> {
    query!(
        db,
        all NamedConfig,
        "select platform_key, kind, name, config from data_config where client_id = $1 order by platform_key, kind, name",
        client
    )
}
