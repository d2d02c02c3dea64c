//! The control API: arm faults, revoke and expire, count calls, move time (documented in `CONTROL.md`).

use std::io;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use http::StatusCode;
use http::header::{HeaderMap, ORIGIN};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::config::{Client, Product};
use crate::faults::{AuthorizationError, Fault, Kind, OutageMode, Stage, TokenError};
use crate::oauth::authorize::{Problem as CannotAsk, understand};
use crate::oauth::people;
use crate::pages;
use crate::platform::{Platform, Shared};
use crate::state::{Grant, Registered, Settings};

pub(crate) fn router(platform: &Shared) -> Router<Shared> {
    Router::new()
        .route("/control/api", get(overview))
        .route(
            "/control/api/faults",
            get(faults).post(arm).delete(clear_faults),
        )
        .route("/control/api/faults/{id}", delete(clear_fault))
        .route("/control/api/grants", get(grants))
        .route("/control/api/grants/expire", post(expire_all))
        .route("/control/api/grants/{id}", get(grant))
        .route("/control/api/grants/{id}/expire", post(expire_one))
        .route("/control/api/grants/{id}/revoke", post(revoke))
        .route("/control/api/calls", get(calls).delete(reset_calls))
        .route("/control/api/clients", get(clients).post(register))
        .route("/control/api/clients/{id}", delete(unregister))
        .route(
            "/control/api/settings",
            get(settings).patch(change_settings),
        )
        .route("/control/api/advance", post(advance))
        .route("/control/api/answer", post(answer))
        .layer(middleware::from_fn_with_state(platform.clone(), same_site))
}

/// An error of the control API: a status and a sentence.
#[derive(Debug)]
pub(crate) struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        tracing::error!(%error, "saving the state failed");
        Self(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the state file can't be written".into(),
        )
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

fn unprocessable(text: impl Into<String>) -> Refused {
    Refused(StatusCode::UNPROCESSABLE_ENTITY, text.into())
}

fn unknown(what: &str) -> Refused {
    Refused(StatusCode::NOT_FOUND, format!("there is no such {what}"))
}

/// Pages of other sites may not steer the sandbox through somebody's browser.
async fn same_site(State(platform): State<Shared>, request: Request, next: Next) -> Response {
    let foreign = |headers: &HeaderMap| {
        (headers.get(ORIGIN))
            .is_some_and(|origin| origin.as_bytes() != platform.config.issuer().as_bytes())
    };
    if pages::from_elsewhere(request.headers()) || foreign(request.headers()) {
        let text = "the control API is closed to pages of other sites";
        return Refused(StatusCode::FORBIDDEN, text.into()).into_response();
    }
    next.run(request).await
}

async fn overview(State(platform): State<Shared>) -> Json<Value> {
    let people = people::practised();
    Json(json!({
        "issuer": platform.config.issuer(),
        "now": platform.state.now(),
        "products": Product::ALL.map(|product| json!({
            "product": product, "brand": product.brand(), "scope": product.scope(),
        })),
        "businesses": platform.library.businesses().iter().map(|business| json!({
            "id": business.id,
            "name": business.name,
            "trade": business.trade,
            "country": business.country,
            "currency": business.currency,
            "size": business.size,
            "description": business.description,
            "as_of": platform.library.as_of(business.id),
        })).collect::<Vec<_>>(),
        "people": people.iter().map(|person| json!({
            "email": person.email, "name": person.name(), "subject": person.subject(),
        })).collect::<Vec<_>>(),
        "faults": platform.faults.list(),
        "settings": platform.state.settings(),
    }))
}

/// A fault as it is asked for; what doesn't belong to its kind is refused.
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
}

const LONGEST_DELAY_MS: u64 = 600_000;
const LONGEST_RETRY_AFTER_SECONDS: u32 = 86_400;

