//! A customer sets out for the platform: the one-time password is spent, a single-use state stored.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{AuthorizationRequest, ClientCredentials, Integration, pkce};
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use super::grant::{info_of, one_accounting};
use super::{LinkError, Stage, steps};
use crate::access::links::passwords::Genuine;
use crate::access::links::redirect_uri;
use crate::app::App;
use crate::change::Change;
use crate::companies::funnel::{self, Step};
use crate::consents;
use crate::credentials::oauth_clients;
use crate::credentials::vault::openings::Purpose;
use crate::credentials::vault::{Place, Row, Sealed};
use crate::disclosure::{Agreed, Disclosure};
use store::StoreError;
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
    /// The disclosure as the customer was shown it, and agrees to by setting out; none of a customer who leaves.
    pub disclosure: Option<&'a Disclosure>,
}

/// Spends the one-time password and gives the platform's address to go to, with a single-use state and PKCE challenge. A
/// browser that has set out by the same link before is sent there again, or to the end that its way came to.
///
/// # Errors
/// Another browser spent the password, the integration has no OAuth client, or the company has its accounting source already.
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
    let state = steps::state(app, departure.password, departure.browser);
    let (verifier, sealed) = new_verifier(app, integration, connection);

    let begun = begin_with(app, departure, &state, sealed).await?;
    if begun.is_none() {
        return set_out_again(app, integration, &credentials, departure).await;
    }
    authorization_url(
        app,
        integration,
        &credentials,
        &state,
        departure
            .disclosure
            .map_or(integration.scopes(), |told| &told.scopes),
        verifier.as_ref(),
    )
}

/// A PKCE verifier, in clear and sealed, if the platform's sign-in takes one.
pub(super) fn new_verifier(
    app: &App,
    integration: &Integration,
    connection: &Connection,
) -> (Option<pkce::Verifier>, Option<Vec<u8>>) {
    let wanted = integration.signs_in() && integration.pkce();
    let verifier = wanted.then(|| pkce::Verifier::from_bytes(random_bytes()));
    let sealed = verifier.as_ref().map(|verifier| {
        let sealed = app
            .vault
            .seal(verifier.secret(), verifier_place(connection));
        sealed.0
    });
    (verifier, sealed)
}

/// The way of a browser that presents something by a link.
pub(super) enum Begun {
    Attempt(Box<Attempt>),
    /// Its way has ended: the address that shows the end.
    Ended(String),
}

/// Spends the one-time password and begins an attempt, or goes on with the one that this browser began. What the customer agreed to
/// last is what counts.
///
/// # Errors
/// Another browser spent the password, or the company has its accounting source already.
pub(super) async fn begin(
    app: &App,
    departure: &Departure<'_>,
    state: &str,
    verifier: Option<Vec<u8>>,
) -> Result<Begun, LinkError> {
    let (connection, password) = (departure.connection, departure.password);
    if let Some(attempt) = begin_with(app, departure, state, verifier).await? {
        return Ok(Begun::Attempt(Box::new(attempt)));
    }
    match steps::stage(app, connection, password, Some(departure.browser)).await? {
        Stage::Ended(address) => return Ok(Begun::Ended(address)),
        Stage::UnderWay => {}
        Stage::Unused | Stage::Over | Stage::Taken => return Err(LinkError::Spent),
    }
    let mut change = Change::of_company(app, connection.company_id, Actor::Customer).await?;
    let attempt = attempt_of(departure, state, None, change.now);
    let goes_on = store::links::retell_attempt(&mut change, &attempt).await?;
    if !goes_on {
        return Err(LinkError::Raced);
    }
    consents::note(&mut change, &attempt).await?;
    change.commit().await?;
    Ok(Begun::Attempt(Box::new(attempt)))
}

/// The attempt that begins; none if the password was used before.
async fn begin_with(
    app: &App,
    departure: &Departure<'_>,
    state: &str,
    verifier: Option<Vec<u8>>,
) -> Result<Option<Attempt>, LinkError> {
    let (connection, password) = (departure.connection, departure.password);
    let mut change = Change::of_company(app, connection.company_id, Actor::Customer).await?;
    one_accounting(&mut change, connection).await?;
    let spending = steps::use_of(password, departure.browser, Some(connection.id), None);
    if !store::links::spend_password(&mut change, &spending).await? {
        return Ok(None);
    }
    if let Some(name) = departure.confirmed_name {
        let mut info = info_of(connection);
        info.insert("confirmedCompanyName".into(), json!(name));
        let info = serde_json::Value::Object(info).to_string();
        store::connections::set_info(&mut change, connection.id, &info).await?;
    }
    let attempt = attempt_of(departure, state, verifier, change.now);
    store::links::insert_attempt(&mut change, &attempt).await?;
    funnel::reach(&mut change, connection, Step::Began).await?;
    consents::note(&mut change, &attempt).await?;
    change.commit().await?;
    Ok(Some(attempt))
}

