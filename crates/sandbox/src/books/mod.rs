//! The books of the made-up businesses: consistent double-entry bookkeeping, generated from a seed.

use std::sync::Arc;

use chrono::{DateTime, Utc};

/// Reads the current time; injected so that a test can hold it.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// One made-up business, as the consent page offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    /// Stable key, e.g. `harbour-lane-cafe`.
    pub id: &'static str,
    pub name: &'static str,
    pub trade: &'static str,
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// ISO 4217.
    pub currency: &'static str,
    /// How much data to expect, in words, e.g. `about 2,500 transactions`.
    pub size: &'static str,
    pub description: &'static str,
}

/// Every business, generated lazily and kept.
pub struct Library {
    _seed: u64,
}

impl Library {
    /// On the system's clock.
    pub fn new(seed: u64) -> Self {
        Self::with_clock(seed, Arc::new(Utc::now))
    }

    pub fn with_clock(seed: u64, _clock: Clock) -> Self {
        Self { _seed: seed }
    }

    pub fn businesses(&self) -> &[Business] {
        &[]
    }

    /// Moves one business's clock forward; `false` when there is no such business.
    pub fn advance(&self, _business_id: &str, _days: u32) -> bool {
        false
    }

    /// What time it is at that business; `None` when there is no such business.
    pub fn as_of(&self, _business_id: &str) -> Option<DateTime<Utc>> {
        None
    }
}
