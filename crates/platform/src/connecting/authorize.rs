//! A customer sets out for the platform: the one-time password is spent, a single-use state stored.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use connectors::{AuthorizationRequest, pkce};
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use super::grant::{info_of, one_accounting};
use super::passwords::Genuine;
use super::{LinkError, redirect_uri};
use crate::app::App;
use crate::change::Change;
use crate::credentials::oauth_clients;
use crate::credentials::vault::{Place, Row};
use store::clock::random_bytes;
use store::connections::Connection;
use store::links::Attempt;
use store::model::Actor;

/// The time that a customer may take at the platform.
const ATTEMPT_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Everything that the customer's browser brings to the step to the platform.
pub struct Departure<'a> {
    pub connection: &'a Connection,
    pub password: &'a Genuine,
    /// The cookie's value: the callback must come from the same browser.
    pub browser: &'a str,
    /// Custom parameters of the link URL, for the redirect at the end.
    pub parameters: &'a BTreeMap<String, String>,
    /// The company's name as the customer confirmed it, if the platform's steps ask for that.
    pub confirmed_name: Option<&'a str>,
}

/// Spends the one-time password and gives the platform's address to go to, with a fresh single-use state and PKCE
/// challenge.
///
/// # Errors
/// The password was spent, the integration has no OAuth client, or the company has its accounting source already.
pub async fn authorize(app: &App, departure: &Departure<'_>) -> Result<Url, LinkError> {
    let connection = departure.connection;
    let key = &connection.integration_key;
    let integration = app
        .catalogue
        .get(key)
        .ok_or_else(|| LinkError::NoIntegration(key.clone()))?;
    let credentials = oauth_clients::credentials(app, connection.client_id, integration)
        .await?
        .ok_or_else(|| LinkError::NotConfigured(key.clone()))?;
    let state = URL_SAFE_NO_PAD.encode(random_bytes::<32>());
    let state_hash = Sha256::digest(&state).to_vec();
    let verifier = integration
        .pkce()
        .then(|| pkce::Verifier::from_bytes(random_bytes()));
    let sealed = verifier.as_ref().map(|verifier| {
        app.vault
            .seal(verifier.secret(), verifier_place(connection))
    });

    let mut change = Change::of_company(app, connection.company_id, Actor::Customer).await?;
    one_accounting(&mut change, connection).await?;
    let password = departure.password;
    if !store::links::spend_password(&mut change, &password.id, password.expires).await? {
        return Err(LinkError::Spent);
    }
    if let Some(name) = departure.confirmed_name {
        let mut info = info_of(connection);
        info.insert("confirmedCompanyName".into(), json!(name));
        let info = serde_json::Value::Object(info).to_string();
        store::connections::set_info(&mut change, connection.id, &info).await?;
    }
    let created = change.now;
    let attempt = Attempt {
        state_hash,
        client_id: connection.client_id,
        company_id: connection.company_id,
        connection_id: connection.id,
        browser_hash: Sha256::digest(departure.browser).to_vec(),
        verifier: sealed.map(|sealed| sealed.0),
        parameters: json!(departure.parameters).to_string(),
        created,
        expires: created + ATTEMPT_LIFETIME,
        spent: None,
    };
    store::links::insert_attempt(&mut change, &attempt).await?;
    change.commit().await?;

    let challenge = verifier.as_ref().map(pkce::Verifier::challenge);
    Ok(integration.authorization_url(
        &credentials,
        &AuthorizationRequest {
            redirect_uri: &redirect_uri(app, key),
            state: &state,
            code_challenge: challenge.as_deref(),
            nonce: None,
        },
    ))
}

pub(super) fn verifier_place(connection: &Connection) -> Place<'static> {
    Place {
        client: connection.client_id,
        row: Row::Connection(connection.id),
        field: "pkce_verifier",
    }
}
