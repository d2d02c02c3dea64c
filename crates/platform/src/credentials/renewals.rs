//! Renewals ahead of time, so that no caller has to wait and no idle grant dies.
//!
//! The tokens of one client at one platform are a group. Each group gets its share of a round, and groups are renewed side by side:
//! however many tokens of one platform can't be renewed, those of another are looked at as soon as they are due.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;

use super::access;
use super::access::MARGIN;
use crate::app::App;
use store::StoreError;
use store::clock::wall_now;
use store::credentials::{self, Renewable};
use store::model::ClientId;

/// The most that are looked at of one group in one round; what is left comes round again.
const OF_EACH: i64 = 500;
/// A group begins with a few side by side, so that a platform that is down is not asked by many before that is known, and
/// goes on with more.
const FIRST: usize = 4;
const MOST: usize = 32;
/// Renewals ahead of time of one credential are this far apart, however short the lives of its tokens.
const IDLE: TimeDelta = TimeDelta::minutes(5);
/// The time for which a round is waited for: it goes on, but must not hold up what else comes round by the clock.
const WAIT: Duration = Duration::from_secs(20);

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
    let mut groups: BTreeMap<(ClientId, String), Vec<Renewable>> = BTreeMap::new();
    for one in due {
        let group = (one.client_id, one.integration_key.clone());
        groups.entry(group).or_default().push(one);
    }
    let rounds = groups
        .into_values()
        .map(|group| app.detach(async move |app| renew_all(&app, group).await));
    match tokio::time::timeout(WAIT, join_all(rounds)).await {
        Ok(rounds) => rounds.into_iter().collect::<Result<(), _>>()?,
        Err(_) => tracing::warn!("a platform is slow to renew tokens; its renewals go on"),
    }
    Ok(looked_at)
}

/// Renews a group's tokens, some at a time.
async fn renew_all(app: &App, group: Vec<Renewable>) -> Result<(), StoreError> {
    let (mut rest, mut number) = (group.as_slice(), FIRST);
    while !rest.is_empty() {
        let (some, others) = rest.split_at(number.min(rest.len()));
        let renewed = join_all(some.iter().map(|one| renew(app, one))).await;
        renewed.into_iter().collect::<Result<(), _>>()?;
        (rest, number) = (others, (number * 2).min(MOST));
    }
    Ok(())
}

async fn renew(app: &App, one: &Renewable) -> Result<(), StoreError> {
    let id = one.connection_id;
    if let Some(connection) = store::connections::find(&app.db, id).await?
        && let Err(error) = access::access(app, &connection).await
    {
        tracing::warn!(connection = %id, %error, "token not refreshed ahead of time");
    }
    Ok(())
}
