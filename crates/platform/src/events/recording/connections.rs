//! Events of connections, their grants and their customers' consent.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{event, event_at, record};
use crate::connecting::machines::Times;
use crate::disclosure::Missing;
use crate::disclosure::additional::Asked;
use crate::events::payload;
use store::connections::Connection;
use store::events::NewEvent;
use store::held::Held;
use store::model::event::Expiring;
use store::model::{Actor, ConnectionStatus, EventType};
use store::{StoreError, Tx};

/// Records something that happened to a connection. `from` is its status before; `connection.status` the one after.
pub(in crate::events) async fn of_connection(
    tx: &mut Tx,
    connection: &Connection,
    kind: EventType,
    from: Option<ConnectionStatus>,
    actor: Actor,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = payload::connection(tx, connection).await?;
    let new = NewEvent {
        reason: reason.map(str::to_owned),
        from_status: from,
        to_status: Some(connection.status),
        ..event_at(connection, kind, &payload, actor, now)
    };
    record(tx, new).await
}

/// Records that a connection's access token can't be renewed (`TokenRefreshFailing`, once per degradation, not per try) or
/// can again (`TokenRefreshRecovered`). `since` is the time of the first failure.
pub(in crate::events) async fn of_token_refresh(
    tx: &mut Tx,
    connection: &Connection,
    kind: EventType,
    since: DateTime<Utc>,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut payload = payload::connection(tx, connection).await?;
    payload["failingSince"] = json!(since);
    payload["reason"] = json!(reason);
    let new = NewEvent {
        reason: reason.map(str::to_owned),
        ..event_at(connection, kind, &payload, Actor::Platform, now)
    };
    record(tx, new).await
}

/// Records, once per grant and warning, that a grant will end.
pub(in crate::events) async fn credential_expiring(
    tx: &mut Tx,
    connection: &Connection,
    what: Expiring,
    expires: DateTime<Utc>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut payload = payload::connection(tx, connection).await?;
    payload["expiring"] = json!(what);
    payload["expiryDate"] = json!(expires);
    payload["daysLeft"] = json!((expires - now).num_days().max(0));
    let kind = EventType::CredentialExpiring;
    let new = NewEvent {
        reason: Some(reason.to_owned()),
        ..event_at(connection, kind, &payload, Actor::Moorline, now)
    };
    record(tx, new).await
}

/// Records that a grant has ended. Its connection, and its company, may be gone.
pub(in crate::events) async fn grant_ended(
    tx: &mut Tx,
    grant: &Held,
    remedy: Option<&str>,
    actor: Actor,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = json!({
        "referenceCompany": payload::reference(tx, grant.company_id).await?,
        "connectionId": grant.connection_id,
        "grant": {
            "id": grant.id,
            "integrationKey": grant.integration_key,
            "platformName": grant.platform_name,
            "accountName": grant.account_name,
            "origin": grant.origin,
            "begun": grant.begun,
            "state": grant.state,
            "ended": grant.ended,
            "reason": grant.reason,
            "answer": { "status": grant.answer_status, "error": grant.answer },
            "remedy": remedy,
        },
    });
    let new = NewEvent {
        company_id: Some(grant.company_id),
        connection_id: Some(grant.connection_id),
        reason: Some(reason.to_owned()),
        ..event(grant.client_id, EventType::GrantEnded, &payload, actor, now)
    };
    record(tx, new).await
}

/// Records, once for each difference, that more is wanted of a connection than its customer agreed to.
pub(in crate::events) async fn consent_required(
    tx: &mut Tx,
    connection: &Connection,
    missing: &Missing,
    actor: Actor,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut payload = payload::connection(tx, connection).await?;
    payload["missing"] = json!(missing);
    payload["reason"] = json!(reason);
    let kind = EventType::ConsentRequired;
    let new = NewEvent {
        reason: Some(reason.to_owned()),
        ..event_at(connection, kind, &payload, actor, now)
    };
    record(tx, new).await
}

/// Records a customer's answer to the question for a further purpose, with the words that were shown.
pub(in crate::events) async fn additional_consent(
    tx: &mut Tx,
    connection: &Connection,
    kind: EventType,
    asked: &Asked,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut payload = payload::connection(tx, connection).await?;
    payload["additionalConsent"] = json!(asked);
    record(tx, event_at(connection, kind, &payload, actor, now)).await
}

/// Records that a machine may be asked at other times from now on.
pub(in crate::events) async fn times_changed(
    tx: &mut Tx,
    connection: &Connection,
    times: &Times,
    actor: Actor,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut payload = payload::connection(tx, connection).await?;
    payload["pausedUntil"] = json!(times.paused_until);
    payload["hours"] = json!(times.hours);
    payload["reason"] = json!(reason);
    let kind = EventType::TimesChanged;
    let new = NewEvent {
        reason: Some(reason.to_owned()),
        ..event_at(connection, kind, &payload, actor, now)
    };
    record(tx, new).await
}
