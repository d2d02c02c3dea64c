//! The control page: the control API as forms.

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use http::header::HeaderMap;
use serde::Deserialize;
use uuid::Uuid;

use super::{Choice, choices, honest_form, page, to, with_cookie};
use crate::books::wrong::Wrong;
use crate::config::Product;
use crate::control::calls::Counted;
use crate::control::faults::{Fault, Kind, OutageMode, Stage};
use crate::control::{FaultIn, TAKEN_BACK, advance_books, arm_fault};
use crate::oauth::params::Params;
use crate::platform::{Platform, Shared};
use crate::state::{API_KEY, Grant, Registered};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/control", get(show))
        .route("/control/faults", post(arm))
        .route("/control/faults/clear", post(clear))
        .route("/control/grants/expire", post(expire))
        .route("/control/grants/{id}/revoke", post(revoke))
        .route("/control/grants/{id}/expire", post(expire_one))
        .route("/control/keys", post(make_key))
        .route("/control/advance", post(advance))
        .route("/control/calls/reset", post(reset_calls))
}

#[derive(Template)]
#[template(path = "control.html")]
struct ControlPage<'a> {
    issuer: &'a str,
    csrf: String,
    done: Option<&'static str>,
    /// An API key that was just made.
    key: Option<String>,
    error: Option<String>,
    faults: Vec<ArmedRow>,
    grants: Vec<GrantRow>,
    clients: Vec<Registered>,
    businesses: Vec<Choice<'a>>,
    products: [Product; 3],
    calls: Counted,
    now: DateTime<Utc>,
}

struct ArmedRow {
    id: u64,
    effect: String,
    place: &'static str,
    target: String,
    left: String,
    struck: u64,
}

struct GrantRow {
    grant: Grant,
    business: String,
    client: String,
    /// `live`, `idle` (no access token is live) or `revoked`.
    state: &'static str,
    note: String,
}

#[derive(Deserialize)]
struct Shown {
    done: Option<String>,
}

