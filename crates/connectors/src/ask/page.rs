//! A page as a platform sent it, and the place of the next one.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Where the next page starts. Store it between pages and hand it back unread: a sync that was killed goes on from it.
/// Give the same [`Narrowing`] with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub(crate) String);

/// Which records are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Narrowing {
    /// Those that changed at or after this time.
    pub since: Option<DateTime<Utc>>,
    /// What was pulled before is known still, so that changes are enough: lists of them are read too.
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
    /// Empty where the platform had nothing to send.
    pub body: Bytes,
    /// None on the last page.
    pub next: Option<Cursor>,
    /// How many records the platform says there are on all pages, where it says so.
    pub total: Option<u64>,
    /// Which of the data type's lists it is a page of, from 0.
    pub list: usize,
    pub remaining: Remaining,
}

/// How many requests the platform says are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Remaining {
    /// To the connection.
    pub minute: Option<u64>,
    pub day: Option<u64>,
    /// To the OAuth client.
    pub app_minute: Option<u64>,
}
