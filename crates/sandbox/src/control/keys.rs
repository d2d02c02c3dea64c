//! API keys, made as the owner of a business would make them.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::IntoResponse;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::refused::{Refused, unknown};
use crate::config::Product;
use crate::platform::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyIn {
    product: Product,
    business: String,
}

pub(super) async fn make(
    State(platform): State<Shared>,
    body: Result<Json<KeyIn>, JsonRejection>,
) -> Result<impl IntoResponse, Refused> {
    let Json(body) = body?;
    if platform.business(&body.business).is_none() {
        return Err(unknown("business"));
    }
    let made = platform.state.make_key(body.product, &body.business);
    let (grant, key) = made.await?;
    let answer = json!({ "grant": grant, "key": key });
    Ok((StatusCode::CREATED, Json(answer)))
}
