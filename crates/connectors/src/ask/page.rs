//! A page as a platform sent it, and the position of the next one.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::write::Lookups;

/// The position of the next page. The caller stores it between pages and hands it back unread, with the same [`Narrowing`]: a
/// pull that was killed goes on from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub(crate) String);

/// The records to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Narrowing {
    /// Only records that changed at or after this time.
    pub since: Option<DateTime<Utc>>,
    /// The records of the pull before are still stored, so that changes are enough: lists of changes are read too.
    pub only_changes: bool,
}

impl From<Option<DateTime<Utc>>> for Narrowing {
    fn from(since: Option<DateTime<Utc>>) -> Self {
        Self {
            since,
            only_changes: since.is_some(),
        }
    }
}

/// A page as the platform sent it.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Empty if the platform had nothing to send.
    pub body: Bytes,
    /// None on the last page.
    pub next: Option<Cursor>,
    /// The number of records on all pages, if the platform reports it.
    pub total: Option<u64>,
    /// The number of the list, among those of the data type, from 0.
    pub list: usize,
    /// The values that the list's map needs beside the records.
    pub lookups: Lookups,
    pub remaining: Remaining,
    /// A record whose rows aren't all in the body, nor any of them.
    pub cut: Option<Cut>,
}

/// A record with more rows than can be read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Its first row, in an array.
    pub(crate) first: Bytes,
    /// The rows of it that were seen.
    pub(crate) rows: usize,
}

/// The number of requests left by the platform's rate limits, as far as it reports them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Remaining {
    /// Left to the connection in this minute.
    pub minute: Option<u64>,
    /// Left to the connection on this day.
    pub day: Option<u64>,
    /// Left to the OAuth client in this minute.
    pub app_minute: Option<u64>,
}
