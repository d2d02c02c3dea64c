//! `[limits]`: a platform's rate limits, and the headers that report them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Rate limits; None is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Allowed {
    pub concurrent_requests: Option<u32>,
    pub requests_per_second: Option<u32>,
    pub requests_per_minute: Option<u32>,
    /// By the UTC day.
    pub requests_per_day: Option<u32>,
}

/// The rate limits of one connection, and of all connections of one OAuth client together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    // `flatten` and `deny_unknown_fields` don't go together, so that these stand twice.
    pub concurrent_requests: Option<u32>,
    pub requests_per_second: Option<u32>,
    pub requests_per_minute: Option<u32>,
    /// By the UTC day.
    pub requests_per_day: Option<u32>,
    pub app: Allowed,
    pub(crate) headers: LimitHeaders,
}

impl Limits {
    /// True if anything is limited.
    pub fn is_limited(&self) -> bool {
        let at_a_time = |allowed: Allowed| {
            allowed.concurrent_requests.is_some() || allowed.requests_per_second.is_some()
        };
        self.is_counted() || at_a_time(self.connection()) || at_a_time(self.app)
    }

    /// True if requests are limited by the minute or the day, or the platform's answers report its limits.
    pub fn is_counted(&self) -> bool {
        let counted = |allowed: Allowed| {
            allowed.requests_per_minute.is_some() || allowed.requests_per_day.is_some()
        };
        counted(self.connection()) || counted(self.app) || self.headers != LimitHeaders::default()
    }

    /// The limits of one connection.
    pub fn connection(&self) -> Allowed {
        Allowed {
            concurrent_requests: self.concurrent_requests,
            requests_per_second: self.requests_per_second,
            requests_per_minute: self.requests_per_minute,
            requests_per_day: self.requests_per_day,
        }
    }
}

/// The headers of the platform's answers that report its limits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LimitHeaders {
    /// The number of requests left to the connection in this minute, and on this day.
    pub(crate) minute_remaining: Option<String>,
    pub(crate) day_remaining: Option<String>,
    /// The number left to the OAuth client in this minute.
    pub(crate) app_minute_remaining: Option<String>,
    /// The seconds to wait, where a refusal has them in other headers than `Retry-After`.
    pub(crate) retry_after: Vec<String>,
    /// The limit that a 429 is about.
    pub(crate) problem: Option<String>,
    /// The platform's words for its limits, and ours.
    pub(crate) problems: BTreeMap<String, Limit>,
}

/// A rate limit of a platform's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    Concurrent,
    Minute,
    Day,
    AppMinute,
    AppDay,
}