/// Arms a fault or says in a sentence why not.
pub(crate) fn arm_fault(platform: &Platform, mut asked: FaultIn) -> Result<Fault, String> {
    let kind = kind(&mut asked)?;
    let stray = [
        ("error", asked.error.is_some()),
        ("delay_ms", asked.delay_ms.is_some()),
        ("retry_after_seconds", asked.retry_after_seconds.is_some()),
        ("status", asked.status.is_some()),
        ("mode", asked.mode.is_some()),
    ];
    if let Some((name, _)) = stray.into_iter().find(|(_, there)| *there) {
        return Err(format!("{name} doesn't belong to {}", asked.kind));
    }
    let times = match (asked.times, asked.until_cleared) {
        (Some(0), _) => return Err("times starts at 1".into()),
        (Some(_), true) => return Err("times and until_cleared exclude each other".into()),
        (Some(times), false) => Some(times),
        (None, true) => None,
        (None, false) => kind.usual_times(),
    };
    let stage = kind.stage();
    if asked.business.is_some() && !matches!(stage, Stage::Token | Stage::Api) {
        return Err(format!(
            "{} strikes before a business is known; leave business out",
            asked.kind
        ));
    }
    if asked.path.is_some() && !matches!(stage, Stage::Api | Stage::Everywhere) {
        return Err(format!("{} has one path only; leave path out", asked.kind));
    }
    if let Some(business) = &asked.business
        && platform.business(business).is_none()
    {
        return Err(format!("there is no business {business:?}"));
    }
    if asked
        .path
        .as_deref()
        .is_some_and(|path| !path.starts_with('/'))
    {
        return Err("path starts with a slash".into());
    }
    Ok(platform.faults.arm(Fault {
        id: 0,
        kind,
        times,
        product: asked.product,
        business: asked.business,
        path: asked.path,
        struck: 0,
    }))
}

/// Takes what the kind needs out of `asked`.
fn kind(asked: &mut FaultIn) -> Result<Kind, String> {
    fn delay(asked: &mut FaultIn) -> Result<u64, String> {
        match asked.delay_ms.take() {
            Some(delay) if delay <= LONGEST_DELAY_MS => Ok(delay),
            Some(_) => Err(format!("delay_ms is {LONGEST_DELAY_MS} at most")),
            None => Err("delay_ms is missing".into()),
        }
    }
    fn named<T: for<'a> Deserialize<'a>>(text: String) -> Result<T, String> {
        let wrong = format!("error can't be {text:?} here");
        serde_json::from_value(Value::String(text)).map_err(|_| wrong)
    }
    Ok(match asked.kind.as_str() {
        "deny" => Kind::Deny,
        "authorization_error" => Kind::AuthorizationError {
            error: match asked.error.take() {
                Some(text) => named(text)?,
                None => AuthorizationError::ServerError,
            },
        },
        "token_delay" => Kind::TokenDelay {
            delay_ms: delay(asked)?,
        },
        "token_error" => Kind::TokenError {
            error: match asked.error.take() {
                Some(text) => named(text)?,
                None => TokenError::ServerError,
            },
        },
        "token_answer_lost" => Kind::TokenAnswerLost,
        "api_rate_limit" => match asked.retry_after_seconds.take().unwrap_or(1) {
            retry_after_seconds if retry_after_seconds <= LONGEST_RETRY_AFTER_SECONDS => {
                Kind::ApiRateLimit {
                    retry_after_seconds,
                }
            }
            _ => {
                return Err(format!(
                    "retry_after_seconds is {LONGEST_RETRY_AFTER_SECONDS} at most"
                ));
            }
        },
        "api_error" => match asked.status.take().unwrap_or(500) {
            status @ 500..=599 => Kind::ApiError { status },
            _ => return Err("status is 500 to 599".into()),
        },
        "api_malformed" => Kind::ApiMalformed,
        "api_answer_lost" => Kind::ApiAnswerLost,
        "api_delay" => Kind::ApiDelay {
            delay_ms: delay(asked)?,
        },
        "outage" => Kind::Outage {
            mode: asked.mode.take().unwrap_or(OutageMode::Unavailable),
        },
        other => return Err(format!("there is no fault {other:?}")),
    })
}

