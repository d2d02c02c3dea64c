//! Moorline: companies, their connections to platforms, the sealed credentials behind them and the data pulled through them.

pub mod app;
pub mod cli;
pub mod clock;
pub mod company_tokens;
pub mod config;
pub mod events;
pub mod http;
pub mod integrations;
pub mod jobs;
pub mod keys;
pub mod limits;
pub mod link;
pub mod linking;
pub mod live;
pub mod metrics;
pub mod model;
pub mod passwords;
pub mod products;
pub mod pushing;
pub mod query;
pub mod redirects;
pub mod store;
pub mod sync;
pub mod tokens;
pub mod vault;
pub mod webhooks;
