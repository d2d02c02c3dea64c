//! A grant whose customer has still to say which business is meant: the platform named several, or another one than before.
//!
//! Until then its tokens lie sealed beside the connection, which stays as it was. A browser finds them by a ticket; they
//! are revoked if no answer comes in time, and go with the connection.

mod several;

pub use several::{Seen, seen_by};

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{Identity, Lack, TokenSet};
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::callback::note_failure;
use super::grant::{self, Granted, occupied_by};
use super::outcome::{Failure, left};
use super::{CallbackError, Ended, LinkError, Outcome, create, unauthorised};
use crate::access::links::link_url_with;
use crate::access::links::passwords::RESULT_LIFETIME;
use crate::app::App;
use crate::change::Change;
use crate::companies::funnel::{self, Loss, Step};
use crate::consents;
use crate::credentials::holding::{self, Account, Came};
use crate::credentials::vault::openings::Purpose;
use crate::credentials::{SealedTokens, owner};
use crate::disclosure::Agreed;
use crate::disclosure::agreed::Consent;
use crate::disclosure::person::{self, Claims};
use store::choices::Choice;
use store::connections::Connection;
use store::links::{Attempt, LinkEnd};
use store::model::{Actor, CompanyId, ConnectionId, GrantId, GrantReason, SourceType};
use store::{StoreError, Tx};

/// The time that a customer may take to choose.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// The largest number of businesses that are connected by one answer, all in one transaction.
pub const MOST_AT_ONCE: usize = 50;

/// The question that a customer is asked.
#[derive(Debug)]
pub struct Question {
    pub connection: Connection,
    pub businesses: Vec<Identity>,
    /// The one that was chosen, if it isn't the connection's.
    pub other: Option<usize>,
    /// The one that was chosen, if another connection of the company shares it already; and that connection.
    pub twice: Option<(usize, Connection)>,
    /// The accounting platform that is connected, if it forbids a further connection.
    pub occupied: Option<String>,
    /// The permissions that the person lacks for what the customer agreed to, each once.
    pub lacks: Vec<String>,
    /// True if several may be chosen.
    pub several: bool,
    /// Of several: the ids of those that are connected already.
    pub connected: BTreeSet<String>,
    /// Of several: the ids of those that were connected before, by a connection that is to be connected again instead.
    pub before: BTreeSet<String>,
    choice: Choice,
}

impl Question {
    /// True if a business, of several, can be chosen with others.
    pub fn is_free(&self, business: &Identity) -> bool {
        !self.connected.contains(&business.id) && !self.before.contains(&business.id)
    }

    /// The businesses that can be chosen with others, by their numbers.
    fn free(&self) -> impl Iterator<Item = usize> {
        let all = self.businesses.iter().enumerate();
        let free = all.filter(|(_, business)| self.is_free(business));
        free.map(|(at, _)| at)
    }

    /// A parameter of the link by which the customer set out.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let all: BTreeMap<String, String> = serde_json::from_str(&self.choice.parameters).ok()?;
        all.get(name).cloned()
    }
}

/// A customer's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This one of the businesses.
    Business(usize),
    /// These.
    Businesses(Vec<usize>),
    /// Let the other business be a connection of its own.
    AsNew,
    /// Connect the business although another connection of the company shares it already.
    Twice,
    /// Back to the platform, to choose the connection's own business.
    Back,
    /// Leave everything as it was.
    Leave,
}

/// The consequence of an answer.
#[derive(Debug)]
pub enum Answered {
    Ended(Box<Ended>),
    /// The business is another one than before: there is something more to ask.
    AsksMore,
    /// The address at which to start again.
    Back(String),
}

/// A grant and the businesses that it leads to.
pub(super) struct Offered<'a> {
    pub(super) grant: GrantId,
    pub(super) tokens: &'a TokenSet,
    pub(super) variables: &'a BTreeMap<String, String>,
    pub(super) businesses: Vec<Identity>,
    pub(super) chosen: Option<usize>,
    /// The person's claims, if they were requested.
    pub(super) person: Option<&'a Claims>,
}

