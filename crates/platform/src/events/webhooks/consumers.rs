//! Webhook consumers as their client makes and changes them.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use egress::{HeaderName, HeaderValue, Identity, Secret};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::consumer::seal_place;
use super::{WebhookError, invalid, signature};
use crate::app::App;
use crate::change::Change;
use crate::consents::Entry;
use crate::credentials::vault::openings::Purpose;
use crate::credentials::vault::{Sealed, hex};
use store::clock::new_id;
use store::model::webhook::{EventFilter, MAX_WEBHOOKS, check_company_tags};
use store::model::{Actor, ClientId, RecordKind, WebhookId};
use store::{News, StoreError};
use store::{webhooks as rows, webhooks::Webhook};

/// The time for which a replaced secret goes on signing beside the new one.
const OVERLAP: TimeDelta = TimeDelta::hours(24);
const MAX_URL: usize = 2_048;
const MAX_EVENT_TYPES: usize = 200;
const MAX_HEADERS: usize = 20;
const MAX_HEADER_BYTES: usize = 8_192;
const MAX_DESCRIPTION: usize = 500;

/// Headers of the message itself or of its transport: no consumer can have its own.
const RESERVED: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A client certificate and its key, PEM-encoded.
#[derive(Clone)]
pub struct Certificate {
    pub certificate: String,
    pub key: Secret,
}

/// Changes to a consumer. None leaves a value as it is (or as a new consumer has it); an inner none removes it.
#[derive(Clone, Default)]
pub struct Changes {
    pub url: Option<String>,
    pub description: Option<Option<String>>,
    pub event_types: Option<Vec<String>>,
    pub company_tags: Option<Vec<String>>,
    pub disabled: Option<bool>,
    /// All of them: those that are not named are removed.
    pub headers: Option<BTreeMap<String, String>>,
    /// Messages a second.
    pub rate_limit: Option<Option<i64>>,
    pub certificate: Option<Option<Certificate>>,
    /// A signing secret of the client's own, for a new consumer.
    pub secret: Option<Secret>,
}

/// Makes a consumer. `made_by` is the service whose integration key was used.
///
/// # Errors
/// A value can't be used, or the client has the most consumers that it may have.
pub async fn create(
    app: &App,
    client: ClientId,
    changes: &Changes,
    made_by: Option<&str>,
) -> Result<Webhook, WebhookError> {
    let now = app.clock.now();
    let mut webhook = Webhook {
        id: WebhookId(new_id(now)),
        client_id: client,
        url: String::new(),
        description: None,
        event_types: "[]".into(),
        company_tags: "[]".into(),
        disabled: false,
        disabled_reason: None,
        headers: None,
        header_names: "[]".into(),
        rate_limit: None,
        identity: None,
        identity_digest: None,
        made_by: made_by.map(str::to_owned),
        failing_since: None,
        last_failure: None,
        paused_until: None,
        created: now,
        updated: now,
    };
    if changes.url.is_none() {
        return Err(invalid(
            "url",
            "A url is required, such as https://example.com/hooks.",
        ));
    }
    if changes.event_types.is_none() {
        return Err(invalid(
            "eventTypes",
            "At least one event type is required.",
        ));
    }
    apply(app, &mut webhook, changes)?;
    let secret = match &changes.secret {
        Some(own) => checked_secret(own)?,
        None => signature::new_secret(),
    };
    let mut change = Change::begin(app, Actor::Client).await?;
    let count = rows::count(&mut change, client).await?;
    if usize::try_from(count).unwrap_or(usize::MAX) >= MAX_WEBHOOKS {
        return Err(WebhookError::TooMany);
    }
    rows::insert(&mut change, &webhook).await?;
    keep_secret(&mut change, &webhook, &secret).await?;
    let entry = on_record(&webhook, RecordKind::WebhookCreated);
    change.record(entry.with("after", described(&webhook)));
    change.commit().await?;
    Ok(webhook)
}

/// A client's consumer.
///
/// # Errors
/// The client has no such consumer.
pub async fn find(app: &App, client: ClientId, id: WebhookId) -> Result<Webhook, WebhookError> {
    rows::get(&app.db, client, id)
        .await?
        .ok_or(WebhookError::NoWebhook(id))
}

/// Changes a consumer. Enabling one makes its waiting messages due as they were, and forgets its failures.
///
/// # Errors
/// The client has no such consumer, or a value can't be used.
pub async fn update(
    app: &App,
    client: ClientId,
    id: WebhookId,
    changes: &Changes,
) -> Result<Webhook, WebhookError> {
    if changes.secret.is_some() {
        return Err(invalid(
            "secret",
            "A consumer's secret is changed by rotating it: POST /webhooks/{webhookId}/secret/rotate.",
        ));
    }
    let mut change = Change::begin(app, Actor::Client).await?;
    let mut webhook = rows::find_in(&mut change, id)
        .await?
        .filter(|webhook| webhook.client_id == client)
        .ok_or(WebhookError::NoWebhook(id))?;
    let before = described(&webhook);
    let sealed = (webhook.headers.clone(), webhook.identity.clone());
    apply(app, &mut webhook, changes)?;
    let after = described(&webhook);
    let resealed = sealed != (webhook.headers.clone(), webhook.identity.clone());
    if before != after || resealed {
        let entry = on_record(&webhook, RecordKind::WebhookChanged);
        change.record(entry.changing(&before, &after));
    }
    if changes.disabled == Some(false) {
        (webhook.failing_since, webhook.last_failure) = (None, None);
        webhook.paused_until = None;
    }
    touch(app, &mut webhook);
    rows::update(&mut change, &webhook).await?;
    change.announce(News::Webhook(id));
    change.commit().await?;
    Ok(webhook)
}

