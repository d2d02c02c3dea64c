//! A platform to practise on: an OAuth 2.0 authorization server with accounting, commerce and banking data behind it.

mod api;
mod books;
mod config;
mod control;
mod desktop;
mod gate;
mod oauth;
mod pages;
mod platform;
mod server;
mod state;

use std::future::Future;
use std::io;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tokio::net::TcpListener;

pub use api::router as api_router;
pub use books::{Business, Clock, Library};
pub use config::{Client, Config, Product};
pub use desktop::{Answered, CompanyFile};

use platform::{Platform, Shared};

/// The access of a bearer token; put among the extensions of every API request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Key of the business whose books are opened.
    pub business: String,
    pub product: Product,
    /// The person who agreed, as the OpenID `sub`.
    pub subject: String,
}

/// Serves the sandbox on `listener` until `shutdown` resolves; open requests are then given ten seconds to finish.
///
/// # Errors
/// If the public URL has more than scheme, host and port, or the state file can't be read, isn't one of the sandbox's, or
/// can't be written.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let url = &config.public_url;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.has_host() {
        let text = "the sandbox's public URL must be scheme, host and port only, such as http://127.0.0.1:7410";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    let platform = Platform::open(config).await?;
    server::run(listener, router(platform), shutdown).await
}

fn router(platform: Shared) -> Router {
    let api: Router<Shared> = api::router(platform.library.clone())
        .layer(from_fn_with_state(platform.clone(), gate::keep))
        .layer(from_fn_with_state(platform.clone(), gate::faults))
        .layer(from_fn_with_state(platform.clone(), oauth::bearer::require))
        .layer(from_fn_with_state(platform.clone(), gate::count))
        .with_state(());
    Router::new()
        .merge(oauth::router())
        .merge(pages::router())
        .merge(control::router(&platform))
        .route("/health", get(async || "ok"))
        .merge(api)
        .fallback(pages::not_found)
        .layer(from_fn(pages::guard))
        .layer(from_fn_with_state(platform.clone(), gate::outage))
        .with_state(platform)
}
