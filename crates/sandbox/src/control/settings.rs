//! Lifetimes of tokens, changed while the sandbox runs.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;

use super::refused::{Refused, unprocessable};
use crate::platform::Shared;
use crate::state::Settings;

pub(super) async fn read(State(platform): State<Shared>) -> Json<Settings> {
    Json(platform.state.settings())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsIn {
    access_token_ttl_seconds: Option<u32>,
    refresh_token_ttl_seconds: Option<u32>,
    refresh_reuse_grace_seconds: Option<u32>,
}

pub(super) async fn change(
    State(platform): State<Shared>,
    body: Result<Json<SettingsIn>, JsonRejection>,
) -> Result<Json<Settings>, Refused> {
    let Json(body) = body?;
    let now = platform.state.settings();
    let changed = Settings {
        access_token_ttl_seconds: (body.access_token_ttl_seconds)
            .unwrap_or(now.access_token_ttl_seconds),
        refresh_token_ttl_seconds: (body.refresh_token_ttl_seconds)
            .unwrap_or(now.refresh_token_ttl_seconds),
        refresh_reuse_grace_seconds: (body.refresh_reuse_grace_seconds)
            .unwrap_or(now.refresh_reuse_grace_seconds),
    };
    if changed.access_token_ttl_seconds == 0 || changed.refresh_token_ttl_seconds == 0 {
        return Err(unprocessable(
            "access and refresh tokens must live for at least a second",
        ));
    }
    platform.state.change_settings(changed);
    Ok(Json(changed))
}
