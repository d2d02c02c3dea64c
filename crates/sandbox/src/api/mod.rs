//! Three foreign HTTP APIs over the books: accounting, commerce and banking.

mod accounting;
mod banking;
mod commerce;
pub(crate) mod refusal;
mod resource;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::http::Extensions;

use crate::books::{Books, Library};
use crate::{Access, Product};

/// The routes under `/accounting/v2`, `/commerce/api` and `/banking/v1`, as `API.md` describes them.
///
/// Expects an [`Access`] among the request's extensions; without one every route answers 401.
pub fn router(library: Arc<Library>) -> Router {
    Router::new()
        .nest("/accounting/v2", accounting::routes())
        .nest("/commerce/api", commerce::routes())
        .nest("/banking/v1", banking::routes())
        .with_state(library)
}

/// Reasons for which the books stay shut.
enum Refusal {
    Unauthorised,
    WrongProduct,
    NoBusiness,
}

/// The books that the caller's token opens for `product`.
async fn open(
    library: Arc<Library>,
    extensions: &Extensions,
    product: Product,
) -> Result<(Arc<Books>, Access), Refusal> {
    let access = extensions.get::<Access>().ok_or(Refusal::Unauthorised)?;
    if access.product != product {
        return Err(Refusal::WrongProduct);
    }
    let access = access.clone();
    let business = access.business.clone();
    // Generating books is work for a second or two.
    let books = tokio::task::spawn_blocking(move || library.books(&business))
        .await
        .ok()
        .flatten()
        .ok_or(Refusal::NoBusiness)?;
    Ok((books, access))
}
