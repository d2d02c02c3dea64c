//! A connection's life: create → authorize → finish → unlink → relink → delete.

mod callback;
mod choice;
mod grant;
mod import;
pub mod passwords;
pub mod redirects;

pub use callback::{Arrived, Callback, CallbackError, Ended, Outcome, finish, record_interrupted};
pub use choice::{Answer, Answered, Question, answer, forget_unanswered, question};
pub use import::{Import, ImportError, import};

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use connectors::{AuthorizationRequest, Integration, pkce};
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use crate::app::App;
use crate::credentials::vault::{Place, Row};
use crate::{
    credentials::{self, oauth_clients},
    data::pulling,
    events,
};
use passwords::Genuine;
use store::clock::{new_id, random_bytes};
use store::companies::Company;
use store::connections::Connection;
use store::links::Attempt;
use store::model::connection::{Change, NotAllowed, transition};
use store::model::{
    Actor, ClientId, CompanyId, ConnectionId, ConnectionStatus, EventType, JobId, JobKind,
    SourceType,
};
use store::{StoreError, Tx};

/// How long a customer may take at the platform.
const ATTEMPT_LIFETIME: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such company")]
    NoCompany,
    #[error("no integration has the key '{0}'")]
    NoIntegration(String),
    #[error("the integration '{0}' is not enabled")]
    NotEnabled(String),
    #[error("the integration '{0}' has no OAuth client configured")]
    NotConfigured(String),
    /// One accounting source per company.
    #[error("the company is already connected to {platform}")]
    SecondAccounting { platform: String },
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    #[error("the link was used before or has expired")]
    Spent,
    #[error("another change came in between")]
    Raced,
    #[error("no such connection")]
    NoConnection,
}

/// Begins a connection: PendingAuth, waiting for its customer.
pub async fn create(
    app: &App,
    client: ClientId,
    company: CompanyId,
    key: &str,
    actor: Actor,
) -> Result<Connection, LinkError> {
    let integration = app
        .catalogue
        .get(key)
        .ok_or_else(|| LinkError::NoIntegration(key.to_owned()))?;
    if !oauth_clients::is_enabled(app, client, integration).await? {
        return Err(LinkError::NotEnabled(key.to_owned()));
    }
    if store::companies::get(&app.db, client, company)
        .await?
        .is_none()
    {
        return Err(LinkError::NoCompany);
    }
    let connection = unauthorised(client, company, integration, app.clock.now());
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, company).await?;
    check_one_accounting(&mut tx, &connection).await?;
    store::connections::insert(&mut tx, &connection).await?;
    events::of_connection(
        &mut tx,
        &connection,
        EventType::ConnectionCreated,
        None,
        actor,
        None,
        connection.created,
    )
    .await?;
    tx.commit().await?;
    app.live.wake(company);
    Ok(connection)
}

/// A connection that is still to be stored, and to be authorised.
pub fn unauthorised(
    client: ClientId,
    company: CompanyId,
    integration: &Integration,
    now: DateTime<Utc>,
) -> Connection {
    Connection {
        id: ConnectionId(new_id(now)),
        client_id: client,
        company_id: company,
        integration_key: integration.key().to_owned(),
        integration_id: integration.integration_id(),
        source_id: integration.source_id(),
        source_type: source_type(integration),
        platform_name: integration.name().to_owned(),
        status: ConnectionStatus::PendingAuth,
        attention_code: None,
        attention_message: None,
        account_id: None,
        account_name: None,
        variables: None,
        info: None,
        first_authorized: None,
        last_authorized: None,
        last_sync: None,
        created: now,
        has_errors: false,
    }
}

fn source_type(integration: &Integration) -> SourceType {
    match integration.source_type() {
        connectors::SourceType::Accounting => SourceType::Accounting,
        connectors::SourceType::Banking => SourceType::Banking,
        connectors::SourceType::Commerce => SourceType::Commerce,
    }
}

