//! What happened to a connection, in words (ours, beyond the contract).

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;

use super::auth::ForCompany;
use super::error::ApiError;
use super::paging::{Envelope, Paging};
use super::wire::time;
use super::{AppState, connections, path_id};
use crate::model::{Actor, ConnectionStatus};
use crate::store::events;

#[derive(Debug, Serialize)]
pub(super) struct Entry {
    id: String,
    occurred: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<ConnectionStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<ConnectionStatus>,
    actor: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(super) async fn list(
    State(app): State<AppState>,
    caller: ForCompany,
    Path((_, id)): Path<(String, String)>,
    paging: Paging,
) -> Result<Json<Envelope<Entry>>, ApiError> {
    let connection = connections::find(
        &app,
        caller.client,
        caller.company,
        path_id("connectionId", &id)?,
    )
    .await?;
    let total = events::count_of_connection(&app.db, caller.client, connection.id).await?;
    let rows = events::of_connection(
        &app.db,
        caller.client,
        connection.id,
        paging.page_size,
        paging.offset(),
    )
    .await?;
    let entries = rows
        .into_iter()
        .map(|event| Entry {
            id: event.id.to_string(),
            occurred: time(event.occurred),
            kind: event.name(),
            from: event.from_status,
            to: event.to_status,
            actor: event.actor,
            reason: event.reason,
        })
        .collect();
    Ok(Json(paging.envelope(entries, total)))
}
