//! A consumer's messages: the list, and one with its attempts.

use anyhow::Context;
use serde_json::{Value, json};

use crate::cli::operating::{Shown, print_all};
use platform::app::App;
use platform::events::webhooks;
use store::messages::{self, Message, Range};
use store::model::{ClientId, MessageState, WebhookId};
use uuid::Uuid;

pub(super) async fn list(
    app: &App,
    client: ClientId,
    id: WebhookId,
    range: &Range,
    limit: i64,
    json: bool,
) -> anyhow::Result<()> {
    let webhook = webhooks::find(app, client, id).await?;
    let slice = messages::list(&app.db, webhook.id, range, limit, 0).await?;
    if json {
        let all: Vec<Shown> = slice.rows.iter().map(shown).collect();
        print_all(&all, true);
        return Ok(());
    }
    for message in &slice.rows {
        println!("{}", summary(message));
    }
    println!("{} of {}", slice.rows.len(), slice.total);
    Ok(())
}

fn shown(message: &Message) -> Shown {
    Shown::default()
        .with("id", message.id)
        .with("eventType", &message.event_type)
        .with("created", message.created)
        .with("status", message.state)
        .with("attempts", message.attempts)
        .with("next", message.next_at)
}

/// One line: id, time, state, attempts, event type, and the time of the next attempt.
fn summary(message: &Message) -> String {
    let next = message
        .next_at
        .map(|at| format!("  next {}", at.format("%Y-%m-%dT%H:%M:%SZ")))
        .unwrap_or_default();
    format!(
        "{}  {}  {:9}  {} attempts  {}{next}",
        message.id,
        message.created.format("%Y-%m-%dT%H:%M:%SZ"),
        message.state,
        message.attempts,
        message.event_type
    )
}

pub(super) async fn inspect(
    app: &App,
    client: ClientId,
    id: WebhookId,
    message: Uuid,
    json: bool,
) -> anyhow::Result<()> {
    let webhook = webhooks::find(app, client, id).await?;
    let found = messages::get(&app.db, webhook.id, message)
        .await?
        .with_context(|| format!("the consumer has no message {message}; `moorline webhooks messages {id}` lists those it has"))?;
    let body = webhooks::body(app, &found).await?;
    let body: Option<Value> = body.map(|body| serde_json::from_str(&body)).transpose()?;
    if json {
        let attempts = messages::attempts(&app.db, webhook.id, message).await?;
        let attempts = attempts.into_iter().map(|attempt| {
            json!({
                "number": attempt.number,
                "at": attempt.at,
                "durationMs": attempt.duration_ms,
                "status": attempt.status,
                "error": attempt.error,
                "answer": attempt.answer,
            })
        });
        let shown = shown(&found)
            .with("attempted", attempts.collect::<Vec<_>>())
            .with("body", body);
        println!("{:#}", shown.json());
        return Ok(());
    }
    println!("{}", summary(&found));
    for attempt in messages::attempts(&app.db, webhook.id, message).await? {
        let outcome = match (&attempt.error, attempt.status) {
            (Some(error), Some(status)) => format!("{status}: {error}"),
            (Some(error), None) => error.clone(),
            (None, Some(status)) => status.to_string(),
            (None, None) => String::new(),
        };
        println!(
            "{:3}  {}  {} ms  {outcome}",
            attempt.number,
            attempt.at.format("%Y-%m-%dT%H:%M:%SZ"),
            attempt.duration_ms
        );
        if let Some(answer) = attempt.answer {
            println!("     {}", answer.escape_debug());
        }
    }
    match body {
        Some(body) => println!("{body:#}"),
        None => println!("Its body is no longer kept."),
    }
    Ok(())
}

pub(super) fn parse_state(text: Option<&str>) -> anyhow::Result<Option<MessageState>> {
    text.map(|text| {
        MessageState::from_word(text).with_context(|| {
            format!("unknown status '{text}'. Valid values: waiting, delivered, failed")
        })
    })
    .transpose()
}
