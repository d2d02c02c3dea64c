//! A valid access token for a connection; one refresh at a time, ever.
//!
//! Where refresh tokens rotate, two refreshes at once make real servers revoke the whole grant. So the row is claimed by
//! its version, with a lease that outlasts any call, before the platform is asked; the answer is stored by
//! compare-and-swap; and everybody else waits for the version to move.

mod degradation;
mod forecast;
pub mod oauth_clients;
pub mod vault;

pub use forecast::tell_of_endings;

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use connectors::{ClientCredentials, Grant, Integration, OAuthError, TokenSet};
use egress::Secret;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::credentials::vault::{Place, Row, Sealed, VaultError};
use crate::events;
use degradation::Attempt;
use store::clock::{new_id, wall_now};
use store::connections::{Connection, ConnectionError};
use store::credentials::{self, Credential, NewTokens};
use store::jobs::Lease;
use store::model::connection::{Change, transition};
use store::model::{Actor, ClientId, ConnectionId, DatasetStatus, EventType};
use store::{StoreError, Tx};

/// A token that ends sooner is refreshed first; of one that lives shortly, half of its life.
const MARGIN: TimeDelta = TimeDelta::seconds(60);
/// Longer than any call through the door can take, so that a lease never ends under its holder.
const LEASE: TimeDelta = TimeDelta::seconds(150);
/// How long somebody waits for another's refresh.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There is no grant (any more): the customer must authorise again.
    #[error("the connection is not authorised")]
    NoGrant,
    /// The platform gave no answer that can be used; worth another try later.
    #[error("the access token could not be refreshed: {0}")]
    Unavailable(OAuthError),
    #[error("the integration is no longer installed or has no OAuth client")]
    NotConfigured,
}

/// A token and the version it belongs to.
#[derive(Debug)]
pub struct AccessToken {
    pub secret: Secret,
    pub version: i64,
}

/// Stores a fresh grant, sealed, through the caller's transaction.
pub async fn keep(
    app: &App,
    tx: &mut Tx,
    connection: &Connection,
    tokens: &TokenSet,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    let sealed = seal(app, connection, tokens, now);
    credentials::replace(tx, connection.id, connection.client_id, &sealed, now).await
}

/// `granted` is when the customer consented.
fn seal(
    app: &App,
    connection: &Connection,
    tokens: &TokenSet,
    granted: DateTime<Utc>,
) -> NewTokens {
    let (client, id) = (connection.client_id, connection.id);
    let refresh_token = tokens.refresh_token.as_ref();
    NewTokens {
        access_token: app
            .vault
            .seal(&tokens.access_token, access_place(client, id))
            .0,
        refresh_token: refresh_token
            .map(|secret| app.vault.seal(secret, refresh_place(client, id)).0),
        expires: expiry(tokens, app.clock.now()),
        scope: tokens.scope.clone(),
        ending: app
            .catalogue
            .get(&connection.integration_key)
            .map(|integration| forecast::ending(integration, tokens, granted, app.clock.now()))
            .unwrap_or_default(),
    }
}

fn access_place(client: ClientId, connection: ConnectionId) -> Place<'static> {
    Place {
        client,
        row: Row::Connection(connection),
        field: "access_token",
    }
}

fn refresh_place(client: ClientId, connection: ConnectionId) -> Place<'static> {
    Place {
        client,
        row: Row::Connection(connection),
        field: "refresh_token",
    }
}

fn expiry(tokens: &TokenSet, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    tokens
        .expires_in
        .and_then(|lifetime| TimeDelta::from_std(lifetime).ok())
        .and_then(|lifetime| now.checked_add_signed(lifetime))
        .or(tokens.expires_at)
}

/// An access token that is good for a while yet, refreshed first where it must be.
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
                grant_lost(app, connection, "expired", message).await?;
                return Err(TokenError::NoGrant);
            }
            let sealed = Sealed(credential.access_token);
            let secret = app
                .vault
                .open_sealed(&sealed, access_place(connection.client_id, connection.id))?;
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
        // Somebody else is asking; jitter keeps those who wait from looking all at once.
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
    let owner = Uuid::new_v4();
    let mut tx = app.db.write().await?;
    let (id, version) = (connection.id, credential.version);
    let mine = credentials::claim(&mut tx, id, version, owner, Lease::lasting(LEASE)).await?;
    tx.commit().await?;
    if mine {
        refresh(app, connection, credential, owner).await?;
    }
    Ok(mine)
}

