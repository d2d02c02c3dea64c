//! A grant's tokens at rest: sealed to the connection that they belong to.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{Integration, TokenSet, Unread};
use egress::Secret;

use super::vault::{Place, Row, Sealed, VaultError};
use super::warnings::forecast;
use crate::app::App;
use crate::credentials::vault::openings::Purpose;
use store::connections::Connection;
use store::credentials::{Credential, NewTokens};
use store::model::{ClientId, ConnectionId};

/// The connection that tokens are sealed to, with its client.
pub(crate) type Owner = (ClientId, ConnectionId);

pub(crate) const fn owner(connection: &Connection) -> Owner {
    (connection.client_id, connection.id)
}

/// The owner of a credential's tokens.
pub(crate) const fn owner_of(credential: &Credential) -> Owner {
    (credential.client_id, credential.connection_id)
}

/// An access token and its refresh token, as they are stored: opened by this installation's key for their owner alone.
pub(crate) struct SealedTokens {
    pub(crate) access_token: Vec<u8>,
    pub(crate) refresh_token: Option<Vec<u8>>,
}

impl SealedTokens {
    pub(crate) fn seal(
        app: &App,
        owner: Owner,
        access_token: &Secret,
        refresh_token: Option<&Secret>,
    ) -> Self {
        let seal = |secret, field| app.vault.seal(secret, place(owner, field)).0;
        Self {
            access_token: seal(access_token, ACCESS),
            refresh_token: refresh_token.map(|secret| seal(secret, REFRESH)),
        }
    }

    /// The tokens of a credential, still sealed.
    pub(crate) fn of(credential: &Credential) -> Self {
        Self {
            access_token: credential.access_token.clone(),
            refresh_token: credential.refresh_token.clone(),
        }
    }

    /// The tokens in clear: access and refresh token.
    pub(crate) async fn open(
        self,
        app: &App,
        owner: Owner,
        purpose: Purpose,
    ) -> Result<(Secret, Option<Secret>), VaultError> {
        let access = place(owner, ACCESS);
        let access = app
            .vault
            .open_sealed(&Sealed(self.access_token), access, purpose)
            .await?;
        let refresh = match self.refresh_token {
            Some(sealed) => {
                let place = place(owner, REFRESH);
                let sealed = Sealed(sealed);
                Some(app.vault.open_sealed(&sealed, place, purpose).await?)
            }
            None => None,
        };
        Ok((access, refresh))
    }
}

const ACCESS: &str = "access_token";
const REFRESH: &str = "refresh_token";
const UNREAD: &str = "unread_answer";

/// An answer whose tokens can't be read, sealed as they are.
pub(super) fn seal_unread(app: &App, owner: Owner, answer: &Unread) -> Vec<u8> {
    app.vault.seal(answer.text(), place(owner, UNREAD)).0
}

pub(super) async fn open_unread(
    app: &App,
    owner: Owner,
    sealed: &[u8],
    purpose: Purpose,
) -> Result<Unread, VaultError> {
    let sealed = Sealed(sealed.to_vec());
    let text = app
        .vault
        .open_sealed(&sealed, place(owner, UNREAD), purpose)
        .await?;
    Ok(Unread::from_text(text))
}

const fn place((client, connection): Owner, field: &'static str) -> Place<'static> {
    Place {
        client,
        row: Row::Connection(connection),
        field,
    }
}

/// The tokens of a fresh grant as the credential's row takes them. Without a refresh token, the access token's end is the grant's.
pub(super) fn fresh(
    app: &App,
    connection: &Connection,
    tokens: &TokenSet,
    variables: &BTreeMap<String, String>,
    now: DateTime<Utc>,
) -> NewTokens {
    let mut sealed = new_tokens(app, connection, tokens, variables, now);
    if tokens.refresh_token.is_none()
        && let Some(expires) = sealed.expires
        && let Some(integration) = app.catalogue.get(&connection.integration_key)
    {
        forecast::ends_with_access(&mut sealed.ending, integration, expires, now);
    }
    sealed
}

/// The end of a refresh token, as far as it is known.
pub(super) fn end_of_refresh(
    app: &App,
    integration: &Integration,
    tokens: &TokenSet,
) -> Option<DateTime<Utc>> {
    let now = app.clock.now();
    forecast::ending(integration, None, tokens, now, now).refresh_expires
}

/// The tokens as the credential's row takes them. `variables` are the connection's own values, `granted` is the time of the
/// customer's consent.
pub(super) fn new_tokens(
    app: &App,
    connection: &Connection,
    tokens: &TokenSet,
    variables: &BTreeMap<String, String>,
    granted: DateTime<Utc>,
) -> NewTokens {
    let refresh_token = tokens.refresh_token.as_ref();
    let sealed = SealedTokens::seal(app, owner(connection), &tokens.access_token, refresh_token);
    NewTokens {
        access_token: sealed.access_token,
        refresh_token: sealed.refresh_token,
        expires: expiry(tokens, app.clock.now()),
        scope: tokens.scope.clone(),
        ending: app
            .catalogue
            .get(&connection.integration_key)
            .map(|integration| {
                let way = integration.way_of(variables);
                forecast::ending(integration, way, tokens, granted, app.clock.now())
            })
            .unwrap_or_default(),
    }
}

pub(super) fn expiry(tokens: &TokenSet, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    tokens
        .expires_in
        .and_then(|lifetime| TimeDelta::from_std(lifetime).ok())
        .and_then(|lifetime| now.checked_add_signed(lifetime))
        // A date that had passed when it came is a clock's fault, not a life.
        .or(tokens.expires_at.filter(|end| *end > now))
}
