//! The banking API: unsigned strings with a direction, RFC 1123 times, next links.

mod records;

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::NaiveDate;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::resource::{Params, Resource, number, present};
use super::{Refusal, open};
use crate::Product;
use crate::books::{Books, Library};

const RESOURCES: &[&Resource] = &[
    &records::ACCOUNTS,
    &records::BALANCES,
    &records::CATEGORIES,
    &records::ENTRIES,
];

pub(super) fn routes() -> Router<Arc<Library>> {
    let mut router = Router::new()
        .route("/party", get(party))
        .route("/accounts/{id}", get(account));
    for resource in RESOURCES.iter().copied() {
        let all = get(
            move |counter: Counter, headers: HeaderMap, query: Query<Params>| {
                list(counter, headers, query, resource)
            },
        );
        router = router.route(resource.path, all);
    }
    router
        .fallback(|| async { Error::Unknown("The resource is unknown.".into()) })
        .method_not_allowed_fallback(|| async { Error::Method })
}

/// The books that the request may read.
struct Counter(Arc<Books>);

impl FromRequestParts<Arc<Library>> for Counter {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, library: &Arc<Library>) -> Result<Self, Error> {
        match open(library.clone(), &parts.extensions, Product::Banking).await {
            Ok((books, _)) => Ok(Self(books)),
            Err(Refusal::Unauthorised) => Err(Error::Token),
            Err(Refusal::WrongProduct) => Err(Error::Consent),
            Err(Refusal::NoBusiness) => Err(Error::Unknown("The party is unknown.".into())),
        }
    }
}

enum Error {
    Token,
    Consent,
    Unknown(String),
    Method,
    Format(&'static str),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code, text) = match self {
            Self::Token => (
                StatusCode::UNAUTHORIZED,
                "TOKEN_INVALID",
                "The access token is missing or not valid.".to_owned(),
            ),
            Self::Consent => (
                StatusCode::FORBIDDEN,
                "CONSENT_INVALID",
                "The consent does not cover account information.".to_owned(),
            ),
            Self::Unknown(text) => (StatusCode::NOT_FOUND, "RESOURCE_UNKNOWN", text),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "SERVICE_INVALID",
                "The service does not know this method.".to_owned(),
            ),
            Self::Format(name) => (
                StatusCode::BAD_REQUEST,
                "FORMAT_ERROR",
                format!("The format of '{name}' is wrong."),
            ),
        };
        let body = json!({"tppMessages": [{"category": "ERROR", "code": code, "text": text}]});
        (status, Json(body)).into_response()
    }
}

/// Scheme and host under which the caller reached this server.
fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST.as_str()).unwrap_or("localhost");
    let scheme = match text("x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    format!("{scheme}://{host}")
}

/// The address of a page, with the caller's own filters.
fn link(origin: &str, path: &str, params: &Params, position: Option<usize>) -> String {
    let mut names: Vec<&String> = params.keys().filter(|name| *name != "position").collect();
    names.sort_unstable();
    let mut pairs: Vec<String> = names
        .into_iter()
        .map(|name| {
            let name_text = utf8_percent_encode(name, NON_ALPHANUMERIC);
            let value = utf8_percent_encode(&params[name], NON_ALPHANUMERIC);
            format!("{name_text}={value}")
        })
        .collect();
    pairs.extend(position.map(|position| format!("position={position}")));
    let query = if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    };
    format!("{origin}/banking/v1{path}{query}")
}

async fn list(
    Counter(books): Counter,
    headers: HeaderMap,
    Query(params): Query<Params>,
    resource: &'static Resource,
) -> Result<Json<Value>, Error> {
    let limit = number(&params, "limit", 100, 500).map_err(Error::Format)?;
    for name in ["dateFrom", "dateTo"] {
        let right = params
            .get(name)
            .is_none_or(|day| NaiveDate::parse_from_str(day, "%Y%m%d").is_ok() && day.len() == 8);
        if !right {
            return Err(Error::Format(name));
        }
    }
    let position: usize = match params.get("position") {
        None => 0,
        Some(position) => position.parse().map_err(|_| Error::Format("position"))?,
    };
    let matching = resource.select(&books, &params, None);
    let start = position.min(matching.len());
    let end = matching.len().min(start.saturating_add(limit));
    let rows: Vec<Value> = matching[start..end]
        .iter()
        .map(|at| present((resource.render)(&books, *at)))
        .collect();
    let origin = origin(&headers);
    let here = params.get("position").map(|_| start);
    let mut links = json!({ "self": link(&origin, resource.path, &params, here) });
    if end < matching.len() {
        links["next"] = json!(link(&origin, resource.path, &params, Some(end)));
    }
    let key = resource.path.trim_start_matches('/');
    Ok(Json(json!({ key: rows, "links": links })))
}

async fn account(Counter(books): Counter, Path(id): Path<String>) -> Result<Json<Value>, Error> {
    let position = records::ACCOUNTS
        .find(&books, &id)
        .ok_or_else(|| Error::Unknown(format!("The account '{id}' is unknown.")))?;
    let account = present((records::ACCOUNTS.render)(&books, position));
    Ok(Json(json!({ "account": account })))
}

async fn party(Counter(books): Counter) -> Json<Value> {
    Json(json!({"party": {
        "partyId": books.trade.business.id,
        "name": books.trade.registered.name,
    }}))
}
