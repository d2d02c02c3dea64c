//! Time, which a test can hold, and randomness, which on purpose nothing can: secrets are made of it.

use std::sync::Arc;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use parking_lot::Mutex;
use uuid::Uuid;

/// The source of the program's time, in microseconds: PostgreSQL keeps no more.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    #[default]
    System,
    /// Stands still until moved.
    Held(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    pub fn held(at: DateTime<Utc>) -> Self {
        Self::Held(Arc::new(Mutex::new(at)))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the time"
    )]
    pub fn now(&self) -> DateTime<Utc> {
        let now = match self {
            Self::System => Utc::now(),
            Self::Held(at) => *at.lock(),
        };
        to_microseconds(now)
    }

    /// Moves a held clock; the system's is left alone.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Held(at) = self {
            *at.lock() += by;
        }
    }
}

/// PostgreSQL keeps no more.
pub fn to_microseconds(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::microseconds(1))
        .unwrap_or(time)
}

/// The real time, even if a test holds the clock. Leases are measured by it: they say whether a *process* still lives, and processes
/// live in real time.
pub fn wall_now() -> DateTime<Utc> {
    Clock::System.now()
}

/// A new id. Version 7, so that rows made together lie together; its time is the caller's, its random part the operating system's.
pub fn new_id(now: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    let mut random = [0; 10];
    fill_random(&mut random);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// Fills a buffer from the operating system's generator.
///
/// # Panics
/// The operating system has no randomness to give: nothing that needs a secret may go on then.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads randomness"
)]
fn fill_random(buffer: &mut [u8]) {
    getrandom::fill(buffer).expect("the operating system gives random bytes");
}

/// `N` fresh random bytes.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill_random(&mut bytes);
    bytes
}
