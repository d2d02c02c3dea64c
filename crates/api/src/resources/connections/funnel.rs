//! `/linkFunnel`: what became of a client's customers in Link, in numbers (ours, beyond the contract).

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;

use crate::AppState;
use crate::around::auth::Client;
use crate::around::errors::ApiError;
use crate::resources::consents::filters::Filters;
use platform::companies::funnel::{self, Report, ReportError};

pub(crate) async fn get(
    State(app): State<AppState>,
    client: Client,
    filters: Filters,
) -> Result<Json<Report>, ApiError> {
    let days = (day(&filters, "from")?, day(&filters, "to")?);
    let platform = filters.get("platformKey");
    match funnel::report(&app, client.id, days, platform).await {
        Ok(report) => Ok(Json(report)),
        Err(ReportError::Store(error)) => Err(error.into()),
        Err(error) => Err(ApiError::invalid("from", error.to_string())),
    }
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
