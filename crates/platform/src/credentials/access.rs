//! A valid access token for a connection; one renewal at a time, ever.
//!
//! If refresh tokens rotate, two renewals at once make real servers revoke the whole grant. So the row is claimed by
//! its version, with a lease that outlasts any call, before the platform is asked; the answer is stored by
//! compare-and-swap; and every other caller waits for the version to move.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{OAuthError, TokenSet};
use egress::Secret;
use uuid::Uuid;

use super::revoking::version_lost;
use super::sealing::{SealedTokens, new_tokens, owner};
use super::warnings::degradation::{self, Renewal};
use super::{TokenError, holding, oauth_clients};
use crate::app::App;
use crate::change::Change;
use store::StoreError;
use store::connections::Connection;
use store::credentials::{self, Credential};
use store::jobs::Lease;
use store::model::{Actor, GrantId};

/// A token that ends sooner is renewed first; of one that lives shortly, half of its life.
pub(super) const MARGIN: TimeDelta = TimeDelta::seconds(60);
/// Longer than any call through the door can take, so that a lease never ends under its holder.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(150);
/// The time for which a caller waits for another's renewal.
const PATIENCE: Duration = Duration::from_secs(90);

/// A token and the version it belongs to.
#[derive(Debug)]
pub struct AccessToken {
    pub secret: Secret,
    pub version: i64,
}

/// An access token that is good for a while yet, renewed first if it must be. A renewal that has begun goes on if the caller
/// leaves.
///
/// # Errors
/// There is no grant any more, or the platform can't be asked.
pub async fn access(app: &App, connection: &Connection) -> Result<AccessToken, TokenError> {
    let waiting_since = tokio::time::Instant::now();
    let mut first_seen = None;
    loop {
        let credential = credentials::get(&app.db, connection.id)
            .await?
            .ok_or(TokenError::NoGrant)?;
        let now = app.clock.now();
        // One that was just renewed is the best there is, however short its life.
        let renewed = *first_seen.get_or_insert(credential.version) != credential.version;
        let good = renewed || lasts(&credential, now);
        // Without a refresh token there is nothing better than what is there.
        if good || credential.refresh_token.is_none() {
            if credential.refresh_token.is_none()
                && credential.expires.is_some_and(|expires| expires <= now)
            {
                let message = "The access that was given has expired.";
                version_lost(app, connection, credential.version, "expired", message).await?;
                return Err(TokenError::NoGrant);
            }
            let (secret, _) = SealedTokens::of(&credential).open(app, owner(connection))?;
            return Ok(AccessToken {
                secret,
                version: credential.version,
            });
        }
        let renewal = {
            let connection = connection.clone();
            app.detach(async move |app| renew(&app, &connection, &credential).await)
        };
        if renewal.await? {
            continue;
        }
        if waiting_since.elapsed() > PATIENCE {
            return Err(TokenError::Unavailable(OAuthError::Unavailable {
                status: 503,
                retry_after: None,
            }));
        }
        // Another caller is asking; jitter keeps those who wait from looking all at once.
        let jitter = u64::from(store::clock::random_bytes::<1>()[0]);
        tokio::time::sleep(Duration::from_millis(100 + jitter)).await;
    }
}

/// Claims this version of the tokens and renews them; false if another caller holds the claim. Not to be run in a future
/// that may be dropped: the platform's answer replaces a refresh token that is spent.
async fn renew(
    app: &App,
    connection: &Connection,
    credential: &Credential,
) -> Result<bool, TokenError> {
    let holder = Uuid::new_v4();
    let mut tx = app.db.write().await?;
    let (id, version) = (connection.id, credential.version);
    let mine = credentials::claim(&mut tx, id, version, holder, Lease::lasting(LEASE)).await?;
    tx.commit().await?;
    if mine {
        refresh(app, connection, credential, holder).await?;
    }
    Ok(mine)
}

/// True if the access token needs no renewal yet.
fn lasts(credential: &Credential, now: DateTime<Utc>) -> bool {
    credential.expires.is_none_or(|expires| {
        let half = (expires - credential.updated) / 2;
        expires > now + half.clamp(TimeDelta::zero(), MARGIN)
    })
}

/// The platform refused this version of the token before its time: the next caller renews it.
pub async fn refused(app: &App, connection: &Connection, version: i64) -> Result<(), StoreError> {
    let mut tx = app.db.write().await?;
    credentials::expire(&mut tx, connection.id, version, app.clock.now()).await?;
    tx.commit().await
}

