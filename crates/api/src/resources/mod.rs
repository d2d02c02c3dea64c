//! The operations of the API, a file for each resource.

pub(crate) mod assets;
pub(crate) mod companies;
pub(crate) mod connections;
pub(crate) mod consents;
pub(crate) mod data;
pub(crate) mod data_requests;
pub(crate) mod files;
pub(crate) mod integrations;
pub(crate) mod operations;
pub(crate) mod settings;
pub(crate) mod webhooks;
