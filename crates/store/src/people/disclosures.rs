//! A client's own words for its disclosures and for Link.

use chrono::{DateTime, Utc};

use crate::model::ClientId;
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! { struct Stored { settings: String } }

/// The client's settings, as JSON; none if it has set nothing.
pub async fn of_client(db: &Db, client: ClientId) -> Result<Option<String>, StoreError> {
    let found = query!(db, opt Stored, "select settings from client_disclosure where client_id = $1", client)?;
    Ok(found.map(|found| found.settings))
}

pub async fn put(
    tx: &mut Tx,
    client: ClientId,
    settings: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into client_disclosure (client_id, settings, updated) values ($1, $2, $3)
         on conflict (client_id) do update set settings = excluded.settings, updated = excluded.updated",
        client,
        settings,
        now
    )?;
    Ok(())
}

row! { struct StoredLink { link: Option<String> } }

/// The client's settings of Link, as JSON; none if it has set nothing.
pub async fn link_of_client(db: &Db, client: ClientId) -> Result<Option<String>, StoreError> {
    let found = query!(db, opt StoredLink, "select link from client_disclosure where client_id = $1", client)?;
    Ok(found.and_then(|found| found.link))
}

/// The same through a transaction.
pub async fn link_of_client_in(
    tx: &mut Tx,
    client: ClientId,
) -> Result<Option<String>, StoreError> {
    let found = query!(tx, opt StoredLink, "select link from client_disclosure where client_id = $1", client)?;
    Ok(found.and_then(|found| found.link))
}

pub async fn put_link(
    tx: &mut Tx,
    client: ClientId,
    link: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into client_disclosure (client_id, settings, link, updated) values ($1, '{}', $2, $3)
         on conflict (client_id) do update set link = excluded.link, updated = excluded.updated",
        client,
        link,
        now
    )?;
    Ok(())
}
