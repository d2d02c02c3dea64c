//! A grant's end: given back, one attempt after the other, until the platform has said that it is over; or lost.

mod accounts;
mod earlier;
mod endpoint;
mod losing;
mod one;
mod unread;

pub(crate) use earlier::grant_of;
pub(super) use losing::{LOST, deauthorize, version_lost};
pub(super) use one::queue as queue_one;
pub(crate) use one::{Part, take_out};

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{
    ClientCredentials, Grant, Integration, OAuthError, Revocation, RevocationError,
    RevocationReach, Said, TokenSet,
};
use egress::Secret;

use super::endpoints::{self, Turn};
use super::holding;
use super::kept::{self, InHand};
use super::sealing::{SealedTokens, expiry};
use super::warnings::degradation;
use super::{oauth_clients, sealing};
use crate::app::App;
use crate::change::Change;
use crate::credentials::vault::openings::Purpose;
use endpoint::{Endpoint, Failure};
use store::StoreError;
use store::clock::random_bytes;
use store::credentials::{Ending, NewTokens};
use store::held::{self, Answer, Held};
use store::model::{Actor, GrantId, GrantOrigin, GrantReason, GrantState};
use unread::{Kept, kept_answer, waits_for_its_answer};

/// A grant that the platform has not taken back for so long is reported, and no longer tried.
const PATIENCE: TimeDelta = TimeDelta::days(90);
/// The longest pause between two attempts, unless the platform asks for a longer one.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(6);
/// The pause until something that this installation lacks is looked for again.
const LACK: TimeDelta = TimeDelta::hours(1);
/// The pause until an answer that isn't stored yet is looked for again.
const STORING: TimeDelta = TimeDelta::seconds(5);

/// The outcome of an attempt for the job that made it.
pub(crate) enum Attempt {
    /// The grant has ended, one way or another.
    Over,
    Again {
        at: DateTime<Utc>,
        reason: String,
    },
}

/// The outcome of an attempt.
enum Outcome {
    Ended(GrantState, Answer),
    /// The platform wasn't asked.
    Waits {
        words: String,
        pause: TimeDelta,
    },
    /// The platform did not take it back.
    NotYet {
        answer: Answer,
        retry_after: Option<Duration>,
        /// True if the platform doesn't accept the OAuth client.
        clients_fault: bool,
        /// Of the endpoint, and so of every grant that is to be given back there.
        failure: Option<Failure>,
    },
}

fn said(said: &Said) -> Answer {
    Answer {
        status: Some(said.status.into()),
        words: said.error.clone(),
    }
}

fn words(words: impl Into<String>) -> Answer {
    Answer {
        status: None,
        words: Some(words.into()),
    }
}

impl From<RevocationError> for Outcome {
    fn from(error: RevocationError) -> Self {
        let clients_fault = error.is_the_clients_fault();
        let failure = endpoint::failure(&error);
        match error {
            RevocationError::Refused {
                said: answer,
                retry_after,
            } => Self::NotYet {
                answer: said(&answer),
                retry_after,
                clients_fault,
                failure,
            },
            RevocationError::Unreachable(error) => Self::NotYet {
                answer: words(error.to_string()),
                retry_after: None,
                clients_fault,
                failure,
            },
        }
    }
}

