//! Grants as the operator sees, expires and revokes them.

use axum::Json;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::refused::{Refused, unknown};
use crate::config::Product;
use crate::platform::Shared;
use crate::state::Grant;

/// A grant without its tokens.
#[derive(Serialize)]
pub(super) struct GrantOut {
    id: Uuid,
    client: String,
    product: Product,
    business: String,
    person: String,
    subject: String,
    scope: String,
    created: DateTime<Utc>,
    last_refreshed: Option<DateTime<Utc>>,
    live_access_tokens: usize,
    access_until: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    revoked_because: Option<String>,
}

impl GrantOut {
    fn of(grant: Grant, now: DateTime<Utc>) -> Self {
        Self {
            live_access_tokens: grant.live_access_tokens(now),
            access_until: grant.access_until(),
            id: grant.id,
            client: grant.client_id,
            product: grant.product,
            business: grant.business,
            person: grant.email,
            subject: grant.subject,
            scope: grant.scopes.to_string(),
            created: grant.created,
            last_refreshed: grant.last_refreshed,
            revoked_at: grant.revoked.as_ref().map(|revoked| revoked.at),
            revoked_because: grant.revoked.map(|revoked| revoked.reason),
        }
    }
}

pub(super) async fn list(State(platform): State<Shared>) -> Json<Vec<GrantOut>> {
    let now = platform.state.now();
    let grants = platform.state.grants().into_iter();
    Json(grants.map(|grant| GrantOut::of(grant, now)).collect())
}

pub(super) async fn read(
    State(platform): State<Shared>,
    Path(id): Path<Uuid>,
) -> Result<Json<GrantOut>, Refused> {
    let grant = platform.state.grant(id).ok_or_else(|| unknown("grant"))?;
    Ok(Json(GrantOut::of(grant, platform.state.now())))
}

/// The reason recorded on a grant that was revoked here.
pub(crate) const TAKEN_BACK: &str = "taken back at the platform";

pub(super) async fn revoke(
    State(platform): State<Shared>,
    Path(id): Path<Uuid>,
) -> Result<Json<GrantOut>, Refused> {
    platform.state.revoke_grant(id, TAKEN_BACK).await?;
    read(State(platform), Path(id)).await
}

pub(super) async fn expire(
    State(platform): State<Shared>,
    Path(id): Path<Uuid>,
) -> Result<Json<Value>, Refused> {
    if platform.state.grant(id).is_none() {
        return Err(unknown("grant"));
    }
    let expired = platform.state.expire_access_tokens(Some(id)).await?;
    Ok(Json(json!({ "expired": expired })))
}

pub(super) async fn expire_all(State(platform): State<Shared>) -> Result<Json<Value>, Refused> {
    let expired = platform.state.expire_access_tokens(None).await?;
    Ok(Json(json!({ "expired": expired })))
}
