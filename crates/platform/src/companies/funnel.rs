//! Counts of what became of a client's customers in Link: how far they came, and for what reason they went no further.
//!
//! A connection is counted on its way to being Linked for the first time, once in each step, whatever is loaded anew or tried again; its
//! loss is that of the last try, and is taken back once it is Linked after all. Counts name no company, connection or person.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use parking_lot::Mutex;
use serde::Serialize;

use super::link;
use crate::app::App;
use crate::change::Change;
use store::clock::new_id;
use store::companies::Company;
use store::connections::Connection;
use store::funnel::{self as rows, Count, Journey};
use store::model::{Actor, ClientId, CompanyId, ConnectionId};
use store::{StoreError, Tx};

/// The days for which counts are kept.
pub const KEPT_DAYS: i64 = 400;

const BATCH: i64 = 500;

/// A step on the way into a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Opened = 1,
    /// A platform.
    Chose = 2,
    /// To sign in there, or to type what gives access.
    Began = 4,
    /// The platform gave access.
    Authorised = 8,
    Linked = 16,
}

impl Step {
    pub const ALL: [Self; 5] = [
        Self::Opened,
        Self::Chose,
        Self::Began,
        Self::Authorised,
        Self::Linked,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Chose => "chose",
            Self::Began => "began",
            Self::Authorised => "authorised",
            Self::Linked => "linked",
        }
    }

    const fn bit(self) -> i64 {
        self as i64
    }
}

/// The step's word of a loss.
const LOST: &str = "lost";

/// The reason why a customer went no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Said no at the platform.
    Cancelled,
    /// Said "not now" on a page of ours.
    Declined,
    /// Began to sign in, and didn't come back.
    Left,
    /// Uses a platform that isn't in the list.
    NotListed,
    /// The platform refused, failed or couldn't be reached.
    PlatformFailed,
    /// The platform doesn't let this person give access.
    PermissionMissing,
    /// The platform didn't accept what was typed.
    NotAccepted,
    /// The platform doesn't accept the application's own credentials.
    SetupRefused,
    /// The company has an accounting source already.
    AlreadyConnected,
    /// Answered none of the questions about the business in time, or left at them.
    BusinessNotChosen,
    /// Took longer than the sign-in may take.
    TookTooLong,
    /// The client's software didn't confirm who finished the link.
    NotConfirmed,
    /// Moorline could not finish it.
    Failed,
}

impl Loss {
    pub const ALL: [Self; 13] = [
        Self::Cancelled,
        Self::Declined,
        Self::Left,
        Self::NotListed,
        Self::PlatformFailed,
        Self::PermissionMissing,
        Self::NotAccepted,
        Self::SetupRefused,
        Self::AlreadyConnected,
        Self::BusinessNotChosen,
        Self::TookTooLong,
        Self::NotConfirmed,
        Self::Failed,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Declined => "declined",
            Self::Left => "left",
            Self::NotListed => "notListed",
            Self::PlatformFailed => "platformFailed",
            Self::PermissionMissing => "permissionMissing",
            Self::NotAccepted => "notAccepted",
            Self::SetupRefused => "setupRefused",
            Self::AlreadyConnected => "alreadyConnected",
            Self::BusinessNotChosen => "businessNotChosen",
            Self::TookTooLong => "tookTooLong",
            Self::NotConfirmed => "notConfirmed",
            Self::Failed => "failed",
        }
    }
}

/// Days since 1970-01-01, UTC.
fn day_of(time: DateTime<Utc>) -> i64 {
    time.timestamp().div_euclid(86_400)
}

/// The day with this number.
fn day_at(number: i64) -> NaiveDate {
    let seconds = number.saturating_mul(86_400);
    DateTime::from_timestamp(seconds, 0).map_or(NaiveDate::MIN, |time| time.date_naive())
}

fn number_of(day: NaiveDate) -> i64 {
    day.signed_duration_since(NaiveDate::default()).num_days()
}

async fn is_on(tx: &mut Tx, client: ClientId) -> Result<bool, StoreError> {
    let text = store::disclosures::link_of_client_in(tx, client).await?;
    Ok(link::read(text)?.counts())
}

/// Counts that a connection has come to a step of its first link, and to those before it. Opening is counted by itself.
///
/// # Errors
/// The database can't be reached or written to.
pub(crate) async fn reach(
    change: &mut Change<'_>,
    connection: &Connection,
    step: Step,
) -> Result<(), StoreError> {
    let up_to = |known: &Step| known.bit() <= step.bit();
    let steps = Step::ALL.into_iter().filter(up_to);
    let steps: Vec<Step> = steps.filter(|known| *known != Step::Opened).collect();
    reach_all(change, connection, &steps).await
}

