//! Everything Moorline keeps, and the only SQL in the project.
//!
//! One SQL text runs on SQLite and PostgreSQL; what really differs is in [`dialect`]. Functions that change something take
//! a [`Tx`], so that a caller decides what becomes durable together; reads take the [`Db`].

mod columns;
mod db;
pub mod dialect;
mod migrate;

pub mod choices;
pub mod clients;
pub mod companies;
pub mod connections;
pub mod counts;
pub mod credentials;
pub mod data_config;
pub mod datasets;
pub mod dump;
pub mod events;
pub mod filter;
pub mod integrations;
pub mod issues;
pub mod jobs;
pub mod links;
pub mod list;
pub mod messages;
pub mod meta;
pub mod news;
pub mod paces;
pub mod pushes;
pub mod quotas;
pub mod records;
pub mod shares;
pub mod supplements;
pub mod sync_settings;
pub mod webhooks;

pub use db::{Bind, Db, Dynamic, Outbox, StoreError, Tx};
