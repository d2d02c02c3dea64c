//! The one door out: every request that leaves the program passes through [`Door`].
//!
//! A door vets the address it is about to connect to (names and literals alike), follows no redirect, reads no
//! proxy variable, bounds time and body, and puts nothing into its errors that could be a secret.

mod address;
mod door;
mod encoding;
mod error;
mod identity;
mod resolver;
mod secret;

pub use address::is_public;
pub use door::{Desk, Door, Policy, Request, Response};
pub use error::{EgressError, Obstacle};
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
pub use identity::{Identity, IdentityError};
pub use resolver::{Resolver, Resolving};
pub use secret::Secret;
