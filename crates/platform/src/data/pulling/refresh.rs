//! Pulls that a client asks for.

use connectors::DataType;

use super::queue::{self, Batch, Cause, QueueError};
use super::settings;
use crate::app::App;
use crate::change::Change;
use store::StoreError;
use store::clock::new_id;
use store::connections::Connection;
use store::datasets::Dataset;
use store::model::{Actor, ClientId, CompanyId, ConnectionId, ConnectionStatus, SourceType};

/// Why nothing was queued.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error("the company has no connection {0}")]
    NoConnection(ConnectionId),
    #[error("Only a Linked connection can be refreshed; this one is {0}.")]
    NotLinked(ConnectionStatus),
    #[error("The company has no Linked connection of the kind that has {0}.")]
    NothingLinked(DataType),
    #[error("The integration is no longer installed.")]
    NotInstalled,
}

async fn linked(app: &App, company: CompanyId) -> Result<Vec<Connection>, StoreError> {
    let mut connections = store::connections::of_companies(&app.db, &[company]).await?;
    connections.retain(|connection| connection.status == ConnectionStatus::Linked);
    Ok(connections)
}

/// Queues every type that is fetched on first link, on every Linked connection; pulls that run already are left to run. Returns the
/// number of those connections.
pub async fn refresh_all(
    app: &App,
    client: ClientId,
    company: CompanyId,
) -> Result<usize, StoreError> {
    let linked = linked(app, company).await?;
    let mut change = Change::of_company(app, company, Actor::Client).await?;
    let settings = settings::of_company_in(&mut change, client, company).await?;
    let batch = Batch {
        id: new_id(change.now),
        settings: &settings,
        cause: Cause::Request,
    };
    for connection in &linked {
        if let Some(integration) = app.catalogue.get(&connection.integration_key) {
            queue::queue_all(&mut change, connection, integration, batch).await?;
        }
    }
    change.commit().await?;
    Ok(linked.len())
}

/// Queues one type on the Linked connections of its kind, or on the one that is named. Returns the first's dataset.
pub async fn refresh_one(
    app: &App,
    client: ClientId,
    company: CompanyId,
    data_type: DataType,
    named: Option<ConnectionId>,
) -> Result<Dataset, RefreshError> {
    let mut linked = linked(app, company).await?;
    match named {
        Some(id) => {
            linked.retain(|connection| connection.id == id);
            if linked.is_empty() {
                let known = store::connections::get(&app.db, client, company, id).await?;
                let known = known.ok_or(RefreshError::NoConnection(id))?;
                return Err(RefreshError::NotLinked(known.status));
            }
        }
        None => linked.retain(|connection| has_kind_of(connection, data_type)),
    }
    if linked.is_empty() {
        return Err(RefreshError::NothingLinked(data_type));
    }
    let mut first = None;
    let mut change = Change::of_company(app, company, Actor::Client).await?;
    let settings = settings::of_company_in(&mut change, client, company).await?;
    let batch = Batch {
        id: new_id(change.now),
        settings: &settings,
        cause: Cause::Request,
    };
    for connection in &linked {
        if let Some(integration) = app.catalogue.get(&connection.integration_key) {
            let queued =
                queue::queue(&mut change, connection, integration, data_type, batch).await?;
            first.get_or_insert(queued);
        }
    }
    change.commit().await?;
    first.ok_or(RefreshError::NotInstalled)
}

fn has_kind_of(connection: &Connection, data_type: DataType) -> bool {
    connection.source_type.as_str() == data_type.source_type().as_str()
        && connection.source_type != SourceType::Unknown
}

/// Queues a data type of the client's own on a connection.
pub async fn refresh_custom(
    app: &App,
    connection: &Connection,
    name: &str,
) -> Result<Dataset, RefreshError> {
    if connection.status != ConnectionStatus::Linked {
        return Err(RefreshError::NotLinked(connection.status));
    }
    let mut change = Change::of_company(app, connection.company_id, Actor::Client).await?;
    let dataset = queue::queue_custom(&mut change, connection, name).await?;
    change.commit().await?;
    Ok(dataset)
}
