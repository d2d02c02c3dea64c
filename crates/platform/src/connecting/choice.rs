//! A grant whose customer has still to say which business is meant: the platform named several, or another one than before.
//!
//! Until then its tokens lie sealed beside the connection, which stays as it was. A browser finds them by a ticket; they
//! are revoked when nobody answers in time, and go with the connection.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use connectors::{Identity, Integration, TokenSet};
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::callback::{CallbackError, Ended, Outcome};
use super::grant::{self, Granted};
use super::{LinkError, check_one_accounting, link_url, may_revoke, unauthorised};
use crate::app::App;
use crate::change::Change;
use crate::{credentials, data::pulling, events};
use store::choices::Choice;
use store::clock::{new_id, random_bytes};
use store::connections::Connection;
use store::links::Attempt;
use store::model::{
    Actor, CompanyId, ConnectionId, ConnectionStatus, EventType, JobId, JobKind, SourceType,
};
use store::{StoreError, Tx};

/// How long a customer may take to choose.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// What a customer is asked.
#[derive(Debug)]
pub struct Question {
    pub connection: Connection,
    pub businesses: Vec<Identity>,
    /// The one that was chosen, where it isn't the connection's.
    pub other: Option<usize>,
    /// The accounting platform's name where a further connection can't be made, since there is one.
    pub occupied: Option<String>,
    choice: Choice,
}

/// What a customer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Which of the businesses.
    Business(usize),
    /// Let the other business be a connection of its own.
    AsNew,
    /// Back to the platform, to choose the connection's own business.
    Back,
    /// Leave everything as it was.
    Leave,
}

/// What comes of an answer.
#[derive(Debug)]
pub enum Answered {
    Ended(Box<Ended>),
    /// The business is another one than before: there is something more to ask.
    AsksMore,
    /// The address at which to start again, and the link's custom parameters.
    Back(String, BTreeMap<String, String>),
}

/// A grant and the businesses that it leads to.
pub(super) struct Offered<'a> {
    pub(super) tokens: &'a TokenSet,
    pub(super) variables: &'a BTreeMap<String, String>,
    pub(super) businesses: Vec<Identity>,
    pub(super) chosen: Option<usize>,
}

/// Whether a connection was another business's before.
pub(super) fn is_another(connection: &Connection, identity: &Identity) -> bool {
    let before = connection.account_id.as_deref();
    before.is_some_and(|before| before != identity.id)
}

/// Keeps the grant, and gives the ticket by which the customer's browser finds it.
pub(super) async fn ask(
    app: &App,
    attempt: &Attempt,
    connection: &Connection,
    mut offered: Offered<'_>,
) -> Result<String, StoreError> {
    let now = app.clock.now();
    let ticket = URL_SAFE_NO_PAD.encode(random_bytes::<32>());
    let (access_token, refresh_token) = credentials::sealed(app, connection, offered.tokens);
    // Who the person is doesn't matter here.
    for business in &mut offered.businesses {
        business.open_id = None;
    }
    let at = |life: Option<std::time::Duration>, time: Option<DateTime<Utc>>| {
        let life = life.and_then(|life| TimeDelta::from_std(life).ok());
        life.and_then(|life| now.checked_add_signed(life)).or(time)
    };
    let tokens = offered.tokens;
    let choice = Choice {
        ticket_hash: Sha256::digest(&ticket).to_vec(),
        client_id: connection.client_id,
        company_id: connection.company_id,
        connection_id: connection.id,
        browser_hash: attempt.browser_hash.clone(),
        access_token,
        refresh_token,
        token_expires: at(tokens.expires_in, tokens.expires_at),
        refresh_expires: at(tokens.refresh_expires_in, tokens.refresh_expires_at),
        scope: tokens.scope.clone(),
        businesses: json!(offered.businesses).to_string(),
        variables: json!(offered.variables).to_string(),
        chosen: offered.chosen.and_then(|at| i64::try_from(at).ok()),
        parameters: attempt.parameters.clone(),
        created: now,
        expires: now + LIFETIME,
    };
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, connection.company_id).await?;
    store::choices::insert(&mut tx, &choice).await?;
    store::links::close_attempt(&mut tx, &attempt.state_hash).await?;
    tx.commit().await?;
    Ok(ticket)
}