async fn reach_all(
    change: &mut Change<'_>,
    connection: &Connection,
    steps: &[Step],
) -> Result<(), StoreError> {
    if connection.first_authorized.is_some() || !is_on(change, connection.client_id).await? {
        return Ok(());
    }
    let before = rows::journey(change, connection.id).await?;
    let before = before.unwrap_or_default();
    let mut journey = before.clone();
    let today = day_of(change.now);
    for step in steps {
        if journey.steps & step.bit() == 0 {
            journey.steps |= step.bit();
            count(change, connection, (today, step.word(), ""), 1).await?;
        }
    }
    if steps.contains(&Step::Linked) {
        take_back(change, connection, &mut journey).await?;
    }
    if journey != before {
        rows::put_journey(change, connection.id, &journey).await?;
    }
    Ok(())
}

/// Counts that a connection didn't become Linked, in the place of an earlier loss.
///
/// # Errors
/// The database can't be reached or written to.
pub(crate) async fn lose(
    change: &mut Change<'_>,
    connection: &Connection,
    loss: Loss,
) -> Result<(), StoreError> {
    if connection.first_authorized.is_some() || !is_on(change, connection.client_id).await? {
        return Ok(());
    }
    let journey = rows::journey(change, connection.id).await?;
    let mut journey = journey.unwrap_or_default();
    if journey.steps & Step::Linked.bit() != 0 {
        return Ok(());
    }
    take_back(change, connection, &mut journey).await?;
    let today = day_of(change.now);
    count(change, connection, (today, LOST, loss.word()), 1).await?;
    journey.lost_day = Some(today);
    journey.lost_reason = Some(loss.word().to_owned());
    rows::put_journey(change, connection.id, &journey).await
}

async fn take_back(
    change: &mut Change<'_>,
    connection: &Connection,
    journey: &mut Journey,
) -> Result<(), StoreError> {
    let lost = journey.lost_day.take().zip(journey.lost_reason.take());
    if let Some((day, reason)) = lost
        && day > day_of(change.now) - KEPT_DAYS
    {
        count(change, connection, (day, LOST, &reason), -1).await?;
    }
    Ok(())
}

async fn count(
    change: &mut Change<'_>,
    connection: &Connection,
    (day, step, reason): (i64, &str, &str),
    number: i64,
) -> Result<(), StoreError> {
    let count = Count {
        client_id: connection.client_id,
        day,
        platform_key: connection.integration_key.clone(),
        step: step.to_owned(),
        reason: reason.to_owned(),
        number,
    };
    let id = new_id(change.now);
    rows::note(change, id, &count).await
}

/// Counts what became of a visit to a company's page by which no platform was chosen. The caller sees to it that a link counts once.
///
/// # Errors
/// The database can't be reached or written to.
pub(crate) async fn lose_visit(
    change: &mut Change<'_>,
    client: ClientId,
    loss: Loss,
) -> Result<(), StoreError> {
    if is_on(change, client).await? {
        of_none(change, client, LOST, loss.word()).await?;
    }
    Ok(())
}

async fn of_none(
    change: &mut Change<'_>,
    client: ClientId,
    step: &str,
    reason: &str,
) -> Result<(), StoreError> {
    let count = Count {
        client_id: client,
        day: day_of(change.now),
        platform_key: String::new(),
        step: step.to_owned(),
        reason: reason.to_owned(),
        number: 1,
    };
    let id = new_id(change.now);
    rows::note(change, id, &count).await
}

/// Openings that this process has counted today, so that a page that is loaded again asks the database for nothing.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    today: Mutex<(i64, HashSet<uuid::Uuid>)>,
    /// The first day that is kept, as of the last round.
    kept_from: AtomicI64,
}

impl Opened {
    fn is_first_round(&self, kept_from: i64) -> bool {
        self.kept_from.swap(kept_from, Ordering::SeqCst) != kept_from
    }

    /// True for the first time on a day.
    fn is_new(&self, day: i64, subject: uuid::Uuid) -> bool {
        let mut known = self.today.lock();
        if known.0 != day {
            *known = (day, HashSet::new());
        }
        known.1.insert(subject)
    }

