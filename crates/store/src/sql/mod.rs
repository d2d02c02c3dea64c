//! The two engines, and statements that run on both.

pub mod columns;
pub mod db;
pub mod dialect;
pub mod dump;
pub mod filter;
pub mod list;
pub mod migrate;
