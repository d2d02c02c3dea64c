//! A connection begins: PendingAuth, waiting for its customer.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use connectors::Integration;

use super::LinkError;
use super::grant::one_accounting;
use crate::app::App;
use crate::change::Change;
use crate::credentials::oauth_clients;
use crate::events::Event;
use store::StoreError;
use store::clock::new_id;
use store::connections::Connection;
use store::model::{
    Actor, ClientId, CompanyId, ConnectionId, ConnectionStatus, EventType, SourceType,
};

/// Makes a connection of a company to the integration `key`, which the client has enabled.
///
/// # Errors
/// The company or the integration isn't there or not enabled, or the company has its accounting source already.
pub async fn create(
    app: &App,
    client: ClientId,
    company: CompanyId,
    key: &str,
    actor: Actor,
) -> Result<Connection, LinkError> {
    let integration = enabled(app, client, key).await?;
    if store::companies::get(&app.db, client, company)
        .await?
        .is_none()
    {
        return Err(LinkError::NoCompany);
    }
    let mut change = Change::of_company(app, company, actor).await?;
    let connection = unauthorised(client, company, integration, change.now);
    insert(&mut change, &connection).await?;
    change.commit().await?;
    Ok(connection)
}

/// The company's connection to the integration `key` that still waits for its customer.
///
/// # Errors
/// The database can't be read.
pub async fn begun(
    app: &App,
    company: CompanyId,
    key: &str,
) -> Result<Option<Connection>, StoreError> {
    let connections = store::connections::of_companies(&app.db, &[company]).await?;
    Ok(connections.into_iter().find(|connection| {
        connection.integration_key == key && connection.status == ConnectionStatus::PendingAuth
    }))
}

/// The platforms that the client's customers can connect: enabled, and with an OAuth client if a sign-in is the only way.
///
/// # Errors
/// The database can't be read.
pub async fn offered(app: &App, client: ClientId) -> Result<BTreeSet<String>, StoreError> {
    let settings = store::integrations::list(&app.db, client).await?;
    // Customers of some platforms type their access, and some platforms call: neither has an OAuth client.
    let needs_none = |key: &str| {
        let known = app.catalogue.get(key);
        known.is_some_and(|known| !known.ways().is_empty() || known.machine().is_some())
    };
    let ready = settings.into_iter().filter(|setting| {
        setting.enabled && (setting.oauth_client_id.is_some() || needs_none(&setting.key))
    });
    Ok(ready.map(|setting| setting.key).collect())
}

/// The integration `key`, if the client has enabled it.
pub(super) async fn enabled<'a>(
    app: &'a App,
    client: ClientId,
    key: &str,
) -> Result<&'a Integration, LinkError> {
    let integration = app.catalogue.get(key);
    let integration = integration.ok_or_else(|| LinkError::NoIntegration(key.to_owned()))?;
    if oauth_clients::is_enabled(app, client, integration).await? {
        Ok(integration)
    } else {
        Err(LinkError::NotEnabled(key.to_owned()))
    }
}

/// Stores a connection that was made just now, with its event.
pub(super) async fn insert(
    change: &mut Change<'_>,
    connection: &Connection,
) -> Result<(), LinkError> {
    one_accounting(change, connection).await?;
    store::connections::insert(change, connection).await?;
    let created = Event::Connection {
        connection,
        kind: EventType::ConnectionCreated,
        from: None,
        reason: None,
    };
    Ok(change.event(created).await?)
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
        needs_consent: false,
    }
}

fn source_type(integration: &Integration) -> SourceType {
    match integration.source_type() {
        connectors::SourceType::Accounting => SourceType::Accounting,
        connectors::SourceType::Banking => SourceType::Banking,
        connectors::SourceType::Commerce => SourceType::Commerce,
    }
}
