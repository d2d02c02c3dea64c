//! Faults as the operator arms, lists and clears them.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::faults::{AuthorizationError, Fault, Kind, OutageMode, Stage, TokenError};
use super::refused::{Refused, unknown, unprocessable};
use crate::config::Product;
use crate::platform::{Platform, Shared};

/// A request to arm a fault; fields that don't apply to its kind are refused.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultIn {
    pub(crate) kind: String,
    pub(crate) times: Option<u32>,
    #[serde(default)]
    pub(crate) until_cleared: bool,
    pub(crate) product: Option<Product>,
    pub(crate) business: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) delay_ms: Option<u64>,
    pub(crate) retry_after_seconds: Option<u32>,
    pub(crate) status: Option<u16>,
    pub(crate) mode: Option<OutageMode>,
    pub(crate) record: Option<String>,
}

const LONGEST_DELAY_MS: u64 = 600_000;
const LONGEST_RETRY_AFTER_SECONDS: u32 = 86_400;

/// Arms a fault; the error is a sentence for the operator.
pub(crate) fn arm_fault(platform: &Platform, mut body: FaultIn) -> Result<Fault, String> {
    let kind = kind(&mut body)?;
    let stray = [
        ("error", body.error.is_some()),
        ("delay_ms", body.delay_ms.is_some()),
        ("retry_after_seconds", body.retry_after_seconds.is_some()),
        ("status", body.status.is_some()),
        ("mode", body.mode.is_some()),
        ("record", body.record.is_some()),
    ];
    if let Some((name, _)) = stray.into_iter().find(|(_, there)| *there) {
        return Err(format!(
            "{name} doesn't apply to {}; leave it out",
            body.kind
        ));
    }
    let times = match (body.times, body.until_cleared) {
        (Some(0), _) => return Err("times must be at least 1".into()),
        (Some(_), true) => {
            return Err("times and until_cleared exclude each other; give one".into());
        }
        (Some(times), false) => Some(times),
        (None, true) => None,
        (None, false) => kind.usual_times(),
    };
    let stage = kind.stage();
    if stage == Stage::Books && (times.is_some() || body.product.is_some()) {
        return Err(format!(
            "{} holds for all three products until it is cleared; leave times and product out",
            body.kind
        ));
    }
    if body.business.is_some() && !matches!(stage, Stage::Token | Stage::Api | Stage::Books) {
        return Err(format!(
            "{} strikes before a business is known; leave business out",
            body.kind
        ));
    }
    if body.path.is_some() && !matches!(stage, Stage::Api | Stage::Everywhere) {
        return Err(format!(
            "{} has no choice of paths; leave path out",
            body.kind
        ));
    }
    if let Some(business) = &body.business
        && platform.business(business).is_none()
    {
        return Err(format!(
            "unknown business {business:?}; the ids are in GET /control/api"
        ));
    }
    if body
        .path
        .as_deref()
        .is_some_and(|path| !path.starts_with('/'))
    {
        return Err("path must start with a slash".into());
    }
    let armed = platform.faults.arm(Fault {
        id: 0,
        kind,
        times,
        product: body.product,
        business: body.business,
        path: body.path,
        struck: 0,
    });
    platform.settle_books();
    Ok(armed)
}

/// Takes the fields of the kind out of `body`.
fn kind(body: &mut FaultIn) -> Result<Kind, String> {
    fn delay(body: &mut FaultIn) -> Result<u64, String> {
        match body.delay_ms.take() {
            Some(delay) if delay <= LONGEST_DELAY_MS => Ok(delay),
            Some(_) => Err(format!("delay_ms must be at most {LONGEST_DELAY_MS}")),
            None => Err("delay_ms is missing; give milliseconds".into()),
        }
    }
    fn named<T: for<'a> Deserialize<'a>>(text: String) -> Result<T, String> {
        serde_json::from_value(Value::String(text)).map_err(|error| format!("error: {error}"))
    }
    Ok(match body.kind.as_str() {
        "deny" => Kind::Deny,
        "authorization_error" => Kind::AuthorizationError {
            error: match body.error.take() {
                Some(text) => named(text)?,
                None => AuthorizationError::ServerError,
            },
        },
        "token_delay" => Kind::TokenDelay {
            delay_ms: delay(body)?,
        },
        "token_error" => Kind::TokenError {
            error: match body.error.take() {
                Some(text) => named(text)?,
                None => TokenError::ServerError,
            },
        },
        "token_answer_lost" => Kind::TokenAnswerLost,
        "api_rate_limit" => match body.retry_after_seconds.take().unwrap_or(1) {
            retry_after_seconds if retry_after_seconds <= LONGEST_RETRY_AFTER_SECONDS => {
                Kind::ApiRateLimit {
                    retry_after_seconds,
                }
            }
            _ => {
                return Err(format!(
                    "retry_after_seconds must be at most {LONGEST_RETRY_AFTER_SECONDS}"
                ));
            }
        },
        "api_error" => match body.status.take().unwrap_or(500) {
            status @ (401 | 403 | 500..=599) => Kind::ApiError { status },
            _ => return Err("status must be 401, 403 or 500 to 599".into()),
        },
        "api_malformed" => Kind::ApiMalformed,
        "api_answer_lost" => Kind::ApiAnswerLost,
        "api_delay" => Kind::ApiDelay {
            delay_ms: delay(body)?,
        },
        "outage" => Kind::Outage {
            mode: body.mode.take().unwrap_or(OutageMode::Unavailable),
        },
        "wrong_books" => {
            let record = body.record.take().unwrap_or_else(|| "invoice".into());
            let record = serde_json::from_value(Value::String(record));
            Kind::WrongBooks {
                record: record.map_err(|error| format!("record: {error}"))?,
            }
        }
        other => {
            return Err(format!(
                "unknown kind {other:?}; CONTROL.md lists the kinds"
            ));
        }
    })
}

pub(super) async fn list(State(platform): State<Shared>) -> Json<Vec<Fault>> {
    Json(platform.faults.list())
}

pub(super) async fn arm(
    State(platform): State<Shared>,
    body: Result<Json<FaultIn>, JsonRejection>,
) -> Result<impl IntoResponse, Refused> {
    let Json(body) = body?;
    let fault = arm_fault(&platform, body).map_err(unprocessable)?;
    Ok((StatusCode::CREATED, Json(fault)))
}

pub(super) async fn clear_all(State(platform): State<Shared>) -> StatusCode {
    platform.faults.clear();
    platform.settle_books();
    StatusCode::NO_CONTENT
}

pub(super) async fn clear(
    State(platform): State<Shared>,
    Path(id): Path<u64>,
) -> Result<StatusCode, Refused> {
    if platform.faults.clear_one(id) {
        platform.settle_books();
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown("fault"))
    }
}
