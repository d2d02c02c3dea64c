//! The health of platforms, as this node's own calls find it: a line in the log when one begins to fail, and when it answers again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use connectors::FetchError;
use parking_lot::Mutex;

/// Failures in a row, without an answer between them, after which a platform counts as failing: one may be a moment's.
const ENOUGH: u32 = 3;

/// The platforms that have failed since they last answered.
#[derive(Default)]
pub(crate) struct PlatformHealth(Mutex<HashMap<String, Failures>>);

struct Failures {
    number: u32,
    since: DateTime<Utc>,
}

/// The class of a call's outcome, as metrics name it.
pub(crate) const fn outcome(error: &FetchError) -> &'static str {
    match error {
        FetchError::Unauthorized { .. } => "unauthorized",
        FetchError::Forbidden(_) => "forbidden",
        FetchError::NotOffered(_) | FetchError::NotSupported => "not_supported",
        FetchError::RateLimited { .. } => "rate_limited",
        FetchError::Unavailable { .. } => "unavailable",
        FetchError::Malformed(_) | FetchError::Unidentified(_) => "malformed",
        FetchError::Egress(_) => "no_answer",
        FetchError::Refused { .. } | FetchError::NoSuchPlace(_) | FetchError::Cut(_) => "refused",
    }
}

impl PlatformHealth {
    /// Notes a call's outcome.
    pub(crate) fn note(
        &self,
        key: &str,
        name: &str,
        failed: Option<&FetchError>,
        now: DateTime<Utc>,
    ) {
        let fault = failed.filter(|error| {
            use FetchError::{Egress, Malformed, Unavailable};
            matches!(error, Unavailable { .. } | Malformed(_) | Egress(_))
        });
        let mut failing = self.0.lock();
        let Some(fault) = fault else {
            if let Some(over) = failing.remove(key)
                && over.number >= ENOUGH
            {
                let seconds = (now - over.since).num_seconds();
                tracing::warn!(platform = name, key, seconds, "the platform answers again");
            }
            return;
        };
        let known = failing.entry(key.to_owned()).or_insert(Failures {
            number: 0,
            since: now,
        });
        known.number = known.number.saturating_add(1);
        if known.number == ENOUGH {
            tracing::warn!(platform = name, key, reason = %fault, "the platform is failing: its calls have failed {ENOUGH} times in a row");
        }
    }
}
