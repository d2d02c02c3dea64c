//! Access that a customer gives by typing what the platform handed out, instead of signing in there: tried first, then taken as any
//! other grant is.
//!
//! The way is that of a sign-in: the one-time password is spent by the first try, and an attempt begins. What the platform refuses
//! leaves the attempt open, so that its browser can try again; what it accepts ends the attempt, and the page goes on to the address
//! that shows the end.

mod key_pair;
mod offers;

use std::collections::BTreeMap;

use connectors::{
    Access, FetchError, Identity, Integration, OAuthError, Signing, SigningKey, TokenSet, WAY, Way,
    presentable_to_customers, typed_secrets,
};
use store::clock::new_id;

pub use key_pair::{Certificate, certificate, make_certificate, self_signed};
pub use offers::{Offer, SIGN_IN, offers};

use super::authorize::{Begun, begin, new_verifier};
use super::callback::{Arrival, note_failure, record_failure, ticket};
use super::outcome::Failure;
use super::steps::outcome_url;
use super::{Departure, LinkError, steps};
use crate::app::App;
use crate::change::Change;
use crate::credentials;
use crate::credentials::holding;
use store::StoreError;
use store::connections::Connection;
use store::links::Attempt;
use store::model::{Actor, GrantReason};

/// The values that a customer typed, by the names of the way's fields, each read by [`connectors::WayField::read`].
pub struct Typed {
    pub(super) open: BTreeMap<String, String>,
    pub(super) secrets: BTreeMap<String, String>,
}

impl Typed {
    /// The values of a way, of which all are there.
    pub fn new(way: &Way, mut values: BTreeMap<String, String>) -> Self {
        let (mut open, mut secrets) = (way.values().clone(), BTreeMap::new());
        for field in way.fields() {
            let Some(value) = values.remove(&field.name) else {
                continue;
            };
            let kept = if field.is_secret {
                &mut secrets
            } else {
                &mut open
            };
            kept.insert(field.name.clone(), value);
        }
        open.insert(WAY.to_owned(), way.key().to_owned());
        Self { open, secrets }
    }
}

/// The outcome of a try.
#[derive(Debug)]
pub enum Presented {
    /// The address at which the end is shown.
    Ended(String),
    /// The platform did not accept what was typed: to be corrected and sent again.
    Refused(Refusal),
}

/// The reason why a try came to nothing; on record with the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    NotAccepted,
    /// It is accepted and leads to no business, for the reason given: a sentence that says what to do.
    NoBusiness(String),
    /// The platform could not be asked: a wrong address, or a passing fault.
    NotReached,
}

/// Tries what a customer typed, and links the connection if the platform accepts it. All of it goes on if the browser leaves.
///
/// # Errors
/// Another browser spent the password, or the company has its accounting source already.
pub async fn present(
    app: &App,
    departure: &Departure<'_>,
    integration: &Integration,
    way: &Way,
    typed: Typed,
) -> Result<Presented, LinkError> {
    let connection = departure.connection;
    let state = steps::state(app, departure.password, departure.browser);
    // The customer may still turn to a sign-in.
    let (_, verifier) = new_verifier(app, integration, connection);
    let attempt = match begin(app, departure, &state, verifier).await? {
        Begun::Attempt(attempt) => attempt,
        Begun::Ended(address) => return Ok(Presented::Ended(address)),
    };
    let address = outcome_url(app, connection, &state);
    let ticket = ticket(app, &state);
    let (connection, key) = (connection.clone(), way.key().to_owned());
    let integration = integration.key().to_owned();
    let refused = app
        .detach(async move |app| {
            let integration = app.catalogue.get(&integration);
            let way = integration.and_then(|integration| integration.way(&key));
            let (Some(integration), Some(way)) = (integration, way) else {
                return Err(LinkError::NoIntegration(connection.integration_key.clone()));
            };
            let trying = Trying {
                app: &app,
                integration,
                way,
                connection: &connection,
                attempt: &attempt,
                ticket: &ticket,
            };
            trying.run(typed).await
        })
        .await?;
    Ok(match refused {
        None => Presented::Ended(address),
        Some(refusal) => Presented::Refused(refusal),
    })
}

/// One try of what a customer typed.
struct Trying<'a> {
    app: &'a App,
    integration: &'a Integration,
    way: &'a Way,
    connection: &'a Connection,
    attempt: &'a Attempt,
    ticket: &'a str,
}

