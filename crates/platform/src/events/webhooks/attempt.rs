//! One attempt to deliver one message, and its effect on the message and its consumer.

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use egress::{EgressError, HeaderMap, HeaderValue, Obstacle, Request, Response, header};

use super::consumer::Consumer;
use super::{body, schedule, signature};
use crate::app::App;
use crate::app::metrics::{AttemptLabels, AttemptOutcome};
use crate::change::Change;
use crate::events::{DisabledWebhook, Event};
use store::clock::Clock;
use store::messages::{self, Attempt, Message};
use store::model::{Actor, MessageState};
use store::{StoreError, webhooks};

/// Bytes of an answer's body that are kept.
const ANSWER: usize = 1_024;

/// A failure that comes this long after the one before begins a new series of failures.
const NEW_SERIES: TimeDelta = TimeDelta::hours(24);

/// The effect of an attempt on the consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Nothing,
    /// It was paused, disabled or deleted, and has to be read again before anything else is sent.
    Changed,
}

/// Sends a message once and records the attempt.
///
/// # Errors
/// Nothing was recorded: the message still waits.
pub(super) async fn make(
    app: &App,
    consumer: &Arc<Consumer>,
    message: Message,
) -> Result<Effect, StoreError> {
    let at = app.clock.now();
    let Some(body) = body::body(app, &message).await? else {
        return give_up(app, message, at, "the event is no longer kept").await;
    };
    if message.attempts == 0 && matches!(app.clock, Clock::System) {
        let delay = (at - message.created).to_std().unwrap_or_default();
        app.metrics
            .webhook_delay_seconds
            .observe(delay.as_secs_f64());
    }
    let began = Instant::now();
    let answer = match &consumer.url {
        Some(url) => {
            let mut request = Request::post(url.clone(), body.clone());
            request.headers = head(consumer, &message, at, body.as_bytes());
            // A consumer knows a message by its id, and a connection for each would cost more than the message.
            request.repeatable = true;
            consumer.door.send_for_status(request, ANSWER).await
        }
        None => Err(EgressError::Unreachable {
            host: "a URL that can't be read".into(),
            why: Obstacle::NoAddress,
        }),
    };
    let took = began.elapsed();
    app.metrics.webhook_seconds.observe(took.as_secs_f64());
    let outcome = match &answer {
        Ok(response) if response.status.is_success() => AttemptOutcome::Delivered,
        Ok(_) => AttemptOutcome::Refused,
        Err(_) => AttemptOutcome::NoAnswer,
    };
    app.metrics
        .webhook_attempts
        .get_or_create(&AttemptLabels { outcome })
        .inc();
    let attempt = Attempt {
        number: message.attempts + 1,
        at,
        status: answer
            .as_ref()
            .ok()
            .map(|response| i64::from(response.status.as_u16())),
        duration_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
        error: match &answer {
            Ok(response) => redirect_of(response),
            Err(error) => Some(error.to_string()),
        },
        answer: answer
            .as_ref()
            .ok()
            .filter(|response| !response.body.is_empty())
            .map(|response| readable(&response.body)),
    };
    settle(app, consumer, message, attempt, &answer).await
}

/// The headers of an attempt: the consumer's own first, then those that can't be its own.
fn head(consumer: &Consumer, message: &Message, at: DateTime<Utc>, body: &[u8]) -> HeaderMap {
    let mut headers = consumer.headers.clone();
    let (id, timestamp) = (message.id.to_string(), at.timestamp());
    let signature = signature::header(consumer.secrets(at), &id, timestamp, body);
    for (name, value) in [
        ("webhook-id", id),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ] {
        let value = HeaderValue::try_from(value).expect("ids, numbers and base64 are plain ASCII");
        headers.insert(name, value);
    }
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers
}

/// The target of an answer that points elsewhere instead of accepting the message. The query is left out: it may hold a secret.
fn redirect_of(response: &Response) -> Option<String> {
    if !response.status.is_redirection() {
        return None;
    }
    let place = response.headers.get(header::LOCATION)?.to_str().ok()?;
    let place: String = place
        .chars()
        .filter(|letter| !letter.is_control())
        .take(300)
        .collect();
    let place = place.split(['?', '#']).next().unwrap_or_default();
    Some(format!(
        "it points to {place}, and messages are not sent on: give the consumer the URL that takes them"
    ))
}