/// One accounting source per company: refused while another is Linked. Leftovers in PendingAuth don't block.
async fn check_one_accounting(tx: &mut Tx, connection: &Connection) -> Result<(), LinkError> {
    if connection.source_type != SourceType::Accounting {
        return Ok(());
    }
    match store::connections::linked_accounting(tx, connection.company_id).await? {
        Some(linked) if linked.id != connection.id => Err(LinkError::SecondAccounting {
            platform: linked.platform_name,
        }),
        _ => Ok(()),
    }
}

/// What the customer's browser brings when it sets out for the platform.
pub struct Departure<'a> {
    pub connection: &'a Connection,
    pub password: &'a Genuine,
    /// The cookie's value: the callback must come from the same browser.
    pub browser: &'a str,
    /// Custom parameters of the link URL, for the redirect at the end.
    pub parameters: &'a BTreeMap<String, String>,
    /// The company's name as the customer confirmed it, where the platform's steps ask for that.
    pub confirmed_name: Option<&'a str>,
}

/// Spends the one-time password and gives the platform's address to go to, with a fresh single-use state and PKCE
/// challenge.
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
    let now = app.clock.now();
    let state = URL_SAFE_NO_PAD.encode(random_bytes::<32>());
    let state_hash = Sha256::digest(&state).to_vec();
    let verifier = integration
        .pkce()
        .then(|| pkce::Verifier::from_bytes(random_bytes()));
    let sealed = verifier.as_ref().map(|verifier| {
        app.vault
            .seal(verifier.secret(), verifier_place(connection))
    });

    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, connection.company_id).await?;
    check_one_accounting(&mut tx, connection).await?;
    if !store::links::spend_password(&mut tx, &departure.password.id, departure.password.expires)
        .await?
    {
        return Err(LinkError::Spent);
    }
    if let Some(name) = departure.confirmed_name {
        let mut info = info_of(connection);
        info.insert("confirmedCompanyName".into(), json!(name));
        store::connections::set_info(
            &mut tx,
            connection.id,
            &serde_json::Value::Object(info).to_string(),
        )
        .await?;
    }
    store::links::insert_attempt(
        &mut tx,
        &Attempt {
            state_hash,
            client_id: connection.client_id,
            company_id: connection.company_id,
            connection_id: connection.id,
            browser_hash: Sha256::digest(departure.browser).to_vec(),
            verifier: sealed.map(|sealed| sealed.0),
            parameters: json!(departure.parameters).to_string(),
            created: now,
            expires: now + ATTEMPT_LIFETIME,
            spent: None,
        },
    )
    .await?;
    tx.commit().await?;

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

fn info_of(connection: &Connection) -> serde_json::Map<String, serde_json::Value> {
    connection
        .info
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// The exact redirect URI of an integration: one each, so that no platform can pass another's code off as its own.
pub fn redirect_uri(app: &App, key: &str) -> String {
    format!("{}/oauth/{key}/callback", app.config.origin())
}

fn verifier_place(connection: &Connection) -> Place<'static> {
    Place {
        client: connection.client_id,
        row: Row::Connection(connection.id),
        field: "pkce_verifier",
    }
}

/// Withdraws the consent: no new data, the tokens shredded here and revoked there. Data already pulled stays readable.
pub async fn unlink(
    app: &App,
    connection: &Connection,
    actor: Actor,
    reason: Option<&str>,
) -> Result<Connection, LinkError> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, connection.company_id).await?;
    let mut connection = store::connections::find_in(&mut tx, connection.id)
        .await?
        .ok_or(LinkError::Raced)?;
    let from = connection.status;
    connection.status = transition(from, Change::Unlinked)?;
    if !store::connections::set_status(&mut tx, connection.id, from, connection.status, None)
        .await?
    {
        return Err(LinkError::Raced);
    }
    end_grant(app, &mut tx, &connection).await?;
    store::connections::resolve_errors(&mut tx, connection.id, now).await?;
    pulling::stop(
        &mut tx,
        &connection,
        "The connection was disconnected.",
        now,
    )
    .await?;
    let kind = EventType::ConnectionDisconnected;
    events::of_connection(&mut tx, &connection, kind, Some(from), actor, reason, now).await?;
    tx.commit().await?;
    app.work.notify_one();
    app.live.wake(connection.company_id);
    connection.attention_code = None;
    connection.attention_message = None;
    Ok(connection)
}

