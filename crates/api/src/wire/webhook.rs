//! `WebhookConsumer`, and ours around it: its messages and their attempts.

use std::collections::BTreeMap;

use egress::Secret;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::time;
use platform::events::webhooks::{self, Certificate, Changes};
use store::messages as rows;
use store::model::{MessageState, WebhookId};
use store::webhooks::Webhook;

/// The contract's members come first; the rest is ours.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Consumer {
    id: WebhookId,
    url: String,
    disabled: bool,
    event_types: Vec<String>,
    company_tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Without their values, which may well be credentials.
    header_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_certificate: Option<KnownCertificate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_until: Option<String>,
    created: String,
}

#[derive(Debug, Serialize)]
struct KnownCertificate {
    sha256: String,
}

impl Consumer {
    pub(crate) fn shape(row: Webhook) -> Self {
        Self {
            id: row.id,
            url: row.url,
            disabled: row.disabled,
            event_types: webhooks::names(&row.event_types),
            company_tags: webhooks::names(&row.company_tags),
            description: row.description,
            header_names: webhooks::names(&row.header_names),
            rate_limit: row.rate_limit,
            client_certificate: row
                .identity_digest
                .map(|sha256| KnownCertificate { sha256 }),
            disabled_reason: row.disabled_reason,
            failing_since: row.failing_since.map(time),
            paused_until: row.paused_until.map(time),
            created: time(row.created),
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Results<T> {
    pub(crate) results: Vec<T>,
}

/// The body of creating and changing. Null and absent differ for members that can be removed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConsumerIn {
    url: Option<String>,
    event_types: Option<Vec<String>>,
    disabled: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    company_tags: Option<Option<Vec<String>>>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    headers: Option<Option<BTreeMap<String, String>>>,
    #[serde(default, deserialize_with = "given")]
    rate_limit: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    client_certificate: Option<Option<CertificateIn>>,
    secret: Option<Secret>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CertificateIn {
    certificate: String,
    private_key: Secret,
}

/// Some if the field is there, also with null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

impl From<ConsumerIn> for Changes {
    fn from(given: ConsumerIn) -> Self {
        Self {
            url: given.url,
            event_types: given.event_types,
            disabled: given.disabled,
            company_tags: given.company_tags.map(Option::unwrap_or_default),
            description: given.description,
            headers: given.headers.map(Option::unwrap_or_default),
            rate_limit: given.rate_limit,
            certificate: given.client_certificate.map(|certificate| {
                certificate.map(|given| Certificate {
                    certificate: given.certificate,
                    key: given.private_key,
                })
            }),
            secret: given.secret,
        }
    }
}

/// A signing secret.
#[derive(Serialize)]
pub(crate) struct Key {
    pub(crate) key: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RotationIn {
    /// A secret of the client's own.
    pub(crate) key: Option<Secret>,
    /// True: the secret that it replaces stops signing now, instead of in a day.
    pub(crate) at_once: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TestIn {
    pub(crate) event_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplayIn {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) event_type: Option<String>,
    #[serde(default)]
    pub(crate) missed: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    /// The event's, and what the consumer sees as `webhook-id`.
    id: Uuid,
    webhook_id: WebhookId,
    event_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<store::model::CompanyId>,
    status: MessageState,
    /// A sample by request, not an event.
    test: bool,
    attempt_count: i64,
    generated_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_date: Option<String>,
    /// Its content as it would be sent now; in lists left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<Vec<Attempt>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attempt {
    number: i64,
    date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<i64>,
    duration_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<String>,
}

impl Message {
    pub(crate) fn shape(row: rows::Message) -> Self {
        Self {
            id: row.id,
            webhook_id: row.webhook_id,
            event_type: row.event_type,
            company_id: row.company_id,
            status: row.state,
            test: row.event_id == 0,
            attempt_count: row.attempts,
            generated_date: time(row.created),
            next_attempt: row.next_at.map(time),
            settled_date: row.settled.map(time),
            body: None,
            attempts: None,
        }
    }

    pub(crate) fn whole(
        row: rows::Message,
        body: Option<String>,
        attempts: Vec<rows::Attempt>,
    ) -> Self {
        let attempts = attempts
            .into_iter()
            .map(|attempt| Attempt {
                number: attempt.number,
                date: time(attempt.at),
                status_code: attempt.status,
                duration_ms: attempt.duration_ms,
                error: attempt.error,
                response: attempt.answer,
            })
            .collect();
        Self {
            body: body.and_then(|text| serde_json::from_str(&text).ok()),
            attempts: Some(attempts),
            ..Self::shape(row)
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventTypeOut {
    pub(crate) name: String,
    pub(crate) description: &'static str,
    pub(crate) sample: Value,
}

#[derive(Debug, Serialize)]
pub(crate) struct Resent {
    pub(crate) resent: i64,
}
