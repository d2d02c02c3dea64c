//! The renewal of a connection's tokens; one at a time, ever.
//!
//! If refresh tokens rotate, two renewals at once make real servers revoke the whole grant. So the row is claimed by
//! its version, with a lease that outlasts any call, before the platform is asked; the answer is stored by
//! compare-and-swap; and every other caller waits for the version to move.
//!
//! An answer whose tokens can't be read is stored too, sealed: a refresh token may stand in it whose predecessor is spent. It is
//! read again before the next renewal, by whatever version and manifest there is by then.

use std::fmt::Display;
use std::time::Duration;

use chrono::{DateTime, Utc};
use connectors::{Integration, OAuthError, TokenSet, Unread};
use uuid::Uuid;

use super::access::LEASE;
use super::endpoints::{self, Turn};
use super::revoking::{LOST, version_lost};
use super::sealing::{SealedTokens, new_tokens, open_unread, owner, seal_unread};
use super::warnings::degradation::{self, Failed, Renewal};
use super::{TokenError, holding, oauth_clients, variables_of};
use crate::app::App;
use crate::change::Change;
use crate::disclosure;
use store::StoreError;
use store::connections::Connection;
use store::credentials::{self, Credential, Pause};
use store::jobs::Lease;
use store::model::Actor;

/// Storing what can't be had again is tried this often once more.
const ATTEMPTS: u32 = 10;

/// Claims this version of the tokens and renews them; false if another caller holds the claim. Not to be run in a future
/// that may be dropped: the platform's answer replaces a refresh token that is spent.
pub(super) async fn renew(
    app: &App,
    connection: &Connection,
    credential: &Credential,
) -> Result<bool, TokenError> {
    let holder = Uuid::new_v4();
    let mut tx = app.db.write().await?;
    let (id, version) = (connection.id, credential.version);
    let (lease, now) = (Lease::lasting(LEASE), app.clock.now());
    let mine = credentials::claim(&mut tx, id, version, holder, lease, now).await?;
    tx.commit().await?;
    if mine {
        let interrupted = credential.refresh_began.is_some();
        let renewing = Renewing {
            app,
            connection,
            credential,
            renewal: Renewal {
                connection,
                version,
                holder,
                interrupted,
            },
        };
        renewing.run().await?;
    }
    Ok(mine)
}

/// One renewal. The caller holds the lease on the version, and the intent is on disk.
struct Renewing<'a> {
    app: &'a App,
    connection: &'a Connection,
    credential: &'a Credential,
    renewal: Renewal<'a>,
}

impl Renewing<'_> {
    /// Asks the platform once, or not at all if an answer that it gave before can be read now.
    async fn run(&self) -> Result<(), TokenError> {
        let (app, connection) = (self.app, self.connection);
        let key = &connection.integration_key;
        let client_id = connection.client_id;
        let integration = app.catalogue.get(key);
        let client = match integration {
            Some(integration) => oauth_clients::credentials(app, client_id, integration).await?,
            None => None,
        };
        let (_, refresh_token) = SealedTokens::of(self.credential).open(app, owner(connection))?;
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
            Turn::Go { is_probe } => is_probe,
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
        let variables = variables_of(connection);
        let answer = integration
            .refresh(&app.door, &client, &secret, &variables)
            .await;
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
        let answer = open_unread(self.app, owner(self.connection), sealed)?;
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
        if current.is_none_or(|current| current.version != credential.version) {
            return Ok(());
        }
        let platform = &connection.platform_name;
        let (code, message) = if let Some(at) = credential.unread_at {
            let day = at.format("%-d %B %Y, %H:%M UTC");
            (
                LOST,
                format!(
                    "{platform} renewed the access on {day} with an answer that Moorline could not read, and takes the earlier one no more. Please connect again."
                ),
            )
        } else if let Some(at) = credential.refresh_began {
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
            (
                "revoked",
                format!("Access was withdrawn at {platform}, or has expired."),
            )
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

    /// Keeps an answer that can't be read, sealed. It may hold the only good refresh token, so this tries until it is on disk.
    async fn keep_unread(&self, answer: &Unread, why: &str) -> Result<(), StoreError> {
        let (app, renewal) = (self.app, &self.renewal);
        let id = self.connection.id;
        tracing::error!(connection = %id, why, "the platform's answer to a renewal can't be read; it is kept until it is understood");
        let sealed = &seal_unread(app, owner(self.connection), answer);
        let grant = self.credential.grant_id;
        until_stored("an answer that can't be read", id, || async move {
            let mut change = Change::begin(app, Actor::Platform).await?;
            let unread = credentials::Unread {
                answer: sealed,
                at: change.now,
                why,
            };
            let (version, holder) = (renewal.version, renewal.holder);
            let kept = credentials::keep_unread(&mut change, id, version, holder, unread).await?;
            // The grant was let go meanwhile, and its newest tokens are in this answer.
            if let (false, true, Some(grant)) = (kept, answer.may_hold_refresh_token(), grant) {
                holding::unwanted_unread(&mut change, grant, sealed).await?;
            }
            change.commit().await
        })
        .await
    }

    /// Keeps the tokens that the platform gave. From here on the old refresh token may be worthless, so this tries until it is on
    /// disk.
    async fn store_rotation(&self, tokens: TokenSet) -> Result<(), TokenError> {
        let (app, connection, renewal) = (self.app, self.connection, &self.renewal);
        let (id, version) = (connection.id, renewal.version);
        let granted = connection.last_authorized.unwrap_or(connection.created);
        let sealed = &new_tokens(app, connection, &tokens, granted);
        let stored = until_stored("renewed tokens", id, || async move {
            let company = connection.company_id;
            let mut change = Change::of_company(app, company, Actor::Platform).await?;
            let failing = credentials::failing(&mut change, id).await?;
            let (holder, now) = (renewal.holder, change.now);
            let stored = credentials::rotate(&mut change, id, version, holder, sealed, now).await?;
            if stored && let Some(failing) = failing {
                degradation::over(&mut change, connection, failing).await?;
            }
            change.commit().await?;
            Ok(stored)
        });
        if stored.await? {
            // The tokens are good, and a difference that isn't noted now is found with the next renewal.
            let (grant, scope) = (self.credential.grant_id, tokens.scope.as_deref());
            if let Err(error) = disclosure::note_renewed_scopes(app, connection, grant, scope).await
            {
                tracing::error!(connection = %id, %error, "the scopes of a renewal were not compared");
            }
        } else {
            // The row was replaced or taken away meanwhile: these tokens won't be used.
            tracing::info!(connection = %id, "refreshed tokens are no longer wanted");
            let grant = self.credential.grant_id;
            holding::unwanted(app, connection, grant, &tokens).await?;
        }
        Ok(())
    }
}

/// Tries to store what can't be had again until it is on disk. The last of its tries fails as it did.
pub(crate) async fn until_stored<T, F: Future<Output = Result<T, StoreError>>>(
    what: &str,
    id: impl Display,
    store: impl Fn() -> F,
) -> Result<T, StoreError> {
    let mut attempt = 0;
    loop {
        match store().await {
            Err(error) if attempt < ATTEMPTS => {
                attempt += 1;
                tracing::error!(%id, %error, attempt, what, "not stored yet; trying again");
                tokio::time::sleep(pause_before(attempt)).await;
            }
            stored => return stored,
        }
    }
}

/// Doubles from a twentieth of a second to five seconds.
fn pause_before(attempt: u32) -> Duration {
    let doubled = Duration::from_millis(50).saturating_mul(1 << attempt.saturating_sub(1).min(10));
    doubled.min(Duration::from_secs(5))
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
