//! The time that nodes share, and machines whose clocks are off: their leases and due times go by the database's time all the same.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;

use super::App;
use store::StoreError;
use store::clock::machine_ahead;

/// A clock that is off by more is reported.
const TOLERABLE: TimeDelta = TimeDelta::seconds(3);

/// True while the machine's clock is reported as wrong.
#[derive(Default)]
pub(crate) struct Reported(AtomicBool);

/// The machine's clock compared with the database's, in words. None if it is right, or the only one.
pub fn wrong_clock() -> Option<String> {
    let ahead = machine_ahead()?;
    if ahead.abs() <= TOLERABLE {
        return None;
    }
    let seconds = (ahead.abs() + TimeDelta::milliseconds(500)).num_seconds();
    let side = match ahead > TimeDelta::zero() {
        true => "ahead of",
        false => "behind",
    };
    Some(format!(
        "this machine's clock is {seconds} seconds {side} the database's"
    ))
}

/// Takes the time from the database, and reports if the machine's own is wrong, or right again.
pub(crate) async fn keep(app: &App) -> Result<(), StoreError> {
    app.db.keep_time().await?;
    let ahead = machine_ahead().unwrap_or_default();
    app.metrics.clock_offset_seconds.set(ahead.num_seconds());
    let wrong = wrong_clock();
    let was = app.clock_reported.0.swap(wrong.is_some(), Ordering::SeqCst);
    match wrong {
        Some(words) if !was => {
            tracing::warn!("{words}: Moorline goes by the database's, but set it right (NTP)");
        }
        None if was => tracing::info!("this machine's clock is right again"),
        _ => {}
    }
    Ok(())
}
