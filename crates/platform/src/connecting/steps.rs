//! One-time links that a browser has used before: it is led on to what it began, instead of being turned away.
//!
//! A second click, a reload, the Back button and a second tab are all the same browser with the same link. Another browser with
//! that link gets nothing: the link may have leaked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::Url;

use crate::access::links::passwords::{Genuine, RESULT_LIFETIME};
use crate::access::links::redirect_uri;
use crate::app::App;
use crate::change::Change;
use crate::companies::funnel::{self, Loss, Step};
use crate::companies::missed;
use crate::connecting::callback::note_failure;
use crate::connecting::outcome::{Failure, left};
use crate::connecting::{Departure, LinkError, Outcome, create};
use crate::data::files::sources::source;
use store::StoreError;
use store::companies::Company;
use store::connections::Connection;
use store::links::{LinkEnd, Spending};
use store::model::{Actor, ClientId, CompanyId, ConnectionId};

/// The stage that a one-time link has reached.
#[derive(Debug)]
pub enum Stage {
    Unused,
    /// This browser has set out with it and may set out again.
    UnderWay,
    /// This browser went the way to its end: the address that shows it.
    Ended(String),
    /// This browser used it, and nothing is left to show.
    Over,
    /// Another browser used it.
    Taken,
}

/// The stage of a link to a connection, as a browser may know it.
///
/// # Errors
/// The database can't be read.
pub async fn stage(
    app: &App,
    connection: &Connection,
    password: &Genuine,
    browser: Option<&str>,
) -> Result<Stage, StoreError> {
    let Some(spending) = store::links::spending(&app.db, &password.id).await? else {
        return Ok(Stage::Unused);
    };
    let Some(browser) = browser.filter(|browser| is_of(&spending, browser)) else {
        return Ok(Stage::Taken);
    };
    let state = state(app, password, browser);
    let hash = Sha256::digest(&state);
    let attempt = store::links::attempt(&app.db, &hash).await?;
    match attempt {
        Some(attempt) if attempt.spent.is_none() => Ok(Stage::UnderWay),
        Some(_) => Ok(Stage::Ended(outcome_url(app, connection, &state))),
        None => {
            let now = app.clock.now();
            let end = store::links::end_of(&app.db, &hash).await?;
            Ok(match end.filter(|end| end.expires > now) {
                Some(_) => Stage::Ended(outcome_url(app, connection, &state)),
                None => Stage::Over,
            })
        }
    }
}

/// RFC 6749's `state` of a browser's way through a link: the same each time it sets out, and unknown to all others.
pub(in crate::connecting) fn state(app: &App, password: &Genuine, browser: &str) -> String {
    let parts: [&[u8]; 2] = [&password.id, browser.as_bytes()];
    URL_SAFE_NO_PAD.encode(app.vault.sign("authorization state", &parts))
}

/// The address that waits for the end of a way, and shows it to the browser that went it.
pub(in crate::connecting) fn outcome_url(
    app: &App,
    connection: &Connection,
    state: &str,
) -> String {
    let uri = redirect_uri(app, &connection.integration_key);
    let mut url = Url::parse(&uri).expect("a redirect URI is a URL");
    url.query_pairs_mut().append_pair("state", state);
    url.into()
}

/// A use of a link by a browser.
pub(in crate::connecting) fn use_of(
    password: &Genuine,
    browser: &str,
    connection: Option<ConnectionId>,
    outcome: Option<Outcome>,
) -> Spending {
    Spending {
        id: password.id.clone(),
        expires: password.expires,
        browser_hash: Some(Sha256::digest(browser).to_vec()),
        connection_id: connection,
        outcome: outcome.map(|outcome| outcome.status_code().into()),
    }
}

fn is_of(spending: &Spending, browser: &str) -> bool {
    let digest = Sha256::digest(browser);
    let own = spending.browser_hash.as_ref();
    own.is_some_and(|own| bool::from(own.as_slice().ct_eq(&digest)))
}

