//! Client organisations and their API keys.

use chrono::{DateTime, Utc};

use crate::model::{ApiKeyId, ClientId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};
use crate::sql::dialect;

row! {
    #[derive(Clone, Debug)]
    pub struct Client {
        pub id: ClientId,
        pub name: String,
        pub logo_url: Option<String>,
        pub icon_url: Option<String>,
        /// A template with `{placeholders}`; none means the built-in pages.
        pub redirect_url: Option<String>,
        /// JSON array of URLs.
        pub white_list_urls: String,
        /// JSON array of origins.
        pub allowed_origins: String,
        pub show_badge: bool,
        /// `#rrggbb`, readable on the pages; set with the disclosure settings.
        pub colour: Option<String>,
        pub created: DateTime<Utc>,
    }
}

impl Client {
    pub fn white_list(&self) -> Vec<String> {
        serde_json::from_str(&self.white_list_urls).unwrap_or_default()
    }

    pub fn origins(&self) -> Vec<String> {
        serde_json::from_str(&self.allowed_origins).unwrap_or_default()
    }
}

row! {
    #[derive(Clone, Debug)]
    pub struct ApiKey {
        pub id: ApiKeyId,
        pub client_id: ClientId,
        pub name: Option<String>,
        /// The first characters of the key, by which it is found; the rest is only kept hashed.
        pub lookup: String,
        pub hash: Vec<u8>,
        pub created: DateTime<Utc>,
    }
}

pub async fn insert(tx: &mut Tx, client: &Client) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into client (id, name, logo_url, icon_url, redirect_url, white_list_urls, allowed_origins, show_badge, created)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        client.id,
        &client.name,
        &client.logo_url,
        &client.icon_url,
        &client.redirect_url,
        &client.white_list_urls,
        &client.allowed_origins,
        client.show_badge,
        client.created
    )?;
    Ok(())
}

pub async fn update(tx: &mut Tx, client: &Client) -> Result<(), StoreError> {
    query!(
        tx,
        "update client set name = $2, logo_url = $3, icon_url = $4, redirect_url = $5, white_list_urls = $6,
                allowed_origins = $7, show_badge = $8
         where id = $1",
        client.id,
        &client.name,
        &client.logo_url,
        &client.icon_url,
        &client.redirect_url,
        &client.white_list_urls,
        &client.allowed_origins,
        client.show_badge
    )?;
    Ok(())
}

row! {
    /// What stands in the way of a client's deletion.
    #[derive(Clone, Debug)]
    pub struct Holdings {
        pub companies: i64,
        /// Grants whose end isn't proven yet.
        pub grants: i64,
    }
}

pub async fn holdings(tx: &mut Tx, id: ClientId) -> Result<Holdings, StoreError> {
    query!(
        tx,
        one Holdings,
        "select (select count(*) from company where client_id = $1) as companies,
                (select count(*) from held_grant where client_id = $1 and ended is null) as grants",
        id
    )
}

/// Removes a client with its keys, settings, webhook consumers and events. Its record stays.
pub async fn delete(tx: &mut Tx, id: ClientId) -> Result<bool, StoreError> {
    let gone = query!(tx, "delete from client where id = $1", id)? == 1;
    query!(tx, "delete from event where client_id = $1", id)?;
    super::funnel::delete_of_client(tx, id).await?;
    Ok(gone)
}

row! { struct Strict { strict_linking: bool } }

/// True if the client's links take effect only once it has confirmed who finished them.
pub async fn links_strictly(db: &Db, client: ClientId) -> Result<bool, StoreError> {
    let row = query!(
        db,
        opt Strict,
        "select strict_linking from client where id = $1",
        client
    )?;
    Ok(row.is_some_and(|row| row.strict_linking))
}

/// The same within a transaction.
pub async fn links_strictly_in(tx: &mut Tx, client: ClientId) -> Result<bool, StoreError> {
    let row = query!(
        tx,
        opt Strict,
        "select strict_linking from client where id = $1",
        client
    )?;
    Ok(row.is_some_and(|row| row.strict_linking))
}

pub async fn set_strict_linking(
    tx: &mut Tx,
    client: ClientId,
    strict: bool,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update client set strict_linking = $2 where id = $1",
        client,
        strict
    )?;
    Ok(())
}

pub async fn set_colour(
    tx: &mut Tx,
    client: ClientId,
    colour: Option<&str>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update client set colour = $2 where id = $1",
        client,
        colour
    )?;
    Ok(())
}

pub async fn get(db: &Db, id: ClientId) -> Result<Option<Client>, StoreError> {
    query!(
        db,
        opt Client,
        "select id, name, logo_url, icon_url, redirect_url, white_list_urls, allowed_origins, show_badge, colour, created
         from client where id = $1",
        id
    )
}

/// The same inside a transaction.
pub async fn find_in(tx: &mut Tx, id: ClientId) -> Result<Option<Client>, StoreError> {
    query!(
        tx,
        opt Client,
        "select id, name, logo_url, icon_url, redirect_url, white_list_urls, allowed_origins, show_badge, colour, created
         from client where id = $1",
        id
    )
}

pub async fn list(db: &Db) -> Result<Vec<Client>, StoreError> {
    query!(
        db,
        all Client,
        "select id, name, logo_url, icon_url, redirect_url, white_list_urls, allowed_origins, show_badge, colour, created
         from client order by created, id"
    )
}

pub async fn insert_key(tx: &mut Tx, key: &ApiKey) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into api_key (id, client_id, name, lookup, hash, created) values ($1, $2, $3, $4, $5, $6)",
        key.id,
        key.client_id,
        &key.name,
        &key.lookup,
        &key.hash,
        key.created
    )?;
    Ok(())
}

/// Finds a key by its first characters. Unscoped: it says which client a request is of.
pub async fn key_by_lookup(db: &Db, lookup: &str) -> Result<Option<ApiKey>, StoreError> {
    query!(db, opt ApiKey, "select id, client_id, name, lookup, hash, created from api_key where lookup = $1", lookup)
}

pub async fn keys(db: &Db, client: ClientId) -> Result<Vec<ApiKey>, StoreError> {
    query!(
        db,
        all ApiKey,
        "select id, client_id, name, lookup, hash, created from api_key where client_id = $1 order by created, id",
        client
    )
}

/// Makes the transactions that change how many keys a client has take turns.
pub async fn lock(tx: &mut Tx, client: ClientId) -> Result<(), StoreError> {
    dialect::lock_client(tx, client).await
}

row! { struct Number { number: i64 } }

pub async fn count_keys(tx: &mut Tx, client: ClientId) -> Result<i64, StoreError> {
    let row = query!(tx, one Number, "select count(*) as number from api_key where client_id = $1", client)?;
    Ok(row.number)
}

/// The key that was deleted, if there was such a one.
pub async fn delete_key(
    tx: &mut Tx,
    client: ClientId,
    id: ApiKeyId,
) -> Result<Option<ApiKey>, StoreError> {
    query!(
        tx,
        opt ApiKey,
        "delete from api_key where client_id = $1 and id = $2
         returning id, client_id, name, lookup, hash, created",
        client,
        id
    )
}
