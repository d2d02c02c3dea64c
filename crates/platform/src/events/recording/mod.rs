//! One function for each kind of event, which makes its payload and records it.

mod clients;
mod companies;
mod connections;
mod data;

pub use clients::{DisabledWebhook, Quota};
pub(super) use clients::{of_rate_limit, webhook_disabled};
pub use companies::ProductChange;
pub(super) use companies::{of_company, of_data_request, of_product, platform_requested};
pub(super) use connections::{
    additional_consent, consent_required, credential_expiring, grant_ended, of_connection,
    of_token_refresh, times_changed,
};
pub use data::Write;
pub(super) use data::{of_batch, of_data, of_write, sync_paused};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::fanout;
use store::clock::new_id;
use store::connections::Connection;
use store::events::{NewEvent, insert};
use store::model::{Actor, ClientId, EventType};
use store::{StoreError, Tx};

/// Inserts an event, and the messages to the consumers that subscribe to it. Every function below ends here.
async fn record(tx: &mut Tx, event: NewEvent) -> Result<(), StoreError> {
    let number = insert(tx, &event).await?;
    fanout::to_subscribers(tx, number, &event).await
}

fn event(
    client_id: ClientId,
    kind: EventType,
    payload: &Value,
    actor: Actor,
    now: DateTime<Utc>,
) -> NewEvent {
    NewEvent {
        uid: new_id(now),
        client_id,
        company_id: None,
        connection_id: None,
        kind,
        data_type: None,
        occurred: now,
        actor,
        reason: None,
        from_status: None,
        to_status: None,
        payload: payload.to_string(),
    }
}

fn event_at(
    connection: &Connection,
    kind: EventType,
    payload: &Value,
    actor: Actor,
    now: DateTime<Utc>,
) -> NewEvent {
    NewEvent {
        company_id: Some(connection.company_id),
        connection_id: Some(connection.id),
        ..event(connection.client_id, kind, payload, actor, now)
    }
}