async fn show(
    State(platform): State<Shared>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Response {
    let done = shown.done.as_deref().and_then(done_in_words);
    control_page(&platform, &headers, done, None)
}

fn control_page(
    platform: &Platform,
    headers: &HeaderMap,
    done: Option<&'static str>,
    error: Option<String>,
) -> Response {
    page_with_key(platform, headers, (done, None), error)
}

fn page_with_key(
    platform: &Platform,
    headers: &HeaderMap,
    (done, key): (Option<&'static str>, Option<String>),
    error: Option<String>,
) -> Response {
    let now = platform.state.now();
    let browser = platform.sessions.browser(headers, now);
    let status = match error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let clients = platform.state.clients();
    let response = page(
        status,
        &ControlPage {
            issuer: platform.config.issuer(),
            csrf: platform.sessions.csrf_token(&browser),
            done,
            key,
            error,
            faults: (platform.faults.list().into_iter())
                .map(|fault| armed_row(platform, &fault))
                .collect(),
            grants: (platform.state.grants().into_iter())
                .map(|grant| grant_row(platform, &clients, grant, now))
                .collect(),
            businesses: choices(platform),
            products: Product::ALL,
            calls: platform.calls.so_far(),
            clients,
            now,
        },
    );
    with_cookie(platform, &browser, response)
}

/// The messages that an address may have the page show: only these.
fn done_in_words(code: &str) -> Option<&'static str> {
    Some(match code {
        "armed" => "The fault is armed.",
        "cleared" => "Cleared.",
        "revoked" => "The grant is revoked, as if the customer took it back here.",
        "expired" => "The access tokens have expired. Refresh tokens still work.",
        "advanced" => "Time has passed. The next sync finds something new.",
        "reset" => "Counting starts at zero.",
        _ => return None,
    })
}

fn armed_row(platform: &Platform, fault: &Fault) -> ArmedRow {
    let place = match fault.kind.stage() {
        Stage::Authorization => "Authorization",
        Stage::Token => "Token endpoint",
        Stage::Api => "APIs",
        Stage::Books => "Books",
        Stage::Everywhere => "Everywhere",
    };
    let mut target: Vec<String> = Vec::new();
    target.extend(fault.product.map(|product| product.brand().to_owned()));
    target.extend(
        fault
            .business
            .as_deref()
            .map(|id| business_name(platform, id)),
    );
    target.extend(fault.path.clone());
    ArmedRow {
        id: fault.id,
        effect: in_words(&fault.kind),
        place,
        target: target.join(" · "),
        left: match fault.times {
            None => "until cleared".into(),
            Some(1) => "next request".into(),
            Some(times) => format!("next {times} requests"),
        },
        struck: fault.struck,
    }
}

fn in_words(kind: &Kind) -> String {
    match kind {
        Kind::Deny => "Answers access_denied".into(),
        Kind::AuthorizationError { error } => format!("Answers {}", name(error)),
        Kind::TokenDelay { delay_ms } | Kind::ApiDelay { delay_ms } => {
            format!("Answers {delay_ms} ms late")
        }
        Kind::TokenError { error } => format!("Answers {}", name(error)),
        Kind::TokenAnswerLost => "Issues tokens, loses the answer".into(),
        Kind::ApiRateLimit {
            retry_after_seconds,
        } => format!("429, Retry-After: {retry_after_seconds}"),
        Kind::ApiError { status } => format!("Answers {status}"),
        Kind::ApiAnswerLost => "Does it, loses the answer".into(),
        Kind::ApiMalformed => "Breaks off in the middle of the JSON".into(),
        Kind::WrongBooks { record } => match record {
            Wrong::Invoice => "An invoice’s amount due forgets a payment".into(),
            Wrong::Bill => "A bill’s amount due forgets a payment".into(),
            Wrong::BankLine => "A bank line has the wrong sign".into(),
            Wrong::Payout => "A payout has the wrong sign".into(),
        },
        Kind::Outage {
            mode: OutageMode::Unavailable,
        } => "Outage: every request gets 503".into(),
        Kind::Outage {
            mode: OutageMode::Closed,
        } => "Outage: connections close without an answer".into(),
    }
}

/// The value on the wire.
fn name(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

fn business_name(platform: &Platform, id: &str) -> String {
    platform
        .business(id)
        .map_or_else(|| id.to_owned(), |business| business.name.to_owned())
}

fn grant_row(
    platform: &Platform,
    clients: &[Registered],
    grant: Grant,
    now: DateTime<Utc>,
) -> GrantRow {
    let (state, note) = match (&grant.revoked, grant.access_until()) {
        (Some(revoked), _) => ("revoked", revoked.reason.clone()),
        (None, Some(until)) if until > now => ("live", format!("token {}", span(until - now))),
        (None, _) => ("idle", "token expired".into()),
    };
    GrantRow {
        business: business_name(platform, &grant.business),
        client: clients
            .iter()
            .find(|client| client.id == grant.client_id)
            .map(|client| client.name.clone())
            .unwrap_or_else(|| match grant.client_id.as_str() {
                API_KEY => "API key".to_owned(),
                id => id.to_owned(),
            }),
        state,
        note,
        grant,
    }
}

fn span(left: TimeDelta) -> String {
    match left.num_seconds() {
        seconds @ ..120 => format!("for {seconds} s"),
        seconds @ ..7_200 => format!("for {} min", seconds / 60),
        seconds => format!("for {} h", seconds / 3_600),
    }
}

/// A number field left empty is absent; one that isn't a number is an error for the page.
fn number<T: std::str::FromStr>(params: &Params, name: &str) -> Result<Option<T>, String> {
    params
        .get(name)
        .map(|text| {
            let wrong = || format!("{name} must be a whole number within its range");
            text.trim().parse().map_err(|_| wrong())
        })
        .transpose()
}

/// Reads the form of one of the five cards; each shows only the fields that belong to it.
fn fault_of(params: &Params) -> Result<FaultIn, String> {
    let mut kind = params.get("kind").unwrap_or_default().to_owned();
    let mut error = None;
    // "token_error:invalid_grant" is one choice on the page and two fields of the API.
    if let Some((head, tail)) = kind.clone().split_once(':') {
        kind = head.into();
        error = Some(tail.to_owned());
    }
    let mode = match kind.as_str() {
        "outage" => match error.take().as_deref() {
            Some("closed") => Some(OutageMode::Closed),
            _ => Some(OutageMode::Unavailable),
        },
        _ => None,
    };
    let record = match kind.as_str() {
        "wrong_books" => error.take(),
        _ => None,
    };
    let only = |kinds: &[&str]| kinds.contains(&kind.as_str());
    let times = number(params, "times")?;
    Ok(FaultIn {
        until_cleared: times.is_none(),
        times,
        product: (params.get("product"))
            .and_then(|key| Product::ALL.into_iter().find(|held| held.key() == key)),
        business: params.get("business").map(str::to_owned),
        path: params.get("path").map(str::to_owned),
        error,
        delay_ms: match number(params, "delay_ms")? {
            Some(delay) if only(&["token_delay", "api_delay"]) => Some(delay),
            _ => None,
        },
        retry_after_seconds: match number(params, "retry_after_seconds")? {
            Some(seconds) if only(&["api_rate_limit"]) => Some(seconds),
            _ => None,
        },
        status: match number(params, "status")? {
            Some(status) if only(&["api_error"]) => Some(status),
            _ => None,
        },
        mode,
        record,
        kind,
    })
}

async fn arm(State(platform): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let params = match honest_form(&platform, &headers, &body) {
        Ok((_, params)) => params,
        Err(response) => return *response,
    };
    match fault_of(&params).and_then(|fault| arm_fault(&platform, fault)) {
        Ok(_) => to("/control?done=armed"),
        Err(error) => control_page(&platform, &headers, None, Some(error)),
    }
}

/// One fault if the form names it, else all.
async fn clear(State(platform): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let params = match honest_form(&platform, &headers, &body) {
        Ok((_, params)) => params,
        Err(response) => return *response,
    };
    match params.get("fault").and_then(|id| id.parse().ok()) {
        Some(id) => {
            platform.faults.clear_one(id);
        }
        None => platform.faults.clear(),
    }
    platform.settle_books();
    to("/control?done=cleared")
}

async fn revoke(
    State(platform): State<Shared>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(response) = honest_form(&platform, &headers, &body) {
        return *response;
    }
    match platform.state.revoke_grant(id, TAKEN_BACK).await {
        Ok(true) => to("/control?done=revoked"),
        Ok(false) => control_page(
            &platform,
            &headers,
            None,
            Some("That grant is gone.".into()),
        ),
        Err(error) => not_saved(&platform, &headers, &error),
    }
}

async fn expire_one(
    State(platform): State<Shared>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    expire_tokens(&platform, &headers, &body, Some(id)).await
}

async fn expire(State(platform): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    expire_tokens(&platform, &headers, &body, None).await
}

async fn expire_tokens(
    platform: &Platform,
    headers: &HeaderMap,
    body: &[u8],
    grant: Option<Uuid>,
) -> Response {
    if let Err(response) = honest_form(platform, headers, body) {
        return *response;
    }
    match platform.state.expire_access_tokens(grant).await {
        Ok(_) => to("/control?done=expired"),
        Err(error) => not_saved(platform, headers, &error),
    }
}

fn not_saved(platform: &Platform, headers: &HeaderMap, error: &std::io::Error) -> Response {
    tracing::error!(%error, "saving the state failed");
    let text = "The state file can’t be written.".into();
    control_page(platform, headers, None, Some(text))
}

async fn advance(State(platform): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let params = match honest_form(&platform, &headers, &body) {
        Ok((_, params)) => params,
        Err(response) => return *response,
    };
    let days = match number(&params, "days") {
        Ok(days) => days.unwrap_or(0),
        Err(error) => return control_page(&platform, &headers, None, Some(error)),
    };
    match advance_books(&platform, params.get("business"), days).await {
        Ok(_) => to("/control?done=advanced"),
        Err(refused) => control_page(&platform, &headers, None, Some(refused.text().to_owned())),
    }
}

/// Shows the key once: it is kept as a hash.
async fn make_key(State(platform): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let params = match honest_form(&platform, &headers, &body) {
        Ok((_, params)) => params,
        Err(response) => return *response,
    };
    let business = params.get("business").and_then(|id| platform.business(id));
    let product = params.get("product");
    let product = Product::ALL
        .into_iter()
        .find(|held| Some(held.key()) == product);
    let (Some(business), Some(product)) = (business, product) else {
        let text = "Choose a platform and a business.".into();
        return control_page(&platform, &headers, None, Some(text));
    };
    match platform.state.make_key(product, business.id).await {
        Ok((_, key)) => {
            let done = Some("The key is made. It is shown only now: copy it.");
            page_with_key(&platform, &headers, (done, Some(key)), None)
        }
        Err(error) => not_saved(&platform, &headers, &error),
    }
}

async fn reset_calls(State(platform): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(response) = honest_form(&platform, &headers, &body) {
        return *response;
    }
    platform.calls.reset();
    to("/control?done=reset")
}