/// Makes an attempt at giving a grant back. Not to be run in a future that may be dropped: a renewal on the way spends a refresh
/// token.
///
/// # Errors
/// The database can't be read or written to; the attempt is made again.
pub(crate) async fn give_back(app: &App, id: GrantId) -> Result<Attempt, StoreError> {
    let Some(_begun) = app.in_hand.begin(id.0) else {
        return Ok(not_stored_yet(app));
    };
    // Its tokens are read after that: newer ones may have been left.
    if kept::store_waiting(app).await.contains(&id.0) {
        return Ok(not_stored_yet(app));
    }
    let held = held::find(&app.db, id).await?;
    let Some(held) = held.filter(|held| held.state == GrantState::GivingBack) else {
        return Ok(Attempt::Over);
    };
    let now = app.clock.now();
    if app.is_stopping() {
        // It may have to be renewed first, and nothing begins any more whose answer can't be had again.
        let reason = "Moorline was stopped".into();
        return Ok(Attempt::Again { at: now, reason });
    }
    if let Some(at) = held.next_attempt.filter(|at| *at > now) {
        let reason = held.answer.unwrap_or_default();
        return Ok(Attempt::Again { at, reason });
    }
    let mut endpoint = Endpoint::of(app, &held);
    if let Some((at, reason)) = endpoint.waits().await? {
        let mut change = Change::begin(app, Actor::Moorline).await?;
        held::attempted(&mut change, id, &words(reason.as_str()), false, at).await?;
        change.commit().await?;
        return Ok(Attempt::Again { at, reason });
    }
    let outcome = attempt(app, &held).await?;
    let not_before = match &outcome {
        Outcome::NotYet {
            failure: Some(failure),
            ..
        } => Some(endpoint.failed(failure).await?),
        Outcome::NotYet { answer, .. } | Outcome::Ended(_, answer) if answer.status.is_some() => {
            endpoint.answered().await?;
            None
        }
        _ => None,
    };
    let (answer, counts, pause) = match outcome {
        Outcome::Ended(end, answer) => {
            let actor = if answer.status.is_some() {
                Actor::Platform
            } else {
                Actor::Moorline
            };
            end_with(app, &held, actor, end, answer).await?;
            return Ok(Attempt::Over);
        }
        Outcome::Waits { words: text, pause } => (words(text), false, pause),
        Outcome::NotYet {
            answer,
            retry_after,
            clients_fault,
            failure: _,
        } => {
            let status = answer.status;
            let reason = answer.words.as_deref();
            let (integration, client) = (&held.integration_key, held.client_id);
            if clients_fault {
                tracing::error!(%client, integration, status, reason, "a grant could not be given back: the platform does not accept the OAuth client");
            } else {
                tracing::warn!(grant = %id, integration, status, reason, attempt = held.attempts + 1, "a grant could not be given back yet");
            }
            (answer, true, pause(held.attempts + 1, retry_after))
        }
    };
    let now = app.clock.now();
    let end = over_by_time(&held, now);
    // What waits for the grant in use isn't tried in vain.
    let waits = !counts && held.reason == Some(GrantReason::Replaced);
    if let Some(end) = end.filter(|end| !waits || *end == GrantState::Expired) {
        let answer = if end == GrantState::Expired {
            Answer::default()
        } else {
            answer
        };
        end_with(app, &held, Actor::Moorline, end, answer).await?;
        return Ok(Attempt::Over);
    }
    let at = not_before.map_or(now + pause, |end| end.max(now + pause));
    let mut change = Change::begin(app, Actor::Moorline).await?;
    held::attempted(&mut change, id, &answer, counts, at).await?;
    change.commit().await?;
    let reason = match (answer.status, answer.words) {
        (Some(status), Some(words)) => format!("{status} {words}"),
        (Some(status), None) => status.to_string(),
        (None, words) => words.unwrap_or_default(),
    };
    Ok(Attempt::Again { at, reason })
}

/// Puts an attempt off: the answer to an earlier one is on its way, or in hand.
fn not_stored_yet(app: &App) -> Attempt {
    Attempt::Again {
        at: app.clock.now() + STORING,
        reason: "its newest tokens are being stored".into(),
    }
}

/// Ends the grant; if the platform took back everything of its account, those that it had replaced with it.
async fn end_with(
    app: &App,
    held: &Held,
    actor: Actor,
    end: GrantState,
    answer: Answer,
) -> Result<(), StoreError> {
    let integration = app.catalogue.get(&held.integration_key);
    let whole = integration
        .is_some_and(|integration| integration.revocation_reach() == RevocationReach::Account);
    if let (GrantState::GivenBack, true, Some(account)) = (end, whole, &held.account_id) {
        let mut change = Change::begin(app, actor).await?;
        let (client, key, now) = (held.client_id, &held.integration_key, change.now);
        held::end_with_account(&mut change, client, key, account, &answer, now).await?;
        change.commit().await?;
    }
    holding::end(app, held, actor, end, answer).await
}

