//! Around every request: who is calling, deadlines, limits, errors, paging.

pub(crate) mod auth;
pub(crate) mod body;
pub(crate) mod cors;
pub(crate) mod deprecations;
pub(crate) mod errors;
pub(crate) mod idempotency;
pub(crate) mod layers;
pub(crate) mod paging;
pub(crate) mod rate_headers;
pub mod server;
pub(crate) mod tenancy;

use std::fmt::Display;
use std::str::FromStr;

use errors::ApiError;

/// An id in a path, or the refusal that names it.
pub(crate) fn path_id<T: FromStr>(name: &str, text: &str) -> Result<T, ApiError>
where
    T::Err: Display,
{
    text.parse()
        .map_err(|_| ApiError::invalid(name, format!("{name} must be a UUID.")))
}