/// The end of a link that its customer left.
#[derive(Debug)]
pub enum Left {
    /// By this call.
    Now {
        outcome: Outcome,
        status_text: String,
    },
    /// Before: the address at which its end is shown.
    Before(String),
}

/// Ends a link without setting out. A connection that was never authorised has been cancelled then, for the client to see.
///
/// # Errors
/// Another browser used the link, or this one did and nothing is left to show.
pub async fn decline(app: &App, departure: &Departure<'_>) -> Result<Left, LinkError> {
    let (connection, password) = (departure.connection, departure.password);
    let outcome = left(connection);
    let cancelled = (outcome == Outcome::Cancelled).then(Failure::cancelled);
    let status_text = cancelled
        .as_ref()
        .map_or_else(String::new, |cancelled| cancelled.message.clone());
    let mut change = Change::of_company(app, connection.company_id, Actor::Customer).await?;
    if end_link(&mut change, departure, outcome, &status_text).await? {
        if let Some(cancelled) = cancelled {
            let cancelled = &cancelled.counted_as(Loss::Declined);
            note_failure(&mut change, connection, cancelled).await?;
        }
        change.commit().await?;
        return Ok(Left::Now {
            outcome,
            status_text,
        });
    }
    drop(change);
    match stage(app, connection, password, Some(departure.browser)).await? {
        Stage::Ended(address) => Ok(Left::Before(address)),
        Stage::Unused | Stage::UnderWay | Stage::Over | Stage::Taken => Err(LinkError::Spent),
    }
}

/// Spends a link to a connection and notes its end, for the browser that went the way to see it again. False if it was used before.
///
/// # Errors
/// The database can't be reached or written to.
pub(crate) async fn end_link(
    change: &mut Change<'_>,
    departure: &Departure<'_>,
    outcome: Outcome,
    status_text: &str,
) -> Result<bool, StoreError> {
    let (connection, password) = (departure.connection, departure.password);
    let state = state(change.app, password, departure.browser);
    let state_hash = Sha256::digest(&state).to_vec();
    let spending = use_of(
        password,
        departure.browser,
        Some(connection.id),
        Some(outcome),
    );
    let now = change.now;
    // The second: back from the platform's sign-in, to leave after all.
    if !store::links::spend_password(change, &spending).await?
        && !store::links::spend_attempt(change, &state_hash, now).await?
    {
        return Ok(false);
    }
    let end = LinkEnd {
        state_hash,
        connection_id: connection.id,
        browser_hash: Sha256::digest(departure.browser).to_vec(),
        ticket_hash: None,
        outcome: Some(outcome.status_code().into()),
        status_text: status_text.to_owned(),
        parameters: json!(departure.parameters).to_string(),
        expires: now + RESULT_LIFETIME,
    };
    store::links::end_attempt(change, &end).await?;
    Ok(true)
}

/// A link to a company that a browser may have used before.
#[derive(Debug)]
pub enum CompanyStage {
    Unused,
    /// This browser has chosen this connection.
    Chose(ConnectionId),
    /// This browser ended it so.
    Ended(Outcome),
    /// Another browser used it.
    Taken,
}

/// The stage of a link to a company, as a browser may know it.
///
/// # Errors
/// The database can't be read.
pub async fn company_stage(
    app: &App,
    password: &Genuine,
    browser: Option<&str>,
) -> Result<CompanyStage, StoreError> {
    let Some(spending) = store::links::spending(&app.db, &password.id).await? else {
        return Ok(CompanyStage::Unused);
    };
    if !browser.is_some_and(|browser| is_of(&spending, browser)) {
        return Ok(CompanyStage::Taken);
    }
    let outcome = spending.outcome.and_then(|code| u16::try_from(code).ok());
    let outcome = outcome.and_then(Outcome::from_status_code);
    Ok(match (spending.connection_id, outcome) {
        (Some(connection), _) => CompanyStage::Chose(connection),
        (None, Some(outcome)) => CompanyStage::Ended(outcome),
        (None, None) => CompanyStage::Taken,
    })
}

