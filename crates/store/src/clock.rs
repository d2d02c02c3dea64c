//! Time, which a test can hold, and randomness, which on purpose nothing can: secrets are made of it.

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use parking_lot::{Mutex, RwLock};
use uuid::Uuid;

/// The source of the program's time, in microseconds: PostgreSQL keeps no more.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The real time: the database's, if nodes share one and it is known ([`Db::keep_time`](crate::Db::keep_time)).
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
            Self::System => shared_now().unwrap_or_else(Utc::now),
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

/// The time that nodes share: the database's when it was last asked, and what has passed since by a clock that nobody sets. One
/// process has one database.
static SHARED: RwLock<Option<(DateTime<Utc>, Instant)>> = RwLock::new(None);

/// A smaller difference may come of the way to the database and back.
const TOLERANCE: TimeDelta = TimeDelta::milliseconds(100);

/// Makes the database's time, as it was at a moment, that of this process.
pub(crate) fn share(time: DateTime<Utc>, at: Instant) {
    let mut shared = SHARED.write();
    let known = shared.map(|(base, since)| base + passed(since, at));
    // Time that is about right goes on evenly.
    if known.is_none_or(|known| (known - time).abs() > TOLERANCE) {
        *shared = Some((time, at));
    }
}

fn passed(since: Instant, now: Instant) -> TimeDelta {
    TimeDelta::from_std(now.saturating_duration_since(since)).unwrap_or_default()
}

fn shared_now() -> Option<DateTime<Utc>> {
    let (base, since) = (*SHARED.read())?;
    Some(base + passed(since, Instant::now()))
}

/// The length by which this machine's clock is ahead of the time that nodes share, or behind it if negative; none if its own is the
/// only one.
pub fn machine_ahead() -> Option<TimeDelta> {
    Some(machine_now() - shared_now()?)
}

/// The time by this machine's own clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the time"
)]
pub fn machine_now() -> DateTime<Utc> {
    Utc::now()
}

/// PostgreSQL keeps no more.
pub fn to_microseconds(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::microseconds(1))
        .unwrap_or(time)
}

/// The real time, even if a test holds the clock: the database's, if nodes share one. Leases are measured by it: they say whether a *process* still lives, and processes
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

/// A new id that tells no time: of a process, a lease, a row that only its maker looks for.
pub fn random_id() -> Uuid {
    uuid::Builder::from_random_bytes(random_bytes()).into_uuid()
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
