//! Messages sent again, and test messages.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::body::envelope;
use super::{WebhookError, invalid, samples};
use crate::app::App;
use crate::change::Change;
use crate::events::fanout::{self, Filters};
use store::clock::new_id;
use store::messages::{self, Message, Missed, Range};
use store::model::company::Tags;
use store::model::webhook::EventFilter;
use store::model::{Actor, MessageState};
use store::webhooks::Webhook;
use store::{StoreError, Tx, companies};

/// Sends one message again, whatever its state.
///
/// # Errors
/// The consumer is disabled, or has no such message.
pub async fn resend(app: &App, webhook: &Webhook, message: Uuid) -> Result<(), WebhookError> {
    must_be_enabled(webhook)?;
    let mut change = Change::begin(app, Actor::Client).await?;
    let now = change.now;
    if !messages::resend(&mut change, webhook.id, message, now).await? {
        return Err(WebhookError::NoMessage(message));
    }
    change.commit().await?;
    Ok(())
}

/// The part of a consumer's past that is sent again.
#[derive(Clone, Debug)]
pub struct Replay {
    pub from: DateTime<Utc>,
    /// Not itself included; none means now.
    pub to: Option<DateTime<Utc>>,
    /// Only messages in this state.
    pub state: Option<MessageState>,
    /// Only events that this name or pattern matches.
    pub event_type: Option<EventFilter>,
    /// Also events that never became a message to this consumer, though it subscribes to such events: those that happened while it
    /// was disabled, before it was made, or before it subscribed.
    pub missed: bool,
}

/// Sends the messages of a time again. Returns their number.
///
/// # Errors
/// The consumer is disabled, or the time ends before it begins.
pub async fn resend_range(
    app: &App,
    webhook: &Webhook,
    replay: &Replay,
) -> Result<i64, WebhookError> {
    must_be_enabled(webhook)?;
    let now = app.clock.now();
    let to = replay.to.unwrap_or(now).min(now);
    if replay.from >= to {
        return Err(invalid(
            "from",
            "The time from `from` to `to` must not be empty, and can't begin in the future.",
        ));
    }
    let mut range = Range {
        state: replay.state,
        event_type: None,
        from: Some(replay.from),
        to: Some(to),
    };
    let mut number = 0;
    match &replay.event_type {
        None => number += resend_in(app, webhook, &range).await?,
        Some(filter) => {
            for name in samples::names().filter(|name| filter.matches(name)) {
                range.event_type = Some(name);
                number += resend_in(app, webhook, &range).await?;
            }
        }
    }
    if replay.missed {
        number += send_missed(app, webhook, replay, to).await?;
    }
    Ok(number)
}

async fn resend_in(app: &App, webhook: &Webhook, range: &Range) -> Result<i64, StoreError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    let now = change.now;
    let number = messages::resend_range(&mut change, webhook.id, range, now).await?;
    change.commit().await?;
    Ok(number)
}

async fn send_missed(
    app: &App,
    webhook: &Webhook,
    replay: &Replay,
    to: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let filters = Filters::read(&webhook.event_types, &webhook.company_tags);
    let (mut number, mut after) = (0, 0);
    loop {
        let mut change = Change::begin(app, Actor::Client).await?;
        let missed = messages::missed(
            &mut change,
            webhook.client_id,
            webhook.id,
            replay.from,
            to,
            after,
        )
        .await?;
        let Some(last) = missed.last() else {
            return Ok(number);
        };
        after = last.id;
        for event in &missed {
            let name = event.kind.name(event.data_type.as_deref());
            let wanted = replay
                .event_type
                .as_ref()
                .is_none_or(|filter| filter.matches(&name));
            if !wanted || !filters.match_event(&name) {
                continue;
            }
            if !filters.match_any_company()
                && !filters.match_company(&tags_of(&mut change, event).await?)
            {
                continue;
            }
            let message = message_of(webhook, event, name, change.now);
            messages::insert(&mut change, &message).await?;
            number += 1;
        }
        change.commit().await?;
    }
}

/// The company's tags as they are now, or as they were at the event if the company is gone.
async fn tags_of(tx: &mut Tx, event: &Missed) -> Result<Tags, StoreError> {
    let Some(company) = event.company_id else {
        return Ok(Tags::new());
    };
    if companies::find_in(tx, company).await?.is_some() {
        return companies::tags_in(tx, company).await;
    }
    let payload: Value = serde_json::from_str(&event.payload).unwrap_or_default();
    let tags = match payload.get("referenceCompany") {
        Some(reference) => reference.get("tags"),
        None => payload.get("tags"),
    };
    Ok(tags
        .and_then(|tags| serde_json::from_value(tags.clone()).ok())
        .unwrap_or_default())
}

fn message_of(webhook: &Webhook, event: &Missed, name: String, now: DateTime<Utc>) -> Message {
    Message {
        webhook_id: webhook.id,
        id: event.uid,
        event_id: event.id,
        body: None,
        event_type: name,
        company_id: event.company_id,
        lane: event
            .connection_id
            .map(|id| id.0)
            .or(event.company_id.map(|id| id.0))
            .unwrap_or(event.uid),
        state: MessageState::Waiting,
        attempts: 0,
        tries: 0,
        next_at: Some(now),
        created: event.occurred,
        settled: None,
    }
}

/// Sends an event that didn't happen, with sample values. `event_type` is a whole name; none means the first that the consumer
/// subscribes to.
///
/// # Errors
/// The consumer is disabled, or there is no such event type.
pub async fn send_test(
    app: &App,
    webhook: &Webhook,
    event_type: Option<&str>,
) -> Result<Message, WebhookError> {
    must_be_enabled(webhook)?;
    let filters = Filters::read(&webhook.event_types, &webhook.company_tags);
    let name = match event_type {
        Some(name) => name.to_owned(),
        None => samples::names()
            .find(|name| filters.match_event(name))
            .ok_or_else(|| {
                invalid(
                    "eventType",
                    "The consumer subscribes to no event type; name one.",
                )
            })?,
    };
    let now = app.clock.now();
    let payload = samples::payload(&name).ok_or_else(|| {
        let name: String = name.chars().take(100).collect();
        invalid(
            "eventType",
            format!("'{name}' is not an event type; GET /webhooks/eventTypes lists them."),
        )
    })?;
    let id = new_id(now);
    let message = Message {
        webhook_id: webhook.id,
        id,
        event_id: 0,
        body: Some(envelope(id, &name, now, &payload)),
        event_type: name,
        company_id: None,
        lane: id,
        state: MessageState::Waiting,
        attempts: 0,
        tries: 0,
        next_at: Some(now),
        created: now,
        settled: None,
    };
    let mut change = Change::begin(app, Actor::Client).await?;
    messages::insert(&mut change, &message).await?;
    change.commit().await?;
    Ok(message)
}

fn must_be_enabled(webhook: &Webhook) -> Result<(), WebhookError> {
    if webhook.disabled {
        return Err(invalid(
            "webhookId",
            "The consumer is disabled, so nothing would be sent; enable it first.",
        ));
    }
    Ok(())
}

/// The names in a column that holds a JSON array of text.
pub fn names(column: &str) -> Vec<String> {
    fanout::list(column)
}