/// True if the connection was another business's before.
pub(super) fn is_another(connection: &Connection, identity: &Identity) -> bool {
    let before = connection.account_id.as_deref();
    before.is_some_and(|before| before != identity.id)
}

/// True if another connection of the company shares the business already.
pub(super) async fn is_twice(
    app: &App,
    connection: &Connection,
    identity: &Identity,
) -> Result<bool, StoreError> {
    let mut seen = app.db.snapshot().await?;
    let same = same_business(&mut seen, connection, &identity.id).await?;
    Ok(same.is_some())
}

/// Another connection of the company that shares the business already. None for books: of them a company has one source, so that
/// a second is refused, not asked about.
async fn same_business(
    tx: &mut Tx,
    connection: &Connection,
    id: &str,
) -> Result<Option<Connection>, StoreError> {
    if connection.source_type == SourceType::Accounting {
        return Ok(None);
    }
    store::connections::linked_to_account(tx, connection, id).await
}

/// The permissions that the person lacks to read what was agreed to, each once; for everything, if it isn't known what that was.
pub(super) fn lacks(businesses: &[Identity], disclosure: Option<&str>) -> Vec<String> {
    let agreed: Option<Agreed> = disclosure.and_then(|text| serde_json::from_str(text).ok());
    let is_wanted = |lack: &&Lack| {
        let mut types = lack.data_types.iter();
        agreed.as_ref().is_none_or(|agreed| {
            types.any(|wanted| {
                let mut reads = agreed.reads.iter();
                reads.any(|read| read.data_type == wanted.as_str())
            })
        })
    };
    let mut found: Vec<String> = Vec::new();
    for lack in businesses
        .iter()
        .flat_map(|business| &business.lacks)
        .filter(is_wanted)
    {
        if !found.contains(&lack.permission) {
            found.push(lack.permission.clone());
        }
    }
    found
}

