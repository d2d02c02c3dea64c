//! A client and its own settings: its API keys, its name and pictures, the redirect after a link, the origins that browsers may
//! call from. Each change is on record.

use serde_json::{Value, json};

use crate::access::keys::KeyError;
use crate::app::App;
use crate::change::Change;
use crate::consents::Entry;
use store::StoreError;
use store::clients::{ApiKey, Client};
use store::model::{Actor, ApiKeyId, ClientId, RecordKind};

/// Makes a client with its first API key, which is shown once and never again.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn create(app: &App, client: &Client) -> Result<String, KeyError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    store::clients::insert(&mut change, client).await?;
    let created = Entry::new(client.id, RecordKind::ClientCreated);
    change.record(created.with("name", &client.name));
    let (key, text) = app
        .keys
        .create(&mut change, client.id, Some("first"))
        .await?;
    change.record(of_key(&key, RecordKind::KeyCreated));
    change.commit().await?;
    Ok(text)
}

/// Why a client stays.
#[derive(Debug, thiserror::Error)]
pub enum StillNeeded {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "it has {}; delete {} first, so that their access is given back to the platforms",
        if *.0 == 1 { "1 company".to_owned() } else { format!("{} companies", .0) },
        if *.0 == 1 { "it" } else { "them" }
    )]
    Companies(i64),
    #[error(
        "{0} grants of its companies are still being given back to their platforms; wait until they are (moorline doctor says if one can't be)"
    )]
    Grants(i64),
}

/// Deletes a client with its keys, settings and webhook consumers. Its record stays, and says so.
///
/// # Errors
/// It has companies, or grants whose end isn't proven.
pub async fn delete(app: &App, client: &Client) -> Result<(), StillNeeded> {
    let mut change = Change::begin(app, Actor::Client).await?;
    store::clients::lock(&mut change, client.id).await?;
    let holdings = store::clients::holdings(&mut change, client.id).await?;
    if holdings.companies > 0 {
        return Err(StillNeeded::Companies(holdings.companies));
    }
    if holdings.grants > 0 {
        return Err(StillNeeded::Grants(holdings.grants));
    }
    store::clients::delete(&mut change, client.id).await?;
    let deleted = Entry::new(client.id, RecordKind::ClientDeleted);
    change.record(deleted.with("name", &client.name));
    Ok(change.commit().await?)
}

/// Makes a key for a client. Its text is shown once and never again.
///
/// # Errors
/// The name is too long, or the client has too many keys.
pub async fn create_key(
    app: &App,
    client: ClientId,
    name: Option<&str>,
) -> Result<(ApiKey, String), KeyError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    let (key, text) = app.keys.create(&mut change, client, name).await?;
    change.record(of_key(&key, RecordKind::KeyCreated));
    change.commit().await?;
    Ok((key, text))
}

/// Deletes a key, which stops working at once on this node and within two seconds on others. False if the client has no such
/// key.
///
/// # Errors
/// The database can't be written to.
pub async fn delete_key(app: &App, client: ClientId, id: ApiKeyId) -> Result<bool, StoreError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    let Some(key) = store::clients::delete_key(&mut change, client, id).await? else {
        return Ok(false);
    };
    change.record(of_key(&key, RecordKind::KeyDeleted));
    change.commit().await?;
    app.keys.forget(&key.hash).await;
    Ok(true)
}

fn of_key(key: &ApiKey, kind: RecordKind) -> Entry {
    let target = json!({ "apiKeyId": key.id, "name": key.name });
    Entry::new(key.client_id, kind).with("target", target)
}

/// Stores a client's settings as they are in the row.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn save(app: &App, client: &Client) -> Result<(), StoreError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    store::clients::lock(&mut change, client.id).await?;
    let before = store::clients::find_in(&mut change, client.id).await?;
    store::clients::update(&mut change, client).await?;
    if let Some(before) = before {
        for (kind, before, after) in [
            (
                RecordKind::ProfileChanged,
                profile(&before),
                profile(client),
            ),
            (
                RecordKind::CorsChanged,
                json!({ "allowedOrigins": before.origins() }),
                json!({ "allowedOrigins": client.origins() }),
            ),
        ] {
            if before != after {
                change.record(Entry::new(client.id, kind).changing(&before, &after));
            }
        }
    }
    change.commit().await
}

fn profile(client: &Client) -> Value {
    json!({
        "name": client.name,
        "logoUrl": client.logo_url,
        "iconUrl": client.icon_url,
        "redirectUrl": client.redirect_url,
        "whiteListUrls": client.white_list(),
        "showBadge": client.show_badge,
    })
}
