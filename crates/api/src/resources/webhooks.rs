//! `/webhooks`: consumers, and ours beside them: their secrets, messages and attempts.

use axum::Json;
use axum::extract::{Path, Query, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use crate::around::auth::{Client, ForWebhooks};
use crate::around::body::{Body, OptionalBody};
use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::wire::webhook::{
    Consumer, ConsumerIn, EventTypeOut, Key, Message, ReplayIn, Resent, Results, RotationIn, TestIn,
};
use crate::{AppState, around::path_id};
use platform::access::integration_keys;
use platform::events::webhooks::{self, Replay, samples};
use store::messages::{self, Range};
use store::model::{EventType, MessageState};
use store::{webhooks as rows, webhooks::Webhook};

/// The service that the contract's own operation makes a key for.
const ZAPIER: &str = "zapier";

pub(crate) async fn list(
    State(app): State<AppState>,
    caller: ForWebhooks,
) -> Result<Json<Results<Consumer>>, ApiError> {
    let rows = rows::list(&app.db, caller.client, caller.service.as_deref()).await?;
    Ok(Json(Results {
        results: rows.into_iter().map(Consumer::shape).collect(),
    }))
}

pub(crate) async fn create(
    State(app): State<AppState>,
    caller: ForWebhooks,
    Body(body): Body<ConsumerIn>,
) -> Result<(StatusCode, Json<Consumer>), ApiError> {
    let service = caller.service.as_deref();
    let row = webhooks::create(&app, caller.client, &body.into(), service).await?;
    Ok((StatusCode::CREATED, Json(Consumer::shape(row))))
}

pub(crate) async fn get(
    State(app): State<AppState>,
    caller: ForWebhooks,
    Path(id): Path<String>,
) -> Result<Json<Consumer>, ApiError> {
    Ok(Json(Consumer::shape(own(&app, &caller, &id).await?)))
}

/// PATCH: what is absent stays as it is.
pub(crate) async fn update(
    State(app): State<AppState>,
    client: Client,
    Path(id): Path<String>,
    Body(body): Body<ConsumerIn>,
) -> Result<Json<Consumer>, ApiError> {
    let id = path_id("webhookId", &id)?;
    let row = webhooks::update(&app, client.id, id, &body.into()).await?;
    Ok(Json(Consumer::shape(row)))
}

pub(crate) async fn delete(
    State(app): State<AppState>,
    caller: ForWebhooks,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let webhook = own(&app, &caller, &id).await?;
    webhooks::delete(&app, caller.client, webhook.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn get_secret(
    State(app): State<AppState>,
    client: Client,
    Path(id): Path<String>,
) -> Result<Json<Key>, ApiError> {
    let webhook = webhooks::find(&app, client.id, path_id("webhookId", &id)?).await?;
    let secret = webhooks::secret(&app, &webhook).await?;
    Ok(Json(Key {
        key: secret.expose().to_owned(),
    }))
}

pub(crate) async fn rotate_secret(
    State(app): State<AppState>,
    client: Client,
    Path(id): Path<String>,
    OptionalBody(body): OptionalBody<RotationIn>,
) -> Result<Json<Key>, ApiError> {
    let id = path_id("webhookId", &id)?;
    let body = body.unwrap_or_default();
    let secret =
        webhooks::rotate_secret(&app, client.id, id, body.key.as_ref(), body.at_once).await?;
    Ok(Json(Key {
        key: secret.expose().to_owned(),
    }))
}

pub(crate) async fn rotate_zapier_key(
    State(app): State<AppState>,
    client: Client,
) -> Result<(StatusCode, Json<Key>), ApiError> {
    let key = integration_keys::rotate(&app, client.id, ZAPIER).await?;
    Ok((StatusCode::CREATED, Json(Key { key })))
}

pub(crate) async fn list_event_types(_: ForWebhooks) -> Json<Results<EventTypeOut>> {
    let results = EventType::ALL
        .iter()
        .map(|kind| EventTypeOut {
            name: kind.name(kind.is_write().then_some("{dataType}")),
            description: samples::meaning(*kind),
            sample: samples::of_kind(*kind),
        })
        .collect();
    Json(Results { results })
}

pub(crate) async fn send_test(
    State(app): State<AppState>,
    caller: ForWebhooks,
    Path(id): Path<String>,
    OptionalBody(body): OptionalBody<TestIn>,
) -> Result<(StatusCode, Json<Message>), ApiError> {
    let webhook = own(&app, &caller, &id).await?;
    let event_type = body.and_then(|body| body.event_type);
    let message = webhooks::send_test(&app, &webhook, event_type.as_deref()).await?;
    Ok((StatusCode::ACCEPTED, Json(Message::shape(message))))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessagesQuery {
    status: Option<String>,
    event_type: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

pub(crate) async fn list_messages(
    State(app): State<AppState>,
    client: Client,
    Path(id): Path<String>,
    Query(query): Query<MessagesQuery>,
    paging: Paging,
) -> Result<Json<Envelope<Message>>, ApiError> {
    let webhook = webhooks::find(&app, client.id, path_id("webhookId", &id)?).await?;
    let range = Range {
        state: state(query.status.as_deref())?,
        event_type: query.event_type,
        from: moment("from", query.from.as_deref())?,
        to: moment("to", query.to.as_deref())?,
    };
    let (limit, offset) = (paging.page_size, paging.offset());
    let slice = messages::list(&app.db, webhook.id, &range, limit, offset).await?;
    let shaped = slice.rows.into_iter().map(Message::shape).collect();
    Ok(Json(paging.envelope(shaped, slice.total)))
}

pub(crate) async fn get_message(
    State(app): State<AppState>,
    client: Client,
    Path((id, message)): Path<(String, String)>,
) -> Result<Json<Message>, ApiError> {
    let webhook = webhooks::find(&app, client.id, path_id("webhookId", &id)?).await?;
    let message: Uuid = path_id("messageId", &message)?;
    let row = messages::get(&app.db, webhook.id, message)
        .await?
        .ok_or(webhooks::WebhookError::NoMessage(message))?;
    let body = webhooks::body(&app, &row).await?;
    let attempts = messages::attempts(&app.db, webhook.id, message).await?;
    Ok(Json(Message::whole(row, body, attempts)))
}

pub(crate) async fn resend_message(
    State(app): State<AppState>,
    client: Client,
    Path((id, message)): Path<(String, String)>,
) -> Result<(StatusCode, Json<Resent>), ApiError> {
    let webhook = webhooks::find(&app, client.id, path_id("webhookId", &id)?).await?;
    webhooks::resend(&app, &webhook, path_id("messageId", &message)?).await?;
    Ok((StatusCode::ACCEPTED, Json(Resent { resent: 1 })))
}

pub(crate) async fn resend_messages(
    State(app): State<AppState>,
    client: Client,
    Path(id): Path<String>,
    Body(body): Body<ReplayIn>,
) -> Result<(StatusCode, Json<Resent>), ApiError> {
    let webhook = webhooks::find(&app, client.id, path_id("webhookId", &id)?).await?;
    let from = moment("from", body.from.as_deref())?
        .ok_or_else(|| ApiError::invalid("from", "from is required: the ISO 8601 time from which messages are sent again, such as 2026-06-15T09:30:00Z."))?;
    let event_type = body
        .event_type
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(webhooks::WebhookError::from)?;
    let replay = Replay {
        from,
        to: moment("to", body.to.as_deref())?,
        state: state(body.status.as_deref())?,
        event_type,
        missed: body.missed,
    };
    let resent = webhooks::resend_range(&app, &webhook, &replay).await?;
    Ok((StatusCode::ACCEPTED, Json(Resent { resent })))
}

/// A consumer that the caller may see: any of the client's for its own software, for a service's key those that it made.
async fn own(app: &AppState, caller: &ForWebhooks, id: &str) -> Result<Webhook, ApiError> {
    let webhook = webhooks::find(app, caller.client, path_id("webhookId", id)?).await?;
    if caller.service.is_some() && caller.service != webhook.made_by {
        return Err(webhooks::WebhookError::NoWebhook(webhook.id).into());
    }
    Ok(webhook)
}

fn state(text: Option<&str>) -> Result<Option<MessageState>, ApiError> {
    text.map(|text| {
        MessageState::from_word(text).ok_or_else(|| {
            let valid = MessageState::ALL.iter().map(|state| state.as_str());
            ApiError::unknown("status", "status", text, valid)
        })
    })
    .transpose()
}

fn moment(name: &str, text: Option<&str>) -> Result<Option<DateTime<Utc>>, ApiError> {
    text.map(|text| {
        DateTime::parse_from_rfc3339(text)
            .map(|at| at.to_utc())
            .map_err(|_| {
                ApiError::invalid(
                    name,
                    format!("{name} must be an ISO 8601 time such as 2026-06-15T09:30:00Z."),
                )
            })
    })
    .transpose()
}