/// Keeps the grant for the customer's browser to find by the ticket.
pub(super) async fn ask(
    app: &App,
    attempt: &Attempt,
    connection: &Connection,
    mut offered: Offered<'_>,
    ticket: &str,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    let ticket_hash = Sha256::digest(ticket).to_vec();
    // Who the person is lies sealed beside it.
    for business in &mut offered.businesses {
        business.open_id = None;
    }
    let at = |life: Option<std::time::Duration>, time: Option<DateTime<Utc>>| {
        let life = life.and_then(|life| TimeDelta::from_std(life).ok());
        life.and_then(|life| now.checked_add_signed(life)).or(time)
    };
    let tokens = offered.tokens;
    let refresh_token = tokens.refresh_token.as_ref();
    let sealed = SealedTokens::seal(app, owner(connection), &tokens.access_token, refresh_token);
    let choice = Choice {
        ticket_hash: ticket_hash.clone(),
        client_id: connection.client_id,
        company_id: connection.company_id,
        connection_id: connection.id,
        browser_hash: attempt.browser_hash.clone(),
        access_token: sealed.access_token,
        refresh_token: sealed.refresh_token,
        token_expires: at(tokens.expires_in, tokens.expires_at),
        refresh_expires: at(tokens.refresh_expires_in, tokens.refresh_expires_at),
        scope: tokens.scope.clone(),
        businesses: json!(offered.businesses).to_string(),
        variables: json!(offered.variables).to_string(),
        chosen: offered.chosen.and_then(|at| i64::try_from(at).ok()),
        parameters: attempt.parameters.clone(),
        disclosure: attempt.disclosure.clone(),
        person: offered
            .person
            .map(|claims| person::seal(app, connection.client_id, connection.id, claims)),
        created: now,
        expires: now + LIFETIME,
        grant_id: Some(offered.grant),
    };
    let mut change = Change::of_company(app, connection.company_id, Actor::Customer).await?;
    store::choices::insert(&mut change, &choice).await?;
    funnel::reach(&mut change, connection, Step::Authorised).await?;
    let end = LinkEnd {
        state_hash: attempt.state_hash.clone(),
        connection_id: connection.id,
        browser_hash: attempt.browser_hash.clone(),
        ticket_hash: Some(ticket_hash),
        outcome: None,
        status_text: String::new(),
        parameters: attempt.parameters.clone(),
        expires: choice.expires,
    };
    store::links::end_attempt(&mut change, &end).await?;
    change.commit().await
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
        .filter(|choice| choice.company_id == company && choice.connection_id == connection)
        .ok_or(CallbackError::Spent)?;
    let browser = Sha256::digest(browser.unwrap_or_default());
    if !bool::from(choice.browser_hash.ct_eq(&browser)) {
        return Err(CallbackError::OtherBrowser);
    }
    if choice.expires <= app.clock.now() {
        expire(app, &choice).await?;
        return Err(CallbackError::Spent);
    }
    let connection = store::connections::find(&app.db, connection)
        .await?
        .ok_or(CallbackError::Spent)?;
    let corrupt = |error| StoreError::Corrupt(format!("a choice of businesses: {error}"));
    let businesses: Vec<Identity> = serde_json::from_str(&choice.businesses).map_err(corrupt)?;
    let chosen = choice.chosen.and_then(|at| usize::try_from(at).ok());
    let chosen = chosen.filter(|at| *at < businesses.len());
    let mut seen = app.db.snapshot().await?;
    let occupied = occupied_by(&mut seen, company, connection.source_type, None).await?;
    let twice = match chosen {
        Some(at) => same_business(&mut seen, &connection, &businesses[at].id).await?,
        None => None,
    };
    drop(seen);
    let mut question = Question {
        several: false,
        connected: BTreeSet::new(),
        before: BTreeSet::new(),
        lacks: lacks(&businesses, choice.disclosure.as_deref()),
        other: chosen.filter(|at| is_another(&connection, &businesses[*at])),
        twice: chosen.zip(twice),
        connection,
        businesses,
        occupied,
        choice,
    };
    if chosen.is_none() && several::may(app, &question).await? {
        let mut seen = app.db.snapshot().await?;
        let standing = several::standing(&mut seen, &question.connection).await?;
        drop(seen);
        question.connected = standing.connected;
        question.before = standing.before;
        let free = question.free().count();
        question.several = free > 1;
    }
    Ok(question)
}

/// Does what the customer answered. What can't be done leaves the question as it was.
pub async fn answer(app: &App, question: &Question, answer: Answer) -> Result<Answered, LinkError> {
    let (connection, choice) = (&question.connection, &question.choice);
    let parameters: BTreeMap<String, String> =
        serde_json::from_str(&choice.parameters).unwrap_or_default();
    let mut status_text = String::new();
    let (connection, outcome) = match answer {
        Answer::Business(at) => {
            let business = question.businesses.get(at).ok_or(LinkError::Raced)?;
            if is_another(connection, business) || is_twice(app, connection, business).await? {
                let mut change = Change::begin(app, Actor::Customer).await?;
                let chosen = i64::try_from(at).unwrap_or_default();
                store::choices::choose(&mut change, &choice.ticket_hash, chosen).await?;
                change.commit().await?;
                return Ok(Answered::AsksMore);
            }
            let linked = link(app, choice, connection, business, false).await?;
            (linked, Outcome::Linked)
        }
        Answer::Businesses(chosen) => {
            let is_free = |at: &usize| question.free().any(|free| free == *at);
            if !question.several || !chosen.iter().all(is_free) {
                return Err(LinkError::Raced);
            }
            let linked = several::link_all(app, question, &chosen).await?;
            (linked, Outcome::Linked)
        }
        Answer::AsNew => {
            let chosen = question.other.and_then(|at| question.businesses.get(at));
            let business = chosen.ok_or(LinkError::Raced)?;
            let linked = link(app, choice, connection, business, true).await?;
            (linked, Outcome::Linked)
        }
        Answer::Twice => {
            let (at, _) = question.twice.as_ref().ok_or(LinkError::Raced)?;
            let business = question.businesses.get(*at).ok_or(LinkError::Raced)?;
            let as_new = is_another(connection, business);
            let linked = link(app, choice, connection, business, as_new).await?;
            (linked, Outcome::Linked)
        }
        Answer::Back => {
            let_go(app, choice, None).await?;
            let mut parameters = parameters;
            if choice.person.is_some() {
                parameters.insert("openId".to_owned(), "true".to_owned());
            }
            return Ok(Answered::Back(link_url_with(app, connection, &parameters)));
        }
        Answer::Leave => {
            // Of a business that is shared already, nothing was to be begun.
            let outcome = match question.twice {
                Some(_) => Outcome::Unchanged,
                None => left(connection),
            };
            if outcome == Outcome::Cancelled {
                status_text = Failure::cancelled().message;
            }
            let_go(app, choice, Some((outcome, &status_text))).await?;
            (connection.clone(), outcome)
        }
    };
    let key = &connection.integration_key;
    app.metrics
        .count_outcome(&app.metrics.links, key, &outcome.status_code().to_string());
    Ok(Answered::Ended(Box::new(Ended {
        connection,
        outcome,
        status_text,
        parameters,
    })))
}

