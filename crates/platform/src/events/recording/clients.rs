//! Events of clients: their quotas and webhook consumers.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{event, record};
use store::events::NewEvent;
use store::model::{Actor, ClientId, EventType, WebhookId};
use store::{StoreError, Tx};

/// A client's quota of requests for the day.
pub struct Quota {
    /// Requests a day.
    pub daily: i64,
    pub remaining: i64,
    /// The time at which the quota is renewed.
    pub expires: DateTime<Utc>,
}

/// Records that a client's quota for the day is used up (`RateLimitReached`) or renewed (`RateLimitReset`).
pub(in crate::events) async fn of_rate_limit(
    tx: &mut Tx,
    client: ClientId,
    kind: EventType,
    quota: &Quota,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = json!({
        "dailyQuota": quota.daily,
        "quotaRemaining": quota.remaining,
        "expiryDate": quota.expires,
    });
    record(tx, event(client, kind, &payload, Actor::Moorline, now)).await
}

/// A consumer that was disabled: no message is sent to it.
pub struct DisabledWebhook<'a> {
    pub id: WebhookId,
    pub client: ClientId,
    pub url: &'a str,
    pub failing_since: Option<DateTime<Utc>>,
}

/// Records that a consumer was disabled for its answers.
pub(in crate::events) async fn webhook_disabled(
    tx: &mut Tx,
    webhook: &DisabledWebhook<'_>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = json!({
        "id": webhook.id,
        "url": webhook.url,
        "reason": reason,
        "failingSince": webhook.failing_since,
        "disabledOnDate": now,
    });
    let kind = EventType::WebhookDisabled;
    let new = NewEvent {
        reason: Some(reason.to_owned()),
        ..event(webhook.client, kind, &payload, Actor::Moorline, now)
    };
    record(tx, new).await
}