/// Text that both databases take.
fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .filter(|c| *c != '\0')
        .collect()
}

async fn settle(
    app: &App,
    consumer: &Consumer,
    mut message: Message,
    attempt: Attempt,
    answer: &Result<Response, EgressError>,
) -> Result<Effect, StoreError> {
    let now = app.clock.now();
    message.tries += 1;
    let status = answer.as_ref().ok().map(|response| response.status);
    let delivered = status.is_some_and(|status| status.is_success());
    let gone = status.is_some_and(|status| status.as_u16() == 410);
    let retry_after = answer
        .as_ref()
        .ok()
        .filter(|response| matches!(response.status.as_u16(), 429 | 503))
        .and_then(|response| response.headers.get(header::RETRY_AFTER)?.to_str().ok())
        .and_then(|value| schedule::retry_after(value, now));
    let pause = if delivered || gone {
        None
    } else {
        schedule::pause(message.id, message.tries)
    };
    (message.state, message.next_at) = match pause {
        Some(pause) => {
            let due = now + pause;
            (
                MessageState::Waiting,
                Some(retry_after.map_or(due, |asked| asked.max(due))),
            )
        }
        None if delivered => (MessageState::Delivered, None),
        None => (MessageState::Failed, None),
    };
    message.settled = (message.state != MessageState::Waiting).then_some(now);

    let mut change = Change::begin(app, Actor::Moorline).await?;
    if !messages::settle(&mut change, &message, &attempt).await? {
        // Deleted meanwhile.
        return Ok(Effect::Changed);
    }
    let known = &consumer.row;
    let nothing_new = delivered && known.failing_since.is_none();
    if nothing_new {
        change.commit().await?;
        return Ok(Effect::Nothing);
    }
    let Some(mut row) = webhooks::find_in(&mut change, known.id).await? else {
        return Ok(Effect::Changed);
    };
    // The time at which the row was locked: attempts may lock it in another order than they ended in, and the time of the last
    // failure must not go back.
    let now = app.clock.now();
    change.now = now;
    if delivered {
        (row.failing_since, row.last_failure) = (None, None);
    } else {
        let fresh = row.last_failure.is_none_or(|last| now - last > NEW_SERIES);
        row.failing_since = Some(match row.failing_since {
            Some(since) if !fresh => since,
            _ => now,
        });
        row.last_failure = Some(now);
        row.paused_until = retry_after.or(row.paused_until.filter(|until| *until > now));
    }
    let patience = TimeDelta::hours(i64::from(app.config.webhooks.disable_after_hours));
    let hopeless = row
        .failing_since
        .is_some_and(|since| now - since >= patience);
    let disable = !row.disabled && !delivered && (gone || hopeless);
    if disable {
        let reason = if gone {
            "The consumer answered 410 Gone.".to_owned()
        } else {
            format!(
                "The consumer accepted nothing for {} hours.",
                app.config.webhooks.disable_after_hours
            )
        };
        row.disabled = true;
        row.disabled_reason = Some(reason.clone());
        webhooks::update(&mut change, &row).await?;
        let disabled = DisabledWebhook {
            id: row.id,
            client: row.client_id,
            url: &row.url,
            failing_since: row.failing_since,
        };
        change
            .event(Event::WebhookDisabled(disabled, &reason))
            .await?;
        app.metrics.webhooks_disabled.inc();
        tracing::warn!(webhook = %row.id, reason, "webhook consumer disabled");
    } else {
        webhooks::update(&mut change, &row).await?;
    }
    change.commit().await?;
    if disable || retry_after.is_some() {
        return Ok(Effect::Changed);
    }
    Ok(Effect::Nothing)
}

async fn give_up(
    app: &App,
    mut message: Message,
    at: DateTime<Utc>,
    why: &str,
) -> Result<Effect, StoreError> {
    let attempt = Attempt {
        number: message.attempts + 1,
        at,
        status: None,
        duration_ms: 0,
        error: Some(why.to_owned()),
        answer: None,
    };
    message.tries += 1;
    (message.state, message.next_at) = (MessageState::Failed, None);
    message.settled = Some(at);
    let mut tx = app.db.write().await?;
    messages::settle(&mut tx, &message, &attempt).await?;
    tx.commit().await?;
    Ok(Effect::Nothing)
}