fn sealed_in(choice: &Choice) -> SealedTokens {
    SealedTokens {
        access_token: choice.access_token.clone(),
        refresh_token: choice.refresh_token.clone(),
    }
}

/// The tokens of the grant that waits, in clear.
async fn tokens_in(
    app: &App,
    choice: &Choice,
    connection: &Connection,
) -> Result<TokenSet, StoreError> {
    let (access_token, refresh_token) = sealed_in(choice)
        .open(app, owner(connection), Purpose::Link)
        .await
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(TokenSet {
        access_token,
        refresh_token,
        expires_in: None,
        expires_at: choice.token_expires,
        refresh_expires_in: None,
        refresh_expires_at: choice.refresh_expires,
        scope: choice.scope.clone(),
        id_token: None,
        extra: serde_json::Map::new(),
    })
}

async fn person_in(
    app: &App,
    choice: &Choice,
    connection: &Connection,
) -> Result<Option<Claims>, StoreError> {
    let Some(sealed) = choice.person.clone() else {
        return Ok(None);
    };
    let claims = person::open(app, connection.client_id, connection.id, sealed).await?;
    Ok(Some(claims))
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
    let tokens = tokens_in(app, choice, connection).await?;
    let mut variables: BTreeMap<String, String> =
        serde_json::from_str(&choice.variables).unwrap_or_default();
    variables.extend(business.variables.clone());

    let mut change = Change::of_company(app, connection.company_id, Actor::Customer).await?;
    if !store::choices::take(&mut change, &choice.ticket_hash).await? {
        return Err(LinkError::Spent);
    }
    change.told.shown = consents::shown_before_choice(&mut change, &choice.ticket_hash).await?;
    let id = if as_new {
        let (client, company) = (connection.client_id, connection.company_id);
        let new = unauthorised(client, company, integration, change.now);
        create::insert(&mut change, &new).await?;
        new.id
    } else {
        connection.id
    };
    let grant = match choice.grant_id {
        Some(grant) => grant,
        None => holding::received_before(&mut change, connection, choice).await?,
    };
    let claims = person_in(app, choice, connection).await?;
    let granted = Granted {
        tokens: &tokens,
        account: Some(&business.id),
        name: business.company_name.as_deref(),
        variables: &variables,
        came: Came::Received(grant),
        consent: Consent {
            disclosure: choice.disclosure.as_deref(),
            person: claims.as_ref(),
        },
    };
    grant::link(&mut change, integration, id, granted).await?;
    ended(&mut change, choice, id, (Outcome::Linked, "")).await?;
    change.commit().await?;
    let linked = store::connections::find(&app.db, id).await?;
    linked.ok_or(LinkError::NoConnection)
}

