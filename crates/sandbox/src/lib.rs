//! A platform to practise on: an OAuth 2.0 authorization server with accounting, commerce and banking data behind it.

pub mod api;
pub mod books;
mod config;
mod server;

use std::future::Future;
use std::sync::Arc;

use tokio::net::TcpListener;

pub use books::Clock;
pub use config::{Client, Config, Product};

/// Who a bearer token speaks for; put among the extensions of every API request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Key of the business whose books may be read.
    pub business: String,
    pub product: Product,
    /// The person who agreed, as the OpenID `sub`.
    pub subject: String,
}

/// Serves the sandbox on `listener` until `shutdown` resolves.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let library = Arc::new(books::Library::with_clock(
        config.seed,
        config.clock.clone(),
    ));
    server::run(listener, api::router(library), shutdown).await
}
