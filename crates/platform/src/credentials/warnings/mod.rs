//! Warnings of access that fails or will end, each given once.

pub(super) mod degradation;
pub(super) mod forecast;

pub use degradation::CLIENT_REFUSED;
pub use forecast::{end_what_is_over, tell_of_endings};
