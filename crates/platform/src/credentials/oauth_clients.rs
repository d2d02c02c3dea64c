//! A client's settings for its integrations: offered to customers or not, and its OAuth client at the platform.

use connectors::{ClientCredentials, Integration};
use egress::Secret;

use super::vault::{Place, Row, Sealed};
use crate::app::App;
use store::StoreError;
use store::integrations::Setting;
use store::model::ClientId;

/// True if the client's customers may choose it: once it was enabled, or its OAuth client was configured.
pub async fn is_enabled(
    app: &App,
    client: ClientId,
    integration: &Integration,
) -> Result<bool, StoreError> {
    let setting = store::integrations::get(&app.db, client, integration.key()).await?;
    Ok(setting.is_some_and(|setting| setting.enabled))
}

/// The client's own OAuth client at the platform.
pub async fn credentials(
    app: &App,
    client: ClientId,
    integration: &Integration,
) -> Result<Option<ClientCredentials>, StoreError> {
    let Some(setting) = store::integrations::get(&app.db, client, integration.key()).await? else {
        return Ok(None);
    };
    let Some(client_id) = setting.oauth_client_id else {
        return Ok(None);
    };
    let client_secret = match setting.oauth_client_secret {
        Some(sealed) => Some(
            app.vault
                .open_sealed(&Sealed(sealed), secret_place(client, integration.key()))
                .map_err(|error| {
                    StoreError::Corrupt(format!("client secret of {}: {error}", integration.key()))
                })?,
        ),
        None => None,
    };
    Ok(Some(ClientCredentials {
        client_id,
        client_secret,
    }))
}

fn secret_place(client: ClientId, key: &str) -> Place<'_> {
    Place {
        client,
        row: Row::Integration(key),
        field: "oauth_client_secret",
    }
}

/// Lets customers choose the integration, or no longer.
pub async fn set_enabled(
    app: &App,
    client: ClientId,
    key: &str,
    enabled: bool,
) -> Result<(), StoreError> {
    let mut setting = current(app, client, key).await?;
    setting.enabled = enabled;
    put(app, setting).await
}

/// Sets the OAuth client, its secret sealed, and enables the integration.
pub async fn configure(
    app: &App,
    client: ClientId,
    key: &str,
    oauth_client_id: &str,
    oauth_client_secret: Option<&Secret>,
) -> Result<(), StoreError> {
    let mut setting = current(app, client, key).await?;
    setting.enabled = true;
    setting.oauth_client_id = Some(oauth_client_id.to_owned());
    setting.oauth_client_secret =
        oauth_client_secret.map(|secret| app.vault.seal(secret, secret_place(client, key)).0);
    put(app, setting).await
}

async fn current(app: &App, client: ClientId, key: &str) -> Result<Setting, StoreError> {
    let setting = store::integrations::get(&app.db, client, key).await?;
    Ok(setting.unwrap_or_else(|| Setting {
        client_id: client,
        key: key.to_owned(),
        enabled: false,
        oauth_client_id: None,
        oauth_client_secret: None,
        updated: app.clock.now(),
    }))
}

async fn put(app: &App, mut setting: Setting) -> Result<(), StoreError> {
    setting.updated = app.clock.now();
    let mut tx = app.db.write().await?;
    store::integrations::put(&mut tx, &setting).await?;
    tx.commit().await
}
