//! A valid access token for a connection.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::OAuthError;
use egress::Secret;

use super::TokenError;
use super::holding::sharing;
use super::renewing::renew;
use super::revoking::version_lost;
use super::sealing::{SealedTokens, owner};
use super::warnings::unreadable;
use crate::app::App;
use crate::credentials::vault::openings::Purpose;
use store::StoreError;
use store::connections::Connection;
use store::credentials::{self, Credential};

/// A token that ends sooner is renewed first; of one that lives shortly, half of its life.
pub(super) const MARGIN: TimeDelta = TimeDelta::seconds(60);
/// A token is used for so long, however short its stated life: renewing it for each request would go on for ever.
const SHORTEST_USE: TimeDelta = TimeDelta::seconds(10);
/// A credential whose token was renewed because an API refused it isn't renewed for that reason again before this.
const REFUSED_AGAIN: TimeDelta = TimeDelta::seconds(60);
/// The time for which a caller waits for another's renewal.
const PATIENCE: Duration = Duration::from_secs(90);

/// A token and the version it belongs to.
#[derive(Debug)]
pub struct AccessToken {
    pub secret: Secret,
    pub version: i64,
}

/// An access token that is good for a while yet, renewed first if it must be. A renewal that has begun goes on if the caller
/// leaves. While it can't be renewed, the one that is there serves to its end.
///
/// # Errors
/// There is no grant any more, or the platform can't be asked, or isn't asked just now.
pub async fn access(app: &App, connection: &Connection) -> Result<AccessToken, TokenError> {
    let mut asked = None;
    loop {
        let holder = sharing::holder(app, connection).await?;
        let by = holder.as_ref().unwrap_or(connection);
        let mut version = None;
        let access = access_or_why(app, by, &mut version).await;
        // A shared grant may have passed to another connection meanwhile.
        let is_shared = connection.shared_grant.is_some();
        if matches!(access, Err(TokenError::NoGrant)) && is_shared && asked != Some(by.id) {
            asked = Some(by.id);
            continue;
        }
        if let (Err(TokenError::Vault(why)), Some(version)) = (&access, version) {
            unreadable::tell(app, by, version, why).await?;
        }
        return access;
    }
}

/// The same; `version` is the one that was seen last.
async fn access_or_why(
    app: &App,
    connection: &Connection,
    version: &mut Option<i64>,
) -> Result<AccessToken, TokenError> {
    let waiting_since = tokio::time::Instant::now();
    let mut first_seen = None;
    loop {
        let credential = credentials::get(&app.db, connection.id)
            .await?
            .ok_or(TokenError::NoGrant)?;
        *version = Some(credential.version);
        let now = app.clock.now();
        let ended = credential.expires.is_some_and(|expires| expires <= now);
        // One that was just renewed is the best there is, however short its life.
        let renewed = *first_seen.get_or_insert(credential.version) != credential.version;
        let good = lasts(&credential, now) || (renewed && !ended);
        // Without a refresh token there is nothing better than what is there.
        if good || credential.refresh_token.is_none() {
            if credential.refresh_token.is_none() && ended {
                let message = "The access that was given has expired.";
                version_lost(app, connection, credential.version, "expired", message).await?;
                return Err(TokenError::NoGrant);
            }
            let token = opened(app, connection, &credential).await?;
            if credential.unreadable_at.is_some() {
                unreadable::over(app, connection).await?;
            }
            return Ok(token);
        }
        let kept = (!ended).then(|| credential.clone());
        let renewal = match credential.pause().filter(|pause| pause.holds(now)) {
            Some(pause) => Err(TokenError::Waiting {
                until: pause.until,
                reason: credential.paused_why.unwrap_or_default(),
            }),
            None => {
                let connection = connection.clone();
                let renewal =
                    app.detach(async move |app| renew(&app, &connection, &credential).await);
                renewal.await
            }
        };
        match renewal {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error @ (TokenError::Unavailable(_) | TokenError::Waiting { .. })) => {
                return match kept {
                    Some(credential) => opened(app, connection, &credential).await,
                    None => Err(error),
                };
            }
            Err(error) => return Err(error),
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

async fn opened(
    app: &App,
    connection: &Connection,
    credential: &Credential,
) -> Result<AccessToken, TokenError> {
    let (secret, _) = SealedTokens::of(credential)
        .open(app, owner(connection), Purpose::Use)
        .await?;
    Ok(AccessToken {
        secret,
        version: credential.version,
    })
}

/// True if the access token needs no renewal yet.
fn lasts(credential: &Credential, now: DateTime<Utc>) -> bool {
    credential.expires.is_none_or(|expires| {
        let life = expires - credential.updated;
        // Refused by an API: it counts as one that never lived.
        if life <= TimeDelta::zero() {
            return false;
        }
        let end = expires - (life / 2).min(MARGIN);
        now < end.max(credential.updated + SHORTEST_USE)
    })
}

/// An API refused this version of the token before its time. True if a newer one is worth a try, which the next caller
/// renews; false if none is to be had, or if it was renewed for the same reason a moment ago: then it isn't the token.
pub async fn refused(app: &App, connection: &Connection, version: i64) -> Result<bool, StoreError> {
    let holder = sharing::holder(app, connection).await?;
    let connection = holder.as_ref().unwrap_or(connection);
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let before = now - REFUSED_AGAIN;
    let marked = credentials::expire(&mut tx, connection.id, version, now, before).await?;
    tx.commit().await?;
    if marked {
        return Ok(true);
    }
    let current = credentials::get(&app.db, connection.id).await?;
    Ok(current.is_none_or(|current| {
        let is_marked = current.expires == Some(current.updated) && current.refresh_token.is_some();
        current.version != version || is_marked
    }))
}
