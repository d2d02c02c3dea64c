//! Work that no request waits for: [`workers`] do the queue's jobs, one file a kind, and [`chores`] come round by the clock.

mod chores;
mod leases;
mod placing;
mod pull;
mod push;
mod reconsider;
mod revoke;
mod running;
mod set_back;
mod turns;
mod workers;

use chrono::{DateTime, Utc};

pub use chores::{chores, chores_once};
pub(crate) use running::Run;
pub(crate) use set_back::LatestTime;
pub use workers::work;

/// The outcome of one run of a job.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum JobOutcome {
    Done,
    /// Done, and its job ended in the transaction of its last change.
    Finished,
    /// To be taken up again at a time: the one that was told wherever the pause was. `fresh` if this run got somewhere, so that earlier attempts no longer count.
    Again {
        at: DateTime<Utc>,
        fresh: bool,
        reason: String,
    },
}
