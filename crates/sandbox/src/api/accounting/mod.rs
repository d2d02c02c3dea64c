//! The accounting API: integers in minor units, page numbers, snake case.

mod accounts;
mod cash;
mod documents;
mod entries;
mod lists;
mod orders;
mod statements;
mod writing;

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::DateTime;
use serde_json::{Value, json};

use super::resource::{Params, Resource, number};
use super::{Refusal, open};
use crate::books::{Books, Library};
use crate::{Access, Product};

const RESOURCES: &[&Resource] = &[
    &accounts::LEDGER_ACCOUNTS,
    &accounts::BANK_ACCOUNTS,
    &accounts::CONTACTS,
    &accounts::CATALOGUE_ITEMS,
    &accounts::TAX_CODES,
    &documents::SALES_DOCUMENTS,
    &documents::PURCHASE_DOCUMENTS,
    &orders::PURCHASE_ORDERS,
    &orders::GOODS_RECEIPTS,
    &orders::SALES_ORDERS,
    &documents::RECEIPTS,
    &documents::REMITTANCES,
    &cash::SPENDINGS,
    &cash::INCOMES,
    &cash::TRANSFERS,
    &lists::JOURNALS,
    &lists::PAYMENT_METHODS,
    &lists::TRACKING_HEADINGS,
    &entries::LEDGER_ENTRIES,
    &entries::BANK_LINES,
    &entries::MONEY_MOVEMENTS,
];

pub(super) fn routes() -> Router<Arc<Library>> {
    let mut router = Router::new()
        .route("/whoami", get(whoami))
        .route("/organisation", get(organisation))
        .route("/bank_accounts/{id}/lines", get(lines_of_account))
        .route("/statements", get(statements::statements))
        .route("/trial_balance", get(statements::trial_balance));
    for resource in RESOURCES.iter().copied() {
        let all = get(move |desk: Desk, query: Query<Params>| list(desk, query, resource));
        let one = get(move |desk: Desk, id: Path<String>| read(desk, id, resource));
        let writer = writing::WRITERS
            .iter()
            .find(|writer| writer.resource.path == resource.path);
        let (all, one) = match writer {
            Some(writer) => (
                all.post(move |draft: writing::Draft| writing::create(draft, writer)),
                one.put(move |id: Path<String>, draft: writing::Draft| {
                    writing::replace(draft, id, writer)
                }),
            ),
            None => (all, one),
        };
        router = router
            .route(resource.path, all)
            .route(&format!("{}/{{id}}", resource.path), one);
    }
    router
        .fallback(|| async { Error::NotFound("There is nothing at this address.".into()) })
        .method_not_allowed_fallback(|| async { Error::Method })
}

/// The books that the request may read.
struct Desk {
    books: Arc<Books>,
    access: Access,
}

impl FromRequestParts<Arc<Library>> for Desk {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, library: &Arc<Library>) -> Result<Self, Error> {
        match open(library.clone(), &parts.extensions, Product::Accounting).await {
            Ok((books, access)) => Ok(Self { books, access }),
            Err(Refusal::Unauthorised) => Err(Error::Unauthorised),
            Err(Refusal::WrongProduct) => Err(Error::WrongProduct),
            Err(Refusal::NoBusiness) => {
                Err(Error::NotFound("The organisation no longer exists.".into()))
            }
        }
    }
}

enum Error {
    Unauthorised,
    WrongProduct,
    NotFound(String),
    Method,
    BadParameter(&'static str),
    /// A body that is not a JSON object, or too long; a header that cannot be used.
    BadRequest(StatusCode, &'static str, &'static str),
    /// The same `Idempotency-Key` with another request.
    KeyReused,
    NotAccepted(Vec<writing::Fault>),
    /// The books could not be opened; a retry may succeed.
    Broken,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code, message) = match self {
            Self::Unauthorised => (
                StatusCode::UNAUTHORIZED,
                "unauthorised",
                "A bearer token is needed.".to_owned(),
            ),
            Self::WrongProduct => (
                StatusCode::FORBIDDEN,
                "wrong_product",
                "This token does not open the accounting API.".to_owned(),
            ),
            Self::NotFound(message) => (StatusCode::NOT_FOUND, "not_found", message),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This address can only be read; use GET.".to_owned(),
            ),
            Self::BadRequest(status, code, message) => (status, code, message.to_owned()),
            Self::KeyReused => (
                StatusCode::CONFLICT,
                "key_reused",
                "This Idempotency-Key was used for another request.".to_owned(),
            ),
            Self::NotAccepted(faults) => return writing::not_accepted(&faults),
            Self::Broken => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something broke on our side.".to_owned(),
            ),
            Self::BadParameter(name) => (
                StatusCode::BAD_REQUEST,
                "bad_parameter",
                format!("The value of '{name}' cannot be understood."),
            ),
        };
        let body = json!({"error": {"code": code, "message": message}});
        (status, Json(body)).into_response()
    }
}

async fn list(
    desk: Desk,
    Query(params): Query<Params>,
    resource: &'static Resource,
) -> Result<Json<Value>, Error> {
    let page = number(&params, "page", 1, usize::MAX / 1000).map_err(Error::BadParameter)?;
    let per_page = number(&params, "per_page", 100, 250).map_err(Error::BadParameter)?;
    if let Some(name) = resource.bad_filter(&params) {
        return Err(Error::BadParameter(name));
    }
    let since = params
        .get("updated_since")
        .map(|since| {
            DateTime::parse_from_rfc3339(since)
                .map(|since| since.timestamp_millis())
                .map_err(|_| Error::BadParameter("updated_since"))
        })
        .transpose()?;
    let books = &desk.books;
    let matching = resource.select(books, &params, since);
    let data: Vec<Value> = matching
        .iter()
        .skip((page - 1) * per_page)
        .take(per_page)
        .map(|position| (resource.render)(books, *position))
        .collect();
    Ok(Json(json!({
        "data": data,
        "page": page,
        "per_page": per_page,
        "total_pages": matching.len().div_ceil(per_page),
        "total_records": matching.len(),
    })))
}

async fn read(
    desk: Desk,
    Path(id): Path<String>,
    resource: &'static Resource,
) -> Result<Json<Value>, Error> {
    let position = resource
        .find(&desk.books, &id)
        .ok_or_else(|| Error::NotFound(format!("There is no {} '{id}'.", resource.noun)))?;
    let data = (resource.render)(&desk.books, position);
    Ok(Json(json!({ "data": data })))
}

async fn lines_of_account(
    desk: Desk,
    Path(id): Path<String>,
    Query(mut params): Query<Params>,
) -> Result<Json<Value>, Error> {
    if accounts::BANK_ACCOUNTS.find(&desk.books, &id).is_none() {
        return Err(Error::NotFound(format!("There is no bank account '{id}'.")));
    }
    params.insert("bank_account_id".to_owned(), id);
    list(desk, Query(params), &entries::BANK_LINES).await
}

async fn whoami(desk: Desk) -> Json<Value> {
    let trade = desk.books.trade;
    Json(json!({"data": {
        "organisation_id": trade.business.id,
        "organisation_name": trade.registered.name,
        "user": desk.access.subject,
    }}))
}

async fn organisation(desk: Desk) -> Json<Value> {
    Json(json!({ "data": accounts::organisation(&desk.books) }))
}