impl Trying<'_> {
    async fn run(&self, typed: Typed) -> Result<Option<Refusal>, LinkError> {
        let (app, connection) = (self.app, self.connection);
        let mut variables = typed.open.clone();
        let (tokens, businesses) = match self.ask(&typed).await? {
            Ok(answered) => answered,
            Err((refusal, failure)) => {
                tracing::info!(
                    connection = %connection.id, integration = self.integration.key(), code = failure.code,
                    "typed access was not accepted"
                );
                let company = connection.company_id;
                let mut change = Change::of_company(app, company, Actor::Platform).await?;
                note_failure(&mut change, connection, &failure).await?;
                change.commit().await?;
                return Ok(Some(refusal));
            }
        };
        let mut change = Change::begin(app, Actor::Customer).await?;
        let now = change.now;
        if !store::links::spend_attempt(&mut change, &self.attempt.state_hash, now).await? {
            // Another load of this browser's was first.
            return Ok(None);
        }
        change.commit().await?;
        let grant = credentials::receive(app, connection, &tokens, &variables).await?;
        let arrival = Arrival {
            app,
            integration: self.integration,
            connection,
            attempt: self.attempt,
            ticket: self.ticket,
        };
        let settled = arrival
            .take_businesses(grant, &tokens, &mut variables, businesses)
            .await;
        let outcome = match settled {
            Ok(outcome) => outcome,
            Err(failure) => {
                holding::let_go_of_received(app, grant, GrantReason::LinkFailed).await;
                let failure = failure.after_access();
                record_failure(app, self.attempt, &failure).await?;
                Some(failure.outcome)
            }
        };
        if let Some(outcome) = outcome {
            let (links, code) = (&app.metrics.links, outcome.status_code().to_string());
            app.metrics
                .count_outcome(links, self.integration.key(), &code);
        }
        Ok(None)
    }

    /// Asks the platform whose access this is.
    async fn ask(
        &self,
        typed: &Typed,
    ) -> Result<Result<(TokenSet, Vec<Identity>), (Refusal, Failure)>, StoreError> {
        let app = self.app;
        let tokens = if self.way.has_certificate() {
            let Some(key) = key_pair::key_of(app, self.connection).await? else {
                return Ok(Err(self.not_accepted("no certificate was made yet")));
            };
            match self.assert(&key, &typed.open).await {
                Ok(tokens) => tokens,
                Err(error) => return Ok(Err(self.of_token(&error))),
            }
        } else {
            TokenSet {
                access_token: typed_secrets(&typed.secrets),
                refresh_token: None,
                expires_in: None,
                expires_at: None,
                refresh_expires_in: None,
                refresh_expires_at: None,
                scope: None,
                id_token: None,
                extra: serde_json::Map::new(),
            }
        };
        let access = Access {
            token: &tokens.access_token,
            variables: &typed.open,
        };
        let businesses = self.integration.identities(&app.door, &access).await;
        Ok(match businesses {
            Ok(businesses) => Ok((tokens, businesses)),
            Err(error) => Err(self.of_fetch(error)),
        })
    }

    async fn assert(
        &self,
        key: &egress::Secret,
        variables: &BTreeMap<String, String>,
    ) -> Result<TokenSet, OAuthError> {
        let now = self.app.clock.now();
        let signing = Signing {
            key,
            now,
            id: new_id(now),
        };
        let (door, way) = (&self.app.door, self.way);
        let tokens = self.integration.assert(door, way, signing, variables);
        Ok(TokenSet {
            refresh_expires_at: SigningKey::read(key).map(|key| key.expires),
            refresh_token: Some(key.clone()),
            ..tokens.await?
        })
    }

    fn not_accepted(&self, why: &str) -> (Refusal, Failure) {
        let platform = &self.connection.platform_name;
        let message = format!(
            "{platform} did not accept what was entered ({why}). {}",
            self.way.refused()
        );
        (Refusal::NotAccepted, Failure::failed("401", message))
    }

    fn not_reached(&self, why: &str) -> (Refusal, Failure) {
        let platform = &self.connection.platform_name;
        let message = format!("{platform} could not be asked about what was entered: {why}.");
        (Refusal::NotReached, Failure::failed("503", message))
    }

    fn of_token(&self, error: &OAuthError) -> (Refusal, Failure) {
        match error {
            OAuthError::Refused { error, description } => {
                self.not_accepted(description.as_deref().unwrap_or(error))
            }
            error => self.not_reached(&error.to_string()),
        }
    }

    fn of_fetch(&self, error: FetchError) -> (Refusal, Failure) {
        match error {
            FetchError::Unauthorized { .. } => self.not_accepted("it gives no access"),
            FetchError::Forbidden(why)
            | FetchError::NotOffered(why)
            | FetchError::Unidentified(why) => {
                let (_, failure) = self.not_accepted(&why);
                (Refusal::NoBusiness(presentable_to_customers(&why)), failure)
            }
            FetchError::Refused { message, .. } => self.not_accepted(&message),
            error => self.not_reached(&error.to_string()),
        }
    }
}
