//! Events, recorded in the transaction that makes them happen.
//!
//! A payload is the contract's webhook payload without its addresses: those carry one-time passwords, which are made when a
//! message is sent and are stored nowhere.

pub mod change;
mod fanout;
pub mod live;
pub(crate) mod nodes;
pub mod outbox;
mod payload;
pub mod webhooks;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::disclosure::Missing;
use store::clock::new_id;
use store::companies::Company;
use store::connections::Connection;
use store::data_requests::DataRequest;
use store::datasets::Dataset;
use store::events::{NewEvent, insert};
use store::held::Held;
use store::model::event::Expiring;
use store::model::{
    Actor, ClientId, ConnectionId, ConnectionStatus, DatasetStatus, EventType, WebhookId,
};
use store::{StoreError, Tx};

/// Something that happened, to be recorded through a [`Change`](crate::change::Change).
pub enum Event<'a> {
    /// To a company itself. A deleted company's event is written before its rows go.
    Company(&'a Company, EventType),
    /// `CompanyProductAdded` or `CompanyProductRemoved`.
    Product(&'a Company, EventType, ProductChange<'a>),
    /// `DataRequestCreated` or `DataRequestAnswered`.
    DataRequest(&'a DataRequest, EventType),
    /// A company's people have said which platform they use, that isn't on offer.
    PlatformRequested(&'a Company, &'a str),
    /// To a connection, whose status was `from` before.
    Connection {
        connection: &'a Connection,
        kind: EventType,
        from: Option<ConnectionStatus>,
        reason: Option<&'a str>,
    },
    /// An access token can't be renewed (`TokenRefreshFailing`, once per degradation, not per try), or can again
    /// (`TokenRefreshRecovered`).
    TokenRefresh {
        connection: &'a Connection,
        kind: EventType,
        /// The time of the first failure.
        since: DateTime<Utc>,
        reason: Option<&'a str>,
    },
    /// A grant will end; once per grant and warning.
    CredentialExpiring {
        connection: &'a Connection,
        what: Expiring,
        expires: DateTime<Utc>,
        reason: &'a str,
    },
    /// A grant has come to its end; `remedy` is what the company's own people can do about one that isn't proven.
    GrantEnded {
        grant: &'a Held,
        remedy: Option<&'a str>,
        reason: &'a str,
    },
    /// Pulling a data type waits until `next_attempt`.
    SyncPaused {
        connection: &'a Connection,
        data_type: &'a str,
        reason: &'a str,
        next_attempt: DateTime<Utc>,
    },
    /// Data pulled through a connection will be deleted at `expires`, or was (`DataDeleted`).
    Data {
        connection: &'a Connection,
        kind: EventType,
        expires: DateTime<Utc>,
        reason: &'a str,
    },
    /// More is wanted of a connection than its customer agreed to, or its platform allowed; once for each difference.
    ConsentRequired {
        connection: &'a Connection,
        missing: &'a Missing,
        reason: &'a str,
    },
    /// A write to a platform ended: `{dataType}.write.successful` if its status is `Success`, else `.unsuccessful`.
    Write(&'a Connection, Write<'a>, Option<&'a str>),
    /// A client's quota for the day is used up (`RateLimitReached`) or renewed (`RateLimitReset`).
    RateLimit(ClientId, EventType, Quota),
    /// A consumer was disabled for its answers, with the reason.
    WebhookDisabled(DisabledWebhook<'a>, &'a str),
    /// All pulls that were queued together have ended: one event for each connection, since each has a history of its own.
    Batch(&'a [Dataset]),
}

impl Event<'_> {
    /// Records the event in a transaction of the caller's, with the messages to webhook consumers. For parts that the App stands on;
    /// everything else has a [`Change`](crate::change::Change).
    pub(crate) async fn record(
        self,
        tx: &mut Tx,
        actor: Actor,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Company(company, kind) => of_company(tx, company, kind, actor, now).await,
            Self::Product(company, kind, change) => {
                of_product(tx, company, kind, &change, actor, now).await
            }
            Self::DataRequest(request, kind) => {
                of_data_request(tx, request, kind, actor, now).await
            }
            Self::PlatformRequested(company, platform) => {
                platform_requested(tx, company, platform, actor, now).await
            }
            Self::Connection {
                connection,
                kind,
                from,
                reason,
            } => of_connection(tx, connection, kind, from, actor, reason, now).await,
            Self::TokenRefresh {
                connection,
                kind,
                since,
                reason,
            } => of_token_refresh(tx, connection, kind, since, reason, now).await,
            Self::CredentialExpiring {
                connection,
                what,
                expires,
                reason,
            } => credential_expiring(tx, connection, what, expires, reason, now).await,
            Self::GrantEnded {
                grant,
                remedy,
                reason,
            } => grant_ended(tx, grant, remedy, actor, reason, now).await,
            Self::SyncPaused {
                connection,
                data_type,
                reason,
                next_attempt,
            } => sync_paused(tx, connection, data_type, reason, next_attempt, now).await,
            Self::Data {
                connection,
                kind,
                expires,
                reason,
            } => of_data(tx, connection, kind, expires, reason, now).await,
            Self::ConsentRequired {
                connection,
                missing,
                reason,
            } => consent_required(tx, connection, missing, actor, reason, now).await,
            Self::Write(connection, write, reason) => {
                of_write(tx, connection, &write, actor, reason, now).await
            }
            Self::RateLimit(client, kind, quota) => {
                of_rate_limit(tx, client, kind, &quota, now).await
            }
            Self::WebhookDisabled(webhook, reason) => {
                webhook_disabled(tx, &webhook, reason, now).await
            }
            Self::Batch(datasets) => of_batch(tx, datasets, now).await,
        }
    }
}

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

/// Records something that happened to a company itself. A deleted company's event is written before its rows go.
async fn of_company(
    tx: &mut Tx,
    company: &Company,
    kind: EventType,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = payload::company(tx, company).await?;
    let new = NewEvent {
        company_id: Some(company.id),
        ..event(company.client_id, kind, &payload, actor, now)
    };
    record(tx, new).await
}

/// A product that a company was given, or that was taken from it.
pub struct ProductChange<'a> {
    pub id: &'a str,
    pub name: &'a str,
    /// The ids of all the company's products after the change.
    pub products: &'a [String],
}