/// Sets a time of change that differs from the one before, so that nodes which know the consumer read it again.
fn touch(app: &App, webhook: &mut Webhook) {
    let next = webhook.updated + TimeDelta::microseconds(1);
    webhook.updated = app.clock.now().max(next);
}

/// Deletes a consumer with its messages.
///
/// # Errors
/// The client has no such consumer.
pub async fn delete(app: &App, client: ClientId, id: WebhookId) -> Result<(), WebhookError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    let known = rows::find_in(&mut change, id).await?;
    if !rows::delete(&mut change, client, id).await? {
        return Err(WebhookError::NoWebhook(id));
    }
    if let Some(webhook) = known {
        let entry = on_record(&webhook, RecordKind::WebhookDeleted);
        change.record(entry.with("before", described(&webhook)));
    }
    change.announce(News::Webhook(id));
    change.commit().await?;
    Ok(())
}

/// The secret that signs now.
///
/// # Errors
/// The secret can't be read or opened.
pub async fn secret(app: &App, webhook: &Webhook) -> Result<Secret, WebhookError> {
    let secrets = rows::secrets(&app.db, webhook.id, app.clock.now()).await?;
    let newest = secrets
        .first()
        .ok_or_else(|| StoreError::Corrupt("a webhook consumer without a secret".into()))?;
    let sealed = Sealed(newest.sealed.clone());
    let place = seal_place(webhook.client_id, webhook.id, "secret");
    Ok(app
        .vault
        .open_sealed(&sealed, place, Purpose::Shown)
        .await?)
}

/// Puts a new secret in place of the one that signs now, which goes on signing beside it for a day (or, with `at_once`, not
/// at all). `own` is a secret that the client chose.
///
/// # Errors
/// The client has no such consumer, or its own secret can't be used.
pub async fn rotate_secret(
    app: &App,
    client: ClientId,
    id: WebhookId,
    own: Option<&Secret>,
    at_once: bool,
) -> Result<Secret, WebhookError> {
    let secret = match own {
        Some(own) => checked_secret(own)?,
        None => signature::new_secret(),
    };
    let mut change = Change::begin(app, Actor::Client).await?;
    let now = change.now;
    let mut webhook = rows::find_in(&mut change, id)
        .await?
        .filter(|webhook| webhook.client_id == client)
        .ok_or(WebhookError::NoWebhook(id))?;
    let end = if at_once { now } else { now + OVERLAP };
    rows::expire_secrets(&mut change, id, end, now).await?;
    keep_secret(&mut change, &webhook, &secret).await?;
    touch(app, &mut webhook);
    rows::update(&mut change, &webhook).await?;
    let entry = on_record(&webhook, RecordKind::WebhookSecretRotated);
    change.record(entry.with("formerEnds", end));
    change.announce(News::Webhook(id));
    change.commit().await?;
    Ok(secret)
}

fn on_record(webhook: &Webhook, kind: RecordKind) -> Entry {
    let target = json!({ "webhookId": webhook.id });
    Entry::new(webhook.client_id, kind).with("target", target)
}

/// A consumer for the record: of its headers the names alone, and of its address nothing that could be a secret.
fn described(webhook: &Webhook) -> Value {
    let list = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let url = webhook.url.split(['?', '#']).next();
    json!({
        "url": url,
        "eventTypes": list(&webhook.event_types),
        "companyTags": list(&webhook.company_tags),
        "disabled": webhook.disabled,
        "headerNames": list(&webhook.header_names),
        "rateLimit": webhook.rate_limit,
        "clientCertificate": webhook.identity_digest,
    })
}

async fn keep_secret(
    change: &mut Change<'_>,
    webhook: &Webhook,
    secret: &Secret,
) -> Result<(), StoreError> {
    let now = change.now;
    let sealed = change
        .app
        .vault
        .seal(secret, seal_place(webhook.client_id, webhook.id, "secret"));
    let row = rows::Secret {
        id: new_id(now),
        webhook_id: webhook.id,
        sealed: sealed.0,
        created: now,
        expires: None,
    };
    rows::insert_secret(change, &row).await
}

fn checked_secret(secret: &Secret) -> Result<Secret, WebhookError> {
    if signature::is_secret(secret) {
        return Ok(secret.clone());
    }
    Err(invalid(
        "secret",
        "A secret is whsec_ and the base64 of 24 to 64 bytes.",
    ))
}

