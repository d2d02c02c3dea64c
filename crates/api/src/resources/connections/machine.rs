//! The machine of a connection to a platform that calls: when it was heard from, and when it is asked (ours, beyond the contract).

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::AppState;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::tenancy::ForConnection;
use crate::wire::time;
use platform::connecting::machines::{self, Hours, Known, Times, TimesError};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Machine {
    program: String,
    last_heard_from: Option<String>,
    trouble: Option<String>,
    paused_until: Option<String>,
    hours: Option<Hours>,
}

impl From<Known> for Machine {
    fn from(known: Known) -> Self {
        Self {
            program: known.program,
            last_heard_from: known.heard.map(time),
            trouble: known.trouble,
            paused_until: known.times.paused_until.map(time),
            hours: known.times.hours,
        }
    }
}

pub(crate) async fn get(
    State(app): State<AppState>,
    ForConnection { connection, .. }: ForConnection,
) -> Result<Json<Machine>, ApiError> {
    let known = machines::known(&app, &connection).await?;
    let known = known.ok_or_else(|| ApiError::from(TimesError::NoMachine))?;
    Ok(Json(known.into()))
}

pub(crate) async fn set(
    State(app): State<AppState>,
    ForConnection { connection, actor }: ForConnection,
    Body(times): Body<Times>,
) -> Result<Json<Machine>, ApiError> {
    machines::set_times(&app, &connection, &times, actor).await?;
    let known = machines::known(&app, &connection).await?;
    let known = known.ok_or_else(|| ApiError::from(TimesError::NoMachine))?;
    Ok(Json(known.into()))
}
