//! How fast platforms are asked: within the limits that their manifests name, and those that their answers tell of.
//!
//! A limit is one connection's, or that of all connections of one OAuth client. Requests at a time, a second and a minute
//! are counted by each node for itself. The day's are handed out by the database in portions, and a rest that a platform
//! wants is kept there, so that all nodes keep it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{Allowed, Integration, Limit, Remaining};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::App;
use store::model::{ClientId, ConnectionId};
use store::{StoreError, integrations, paces};

/// Portions of a day's requests.
const PORTIONS: i64 = 100;
const DAY_SECONDS: i64 = 86_400;
const MINUTE: TimeDelta = TimeDelta::seconds(60);
/// A shorter rest isn't worth telling other nodes of.
const WORTH_SHARING: TimeDelta = TimeDelta::seconds(30);

/// What this node knows of those that it asks for.
#[derive(Default)]
pub struct Paces(Mutex<HashMap<String, Arc<Pace>>>);

struct Pace {
    slots: Option<Arc<Semaphore>>,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    second: VecDeque<Instant>,
    minute: VecDeque<DateTime<Utc>>,
    /// Since 1970-01-01, and what is left of this node's portion of it.
    day: i64,
    left: i64,
    rest: Option<Rest>,
}

/// Until when nothing is asked, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    pub until: DateTime<Utc>,
    pub why: String,
}

/// A request that may go out; it is under way until this is dropped.
pub struct Permit {
    _slots: Vec<OwnedSemaphorePermit>,
}

/// Whether a request may go out.
pub enum Admission {
    Go(Permit),
    Rest(Rest),
}

/// Whose requests are counted together.
pub struct Asking<'a> {
    integration: &'a Integration,
    /// The connection, and the OAuth client: the more that is limited, the further ahead.
    scopes: [(String, Allowed); 2],
}

impl<'a> Asking<'a> {
    pub fn new(integration: &'a Integration, connection: ConnectionId, oauth_client: &str) -> Self {
        let limits = integration.limits();
        let key = integration.key();
        Self {
            integration,
            scopes: [
                (connection.to_string(), limits.connection()),
                (format!("{key}:{oauth_client}"), limits.app),
            ],
        }
    }

    /// The subject that a limit is about.
    fn subject(&self, limit: Limit) -> &str {
        match limit {
            Limit::Concurrent | Limit::Minute | Limit::Day => &self.scopes[0].0,
            Limit::AppMinute | Limit::AppDay => &self.scopes[1].0,
        }
    }
}

/// The OAuth client in whose name a client's connections ask; empty where no limit is about that.
pub async fn oauth_client(
    app: &App,
    client: ClientId,
    integration: &Integration,
) -> Result<String, StoreError> {
    let limits = integration.limits();
    if !limits.is_counted() && limits.app == Allowed::default() {
        return Ok(String::new());
    }
    let setting = integrations::get(&app.db, client, integration.key()).await?;
    Ok(setting
        .and_then(|setting| setting.oauth_client_id)
        .unwrap_or_default())
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Paces {
    fn of(&self, subject: &str, allowed: Allowed) -> Arc<Pace> {
        let mut paces = held(&self.0);
        let made = || {
            let slots = allowed.concurrent_requests.filter(|slots| *slots > 0);
            Arc::new(Pace {
                slots: slots.map(|slots| Arc::new(Semaphore::new(slots as usize))),
                book: Mutex::default(),
            })
        };
        Arc::clone(paces.entry(subject.to_owned()).or_insert_with(made))
    }

    /// Forgets those that say nothing any more.
    fn tidy(&self, now: DateTime<Utc>) {
        let day = now.timestamp().div_euclid(DAY_SECONDS);
        held(&self.0).retain(|_, pace| {
            let book = held(&pace.book);
            let counting = book.minute.back().is_some_and(|last| *last + MINUTE > now);
            let resting = book.rest.as_ref().is_some_and(|rest| rest.until > now);
            Arc::strong_count(pace) > 1 || counting || resting || (book.day == day && book.left > 0)
        });
    }
}

/// A subject, what it is allowed, and what this node knows of it.
type Paced<'a> = (&'a str, Allowed, Arc<Pace>);