/// Records that a company's products changed: `CompanyProductAdded` or `CompanyProductRemoved`.
async fn of_product(
    tx: &mut Tx,
    company: &Company,
    kind: EventType,
    change: &ProductChange<'_>,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = json!({
        "id": company.id,
        "name": company.name,
        "description": company.description,
        "productId": change.id,
        "productName": change.name,
        "products": change.products,
    });
    let new = NewEvent {
        company_id: Some(company.id),
        ..event(company.client_id, kind, &payload, actor, now)
    };
    record(tx, new).await
}

async fn platform_requested(
    tx: &mut Tx,
    company: &Company,
    platform: &str,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = json!({
        "referenceCompany": payload::reference(tx, company.id).await?,
        "platformName": platform,
        "requestedDate": now,
    });
    let kind = EventType::PlatformRequested;
    let new = NewEvent {
        company_id: Some(company.id),
        ..event(company.client_id, kind, &payload, actor, now)
    };
    record(tx, new).await
}

/// Records that a business asked something about its data, or was answered.
async fn of_data_request(
    tx: &mut Tx,
    request: &DataRequest,
    kind: EventType,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let payload = json!({
        "id": request.id,
        "referenceCompany": payload::reference(tx, request.company_id).await?,
        "kind": request.kind,
        "status": request.status,
        "requestedDate": request.requested,
        "dueDate": request.due,
        "answeredDate": request.answered,
        "note": request.note,
    });
    let new = NewEvent {
        company_id: Some(request.company_id),
        reason: request.note.clone(),
        ..event(request.client_id, kind, &payload, actor, now)
    };
    record(tx, new).await
}

