//! The books at the machine are asked whose they are at each call: another company's are never read into a connection.

use std::sync::Arc;

use connectors::machine::{Answers, Machine, Outcome};
use connectors::{Access, FetchError, Identity, Integration, OWNER, TokenSet};
use egress::{EgressError, Secret};

use crate::access::random_text;
use crate::app::App;
use crate::change::Change;
use crate::connecting::choice::is_another;
use crate::connecting::grant::{self, Granted};
use crate::connecting::outcome::Outcome as LinkOutcome;
use crate::connecting::{LinkError, callback};
use crate::consents;
use crate::credentials::holding::{self, Came};
use crate::credentials::{self, variables_of};
use crate::disclosure::agreed::Consent;
use store::StoreError;
use store::clock::new_id;
use store::connections::{Connection, ConnectionError};
use store::machines::{self, Call};
use store::model::{Actor, ConnectionStatus, GrantReason};

/// The beginning of the id of books that say no more of themselves than their name.
const BY_NAME: &str = "name:";

/// A call's books, so far.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// They are the connection's.
    Known,
    /// There is a question to ask first.
    Asks,
    /// Not to be read, for the reason given: a sentence.
    Not(String),
}

/// Looks whose books they are, as far as the answers of this call say it.
pub(super) async fn look(
    app: &App,
    integration: &Integration,
    machine: &Arc<Machine>,
    connection: &Connection,
    call: &Call,
) -> Result<Seen, StoreError> {
    let known = machines::of_subject(&app.db, call.id).await?;
    let answers = Answers::new(known.into_iter().filter_map(|one| {
        let outcome = match one.state.as_str() {
            "answered" => Outcome::Answered(one.answer?),
            "refused" => Outcome::Refused(one.answer?),
            _ => return None,
        };
        Some((one.question, outcome))
    }));
    let Some(kept) = machines::find(&app.db, connection.id).await? else {
        return Ok(Seen::Not("This connection was removed.".into()));
    };
    let door = app.door.with_desk(machine.desk(&answers));
    let mut variables = variables_of(connection);
    variables.insert(OWNER.to_owned(), kept.owner_id.to_string());
    let nothing = Secret::new(String::new());
    let access = Access {
        token: &nothing,
        variables: &variables,
    };
    let identity = match integration.identities(&door, &access).await {
        Ok(found) => found.into_iter().next(),
        Err(FetchError::Egress(EgressError::Awaited)) => {
            if let Some(question) = answers.wanted() {
                let mut change = Change::begin(app, Actor::Platform).await?;
                let id = new_id(change.now);
                let (connection, subject) = (connection.id, call.id);
                machines::ask(&mut change, connection, subject, id, &question.text, false).await?;
                change.commit().await?;
            }
            return Ok(Seen::Asks);
        }
        Err(error) => {
            return Ok(Seen::Not(format!(
                "The company file could not be recognised: {error}."
            )));
        }
    };
    let Some(identity) = identity else {
        return Ok(Seen::Not(
            "The company file doesn't say whose it is.".into(),
        ));
    };
    if is_anothers(connection, &identity) {
        let name = |name: Option<&str>| name.unwrap_or("another company").to_owned();
        let (now, before) = (
            name(identity.company_name.as_deref()),
            name(connection.account_name.as_deref()),
        );
        return Ok(Seen::Not(format!(
            "The company file that is open is that of {now}; this connection is to {before}. Nothing was read. Open the company file of {before}, and update again."
        )));
    }
    let mark = identity.id.clone();
    let is_linked = connection.status == ConnectionStatus::Linked;
    // A call by the password before is none of the customer who waits for the first one by the next.
    let waits = kept.state_hash.filter(|_| call.newest || !is_linked);
    match waits {
        Some(state_hash) => {
            match arrive(app, integration, connection, &state_hash, identity).await {
                Ok(()) => {}
                Err(LinkError::Store(error)) => return Err(error),
                Err(LinkError::Spent) if is_linked => {
                    let mut change = Change::begin(app, Actor::Platform).await?;
                    machines::forget_way(&mut change, connection.id).await?;
                    change.commit().await?;
                    return Ok(Seen::Not("The set-up was not finished in time. The connection works as before, by the password before.".into()));
                }
                Err(LinkError::Spent) => {
                    return Ok(Seen::Not(
                        "The set-up was not finished in time. Please open the link again.".into(),
                    ));
                }
                Err(error) => {
                    return Ok(Seen::Not(format!(
                        "The connection could not be made: {error}."
                    )));
                }
            }
        }
        None if !is_linked => return Ok(Seen::Not("This connection has ended.".into())),
        None => {}
    }
    let mut change = Change::of_company(app, connection.company_id, Actor::Platform).await?;
    let now = change.now;
    machines::recognised(&mut change, call.id).await?;
    // A file has its mark only once the program has written it.
    let by_name = |id: &str| id.starts_with(BY_NAME);
    if connection.account_id.as_deref().is_some_and(by_name) && !by_name(&mark) {
        machines::set_mark(&mut change, connection.id, &mark).await?;
    }
    if machines::set_trouble(&mut change, connection.id, None).await? {
        store::connections::resolve_errors(&mut change, connection.id, now).await?;
    }
    change.commit().await?;
    Ok(Seen::Known)
}

