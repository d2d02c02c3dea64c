//! The customer comes back from the platform: the code is traded for tokens, and the connection is Linked — or says why not.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use connectors::{Access, FetchError, Integration, OAuthError, TokenSet};
use egress::Secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::choice::{self, Offered};
use super::grant::Granted;
use super::{LinkError, redirect_uri, verifier_place};
use crate::app::App;
use crate::change::Change;
use crate::credentials::vault::Sealed;
use crate::{
    credentials::{self, oauth_clients},
    events,
};
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

/// How a link ended, in the contract's redirect status codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Linked,
    /// The customer left without changing anything.
    Unchanged,
    Cancelled,
    Failed,
    /// The customer's platform isn't in the list.
    NotSupported,
}

impl Outcome {
    pub const fn status_code(self) -> u16 {
        match self {
            Self::Linked => 200,
            Self::Unchanged => 201,
            Self::Cancelled => 403,
            Self::Failed => 500,
            Self::NotSupported => 501,
        }
    }

    /// The contract's `errorMessage`.
    pub const fn error_message(self) -> &'static str {
        match self {
            Self::Linked => "",
            Self::Unchanged => "no content",
            Self::Cancelled => "User cancelled.",
            Self::Failed => "Unknown error occurred.",
            Self::NotSupported => "Not supported.",
        }
    }

    pub fn from_status_code(code: u16) -> Option<Self> {
        [
            Self::Linked,
            Self::Unchanged,
            Self::Cancelled,
            Self::Failed,
            Self::NotSupported,
        ]
        .into_iter()
        .find(|outcome| outcome.status_code() == code)
    }
}

/// The end of a link, for whoever sends the browser on.
#[derive(Debug)]
pub struct Ended {
    pub connection: Connection,
    pub outcome: Outcome,
    /// The platform's own words, or ours.
    pub status_text: String,
    pub parameters: BTreeMap<String, String>,
}

/// Where a callback leads.
#[derive(Debug)]
pub enum Arrived {
    Ended(Box<Ended>),
    /// The customer has to say which business is meant: by this ticket.
    Asks {
        connection: Box<Connection>,
        ticket: String,
    },
}

/// Why a callback can't be matched to a customer on the way. Nothing was changed and no token was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No state, an unknown one, or one that belongs to another integration.
    #[error("unknown state")]
    UnknownState,
    /// The state is another browser's.
    #[error("another browser began this link")]
    OtherBrowser,
    #[error("the state was used before or has expired")]
    Spent,
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
    app.live.wake(connection.company_id);
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

/// Why a link failed: recorded as a `dataConnectionError`, and told to the customer.
struct Failure {
    outcome: Outcome,
    code: &'static str,
    text: &'static str,
    message: String,
}

impl Failure {
    fn failed(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Failed,
            code,
            text: "Linking failed",
            message: message.into(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "link could not be stored");
        Self::failed(
            "500",
            "The connection could not be stored. Please try again.",
        )
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Store(error) => error.into(),
            LinkError::SecondAccounting { platform } => Self::failed(
                "409",
                format!(
                    "This company is already connected to {platform}. A company can have one accounting connection: disconnect it first."
                ),
            ),
            LinkError::NoConnection => {
                Self::failed("404", "The connection was deleted in the meantime.")
            }
            LinkError::NotAllowed(error) => Self::failed("409", error.to_string()),
            LinkError::Raced => {
                Self::failed("409", "Another change came in between. Please try again.")
            }
            other => Self::failed("500", other.to_string()),
        }
    }
}

impl From<OAuthError> for Failure {
    fn from(error: OAuthError) -> Self {
        match error {
            OAuthError::Refused { error, description } => {
                let detail = description
                    .map(|text| format!(": {text}"))
                    .unwrap_or_default();
                Self::failed(
                    "400",
                    format!("The platform refused the authorization ({error}{detail})."),
                )
            }
            OAuthError::Unavailable { status, .. } => Self::failed(
                "503",
                format!("The platform's authorization server was unavailable (status {status})."),
            ),
            OAuthError::Unreachable(error) => Self::failed(
                "503",
                format!("The platform could not be reached: {error}."),
            ),
            OAuthError::Malformed => Self::failed(
                "502",
                "The platform's authorization server gave an answer that is no token.",
            ),
        }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self::failed(
            "502",
            format!("The platform did not say whose account this is: {error}."),
        )
    }
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
        let mut tx = Change::of_company(app, connection.company_id, Actor::Customer).await?;
        choice::write(app, &mut tx, self.integration, connection.id, &granted).await?;
        store::links::close_attempt(&mut tx, &self.attempt.state_hash).await?;
        tx.commit().await?;
        app.work.notify_one();
        Ok(None)
    }

    /// Keeps a failure where the client and the customer will see it.
    async fn record(&self, failure: &Failure) -> Result<(), StoreError> {
        record_failure(self.app, self.attempt, failure).await
    }
}

async fn record_failure(app: &App, attempt: &Attempt, failure: &Failure) -> Result<(), StoreError> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, attempt.company_id).await?;
    if let Some(connection) = store::connections::find_in(&mut tx, attempt.connection_id).await? {
        store::connections::insert_error(
            &mut tx,
            &ConnectionError {
                id: new_id(now),
                connection_id: connection.id,
                status_code: failure.code.to_owned(),
                status_text: failure.text.to_owned(),
                error_message: failure.message.clone(),
                errored_on: now,
                resolved_on: None,
            },
        )
        .await?;
        // The error keeps the contract's words; the history is for the company's own people.
        let (actor, reason) = match failure.outcome {
            Outcome::Cancelled => (
                Actor::Customer,
                format!("Access was not given at {}.", connection.platform_name),
            ),
            _ => (Actor::Platform, failure.message.clone()),
        };
        let from = Some(connection.status);
        events::of_connection(
            &mut tx,
            &connection,
            EventType::ConnectionFailed,
            from,
            actor,
            Some(&reason),
            now,
        )
        .await?;
    }
    store::links::close_attempt(&mut tx, &attempt.state_hash).await?;
    tx.commit().await
}

/// Says of links whose process died between taking the code and storing the tokens that they must be made again: a spent
/// code can't be tried twice. `patience` is how long an exchange may still be under way somewhere.
pub async fn record_interrupted(app: &App, patience: TimeDelta) -> Result<usize, StoreError> {
    let before = app.clock.now() - patience;
    let abandoned = store::links::abandoned(&app.db, before).await?;
    for attempt in &abandoned {
        let failure = Failure::failed(
            "500",
            "Linking was interrupted before the platform's answer was stored. Please connect again.",
        );
        record_failure(app, attempt, &failure).await?;
        app.live.wake(attempt.company_id);
    }
    Ok(abandoned.len())
}
