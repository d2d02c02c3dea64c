//! The contract's JSON shapes. Absent values are left out: official clients refuse null in places.

pub(crate) mod api_key;
pub(crate) mod company;
pub(crate) mod connection;
pub(crate) mod consent;
pub(crate) mod dataset;
pub(crate) mod grant;
pub(crate) mod integration;
pub(crate) mod profile;
pub(crate) mod push;
pub(crate) mod sync_settings;
pub(crate) mod webhook;

use chrono::{DateTime, SecondsFormat, Utc};

/// ISO 8601 in UTC.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
