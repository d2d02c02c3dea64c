//! Data on its way from platforms and to them.

pub mod configuration;
pub mod files;
pub mod pulling;
pub mod pushing;
pub mod reconciliation;
