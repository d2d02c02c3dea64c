//! The renewal of a connection's tokens; one at a time, ever.
//!
//! If refresh tokens rotate, two renewals at once make real servers revoke the whole grant. So the row is claimed by
//! its version, with a lease that is kept for as long as the renewal goes on, before the platform is asked; the answer is stored by
//! compare-and-swap; and every other caller waits for the version to move.
//!
//! An answer whose tokens can't be read is stored too, sealed: a refresh token may stand in it whose predecessor is spent. It is
//! read again before the next renewal, by whatever version and manifest there is by then.

pub(in crate::credentials) mod ahead;
mod claim;
pub(in crate::credentials) mod deciding;
#[cfg(test)]
mod model;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{Integration, OAuthError, Signing, TokenSet, Unread};

use claim::Claim;

use super::endpoints::{self, Turn};
use super::kept::{self, InHand, Renewed};
use super::revoking::{LOST, version_lost};
use super::sealing::{SealedTokens, new_tokens, open_unread, owner, seal_unread};
use super::warnings::degradation::{self, Failed, Renewal};
use super::warnings::restored;
use super::{TokenError, oauth_clients, variables_of};
use crate::app::App;
use crate::credentials::vault::openings::Purpose;
use store::StoreError;
use store::clock::new_id;
use store::connections::Connection;
use store::credentials::{self, Credential, Pause};

/// A connection that waits for its operator is looked at again after this.
const HELD_BACK: TimeDelta = TimeDelta::hours(1);

/// Claims this version of the tokens and renews them; false if another caller holds the claim, or has an answer that isn't stored
/// yet. Not to be run in a future that may be dropped: the platform's answer replaces a refresh token that is spent.
pub(super) async fn renew(
    app: &App,
    connection: &Connection,
    credential: &Credential,
) -> Result<bool, TokenError> {
    if app.is_stopping() {
        return Err(TokenError::Waiting {
            until: app.clock.now(),
            reason: "Moorline is being stopped here".into(),
        });
    }
    // A lease can't be kept while the database takes no writes. What this process is about is known without one.
    let Some(_begun) = app.in_hand.begin(connection.id.0) else {
        return Ok(false);
    };
    if kept::store_waiting(app).await.contains(&connection.id.0) {
        return Ok(false);
    }
    // An answer may have been stored since the caller looked.
    let current = credentials::get(&app.db, connection.id)
        .await?
        .filter(|current| current.version == credential.version);
    let Some(credential) = &current else {
        return Ok(false);
    };
    if let Some(restored) = credential.restored_at.filter(|_| credential.held_back) {
        return Err(TokenError::Waiting {
            until: app.clock.now() + HELD_BACK,
            reason: restored::in_words(connection, restored),
        });
    }
    let claimed = Claim::take(app, connection, credential.version).await?;
    let Some(claim) = claimed else {
        return Ok(false);
    };
    if claim.interrupted.is_some() {
        // The answer may lie in the file of a process that has died, and is stored now.
        app.spool.adopt();
        let waits = kept::store_waiting(app).await.contains(&connection.id.0);
        if waits || !claim.is_still_held().await? {
            return Ok(false);
        }
    }
    let renewing = Renewing {
        app,
        connection,
        credential,
        claim: &claim,
        renewal: Renewal {
            connection,
            version: credential.version,
            holder: claim.holder,
            interrupted: claim.interrupted.is_some(),
        },
    };
    claim.kept_during(renewing.run()).await?;
    Ok(true)
}

/// The client of an assertion is the customer's own: that it is refused ends this access, and says nothing of other customers'.
fn of_own_client(error: OAuthError) -> OAuthError {
    match error {
        OAuthError::Refused { error, description }
            if matches!(error.as_str(), "invalid_client" | "unauthorized_client") =>
        {
            OAuthError::Refused {
                error: "invalid_grant".to_owned(),
                description,
            }
        }
        other => other,
    }
}

/// One renewal. The caller holds the lease on the version, and the intent is on disk.
struct Renewing<'a> {
    app: &'a App,
    connection: &'a Connection,
    credential: &'a Credential,
    claim: &'a Claim<'a>,
    renewal: Renewal<'a>,
}

