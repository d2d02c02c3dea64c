//! Limits of platforms: those that their manifests name, and those that their answers report.
//!
//! A limit is one connection's, or that of all connections of one OAuth client. Requests at a time, a second and a minute
//! are counted by each node for itself. The day's are handed out by the database in portions, and a rest that a platform
//! requests is kept there, so that all nodes keep it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{Allowed, Integration, Limit, Remaining};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{day_of, end_of_day};
use store::clock::Clock;
use store::model::{ClientId, ConnectionId};
use store::{Db, StoreError, integrations, platform_use};

/// Portions of a day's requests.
const PORTIONS: i64 = 100;
const MINUTE: TimeDelta = TimeDelta::seconds(60);
/// A shorter rest isn't worth a write for other nodes.
const WORTH_SHARING: TimeDelta = TimeDelta::seconds(30);

/// The limits of platforms, and what this node has counted of them by subject.
pub struct PlatformLimits {
    db: Db,
    clock: Clock,
    subjects: Mutex<HashMap<String, Arc<Subject>>>,
}

/// A connection, or an OAuth client of an integration.
struct Subject {
    slots: Option<Arc<Semaphore>>,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    second: VecDeque<Instant>,
    minute: VecDeque<DateTime<Utc>>,
    /// The day of this node's portion, and the requests left of it.
    day: i64,
    left: i64,
    rest: Option<Rest>,
}

/// A time in which a platform is sent nothing, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rest {
    pub(crate) until: DateTime<Utc>,
    pub(crate) why: String,
}

/// A request that may go out; it is under way until this is dropped.
pub(crate) struct Permit {
    _slots: Vec<OwnedSemaphorePermit>,
}

/// Leave for requests to go out, or the rest to keep first.
pub(crate) enum Admission {
    Go(Permit),
    Rest(Rest),
}

/// The subjects whose limits a request draws on.
pub(crate) struct Asking<'a> {
    integration: &'a Integration,
    /// The connection and the OAuth client, each with what it is allowed.
    scopes: [(String, Allowed); 2],
}

impl<'a> Asking<'a> {
    pub(crate) fn new(
        integration: &'a Integration,
        connection: ConnectionId,
        oauth_client: &str,
    ) -> Self {
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

/// A subject's key, what it is allowed, and what this node has counted of it.
type Scope<'a> = (&'a str, Allowed, Arc<Subject>);

impl PlatformLimits {
    pub(crate) fn new(db: Db, clock: Clock) -> Self {
        Self {
            db,
            clock,
            subjects: Mutex::default(),
        }
    }

    fn subject(&self, key: &str, allowed: Allowed) -> Arc<Subject> {
        let mut subjects = self.subjects.lock();
        let made = || {
            let slots = allowed.concurrent_requests.filter(|slots| *slots > 0);
            Arc::new(Subject {
                slots: slots.map(|slots| Arc::new(Semaphore::new(slots as usize))),
                counts: Mutex::default(),
            })
        };
        Arc::clone(subjects.entry(key.to_owned()).or_insert_with(made))
    }

    /// The OAuth client in whose name a client's connections send requests; empty if no limit is about that.
    pub(crate) async fn oauth_client(
        &self,
        client: ClientId,
        integration: &Integration,
    ) -> Result<String, StoreError> {
        let limits = integration.limits();
        if !limits.is_counted() && limits.app == Allowed::default() {
            return Ok(String::new());
        }
        let setting = integrations::get(&self.db, client, integration.key()).await?;
        Ok(setting
            .and_then(|setting| setting.oauth_client_id)
            .unwrap_or_default())
    }

    /// Waits for a slot among the requests at a time and in this second; a longer wait is returned instead. `requests` go out one
    /// after the other: those that only make sense together are let through together, so that the first requests of several callers
    /// never use up what their last ones wait for.
    pub(crate) async fn admit(
        &self,
        asking: &Asking<'_>,
        requests: usize,
    ) -> Result<Admission, StoreError> {
        let limits = asking.integration.limits();
        if !limits.is_limited() {
            return Ok(Admission::Go(Permit { _slots: Vec::new() }));
        }
        let scopes: Vec<Scope<'_>> = asking
            .scopes
            .iter()
            .map(|(key, allowed)| (key.as_str(), *allowed, self.subject(key, *allowed)))
            .collect();
        let mut slots = Vec::new();
        for (_, _, subject) in &scopes {
            if let Some(free) = &subject.slots
                && let Ok(slot) = Arc::clone(free).acquire_owned().await
            {
                slots.push(slot);
            }
        }
        if limits.is_counted()
            && let Some(rest) = self.take_counted(&scopes, requests).await?
        {
            return Ok(Admission::Rest(rest));
        }
        for (_, allowed, subject) in &scopes {
            if let Some(a_second) = allowed.requests_per_second {
                for _ in 0..requests {
                    subject.take_second(a_second.max(1) as usize).await;
                }
            }
        }
        Ok(Admission::Go(Permit { _slots: slots }))
    }

