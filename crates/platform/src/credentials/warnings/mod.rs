//! Warnings of access that fails or will end, each given once.

pub(super) mod degradation;
pub(super) mod forecast;

pub use forecast::tell_of_endings;
