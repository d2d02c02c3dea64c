//! Moving everything to another database, and back.

pub mod bar;
pub mod export;
pub mod import;