/// Waits for a place among the requests at a time and in this second; a longer wait is told instead. `requests` go out one
/// after the other: those that only make sense together are let through together, so that nobody's first ones use up what
/// everybody's last ones wait for.
pub async fn admit(
    app: &App,
    asking: &Asking<'_>,
    requests: usize,
) -> Result<Admission, StoreError> {
    let limits = asking.integration.limits();
    if !limits.is_limited() {
        return Ok(Admission::Go(Permit { _slots: Vec::new() }));
    }
    let paces: Vec<Paced<'_>> = asking
        .scopes
        .iter()
        .map(|(subject, allowed)| (subject.as_str(), *allowed, app.paces.of(subject, *allowed)))
        .collect();
    let mut slots = Vec::new();
    for (_, _, pace) in &paces {
        if let Some(free) = &pace.slots
            && let Ok(slot) = Arc::clone(free).acquire_owned().await
        {
            slots.push(slot);
        }
    }
    if limits.is_counted() {
        let now = app.clock.now();
        for (subject, allowed, pace) in &paces {
            if let Some(rest) = resting(app, subject, *allowed, pace, now).await? {
                return Ok(Admission::Rest(rest));
            }
        }
        // Taken first, and given back where the rest isn't to be had: others ask at the same time.
        for (at, (_, allowed, pace)) in paces.iter().enumerate() {
            if let Some(rest) = pace.take_minute(*allowed, requests, now) {
                give_minutes_back(&paces[..at], requests, now);
                return Ok(Admission::Rest(rest));
            }
        }
        match draw_all(app, &paces, requests, now).await {
            Ok(None) => {}
            Ok(Some(rest)) => {
                give_minutes_back(&paces, requests, now);
                return Ok(Admission::Rest(rest));
            }
            Err(error) => {
                give_minutes_back(&paces, requests, now);
                return Err(error);
            }
        }
    }
    for (_, allowed, pace) in &paces {
        if let Some(a_second) = allowed.requests_per_second {
            for _ in 0..requests {
                pace.take_second(a_second.max(1) as usize).await;
            }
        }
    }
    Ok(Admission::Go(Permit { _slots: slots }))
}

/// The rest that a subject is to keep now.
async fn resting(
    app: &App,
    subject: &str,
    allowed: Allowed,
    pace: &Pace,
    now: DateTime<Utc>,
) -> Result<Option<Rest>, StoreError> {
    {
        let mut book = held(&pace.book);
        if let Some(rest) = book.rest.clone().filter(|rest| rest.until > now) {
            return Ok(Some(rest));
        }
        book.rest = None;
        if let Some(rest) = book.minute_over(allowed, 1, now) {
            // The database need not be asked.
            return Ok(Some(rest));
        }
    }
    let stored = paces::rest(&app.db, subject, now).await?;
    let rest = stored.map(|stored| Rest {
        until: stored.until,
        why: stored.reason,
    });
    held(&pace.book).rest.clone_from(&rest);
    Ok(rest)
}

