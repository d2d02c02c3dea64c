//! Data that a client wants of a platform in addition to the standard models: supplemental data, and data types of its own.

use connectors::{CustomData, DataType, SupplementalData};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::change::Change;
use crate::consents::Entry;
use crate::disclosure;
use store::StoreError;
use store::data_config::{self, DataConfigKind};
use store::model::{Actor, ClientId, RecordKind};

const CUSTOM: &str = "custom/";

/// The key that pull operations show for a client's own data type.
pub fn custom_key(name: &str) -> String {
    format!("{CUSTOM}{name}")
}

/// The client's own name in such a key.
pub(crate) fn custom_name(key: &str) -> Option<&str> {
    key.strip_prefix(CUSTOM)
}

/// The fields that are added to a data type's records; mostly none.
///
/// # Errors
/// The database can't be read.
pub async fn supplemental(
    app: &App,
    client: ClientId,
    platform: &str,
    data_type: DataType,
) -> Result<SupplementalData, StoreError> {
    let kind = DataConfigKind::Supplemental;
    let found = read(app, client, platform, kind, data_type.as_str()).await?;
    Ok(found.unwrap_or_default())
}

/// Sets the fields that are added to a data type's records. An empty configuration takes them away again, with the next pull.
///
/// # Errors
/// The database can't be written to.
pub async fn set_supplemental(
    app: &App,
    client: ClientId,
    platform: &str,
    data_type: DataType,
    wanted: &SupplementalData,
) -> Result<(), StoreError> {
    let kind = DataConfigKind::Supplemental;
    write(app, client, platform, kind, data_type.as_str(), wanted).await
}

/// A data type of the client's own, by its name.
///
/// # Errors
/// The database can't be read.
pub async fn custom(
    app: &App,
    client: ClientId,
    platform: &str,
    name: &str,
) -> Result<Option<CustomData>, StoreError> {
    read(app, client, platform, DataConfigKind::Custom, name).await
}

/// Makes a data type of the client's own, or replaces it.
///
/// # Errors
/// The database can't be written to.
pub async fn set_custom(
    app: &App,
    client: ClientId,
    platform: &str,
    name: &str,
    wanted: &CustomData,
) -> Result<(), StoreError> {
    let kind = DataConfigKind::Custom;
    write(app, client, platform, kind, name, wanted).await
}

async fn read<T: DeserializeOwned>(
    app: &App,
    client: ClientId,
    platform: &str,
    kind: DataConfigKind,
    name: &str,
) -> Result<Option<T>, StoreError> {
    let found = data_config::get(&app.db, client, platform, kind, name).await?;
    let found = found.map(|found| serde_json::from_str(&found.config));
    found.transpose().map_err(corrupt)
}

async fn write(
    app: &App,
    client: ClientId,
    platform: &str,
    kind: DataConfigKind,
    name: &str,
    wanted: &impl Serialize,
) -> Result<(), StoreError> {
    let text = serde_json::to_string(wanted).map_err(corrupt)?;
    let mut change = Change::begin(app, Actor::Client).await?;
    let now = change.now;
    let before = data_config::get_in(&mut change, client, platform, kind, name).await?;
    let before = before.map(|known| known.config);
    data_config::put(&mut change, client, platform, kind, name, &text, now).await?;
    if before.as_ref() != Some(&text) {
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        let target = serde_json::json!({ "platformKey": platform, "name": name });
        let entry = Entry::new(client, RecordKind::DataSettingsChanged)
            .with("target", target)
            .with("before", before.as_deref().and_then(read))
            .with("after", read(&text));
        change.record(entry);
    }
    disclosure::queue_reconsideration(&mut change, disclosure::Whose::Client(client)).await?;
    change.commit().await
}

fn corrupt(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt(format!("a data configuration: {error}"))
}