    /// Takes requests off the minute's and the day's of each subject, or none and the rest to keep.
    async fn take_counted(
        &self,
        scopes: &[Scope<'_>],
        requests: usize,
    ) -> Result<Option<Rest>, StoreError> {
        let now = self.clock.now();
        for (key, allowed, subject) in scopes {
            if let Some(rest) = self.current_rest(key, *allowed, subject, now).await? {
                return Ok(Some(rest));
            }
        }
        // Taken first, and given back if the other limits have none left: other requests are admitted at the same time.
        for (at, (_, allowed, subject)) in scopes.iter().enumerate() {
            if let Some(rest) = subject.take_minute(*allowed, requests, now) {
                give_minutes_back(&scopes[..at], requests, now);
                return Ok(Some(rest));
            }
        }
        let drawn = self.draw_all(scopes, requests, now).await;
        if !matches!(drawn, Ok(None)) {
            give_minutes_back(scopes, requests, now);
        }
        drawn
    }

    /// The rest that a subject is to keep now.
    async fn current_rest(
        &self,
        key: &str,
        allowed: Allowed,
        subject: &Subject,
        now: DateTime<Utc>,
    ) -> Result<Option<Rest>, StoreError> {
        {
            let mut counts = subject.counts.lock();
            if let Some(rest) = counts.rest.clone().filter(|rest| rest.until > now) {
                return Ok(Some(rest));
            }
            counts.rest = None;
            if let Some(rest) = counts.minute_over(allowed, 1, now) {
                // The database need not be asked.
                return Ok(Some(rest));
            }
        }
        let stored = platform_use::rest(&self.db, key, now).await?;
        let rest = stored.map(|stored| Rest {
            until: stored.until,
            why: stored.reason,
        });
        subject.counts.lock().rest.clone_from(&rest);
        Ok(rest)
    }

    /// Takes requests off the day's of each subject; the rest to keep if there are none.
    async fn draw_all(
        &self,
        scopes: &[Scope<'_>],
        requests: usize,
        now: DateTime<Utc>,
    ) -> Result<Option<Rest>, StoreError> {
        let mut drawn: Vec<&Subject> = Vec::new();
        for (key, allowed, subject) in scopes {
            let Some(a_day) = allowed.requests_per_day else {
                continue;
            };
            for _ in 0..at_most(requests, a_day) {
                if self.draw(key, subject, i64::from(a_day), now).await? {
                    drawn.push(subject);
                    continue;
                }
                for subject in drawn {
                    subject.counts.lock().left += 1;
                }
                let why = "the day's requests to the platform are used up".to_owned();
                let until = end_of_day(day_of(now));
                return Ok(Some(Rest { until, why }));
            }
        }
        Ok(None)
    }

    /// Takes one request off the day's. False if there are none.
    async fn draw(
        &self,
        key: &str,
        subject: &Subject,
        a_day: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let day = day_of(now);
        {
            let mut counts = subject.counts.lock();
            if counts.day == day && counts.left > 0 {
                counts.left -= 1;
                return Ok(true);
            }
        }
        let portion = (a_day / PORTIONS).max(1);
        let mut tx = self.db.write().await?;
        let taken = platform_use::lease(&mut tx, key, day, portion, a_day).await?;
        tx.commit().await?;
        let mut counts = subject.counts.lock();
        if counts.day != day {
            counts.day = day;
            counts.left = 0;
        }
        counts.left += taken;
        let any = counts.left > 0;
        if any {
            counts.left -= 1;
        }
        Ok(any)
    }

    /// Heeds the numbers of requests that an answer reports as left. The rest to keep if one is zero.
    pub(crate) async fn learn(
        &self,
        asking: &Asking<'_>,
        remaining: Remaining,
    ) -> Result<Option<Rest>, StoreError> {
        let now = self.clock.now();
        let mut longest: Option<Rest> = None;
        for (left, limit, until) in [
            (remaining.day, Limit::Day, end_of_day(day_of(now))),
            (remaining.minute, Limit::Minute, now + MINUTE),
            (remaining.app_minute, Limit::AppMinute, now + MINUTE),
        ] {
            if left == Some(0) {
                let own = self.begin_rest(asking, limit, until).await?;
                longest = longest.filter(|rest| rest.until >= until).or(Some(own));
            }
        }
        Ok(longest)
    }

    /// Heeds a refusal. The rest to keep if the day's limit is reached, which isn't a failure of the request.
    pub(crate) async fn refused(
        &self,
        asking: &Asking<'_>,
        limit: Option<Limit>,
        retry_after: Option<Duration>,
    ) -> Result<Option<Rest>, StoreError> {
        let now = self.clock.now();
        let requested = retry_after.and_then(|wait| TimeDelta::from_std(wait).ok());
        let requested = requested.map(|wait| now + wait);
        match limit {
            Some(limit @ (Limit::Day | Limit::AppDay)) => {
                let until = requested.unwrap_or_else(|| end_of_day(day_of(now)));
                self.begin_rest(asking, limit, until).await.map(Some)
            }
            Some(limit @ (Limit::Minute | Limit::AppMinute)) => {
                let until = requested.unwrap_or(now + MINUTE);
                self.begin_rest(asking, limit, until).await?;
                Ok(None)
            }
            Some(Limit::Concurrent) => Ok(None),
            // The platform doesn't name the limit: it is the connection's, if that has one.
            None => {
                if let Some(until) = requested
                    && asking.integration.limits().is_counted()
                {
                    self.begin_rest(asking, Limit::Minute, until).await?;
                }
                Ok(None)
            }
        }
    }

    /// Lets the subject of a limit rest, on every node.
    async fn begin_rest(
        &self,
        asking: &Asking<'_>,
        limit: Limit,
        until: DateTime<Utc>,
    ) -> Result<Rest, StoreError> {
        let key = asking.subject(limit);
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
            .filter(|(own, _)| own == key)
            .map(|(_, allowed)| *allowed)
            .next();
        let subject = self.subject(key, allowed.unwrap_or_default());
        {
            let mut counts = subject.counts.lock();
            if counts.rest.as_ref().is_none_or(|rest| rest.until < until) {
                counts.rest = Some(rest.clone());
            }
        }
        if until - self.clock.now() >= WORTH_SHARING {
            let mut tx = self.db.write().await?;
            platform_use::set_rest(&mut tx, key, until, why).await?;
            tx.commit().await?;
        }
        Ok(rest)
    }

    /// Ends every rest of this node: the clock by which they end was set back.
    pub(crate) fn end_rests(&self) {
        for subject in self.subjects.lock().values() {
            subject.counts.lock().rest = None;
        }
    }

    /// A chore: forgets counts and rests that are over.
    pub(crate) async fn tidy(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let day = day_of(now);
        self.subjects.lock().retain(|_, subject| {
            let counts = subject.counts.lock();
            let counting = counts
                .minute
                .back()
                .is_some_and(|last| *last + MINUTE > now);
            let resting = counts.rest.as_ref().is_some_and(|rest| rest.until > now);
            let has_portion = counts.day == day && counts.left > 0;
            Arc::strong_count(subject) > 1 || counting || resting || has_portion
        });
        let mut tx = self.db.write().await?;
        platform_use::sweep(&mut tx, now, day).await?;
        tx.commit().await
    }

    /// Gives back what this node was given of the day's requests and hasn't used, before it stops.
    ///
    /// # Errors
    /// The database can't be written to.
    pub async fn give_back(&self) -> Result<(), StoreError> {
        let unused: Vec<(String, i64, i64)> = self
            .subjects
            .lock()
            .iter()
            .map(|(key, subject)| {
                let mut counts = subject.counts.lock();
                (key.clone(), counts.day, std::mem::take(&mut counts.left))
            })
            .filter(|(_, _, left)| *left > 0)
            .collect();
        if unused.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.write().await?;
        for (key, day, left) in unused {
            platform_use::give_back(&mut tx, &key, day, left).await?;
        }
        tx.commit().await
    }
}

fn give_minutes_back(scopes: &[Scope<'_>], requests: usize, now: DateTime<Utc>) {
    for (_, allowed, subject) in scopes {
        let Some(a_minute) = allowed.requests_per_minute else {
            continue;
        };
        let mut counts = subject.counts.lock();
        for _ in 0..at_most(requests, a_minute) {
            if let Some(at) = counts.minute.iter().rposition(|taken| *taken == now) {
                counts.minute.remove(at);
            }
        }
    }
}

/// Requests beyond the limit itself are let through when nothing else is under way.
fn at_most(requests: usize, limit: u32) -> usize {
    requests.min(limit.max(1) as usize)
}

impl Counts {
    /// The rest to keep if `requests` more are too many for the last minute.
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
        // The rest is over when as many requests as there are too many are a minute old.
        let last = self.minute.get(too_many.checked_sub(1)?)?;
        Some(Rest {
            until: *last + MINUTE,
            why: "as many requests as the platform allows within a minute were sent".to_owned(),
        })
    }
}

impl Subject {
    /// Takes some of the minute's requests; the rest to keep if there aren't enough.
    fn take_minute(&self, allowed: Allowed, requests: usize, now: DateTime<Utc>) -> Option<Rest> {
        let limit = allowed.requests_per_minute?;
        let mut counts = self.counts.lock();
        let rest = counts.minute_over(allowed, requests, now);
        if rest.is_none() {
            let taken = std::iter::repeat_n(now, at_most(requests, limit));
            counts.minute.extend(taken);
        }
        rest
    }

    async fn take_second(&self, a_second: usize) {
        loop {
            let wait = {
                let mut counts = self.counts.lock();
                let second = Duration::from_secs(1);
                while counts
                    .second
                    .front()
                    .is_some_and(|at| at.elapsed() >= second)
                {
                    counts.second.pop_front();
                }
                if counts.second.len() < a_second {
                    counts.second.push_back(Instant::now());
                    return;
                }
                let first = counts
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
