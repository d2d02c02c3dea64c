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

/// Why a client's settings stay as they were.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the client organisation is gone")]
    Gone,
    #[error(
        "strict linking needs a redirectUrl: customers come back to it, and their links end there"
    )]
    NeedsPage,
}

/// Changes a client's settings, which are read and written in one transaction, so that two changes at once both stay.
///
/// # Errors
/// The client is gone, or would link strictly without a page to come back to.
pub async fn change(
    app: &App,
    id: ClientId,
    alter: impl FnOnce(&mut Client),
) -> Result<Client, NotChanged> {
    let mut change = Change::begin(app, Actor::Client).await?;
    store::clients::lock(&mut change, id).await?;
    let before = store::clients::find_in(&mut change, id).await?;
    let before = before.ok_or(NotChanged::Gone)?;
    let mut client = before.clone();
    alter(&mut client);
    if !has_page(&client) && store::clients::links_strictly_in(&mut change, id).await? {
        return Err(NotChanged::NeedsPage);
    }
    store::clients::update(&mut change, &client).await?;
    for (kind, before, after) in [
        (
            RecordKind::ProfileChanged,
            profile(&before),
            profile(&client),
        ),
        (
            RecordKind::CorsChanged,
            json!({ "allowedOrigins": before.origins() }),
            json!({ "allowedOrigins": client.origins() }),
        ),
    ] {
        if before != after {
            change.record(Entry::new(id, kind).changing(&before, &after));
        }
    }
    change.commit().await?;
    Ok(client)
}

/// Has a client's links take effect only once it has confirmed them, or at once.
///
/// # Errors
/// The client has no page to come back to.
pub async fn set_strict(app: &App, id: ClientId, strict: bool) -> Result<(), NotChanged> {
    let mut change = Change::begin(app, Actor::Client).await?;
    store::clients::lock(&mut change, id).await?;
    let client = store::clients::find_in(&mut change, id).await?;
    if strict && !has_page(&client.ok_or(NotChanged::Gone)?) {
        return Err(NotChanged::NeedsPage);
    }
    let before = store::clients::links_strictly_in(&mut change, id).await?;
    store::clients::set_strict_linking(&mut change, id, strict).await?;
    if before != strict {
        let entry = Entry::new(id, RecordKind::ProfileChanged);
        let described = |strict: bool| json!({ "strictLinking": strict });
        change.record(entry.changing(&described(before), &described(strict)));
    }
    Ok(change.commit().await?)
}

fn has_page(client: &Client) -> bool {
    client
        .redirect_url
        .as_deref()
        .is_some_and(|url| !url.is_empty())
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