/// The pause before the next attempt: doubled each time, and as long as the platform asks for. Long pauses vary, so that many grants
/// that failed together don't come back together.
fn pause(attempts: i64, retry_after: Option<Duration>) -> TimeDelta {
    let doubled = TimeDelta::seconds(1_i64 << attempts.clamp(1, 20)).min(LONGEST_PAUSE);
    let varied = if doubled > TimeDelta::minutes(1) {
        let [part] = random_bytes::<1>();
        doubled + doubled / 8 * i32::from(part) / 255
    } else {
        doubled
    };
    let asked = retry_after.and_then(|wait| TimeDelta::from_std(wait).ok());
    varied.max(asked.unwrap_or_default())
}

/// The end that a grant has come to by the time alone: its tokens are certainly over, or it was tried for long enough.
fn over_by_time(held: &Held, now: DateTime<Utc>) -> Option<GrantState> {
    let certain = match (&held.refresh_token, held.refresh_expires) {
        // There may be newer tokens, whose end isn't known.
        _ if held.unread_answer.is_some() => None,
        (None, _) => held.token_expires,
        (Some(_), Some(end)) => Some(held.token_expires.map_or(end, |access| access.max(end))),
        (Some(_), None) => None,
    };
    if certain.is_some_and(|end| end <= now) {
        return Some(GrantState::Expired);
    }
    let since = held.let_go.unwrap_or(held.begun);
    (now - since >= PATIENCE).then_some(GrantState::Refused)
}

/// One attempt: finds out what may be given back, renews the access if that takes it, and asks the platform.
async fn attempt(app: &App, held: &Held) -> Result<Outcome, StoreError> {
    let lacks = |lack: &str| {
        let words = format!("{lack}; it is given back once that is there");
        Ok(Outcome::Waits { words, pause: LACK })
    };
    let Some(integration) = app.catalogue.get(&held.integration_key) else {
        return lacks("the integration is no longer installed");
    };
    let variables = serde_json::from_str(&held.variables).unwrap_or_default();
    if !integration.can_revoke() || integration.way_of(&variables).is_some() {
        return Ok(Outcome::Ended(GrantState::NotOffered, Answer::default()));
    }
    let client = oauth_clients::credentials(app, held.client_id, integration).await?;
    let Some(client) = client else {
        return lacks("the integration has no OAuth client any more");
    };
    if held.reason == Some(GrantReason::Replaced) && imports_in_use(app, held).await? {
        return Ok(Outcome::Waits {
            words: "it may be the same access as the one in use, and is given back with it".into(),
            pause: LACK,
        });
    }
    let kept = match kept_answer(app, held, integration).await {
        Ok(kept) => kept,
        Err(error) => {
            return lacks(&format!(
                "the answer to its last renewal can't be opened ({error})"
            ));
        }
    };
    let own = (held.client_id, held.connection_id);
    let sealed = held.access_token.clone().map(|access_token| SealedTokens {
        access_token,
        refresh_token: held.refresh_token.clone(),
    });
    let opened = match sealed {
        Some(sealed) => match sealed.open(app, own, Purpose::Revocation).await {
            Ok(opened) => Some(opened),
            Err(error) => return lacks(&format!("its tokens can't be opened ({error})")),
        },
        None => None,
    };
    let unread = matches!(kept, Kept::Unreadable);
    let (access, refresh, newer) = match (opened, kept) {
        (None, Kept::Unreadable) => return Ok(waits_for_its_answer()),
        (None, Kept::Nothing) => {
            let answer = words("its tokens are not there");
            return Ok(Outcome::Ended(GrantState::Lost, answer));
        }
        (None, Kept::Tokens(tokens)) => (tokens.access_token.clone(), None, Some(tokens)),
        (Some((access, refresh)), Kept::Tokens(tokens)) => (access, refresh, Some(tokens)),
        (Some((access, refresh)), _) => (access, refresh, None),
    };
    let now = app.clock.now();
    let mut giving = Giving {
        app,
        held,
        integration,
        client,
        access,
        refresh,
        is_stale: held.token_expires.is_some_and(|expires| expires <= now),
    };
    if let Some(tokens) = newer {
        let is_stale = expiry(&tokens, now).is_some_and(|expires| expires <= now);
        giving.take(tokens, is_stale).await?;
    }
    let outcome = giving.run().await?;
    if unread {
        return giving.but_for_its_answer(outcome).await;
    }
    Ok(outcome)
}

