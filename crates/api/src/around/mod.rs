//! Around every request: who is calling, deadlines, limits, errors, paging.

pub mod auth;
pub mod body;
pub mod cors;
pub mod deprecations;
pub mod errors;
pub mod layers;
pub mod paging;
pub mod rate_headers;
pub mod server;
pub mod tenancy;

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
