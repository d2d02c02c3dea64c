//! `/profile/retention`. Ours: the contract doesn't have it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::AppState;
use crate::around::auth::Client;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use platform::consents::retention::{self, MAX_DAYS};
use store::retention::Retention as Row;

/// Days; null for what is kept for good, and for answers that aren't kept.
#[derive(Debug, Serialize, Deserialize)]
// A misspelt name would keep for good what is to go.
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Retention {
    record_days: Option<i64>,
    event_days: Option<i64>,
    data_days: Option<i64>,
    page_days: Option<i64>,
}

impl From<Row> for Retention {
    fn from(row: Row) -> Self {
        Self {
            record_days: row.record_days,
            event_days: row.event_days,
            data_days: row.data_days,
            page_days: row.page_days,
        }
    }
}

pub(crate) async fn get(
    State(app): State<AppState>,
    client: Client,
) -> Result<Json<Retention>, ApiError> {
    Ok(Json(retention::of(&app.db, client.id).await?.into()))
}

/// Sets all of it: what is left out is kept for good, and platforms' answers aren't kept.
pub(crate) async fn replace(
    State(app): State<AppState>,
    client: Client,
    Body(body): Body<Retention>,
) -> Result<Json<Retention>, ApiError> {
    for (name, days) in [
        ("recordDays", body.record_days),
        ("eventDays", body.event_days),
        ("dataDays", body.data_days),
        ("pageDays", body.page_days),
    ] {
        if days.is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
            let otherwise = match name {
                "pageDays" => "not to keep them",
                _ => "to keep it for good",
            };
            return Err(ApiError::invalid(
                name,
                format!(
                    "{name} must be a whole number of days from 1 to {MAX_DAYS}, or null {otherwise}."
                ),
            ));
        }
    }
    let days = Row {
        record_days: body.record_days,
        event_days: body.event_days,
        data_days: body.data_days,
        page_days: body.page_days,
    };
    retention::set(&app, client.id, &days).await?;
    Ok(Json(body))
}
