//! The customer comes back from the platform: the code is traded for tokens, and the connection is Linked — or says why not.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use connectors::{Access, Integration, TokenSet};
use egress::Secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::authorize::verifier_place;
use super::choice::{self, Offered};
use super::grant::{self, Granted};
use super::outcome::Failure;
use super::{Arrived, CallbackError, Ended, Outcome, redirect_uri};
use crate::app::App;
use crate::change::Change;
use crate::credentials::vault::Sealed;
use crate::credentials::{self, oauth_clients};
use crate::events::Event;
use store::StoreError;
use store::clock::new_id;
use store::connections::{Connection, ConnectionError};
use store::links::Attempt;
use store::model::{Actor, EventType};

/// What the platform sent the customer's browser back with (RFC 6749 § 4.1.2, RFC 9207).
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

/// Takes the platform's answer: spends the state, commits that, and only then trades the code for tokens.
pub async fn finish(
    app: &App,
    key: &str,
    browser: Option<&str>,
    callback: Callback,
) -> Result<Arrived, CallbackError> {
    let state_hash = Sha256::digest(callback.state.as_deref().unwrap_or_default()).to_vec();
    let attempt = store::links::attempt(&app.db, &state_hash)
        .await?
        .ok_or(CallbackError::UnknownState)?;
    let browser_hash = Sha256::digest(browser.unwrap_or_default());
    if !bool::from(attempt.browser_hash.ct_eq(&browser_hash)) {
        return Err(CallbackError::OtherBrowser);
    }
    let connection = store::connections::find(&app.db, attempt.connection_id)
        .await?
        .ok_or(CallbackError::UnknownState)?;
    let integration = app.catalogue.get(key).ok_or(CallbackError::UnknownState)?;
    if connection.integration_key != key {
        return Err(CallbackError::UnknownState);
    }
    let mut tx = app.db.write().await?;
    if !store::links::spend_attempt(&mut tx, &state_hash, app.clock.now()).await? {
        return Err(CallbackError::Spent);
    }
    tx.commit().await?;

    let parameters = serde_json::from_str(&attempt.parameters).unwrap_or_default();
    let arrival = Arrival {
        app,
        integration,
        connection: &connection,
        attempt: &attempt,
    };
    let result = arrival.take(callback).await;
    let (outcome, status_text) = match result {
        Ok(None) => (Outcome::Linked, String::new()),
        Ok(Some(ticket)) => {
            return Ok(Arrived::Asks {
                connection: Box::new(connection),
                ticket,
            });
        }
        Err(failure) => {
            tracing::info!(
                connection = %connection.id, integration = key, code = failure.code, reason = failure.message,
                "link did not end in a connection"
            );
            arrival.record(&failure).await?;
            (failure.outcome, failure.message)
        }
    };
    app.metrics
        .count_outcome(&app.metrics.links, key, &outcome.status_code().to_string());
    let connection = store::connections::find(&app.db, connection.id)
        .await?
        .ok_or(CallbackError::UnknownState)?;
    Ok(Arrived::Ended(Box::new(Ended {
        connection,
        outcome,
        status_text,
        parameters,
    })))
}

/// A callback that was matched to its customer.
struct Arrival<'a> {
    app: &'a App,
    integration: &'a Integration,
    connection: &'a Connection,
    attempt: &'a Attempt,
}

