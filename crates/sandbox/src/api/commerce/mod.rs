//! The commerce API: decimal strings, epoch milliseconds, cursors, camel case.

mod lists;
mod orders;
mod people;

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::resource::{Params, Resource, number, present};
use super::{Refusal, open};
use crate::Product;
use crate::books::{Books, Library};

const RESOURCES: &[&Resource] = &[
    &people::SITES,
    &people::SHOPPERS,
    &people::PRODUCTS,
    &lists::CATEGORIES,
    &lists::PAYMENT_METHODS,
    &lists::TAXES,
    &orders::ORDERS,
    &orders::CHARGES,
    &orders::BALANCE_ENTRIES,
    &lists::DISPUTES,
];

pub(super) fn routes() -> Router<Arc<Library>> {
    let mut router = Router::new()
        .route("/me", get(me))
        .route("/shop", get(shop));
    for resource in RESOURCES.iter().copied() {
        let all = get(move |till: Till, query: Query<Params>| list(till, query, resource));
        let one = get(move |till: Till, id: Path<String>| read(till, id, resource));
        router = router
            .route(resource.path, all)
            .route(&format!("{}/{{id}}", resource.path), one);
    }
    router
        .fallback(|| async { Error::NotFound("No such address.".into()) })
        .method_not_allowed_fallback(|| async { Error::Method })
}

/// The books that the request may read.
struct Till(Arc<Books>);

impl FromRequestParts<Arc<Library>> for Till {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, library: &Arc<Library>) -> Result<Self, Error> {
        match open(library.clone(), &parts.extensions, Product::Commerce).await {
            Ok((books, _)) => Ok(Self(books)),
            Err(Refusal::Unauthorised) => Err(Error::Unauthenticated),
            Err(Refusal::WrongProduct) => Err(Error::WrongProduct),
            Err(Refusal::NoBusiness) => Err(Error::NotFound("The merchant is gone.".into())),
        }
    }
}

enum Error {
    Unauthenticated,
    WrongProduct,
    NotFound(String),
    Method,
    BadParameter(&'static str),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code, detail) = match self {
            Self::Unauthenticated => (
                StatusCode::UNAUTHORIZED,
                "UNAUTHENTICATED",
                "Send a bearer token.".to_owned(),
            ),
            Self::WrongProduct => (
                StatusCode::FORBIDDEN,
                "WRONG_PRODUCT",
                "This token is not for the commerce API.".to_owned(),
            ),
            Self::NotFound(detail) => (StatusCode::NOT_FOUND, "NOT_FOUND", detail),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "Only GET is answered here.".to_owned(),
            ),
            Self::BadParameter(name) => (
                StatusCode::BAD_REQUEST,
                "BAD_PARAMETER",
                format!("'{name}' has a value that is not understood."),
            ),
        };
        let body = json!({"errors": [{"code": code, "detail": detail}]});
        (status, Json(body)).into_response()
    }
}

/// The position after which a page begins; it outlives records that come and go.
fn read_cursor(resource: &Resource, cursor: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (path, position) = text.split_once(':')?;
    (path == resource.path).then(|| position.parse().ok())?
}

fn write_cursor(resource: &Resource, position: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{position}", resource.path))
}

async fn list(
    Till(books): Till,
    Query(params): Query<Params>,
    resource: &'static Resource,
) -> Result<Json<Value>, Error> {
    let limit = number(&params, "limit", 50, 250).map_err(Error::BadParameter)?;
    let since = params
        .get("updatedAtMin")
        .map(|since| {
            since
                .parse()
                .map_err(|_| Error::BadParameter("updatedAtMin"))
        })
        .transpose()?;
    let after = params
        .get("after")
        .map(|after| read_cursor(resource, after).ok_or(Error::BadParameter("after")))
        .transpose()?;
    let matching = resource.select(&books, &params, since);
    let start = after.map_or(0, |after| matching.partition_point(|at| *at <= after));
    let page = &matching[start..matching.len().min(start + limit)];
    let items: Vec<Value> = page
        .iter()
        .map(|position| present((resource.render)(&books, *position)))
        .collect();
    let more = start + page.len() < matching.len();
    let mut info = json!({ "hasMore": more });
    if let Some(last) = page.last().filter(|_| more) {
        info["nextCursor"] = json!(write_cursor(resource, *last));
    }
    Ok(Json(json!({"items": items, "pageInfo": info})))
}

async fn read(
    Till(books): Till,
    Path(id): Path<String>,
    resource: &'static Resource,
) -> Result<Json<Value>, Error> {
    let position = resource
        .find(&books, &id)
        .ok_or_else(|| Error::NotFound(format!("No {} '{id}'.", resource.noun)))?;
    Ok(Json(present((resource.render)(&books, position))))
}

async fn me(Till(books): Till) -> Json<Value> {
    Json(json!({
        "merchantId": books.trade.business.id,
        "merchantName": books.trade.registered.name,
    }))
}

async fn shop(Till(books): Till) -> Json<Value> {
    Json(present(people::shop(&books)))
}
