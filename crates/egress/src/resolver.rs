//! Resolving names to addresses.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;

/// The addresses of a name, in the order in which they are to be tried.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Resolves names for a [`Door`](crate::Door), which vets every answer: a resolver can point anywhere, and the door still
/// connects to no private address that its policy doesn't allow.
pub trait Resolver: Send + Sync + 'static {
    /// Called for names only: a literal address needs no resolving.
    fn resolve(&self, name: String) -> Resolving;
}

/// The machine's own resolver (`getaddrinfo`).
pub(crate) struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, name: String) -> Resolving {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    }
}
