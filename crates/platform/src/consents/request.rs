//! A request for consent as a person was shown it, kept from the step to the platform until the platform's answer.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::entry::whereabouts;
use crate::access::caller;
use crate::change::Change;
use store::StoreError;
use store::links::Attempt;

/// Longer than a customer may take at the platform and to choose a business.
const KEPT: TimeDelta = TimeDelta::days(3);

/// A request as it was shown when the customer set out; not as it is configured when the platform answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    pub(crate) at: chrono::DateTime<chrono::Utc>,
    pub(crate) disclosure: Value,
    pub(crate) disclosure_version: String,
    pub(crate) language: String,
    /// The scopes that the platform is asked for.
    pub(crate) scopes: Vec<String>,
    /// The address and the browser, as far as the settings let them be kept.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) from: Map<String, Value>,
}

/// Keeps the request that a customer has just agreed to with the attempt that it leads to: the disclosure as the page showed it.
pub(crate) async fn note(change: &mut Change<'_>, attempt: &Attempt) -> Result<(), StoreError> {
    let caller = caller::current();
    let disclosure = attempt.disclosure.as_deref().unwrap_or("null");
    let disclosure: Value = serde_json::from_str(disclosure).map_err(corrupt)?;
    let text = |member: &str| disclosure[member].as_str().unwrap_or_default().to_owned();
    let scopes = disclosure["scopes"].as_array();
    let scopes = scopes.into_iter().flatten().filter_map(Value::as_str);
    let shown = Shown {
        at: change.now,
        disclosure_version: text("version"),
        language: text("language"),
        scopes: scopes.map(str::to_owned).collect(),
        disclosure,
        from: caller.map_or_else(Map::new, |caller| whereabouts(change.app, &caller)),
    };
    let text = serde_json::to_string(&shown).map_err(corrupt)?;
    let expires = change.now + KEPT;
    store::consents::put_request(change, &attempt.state_hash, &text, expires).await
}

/// The request that the customer of an attempt set out with.
pub(crate) async fn shown_to(
    change: &mut Change<'_>,
    attempt: &Attempt,
) -> Result<Option<Shown>, StoreError> {
    let text = store::consents::take_request(change, &attempt.state_hash).await?;
    text.map(read).transpose()
}

/// The request that led to a choice of businesses.
pub(crate) async fn shown_before_choice(
    change: &mut Change<'_>,
    ticket_hash: &[u8],
) -> Result<Option<Shown>, StoreError> {
    let text = store::consents::take_request_of_choice(change, ticket_hash).await?;
    text.map(read).transpose()
}

fn read(text: String) -> Result<Shown, StoreError> {
    serde_json::from_str(&text).map_err(corrupt)
}

fn corrupt(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt(format!("a request for consent: {error}"))
}
