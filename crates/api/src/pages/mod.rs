//! The pages that a customer's browser sees on the way to a platform and back.
//!
//! All of them work without scripts. A GET changes nothing; what a link's one-time password allows is done by a POST of
//! a form that carries it.

mod browser;
mod callback;
mod choose;
mod deadline;
mod ending;
mod overview;
mod parts;
mod start;
mod steps;
mod trouble;
mod visit;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::AppState;

pub fn routes(app: &AppState) -> Router<AppState> {
    Router::new()
        .route(
            "/companies/{companyId}/connections/{connectionId}/start",
            get(start::show).post(start::depart),
        )
        .route(
            "/companies/{companyId}/connections/{connectionId}/leave",
            post(start::leave),
        )
        .route(
            "/companies/{companyId}/connections/{connectionId}/result",
            get(ending::of_connection),
        )
        .route(
            "/companies/{companyId}/connections/{connectionId}/choose",
            get(choose::show).post(choose::receive),
        )
        .route(deadline::CALLBACK, get(callback::receive))
        .route("/company/{companyId}", get(overview::show))
        .route("/company/{companyId}/connect", post(overview::connect))
        .route(
            "/company/{companyId}/not-listed",
            post(overview::not_listed),
        )
        .route("/company/{companyId}/leave", post(overview::leave))
        .route("/company/{companyId}/result", get(ending::of_company))
        .route("/link/assets/{file}", get(parts::assets::file))
        .route("/assets/badge.svg", get(parts::assets::badge))
        .layer(from_fn_with_state(app.clone(), deadline::layer))
}
