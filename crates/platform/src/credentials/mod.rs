//! The sealed credentials behind connections: kept, renewed one at a time, given back.

mod access;
pub mod holding;
pub mod oauth_clients;
mod renewals;
mod revoking;
mod sealing;
pub mod vault;
mod warnings;

pub use access::{AccessToken, access, refused};
pub use renewals::refresh_expiring;
pub(crate) use revoking::{Attempt, give_back, give_back_now, grant_lost, grant_of};
pub(crate) use sealing::{SealedTokens, owner};
pub use warnings::{end_what_is_over, tell_of_endings};

use std::collections::BTreeMap;

use connectors::OAuthError;

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
    #[error("the integration is no longer installed or has no OAuth client")]
    NotConfigured,
}

/// The connection's own values, by which the platform's requests name the business.
pub fn variables_of(connection: &Connection) -> BTreeMap<String, String> {
    let stored = connection.variables.as_deref();
    stored
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}
