//! A consumer as a delivery needs it: its secrets opened, its headers read, its way out ready.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use egress::{Door, HeaderMap, HeaderName, HeaderValue, Identity, Secret};
use url::Url;

use crate::app::App;
use crate::credentials::vault::openings::Purpose;
use crate::credentials::vault::{Place, Row, Sealed, VaultError};
use store::StoreError;
use store::model::{ClientId, WebhookId};
use store::{webhooks as rows, webhooks::Webhook};

pub(super) struct Consumer {
    pub(super) row: Webhook,
    /// None if the stored text can't be read.
    pub(super) url: Option<Url>,
    pub(super) headers: HeaderMap,
    pub(super) door: Door,
    /// The newest first, each with the time at which it stops signing.
    secrets: Vec<(Secret, Option<DateTime<Utc>>)>,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The place to which something secret of a consumer's is sealed.
pub(super) fn seal_place(
    client: ClientId,
    webhook: WebhookId,
    field: &'static str,
) -> Place<'static> {
    Place {
        client,
        row: Row::Webhook(webhook),
        field,
    }
}

impl Consumer {
    /// Reads the consumer. One that was `known` and not changed since isn't opened again. None if the consumer was deleted.
    pub(super) async fn load(
        app: &App,
        id: WebhookId,
        known: Option<Arc<Self>>,
    ) -> Result<Option<Arc<Self>>, LoadError> {
        let Some(row) = rows::find(&app.db, id).await? else {
            return Ok(None);
        };
        if let Some(known) = known.filter(|known| known.row.updated == row.updated) {
            return Ok(Some(Arc::new(Self {
                row,
                url: known.url.clone(),
                headers: known.headers.clone(),
                door: known.door.clone(),
                secrets: known.secrets.clone(),
            })));
        }
        let of = (app, row.client_id, id);
        let mut secrets = Vec::new();
        for secret in rows::secrets(&app.db, id, app.clock.now()).await? {
            secrets.push((open(of, &secret.sealed, "secret").await?, secret.expires));
        }
        let headers = match &row.headers {
            Some(sealed) => read_headers(&open(of, sealed, "headers").await?),
            None => HeaderMap::new(),
        };
        let door = match &row.identity {
            Some(sealed) => {
                let pem = open(of, sealed, "identity").await?;
                // It was read once when it was stored.
                Identity::from_pem(pem.expose(), &pem)
                    .map(|identity| app.webhook_door.with_identity(&identity))
                    .map_err(|_| VaultError::Altered)?
            }
            None => app.webhook_door.clone(),
        };
        Ok(Some(Arc::new(Self {
            url: Url::parse(&row.url).ok(),
            row,
            headers,
            door,
            secrets,
        })))
    }

    /// The secrets that sign at `now`.
    pub(super) fn secrets(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Secret> {
        self.secrets
            .iter()
            .filter(move |(_, expires)| expires.is_none_or(|expires| expires > now))
            .map(|(secret, _)| secret)
    }
}

async fn open(
    (app, client, id): (&App, ClientId, WebhookId),
    sealed: &[u8],
    field: &'static str,
) -> Result<Secret, VaultError> {
    let sealed = Sealed(sealed.to_vec());
    let place = seal_place(client, id, field);
    app.vault
        .open_sealed(&sealed, place, Purpose::Delivery)
        .await
}

fn read_headers(json: &Secret) -> HeaderMap {
    let pairs: std::collections::BTreeMap<String, String> =
        serde_json::from_str(json.expose()).unwrap_or_default();
    pairs
        .iter()
        .filter_map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            let mut value = HeaderValue::from_str(value).ok()?;
            value.set_sensitive(true);
            Some((name, value))
        })
        .collect()
}
