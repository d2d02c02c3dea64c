//! `/linkFunnel`: what became of a client's customers in Link, in numbers (ours, beyond the contract).

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;

use crate::AppState;
use crate::around::auth::Client;
use crate::around::errors::ApiError;
use crate::resources::consents::filters::Filters;
use platform::companies::funnel::{self, KEPT_DAYS, Line, Numbers, Step};
use platform::companies::link;

/// The days that are shown if none are named.
const DAYS: i64 = 30;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Funnel {
    from: NaiveDate,
    to: NaiveDate,
    /// False: nothing is counted for now.
    is_counted: bool,
    total: Counts,
    results: Vec<Day>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    opened: i64,
    chose: i64,
    began: i64,
    authorised: i64,
    linked: i64,
    losses: BTreeMap<String, i64>,
}

/// A day's numbers at one platform, or of no platform.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Day {
    day: NaiveDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform_key: Option<String>,
    #[serde(flatten)]
    counts: Counts,
}

impl From<Numbers> for Counts {
    fn from(numbers: Numbers) -> Self {
        Self {
            opened: numbers.at(Step::Opened),
            chose: numbers.at(Step::Chose),
            began: numbers.at(Step::Began),
            authorised: numbers.at(Step::Authorised),
            linked: numbers.at(Step::Linked),
            losses: numbers.losses,
        }
    }
}

impl From<Line> for Day {
    fn from(line: Line) -> Self {
        Self {
            day: line.day,
            platform_key: line.platform_key,
            counts: line.numbers.into(),
        }
    }
}

pub(crate) async fn get(
    State(app): State<AppState>,
    client: Client,
    filters: Filters,
) -> Result<Json<Funnel>, ApiError> {
    let today = app.clock.now().date_naive();
    let to = day(&filters, "to")?.unwrap_or(today);
    let month = to.checked_sub_signed(TimeDelta::days(DAYS - 1));
    let from = day(&filters, "from")?.or(month).unwrap_or(to);
    if from > to {
        let message = format!("from ({from}) must not be after to ({to}).");
        return Err(ApiError::invalid("from", message));
    }
    if to.signed_duration_since(from).num_days() >= KEPT_DAYS {
        let message =
            format!("from and to must be within {KEPT_DAYS} days: counts are kept for as long.");
        return Err(ApiError::invalid("from", message));
    }
    let platform = filters.get("platformKey");
    let (total, lines) = funnel::of_client(&app, client.id, (from, to), platform).await?;
    let settings = link::of_client(&app, client.id).await?;
    Ok(Json(Funnel {
        from,
        to,
        is_counted: settings.counts(),
        total: total.into(),
        results: lines.into_iter().map(Day::from).collect(),
    }))
}

/// A day of the query.
fn day(filters: &Filters, name: &str) -> Result<Option<NaiveDate>, ApiError> {
    let Some(text) = filters.get(name) else {
        return Ok(None);
    };
    let in_four_digits = text.len() == "2026-06-15".len();
    let day = text.parse().ok().filter(|_| in_four_digits);
    let wrong = || ApiError::invalid(name, format!("{name} must be a day such as 2026-06-15."));
    day.map(Some).ok_or_else(wrong)
}
