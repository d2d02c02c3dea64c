//! The pages the customer's browser sees on the way to a platform and back.

use axum::Router;

use crate::http::AppState;

pub fn routes() -> Router<AppState> {
    Router::new()
}