/// Records something that happened to a connection. `from` is its status before; `connection.status` the one after.
async fn of_connection(
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
async fn of_token_refresh(
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
async fn credential_expiring(
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
async fn grant_ended(
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

/// Records that pulling a data type waits until `next_attempt`.
async fn sync_paused(
    tx: &mut Tx,
    connection: &Connection,
    data_type: &str,
    reason: &str,
    next_attempt: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut payload = payload::connection(tx, connection).await?;
    payload["dataType"] = json!(data_type);
    payload["reason"] = json!(reason);
    payload["nextAttempt"] = json!(next_attempt);
    let kind = EventType::SyncPaused;
    let new = NewEvent {
        reason: Some(reason.to_owned()),
        ..event_at(connection, kind, &payload, Actor::Platform, now)
    };
    record(tx, new).await
}

/// Records that data pulled through a connection will be deleted, or was.
async fn of_data(
    tx: &mut Tx,
    connection: &Connection,
    kind: EventType,
    expires: DateTime<Utc>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut payload = payload::connection(tx, connection).await?;
    payload["expiryDate"] = json!(expires);
    payload["reason"] = json!(reason);
    let new = NewEvent {
        reason: Some(reason.to_owned()),
        ..event_at(connection, kind, &payload, Actor::Moorline, now)
    };
    record(tx, new).await
}

/// Records, once for each difference, that more is wanted of a connection than its customer agreed to.
async fn consent_required(
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

/// A write to a platform that has ended.
pub struct Write<'a> {
    /// The push operation's key.
    pub id: Uuid,
    /// `Create`, `Update`, `Delete` or `UploadAttachment`.
    pub change: &'a str,
    pub data_type: &'a str,
    pub requested: DateTime<Utc>,
    pub completed: Option<DateTime<Utc>>,
    /// `Success`, `Failed` or `TimedOut` (or `Pending`, while it is not known).
    pub status: &'a str,
    /// The record at the platform.
    pub record: Option<&'a str>,
    pub attachment: Option<&'a str>,
}

/// Records the end of a write: `{dataType}.write.successful` if its status is `Success`, else `.unsuccessful`.
async fn of_write(
    tx: &mut Tx,
    connection: &Connection,
    write: &Write<'_>,
    actor: Actor,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let kind = match write.status {
        "Success" => EventType::WriteSuccessful,
        _ => EventType::WriteUnsuccessful,
    };
    let payload = json!({
        "id": write.id,
        "type": write.change,
        "referenceCompany": payload::reference(tx, connection.company_id).await?,
        "connectionId": connection.id,
        "requestedOnDate": write.requested,
        "completedOnDate": write.completed,
        "status": write.status,
        "record": write.record.map(|id| json!({ "id": id })),
        "attachmentId": write.attachment,
    });
    let new = NewEvent {
        data_type: Some(write.data_type.to_owned()),
        reason: reason.map(str::to_owned),
        ..event_at(connection, kind, &payload, actor, now)
    };
    record(tx, new).await
}

/// A client's quota of requests for the day.
pub struct Quota {
    /// Requests a day.
    pub daily: i64,
    pub remaining: i64,
    /// The time at which the quota is renewed.
    pub expires: DateTime<Utc>,
}

/// Records that a client's quota for the day is used up (`RateLimitReached`) or renewed (`RateLimitReset`).
async fn of_rate_limit(
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
async fn webhook_disabled(
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

/// Records that all pulls which were queued together have ended: an event for each connection, since each has a history of
/// its own.
async fn of_batch(tx: &mut Tx, datasets: &[Dataset], now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut connections: Vec<ConnectionId> = datasets
        .iter()
        .map(|dataset| dataset.connection_id)
        .collect();
    connections.sort();
    connections.dedup();
    for connection in connections {
        let own: Vec<&Dataset> = datasets
            .iter()
            .filter(|dataset| dataset.connection_id == connection)
            .collect();
        of_connections_batch(tx, &own, now).await?;
    }
    Ok(())
}

/// The contract's `issues` of a pull: the results of its validation, whose details are at the path in `logs`.
async fn issues(tx: &mut Tx, dataset: &Dataset) -> Result<Vec<Value>, StoreError> {
    let (errors, warnings) = store::issues::tally_in(tx, dataset.id).await?;
    let data_type = &dataset.data_type;
    let logs = format!(
        "/companies/{}/sync/{}/validation",
        dataset.company_id, dataset.id
    );
    let of = |kind: &str, number: i64, words: &str| {
        (number > 0).then(|| {
            json!({
                "type": kind,
                "message": format!("{words} in {data_type}: {number}."),
                "links": { "logs": logs },
            })
        })
    };
    Ok([
        of("error.validation", errors, "Records that could not be used"),
        of(
            "warning.validation",
            warnings,
            "Values that don't look right",
        ),
    ]
    .into_iter()
    .flatten()
    .collect())
}

async fn of_connections_batch(
    tx: &mut Tx,
    datasets: &[&Dataset],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(first) = datasets.first() else {
        return Ok(());
    };
    let mut data_types = Vec::with_capacity(datasets.len());
    for dataset in datasets {
        data_types.push(json!({
            "connectionId": dataset.connection_id,
            "dataType": dataset.data_type,
            // The contract's first read after an authorisation reports no modification.
            "recordsModified": !dataset.initial && dataset.modified > 0,
            "status": dataset.status,
            "issues": issues(tx, dataset).await?,
        }));
    }
    let failed = datasets
        .iter()
        .filter(|dataset| dataset.status.is_error() || dataset.status == DatasetStatus::Cancelled)
        .count();
    let reason = match (failed, datasets.len()) {
        (0, 1) => "One data type was read.".to_owned(),
        (0, all) => format!("{all} data types were read."),
        (_, 1) => format!("{} could not be read.", first.data_type),
        (failed, all) => format!("{failed} of {all} data types could not be read."),
    };
    // If each pull fetched only changes since some time, the earliest of those times.
    let since = datasets
        .iter()
        .map(|dataset| dataset.since)
        .collect::<Option<Vec<_>>>()
        .and_then(|times| times.into_iter().min());
    let payload = json!({
        "referenceCompany": payload::reference(tx, first.company_id).await?,
        "modifiedFromDate": since,
        "dataTypes": data_types,
    });
    let kind = if first.initial {
        EventType::ReadCompletedInitial
    } else {
        EventType::ReadCompleted
    };
    let new = NewEvent {
        company_id: Some(first.company_id),
        connection_id: Some(first.connection_id),
        reason: Some(reason),
        ..event(first.client_id, kind, &payload, Actor::Moorline, now)
    };
    record(tx, new).await
}