fn give_minutes_back(paces: &[Paced<'_>], requests: usize, now: DateTime<Utc>) {
    for (_, allowed, pace) in paces {
        let Some(a_minute) = allowed.requests_per_minute else {
            continue;
        };
        let mut book = held(&pace.book);
        for _ in 0..at_most(requests, a_minute) {
            if let Some(at) = book.minute.iter().rposition(|taken| *taken == now) {
                book.minute.remove(at);
            }
        }
    }
}

/// More than a limit allows at all is let through when nothing else is under way.
fn at_most(requests: usize, limit: u32) -> usize {
    requests.min(limit.max(1) as usize)
}

/// Takes requests off the day's of each subject, or says until when there are none.
async fn draw_all(
    app: &App,
    paces: &[Paced<'_>],
    requests: usize,
    now: DateTime<Utc>,
) -> Result<Option<Rest>, StoreError> {
    let mut drawn: Vec<&Pace> = Vec::new();
    for (subject, allowed, pace) in paces {
        let Some(a_day) = allowed.requests_per_day else {
            continue;
        };
        for _ in 0..at_most(requests, a_day) {
            if draw(app, subject, pace, i64::from(a_day), now).await? {
                drawn.push(pace);
                continue;
            }
            for pace in drawn {
                held(&pace.book).left += 1;
            }
            let why = "the day's requests to the platform are used up".to_owned();
            let until = end_of_day(now);
            return Ok(Some(Rest { until, why }));
        }
    }
    Ok(None)
}

/// Takes one request off the day's. False where there are none.
async fn draw(
    app: &App,
    subject: &str,
    pace: &Pace,
    a_day: i64,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let day = now.timestamp().div_euclid(DAY_SECONDS);
    {
        let mut book = held(&pace.book);
        if book.day == day && book.left > 0 {
            book.left -= 1;
            return Ok(true);
        }
    }
    let wanted = (a_day / PORTIONS).max(1);
    let mut tx = app.db.write().await?;
    let taken = paces::lease(&mut tx, subject, day, wanted, a_day).await?;
    tx.commit().await?;
    let mut book = held(&pace.book);
    if book.day != day {
        book.day = day;
        book.left = 0;
    }
    book.left += taken;
    let any = book.left > 0;
    if any {
        book.left -= 1;
    }
    Ok(any)
}

impl Book {
    /// The rest to keep where `requests` more are too many for the last minute.
    fn minute_over(
        &mut self,
        allowed: Allowed,
        requests: usize,
        now: DateTime<Utc>,
    ) -> Option<Rest> {
        let limit = allowed.requests_per_minute?;
        let (a_minute, requests) = (limit.max(1) as usize, at_most(requests, limit));
        while self.minute.front().is_some_and(|at| *at + MINUTE <= now) {
            self.minute.pop_front();
        }
        let too_many = (self.minute.len() + requests).saturating_sub(a_minute);
        // The rest is over when as many as there are too many are a minute old.
        let last = self.minute.get(too_many.checked_sub(1)?)?;
        Some(Rest {
            until: *last + MINUTE,
            why: "as many requests as may be went to the platform within a minute".to_owned(),
        })
    }
}

impl Pace {
    /// Takes some of the minute's requests, or says until when there aren't enough.
    fn take_minute(&self, allowed: Allowed, requests: usize, now: DateTime<Utc>) -> Option<Rest> {
        let limit = allowed.requests_per_minute?;
        let mut book = held(&self.book);
        let rest = book.minute_over(allowed, requests, now);
        if rest.is_none() {
            let taken = std::iter::repeat_n(now, at_most(requests, limit));
            book.minute.extend(taken);
        }
        rest
    }

    async fn take_second(&self, a_second: usize) {
        loop {
            let wait = {
                let mut book = held(&self.book);
                let second = Duration::from_secs(1);
                while book.second.front().is_some_and(|at| at.elapsed() >= second) {
                    book.second.pop_front();
                }
                if book.second.len() < a_second {
                    book.second.push_back(Instant::now());
                    return;
                }
                let first = book
                    .second
                    .front()
                    .map(Instant::elapsed)
                    .unwrap_or_default();
                second.saturating_sub(first)
            };
            tokio::time::sleep(wait).await;
        }
    }
}

/// Heeds what an answer says is left. The rest to keep where nothing is.
pub async fn learn(
    app: &App,
    asking: &Asking<'_>,
    remaining: Remaining,
) -> Result<Option<Rest>, StoreError> {
    let now = app.clock.now();
    let mut longest: Option<Rest> = None;
    for (left, limit, until) in [
        (remaining.day, Limit::Day, end_of_day(now)),
        (remaining.minute, Limit::Minute, now + MINUTE),
        (remaining.app_minute, Limit::AppMinute, now + MINUTE),
    ] {
        if left == Some(0) {
            let own = rest(app, asking, limit, until).await?;
            longest = longest.filter(|rest| rest.until >= until).or(Some(own));
        }
    }
    Ok(longest)
}

/// Heeds a refusal. The rest where it is a day's, which is nobody's failure.
pub async fn refused(
    app: &App,
    asking: &Asking<'_>,
    limit: Option<Limit>,
    retry_after: Option<Duration>,
) -> Result<Option<Rest>, StoreError> {
    let now = app.clock.now();
    let wanted = retry_after.and_then(|wait| TimeDelta::from_std(wait).ok());
    let wanted = wanted.map(|wait| now + wait);
    match limit {
        Some(limit @ (Limit::Day | Limit::AppDay)) => {
            let until = wanted.unwrap_or_else(|| end_of_day(now));
            rest(app, asking, limit, until).await.map(Some)
        }
        Some(limit @ (Limit::Minute | Limit::AppMinute)) => {
            let until = wanted.unwrap_or(now + MINUTE);
            rest(app, asking, limit, until).await?;
            Ok(None)
        }
        Some(Limit::Concurrent) => Ok(None),
        // Which one isn't said: it is the connection's, where that has one.
        None => {
            if let Some(until) = wanted
                && asking.integration.limits().is_counted()
            {
                rest(app, asking, Limit::Minute, until).await?;
            }
            Ok(None)
        }
    }
}

/// Lets the subject of a limit rest, on every node.
async fn rest(
    app: &App,
    asking: &Asking<'_>,
    limit: Limit,
    until: DateTime<Utc>,
) -> Result<Rest, StoreError> {
    let subject = asking.subject(limit);
    let why = match limit {
        Limit::Day | Limit::AppDay => "the platform's limit for the day is reached",
        Limit::Minute | Limit::AppMinute | Limit::Concurrent => {
            "the platform asks for fewer requests"
        }
    };
    let rest = Rest {
        until,
        why: why.to_owned(),
    };
    let scopes = asking.scopes.iter();
    let allowed = scopes
        .filter(|(own, _)| own == subject)
        .map(|(_, allowed)| *allowed)
        .next();
    let pace = app.paces.of(subject, allowed.unwrap_or_default());
    {
        let mut book = held(&pace.book);
        if book.rest.as_ref().is_none_or(|rest| rest.until < until) {
            book.rest = Some(rest.clone());
        }
    }
    if until - app.clock.now() >= WORTH_SHARING {
        let mut tx = app.db.write().await?;
        paces::set_rest(&mut tx, subject, until, why).await?;
        tx.commit().await?;
    }
    Ok(rest)
}

/// A chore: forgets what is over.
pub async fn tidy(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    app.paces.tidy(now);
    let mut tx = app.db.write().await?;
    paces::sweep(&mut tx, now, now.timestamp().div_euclid(DAY_SECONDS)).await?;
    tx.commit().await
}

/// Gives back what this node was given of the day's requests and hasn't used: it is about to stop.
pub async fn give_back(app: &App) -> Result<(), StoreError> {
    let unused: Vec<(String, i64, i64)> = held(&app.paces.0)
        .iter()
        .map(|(subject, pace)| {
            let mut book = held(&pace.book);
            (subject.clone(), book.day, std::mem::take(&mut book.left))
        })
        .filter(|(_, _, left)| *left > 0)
        .collect();
    if unused.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    for (subject, day, left) in unused {
        paces::give_back(&mut tx, &subject, day, left).await?;
    }
    tx.commit().await
}

fn end_of_day(now: DateTime<Utc>) -> DateTime<Utc> {
    let day = now.timestamp().div_euclid(DAY_SECONDS);
    DateTime::from_timestamp((day + 1) * DAY_SECONDS, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
