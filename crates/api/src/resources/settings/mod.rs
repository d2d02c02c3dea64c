//! A client's own settings.

pub(crate) mod api_keys;
pub(crate) mod disclosure;
pub(crate) mod link;
pub(crate) mod linking;
pub(crate) mod profile;
pub(crate) mod retention;
pub(crate) mod sync_settings;