    /// Has the next opening looked at anew if this one wasn't counted: `counted` is false while the client counts nothing.
    fn settle(&self, subject: uuid::Uuid, counted: Result<bool, StoreError>) {
        if let Err(error) = &counted {
            tracing::warn!(%error, "an opening of Link is not counted");
        }
        if !matches!(counted, Ok(true)) {
            self.today.lock().1.remove(&subject);
        }
    }
}

/// Counts, in the background, that a company's people opened Link: once a day. A count that fails is lost, and hinders no page.
pub fn opened(app: &App, company: &Company) {
    let (client, id) = (company.client_id, company.id);
    if app.funnel.is_new(day_of(app.clock.now()), id.0) {
        drop(app.detach(async move |app| {
            let counted = count_visit(&app, client, id).await;
            app.funnel.settle(id.0, counted);
        }));
    }
}

async fn count_visit(app: &App, client: ClientId, company: CompanyId) -> Result<bool, StoreError> {
    // Before a transaction that would make others wait.
    if !link::of_client(app, client).await?.counts() {
        return Ok(false);
    }
    let mut change = Change::begin(app, Actor::Customer).await?;
    let day = day_of(change.now);
    if rows::visit(&mut change, company, day).await? {
        of_none(&mut change, client, Step::Opened.word(), "").await?;
        change.commit().await?;
    }
    Ok(true)
}

/// Counts, in the background, that a customer opened the page of a connection that the client's own software began: once. Where a
/// customer chose the platform in Link, opening that was counted.
pub fn opened_for(app: &App, connection: &Connection) {
    if connection.first_authorized.is_some() {
        return;
    }
    let (client, company, id) = (connection.client_id, connection.company_id, connection.id);
    if app.funnel.is_new(day_of(app.clock.now()), id.0) {
        drop(app.detach(async move |app| {
            let counted = count_opening(&app, (client, company), id).await;
            app.funnel.settle(id.0, counted);
        }));
    }
}

async fn count_opening(
    app: &App,
    (client, company): (ClientId, CompanyId),
    id: ConnectionId,
) -> Result<bool, StoreError> {
    if !link::of_client(app, client).await?.counts() {
        return Ok(false);
    }
    let mut change = Change::begin(app, Actor::Customer).await?;
    // Without the news of a change to it: live views show nothing of this.
    store::connections::lock_company(&mut change, company).await?;
    let Some(connection) = store::connections::find_in(&mut change, id).await? else {
        return Ok(true);
    };
    let journey = rows::journey(&mut change, id).await?;
    if journey.is_none_or(|journey| journey.steps & Step::Chose.bit() == 0) {
        reach_all(&mut change, &connection, &[Step::Opened, Step::Chose]).await?;
        change.commit().await?;
    }
    Ok(true)
}

/// A number of customers at each step, and of losses by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    pub steps: BTreeMap<String, i64>,
    pub losses: BTreeMap<String, i64>,
}

impl Numbers {
    fn add(&mut self, count: &Count) {
        let (numbers, name) = match count.step.as_str() {
            LOST => (&mut self.losses, &count.reason),
            _ => (&mut self.steps, &count.step),
        };
        *numbers.entry(name.clone()).or_default() += count.number;
    }

    pub fn at(&self, step: Step) -> i64 {
        self.steps.get(step.word()).copied().unwrap_or_default()
    }
}

/// A day's numbers at one platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub day: NaiveDate,
    /// None for what is of no platform.
    pub platform_key: Option<String>,
    pub numbers: Numbers,
}

/// A client's funnel on some days: in all, and by day and platform, where there is something.
///
/// # Errors
/// The database can't be read.
pub async fn of_client(
    app: &App,
    client: ClientId,
    (from, to): (NaiveDate, NaiveDate),
    platform_key: Option<&str>,
) -> Result<(Numbers, Vec<Line>), StoreError> {
    let days = (number_of(from), number_of(to));
    let counts = rows::of_client(&app.db, client, days, platform_key).await?;
    let mut total = Numbers::default();
    let mut lines: Vec<Line> = Vec::new();
    for count in &counts {
        total.add(count);
        let day = day_at(count.day);
        let key = Some(count.platform_key.clone()).filter(|key| !key.is_empty());
        match lines.last_mut() {
            Some(line) if line.day == day && line.platform_key == key => line.numbers.add(count),
            _ => {
                let mut numbers = Numbers::default();
                numbers.add(count);
                lines.push(Line {
                    day,
                    platform_key: key,
                    numbers,
                });
            }
        }
    }
    Ok((total, lines))
}

