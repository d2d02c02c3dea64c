//! A client's own settings.

pub mod api_keys;
pub mod profile;
