//! The program gets its password, and the customer waits for its first call.

use chrono::TimeDelta;
use connectors::Integration;
use connectors::machine::Machine;
use egress::Secret;
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::access::random_text;
use crate::app::App;
use crate::change::Change;
use crate::companies::funnel::{self, Step};
use crate::connecting::grant::one_accounting;
use crate::connecting::steps::{self, Stage};
use crate::connecting::{CallbackError, Departure, LinkError};
use crate::consents;
use crate::disclosure::Disclosure;
use store::clock::random_id;
use store::connections::Connection;
use store::links::Attempt;
use store::machines;
use store::model::{Actor, ConnectionStatus};

/// The time that a customer may take to set the program up: somebody else may have to do it.
const SETUP_LIFETIME: TimeDelta = TimeDelta::days(14);

/// Letters and digits of a password, of 62 each.
const PASSWORD: usize = 24;

/// A program's password, which is shown once, and the word by which the customer's browser waits.
pub struct Prepared {
    pub password: Secret,
    pub state: String,
}

/// What a customer waits for.
#[derive(Debug)]
pub enum Waiting {
    /// The first call, with what is in the way of it, if it came and something is.
    FirstCall { trouble: Option<String> },
    /// The way has come to its end: the address that shows it.
    Ended(String),
}

/// The address that the programs of a platform call.
pub fn address(app: &App, key: &str) -> String {
    format!("{}/machines/{key}", app.config.origin())
}

/// Spends the one-time link, and gives the program a password. The same browser by the same link gets a new one, which takes the
/// place of the first.
///
/// # Errors
/// Another browser spent the link, or the company has its accounting source already.
pub async fn prepare(app: &App, departure: &Departure<'_>) -> Result<Prepared, LinkError> {
    let (connection, link) = (departure.connection, departure.password);
    let state = steps::state(app, link, departure.browser);
    let state_hash = Sha256::digest(&state).to_vec();
    let mut change = Change::of_company(app, connection.company_id, Actor::Customer).await?;
    one_accounting(&mut change, connection).await?;
    let spending = steps::use_of(link, departure.browser, Some(connection.id), None);
    let attempt = Attempt {
        state_hash: state_hash.clone(),
        client_id: connection.client_id,
        company_id: connection.company_id,
        connection_id: connection.id,
        browser_hash: Sha256::digest(departure.browser).to_vec(),
        verifier: None,
        parameters: json!(departure.parameters).to_string(),
        disclosure: departure.disclosure.map(Disclosure::to_text),
        created: change.now,
        expires: change.now + SETUP_LIFETIME,
        spent: None,
        held: None,
        held_until: None,
    };
    if store::links::spend_password(&mut change, &spending).await? {
        store::links::insert_attempt(&mut change, &attempt).await?;
        funnel::reach(&mut change, connection, Step::Began).await?;
    } else if !store::links::retell_attempt(&mut change, &attempt).await? {
        drop(change);
        return Err(
            match steps::stage(app, connection, link, Some(departure.browser)).await? {
                Stage::UnderWay => LinkError::Raced,
                _ => LinkError::Spent,
            },
        );
    }
    // What was agreed to last is what counts.
    consents::note(&mut change, &attempt).await?;
    let password = Secret::new(random_text(PASSWORD));
    let known = machines::find_in(&mut change, connection.id).await?;
    let (owner_id, file_id) = known.map_or_else(
        || (random_id(), random_id()),
        |known| (known.owner_id, known.file_id),
    );
    let machine = machines::Machine {
        connection_id: connection.id,
        owner_id,
        file_id,
        // No more than that is needed of a word that nobody can guess.
        verifier: Some(Sha256::digest(password.expose()).to_vec()),
        next_verifier: None,
        state_hash: Some(state_hash),
        place: None,
        heard: None,
        trouble: None,
        paused_until: None,
        hours: None,
        failures: 0,
        shut_until: None,
    };
    // A connection that works goes on by the password before, until the first good call by this one.
    let works = connection.status == ConnectionStatus::Linked;
    machines::put(&mut change, &machine, works).await?;
    change.commit().await?;
    Ok(Prepared { password, state })
}

/// Where the customer's way is, as the browser that began it may know it.
///
/// # Errors
/// The state is unknown, over or another browser's.
pub async fn waiting(
    app: &App,
    connection: &Connection,
    state: &str,
    browser: Option<&str>,
) -> Result<Waiting, CallbackError> {
    let state_hash = Sha256::digest(state).to_vec();
    let ended = || Waiting::Ended(steps::outcome_url(app, connection, state));
    let Some(attempt) = store::links::attempt(&app.db, &state_hash).await? else {
        return match store::links::end_of(&app.db, &state_hash).await? {
            Some(end) if end.connection_id == connection.id => Ok(ended()),
            _ => Err(CallbackError::UnknownState),
        };
    };
    let given = Sha256::digest(browser.unwrap_or_default());
    if attempt.connection_id != connection.id {
        return Err(CallbackError::UnknownState);
    }
    if !bool::from(attempt.browser_hash.ct_eq(&given)) {
        return Err(CallbackError::OtherBrowser);
    }
    if attempt.spent.is_some() {
        return Ok(ended());
    }
    let machine = machines::find(&app.db, connection.id).await?;
    Ok(Waiting::FirstCall {
        trouble: machine.and_then(|machine| machine.trouble),
    })
}

/// The file that the customer opens in the program; none before the program has a password.
///
/// # Errors
/// The database can't be read.
pub async fn file(
    app: &App,
    integration: &Integration,
    machine: &Machine,
    connection: &Connection,
    client: &str,
) -> Result<Option<String>, store::StoreError> {
    let known = machines::find(&app.db, connection.id).await?;
    let Some(known) = known.filter(|known| known.verifier.is_some()) else {
        return Ok(None);
    };
    Ok(Some(machine.setup(&[
        ("address", &address(app, integration.key())),
        ("user", &connection.id.to_string()),
        ("owner", &known.owner_id.to_string()),
        ("file", &known.file_id.to_string()),
        ("name", client),
    ])))
}