/// Removes a connection and everything pulled through it.
pub async fn delete(app: &App, connection: &Connection, actor: Actor) -> Result<(), LinkError> {
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, connection.company_id).await?;
    delete_in(app, &mut tx, connection, actor).await?;
    tx.commit().await?;
    app.work.notify_one();
    app.live.wake(connection.company_id);
    Ok(())
}

async fn delete_in(
    app: &App,
    tx: &mut Tx,
    connection: &Connection,
    actor: Actor,
) -> Result<(), LinkError> {
    end_grant(app, tx, connection).await?;
    let now = app.clock.now();
    let from = Some(connection.status);
    events::of_connection(
        tx,
        connection,
        EventType::ConnectionDeleted,
        from,
        actor,
        None,
        now,
    )
    .await?;
    if !store::connections::delete(tx, connection.id).await? {
        return Err(LinkError::Raced);
    }
    Ok(())
}

/// Removes a company with all its connections, revoking each.
pub async fn delete_company(app: &App, company: &Company, actor: Actor) -> Result<(), LinkError> {
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, company.id).await?;
    for connection in &store::connections::of_company_in(&mut tx, company.id).await? {
        delete_in(app, &mut tx, connection, actor).await?;
    }
    events::of_company(
        &mut tx,
        company,
        EventType::CompanyDeleted,
        actor,
        app.clock.now(),
    )
    .await?;
    if !store::companies::delete(&mut tx, company.client_id, company.id).await? {
        return Err(LinkError::NoCompany);
    }
    tx.commit().await?;
    app.work.notify_one();
    app.live.wake(company.id);
    Ok(())
}

/// Whether a grant to these businesses may be given back. Some platforms would let go of the businesses themselves, whoever
/// else is connected to them: there nobody but `own` may be.
async fn may_revoke(
    app: &App,
    tx: &mut Tx,
    key: &str,
    businesses: &[&str],
    own: ConnectionId,
) -> Result<bool, StoreError> {
    let integration = app.catalogue.get(key);
    let Some(integration) = integration.filter(|integration| integration.can_revoke()) else {
        return Ok(false);
    };
    if integration.revokes_tokens_only() {
        return Ok(true);
    }
    for business in businesses {
        if store::connections::account_is_shared(tx, own, key, business).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes the tokens out of the credential, and leaves a job that revokes them at the platform. The job carries them
/// sealed, since the row they came from is gone.
async fn end_grant(app: &App, tx: &mut Tx, connection: &Connection) -> Result<(), StoreError> {
    let now = app.clock.now();
    store::links::delete_attempts(tx, connection.id).await?;
    choice::forget(app, tx, connection).await?;
    let revocable = may_revoke(
        app,
        tx,
        &connection.integration_key,
        connection.account_id.as_deref().as_slice(),
        connection.id,
    )
    .await?;
    if let Some(credential) = store::credentials::take(tx, connection.id).await?
        && revocable
    {
        let payload = credentials::revocation(connection, &credential);
        let (id, subject) = (JobId(new_id(now)), connection.id.0);
        store::jobs::insert(tx, id, JobKind::Revoke, subject, &payload, now, now).await?;
    }
    Ok(())
}

/// Where a customer goes to connect, with a fresh one-time password.
pub fn link_url(app: &App, connection: &Connection) -> String {
    link_url_of(app, connection.company_id, connection.id)
}

/// The same by the connection's ids: for what tells of it after it is gone.
pub fn link_url_of(app: &App, company: CompanyId, connection: ConnectionId) -> String {
    let password = passwords::issue(
        &app.vault,
        passwords::Purpose::Connection,
        connection.0,
        "",
        app.clock.now(),
    );
    format!(
        "{}/companies/{company}/connections/{connection}/start?otp={password}",
        app.config.origin()
    )
}

/// The hosted overview of a company, with a fresh one-time password.
pub fn company_url(app: &App, company: CompanyId) -> String {
    let password = passwords::issue(
        &app.vault,
        passwords::Purpose::Company,
        company.0,
        "",
        app.clock.now(),
    );
    format!(
        "{}/company/{company}?link.otp={password}",
        app.config.origin()
    )
}
