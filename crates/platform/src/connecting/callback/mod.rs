//! The customer comes back from the platform: the code is traded for tokens, and the connection is Linked, or says why not.

mod confirming;

pub(crate) use confirming::end_unconfirmed;
pub use confirming::{ConfirmError, confirm};

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use connectors::{
    Access, FetchError, Identity, Integration, OAuthError, TokenSet, presentable_to_customers,
};
use egress::Secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::authorize::verifier_place;
use super::choice::{self, Offered};
use super::grant::{self, Granted};
use super::outcome::Failure;
use super::{Arrived, CallbackError, Ended, Outcome};
use crate::access::links::passwords::RESULT_LIFETIME;
use crate::access::links::redirect_uri;
use crate::app::App;
use crate::change::Change;
use crate::companies::funnel::{self, Loss, Step};
use crate::consents;
use crate::credentials::holding::{self, Came};
use crate::credentials::vault::Sealed;
use crate::credentials::vault::openings::Purpose;
use crate::credentials::{self, oauth_clients};
use crate::disclosure::Agreed;
use crate::disclosure::agreed::Consent;
use crate::disclosure::person::Claims;
use crate::events::Event;
use store::StoreError;
use store::clock::new_id;
use store::connections::{Connection, ConnectionError};
use store::links::{Attempt, LinkEnd};
use store::model::{Actor, EventType, GrantId, GrantReason};

/// The answer that the platform sent the customer's browser back with (RFC 6749 § 4.1.2, RFC 9207).
#[derive(Debug, Default)]
pub struct Callback {
    pub state: Option<String>,
    pub code: Option<Secret>,
    pub error: Option<String>,
    pub error_description: Option<String>,
    pub iss: Option<String>,
    /// The whole query, for the values that the manifest names.
    pub query: BTreeMap<String, String>,
}

/// The interval at which a second load looks for the end of what the first began, on this node or another.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The pauses after which a platform that refuses a token that it has just given is asked whose it is once more.
const UNKNOWN_YET: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// Takes the platform's answer: spends the state, commits that, and only then trades the code for tokens. All of it goes on
/// if the browser leaves. A further load by the same browser waits for the same end, and is given it again for an hour.
///
/// # Errors
/// The state is unknown, over or another browser's: nothing was changed by this call.
pub async fn finish(
    app: &App,
    key: &str,
    browser: Option<&str>,
    callback: Callback,
) -> Result<Arrived, CallbackError> {
    let state = callback.state.clone().unwrap_or_default();
    let state_hash = Sha256::digest(&state).to_vec();
    let is_own = |browser_hash: &[u8]| {
        let given = Sha256::digest(browser.unwrap_or_default());
        bool::from(browser_hash.ct_eq(&given))
    };
    if let Some(attempt) = store::links::attempt(&app.db, &state_hash).await? {
        if !is_own(&attempt.browser_hash) {
            return Err(CallbackError::OtherBrowser);
        }
        let connection = store::connections::find(&app.db, attempt.connection_id)
            .await?
            .filter(|connection| connection.integration_key == key)
            .ok_or(CallbackError::UnknownState)?;
        let calls = app
            .catalogue
            .get(key)
            .is_some_and(|integration| integration.machine().is_some());
        if calls && attempt.spent.is_none() {
            // Its first call ends this way, and no redirect.
            return Err(CallbackError::UnknownState);
        }
        if attempt.spent.is_none() {
            let held = confirming::hold(app, &attempt, &callback, &state).await?;
            if let Some(confirmation) = held {
                return Ok(confirming::waiting(connection, &attempt, confirmation));
            }
            let ticket = ticket(app, &state);
            app.detach(async move |app| {
                exchange(&app, connection, attempt, callback, ticket).await
            })
            .await?;
        }
    }
    let end = end_of(app, &state_hash).await?;
    if !is_own(&end.browser_hash) {
        return Err(CallbackError::OtherBrowser);
    }
    let connection = store::connections::find(&app.db, end.connection_id)
        .await?
        .filter(|connection| connection.integration_key == key)
        .ok_or(CallbackError::UnknownState)?;
    Ok(match shown(connection, end)? {
        Ok(ended) => Arrived::Ended(Box::new(ended)),
        Err(connection) => Arrived::Asks {
            connection: Box::new(connection),
            ticket: ticket(app, &state),
        },
    })
}