/// Asks the platform once. The caller holds the lease on `credential.version`, and the intent is on disk.
async fn refresh(
    app: &App,
    connection: &Connection,
    credential: &Credential,
    holder: Uuid,
) -> Result<(), TokenError> {
    let key = &connection.integration_key;
    let renewal = Renewal {
        connection,
        version: credential.version,
        holder,
    };
    let integration = app.catalogue.get(key);
    let client = match integration {
        Some(integration) => {
            oauth_clients::credentials(app, connection.client_id, integration).await?
        }
        None => None,
    };
    let (_, refresh_token) = SealedTokens::of(credential).open(app, owner(connection))?;
    let (Some(integration), Some(client), Some(secret)) = (integration, client, refresh_token)
    else {
        let reason = "the integration is no longer installed or has no OAuth client";
        degradation::note(app, &renewal, true, reason).await?;
        return Err(TokenError::NotConfigured);
    };
    let interrupted = credential.refresh_began.is_some();
    let answer = integration.refresh(&app.door, &client, &secret).await;
    let outcome = match &answer {
        Ok(_) => "refreshed",
        Err(OAuthError::Refused { .. }) => "refused",
        Err(_) => "unavailable",
    };
    app.metrics
        .count_outcome(&app.metrics.token_refreshes, key, outcome);
    match answer {
        Ok(tokens) => store_rotation(app, &renewal, credential.grant_id, tokens).await,
        Err(OAuthError::Refused { error, description }) if error == "invalid_grant" => {
            // Believed only after a second look: a sibling may have rotated the token, or a customer linked again.
            let current = credentials::get(&app.db, connection.id).await?;
            if current.is_none_or(|current| current.version != credential.version) {
                return Ok(());
            }
            tracing::info!(connection = %connection.id, error, description, "refresh refused");
            let platform = &connection.platform_name;
            let message = if interrupted {
                format!(
                    "Access to {platform} could not be renewed after an interruption. Please connect again."
                )
            } else {
                format!("Access was withdrawn at {platform}, or has expired.")
            };
            version_lost(app, connection, credential.version, "revoked", &message).await?;
            Err(TokenError::NoGrant)
        }
        Err(error) => {
            let lost =
                matches!(&error, OAuthError::Unreachable(reason) if !reason.nothing_was_sent());
            let reason = degradation::in_words(&error);
            degradation::note(app, &renewal, !lost, &reason).await?;
            Err(TokenError::Unavailable(error))
        }
    }
}

/// Keeps the tokens that the platform gave. From here on the old refresh token may be worthless, so this tries until it is on disk.
async fn store_rotation(
    app: &App,
    renewal: &Renewal<'_>,
    grant: Option<GrantId>,
    tokens: TokenSet,
) -> Result<(), TokenError> {
    let (connection, version) = (renewal.connection, renewal.version);
    let id = connection.id;
    let granted = connection.last_authorized.unwrap_or(connection.created);
    let sealed = new_tokens(app, connection, &tokens, granted);
    let mut pause = Duration::from_millis(50);
    for attempt in 1.. {
        let stored = async {
            let company = connection.company_id;
            let mut change = Change::of_company(app, company, Actor::Platform).await?;
            let failing = credentials::failing(&mut change, id).await?;
            let (holder, now) = (renewal.holder, change.now);
            let stored =
                credentials::rotate(&mut change, id, version, holder, &sealed, now).await?;
            if stored && let Some(failing) = failing {
                degradation::over(&mut change, connection, failing).await?;
            }
            change.commit().await?;
            Ok::<bool, StoreError>(stored)
        }
        .await;
        match stored {
            Ok(true) => return Ok(()),
            Ok(false) => {
                // The row was replaced or taken away meanwhile: these tokens won't be used.
                tracing::info!(connection = %id, "refreshed tokens are no longer wanted");
                holding::unwanted(app, connection, grant, &tokens).await?;
                return Ok(());
            }
            Err(error) if attempt < 10 => {
                tracing::error!(connection = %id, %error, attempt, "refreshed tokens are not stored yet; trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(5));
            }
            Err(error) => return Err(error.into()),
        }
    }
    unreachable!("the loop ends by returning")
}
