//! What a message says, and saying it again.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{WebhookError, invalid, samples};
use crate::app::App;
use crate::connecting;
use crate::events::fanout::{self, Wishes};
use store::clock::new_id;
use store::messages::{self, Message, Missed, Range};
use store::model::company::Tags;
use store::model::webhook::EventFilter;
use store::model::{CompanyId, ConnectionId, MessageState};
use store::webhooks::Webhook;
use store::{StoreError, Tx, companies};

/// The body of a message: the contract's envelope. None where its event is no longer kept.
///
/// Addresses are put in here, not when the event was recorded: they carry one-time passwords that are good for a day, and a
/// message may be sent later than that. So two attempts of one message can differ in them.
pub async fn body(app: &App, message: &Message) -> Result<Option<String>, StoreError> {
    if let Some(body) = &message.body {
        return Ok(Some(body.clone()));
    }
    let Some(content) = messages::content(&app.db, message.event_id).await? else {
        return Ok(None);
    };
    let mut payload: Value = serde_json::from_str(&content.payload)
        .map_err(|_| StoreError::Corrupt("an event's payload is no JSON".into()))?;
    if let Some(company) = message.company_id {
        put_addresses(app, &message.event_type, company, &mut payload);
    }
    Ok(Some(envelope(
        message.id,
        &message.event_type,
        content.occurred,
        &payload,
    )))
}

fn envelope(id: Uuid, event_type: &str, at: DateTime<Utc>, payload: &Value) -> String {
    json!({ "id": id, "eventType": event_type, "generatedDate": at, "payload": payload })
        .to_string()
}

fn put_addresses(app: &App, event_type: &str, company: CompanyId, payload: &mut Value) {
    if let Some(Value::Object(reference)) = payload.get_mut("referenceCompany") {
        let portal = format!("{}/companies/{company}", app.config.origin());
        reference.insert("links".into(), json!({ "portal": portal }));
    }
    if let Some(Value::Object(connection)) = payload.get_mut("connection")
        && let Some(id) = connection
            .get("id")
            .and_then(Value::as_str)
            .and_then(|id| id.parse::<ConnectionId>().ok())
    {
        let url = connecting::link_url_of(app, company, id);
        connection.insert("linkUrl".into(), json!(url));
    }
    // What validation said of a pull is recorded with its path.
    let pulled = payload.get_mut("dataTypes").and_then(Value::as_array_mut);
    for one in pulled.into_iter().flatten() {
        let issues = one.get_mut("issues").and_then(Value::as_array_mut);
        for logs in issues
            .into_iter()
            .flatten()
            .filter_map(|issue| issue.pointer_mut("/links/logs"))
        {
            if let Some(path) = logs.as_str().filter(|path| path.starts_with('/')) {
                *logs = json!(format!("{}{path}", app.config.origin()));
            }
        }
    }
    let is_company = matches!(
        event_type,
        "company.created" | "company.updated" | "company.deleted"
    );
    if is_company && let Value::Object(details) = payload {
        let url = connecting::company_url(app, company);
        details.insert("redirect".into(), json!(url));
    }
}

/// Sends one message again, whatever became of it.
pub async fn resend(app: &App, webhook: &Webhook, message: Uuid) -> Result<(), WebhookError> {
    must_be_enabled(webhook)?;
    let mut tx = app.db.write().await?;
    if !messages::resend(&mut tx, webhook.id, message, app.clock.now()).await? {
        return Err(WebhookError::NoMessage(message));
    }
    tx.commit().await?;
    Ok(())
}

/// A part of a consumer's past.
#[derive(Clone, Debug)]
pub struct Replay {
    pub from: DateTime<Utc>,
    /// Not itself included; none is now.
    pub to: Option<DateTime<Utc>>,
    /// Only messages of which this became.
    pub state: Option<MessageState>,
    /// Only events that this names, patterns included.
    pub event_type: Option<EventFilter>,
    /// Also what was never a message to this consumer, though it asks for such events: what happened while it was disabled,
    /// before it was made, or before it asked.
    pub missed: bool,
}

/// Sends what happened in a time again. Returns how many messages.
pub async fn resend_range(
    app: &App,
    webhook: &Webhook,
    replay: &Replay,
) -> Result<i64, WebhookError> {
    must_be_enabled(webhook)?;
    let now = app.clock.now();
    let to = replay.to.unwrap_or(now).min(now);
    if replay.from >= to {
        return Err(invalid("from", "The time ends before it begins."));
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
    let mut tx = app.db.write().await?;
    let number = messages::resend_range(&mut tx, webhook.id, range, app.clock.now()).await?;
    tx.commit().await?;
    Ok(number)
}

async fn send_missed(
    app: &App,
    webhook: &Webhook,
    replay: &Replay,
    to: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let wishes = Wishes::read(&webhook.event_types, &webhook.company_tags);
    let (mut number, mut after) = (0, 0);
    loop {
        let mut tx = app.db.write().await?;
        let missed = messages::missed(
            &mut tx,
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
            let asked = replay
                .event_type
                .as_ref()
                .is_none_or(|filter| filter.matches(&name));
            if !asked || !wishes.name(&name) {
                continue;
            }
            if !wishes.any_company() && !wishes.company(&tags_of(&mut tx, event).await?) {
                continue;
            }
            messages::insert(&mut tx, &message_of(app, webhook, event, name)).await?;
            number += 1;
        }
        tx.commit().await?;
    }
}

/// The company's tags as they are; those of then where it is gone.
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

fn message_of(app: &App, webhook: &Webhook, event: &Missed, name: String) -> Message {
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
        next_at: Some(app.clock.now()),
        created: event.occurred,
        settled: None,
    }
}

/// Sends an event that didn't happen, with sample values. `event_type` is a whole name; none is the first that the consumer
/// asks for.
pub async fn send_test(
    app: &App,
    webhook: &Webhook,
    event_type: Option<&str>,
) -> Result<Message, WebhookError> {
    must_be_enabled(webhook)?;
    let wishes = Wishes::read(&webhook.event_types, &webhook.company_tags);
    let name = match event_type {
        Some(name) => name.to_owned(),
        None => samples::names()
            .find(|name| wishes.name(name))
            .ok_or_else(|| invalid("eventType", "The consumer asks for no event type."))?,
    };
    let now = app.clock.now();
    let payload = samples::payload(&name).ok_or_else(|| {
        let name: String = name.chars().take(100).collect();
        invalid(
            "eventType",
            format!("'{name}' is no event type; GET /webhooks/eventTypes lists them."),
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
    let mut tx = app.db.write().await?;
    messages::insert(&mut tx, &message).await?;
    tx.commit().await?;
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
