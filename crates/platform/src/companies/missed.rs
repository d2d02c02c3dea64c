//! "My platform isn't in the list": what a company's people use and can't connect, reported to the client.

use chrono::{DateTime, Utc};

use super::funnel::{self, Loss};
use crate::app::App;
use crate::change::Change;
use crate::events::Event;
use store::StoreError;
use store::companies::Company;
use store::events;
use store::model::{Actor, EventType};

/// In characters.
const LONGEST: usize = 100;

/// The answers of a company that are compared with a new one.
const COMPARED: i64 = 100;

/// A platform's name on one line, without what is beyond its length. None if nothing is left.
pub fn one_line(given: &str) -> Option<String> {
    let words = given.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let name: String = words.join(" ").chars().take(LONGEST).collect();
    (!name.is_empty()).then_some(name)
}

/// Reports a platform to the company's client, and answers when. The same name again, in whatever letter case, is the same
/// answer: it was given then, and nothing is sent for it anew. The funnel counts the first answer of a day.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn report(
    app: &App,
    company: &Company,
    actor: Actor,
    platform: &str,
) -> Result<DateTime<Utc>, StoreError> {
    let mut change = Change::of_company(app, company.id, actor).await?;
    let kind = EventType::PlatformRequested;
    // Of the two requests of a double click the second waits here, and finds the first.
    store::connections::lock_company(&mut change, company.id).await?;
    let before = events::of_kind_in(&mut change, company.id, kind, COMPARED).await?;
    let name_of = |event: &events::Event| {
        let payload: serde_json::Value = serde_json::from_str(&event.payload).unwrap_or_default();
        payload["platformName"].as_str().map(str::to_lowercase)
    };
    let wanted = platform.to_lowercase();
    if let Some(same) = before
        .iter()
        .find(|event| name_of(event).as_ref() == Some(&wanted))
    {
        return Ok(same.occurred);
    }
    let now = change.now;
    let is_first = before
        .first()
        .is_none_or(|newest| newest.occurred.date_naive() < now.date_naive());
    if is_first {
        funnel::lose_visit(&mut change, company.client_id, Loss::NotListed).await?;
    }
    note(&mut change, company, platform).await?;
    change.commit().await?;
    Ok(now)
}

/// Notes the answer, for the client's webhooks and lists.
///
/// # Errors
/// The database can't be reached or written to.
pub(crate) async fn note(
    change: &mut Change<'_>,
    company: &Company,
    platform: &str,
) -> Result<(), StoreError> {
    change
        .event(Event::PlatformRequested(company, platform))
        .await
}
