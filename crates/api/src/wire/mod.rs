//! The contract's JSON shapes. Absent values are left out: official clients refuse null in places.

pub mod api_key;
pub mod company;
pub mod connection;
pub mod dataset;
pub mod integration;
pub mod profile;
pub mod push;
pub mod sync_settings;
pub mod webhook;

use chrono::{DateTime, SecondsFormat, Utc};

/// ISO 8601 in UTC.
pub fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
