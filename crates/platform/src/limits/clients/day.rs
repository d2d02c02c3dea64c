//! A client's requests of a day.
//!
//! The database hands them out in portions of a thousandth of the day's requests. The unused portion of an idle node is lost to the
//! others: a thousandth for each.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;

use super::super::{day_of, end_of_day};
use super::{ClientLimits, Refusal, Standing, Usage};
use crate::events::{Event, Quota};
use store::model::{Actor, ClientId, EventType};
use store::{StoreError, Tx, counts, quotas};

/// Portions of a day's requests.
const PORTIONS: i64 = 1_000;
/// The time for which a used-up quota is believed to be used up: a newly connected company brings more requests at once.
const DRY: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Day {
    portion: Mutex<Portion>,
    /// Held by the one request that asks the database; the others wait for what it brings.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Portion {
    day: i64,
    /// Requests left of this node's portion.
    left: i64,
    /// Requests that all nodes had been given when this one last asked.
    granted: i64,
    companies: i64,
    /// The time at which the database last had none.
    dry: Option<Instant>,
}

impl ClientLimits {
    /// Takes one request off the day's.
    pub(super) async fn draw(&self, client: ClientId, usage: &Usage) -> Result<Standing, Refusal> {
        let (a_day, now) = (self.caps.requests_per_day, self.clock.now());
        let day = day_of(now);
        let drawn = |portion: &mut Portion| match portion.draw(day, a_day)? {
            Some(standing) => Some(Ok(standing)),
            None => Some(Err(used_up(portion.standing(a_day), now))),
        };
        if let Some(answer) = drawn(&mut usage.day.portion.lock()) {
            return answer;
        }
        let _asking = usage.day.asking.lock().await;
        if let Some(answer) = drawn(&mut usage.day.portion.lock()) {
            return answer;
        }
        let companies = self.count_companies(client, usage).await?;
        let lease = self
            .lease_portion(client, day, limit(a_day, companies), now)
            .await?;
        let mut portion = usage.day.portion.lock();
        portion.day = day;
        portion.companies = companies;
        match lease {
            Some(lease) => {
                portion.left = lease.taken;
                portion.granted = lease.granted;
                portion.dry = None;
            }
            None => {
                portion.left = 0;
                portion.granted = limit(a_day, companies);
                portion.dry = Some(Instant::now());
            }
        }
        let standing = portion.draw(day, a_day).flatten();
        standing.ok_or_else(|| used_up(portion.standing(a_day), now))
    }

    /// Asks the database for another portion; None if the day's requests are used up.
    async fn lease_portion(
        &self,
        client: ClientId,
        day: i64,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<quotas::Lease>, StoreError> {
        let size = (limit / PORTIONS).max(1);
        let mut tx = self.db.write().await?;
        record_renewal(&mut tx, client, day, limit, now).await?;
        let lease = quotas::lease(&mut tx, client, day, size, limit).await?;
        if lease.is_none() && quotas::exhaust(&mut tx, client, day).await? {
            let quota = Quota {
                daily: limit,
                remaining: 0,
                expires: end_of_day(day),
            };
            Event::RateLimit(client, EventType::RateLimitReached, quota)
                .record(&mut tx, Actor::Moorline, now)
                .await?;
        }
        tx.commit().await?;
        Ok(lease)
    }

    /// A chore: records the renewal of quotas that were used up, even if their clients request nothing.
    pub(crate) async fn renew_due(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let day = day_of(now);
        for client in quotas::exhausted_before(&self.db, day).await? {
            let companies = counts::connected_companies(&self.db, client).await?;
            let limit = limit(self.caps.requests_per_day, companies);
            let mut tx = self.db.write().await?;
            record_renewal(&mut tx, client, day, limit, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Gives back what this node was given of the day and hasn't used.
    pub(super) async fn give_back_day(&self) -> Result<(), StoreError> {
        let unused: Vec<(ClientId, i64, i64)> = self
            .known()
            .into_iter()
            .map(|(client, usage)| {
                let mut portion = usage.day.portion.lock();
                (client, portion.day, std::mem::take(&mut portion.left))
            })
            .filter(|(_, _, left)| *left > 0)
            .collect();
        if unused.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.write().await?;
        for (client, day, left) in unused {
            quotas::give_back(&mut tx, client, day, left).await?;
        }
        tx.commit().await
    }
}

fn used_up(standing: Standing, now: DateTime<Utc>) -> Refusal {
    Refusal::UsedUp {
        standing,
        wait: standing.reset - now,
    }
}

impl Portion {
    /// Takes one request. The outer None means that the database has to be asked, the inner one that it had none a moment ago.
    fn draw(&mut self, day: i64, a_day: i64) -> Option<Option<Standing>> {
        if self.day != day {
            return None;
        }
        if self.left > 0 {
            self.left -= 1;
            return Some(Some(self.standing(a_day)));
        }
        let dry = self.dry.is_some_and(|at| at.elapsed() < DRY);
        dry.then_some(None)
    }

    fn standing(&self, a_day: i64) -> Standing {
        let limit = limit(a_day, self.companies);
        Standing {
            limit,
            remaining: (limit - self.granted).max(0) + self.left,
            reset: end_of_day(self.day),
        }
    }
}

fn limit(a_day: i64, companies: i64) -> i64 {
    a_day.saturating_mul(1 + companies)
}

async fn record_renewal(
    tx: &mut Tx,
    client: ClientId,
    day: i64,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if quotas::renew(tx, client, day).await? {
        let quota = Quota {
            daily: limit,
            remaining: limit,
            expires: end_of_day(day),
        };
        Event::RateLimit(client, EventType::RateLimitReset, quota)
            .record(tx, Actor::Moorline, now)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portion_is_used_up_before_the_database_is_asked_again() {
        let mut portion = Portion {
            day: 7,
            left: 2,
            granted: 10,
            companies: 1,
            ..Portion::default()
        };
        let remaining =
            |portion: &mut Portion| portion.draw(7, 1_000).map(|drawn| drawn.unwrap().remaining);
        assert_eq!(remaining(&mut portion), Some(1_991));
        assert_eq!(remaining(&mut portion), Some(1_990));
        assert_eq!(remaining(&mut portion), None);
        portion.dry = Some(Instant::now());
        assert_eq!(portion.draw(7, 1_000), Some(None));
        assert!(portion.draw(8, 1_000).is_none(), "a new day");
    }
}