/// Notes the choice's outcome for a browser that loads the callback again.
async fn ended(
    change: &mut Change<'_>,
    choice: &Choice,
    id: ConnectionId,
    (outcome, status_text): (Outcome, &str),
) -> Result<(), StoreError> {
    let (code, until) = (outcome.status_code().into(), change.now + RESULT_LIFETIME);
    store::links::end_choice(change, &choice.ticket_hash, id, (code, status_text), until).await
}

/// Gives a grant back that won't be used. Without an outcome, the customer begins again.
async fn let_go(
    app: &App,
    choice: &Choice,
    outcome: Option<(Outcome, &str)>,
) -> Result<(), LinkError> {
    let mut change = Change::of_company(app, choice.company_id, Actor::Customer).await?;
    let connection = store::connections::find_in(&mut change, choice.connection_id).await?;
    let connection = connection.ok_or(LinkError::NoConnection)?;
    if let Some(outcome) = outcome {
        ended(&mut change, choice, connection.id, outcome).await?;
        let failure = match outcome {
            (Outcome::Failed, message) => Some(Failure::failed("408", message)),
            (Outcome::Cancelled, _) => Some(Failure::cancelled()),
            _ => None,
        };
        if let Some(failure) = failure {
            let failure = failure.counted_as(Loss::BusinessNotChosen);
            note_failure(&mut change, &connection, &failure).await?;
        }
    }
    let reason = GrantReason::NotChosen;
    if !give_back(&mut change, &connection, choice, reason).await? {
        return Err(LinkError::Spent);
    }
    Ok(change.commit().await?)
}

/// Ends a choice that wasn't made in time, for the customer and the client to see.
async fn expire(app: &App, choice: &Choice) -> Result<(), StoreError> {
    let outcome = (
        Outcome::Failed,
        "No business was chosen within an hour. Please connect again.",
    );
    match let_go(app, choice, Some(outcome)).await {
        Ok(()) => {
            tracing::info!(connection = %choice.connection_id, "no business was chosen in time; the grant is given back");
            Ok(())
        }
        Err(LinkError::Store(error)) => Err(error),
        Err(error) => {
            tracing::debug!(%error, "a choice was gone already");
            Ok(())
        }
    }
}

/// Takes a choice away and lets go of its grant. False if another request has taken it.
async fn give_back(
    change: &mut Change<'_>,
    connection: &Connection,
    choice: &Choice,
    reason: GrantReason,
) -> Result<bool, StoreError> {
    if !store::choices::take(change, &choice.ticket_hash).await? {
        return Ok(false);
    }
    store::links::forget_choice(change, &choice.ticket_hash).await?;
    let businesses: Vec<Identity> = serde_json::from_str(&choice.businesses).unwrap_or_default();
    let common: BTreeMap<String, String> =
        serde_json::from_str(&choice.variables).unwrap_or_default();
    let accounts: Vec<Account> = businesses
        .into_iter()
        .map(|business| Account {
            id: business.id,
            name: business.company_name,
            variables: common
                .clone()
                .into_iter()
                .chain(business.variables)
                .collect(),
        })
        .collect();
    holding::let_go_of_choice(change, connection, choice, &accounts, reason).await?;
    Ok(true)
}

/// Gives back what the connection's customer was still to choose from.
pub(super) async fn forget(
    change: &mut Change<'_>,
    connection: &Connection,
    reason: GrantReason,
) -> Result<(), StoreError> {
    for choice in store::choices::of_connection(change, connection.id).await? {
        give_back(change, connection, &choice, reason).await?;
    }
    Ok(())
}

/// Gives back every grant whose customer never chose. Returns how many there were.
pub(crate) async fn forget_unanswered(app: &App) -> Result<usize, StoreError> {
    let expired = store::choices::expired(&app.db, app.clock.now()).await?;
    for choice in &expired {
        expire(app, choice).await?;
    }
    Ok(expired.len())
}
