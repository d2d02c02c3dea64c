//! The two engines, and statements that run on both.

pub(crate) mod columns;
pub(crate) mod db;
pub(crate) mod dialect;
pub mod dump;
pub(crate) mod error;
pub(crate) mod filter;
pub mod list;
pub(crate) mod migrate;
pub mod sealed;
mod time;
pub(crate) mod tx;