/// True unless the books are certainly the connection's: they have its name, and not another mark. The mark alone proves nothing, since one
/// set-up file can be added to several company files.
fn is_anothers(connection: &Connection, identity: &Identity) -> bool {
    let kind = |id: &str| id.split_once(':').map(|(kind, _)| kind.to_owned());
    let Some(before) = connection.account_id.as_deref() else {
        return false;
    };
    let is_other_name = connection.account_name != identity.company_name;
    is_other_name || (is_another(connection, identity) && kind(before) == kind(&identity.id))
}

/// The first call of a program whose customer waits: the connection is Linked, in one transaction.
async fn arrive(
    app: &App,
    integration: &Integration,
    connection: &Connection,
    state_hash: &[u8],
    identity: Identity,
) -> Result<(), LinkError> {
    let Some(attempt) = store::links::attempt(&app.db, state_hash).await? else {
        return Err(LinkError::Spent);
    };
    if attempt.expires <= app.clock.now() {
        return Err(LinkError::Spent);
    }
    // The machine proves itself by its password: this stands in the place of the token that others give.
    let tokens = TokenSet {
        access_token: Secret::new(random_text(40)),
        refresh_token: None,
        expires_in: None,
        expires_at: None,
        refresh_expires_in: None,
        refresh_expires_at: None,
        scope: None,
        id_token: None,
        extra: serde_json::Map::new(),
    };
    let variables = identity.variables;
    let received = credentials::receive(app, connection, &tokens, &variables).await?;
    let granted = Granted {
        tokens: &tokens,
        account: Some(&identity.id),
        name: identity.company_name.as_deref(),
        variables: &variables,
        came: Came::Received(received),
        consent: Consent {
            disclosure: attempt.disclosure.as_deref(),
            person: None,
        },
    };
    let linked = async {
        let mut change = Change::of_company(app, connection.company_id, Actor::Customer).await?;
        let now = change.now;
        if !store::links::spend_attempt(&mut change, state_hash, now).await? {
            return Err(LinkError::Spent);
        }
        change.told.shown = consents::shown_to(&mut change, &attempt).await?;
        grant::link(&mut change, integration, connection.id, granted).await?;
        let end = callback::ended(&attempt, now, LinkOutcome::Linked, "");
        store::links::end_attempt(&mut change, &end).await?;
        machines::arrived(&mut change, connection.id).await?;
        change.commit().await?;
        Ok(())
    };
    let linked = linked.await;
    let outcome = match &linked {
        Ok(()) => LinkOutcome::Linked,
        Err(_) => {
            holding::let_go_of_received(app, received, GrantReason::LinkFailed).await;
            LinkOutcome::Failed
        }
    };
    let (links, status) = (&app.metrics.links, outcome.status_code().to_string());
    app.metrics.count_outcome(links, integration.key(), &status);
    linked
}

/// Ends a call for a reason that its user can do something about, and keeps that reason with the connection.
pub(super) async fn obstruct(
    app: &App,
    connection: &Connection,
    call: &Call,
    reason: &str,
) -> Result<(), StoreError> {
    let mut change = Change::of_company(app, connection.company_id, Actor::Platform).await?;
    let now = change.now;
    machines::say(&mut change, call.id, reason).await?;
    machines::end_call(&mut change, call.id, connection.id, now).await?;
    let is_new = machines::set_trouble(&mut change, connection.id, Some(reason)).await?;
    if is_new && connection.status == ConnectionStatus::Linked {
        let error = ConnectionError {
            id: new_id(now),
            connection_id: connection.id,
            status_code: "503".into(),
            status_text: "The computer with the books needs attention".into(),
            error_message: reason.to_owned(),
            errored_on: now,
            resolved_on: None,
        };
        store::connections::insert_error(&mut change, &error).await?;
    }
    change.commit().await
}

/// Ends a connection whose business took its permission back at the machine.
pub(super) async fn withdraw(
    app: &App,
    connection: &Connection,
    call: &Call,
    reason: &str,
) -> Result<(), StoreError> {
    obstruct(app, connection, call, reason).await?;
    if connection.status != ConnectionStatus::Linked {
        return Ok(());
    }
    credentials::withdrawn(app, connection, reason).await?;
    let mut change = Change::of_company(app, connection.company_id, Actor::Platform).await?;
    let now = change.now;
    machines::end_access(&mut change, connection.id, now).await?;
    change.commit().await
}