/// The end of a link as its browser is shown it; the connection alone while a choice is open.
pub(super) fn shown(
    connection: Connection,
    end: LinkEnd,
) -> Result<Result<Ended, Connection>, StoreError> {
    let Some(outcome) = end.outcome else {
        return Ok(Err(connection));
    };
    let known = u16::try_from(outcome).ok();
    let outcome = known
        .and_then(Outcome::from_status_code)
        .ok_or_else(|| StoreError::Corrupt(format!("the outcome {outcome} of a link")))?;
    Ok(Ok(Ended {
        connection,
        outcome,
        status_text: end.status_text,
        parameters: serde_json::from_str(&end.parameters).unwrap_or_default(),
    }))
}

/// The end of a choice that was made, for the browser that made it. None if there is none, or for another browser.
pub async fn end_of_choice(
    app: &App,
    ticket: &str,
    browser: Option<&str>,
) -> Result<Option<Ended>, StoreError> {
    let given = Sha256::digest(browser.unwrap_or_default());
    let end = store::links::end_of_choice(&app.db, &Sha256::digest(ticket)).await?;
    let Some(end) = end.filter(|end| bool::from(end.browser_hash.ct_eq(&given))) else {
        return Ok(None);
    };
    let connection = store::connections::find(&app.db, end.connection_id).await?;
    Ok(match connection {
        Some(connection) => shown(connection, end)?.ok(),
        None => None,
    })
}

/// The ticket of the choice that an attempt may lead to: made from the state, so that a second load of the callback leads
/// to the same question.
pub(super) fn ticket(app: &App, state: &str) -> String {
    let signed = app.vault.sign("choose a business", &[state.as_bytes()]);
    URL_SAFE_NO_PAD.encode(signed)
}

