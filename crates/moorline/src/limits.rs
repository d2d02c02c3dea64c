//! How much a client may ask: so many requests a day, so many at a time, so many a minute from one address.
//!
//! The day's requests are handed out by the database in small portions, so that any number of nodes together never allow
//! more than there are, and an ordinary request costs a counter in memory. A portion is a thousandth of the day's: what
//! nodes that stand idle have been given and don't use is lost to the others, a thousandth for each of them.
//!
//! Requests at a time and from one address are counted by each node for itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::events::{self, Quota};
use crate::model::{ClientId, EventType};
use crate::store::{StoreError, counts, quotas};

/// Portions of a day's requests.
const PORTIONS: i64 = 1_000;
/// How long the number of a client's connected companies is believed, and how long it is believed that nothing is left:
/// a company that is connected brings more at once.
const BELIEVED: Duration = Duration::from_secs(10);
const DRY: Duration = Duration::from_secs(1);
const DAY_SECONDS: i64 = 86_400;
/// Addresses that are counted one by one in a minute; further ones are counted together.
const ADDRESSES: usize = 100_000;

/// What a client is told with every answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Requests a day.
    pub limit: i64,
    /// Of which are left, as far as this node knows.
    pub remaining: i64,
    /// When there are new ones.
    pub reset: DateTime<Utc>,
}

/// A request that may go on; it is under way until this is dropped.
#[derive(Debug)]
pub struct Admission {
    /// None where requests a day aren't limited.
    pub standing: Option<Standing>,
    _under_way: Option<UnderWay>,
}

/// Why a request may not go on.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the day's requests are used up")]
    UsedUp { standing: Standing, wait: TimeDelta },
    #[error("as many requests as may be are under way")]
    TooMany,
}

/// What this node knows of its clients and of those who call.
#[derive(Default)]
pub struct Limits {
    clients: Mutex<HashMap<ClientId, Arc<Allowance>>>,
    addresses: Mutex<Minute>,
}

#[derive(Debug, Default)]
struct Allowance {
    under_way: AtomicI64,
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
    counted: Option<Instant>,
    /// When the database last had none.
    dry: Option<Instant>,
}

#[derive(Debug)]
struct UnderWay(Arc<Allowance>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Minute {
    /// Since 1970.
    number: i64,
    calls: HashMap<IpAddr, u32>,
    others: u32,
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets a client's request go on, or says why not. What isn't allowed to go on draws on nothing.
pub async fn admit(app: &App, client: ClientId) -> Result<Admission, Refusal> {
    let (a_day, at_a_time) = (
        i64::from(app.config.limits.requests_per_day),
        i64::from(app.config.limits.concurrent_per_company),
    );
    if a_day == 0 && at_a_time == 0 {
        return Ok(Admission {
            standing: None,
            _under_way: None,
        });
    }
    let allowance = Arc::clone(held(&app.limits.clients).entry(client).or_default());
    let under_way = if at_a_time == 0 {
        None
    } else {
        // A client without a connected company has as many as with one: it has to connect the first.
        let companies = companies(app, client, &allowance).await?.max(1);
        let before = allowance.under_way.fetch_add(1, Ordering::Relaxed);
        let under_way = UnderWay(Arc::clone(&allowance));
        if before >= at_a_time.saturating_mul(companies) {
            return Err(Refusal::TooMany);
        }
        Some(under_way)
    };
    let standing = if a_day == 0 {
        None
    } else {
        Some(draw(app, client, &allowance, a_day).await?)
    };
    Ok(Admission {
        standing,
        _under_way: under_way,
    })
}

async fn companies(app: &App, client: ClientId, allowance: &Allowance) -> Result<i64, StoreError> {
    {
        let book = held(&allowance.book);
        if book.counted.is_some_and(|at| at.elapsed() < BELIEVED) {
            return Ok(book.companies);
        }
    }
    let companies = counts::connected_companies(&app.db, client).await?;
    let mut book = held(&allowance.book);
    book.companies = companies;
    book.counted = Some(Instant::now());
    Ok(companies)
}

/// Takes one request off the day's.
async fn draw(
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
    if let Some(answer) = drawn(&mut held(&allowance.book)) {
        return answer;
    }
    let _turn = allowance.asking.lock().await;
    if let Some(answer) = drawn(&mut held(&allowance.book)) {
        return answer;
    }
    let companies = counts::connected_companies(&app.db, client).await?;
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
    let mut book = held(&allowance.book);
    book.day = day;
    book.companies = companies;
    book.counted = Some(Instant::now());
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
    tx: &mut crate::store::Tx,
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

/// Gives back what this node was given and hasn't used: it is about to stop.
pub async fn give_back(app: &App) -> Result<(), StoreError> {
    let unused: Vec<(ClientId, i64, i64)> = held(&app.limits.clients)
        .iter()
        .map(|(client, allowance)| {
            let mut book = held(&allowance.book);
            (*client, book.day, std::mem::take(&mut book.left))
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

impl Limits {
    /// Counts a call from an address; says how long to wait where it was one too many.
    pub fn call(&self, address: IpAddr, a_minute: u32, now: DateTime<Utc>) -> Option<TimeDelta> {
        let number = now.timestamp().div_euclid(60);
        let mut minute = held(&self.addresses);
        if minute.number != number {
            *minute = Minute {
                number,
                ..Minute::default()
            };
        }
        let address = neighbourhood(address);
        let full = minute.calls.len() >= ADDRESSES;
        let calls = match minute.calls.get_mut(&address) {
            Some(calls) => calls,
            None if full => &mut minute.others,
            None => minute.calls.entry(address).or_default(),
        };
        *calls = calls.saturating_add(1);
        (*calls > a_minute).then(|| TimeDelta::seconds((number + 1) * 60 - now.timestamp()))
    }
}

/// One customer of an IPv6 network has a whole /64 to call from.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
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

    #[test]
    fn an_address_has_a_minute_and_a_network_is_one_address() {
        let limits = Limits::default();
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let (one, other): (IpAddr, IpAddr) = (
            "192.0.2.1".parse().unwrap(),
            "::ffff:192.0.2.1".parse().unwrap(),
        );
        assert_eq!(limits.call(one, 2, at(600)), None);
        assert_eq!(limits.call(other, 2, at(615)), None);
        assert_eq!(limits.call(one, 2, at(630)), Some(TimeDelta::seconds(30)));
        assert_eq!(limits.call("192.0.2.2".parse().unwrap(), 2, at(630)), None);
        assert_eq!(limits.call(one, 2, at(660)), None);
        for (place, refused) in [
            ("2001:db8::1", false),
            ("2001:db8::2", false),
            ("2001:db8::3", true),
        ] {
            let waits = limits.call(place.parse().unwrap(), 2, at(700));
            assert_eq!(waits.is_some(), refused, "{place}");
        }
        assert_eq!(
            limits.call("2001:db8:0:1::3".parse().unwrap(), 2, at(700)),
            None
        );
    }
}