async fn faults(State(platform): State<Shared>) -> Json<Vec<Fault>> {
    Json(platform.faults.list())
}

async fn arm(
    State(platform): State<Shared>,
    asked: Result<Json<FaultIn>, JsonRejection>,
) -> Result<impl IntoResponse, Refused> {
    let Json(asked) = asked?;
    let fault = arm_fault(&platform, asked).map_err(unprocessable)?;
    Ok((StatusCode::CREATED, Json(fault)))
}

async fn clear_faults(State(platform): State<Shared>) -> StatusCode {
    platform.faults.clear();
    StatusCode::NO_CONTENT
}

async fn clear_fault(
    State(platform): State<Shared>,
    Path(id): Path<u64>,
) -> Result<StatusCode, Refused> {
    if platform.faults.clear_one(id) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown("fault"))
    }
}

/// A grant without its tokens.
#[derive(Serialize)]
struct GrantOut {
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

async fn grants(State(platform): State<Shared>) -> Json<Vec<GrantOut>> {
    let now = platform.state.now();
    let grants = platform.state.grants().into_iter();
    Json(grants.map(|grant| GrantOut::of(grant, now)).collect())
}

async fn grant(
    State(platform): State<Shared>,
    Path(id): Path<Uuid>,
) -> Result<Json<GrantOut>, Refused> {
    let grant = platform.state.grant(id).ok_or_else(|| unknown("grant"))?;
    Ok(Json(GrantOut::of(grant, platform.state.now())))
}

/// What stands as the reason on a grant that was revoked here.
pub(crate) const TAKEN_BACK: &str = "taken back at the platform";

async fn revoke(
    State(platform): State<Shared>,
    Path(id): Path<Uuid>,
) -> Result<Json<GrantOut>, Refused> {
    platform.state.revoke_grant(id, TAKEN_BACK).await?;
    grant(State(platform), Path(id)).await
}

async fn expire_one(
    State(platform): State<Shared>,
    Path(id): Path<Uuid>,
) -> Result<Json<Value>, Refused> {
    if platform.state.grant(id).is_none() {
        return Err(unknown("grant"));
    }
    let expired = platform.state.expire_access_tokens(Some(id)).await?;
    Ok(Json(json!({ "expired": expired })))
}

async fn expire_all(State(platform): State<Shared>) -> Result<Json<Value>, Refused> {
    let expired = platform.state.expire_access_tokens(None).await?;
    Ok(Json(json!({ "expired": expired })))
}

async fn calls(State(platform): State<Shared>) -> Response {
    Json(platform.calls.so_far()).into_response()
}

async fn reset_calls(State(platform): State<Shared>) -> StatusCode {
    platform.calls.reset();
    StatusCode::NO_CONTENT
}

fn client_out(client: &Registered) -> Value {
    json!({
        "id": client.id,
        "name": client.name,
        "product": client.product,
        "redirect_uris": client.redirect_uris,
    })
}

async fn clients(State(platform): State<Shared>) -> Json<Vec<Value>> {
    Json(platform.state.clients().iter().map(client_out).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientIn {
    id: String,
    secret: String,
    name: Option<String>,
    product: Product,
    redirect_uris: Vec<Url>,
}

async fn register(
    State(platform): State<Shared>,
    asked: Result<Json<ClientIn>, JsonRejection>,
) -> Result<impl IntoResponse, Refused> {
    let Json(asked) = asked?;
    if asked.id.is_empty() || asked.secret.is_empty() {
        return Err(unprocessable("id and secret can't be empty"));
    }
    // RFC 6749, section 3.1.2; and what a browser would run instead of visit has no place here.
    let fits = |uri: &Url| matches!(uri.scheme(), "http" | "https") && uri.fragment().is_none();
    if asked.redirect_uris.is_empty() || !asked.redirect_uris.iter().all(fits) {
        return Err(unprocessable(
            "redirect_uris needs at least one http or https URL, without a fragment",
        ));
    }
    let client = Client {
        name: asked.name.unwrap_or_else(|| asked.id.clone()),
        id: asked.id,
        secret: asked.secret,
        product: asked.product,
        redirect_uris: asked.redirect_uris,
    };
    if !platform.state.register(&client).await? {
        return Err(Refused(
            StatusCode::CONFLICT,
            "a configured client has this id".into(),
        ));
    }
    let registered = Registered::from(&client);
    Ok((StatusCode::CREATED, Json(client_out(&registered))))
}

async fn unregister(
    State(platform): State<Shared>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    if platform.state.unregister(&id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown("client registered at run time"))
    }
}

async fn settings(State(platform): State<Shared>) -> Json<Settings> {
    Json(platform.state.settings())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsIn {
    access_token_ttl_seconds: Option<u32>,
    refresh_token_ttl_seconds: Option<u32>,
    refresh_reuse_grace_seconds: Option<u32>,
}

async fn change_settings(
    State(platform): State<Shared>,
    asked: Result<Json<SettingsIn>, JsonRejection>,
) -> Result<Json<Settings>, Refused> {
    let Json(asked) = asked?;
    let now = platform.state.settings();
    let changed = Settings {
        access_token_ttl_seconds: (asked.access_token_ttl_seconds)
            .unwrap_or(now.access_token_ttl_seconds),
        refresh_token_ttl_seconds: (asked.refresh_token_ttl_seconds)
            .unwrap_or(now.refresh_token_ttl_seconds),
        refresh_reuse_grace_seconds: (asked.refresh_reuse_grace_seconds)
            .unwrap_or(now.refresh_reuse_grace_seconds),
    };
    if changed.access_token_ttl_seconds == 0 || changed.refresh_token_ttl_seconds == 0 {
        return Err(unprocessable("a token lives for at least a second"));
    }
    platform.state.change_settings(changed);
    Ok(Json(changed))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdvanceIn {
    /// Every business where absent.
    business: Option<String>,
    days: u32,
}

/// Ten years: beyond that the books would only grow.
const MOST_DAYS: u32 = 3_650;

async fn advance(
    State(platform): State<Shared>,
    asked: Result<Json<AdvanceIn>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let Json(asked) = asked?;
    let moved = advance_books(&platform, asked.business.as_deref(), asked.days).await?;
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
        return Err(unprocessable(format!("days is 1 to {MOST_DAYS}")));
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerIn {
    authorization_url: Url,
    #[serde(default)]
    decision: Decision,
    business: Option<String>,
    /// Email address; the first of the practised people where absent.
    person: Option<String>,
}

#[derive(Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Decision {
    #[default]
    Allow,
    Deny,
}

/// Plays the person: reads the request as the pages would, and decides.
async fn answer(
    State(platform): State<Shared>,
    asked: Result<Json<AnswerIn>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let Json(given) = asked?;
    let query = given.authorization_url.query().unwrap_or_default();
    let asked = match understand(&platform, query) {
        Ok(asked) => asked,
        Err(CannotAsk::Untrusted(text)) => return Err(unprocessable(text)),
        Err(CannotAsk::Refused { location, .. }) => {
            return Ok(Json(json!({ "redirect_to": location })));
        }
    };
    let location = if let Some((_, location)) = asked.struck(&platform) {
        location
    } else if given.decision == Decision::Deny {
        asked.deny(&platform)
    } else {
        let [first, ..] = people::practised();
        let email = given.person.unwrap_or(first.email);
        let person = people::with_email(&email)
            .ok_or_else(|| unprocessable("person isn't an email address"))?;
        let business = given
            .business
            .as_deref()
            .and_then(|id| platform.business(id))
            .ok_or_else(|| unprocessable("business isn't one of those here"))?;
        asked.agree(&platform, &person, platform.state.now(), business.id)
    };
    Ok(Json(json!({ "redirect_to": location })))
}

impl Refused {
    pub(crate) fn text(&self) -> &str {
        &self.1
    }
}