/// Waits for the end of an attempt that was spent. The caller bounds the wait.
pub(super) async fn end_of(app: &App, state_hash: &[u8]) -> Result<LinkEnd, CallbackError> {
    loop {
        // In this order: an attempt that ends in between is gone already, and its end is there.
        let attempt = store::links::attempt(&app.db, state_hash).await?;
        if let Some(end) = store::links::end_of(&app.db, state_hash).await? {
            return Ok(end);
        }
        match attempt {
            None => return Err(CallbackError::UnknownState),
            Some(attempt) if attempt.spent.is_none() => return Err(CallbackError::Spent),
            Some(_) => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

/// The work that no browser can cancel: spends the state, trades the code and stores how that ended. Does nothing if
/// another load was first. A state that has expired ends as that, with the code unused.
pub(super) async fn exchange(
    app: &App,
    connection: Connection,
    attempt: Attempt,
    callback: Callback,
    ticket: String,
) -> Result<(), CallbackError> {
    let key = &connection.integration_key;
    let integration = app.catalogue.get(key).ok_or(CallbackError::UnknownState)?;
    let mut change = Change::begin(app, Actor::Customer).await?;
    let now = change.now;
    if !store::links::spend_attempt(&mut change, &attempt.state_hash, now).await? {
        return Ok(());
    }
    change.commit().await?;
    let arrival = Arrival {
        app,
        integration,
        connection: &connection,
        attempt: &attempt,
        ticket: &ticket,
    };
    let taken = if attempt.expires <= now && attempt.held.is_none() {
        Err(Failure::failed(
            "408",
            "The sign-in took longer than an hour. Please connect again.",
        ))
    } else {
        arrival.take(callback).await
    };
    let outcome = match taken {
        Ok(outcome) => outcome,
        Err(failure) => {
            tracing::info!(
                connection = %connection.id, integration = key, code = failure.code, reason = failure.message,
                "link did not end in a connection"
            );
            record_failure(app, &attempt, &failure).await?;
            Some(failure.outcome)
        }
    };
    if let Some(outcome) = outcome {
        app.metrics
            .count_outcome(&app.metrics.links, key, &outcome.status_code().to_string());
    }
    Ok(())
}

/// A customer's arrival with access, matched to the attempt that it ends.
pub(super) struct Arrival<'a> {
    pub(super) app: &'a App,
    pub(super) integration: &'a Integration,
    pub(super) connection: &'a Connection,
    pub(super) attempt: &'a Attempt,
    /// The ticket of the question that the customer may have to be asked.
    pub(super) ticket: &'a str,
}

impl Arrival<'_> {
    /// Takes the answer, and gives the outcome: none yet if the customer has to choose a business.
    async fn take(&self, callback: Callback) -> Result<Option<Outcome>, Failure> {
        let issuer = self.integration.issuer();
        if let (Some(expected), given) = (issuer, callback.iss.as_deref())
            && given != Some(expected)
        {
            return Err(Failure::failed(
                "400",
                "The answer came from another authorization server than the one that was asked.",
            ));
        }
        if let Some(error) = callback.error {
            let cancelled = self.integration.means_cancelled(&error);
            let error = presentable_to_customers(&error);
            let words = presentable_to_customers(&callback.error_description.unwrap_or_default());
            let needs = |words: &str| self.integration.needs_approval(words);
            return Err(match error {
                // Some platforms call it a refusal, as if the person hadn't wanted to.
                _ if needs(&words) || needs(&error) => {
                    Failure::of_approval(if words.is_empty() { &error } else { &words })
                }
                _ if cancelled => Failure::cancelled(),
                _ if words.is_empty() => {
                    Failure::failed("500", format!("The platform reported: {error}."))
                        .counted_as(Loss::PlatformFailed)
                }
                _ => Failure::failed("500", format!("The platform reported: {words} ({error})."))
                    .counted_as(Loss::PlatformFailed),
            });
        }
        let code = callback
            .code
            .ok_or_else(|| Failure::failed("400", "The platform sent no authorization code."))?;
        let credentials =
            oauth_clients::credentials(self.app, self.connection.client_id, self.integration)
                .await?
                .ok_or_else(|| Failure::of_the_operator("there are none"))?;
        let verifier = match &self.attempt.verifier {
            Some(sealed) => Some(
                self.app
                    .vault
                    .open_sealed(
                        &Sealed(sealed.clone()),
                        verifier_place(self.connection),
                        Purpose::Link,
                    )
                    .await
                    .map_err(|error| Failure::failed("500", error.to_string()))?,
            ),
            None => None,
        };
        let mut variables: BTreeMap<String, String> = self
            .integration
            .callback_parameters()
            .iter()
            .filter_map(|name| {
                let value = callback.query.get(name)?;
                Some((name.clone(), value.clone()))
            })
            .collect();
        let redirect_uri = redirect_uri(self.app, self.integration.key());
        let tokens = self
            .integration
            .exchange(
                &self.app.door,
                &credentials,
                &redirect_uri,
                &code,
                verifier.as_ref(),
                &variables,
            )
            .await;
        let (client, key) = (self.connection.client_id, self.integration.key());
        let error = tokens.as_ref().err();
        if let Err(error) = credentials::note_exchange(self.app, client, key, error).await {
            // The tokens weigh more.
            tracing::error!(%error, "the state of a platform's token endpoint is not kept");
        }
        if let Err(OAuthError::Refused { error, description }) = &tokens {
            let words = description.as_ref().unwrap_or(error);
            if self.integration.needs_approval(words) {
                return Err(Failure::of_approval(&presentable_to_customers(words)));
            }
        }
        let tokens = tokens?;
        variables.extend(self.integration.claims_of(&tokens.access_token));
        let (app, integration) = (self.app, self.integration);
        // On record before anything else is asked: from here on it is given back, whatever comes.
        let received = credentials::receive(app, self.connection, &tokens, &variables).await;
        let grant = match received {
            Ok(grant) => grant,
            Err(error) => {
                let client = &credentials;
                credentials::give_back_now(app, integration, client, &tokens, &variables).await;
                return Err(error.into());
            }
        };
        let settled = self.settle(grant, &tokens, &mut variables).await;
        if settled.is_err() {
            // A grant that we don't keep must not stay alive at the platform.
            holding::let_go_of_received(app, grant, GrantReason::LinkFailed).await;
        }
        settled.map_err(Failure::after_access)
    }

    async fn settle(
        &self,
        grant: GrantId,
        tokens: &TokenSet,
        variables: &mut BTreeMap<String, String>,
    ) -> Result<Option<Outcome>, Failure> {
        let access = Access {
            token: &tokens.access_token,
            variables,
        };
        let businesses = self.businesses(&access).await?;
        self.take_businesses(grant, tokens, variables, businesses)
            .await
    }

    /// Everything that follows from a good answer, in one transaction. What was learnt of the business joins `variables`.
    pub(super) async fn take_businesses(
        &self,
        grant: GrantId,
        tokens: &TokenSet,
        variables: &mut BTreeMap<String, String>,
        businesses: Vec<Identity>,
    ) -> Result<Option<Outcome>, Failure> {
        let app = self.app;
        let access = Access {
            token: &tokens.access_token,
            variables,
        };
        let connection = self.connection;
        let person = self.person(&access, tokens).await;
        let chosen = match businesses.as_slice() {
            [one] if choice::is_another(connection, one) => Some(Some(0)),
            [one] if choice::is_twice(app, connection, one).await? => Some(Some(0)),
            // The customer is told what can't be read before it is left out.
            all if !choice::lacks(all, self.attempt.disclosure.as_deref()).is_empty() => Some(None),
            [_] => None,
            _ => Some(None),
        };
        if let Some(chosen) = chosen {
            let offered = Offered {
                grant,
                tokens,
                variables,
                businesses,
                chosen,
                person: person.as_ref(),
            };
            choice::ask(app, self.attempt, connection, offered, self.ticket).await?;
            return Ok(None);
        }
        let Some(identity) = businesses.into_iter().next() else {
            return Err(Failure::failed("502", "The platform named no business."));
        };
        variables.extend(identity.variables);
        let granted = Granted {
            tokens,
            account: Some(&identity.id),
            name: identity.company_name.as_deref(),
            variables,
            came: Came::Received(grant),
            consent: Consent {
                disclosure: self.attempt.disclosure.as_deref(),
                person: person.as_ref(),
            },
        };
        let mut change = Change::of_company(app, connection.company_id, Actor::Customer).await?;
        change.told.shown = consents::shown_to(&mut change, self.attempt).await?;
        change.told.person = person.clone();
        grant::link(&mut change, self.integration, connection.id, granted).await?;
        let end = ended(self.attempt, change.now, Outcome::Linked, "");
        store::links::end_attempt(&mut change, &end).await?;
        change.commit().await?;
        Ok(Some(Outcome::Linked))
    }
}

impl Arrival<'_> {
    /// The businesses that the grant leads to. Some platforms know a token only some moments after they gave it: one refusal of it
    /// isn't the grant's end.
    async fn businesses(&self, access: &Access<'_>) -> Result<Vec<Identity>, FetchError> {
        for pause in UNKNOWN_YET {
            match self.integration.identities(&self.app.door, access).await {
                Err(FetchError::Unauthorized { .. }) => tokio::time::sleep(pause).await,
                answer => return answer,
            }
        }
        self.integration.identities(&self.app.door, access).await
    }

    /// The person who authorised, if the customer was told that this is asked. A platform that doesn't say hinders nothing.
    async fn person(&self, access: &Access<'_>, tokens: &TokenSet) -> Option<Claims> {
        let told = self.attempt.disclosure.as_deref()?;
        let told: Agreed = serde_json::from_str(told).ok()?;
        if told.person.is_empty() {
            return None;
        }
        let id_token = tokens.id_token.as_ref();
        match self
            .integration
            .person(&self.app.door, access, id_token)
            .await
        {
            Ok(person) => person,
            Err(error) => {
                tracing::warn!(connection = %self.connection.id, %error, "the platform did not say who the person is");
                None
            }
        }
    }
}

