//! Settings of clients and companies for their pulls.

use chrono::{DateTime, Utc};

use crate::model::{ClientId, CompanyId, SyncSetting};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! { struct Stored { settings: String } }

fn read(text: &str) -> Result<Vec<SyncSetting>, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Corrupt(format!("sync settings: {error}")))
}

fn write(settings: &[SyncSetting]) -> Result<String, StoreError> {
    serde_json::to_string(settings)
        .map_err(|error| StoreError::Corrupt(format!("sync settings: {error}")))
}

fn read_one(row: Option<Stored>) -> Result<Option<Vec<SyncSetting>>, StoreError> {
    row.map(|row| read(&row.settings)).transpose()
}

/// The client's settings; none if it follows the defaults.
pub async fn of_client(db: &Db, client: ClientId) -> Result<Option<Vec<SyncSetting>>, StoreError> {
    read_one(
        query!(db, opt Stored, "select settings from client_sync_settings where client_id = $1", client)?,
    )
}

pub async fn of_client_in(
    tx: &mut Tx,
    client: ClientId,
) -> Result<Option<Vec<SyncSetting>>, StoreError> {
    read_one(
        query!(tx, opt Stored, "select settings from client_sync_settings where client_id = $1", client)?,
    )
}

/// The company's settings; none if it follows its client.
pub async fn of_company(
    db: &Db,
    company: CompanyId,
) -> Result<Option<Vec<SyncSetting>>, StoreError> {
    read_one(
        query!(db, opt Stored, "select settings from company_sync_settings where company_id = $1", company)?,
    )
}

pub async fn of_company_in(
    tx: &mut Tx,
    company: CompanyId,
) -> Result<Option<Vec<SyncSetting>>, StoreError> {
    read_one(
        query!(tx, opt Stored, "select settings from company_sync_settings where company_id = $1", company)?,
    )
}

/// Replaces a client's settings; none returns it to the defaults.
pub async fn set_client(
    tx: &mut Tx,
    client: ClientId,
    settings: Option<&[SyncSetting]>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    match settings.map(write).transpose()? {
        Some(written) => query!(
            tx,
            "insert into client_sync_settings (client_id, settings, updated) values ($1, $2, $3)
             on conflict (client_id) do update set settings = excluded.settings, updated = excluded.updated",
            client,
            written,
            now
        )?,
        None => query!(
            tx,
            "delete from client_sync_settings where client_id = $1",
            client
        )?,
    };
    Ok(())
}

/// The same for a company, which then follows its client again.
pub async fn set_company(
    tx: &mut Tx,
    client: ClientId,
    company: CompanyId,
    settings: Option<&[SyncSetting]>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    match settings.map(write).transpose()? {
        Some(written) => query!(
            tx,
            "insert into company_sync_settings (company_id, client_id, settings, updated) values ($1, $2, $3, $4)
             on conflict (company_id) do update set settings = excluded.settings, updated = excluded.updated",
            company,
            client,
            written,
            now
        )?,
        None => query!(
            tx,
            "delete from company_sync_settings where company_id = $1 and client_id = $2",
            company,
            client
        )?,
    };
    Ok(())
}
