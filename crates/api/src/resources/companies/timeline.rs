//! A connection's history in words (ours, beyond the contract).
//!
//! It is read from the record of events, which outlives its subjects: a connection that was deleted keeps its history, since
//! "where did it go?" is the question that a history is for.

use axum::Json;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::around::tenancy::{ForHistory, load_connection};
use crate::wire::time;
use crate::{AppState, around::path_id};
use store::events::{self, Event};
use store::model::{Actor, ConnectionStatus, EventType, GrantState};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    id: String,
    occurred: String,
    #[serde(rename = "type")]
    kind: String,
    /// The event in a few words of English.
    title: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<ConnectionStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<ConnectionStatus>,
    actor: Actor,
    /// The reason in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_type: Option<String>,
    /// Of a pause: the time of the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt: Option<String>,
    /// Of a grant that will end: the time of its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry_date: Option<String>,
    /// Of a grant that has ended: its id, as the list of grants has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_id: Option<String>,
}

/// The members of an event's payload that an entry shows.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    data_type: Option<String>,
    next_attempt: Option<DateTime<Utc>>,
    expiry_date: Option<DateTime<Utc>>,
    grant: Option<EndedGrant>,
}

#[derive(Deserialize)]
struct EndedGrant {
    id: String,
    state: String,
}

pub(crate) async fn list(
    State(app): State<AppState>,
    caller: ForHistory,
    Path((_, id)): Path<(String, String)>,
    paging: Paging,
) -> Result<Json<Envelope<Entry>>, ApiError> {
    let (client, company) = (caller.client, caller.company);
    let connection = path_id("connectionId", &id)?;
    let total = events::count_of_connection(&app.db, client, company, connection).await?;
    if total == 0 {
        load_connection(&app, client, company, connection).await?;
    }
    let (size, offset) = (paging.page_size, paging.offset());
    let rows = events::of_connection(&app.db, client, company, connection, size, offset).await?;
    let entries = rows.into_iter().map(entry).collect();
    Ok(Json(paging.envelope(entries, total)))
}

fn entry(event: Event) -> Entry {
    let details: Details = serde_json::from_str(&event.payload).unwrap_or_default();
    Entry {
        id: event.id.to_string(),
        occurred: time(event.occurred),
        kind: event.name(),
        title: match &details.grant {
            Some(grant) => grant_title(&grant.state),
            None => title(event.kind, event.to_status),
        },
        from: event.from_status,
        to: event.to_status,
        actor: event.actor,
        reason: event.reason,
        data_type: event.data_type.or(details.data_type),
        next_attempt: details.next_attempt.map(time),
        expiry_date: details.expiry_date.map(time),
        grant_id: details.grant.map(|grant| grant.id),
    }
}

fn grant_title(state: &str) -> &'static str {
    match GrantState::from_word(state) {
        Some(GrantState::GivenBack) => "Access given back",
        Some(GrantState::NotOffered) => "Access can't be given back from here",
        Some(GrantState::Refused) => "Access not taken back",
        Some(GrantState::Superseded) => "Earlier access replaced",
        _ => "Access ended",
    }
}

fn title(kind: EventType, to: Option<ConnectionStatus>) -> &'static str {
    match kind {
        EventType::ConnectionCreated => "Requested",
        EventType::ConnectionConnected => "Connected",
        EventType::ConnectionFailed => "Connecting failed",
        EventType::ConnectionDisconnected if to == Some(ConnectionStatus::Deauthorized) => {
            "Access lost"
        }
        EventType::ConnectionDisconnected => "Disconnected",
        EventType::ConnectionReconnected => "Reconnected",
        EventType::ConnectionDeleted => "Deleted",
        EventType::TokenRefreshFailing => "Access can't be renewed",
        EventType::TokenRefreshRecovered => "Access is renewed again",
        EventType::CredentialExpiring => "Access ends soon",
        EventType::GrantEnded => "Access ended",
        EventType::ConsentRequired => "More is asked for",
        EventType::AdditionalConsentGiven => "Further use agreed to",
        EventType::AdditionalConsentRefused => "Further use refused",
        EventType::TimesChanged => "Times of reading changed",
        EventType::SyncPaused => "Data collection paused",
        EventType::DataExpiring => "Data will be deleted",
        EventType::DataDeleted => "Data deleted",
        EventType::ReadCompleted | EventType::ReadCompletedInitial => "Data collection",
        EventType::WriteSuccessful => "Data sent",
        EventType::WriteUnsuccessful => "Sending data failed",
        EventType::DataRequestCreated => "Request about data",
        EventType::DataRequestAnswered => "Request answered",
        EventType::CompanyCreated
        | EventType::CompanyUpdated
        | EventType::CompanyDeleted
        | EventType::CompanyProductAdded
        | EventType::CompanyProductRemoved => "Company changed",
        EventType::PlatformRequested => "Platform requested",
        EventType::RateLimitReached | EventType::RateLimitReset => "Request limit",
        EventType::WebhookDisabled => "Webhook disabled",
    }
}
