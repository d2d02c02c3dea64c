//! The control API: arm faults, revoke and expire, count calls, move time (documented in `CONTROL.md`).

mod advance;
mod answer;
mod arming;
pub(crate) mod calls;
mod clients;
pub(crate) mod faults;
mod grants;
mod keys;
mod refused;
mod settings;

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use http::StatusCode;
use http::header::{HeaderMap, ORIGIN};
use serde_json::{Value, json};

use crate::config::Product;
use crate::oauth::people;
use crate::pages;
use crate::platform::Shared;

pub(crate) use advance::advance_books;
pub(crate) use arming::{FaultIn, arm_fault};
pub(crate) use grants::TAKEN_BACK;
use refused::Refused;

pub(crate) fn router(platform: &Shared) -> Router<Shared> {
    Router::new()
        .route("/control/api", get(overview))
        .route(
            "/control/api/faults",
            get(arming::list)
                .post(arming::arm)
                .delete(arming::clear_all),
        )
        .route("/control/api/faults/{id}", delete(arming::clear))
        .route("/control/api/grants", get(grants::list))
        .route("/control/api/grants/expire", post(grants::expire_all))
        .route("/control/api/grants/{id}", get(grants::read))
        .route("/control/api/grants/{id}/expire", post(grants::expire))
        .route("/control/api/grants/{id}/revoke", post(grants::revoke))
        .route("/control/api/keys", post(keys::make))
        .route("/control/api/calls", get(calls).delete(reset_calls))
        .route(
            "/control/api/clients",
            get(clients::list).post(clients::register),
        )
        .route("/control/api/clients/{id}", delete(clients::unregister))
        .route(
            "/control/api/settings",
            get(settings::read).patch(settings::change),
        )
        .route("/control/api/advance", post(advance::advance))
        .route("/control/api/answer", post(answer::answer))
        .layer(middleware::from_fn_with_state(platform.clone(), same_site))
}

/// Refuses pages of other sites, which could otherwise steer the sandbox through an operator's browser.
async fn same_site(State(platform): State<Shared>, request: Request, next: Next) -> Response {
    let foreign = |headers: &HeaderMap| {
        (headers.get(ORIGIN))
            .is_some_and(|origin| origin.as_bytes() != platform.config.issuer().as_bytes())
    };
    if pages::from_elsewhere(request.headers()) || foreign(request.headers()) {
        let text = "the control API refuses requests from pages of other sites";
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

async fn calls(State(platform): State<Shared>) -> Response {
    Json(platform.calls.so_far()).into_response()
}

async fn reset_calls(State(platform): State<Shared>) -> StatusCode {
    platform.calls.reset();
    StatusCode::NO_CONTENT
}