/// Whether the access token needs no renewal yet.
fn lasts(credential: &Credential, now: DateTime<Utc>) -> bool {
    credential.expires.is_none_or(|expires| {
        let half = (expires - credential.updated) / 2;
        expires > now + half.clamp(TimeDelta::zero(), MARGIN)
    })
}

/// A credential's tokens in clear: access and refresh token.
pub fn opened(
    app: &App,
    connection: &Connection,
    credential: &Credential,
) -> Result<(Secret, Option<Secret>), TokenError> {
    let (client, id) = (connection.client_id, connection.id);
    let access = Sealed(credential.access_token.clone());
    let access = app.vault.open_sealed(&access, access_place(client, id))?;
    let refresh = credential.refresh_token.clone().map(Sealed);
    let refresh = refresh.map(|sealed| app.vault.open_sealed(&sealed, refresh_place(client, id)));
    Ok((access, refresh.transpose()?))
}

/// The platform refused this version of the token before its time: whoever asks next refreshes it.
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
    owner: Uuid,
) -> Result<(), TokenError> {
    let key = &connection.integration_key;
    let attempt = Attempt {
        connection,
        version: credential.version,
        owner,
    };
    let integration = app.catalogue.get(key);
    let client = match integration {
        Some(integration) => {
            oauth_clients::credentials(app, connection.client_id, integration).await?
        }
        None => None,
    };
    let (Some(integration), Some(client), Some(sealed)) =
        (integration, client, credential.refresh_token.clone())
    else {
        let reason = "the integration is no longer installed or has no OAuth client";
        degradation::note(app, &attempt, true, reason).await?;
        return Err(TokenError::NotConfigured);
    };
    let secret = app.vault.open_sealed(
        &Sealed(sealed),
        refresh_place(connection.client_id, connection.id),
    )?;
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
        Ok(tokens) => {
            store_rotation(
                app,
                connection,
                credential,
                owner,
                integration,
                &client,
                tokens,
            )
            .await
        }
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
            grant_lost(app, connection, "revoked", &message).await?;
            Err(TokenError::NoGrant)
        }
        Err(error) => {
            let lost =
                matches!(&error, OAuthError::Unreachable(reason) if !reason.nothing_was_sent());
            let reason = degradation::in_words(&error);
            degradation::note(app, &attempt, !lost, &reason).await?;
            Err(TokenError::Unavailable(error))
        }
    }
}