fn apply(app: &App, webhook: &mut Webhook, changes: &Changes) -> Result<(), WebhookError> {
    let place = |field| seal_place(webhook.client_id, webhook.id, field);
    if let Some(url) = &changes.url {
        webhook.url = checked_url(app, url)?;
    }
    if let Some(description) = &changes.description {
        let long = description
            .as_ref()
            .is_some_and(|text| text.chars().count() > MAX_DESCRIPTION);
        if long {
            return Err(invalid(
                "description",
                format!("A description has at most {MAX_DESCRIPTION} characters."),
            ));
        }
        webhook.description = description.clone();
    }
    if let Some(event_types) = &changes.event_types {
        if event_types.is_empty() || event_types.len() > MAX_EVENT_TYPES {
            return Err(invalid(
                "eventTypes",
                format!("A consumer has 1 to {MAX_EVENT_TYPES} event types; \"*\" means all."),
            ));
        }
        let mut names = Vec::new();
        for name in event_types {
            let filter: EventFilter = name.parse()?;
            if !names.contains(&filter.as_str().to_owned()) {
                names.push(filter.as_str().to_owned());
            }
        }
        webhook.event_types = json!(names).to_string();
    }
    if let Some(tags) = &changes.company_tags {
        check_company_tags(tags).map_err(|message| invalid("companyTags", message))?;
        webhook.company_tags = json!(tags).to_string();
    }
    if let Some(disabled) = changes.disabled {
        webhook.disabled = disabled;
        webhook.disabled_reason = None;
    }
    if let Some(headers) = &changes.headers {
        check_headers(headers)?;
        let names: Vec<&String> = headers.keys().collect();
        webhook.header_names = json!(names).to_string();
        webhook.headers = (!headers.is_empty()).then(|| {
            let text = Secret::new(json!(headers).to_string());
            app.vault.seal(&text, place("headers")).0
        });
    }
    if let Some(rate) = changes.rate_limit {
        if rate.is_some_and(|rate| !(1..=10_000).contains(&rate)) {
            return Err(invalid(
                "rateLimit",
                "A rate is 1 to 10000 messages a second; null is no limit.",
            ));
        }
        webhook.rate_limit = rate;
    }
    match &changes.certificate {
        None => {}
        Some(None) => (webhook.identity, webhook.identity_digest) = (None, None),
        Some(Some(certificate)) => {
            let identity = Identity::from_pem(&certificate.certificate, &certificate.key)
                .map_err(|error| invalid("clientCertificate", format!("{error}.")))?;
            let pem = Secret::new(format!(
                "{}\n{}",
                certificate.certificate,
                certificate.key.expose()
            ));
            webhook.identity = Some(app.vault.seal(&pem, place("identity")).0);
            webhook.identity_digest = Some(hex(&Sha256::digest(identity.certificate())));
        }
    }
    Ok(())
}

fn checked_url(app: &App, text: &str) -> Result<String, WebhookError> {
    let refused = |message: &str| invalid("url", message);
    if text.len() > MAX_URL {
        return Err(invalid(
            "url",
            format!("A url has at most {MAX_URL} characters."),
        ));
    }
    let url = Url::parse(text.trim()).map_err(|_| {
        refused("The url can't be read: give one such as https://example.com/hooks.")
    })?;
    let door = &app.webhook_door;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(
            "The url must begin with https://, such as https://example.com/hooks.",
        ));
    }
    door.vet(&url).map_err(|error| {
        invalid(
            "url",
            format!("{error}. An operator can allow a host with webhooks.allow_private."),
        )
    })?;
    if url.scheme() == "http" && !app.config.webhooks.allow_http && !door.is_allowed_private(&url) {
        return Err(refused(
            "The url must be https; an operator can allow http with webhooks.allow_http.",
        ));
    }
    Ok(url.to_string())
}

fn check_headers(headers: &BTreeMap<String, String>) -> Result<(), WebhookError> {
    let refused = |message: String| Err(invalid("headers", message));
    if headers.len() > MAX_HEADERS {
        return refused(format!("A consumer has at most {MAX_HEADERS} headers."));
    }
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if bytes > MAX_HEADER_BYTES {
        return refused(format!(
            "Headers have at most {MAX_HEADER_BYTES} bytes in all."
        ));
    }
    for (name, value) in headers {
        let Ok(parsed) = HeaderName::from_bytes(name.as_bytes()) else {
            let name: String = name.chars().take(100).collect();
            return refused(format!("'{name}' can't be a header's name."));
        };
        if RESERVED.contains(&parsed.as_str()) || parsed.as_str().starts_with("webhook-") {
            return refused(format!("{name} is set by Moorline."));
        }
        // The message doesn't have the value: it may be a credential.
        if HeaderValue::from_str(value).is_err() {
            return refused(format!("The value of {name} can't be a header's value."));
        }
    }
    Ok(())
}
