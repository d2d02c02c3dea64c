//! A connection begins: PendingAuth, waiting for its customer.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use connectors::Integration;
use uuid::Uuid;

use super::LinkError;
use super::grant::one_accounting;
use crate::app::App;
use crate::change::Change;
use crate::companies::funnel::{self, Step};
use crate::credentials::oauth_clients;
use crate::data::files::sources::{Source, source};
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
    let origin = origin(app, client, key).await?;
    if store::companies::get(&app.db, client, company)
        .await?
        .is_none()
    {
        return Err(LinkError::NoCompany);
    }
    let mut change = Change::of_company(app, company, actor).await?;
    let connection = origin.unauthorised(client, company, change.now);
    insert(&mut change, &connection).await?;
    if actor == Actor::Customer {
        funnel::reach(&mut change, &connection, Step::Chose).await?;
    }
    change.commit().await?;
    Ok(connection)
}

/// The company's connection to the integration `key` that still waits for its customer; of a source of files, the one that there is,
/// to which more can be uploaded.
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
        let waits = connection.status == ConnectionStatus::PendingAuth || source(key).is_some();
        connection.integration_key == key && waits
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
        let is_reached =
            |known: &Arc<Integration>| !known.ways().is_empty() || known.machine().is_some();
        source(key).is_some() || known.is_some_and(is_reached)
    };
    let ready = settings.into_iter().filter(|setting| {
        setting.enabled && (setting.oauth_client_id.is_some() || needs_none(&setting.key))
    });
    Ok(ready.map(|setting| setting.key).collect())
}

/// The far end of a new connection.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    Platform(&'a Integration),
    Files(&'static Source),
}

impl Origin<'_> {
    /// A connection that is still to be stored.
    pub(super) fn unauthorised(
        &self,
        client: ClientId,
        company: CompanyId,
        now: DateTime<Utc>,
    ) -> Connection {
        match self {
            Self::Platform(integration) => unauthorised(client, company, integration, now),
            Self::Files(source) => Connection {
                integration_key: source.key.to_owned(),
                integration_id: source.integration_id,
                source_id: source.source_id,
                source_type: SourceType::Other,
                platform_name: source.name.to_owned(),
                ..blank(client, company, now)
            },
        }
    }
}

/// The integration `key`, if the client has enabled it.
pub(super) async fn origin<'a>(
    app: &'a App,
    client: ClientId,
    key: &str,
) -> Result<Origin<'a>, LinkError> {
    let platform = app.catalogue.get(key);
    let platform = platform.map(|integration| Origin::Platform(integration));
    let origin = platform
        .or_else(|| source(key).map(Origin::Files))
        .ok_or_else(|| LinkError::NoIntegration(key.to_owned()))?;
    if oauth_clients::is_enabled(app, client, key).await? {
        Ok(origin)
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
        integration_key: integration.key().to_owned(),
        integration_id: integration.integration_id(),
        source_id: integration.source_id(),
        source_type: source_type(integration),
        platform_name: integration.name().to_owned(),
        ..blank(client, company, now)
    }
}

/// A connection that leads nowhere yet.
fn blank(client: ClientId, company: CompanyId, now: DateTime<Utc>) -> Connection {
    Connection {
        id: ConnectionId(new_id(now)),
        client_id: client,
        company_id: company,
        integration_key: String::new(),
        integration_id: Uuid::nil(),
        source_id: Uuid::nil(),
        source_type: SourceType::Unknown,
        platform_name: String::new(),
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
        shared_grant: None,
    }
}

fn source_type(integration: &Integration) -> SourceType {
    match integration.source_type() {
        connectors::SourceType::Accounting => SourceType::Accounting,
        connectors::SourceType::Banking => SourceType::Banking,
        connectors::SourceType::Commerce => SourceType::Commerce,
    }
}
