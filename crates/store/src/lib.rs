//! Everything Moorline keeps, and the only SQL in the project.
//!
//! One SQL text runs on SQLite and PostgreSQL; the few differences are in [`dialect`]. Functions that change something take
//! a [`Tx`], so that a caller decides what becomes durable together; reads take the [`Db`].

pub mod clock;
pub mod model;
pub mod query;

mod data;
mod delivery;
mod grants;
mod people;
mod sql;
mod work;

pub use data::{data_config, datasets, pushes, records, supplements, sync_settings};
pub use delivery::{events, messages, news, webhooks};
pub use grants::{choices, connections, credentials, issues, links};
pub use people::{clients, companies, counts, integrations};
pub use sql::db::{Bind, Db, Dynamic, News, StoreError, Tx};
pub use sql::{dialect, dump, filter, list};
pub use work::{jobs, meta, paces, quotas, shares};
