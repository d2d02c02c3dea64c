//! An API's refusal, in the format of the product that was called (see `API.md`).

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use crate::config::Product;

/// The envelope of the product under whose path the request came; accounting's for any other path.
pub(crate) fn refusal(product: Option<Product>, status: StatusCode, text: &str) -> Response {
    let code = code(product, status);
    let body = match product {
        None | Some(Product::Accounting) => json!({ "error": { "code": code, "message": text } }),
        Some(Product::Commerce) => json!({ "errors": [{ "code": code, "detail": text }] }),
        Some(Product::Banking) => {
            json!({ "tppMessages": [{ "category": "ERROR", "code": code, "text": text }] })
        }
    };
    (status, Json(body)).into_response()
}

fn code(product: Option<Product>, status: StatusCode) -> &'static str {
    match (product, status.as_u16()) {
        (Some(Product::Banking), 401) => "TOKEN_INVALID",
        (Some(Product::Banking), 403) => "CONSENT_INVALID",
        (Some(Product::Banking), 404) => "RESOURCE_UNKNOWN",
        (Some(Product::Banking), 429) => "ACCESS_EXCEEDED",
        (Some(Product::Banking), 503) => "SERVICE_UNAVAILABLE",
        (Some(Product::Banking), _) => "INTERNAL_SERVER_ERROR",
        (Some(Product::Commerce), 401) => "UNAUTHENTICATED",
        (Some(Product::Commerce), 403) => "WRONG_PRODUCT",
        (Some(Product::Commerce), 404) => "NOT_FOUND",
        (Some(Product::Commerce), 429) => "THROTTLED",
        (Some(Product::Commerce), 503) => "UNAVAILABLE",
        (Some(Product::Commerce), _) => "INTERNAL",
        (_, 401) => "unauthorised",
        (_, 403) => "wrong_product",
        (_, 404) => "not_found",
        (_, 429) => "too_many_requests",
        (_, 503) => "unavailable",
        (_, _) => "internal",
    }
}