/// The browser that a link belongs to, once one has opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// No browser has opened it.
    Unknown,
    /// This one.
    Own,
    Other,
}

/// The holder of a link that one browser may use again and again, until it is too old.
///
/// # Errors
/// The database can't be read.
pub async fn holder(
    app: &App,
    password: &Genuine,
    browser: Option<&str>,
) -> Result<Holder, StoreError> {
    let spending = store::links::spending(&app.db, &password.id).await?;
    Ok(match spending {
        None => Holder::Unknown,
        Some(spending) if browser.is_some_and(|browser| is_of(&spending, browser)) => Holder::Own,
        Some(_) => Holder::Other,
    })
}

/// Gives a link to a browser, if no other has opened it.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn hold(app: &App, password: &Genuine, browser: &str) -> Result<Holder, StoreError> {
    let mut change = Change::begin(app, Actor::Customer).await?;
    let spending = use_of(password, browser, None, None);
    if store::links::spend_password(&mut change, &spending).await? {
        change.commit().await?;
        return Ok(Holder::Own);
    }
    drop(change);
    holder(app, password, Some(browser)).await
}

/// The platform, or the connection of before, that a customer chose on a company's page.
#[derive(Clone, Copy, Debug)]
pub enum Chosen<'a> {
    Platform(&'a str),
    Connection(&'a Connection),
}

/// Spends a company's link for a choice, and makes its connection if it is a new one. A second click by the same browser
/// makes no second connection.
///
/// # Errors
/// As [`create`](super::create); or the link was used.
pub async fn choose_platform(
    app: &App,
    (client, company): (ClientId, CompanyId),
    password: &Genuine,
    browser: &str,
    chosen: Chosen<'_>,
) -> Result<Connection, LinkError> {
    let origin = match chosen {
        Chosen::Platform(key) => Some(create::origin(app, client, key).await?),
        Chosen::Connection(_) => None,
    };
    let mut change = Change::of_company(app, company, Actor::Customer).await?;
    let before = match chosen {
        Chosen::Connection(before) => Some(before.clone()),
        // More files go to where the first are.
        Chosen::Platform(key) if source(key).is_some() => {
            let all = store::connections::of_company_in(&mut change, company).await?;
            all.into_iter().find(|one| one.integration_key == key)
        }
        Chosen::Platform(_) => None,
    };
    let is_new = before.is_none();
    let connection = match (before, origin) {
        (Some(before), _) => before,
        (None, Some(origin)) => origin.unauthorised(client, company, change.now),
        (None, None) => return Err(LinkError::NoConnection),
    };
    let spending = use_of(password, browser, Some(connection.id), None);
    if !store::links::spend_password(&mut change, &spending).await? {
        drop(change);
        let before = match company_stage(app, password, Some(browser)).await? {
            CompanyStage::Chose(before) => {
                store::connections::get(&app.db, client, company, before).await?
            }
            _ => None,
        };
        return before.ok_or(LinkError::Spent);
    }
    if is_new {
        create::insert(&mut change, &connection).await?;
        funnel::reach(&mut change, &connection, Step::Chose).await?;
    }
    change.commit().await?;
    Ok(connection)
}

/// Spends a company's link without a choice, with the platform that its people miss. False if it was used.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn choose_nothing(
    app: &App,
    company: &Company,
    password: &Genuine,
    browser: &str,
    (outcome, wanted): (Outcome, Option<&str>),
) -> Result<bool, StoreError> {
    let mut change = Change::of_company(app, company.id, Actor::Customer).await?;
    let spending = use_of(password, browser, None, Some(outcome));
    let first = store::links::spend_password(&mut change, &spending).await?;
    if first {
        let loss = match outcome {
            Outcome::NotSupported => Loss::NotListed,
            _ => Loss::Declined,
        };
        funnel::lose_visit(&mut change, company.client_id, loss).await?;
    }
    if let Some(platform) = wanted.filter(|_| first) {
        missed::note(&mut change, company, platform).await?;
    }
    change.commit().await?;
    Ok(first)
}
