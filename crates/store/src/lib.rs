//! Everything Moorline keeps, and the only SQL in the project.
//!
//! One SQL text runs on SQLite and PostgreSQL; the few differences are in `sql/dialect`. Functions that change something take
//! a [`Tx`], so that a caller decides what becomes durable together; reads take the [`Db`].
//!
//! A row that a request names is looked up with the id of its client or company beside its own. A lookup without either says why
//! ("Unscoped: …"); other functions take the id of a connection, dataset, consumer or job that the caller has loaded.

pub mod clock;
pub mod model;
pub mod query;

mod data;
mod delivery;
mod grants;
mod people;
mod record;
mod sql;
mod work;

pub use data::{
    data_config, datasets, files, machines, pull_states, pushes, quarantine, raw_pages, records,
    supplements, sync_settings,
};
pub use delivery::{events, messages, news, webhooks};
pub use grants::{
    agreements, choices, connections, credentials, doubtful, endings, held, issues, key_pairs,
    links, token_endpoints,
};
pub use people::{clients, companies, counts, data_requests, disclosures, funnel, integrations};
pub use record::{consents, entries, openings, reads, receipt_keys, retention};
pub(crate) use sql::db::{Bind, Dynamic};
pub use sql::db::{Db, News, Tx};
pub use sql::error::StoreError;
pub use sql::migrate::known_migrations;
pub use sql::{dump, list, sealed};
pub use work::{jobs, keyed_requests, meta, platform_use, quotas, sealing_keys, shares, turns};
