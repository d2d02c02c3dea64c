//! The operations of the API, a file for each resource.

pub mod assets;
pub mod companies;
pub mod connections;
pub mod data;
pub mod integrations;
pub mod operations;
pub mod settings;
pub mod webhooks;