/// The days that are shown if none are named.
const DAYS: i64 = 30;

/// A client's funnel as it is shown: by the API, and on the command line.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// False: nothing is counted for now.
    pub is_counted: bool,
    pub total: Counts,
    pub results: Vec<Day>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    pub opened: i64,
    pub chose: i64,
    pub began: i64,
    pub authorised: i64,
    pub linked: i64,
    pub losses: BTreeMap<String, i64>,
}

/// A day's numbers at one platform, or of no platform.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Day {
    pub day: NaiveDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_key: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
}

impl From<Numbers> for Counts {
    fn from(numbers: Numbers) -> Self {
        Self {
            opened: numbers.at(Step::Opened),
            chose: numbers.at(Step::Chose),
            began: numbers.at(Step::Began),
            authorised: numbers.at(Step::Authorised),
            linked: numbers.at(Step::Linked),
            losses: numbers.losses,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("from ({0}) must not be after to ({1}).")]
    Backwards(NaiveDate, NaiveDate),
    #[error("from and to must be within {KEPT_DAYS} days: counts are kept for as long.")]
    TooLong,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The ways of a client's customers from one day to another, both included. Without the second it is today; without the first, 30
/// days are shown.
///
/// # Errors
/// The days are the wrong way round or too many, or the database can't be read.
pub async fn report(
    app: &App,
    client: ClientId,
    (from, to): (Option<NaiveDate>, Option<NaiveDate>),
    platform_key: Option<&str>,
) -> Result<Report, ReportError> {
    let to = to.unwrap_or(app.clock.now().date_naive());
    let month = to.checked_sub_signed(TimeDelta::days(DAYS - 1));
    let from = from.or(month).unwrap_or(to);
    if from > to {
        return Err(ReportError::Backwards(from, to));
    }
    if to.signed_duration_since(from).num_days() >= KEPT_DAYS {
        return Err(ReportError::TooLong);
    }
    let (total, lines) = of_client(app, client, (from, to), platform_key).await?;
    let lines = lines.into_iter().map(|line| Day {
        day: line.day,
        platform_key: line.platform_key,
        counts: line.numbers.into(),
    });
    Ok(Report {
        from,
        to,
        is_counted: link::of_client(app, client).await?.counts(),
        total: total.into(),
        results: lines.collect(),
    })
}

/// Adds what was counted to the counters, and deletes those that are old enough.
pub(crate) async fn add_up(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    while rows::waits(&app.db).await? {
        let mut change = Change::begin(app, Actor::Moorline).await?;
        let mut sums: BTreeMap<(ClientId, i64, String, String, String), i64> = BTreeMap::new();
        for count in rows::take(&mut change, BATCH).await? {
            let key = (
                count.client_id,
                count.day,
                count.platform_key,
                count.step,
                count.reason,
            );
            *sums.entry(key).or_default() += count.number;
        }
        for ((client_id, day, platform_key, step, reason), number) in sums {
            let more = Count {
                client_id,
                day,
                platform_key,
                step,
                reason,
                number,
            };
            rows::add(&mut change, &more).await?;
        }
        change.commit().await?;
    }
    let first = day_of(now) - KEPT_DAYS;
    if app.funnel.is_first_round(first) {
        let mut change = Change::begin(app, Actor::Moorline).await?;
        rows::forget_before(&mut change, first).await?;
        change.commit().await?;
    }
    Ok(())
}

/// Ends the attempts of customers who set out for a platform and didn't come back.
pub(crate) async fn end_left(app: &App) -> Result<(), StoreError> {
    for attempt in store::links::left(&app.db, app.clock.now()).await? {
        let mut change = Change::begin(app, Actor::Customer).await?;
        store::connections::lock_company(&mut change, attempt.company_id).await?;
        if !store::links::forget_left(&mut change, &attempt).await? {
            continue;
        }
        let connection = store::connections::find_in(&mut change, attempt.connection_id).await?;
        // What became of a try after this one is nearer to the truth.
        let journey = rows::journey(&mut change, attempt.connection_id).await?;
        let lost_since = journey.and_then(|journey| journey.lost_day);
        let is_older = lost_since.is_some_and(|day| day >= day_of(attempt.created));
        if let Some(connection) = connection.filter(|_| !is_older) {
            lose(&mut change, &connection, Loss::Left).await?;
        }
        change.commit().await?;
    }
    Ok(())
}
