//! The sealed credentials behind connections: kept, renewed one at a time, given back.

mod access;
mod endpoints;
pub mod holding;
mod kept;
pub mod oauth_clients;
mod refusals;
mod renewing;
mod revoking;
mod sealing;
pub mod vault;
mod warnings;

pub use access::{AccessToken, access, refused};
pub(crate) use endpoints::note_exchange;
pub use kept::take_up;
pub(crate) use kept::{receive, store_left, until_stored};
pub(crate) use refusals::{end_if_refused_everywhere, end_if_typed_and_refused};
pub(crate) use renewing::ahead::Ahead;
pub use renewing::ahead::refresh_expiring;
pub(crate) use renewing::deciding::Frozen;

pub(crate) use revoking::{Attempt, Part, give_back, give_back_now, grant_of, take_out};
pub(crate) use sealing::{SealedTokens, owner};
pub(crate) use warnings::Moved;
pub use warnings::{
    CLIENT_REFUSED, RestoredError, count_epoch, end_what_is_over, find_unreadable, installation,
    note_restored, tell_of_endings,
};

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use connectors::OAuthError;

use crate::app::App;
use crate::credentials::vault::VaultError;
use store::StoreError;
use store::connections::Connection;

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
    /// The platform isn't asked before then.
    #[error("the access token can't be refreshed just now: {reason}")]
    Waiting {
        until: DateTime<Utc>,
        reason: String,
    },
    #[error("the integration is no longer installed or has no OAuth client")]
    NotConfigured,
}

/// Lets a connection be renewed that is held back since a backup was restored: its operator knows that its tokens are good, or that
/// nothing is lost by trying. False if it isn't held back.
///
/// # Errors
/// The database can't be written to.
pub async fn let_on(app: &App, connection: &Connection) -> Result<bool, StoreError> {
    let mut tx = app.db.write().await?;
    let held_back = store::doubtful::let_on(&mut tx, connection.id).await?;
    tx.commit().await?;
    Ok(held_back)
}

/// Ends a connection whose business has taken its permission back, as the platform says in these words.
///
/// # Errors
/// The database can't be written to.
pub(crate) async fn withdrawn(
    app: &App,
    connection: &Connection,
    message: &str,
) -> Result<(), StoreError> {
    match store::credentials::get(&app.db, connection.id).await? {
        Some(credential) => {
            let version = credential.version;
            revoking::version_lost(app, connection, version, "revoked", message).await
        }
        None => Ok(()),
    }
}

/// Shows in the metrics what an operator has to look at.
///
/// # Errors
/// The database can't be read.
pub(crate) async fn measure(app: &App) -> Result<(), StoreError> {
    const MOST: i64 = 1000;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let refused = store::token_endpoints::misconfigured(&app.db).await?;
    app.metrics.oauth_clients_refused.set(count(refused.len()));
    let unread = store::doubtful::misread(&app.db, MOST).await?;
    app.metrics.unread_answers.set(count(unread.len()));
    app.metrics.kept_answers.set(count(app.spool.len()));
    let unreadable = store::doubtful::unreadable(&app.db).await?;
    app.metrics.unreadable_credentials.set(unreadable);
    Ok(())
}

/// The connection's own values, by which the platform's requests name the business.
pub fn variables_of(connection: &Connection) -> BTreeMap<String, String> {
    let stored = connection.variables.as_deref();
    stored
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}
