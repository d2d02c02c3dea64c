//! The decisions of a renewal, apart from the database and the network: [`super::model`] tries every schedule of them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use uuid::Uuid;

use store::credentials::{By, Standing};

/// A renewal whose node died can be taken up after this.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(25);
/// A lease is kept this often.
pub(super) const KEEP_EVERY: Duration = Duration::from_secs(2);
/// A renewal whose node lives, and doesn't keep its lease, is not taken up before it was seen so for this time: the node is frozen, or
/// about to reach the database again, and may have an answer that can't be had again.
pub(super) const FROZEN: Duration = Duration::from_secs(300);
/// After a longer time without a look, the watch on such a node begins anew: the database may have been away for all.
pub(super) const GAP: Duration = Duration::from_secs(60);

/// A node that was cut off from the database can't tell for this time if another has died or was cut off too: that one listens again
/// before.
pub(crate) const CUT_OFF: Duration = Duration::from_secs(45);

/// The same for one that has started: the database may have been away. It is over before the lease of a process that died just before.
pub(crate) const STARTED: Duration = Duration::from_secs(20);

/// The times by which a claim is decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// The real time, by which leases run.
    pub(super) wall: DateTime<Utc>,
    /// The program's, by which pauses run.
    pub(super) clock: DateTime<Utc>,
}

/// The answer to a caller that would renew a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claiming {
    /// It may.
    Granted,
    /// Another caller is at it, or it is not the version any more, or nothing is asked just now.
    Refused,
    /// The holder's lease is over, and its process is there.
    HolderIsFrozen,
}

/// A lease's holder whose process is there, as far as is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lives {
    /// The time for which the caller's process has seen it so, with its lease over.
    pub(super) seen_for: Duration,
}

/// Decides if a caller that has seen a version may claim its renewal. `holder` is none if the process of the lease's holder is gone; it
/// matters only when the lease is over.
pub(super) fn claiming(
    standing: &Standing,
    seen: i64,
    times: Times,
    holder: Option<Lives>,
) -> Claiming {
    let pause = standing.pause();
    if standing.version != seen || pause.is_some_and(|pause| pause.holds(times.clock)) {
        return Claiming::Refused;
    }
    match standing.lease_until {
        Some(until) if until >= times.wall => Claiming::Refused,
        Some(_) if holder.is_some_and(|lives| lives.seen_for <= FROZEN) => Claiming::HolderIsFrozen,
        _ => Claiming::Granted,
    }
}

/// The time since a lease was certainly its holder's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Since {
    /// By a clock that nobody sets. It goes on while the process is frozen.
    pub(super) kept: Duration,
    /// By the machine's. It goes on while the machine sleeps; it may have been set.
    pub(super) by_machine: TimeDelta,
}

/// True if the holder may send the refresh token without another look at its lease: it was not frozen in between.
pub(super) fn may_send(since: Since) -> bool {
    let most = KEEP_EVERY * 2;
    let slept = since.by_machine.abs().to_std();
    since.kept < most && slept.is_ok_and(|slept| slept < most)
}

/// True if the tokens that a claim brought are the successors of those that are there: also if the lease is another's by now, since that
/// one's request has none of these tokens.
pub(in crate::credentials) fn takes(standing: &Standing, by: &By) -> bool {
    let is_holder = standing.lease_owner == Some(by.owner);
    let is_of_grant = by.grant.is_some() && standing.grant_id == by.grant;
    standing.version == by.version && (is_holder || is_of_grant)
}

/// A holder of leases, new for each claim: it begins as its node's id does, and other nodes see by it if the node lives.
pub(super) fn holder_of(node: Uuid, random: Uuid) -> Uuid {
    let half = u128::from(u64::MAX);
    Uuid::from_u128((node.as_u128() & !half) | (random.as_u128() & half))
}

/// True if a lease is a claim of this node's.
pub(super) fn is_of(holder: Uuid, node: Uuid) -> bool {
    holder.as_u128() >> 64 == node.as_u128() >> 64
}

/// Holders of leases that are over whose processes are there: each with the times since when, and last, this process has seen it so.
#[derive(Default)]
pub(crate) struct Frozen(Mutex<BTreeMap<Uuid, (Instant, Instant)>>);

impl Frozen {
    /// Notes that a holder is seen so. Returns the time for which it has been.
    pub(super) fn seen(&self, holder: Uuid) -> Duration {
        let now = Instant::now();
        let mut all = self.0.lock();
        all.retain(|_, (_, last)| now.duration_since(*last) <= GAP);
        let (since, last) = all.entry(holder).or_insert((now, now));
        *last = now;
        now.duration_since(*since)
    }
}
