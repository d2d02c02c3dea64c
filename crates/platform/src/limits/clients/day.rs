//! A client's requests of a day.
//!
//! The database hands them out in portions of a thousandth of the day's: what nodes that stand idle have been given and don't use
//! is lost to the others, a thousandth for each of them.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::{Allowance, Refusal, Standing, held};
use crate::app::App;
use crate::events::{self, Quota};
use store::model::{ClientId, EventType};
use store::{StoreError, counts, quotas};

/// Portions of a day's requests.
const PORTIONS: i64 = 1_000;
/// How long it is believed that nothing is left: a company that is connected brings more at once.
const DRY: Duration = Duration::from_secs(1);
const DAY_SECONDS: i64 = 86_400;

#[derive(Debug, Default)]
pub(super) struct Day {
    book: Mutex<Book>,
    /// One asks the database, the others wait for what it brings.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Book {
    /// Since 1970-01-01.
    day: i64,
    /// Of this node's portion.
    left: i64,
    /// To all nodes, when this one last asked.
    granted: i64,
    companies: i64,
    /// When the database last had none.
    dry: Option<Instant>,
}

/// Takes one request off the day's.
pub(super) async fn draw(
    app: &App,
    client: ClientId,
    allowance: &Allowance,
    a_day: i64,
) -> Result<Standing, Refusal> {
    let now = app.clock.now();
    let day = now.timestamp().div_euclid(DAY_SECONDS);
    let drawn = |book: &mut Book| match book.draw(day, a_day)? {
        Some(standing) => Some(Ok(standing)),
        None => Some(Err(used_up(book.standing(a_day), now))),
    };
    if let Some(answer) = drawn(&mut held(&allowance.day.book)) {
        return answer;
    }
    let _turn = allowance.day.asking.lock().await;
    if let Some(answer) = drawn(&mut held(&allowance.day.book)) {
        return answer;
    }
    let companies = allowance.count(app, client).await?;
    let limit = limit(a_day, companies);
    let wanted = (limit / PORTIONS).max(1);
    let mut tx = app.db.write().await?;
    tell_of_renewal(&mut tx, client, day, limit, now).await?;
    let lease = quotas::lease(&mut tx, client, day, wanted, limit).await?;
    if lease.is_none() && quotas::exhaust(&mut tx, client, day).await? {
        let quota = Quota {
            daily: limit,
            remaining: 0,
            expires: end_of(day),
        };
        events::of_rate_limit(&mut tx, client, EventType::RateLimitReached, &quota, now).await?;
    }
    tx.commit().await?;
    let mut book = held(&allowance.day.book);
    book.day = day;
    book.companies = companies;
    match lease {
        Some(lease) => {
            book.left = lease.taken;
            book.granted = lease.granted;
            book.dry = None;
        }
        None => {
            book.left = 0;
            book.granted = limit;
            book.dry = Some(Instant::now());
        }
    }
    let standing = book.draw(day, a_day).flatten();
    standing.ok_or_else(|| used_up(book.standing(a_day), now))
}

fn used_up(standing: Standing, now: DateTime<Utc>) -> Refusal {
    Refusal::UsedUp {
        standing,
        wait: standing.reset - now,
    }
}

impl Book {
    /// From this node's portion. The outer None when the database has to be asked, the inner one when it has just said that
    /// there are none.
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
            reset: end_of(self.day),
        }
    }
}

fn limit(a_day: i64, companies: i64) -> i64 {
    a_day.saturating_mul(1 + companies)
}

fn end_of(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp((day + 1) * DAY_SECONDS, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

async fn tell_of_renewal(
    tx: &mut store::Tx,
    client: ClientId,
    day: i64,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if quotas::renew(tx, client, day).await? {
        let quota = Quota {
            daily: limit,
            remaining: limit,
            expires: end_of(day),
        };
        events::of_rate_limit(tx, client, EventType::RateLimitReset, &quota, now).await?;
    }
    Ok(())
}

/// A chore: tells those whose requests were used up that there are new ones, whether they ask or not.
pub async fn renew_due(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let day = now.timestamp().div_euclid(DAY_SECONDS);
    for client in quotas::exhausted_before(&app.db, day).await? {
        let companies = counts::connected_companies(&app.db, client).await?;
        let limit = limit(i64::from(app.config.limits.requests_per_day), companies);
        let mut tx = app.db.write().await?;
        tell_of_renewal(&mut tx, client, day, limit, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Gives back what this node was given of the day and hasn't used.
pub(super) async fn give_back(app: &App) -> Result<(), StoreError> {
    let unused: Vec<(ClientId, i64, i64)> = app
        .limits
        .known()
        .into_iter()
        .map(|(client, allowance)| {
            let mut book = held(&allowance.day.book);
            (client, book.day, std::mem::take(&mut book.left))
        })
        .filter(|(_, _, left)| *left > 0)
        .collect();
    if unused.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    for (client, day, left) in unused {
        quotas::give_back(&mut tx, client, day, left).await?;
    }
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portion_is_used_up_before_the_database_is_asked_again() {
        let mut book = Book {
            day: 7,
            left: 2,
            granted: 10,
            companies: 1,
            ..Book::default()
        };
        let remaining = |book: &mut Book| book.draw(7, 1_000).map(|drawn| drawn.unwrap().remaining);
        assert_eq!(remaining(&mut book), Some(1_991));
        assert_eq!(remaining(&mut book), Some(1_990));
        assert_eq!(remaining(&mut book), None);
        book.dry = Some(Instant::now());
        assert_eq!(book.draw(7, 1_000), Some(None));
        assert!(book.draw(8, 1_000).is_none(), "a new day");
    }
}