impl Renewing<'_> {
    /// Asks the platform once, or not at all if an answer that it gave before can be read now.
    async fn run(&self) -> Result<(), TokenError> {
        let (app, connection) = (self.app, self.connection);
        let key = &connection.integration_key;
        let client_id = connection.client_id;
        let integration = app.catalogue.get(key);
        let variables = variables_of(connection);
        let client = match integration {
            Some(integration) => {
                oauth_clients::of_connection(app, client_id, integration, &variables).await?
            }
            None => None,
        };
        let opened = SealedTokens::of(self.credential)
            .open(app, owner(connection), Purpose::Renewal)
            .await;
        let (_, refresh_token) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let reason = format!("the access that Moorline keeps can't be opened: {error}");
                self.note(Failed::certainly(&reason, self.backoff()))
                    .await?;
                return Err(error.into());
            }
        };
        let (Some(integration), Some(client), Some(secret)) = (integration, client, refresh_token)
        else {
            let reason = "the integration is no longer installed or has no OAuth client";
            self.note(Failed::certainly(reason, self.backoff())).await?;
            return Err(TokenError::NotConfigured);
        };
        if let Some(tokens) = self.understood(integration).await? {
            return self.store_rotation(tokens).await;
        }
        let is_probe = match endpoints::turn(app, client_id, key).await? {
            Turn::Go => false,
            Turn::Probe { until } => {
                self.claim.has_turn(until);
                true
            }
            Turn::Wait {
                pause,
                why,
                operators_fault,
            } => {
                let failed = Failed {
                    operators_fault,
                    ..Failed::certainly(&why, pause)
                };
                return self.wait(failed).await;
            }
        };
        if !self.claim.holds().await? {
            // Another caller has taken the version over, and may have asked.
            return Ok(());
        }
        let answer = match integration.way_of(&variables) {
            // The key is in the refresh token's place: a new assertion is signed with it.
            Some(way) => {
                let now = app.clock.now();
                let signing = Signing {
                    key: &secret,
                    now,
                    id: new_id(now),
                };
                let asserted = integration.assert(&app.door, way, signing, &variables);
                asserted.await.map_err(of_own_client)
            }
            None => {
                let refreshed = integration.refresh(&app.door, &client, &secret, &variables);
                refreshed.await
            }
        };
        let outcome = match &answer {
            Ok(_) => "refreshed",
            Err(error) if error.is_operators_fault() => "misconfigured",
            Err(OAuthError::Refused { .. }) => "refused",
            Err(OAuthError::Unreadable { .. }) => "unreadable",
            Err(_) => "unavailable",
        };
        app.metrics
            .count_outcome(&app.metrics.token_refreshes, key, outcome);
        let error = match answer {
            Ok(tokens) => {
                // First what can't be had again.
                self.store_rotation(tokens).await?;
                return Ok(endpoints::answered(app, client_id, key).await?);
            }
            Err(error) => error,
        };
        if let OAuthError::Unreadable { why, answer } = &error {
            self.keep_unread(answer, why).await?;
        }
        let pause = match endpoints::failure(&error) {
            Some(failure) => endpoints::failed(app, client_id, key, is_probe, failure).await?,
            None => {
                endpoints::answered(app, client_id, key).await?;
                self.backoff_after(&error)
            }
        };
        match &error {
            OAuthError::Refused {
                error: code,
                description,
            } if code == "invalid_grant" => {
                tracing::info!(connection = %connection.id, code, description, "refresh refused");
                self.refused(integration, error, pause).await
            }
            _ => {
                let reason = degradation::in_words(&error);
                let failed = Failed {
                    certain: !may_have_renewed(&error),
                    operators_fault: error.is_operators_fault(),
                    ..Failed::certainly(&reason, pause)
                };
                self.note(failed).await?;
                Err(TokenError::Unavailable(error))
            }
        }
    }

    /// The tokens of an answer that couldn't be read when it came.
    ///
    /// # Errors
    /// It still can't, and may hold the only refresh token that is good: the spent one isn't sent.
    async fn understood(&self, integration: &Integration) -> Result<Option<TokenSet>, TokenError> {
        let (Some(sealed), Some(at)) = (&self.credential.unread_answer, self.credential.unread_at)
        else {
            return Ok(None);
        };
        let answer =
            open_unread(self.app, owner(self.connection), sealed, Purpose::Renewal).await?;
        match integration.read_again(&answer) {
            Ok(tokens) => {
                tracing::info!(connection = %self.connection.id, "an answer to a renewal that couldn't be read is understood now");
                Ok(Some(aged(tokens, at, self.app.clock.now())))
            }
            Err(why) if answer.may_hold_refresh_token() => {
                let why = format!("the platform's answer to the last renewal can't be read: {why}");
                self.wait(Failed::certainly(&why, self.backoff())).await
            }
            Err(_) => Ok(None),
        }
    }

    /// Doesn't ask the platform now.
    async fn wait<T>(&self, failed: Failed<'_>) -> Result<T, TokenError> {
        let (until, reason) = (failed.pause.until, failed.reason.to_owned());
        self.note(failed).await?;
        Err(TokenError::Waiting { until, reason })
    }

    /// The token endpoint says that there is no such grant.
    async fn refused(
        &self,
        integration: &Integration,
        error: OAuthError,
        pause: Pause,
    ) -> Result<(), TokenError> {
        let (app, connection, credential) = (self.app, self.connection, self.credential);
        // Believed only after a second look: a sibling may have rotated the token, or a customer linked again.
        let current = credentials::get(&app.db, connection.id).await?;
        let Some(current) = current else {
            return Ok(());
        };
        if current.version != credential.version {
            if current.grant_id == credential.grant_id {
                // Another node had the answer after all, and some platforms end a grant whose spent token comes again.
                let mut tx = app.db.write().await?;
                let now = app.clock.now();
                credentials::note_interrupted(&mut tx, connection.id, current.version, now).await?;
                tx.commit().await?;
            }
            return Ok(());
        }
        let platform = &connection.platform_name;
        let (code, message) = if let Some(at) = credential.restored_at {
            (LOST, restored::lost_in_words(connection, at))
        } else if let Some(at) = credential.unread_at {
            let day = at.format("%-d %B %Y, %H:%M UTC");
            (
                LOST,
                format!(
                    "{platform} renewed the access on {day} with an answer that Moorline could not read, and takes the earlier one no more. Please connect again."
                ),
            )
        } else if let Some(at) = self.claim.interrupted {
            let day = at.format("%-d %B %Y, %H:%M UTC");
            (
                LOST,
                format!(
                    "Moorline asked {platform} to renew the access on {day} and did not receive the answer: after an interruption it can't be renewed. Please connect again."
                ),
            )
        } else if integration.invalid_grant_may_pass() && credential.doubted.is_none() {
            let reason = degradation::in_words(&error);
            let failed = Failed {
                doubted: true,
                ..Failed::certainly(&reason, pause)
            };
            self.note(failed).await?;
            return Err(TokenError::Unavailable(error));
        } else {
            let lost = format!("Access was withdrawn at {platform}, or has expired.");
            let reason = integration.grant_lost_reason().map(str::to_owned);
            let said: Vec<String> = [Some(lost), reason].into_iter().flatten().collect();
            ("revoked", said.join(" "))
        };
        version_lost(app, connection, credential.version, code, &message).await?;
        Err(TokenError::NoGrant)
    }

    async fn note(&self, failed: Failed<'_>) -> Result<(), StoreError> {
        degradation::note(self.app, &self.renewal, failed).await
    }

    /// The pause after this failure.
    fn backoff(&self) -> Pause {
        endpoints::backoff(self.app.clock.now(), self.credential.failures + 1, None)
    }

    fn backoff_after(&self, error: &OAuthError) -> Pause {
        let asked_for = match error {
            OAuthError::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        };
        endpoints::backoff(
            self.app.clock.now(),
            self.credential.failures + 1,
            asked_for,
        )
    }

    /// Keeps an answer that can't be read, sealed: it may hold the only good refresh token.
    async fn keep_unread(&self, answer: &Unread, why: &str) -> Result<(), StoreError> {
        let app = self.app;
        let id = self.connection.id;
        tracing::error!(connection = %id, why, "the platform's answer to a renewal can't be read; it is kept until it is understood");
        let unread = InHand::Unread {
            renewed: self.renewed(),
            answer: seal_unread(app, owner(self.connection), answer),
            at: app.clock.now(),
            why: why.to_owned(),
            may_hold_refresh_token: answer.may_hold_refresh_token(),
        };
        kept::keep(app, &unread).await
    }

    /// Keeps the tokens that the platform gave. From here on the old refresh token may be worthless.
    async fn store_rotation(&self, tokens: TokenSet) -> Result<(), TokenError> {
        let (app, connection) = (self.app, self.connection);
        let granted = connection.last_authorized.unwrap_or(connection.created);
        let sealed = new_tokens(app, connection, &tokens, &variables_of(connection), granted);
        let renewal = InHand::Renewal(self.renewed(), sealed.into());
        Ok(kept::keep(app, &renewal).await?)
    }

    fn renewed(&self) -> Renewed {
        Renewed {
            company: self.connection.company_id,
            connection: self.connection.id,
            grant: self.credential.grant_id,
            version: self.renewal.version,
            holder: self.renewal.holder,
        }
    }
}

/// True unless the platform certainly gave no new tokens: a gateway's answer doesn't say what became of the request behind it.
fn may_have_renewed(error: &OAuthError) -> bool {
    match error {
        OAuthError::Unreachable(reason) => !reason.nothing_was_sent(),
        OAuthError::Unavailable { status, .. } => matches!(status, 408 | 500 | 502 | 504),
        OAuthError::Refused { .. } | OAuthError::Unreadable { .. } | OAuthError::NoAddress(_) => {
            false
        }
    }
}

/// Tokens of an answer that came some time ago: their lives began then.
pub(super) fn aged(mut tokens: TokenSet, came: DateTime<Utc>, now: DateTime<Utc>) -> TokenSet {
    let age = (now - came).to_std().unwrap_or_default();
    let left = |life: Option<Duration>| life.map(|life| life.saturating_sub(age));
    tokens.expires_in = left(tokens.expires_in);
    tokens.refresh_expires_in = left(tokens.refresh_expires_in);
    tokens
}