impl Arrival<'_> {
    /// A ticket where the customer has to say which business is meant.
    async fn take(&self, callback: Callback) -> Result<Option<String>, Failure> {
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
            let words = callback.error_description.unwrap_or_default();
            return Err(match error.as_str() {
                "access_denied" => Failure {
                    outcome: Outcome::Cancelled,
                    code: "403",
                    text: "User cancelled linking",
                    message: "User cancelled".into(),
                },
                _ if words.is_empty() => {
                    Failure::failed("500", format!("The platform reported: {error}."))
                }
                _ => Failure::failed("500", format!("The platform reported: {words} ({error}).")),
            });
        }
        let code = callback
            .code
            .ok_or_else(|| Failure::failed("400", "The platform sent no authorization code."))?;
        let credentials =
            oauth_clients::credentials(self.app, self.connection.client_id, self.integration)
                .await?
                .ok_or_else(|| {
                    Failure::failed("500", "The integration has no OAuth client configured.")
                })?;
        let verifier = match &self.attempt.verifier {
            Some(sealed) => Some(
                self.app
                    .vault
                    .open_sealed(&Sealed(sealed.clone()), verifier_place(self.connection))
                    .map_err(|error| Failure::failed("500", error.to_string()))?,
            ),
            None => None,
        };
        let redirect_uri = redirect_uri(self.app, self.integration.key());
        let tokens = self
            .integration
            .exchange(
                &self.app.door,
                &credentials,
                &redirect_uri,
                &code,
                verifier.as_ref(),
            )
            .await?;
        let mut variables: BTreeMap<String, String> = self
            .integration
            .callback_parameters()
            .iter()
            .filter_map(|name| {
                let value = callback.query.get(name)?;
                Some((name.clone(), value.clone()))
            })
            .collect();
        variables.extend(self.integration.claims_of(&tokens.access_token));
        let settled = self.settle(&tokens, &mut variables).await;
        if settled.is_err() {
            // A grant that we don't keep must not stay alive at the platform.
            let integration = self.integration;
            credentials::revoke_now(self.app, integration, &credentials, &tokens, &variables).await;
        }
        settled
    }

    /// Everything that follows from a good answer, in one transaction. What was learnt of the business joins `variables`.
    async fn settle(
        &self,
        tokens: &TokenSet,
        variables: &mut BTreeMap<String, String>,
    ) -> Result<Option<String>, Failure> {
        let app = self.app;
        let access = Access {
            token: &tokens.access_token,
            variables,
        };
        let businesses = self.integration.identities(&app.door, &access).await?;
        let connection = self.connection;
        let chosen = match businesses.as_slice() {
            [one] if choice::is_another(connection, one) => Some(Some(0)),
            [_] => None,
            _ => Some(None),
        };
        if let Some(chosen) = chosen {
            let offered = Offered {
                tokens,
                variables,
                businesses,
                chosen,
            };
            let ticket = choice::ask(app, self.attempt, connection, offered).await?;
            return Ok(Some(ticket));
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
        };
        let mut change = Change::of_company(app, connection.company_id, Actor::Customer).await?;
        grant::link(&mut change, self.integration, connection.id, &granted).await?;
        store::links::close_attempt(&mut change, &self.attempt.state_hash).await?;
        change.commit().await?;
        Ok(None)
    }

    /// Keeps a failure where the client and the customer will see it.
    async fn record(&self, failure: &Failure) -> Result<(), StoreError> {
        record_failure(self.app, self.attempt, failure).await
    }
}

async fn record_failure(app: &App, attempt: &Attempt, failure: &Failure) -> Result<(), StoreError> {
    let actor = match failure.outcome {
        Outcome::Cancelled => Actor::Customer,
        _ => Actor::Platform,
    };
    let mut change = Change::of_company(app, attempt.company_id, actor).await?;
    let now = change.now;
    if let Some(connection) =
        store::connections::find_in(&mut change, attempt.connection_id).await?
    {
        let error = ConnectionError {
            id: new_id(now),
            connection_id: connection.id,
            status_code: failure.code.to_owned(),
            status_text: failure.text.to_owned(),
            error_message: failure.message.clone(),
            errored_on: now,
            resolved_on: None,
        };
        store::connections::insert_error(&mut change, &error).await?;
        // The error keeps the contract's words; the history is for the company's own people.
        let reason = match failure.outcome {
            Outcome::Cancelled => {
                format!("Access was not given at {}.", connection.platform_name)
            }
            _ => failure.message.clone(),
        };
        let failed = Event::Connection {
            connection: &connection,
            kind: EventType::ConnectionFailed,
            from: Some(connection.status),
            reason: Some(&reason),
        };
        change.event(failed).await?;
    }
    store::links::close_attempt(&mut change, &attempt.state_hash).await?;
    change.commit().await
}

/// Says of links whose process died between taking the code and storing the tokens that they must be made again: a spent
/// code can't be tried twice. `patience` is how long an exchange may still be under way somewhere.
pub(crate) async fn record_interrupted(
    app: &App,
    patience: TimeDelta,
) -> Result<usize, StoreError> {
    let before = app.clock.now() - patience;
    let abandoned = store::links::abandoned(&app.db, before).await?;
    for attempt in &abandoned {
        let failure = Failure::failed(
            "500",
            "Linking was interrupted before the platform's answer was stored. Please connect again.",
        );
        record_failure(app, attempt, &failure).await?;
    }
    Ok(abandoned.len())
}
