//! Data that is read from platforms and written to them.

pub mod data_config;
pub mod datasets;
pub mod files;
pub mod machines;
pub mod pull_states;
pub mod pushes;
pub mod quarantine;
pub mod raw_pages;
pub mod records;
pub mod supplements;
pub mod sync_settings;