/// Keeps what the platform gave. From here on the old refresh token may be worthless, so this tries until it is on disk.
async fn store_rotation(
    app: &App,
    connection: &Connection,
    credential: &Credential,
    owner: Uuid,
    integration: &Integration,
    client: &ClientCredentials,
    tokens: TokenSet,
) -> Result<(), TokenError> {
    let id = connection.id;
    let granted = connection.last_authorized.unwrap_or(connection.created);
    let sealed = seal(app, connection, &tokens, granted);
    let mut pause = Duration::from_millis(50);
    for attempt in 1.. {
        let stored = async {
            let mut tx = app.db.write().await?;
            store::connections::lock_company(&mut tx, connection.company_id).await?;
            let failing = credentials::failing(&mut tx, id).await?;
            let (version, now) = (credential.version, app.clock.now());
            let stored = credentials::rotate(&mut tx, id, version, owner, &sealed, now).await?;
            if stored && let Some(failing) = failing {
                degradation::over(&mut tx, connection, failing, now).await?;
            }
            tx.commit().await?;
            if failing.is_some() {
                app.live.wake(connection.company_id);
            }
            Ok::<bool, StoreError>(stored)
        }
        .await;
        match stored {
            Ok(true) => return Ok(()),
            Ok(false) => {
                // The row was replaced or taken away meanwhile: nobody will use these tokens.
                tracing::info!(connection = %id, "refreshed tokens are no longer wanted");
                if !integration.revokes_tokens_only()
                    && credentials::get(&app.db, id).await?.is_some()
                {
                    // The business was linked anew: letting go of it would end that too.
                    return Ok(());
                }
                let variables = variables_of(connection);
                revoke_now(app, integration, client, &tokens, &variables).await;
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

/// The platform no longer honours the grant: says so, to everyone.
pub async fn grant_lost(
    app: &App,
    connection: &Connection,
    code: &str,
    message: &str,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    let id = connection.id;
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, connection.company_id).await?;
    let Some(mut connection) = store::connections::find_in(&mut tx, id).await? else {
        return Ok(());
    };
    let from = connection.status;
    let Ok(to) = transition(from, Change::GrantLost) else {
        return Ok(());
    };
    connection.status = to;
    if !store::connections::set_status(&mut tx, id, from, to, Some((code, message))).await? {
        return Ok(());
    }
    store::credentials::delete(&mut tx, id).await?;
    store::connections::insert_error(
        &mut tx,
        &ConnectionError {
            id: new_id(now),
            connection_id: id,
            status_code: "401".into(),
            status_text: "Unauthorized".into(),
            error_message: message.to_owned(),
            errored_on: now,
            resolved_on: None,
        },
    )
    .await?;
    store::datasets::end_running(&mut tx, id, DatasetStatus::AuthError, message, now).await?;
    let kind = EventType::ConnectionDisconnected;
    events::of_connection(
        &mut tx,
        &connection,
        kind,
        Some(from),
        Actor::Platform,
        Some(message),
        now,
    )
    .await?;
    tx.commit().await?;
    app.live.wake(connection.company_id);
    tracing::warn!(connection = %id, code, message, "grant lost");
    Ok(())
}

/// Refreshes what would soon expire, so that no caller has to wait and no idle grant dies. Returns how many were looked at.
pub async fn refresh_expiring(app: &App) -> Result<usize, StoreError> {
    let soon = app.clock.now() + MARGIN + TimeDelta::seconds(60);
    let expiring = credentials::expiring(&app.db, soon, 50).await?;
    // Side by side: one platform that answers slowly must not hold up the tokens of the others.
    let refreshes = expiring
        .iter()
        .map(|credential| refresh_ahead(app, credential));
    futures_util::future::try_join_all(refreshes).await?;
    Ok(expiring.len())
}

async fn refresh_ahead(app: &App, credential: &Credential) -> Result<(), StoreError> {
    let leased = credential
        .lease_until
        .is_some_and(|until| until > wall_now());
    if leased {
        return Ok(());
    }
    let id = credential.connection_id;
    if let Some(connection) = store::connections::find(&app.db, id).await?
        && let Err(error) = access(app, &connection).await
    {
        tracing::warn!(connection = %id, %error, "token not refreshed ahead of time");
    }
    Ok(())
}

/// What a revocation job carries: the grant's tokens, still sealed to the connection they belonged to.
#[derive(Debug, Serialize, Deserialize)]
struct Revocation {
    client: Uuid,
    integration: String,
    access_token: String,
    refresh_token: Option<String>,
    /// The connection's own values, by which the platform's requests may name the grant.
    #[serde(default)]
    variables: BTreeMap<String, String>,
}

pub fn revocation(connection: &Connection, credential: &Credential) -> String {
    let refresh_token = credential.refresh_token.as_deref();
    let variables = variables_of(connection);
    revocation_of(
        connection,
        &credential.access_token,
        refresh_token,
        variables,
    )
}

/// The same for tokens that were sealed to a connection without being its own yet.
pub fn revocation_of(
    connection: &Connection,
    access_token: &[u8],
    refresh_token: Option<&[u8]>,
    variables: BTreeMap<String, String>,
) -> String {
    let revocation = Revocation {
        client: connection.client_id.0,
        integration: connection.integration_key.clone(),
        access_token: STANDARD.encode(access_token),
        refresh_token: refresh_token.map(|sealed| STANDARD.encode(sealed)),
        variables,
    };
    serde_json::to_string(&revocation).expect("plain JSON")
}

/// What the platform's requests need to know of a connection.
pub fn variables_of(connection: &Connection) -> BTreeMap<String, String> {
    let stored = connection.variables.as_deref();
    stored
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// Seals tokens that aren't kept yet: access and refresh token.
pub fn sealed(app: &App, connection: &Connection, tokens: &TokenSet) -> (Vec<u8>, Option<Vec<u8>>) {
    let (client, id) = (connection.client_id, connection.id);
    let access = app
        .vault
        .seal(&tokens.access_token, access_place(client, id));
    let refresh = tokens.refresh_token.as_ref();
    let refresh = refresh.map(|secret| app.vault.seal(secret, refresh_place(client, id)).0);
    (access.0, refresh)
}

/// Opens what [`sealed`] has sealed.
pub fn unsealed(
    app: &App,
    connection: &Connection,
    access: &[u8],
    refresh: Option<&[u8]>,
) -> Result<(Secret, Option<Secret>), VaultError> {
    let (client, id) = (connection.client_id, connection.id);
    let access = Sealed(access.to_vec());
    let access = app.vault.open_sealed(&access, access_place(client, id))?;
    let refresh = refresh.map(|sealed| {
        let sealed = Sealed(sealed.to_vec());
        app.vault.open_sealed(&sealed, refresh_place(client, id))
    });
    Ok((access, refresh.transpose()?))
}

/// Does what a revocation job asks. An error means: worth another try. `keep` stores a payload in the job's place: tokens
/// that had to be renewed on the way must not be lost with the process.
pub async fn revoke(
    app: &App,
    connection: ConnectionId,
    payload: &str,
    keep: impl AsyncFnOnce(String) -> Result<(), StoreError>,
) -> Result<(), TokenError> {
    let corrupt = |error: String| StoreError::Corrupt(format!("revocation: {error}"));
    let revocation: Revocation =
        serde_json::from_str(payload).map_err(|error| corrupt(error.to_string()))?;
    let Some(integration) = app.catalogue.get(&revocation.integration) else {
        return Ok(());
    };
    let client = ClientId(revocation.client);
    let Some(credentials) = oauth_clients::credentials(app, client, integration).await? else {
        return Ok(());
    };
    let open = |text: &str, place: Place<'_>| -> Result<Secret, TokenError> {
        let sealed = STANDARD
            .decode(text)
            .map_err(|error| corrupt(error.to_string()))?;
        Ok(app.vault.open_sealed(&Sealed(sealed), place)?)
    };
    let mut access = open(&revocation.access_token, access_place(client, connection))?;
    let mut refresh = match &revocation.refresh_token {
        Some(text) => Some(open(text, refresh_place(client, connection))?),
        None => None,
    };
    let end = async |access: &Secret, refresh: Option<&Secret>| {
        let grant = Grant {
            access_token: access,
            refresh_token: refresh,
            variables: &revocation.variables,
        };
        let ended = integration.end(&app.door, &credentials, grant).await;
        ended.map_err(TokenError::Unavailable)
    };
    if end(&access, refresh.as_ref()).await? != connectors::Revocation::Stale {
        return Ok(());
    }
    let Some(token) = refresh.take() else {
        return Ok(());
    };
    let tokens = match integration.refresh(&app.door, &credentials, &token).await {
        Ok(tokens) => tokens,
        // The platform understood and has no such grant: there is nothing left to revoke.
        Err(OAuthError::Refused { error, .. }) if error == "invalid_grant" => return Ok(()),
        Err(error) => return Err(TokenError::Unavailable(error)),
    };
    access = tokens.access_token;
    let refresh = tokens.refresh_token.unwrap_or(token);
    let seal = |secret: &Secret, place| STANDARD.encode(app.vault.seal(secret, place).0);
    let renewed = Revocation {
        access_token: seal(&access, access_place(client, connection)),
        refresh_token: Some(seal(&refresh, refresh_place(client, connection))),
        client: revocation.client,
        integration: revocation.integration.clone(),
        variables: revocation.variables.clone(),
    };
    keep(serde_json::to_string(&renewed).expect("plain JSON")).await?;
    match end(&access, Some(&refresh)).await? {
        connectors::Revocation::Stale => Err(TokenError::Unavailable(OAuthError::Unavailable {
            status: 401,
            retry_after: None,
        })),
        _ => Ok(()),
    }
}

/// Gives back a grant that won't be kept. Best effort: it was never stored, so there is nothing to try again from.
pub async fn revoke_now(
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
    if let Err(error) = integration.end(&app.door, credentials, grant).await {
        tracing::warn!(integration = integration.key(), %error, "a grant that was not kept could not be revoked");
    }
}
