//! Webhooks: consumers, and the signed delivery of messages to them, with retries.
//!
//! An event becomes a message to each consumer that subscribes to it, in the transaction that caused it
//! (`crate::events::fanout`). From there on a message is delivered at least once: one that is in flight when a process dies is
//! sent again by the next, with the same `webhook-id`.

mod attempt;
mod body;
mod consumer;
mod consumers;
mod deliveries;
mod dispatch;
mod replay;
pub mod samples;
mod schedule;
mod signature;

pub use body::body;
pub use consumers::{Certificate, Changes, create, delete, find, rotate_secret, secret, update};
pub use dispatch::deliver;
pub use replay::{Replay, names, resend, resend_range, send_test};

use chrono::TimeDelta;
use uuid::Uuid;

use crate::app::App;
use crate::credentials::vault::VaultError;
use store::StoreError;
use store::model::WebhookId;
use store::model::webhook::{MAX_WEBHOOKS, UnknownEventType};

#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("there is no webhook consumer {0}")]
    NoWebhook(WebhookId),
    #[error("the consumer has no message {0}")]
    NoMessage(Uuid),
    #[error("a client can have at most {MAX_WEBHOOKS} webhook consumers; delete one first")]
    TooMany,
    #[error(transparent)]
    UnknownEventType(#[from] UnknownEventType),
    /// A value that can't be used: its field, and what would be right.
    #[error("{field}: {message}")]
    Invalid {
        field: &'static str,
        message: String,
    },
}

fn invalid(field: &'static str, message: impl Into<String>) -> WebhookError {
    WebhookError::Invalid {
        field,
        message: message.into(),
    }
}

/// A chore: deletes messages that were kept long enough, and measures the queue of the others.
pub(crate) async fn chores(app: &App) -> Result<(), StoreError> {
    let before = app.clock.now() - TimeDelta::days(i64::from(app.config.webhooks.keep_days));
    loop {
        let mut tx = app.db.write().await?;
        let swept = store::messages::sweep(&mut tx, before).await?;
        tx.commit().await?;
        if swept < 1_000 {
            break;
        }
    }
    let depth = store::messages::depth(&app.db).await?;
    let gauge = |state| {
        app.metrics
            .webhook_messages
            .get_or_create(&crate::app::metrics::MessageLabels { state })
            .clone()
    };
    gauge(crate::app::metrics::WaitingState::Waiting).set(depth.waiting);
    gauge(crate::app::metrics::WaitingState::Retrying).set(depth.retrying);
    Ok(())
}
