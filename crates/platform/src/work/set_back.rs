//! A clock that is set back makes no pause longer.
//!
//! A pause is written down as the time at which it ends. If the clock is set back by an hour, each would last an hour
//! longer; they are ended instead: whatever wasn't to be asked yet then says so again.

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use crate::app::App;
use crate::change::Change;
use crate::data::pulling;
use store::model::Actor;
use store::{News, StoreError};

/// A step that is smaller lengthens no pause by what anyone would notice.
const WORTH_IT: TimeDelta = TimeDelta::seconds(60);

/// The latest time that this process has seen.
#[derive(Debug, Default)]
pub(crate) struct LatestTime(Mutex<Option<DateTime<Utc>>>);

impl LatestTime {
    /// The length by which the clock was set back since the last look.
    fn set_back(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let before = self.0.lock().replace(now)?;
        Some(before - now).filter(|step| *step > WORTH_IT)
    }
}

/// Ends the pauses of jobs, platforms and webhook messages if the clock was set back.
pub(super) async fn end_pauses(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let Some(step) = app.latest_time.set_back(now) else {
        return Ok(());
    };
    tracing::warn!(
        seconds = step.num_seconds(),
        "the clock was set back: pauses that would last longer end now"
    );
    let mut change = Change::begin(app, Actor::Moorline).await?;
    store::jobs::end_pauses(&mut change, now).await?;
    store::platform_use::end_rests(&mut change).await?;
    store::messages::end_pauses(&mut change, now).await?;
    pulling::begin_walk_of_all(&mut change).await?;
    change.announce(News::Work);
    change.commit().await?;
    app.platform_limits.end_rests();
    Ok(())
}
