//! Renewals ahead of time, so that no caller has to wait and no idle grant dies.
//!
//! The tokens of one client at one platform are a group. Each group gets its share of a round, and groups are renewed side by side,
//! those that can be renewed first: however many tokens of one platform can't be renewed, those of another are looked at as soon as
//! they are due. A group begins with one, so that a platform that is down is not asked by many before that is known.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::super::access::{self, MARGIN};
use crate::app::App;
use store::StoreError;
use store::clock::wall_now;
use store::credentials::{self, Renewable};
use store::model::ClientId;

/// The most that are looked at of one group in one round; what is left comes round again.
const OF_EACH: i64 = 500;
/// The renewals that a node has on their way ahead of time, in all and of one group: of those that are under way when it is killed, it
/// isn't known which were answered. One platform that is slow leaves room for others.
const AT_ONCE: usize = 5;
const OF_ONE: usize = 3;
/// Renewals ahead of time of one credential are this far apart, however short the lives of its tokens.
const IDLE: TimeDelta = TimeDelta::minutes(5);
/// The time for which a round is waited for: it goes on, but must not hold up what else comes round by the clock.
const WAIT: Duration = Duration::from_secs(20);

type Group = (ClientId, String);

/// The renewals ahead of time that a node has on their way.
pub(crate) struct Ahead {
    free: Semaphore,
    /// A group is begun again only when its last round has ended.
    under_way: Mutex<BTreeSet<Group>>,
}

impl Default for Ahead {
    fn default() -> Self {
        Self {
            free: Semaphore::new(AT_ONCE),
            under_way: Mutex::default(),
        }
    }
}

/// A group's round, until it is dropped.
struct Round<'a> {
    ahead: &'a Ahead,
    group: Group,
}

impl<'a> Round<'a> {
    /// None if the group's last round goes on.
    fn of(ahead: &'a Ahead, group: Group) -> Option<Self> {
        let begun = ahead.under_way.lock().insert(group.clone());
        begun.then_some(Self { ahead, group })
    }
}

impl Drop for Round<'_> {
    fn drop(&mut self) {
        self.ahead.under_way.lock().remove(&self.group);
    }
}

/// Renews the tokens that would soon expire. Returns the number of credentials that were looked at.
pub async fn refresh_expiring(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let soon = now + MARGIN + TimeDelta::seconds(60);
    let clocks = (now, wall_now());
    let due = credentials::expiring(&app.db, soon, now - IDLE, clocks, OF_EACH).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let looked_at = due.len();
    let mut groups: BTreeMap<Group, Vec<Renewable>> = BTreeMap::new();
    for one in due {
        let group = (one.client_id, one.integration_key.clone());
        groups.entry(group).or_default().push(one);
    }
    let mut groups: Vec<(Group, Vec<Renewable>)> = groups.into_iter().collect();
    // Each group's own begin with those that didn't fail last.
    groups.sort_by_key(|(_, all)| all.first().is_none_or(|first| first.failing));
    let rounds = groups.into_iter().map(|(group, all)| {
        app.detach(async move |app| match Round::of(&app.ahead, group) {
            Some(_round) => renew_all(&app, all).await,
            None => Ok(()),
        })
    });
    match tokio::time::timeout(WAIT, join_all(rounds)).await {
        Ok(rounds) => rounds.into_iter().collect::<Result<(), _>>()?,
        Err(_) => tracing::warn!("a platform is slow to renew tokens; its renewals go on"),
    }
    Ok(looked_at)
}

/// Renews a group's tokens, some at a time, until the program is to stop.
async fn renew_all(app: &App, group: Vec<Renewable>) -> Result<(), StoreError> {
    let (mut rest, mut number) = (group.as_slice(), 1);
    while !rest.is_empty() && !app.is_stopping() {
        let (some, others) = rest.split_at(number.min(rest.len()));
        let renewed = join_all(some.iter().map(|one| renew(app, one))).await;
        renewed.into_iter().collect::<Result<(), _>>()?;
        (rest, number) = (others, OF_ONE);
    }
    Ok(())
}

async fn renew(app: &App, one: &Renewable) -> Result<(), StoreError> {
    let _free = app.ahead.free.acquire().await;
    let id = one.connection_id;
    if let Some(connection) = store::connections::find(&app.db, id).await?
        && let Err(error) = access::access(app, &connection).await
    {
        tracing::warn!(connection = %id, %error, "token not refreshed ahead of time");
    }
    Ok(())
}