/// The end of an attempt, as its browser will be shown it.
pub(super) fn ended(
    attempt: &Attempt,
    now: DateTime<Utc>,
    outcome: Outcome,
    status_text: &str,
) -> LinkEnd {
    LinkEnd {
        state_hash: attempt.state_hash.clone(),
        connection_id: attempt.connection_id,
        browser_hash: attempt.browser_hash.clone(),
        ticket_hash: None,
        outcome: Some(outcome.status_code().into()),
        status_text: status_text.to_owned(),
        parameters: attempt.parameters.clone(),
        expires: now + RESULT_LIFETIME,
    }
}

/// Keeps a failure for the client and the customer to see.
pub(super) async fn record_failure(
    app: &App,
    attempt: &Attempt,
    failure: &Failure,
) -> Result<(), StoreError> {
    record(app, attempt, failure, false).await.map(drop)
}

/// The same; if the attempt was `abandoned`, only by the first node that comes to it. False if another was first.
async fn record(
    app: &App,
    attempt: &Attempt,
    failure: &Failure,
    abandoned: bool,
) -> Result<bool, StoreError> {
    let actor = match failure.outcome {
        Outcome::Cancelled => Actor::Customer,
        _ => Actor::Platform,
    };
    let mut change = Change::of_company(app, attempt.company_id, actor).await?;
    if abandoned && !store::links::take_abandoned(&mut change, &attempt.state_hash).await? {
        return Ok(false);
    }
    if let Some(connection) =
        store::connections::find_in(&mut change, attempt.connection_id).await?
    {
        note_failure(&mut change, &connection, failure).await?;
        let end = ended(attempt, change.now, failure.outcome, &failure.message);
        store::links::end_attempt(&mut change, &end).await?;
    }
    change.commit().await?;
    Ok(true)
}