/// The question that a ticket leads to, for the browser that it was given to.
pub async fn question(
    app: &App,
    (company, connection): (CompanyId, ConnectionId),
    ticket: &str,
    browser: Option<&str>,
) -> Result<Question, CallbackError> {
    let hash = Sha256::digest(ticket);
    let choice = store::choices::find(&app.db, &hash)
        .await?
        .filter(|choice| {
            choice.expires > app.clock.now()
                && choice.company_id == company
                && choice.connection_id == connection
        })
        .ok_or(CallbackError::Spent)?;
    let browser = Sha256::digest(browser.unwrap_or_default());
    if !bool::from(choice.browser_hash.ct_eq(&browser)) {
        return Err(CallbackError::OtherBrowser);
    }
    let connection = store::connections::find(&app.db, connection)
        .await?
        .ok_or(CallbackError::Spent)?;
    let corrupt = |error| StoreError::Corrupt(format!("a choice of businesses: {error}"));
    let businesses: Vec<Identity> = serde_json::from_str(&choice.businesses).map_err(corrupt)?;
    let other = choice.chosen.and_then(|at| usize::try_from(at).ok());
    let occupied = match connection.source_type {
        SourceType::Accounting => {
            let all = store::connections::of_companies(&app.db, &[company]).await?;
            let mut linked = all.into_iter().filter(|one| {
                one.source_type == SourceType::Accounting && one.status == ConnectionStatus::Linked
            });
            linked.next().map(|one| one.platform_name)
        }
        _ => None,
    };
    Ok(Question {
        other: other.filter(|at| *at < businesses.len()),
        connection,
        businesses,
        occupied,
        choice,
    })
}

/// Does what the customer answered. What can't be done leaves the question as it was.
pub async fn answer(app: &App, question: &Question, answer: Answer) -> Result<Answered, LinkError> {
    let (connection, choice) = (&question.connection, &question.choice);
    let parameters: BTreeMap<String, String> =
        serde_json::from_str(&choice.parameters).unwrap_or_default();
    let (connection, outcome) = match answer {
        Answer::Business(at) => {
            let business = question.businesses.get(at).ok_or(LinkError::Raced)?;
            if is_another(connection, business) {
                let mut tx = app.db.write().await?;
                let chosen = i64::try_from(at).unwrap_or_default();
                store::choices::choose(&mut tx, &choice.ticket_hash, chosen).await?;
                tx.commit().await?;
                return Ok(Answered::AsksMore);
            }
            let linked = link(app, choice, connection, business, false).await?;
            (linked, Outcome::Linked)
        }
        Answer::AsNew => {
            let chosen = question.other.and_then(|at| question.businesses.get(at));
            let business = chosen.ok_or(LinkError::Raced)?;
            let linked = link(app, choice, connection, business, true).await?;
            (linked, Outcome::Linked)
        }
        Answer::Back => {
            let_go(app, choice).await?;
            return Ok(Answered::Back(link_url(app, connection), parameters));
        }
        Answer::Leave => {
            let_go(app, choice).await?;
            (connection.clone(), Outcome::Unchanged)
        }
    };
    let key = &connection.integration_key;
    app.metrics
        .count_outcome(&app.metrics.links, key, &outcome.status_code().to_string());
    app.live.wake(connection.company_id);
    Ok(Answered::Ended(Box::new(Ended {
        connection,
        outcome,
        status_text: String::new(),
        parameters,
    })))
}

/// Takes the grant for the connection, or for a new one, in one transaction with everything that follows from it.
async fn link(
    app: &App,
    choice: &Choice,
    connection: &Connection,
    business: &Identity,
    as_new: bool,
) -> Result<Connection, LinkError> {
    let key = &connection.integration_key;
    let integration = app
        .catalogue
        .get(key)
        .ok_or_else(|| LinkError::NoIntegration(key.clone()))?;
    let refresh = choice.refresh_token.as_deref();
    let (access_token, refresh_token) =
        credentials::unsealed(app, connection, &choice.access_token, refresh)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let tokens = TokenSet {
        access_token,
        refresh_token,
        expires_in: None,
        expires_at: choice.token_expires,
        refresh_expires_in: None,
        refresh_expires_at: choice.refresh_expires,
        scope: choice.scope.clone(),
        id_token: None,
        extra: serde_json::Map::new(),
    };
    let mut variables: BTreeMap<String, String> =
        serde_json::from_str(&choice.variables).unwrap_or_default();
    variables.extend(business.variables.clone());

    let mut tx = Change::of_company(app, connection.company_id, Actor::Customer).await?;
    if !store::choices::take(&mut tx, &choice.ticket_hash).await? {
        return Err(LinkError::Spent);
    }
    let id = if as_new {
        let (client, company) = (connection.client_id, connection.company_id);
        let new = unauthorised(client, company, integration, app.clock.now());
        check_one_accounting(&mut tx, &new).await?;
        store::connections::insert(&mut tx, &new).await?;
        let (kind, now) = (EventType::ConnectionCreated, new.created);
        events::of_connection(&mut tx, &new, kind, None, Actor::Customer, None, now).await?;
        new.id
    } else {
        connection.id
    };
    let granted = Granted {
        tokens: &tokens,
        account: Some(&business.id),
        name: business.company_name.as_deref(),
        variables: &variables,
    };
    write(app, &mut tx, integration, id, &granted).await?;
    tx.commit().await?;
    app.work.notify_one();
    let linked = store::connections::find(&app.db, id).await?;
    linked.ok_or(LinkError::NoConnection)
}

