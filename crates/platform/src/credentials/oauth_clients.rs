//! A client's settings for its integrations: offered to customers or not, and its OAuth client at the platform.

use std::collections::BTreeMap;

use connectors::{ClientCredentials, Integration};
use egress::Secret;
use serde_json::{Value, json};

use super::vault::{Place, Row, Sealed, hex};
use crate::app::App;
use crate::change::Change;
use crate::consents::Entry;
use crate::credentials::vault::openings::Purpose;
use store::StoreError;
use store::integrations::Setting;
use store::model::{Actor, ClientId, RecordKind};

/// True if the client's customers may choose it: once it was enabled, or its OAuth client was configured.
pub async fn is_enabled(app: &App, client: ClientId, key: &str) -> Result<bool, StoreError> {
    let setting = store::integrations::get(&app.db, client, key).await?;
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
                .open_sealed(
                    &Sealed(sealed),
                    secret_place(client, integration.key()),
                    Purpose::Use,
                )
                .await
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

/// The OAuth client in whose name a connection's tokens are requested. Of one whose access was given without a sign-in there is none,
/// and none is missing.
pub(crate) async fn of_connection(
    app: &App,
    client: ClientId,
    integration: &Integration,
    variables: &BTreeMap<String, String>,
) -> Result<Option<ClientCredentials>, StoreError> {
    if integration.way_of(variables).is_none() {
        return credentials(app, client, integration).await;
    }
    Ok(Some(ClientCredentials {
        client_id: String::new(),
        client_secret: None,
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
    change(app, client, key, |setting| setting.enabled = enabled).await
}

/// Sets the OAuth client, its secret sealed, and enables the integration.
pub async fn configure(
    app: &App,
    client: ClientId,
    key: &str,
    oauth_client_id: &str,
    oauth_client_secret: Option<&Secret>,
) -> Result<(), StoreError> {
    change(app, client, key, |setting| {
        setting.enabled = true;
        setting.oauth_client_id = Some(oauth_client_id.to_owned());
        setting.oauth_client_secret =
            oauth_client_secret.map(|secret| app.vault.seal(secret, secret_place(client, key)).0);
    })
    .await?;
    // What waited for another client, or for another secret, is tried again at once.
    let mut tx = app.db.write().await?;
    store::held::hasten(&mut tx, client, key, app.clock.now()).await?;
    tx.commit().await
}

/// Changes a setting, and puts that on record.
async fn change(
    app: &App,
    client: ClientId,
    key: &str,
    alter: impl FnOnce(&mut Setting),
) -> Result<(), StoreError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    store::clients::lock(&mut change, client).await?;
    let known = store::integrations::get_in(&mut change, client, key).await?;
    let mut setting = known.unwrap_or_else(|| Setting {
        client_id: client,
        key: key.to_owned(),
        enabled: false,
        oauth_client_id: None,
        oauth_client_secret: None,
        updated: change.now,
    });
    let before = described(app, &setting).await;
    alter(&mut setting);
    setting.updated = change.now;
    store::integrations::put(&mut change, &setting).await?;
    // The platform may have refused the OAuth client as it was: it is tried again at once.
    store::token_endpoints::clear(&mut change, client, key).await?;
    store::credentials::end_pauses(&mut change, client, key).await?;
    let after = described(app, &setting).await;
    if before != after {
        let entry = Entry::new(client, RecordKind::IntegrationChanged);
        let target = json!({ "platformKey": key });
        change.record(entry.with("target", target).changing(&before, &after));
    }
    change.commit().await
}

/// A setting for the record: of the secret no more than by which two are told apart.
async fn described(app: &App, setting: &Setting) -> Value {
    let secret = match setting.oauth_client_secret.clone().map(Sealed) {
        Some(sealed) => {
            let place = secret_place(setting.client_id, &setting.key);
            app.vault
                .open_sealed(&sealed, place, Purpose::Comparison)
                .await
                .ok()
        }
        None => None,
    };
    let fingerprint = secret.map(|secret| {
        let parts = [setting.client_id.0.as_bytes(), secret.expose().as_bytes()];
        hex(&app.vault.sign("fingerprint of a secret", &parts)[..8])
    });
    json!({
        "enabled": setting.enabled,
        "oauthClientId": setting.oauth_client_id,
        "oauthClientSecretFingerprint": fingerprint,
    })
}