/// Writes a failure into the connection's errors and its history.
pub(super) async fn note_failure(
    change: &mut Change<'_>,
    connection: &Connection,
    failure: &Failure,
) -> Result<(), StoreError> {
    let now = change.now;
    if failure.authorised {
        funnel::reach(change, connection, Step::Authorised).await?;
    }
    funnel::lose(change, connection, failure.loss).await?;
    let error = ConnectionError {
        id: new_id(now),
        connection_id: connection.id,
        status_code: failure.code.to_owned(),
        status_text: failure.text.to_owned(),
        error_message: failure.message.clone(),
        errored_on: now,
        resolved_on: None,
    };
    store::connections::insert_error(change, &error).await?;
    // The error keeps the contract's words; the history is for the company's own people.
    let platform = &connection.platform_name;
    let reason = match (failure.outcome, failure.loss) {
        // On a page of ours: the customer was not at the platform, or has come back from it.
        (Outcome::Cancelled, Loss::Declined) => format!("You chose not to connect {platform}."),
        (Outcome::Cancelled, Loss::BusinessNotChosen) => {
            format!("You left before a business was chosen for {platform}.")
        }
        (Outcome::Cancelled, _) => format!("Access was not given at {platform}."),
        _ => failure.message.clone(),
    };
    let failed = Event::Connection {
        connection,
        kind: EventType::ConnectionFailed,
        from: Some(connection.status),
        reason: Some(&reason),
    };
    change.event(failed).await
}

/// Ends the attempts whose process died between taking the code and storing the tokens: a spent code can't be tried twice,
/// so that they must be made again; a grant that had been received is given back. `patience` is the time for which an exchange may still be under way on another node.
pub(crate) async fn record_interrupted(
    app: &App,
    patience: TimeDelta,
) -> Result<usize, StoreError> {
    let before = app.clock.now() - patience;
    let abandoned = store::links::abandoned(&app.db, before).await?;
    let mut recorded = 0;
    for attempt in &abandoned {
        let failure = Failure::failed(
            "500",
            "Linking was interrupted before the platform's answer was stored. Please connect again.",
        );
        recorded += usize::from(record(app, attempt, &failure, true).await?);
    }
    holding::let_go_of_abandoned(app, before).await?;
    Ok(recorded)
}