/// True if the grant's connection uses imported tokens.
async fn imports_in_use(app: &App, held: &Held) -> Result<bool, StoreError> {
    let mut seen = app.db.snapshot().await?;
    let used = held::in_use(&mut seen, held.connection_id).await?;
    Ok(used.is_some_and(|used| used.origin == GrantOrigin::Imported))
}

/// The giving back of one grant, with its tokens in clear.
struct Giving<'a> {
    app: &'a App,
    held: &'a Held,
    integration: &'a Integration,
    client: ClientCredentials,
    access: Secret,
    refresh: Option<Secret>,
    /// True if the access token has certainly ended.
    is_stale: bool,
}

impl Giving<'_> {
    async fn run(&mut self) -> Result<Outcome, StoreError> {
        let given = match self.integration.revocation_reach() {
            RevocationReach::Account => match self.accounts().await? {
                Ok(accounts) => accounts,
                Err(outcome) => return Ok(outcome),
            },
            RevocationReach::Token | RevocationReach::Grant => {
                if self.goes_on().await? {
                    let answer = words("the platform gave the same tokens again");
                    return Ok(Outcome::Ended(GrantState::Superseded, answer));
                }
                vec![self.own_variables()]
            }
        };
        if self.integration.revokes_by_access_token()
            && self.is_stale
            && let Err(outcome) = self.renew().await?
        {
            return Ok(outcome);
        }
        let mut outcome = Outcome::Ended(GrantState::NotOffered, Answer::default());
        for variables in &given {
            let mut ended = self.end(variables).await;
            if ended == Ok(Revocation::Stale) {
                if let Err(outcome) = self.renew().await? {
                    return Ok(outcome);
                }
                ended = self.end(variables).await;
            }
            match ended {
                Ok(Revocation::Done(answer) | Revocation::OverAlready(answer)) => {
                    outcome = Outcome::Ended(GrantState::GivenBack, said(&answer));
                }
                Ok(Revocation::NotOffered) => {}
                Ok(Revocation::Stale) => {
                    let answer = words("the platform does not accept a renewed access token");
                    return Ok(Outcome::NotYet {
                        answer,
                        retry_after: None,
                        clients_fault: false,
                        failure: None,
                    });
                }
                Err(error) => return Ok(error.into()),
            }
        }
        if let Outcome::Ended(GrantState::NotOffered, _) = outcome
            && let Some(GrantState::Expired) = over_by_time(self.held, self.app.clock.now())
        {
            return Ok(Outcome::Ended(GrantState::Expired, Answer::default()));
        }
        Ok(outcome)
    }

    async fn end(
        &self,
        variables: &BTreeMap<String, String>,
    ) -> Result<Revocation, RevocationError> {
        let grant = Grant {
            access_token: &self.access,
            refresh_token: self.refresh.as_ref(),
            variables,
        };
        self.integration
            .end(&self.app.door, &self.client, grant)
            .await
    }

    fn own_variables(&self) -> BTreeMap<String, String> {
        serde_json::from_str(&self.held.variables).unwrap_or_default()
    }

    /// True if the connection's present grant has the same tokens: some platforms answer a second authorization with the tokens of
    /// the first.
    async fn goes_on(&self) -> Result<bool, StoreError> {
        let (client, connection) = (self.held.client_id, self.held.connection_id);
        let Some(current) = store::credentials::get(&self.app.db, connection).await? else {
            return Ok(false);
        };
        let opened = SealedTokens::of(&current)
            .open(self.app, (client, connection), Purpose::Comparison)
            .await;
        let Ok((access, refresh)) = opened else {
            return Ok(false);
        };
        Ok(match (&refresh, &self.refresh) {
            (Some(current), Some(own)) => current.expose() == own.expose(),
            _ => access.expose() == self.access.expose(),
        })
    }

    /// Renews the access, and stores what came before it is used. The outcome, if that is the end of the grant or nothing came.
    async fn renew(&mut self) -> Result<Result<(), Outcome>, StoreError> {
        let Some(token) = self.refresh.clone() else {
            let end = match over_by_time(self.held, self.app.clock.now()) {
                Some(GrantState::Expired) => GrantState::Expired,
                // It is refused before its time, and nothing renews it: there is nothing left to give back.
                _ => GrantState::Lost,
            };
            let answer = words("its access token is no longer accepted");
            return Ok(Err(Outcome::Ended(end, answer)));
        };
        let (app, client, key) = (self.app, self.held.client_id, &self.held.integration_key);
        let is_probe = match endpoints::turn(app, client, key).await? {
            Turn::Go => false,
            Turn::Probe { .. } => true,
            Turn::Wait { pause, why, .. } => {
                let pause = pause.until - app.clock.now();
                return Ok(Err(Outcome::Waits { words: why, pause }));
            }
        };
        let variables = self.own_variables();
        let asked = self
            .integration
            .refresh(&app.door, &self.client, &token, &variables)
            .await;
        if let Err(error) = &asked {
            endpoints::note(app, client, key, is_probe, Some(error)).await?;
        }
        match asked {
            Ok(tokens) => {
                // First what can't be had again.
                self.take(tokens, false).await?;
                endpoints::note(app, client, key, is_probe, None).await?;
                Ok(Ok(()))
            }
            // The platform understood and has no such grant: there is nothing left to give back.
            Err(OAuthError::Refused { error, .. }) if error == "invalid_grant" => {
                Ok(Err(Outcome::Ended(GrantState::GivenBack, words(error))))
            }
            Err(error) => {
                let clients_fault = matches!(&error, OAuthError::Refused { error, .. } if error == "invalid_client");
                let retry_after = match &error {
                    OAuthError::Unavailable { retry_after, .. } => *retry_after,
                    _ => None,
                };
                Ok(Err(Outcome::NotYet {
                    answer: words(degradation::in_words(&error)),
                    retry_after,
                    clients_fault,
                    failure: None,
                }))
            }
        }
    }

    /// Goes on with newer tokens, which are stored first.
    async fn take(&mut self, tokens: TokenSet, is_stale: bool) -> Result<(), StoreError> {
        self.store(&tokens).await?;
        self.access = tokens.access_token;
        self.refresh = tokens.refresh_token.or(self.refresh.take());
        self.is_stale = is_stale;
        Ok(())
    }

    /// Keeps renewed tokens. From here on the old refresh token may be worthless.
    async fn store(&self, tokens: &TokenSet) -> Result<(), StoreError> {
        let owner = (self.held.client_id, self.held.connection_id);
        let refresh = tokens.refresh_token.as_ref();
        let sealed = SealedTokens::seal(self.app, owner, &tokens.access_token, refresh);
        let renewed = NewTokens {
            access_token: sealed.access_token,
            refresh_token: sealed.refresh_token,
            expires: expiry(tokens, self.app.clock.now()),
            scope: None,
            ending: Ending {
                refresh_expires: sealing::end_of_refresh(self.app, self.integration, tokens),
                ..Ending::default()
            },
        };
        kept::keep(self.app, &InHand::GivenBack(self.held.id, renewed.into())).await
    }
}

/// Gives back a grant that could not even be written down. Best effort: there is nothing to try again from.
pub(crate) async fn give_back_now(
    app: &App,
    integration: &Integration,
    credentials: &ClientCredentials,
    tokens: &TokenSet,
    variables: &BTreeMap<String, String>,
) {
    let grant = Grant {
        access_token: &tokens.access_token,
        refresh_token: tokens.refresh_token.as_ref(),
        variables,
    };
    if integration.revocation_reach() == RevocationReach::Account {
        tracing::error!(
            integration = integration.key(),
            "a grant that could not be stored stays at the platform: giving it back might end another's access"
        );
        return;
    }
    if let Err(error) = integration.end(&app.door, credentials, grant).await {
        tracing::error!(integration = integration.key(), %error, "a grant that could not be stored could not be given back either");
    }
}