/// A connection becomes Linked by its customer, and its data is asked for.
pub(super) async fn write(
    app: &App,
    tx: &mut Change<'_>,
    integration: &Integration,
    id: ConnectionId,
    granted: &Granted<'_>,
) -> Result<(), LinkError> {
    let reason = granted.name.map(|name| format!("{name} was connected."));
    let reason = reason.as_deref();
    let linked = grant::write(app, tx, id, granted, Actor::Customer, reason).await?;
    pulling::queue_first(tx, &linked, integration).await?;
    Ok(())
}

/// Gives a grant back that nobody wants.
async fn let_go(app: &App, choice: &Choice) -> Result<(), LinkError> {
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, choice.company_id).await?;
    let connection = store::connections::find_in(&mut tx, choice.connection_id).await?;
    let connection = connection.ok_or(LinkError::NoConnection)?;
    if !revoke(app, &mut tx, &connection, choice).await? {
        return Err(LinkError::Spent);
    }
    tx.commit().await?;
    app.work.notify_one();
    Ok(())
}

/// Takes a choice away and leaves a job that gives its grant back. False when somebody else has taken it.
async fn revoke(
    app: &App,
    tx: &mut Tx,
    connection: &Connection,
    choice: &Choice,
) -> Result<bool, StoreError> {
    if !store::choices::take(tx, &choice.ticket_hash).await? {
        return Ok(false);
    }
    let businesses: Vec<Identity> = serde_json::from_str(&choice.businesses).unwrap_or_default();
    let ids: Vec<&str> = businesses
        .iter()
        .map(|business| business.id.as_str())
        .collect();
    let nobody = ConnectionId(uuid::Uuid::nil());
    if may_revoke(app, tx, &connection.integration_key, &ids, nobody).await? {
        let mut variables: BTreeMap<String, String> =
            serde_json::from_str(&choice.variables).unwrap_or_default();
        // Of several, the platform's way of letting go of all of them at once has to do.
        let chosen = choice.chosen.and_then(|at| usize::try_from(at).ok());
        if let Some(business) = chosen.and_then(|at| businesses.get(at)) {
            variables.extend(business.variables.clone());
        }
        let refresh = choice.refresh_token.as_deref();
        let payload =
            credentials::revocation_of(connection, &choice.access_token, refresh, variables);
        let now = app.clock.now();
        let (id, subject) = (JobId(new_id(now)), connection.id.0);
        store::jobs::insert(tx, id, JobKind::Revoke, subject, &payload, now, now).await?;
    }
    Ok(true)
}

/// Gives back what the connection's customer was still to choose from.
pub(super) async fn forget(
    app: &App,
    tx: &mut Tx,
    connection: &Connection,
) -> Result<(), StoreError> {
    for choice in store::choices::of_connection(tx, connection.id).await? {
        revoke(app, tx, connection, &choice).await?;
    }
    Ok(())
}

/// Gives back every grant whose customer never chose. Returns how many there were.
pub async fn forget_unanswered(app: &App) -> Result<usize, StoreError> {
    let expired = store::choices::expired(&app.db, app.clock.now()).await?;
    for choice in &expired {
        match let_go(app, choice).await {
            Ok(()) => {
                tracing::info!(connection = %choice.connection_id, "nobody chose a business in time; the grant is given back");
            }
            Err(LinkError::Store(error)) => return Err(error),
            Err(error) => tracing::debug!(%error, "a choice was gone already"),
        }
    }
    Ok(expired.len())
}
