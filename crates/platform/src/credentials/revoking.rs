//! A grant's end: given back to the platform, or lost there.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connectors::{ClientCredentials, Grant, Integration, OAuthError, TokenSet};
use egress::Secret;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sealing::SealedTokens;
use super::{TokenError, oauth_clients};
use crate::app::App;
use crate::change::Change;
use crate::events::Event;
use store::StoreError;
use store::clock::new_id;
use store::connections::{Connection, ConnectionError};
use store::model::connection as status;
use store::model::{Actor, ClientId, ConnectionId, DatasetStatus, EventType};

/// The payload of a revocation job: the grant's tokens, still sealed to the connection they belonged to.
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

impl Revocation {
    fn of(
        client: ClientId,
        integration: &str,
        tokens: &SealedTokens,
        variables: BTreeMap<String, String>,
    ) -> Self {
        let refresh_token = tokens.refresh_token.as_ref();
        Self {
            client: client.0,
            integration: integration.to_owned(),
            access_token: STANDARD.encode(&tokens.access_token),
            refresh_token: refresh_token.map(|sealed| STANDARD.encode(sealed)),
            variables,
        }
    }

    fn to_json(&self) -> String {
        serde_json::to_string(self).expect("plain JSON")
    }
}

/// The payload of a job that revokes tokens which were sealed to the connection.
pub(crate) fn revocation(
    connection: &Connection,
    tokens: &SealedTokens,
    variables: BTreeMap<String, String>,
) -> String {
    let (client, integration) = (connection.client_id, &connection.integration_key);
    Revocation::of(client, integration, tokens, variables).to_json()
}

/// Gives back the grant of a revocation job. An error is worth another try. `keep` stores a payload in the job's place:
/// tokens that had to be renewed on the way must not be lost with the process.
pub(crate) async fn revoke(
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
    let owner = (client, connection);
    let decode = |text: &String| {
        STANDARD
            .decode(text)
            .map_err(|error| corrupt(error.to_string()))
    };
    let sealed = SealedTokens {
        access_token: decode(&revocation.access_token)?,
        refresh_token: revocation.refresh_token.as_ref().map(decode).transpose()?,
    };
    let (access, refresh) = sealed.open(app, owner)?;
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
    let Some(token) = refresh else {
        return Ok(());
    };
    let tokens = match integration.refresh(&app.door, &credentials, &token).await {
        Ok(tokens) => tokens,
        // The platform understood and has no such grant: there is nothing left to revoke.
        Err(OAuthError::Refused { error, .. }) if error == "invalid_grant" => return Ok(()),
        Err(error) => return Err(TokenError::Unavailable(error)),
    };
    let access = tokens.access_token;
    let refresh = tokens.refresh_token.unwrap_or(token);
    let renewed = SealedTokens::seal(app, owner, &access, Some(&refresh));
    let variables = revocation.variables.clone();
    let renewed = Revocation::of(client, &revocation.integration, &renewed, variables);
    keep(renewed.to_json()).await?;
    match end(&access, Some(&refresh)).await? {
        connectors::Revocation::Stale => Err(TokenError::Unavailable(OAuthError::Unavailable {
            status: 401,
            retry_after: None,
        })),
        _ => Ok(()),
    }
}

/// Gives back a grant that won't be kept. Best effort: it was never stored, so there is nothing to try again from.
pub(crate) async fn revoke_now(
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

/// Deauthorizes a connection whose grant the platform no longer honours.
pub(crate) async fn grant_lost(
    app: &App,
    connection: &Connection,
    code: &str,
    message: &str,
) -> Result<(), StoreError> {
    let id = connection.id;
    let mut change = Change::of_company(app, connection.company_id, Actor::Platform).await?;
    let now = change.now;
    let Some(mut connection) = store::connections::find_in(&mut change, id).await? else {
        return Ok(());
    };
    change.told.expired = code == "expired";
    let from = connection.status;
    let Ok(to) = status::transition(from, status::Transition::GrantLost) else {
        return Ok(());
    };
    connection.status = to;
    let attention = Some((code, message));
    if !store::connections::set_status(&mut change, id, from, to, attention).await? {
        return Ok(());
    }
    store::credentials::delete(&mut change, id).await?;
    let error = ConnectionError {
        id: new_id(now),
        connection_id: id,
        status_code: "401".into(),
        status_text: "Unauthorized".into(),
        error_message: message.to_owned(),
        errored_on: now,
        resolved_on: None,
    };
    store::connections::insert_error(&mut change, &error).await?;
    let ended = DatasetStatus::AuthError;
    store::datasets::end_running(&mut change, id, ended, message, now).await?;
    let disconnected = Event::Connection {
        connection: &connection,
        kind: EventType::ConnectionDisconnected,
        from: Some(from),
        reason: Some(message),
    };
    change.event(disconnected).await?;
    change.commit().await?;
    tracing::warn!(connection = %id, code, message, "grant lost");
    Ok(())
}
