//! Moves the businesses' clocks forward.

use std::io;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;
use serde_json::{Value, json};

use super::refused::{Refused, unknown, unprocessable};
use crate::platform::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdvanceIn {
    /// Every business if absent.
    business: Option<String>,
    days: u32,
}

/// Ten years; more would only make the books larger.
const MOST_DAYS: u32 = 3_650;

pub(super) async fn advance(
    State(platform): State<Shared>,
    body: Result<Json<AdvanceIn>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let Json(body) = body?;
    let moved = advance_books(&platform, body.business.as_deref(), body.days).await?;
    let businesses: Vec<_> = moved
        .into_iter()
        .map(|id| {
            let as_of = platform.library.as_of(&id);
            json!({ "id": id, "as_of": as_of })
        })
        .collect();
    Ok(Json(json!({ "businesses": businesses })))
}

/// Moves one business, or all, and remembers it; returns the ids of those moved.
pub(crate) async fn advance_books(
    platform: &Shared,
    business: Option<&str>,
    days: u32,
) -> Result<Vec<String>, Refused> {
    if days == 0 || days > MOST_DAYS {
        return Err(unprocessable(format!("days must be 1 to {MOST_DAYS}")));
    }
    let ids: Vec<String> = platform
        .library
        .businesses()
        .iter()
        .filter(|held| business.is_none_or(|id| held.id == id))
        .map(|held| held.id.to_owned())
        .collect();
    if ids.is_empty() {
        return Err(unknown("business"));
    }
    for id in &ids {
        let library = platform.library.clone();
        let id_moved = id.clone();
        // New books are written on the way, which may take a moment.
        tokio::task::spawn_blocking(move || library.advance(&id_moved, days))
            .await
            .map_err(io::Error::other)?;
        platform.state.record_advance(id, days).await?;
    }
    Ok(ids)
}