fn attempt_of(
    departure: &Departure<'_>,
    state: &str,
    verifier: Option<Vec<u8>>,
    now: DateTime<Utc>,
) -> Attempt {
    let connection = departure.connection;
    Attempt {
        state_hash: Sha256::digest(state).to_vec(),
        client_id: connection.client_id,
        company_id: connection.company_id,
        connection_id: connection.id,
        browser_hash: Sha256::digest(departure.browser).to_vec(),
        verifier,
        parameters: json!(departure.parameters).to_string(),
        disclosure: departure.disclosure.map(Disclosure::to_text),
        created: now,
        expires: now + ATTEMPT_LIFETIME,
        spent: None,
        held: None,
        held_until: None,
    }
}

/// Sends a browser that has set out before on its way once more: with the same state, as long as that is unspent.
async fn set_out_again(
    app: &App,
    integration: &Integration,
    credentials: &ClientCredentials,
    departure: &Departure<'_>,
) -> Result<Url, LinkError> {
    let (connection, password) = (departure.connection, departure.password);
    match steps::stage(app, connection, password, Some(departure.browser)).await? {
        Stage::Ended(address) => return Url::parse(&address).map_err(|_| LinkError::Spent),
        Stage::UnderWay => {}
        Stage::Unused | Stage::Over | Stage::Taken => return Err(LinkError::Spent),
    }
    let state = steps::state(app, password, departure.browser);
    let state_hash = Sha256::digest(&state).to_vec();
    let mut change = Change::of_company(app, connection.company_id, Actor::Customer).await?;
    let renewed = if departure.disclosure.is_some() {
        // It was read and agreed to just now, perhaps for another way of giving access.
        let attempt = attempt_of(departure, &state, None, change.now);
        let renewed = store::links::retell_attempt(&mut change, &attempt).await?;
        if renewed {
            consents::note(&mut change, &attempt).await?;
        }
        renewed
    } else {
        let expires = change.now + ATTEMPT_LIFETIME;
        store::links::renew_attempt(&mut change, &state_hash, expires).await?
    };
    change.commit().await?;
    let attempt = store::links::attempt(&app.db, &state_hash).await?;
    let (told, sealed) = attempt.map_or((None, None), |attempt| {
        (attempt.disclosure, attempt.verifier)
    });
    // As it was agreed to, whatever the settings say by now.
    let told = told.map(|told| serde_json::from_str::<Agreed>(&told));
    let told = told.transpose();
    let told = told.map_err(|error| StoreError::Corrupt(format!("a disclosure: {error}")))?;
    let scopes = told.map_or_else(|| integration.scopes().to_vec(), |told| told.scopes);
    let verifier = match sealed.filter(|_| renewed) {
        Some(sealed) => {
            let secret = app
                .vault
                .open_sealed(&Sealed(sealed), verifier_place(connection), Purpose::Link)
                .await
                .map_err(|error| StoreError::Corrupt(error.to_string()))?;
            Some(pkce::Verifier::from_secret(secret))
        }
        None if integration.pkce() || !renewed => return Err(LinkError::Raced),
        None => None,
    };
    authorization_url(
        app,
        integration,
        credentials,
        &state,
        &scopes,
        verifier.as_ref(),
    )
}

fn authorization_url(
    app: &App,
    integration: &Integration,
    credentials: &ClientCredentials,
    state: &str,
    scopes: &[String],
    verifier: Option<&pkce::Verifier>,
) -> Result<Url, LinkError> {
    let challenge = verifier.map(pkce::Verifier::challenge);
    let request = AuthorizationRequest {
        redirect_uri: &redirect_uri(app, integration.key()),
        state,
        scopes,
        code_challenge: challenge.as_deref(),
        nonce: None,
    };
    let url = integration.authorization_url(credentials, &request);
    url.ok_or_else(|| LinkError::NotConfigured(integration.key().to_owned()))
}

pub(super) fn verifier_place(connection: &Connection) -> Place<'static> {
    Place {
        client: connection.client_id,
        row: Row::Connection(connection.id),
        field: "pkce_verifier",
    }
}
