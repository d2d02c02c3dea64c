//! Pulls that are due by the clock.

use connectors::DataType;
use uuid::Uuid;

use super::queue::{Batch, Cause, queue_types};
use super::settings;
use crate::app::App;
use crate::change::Change;
use store::StoreError;
use store::clock::new_id;
use store::connections::Connection;
use store::model::{Actor, SyncSettings};

/// Connections that are looked at together.
const PAGE: i64 = 200;

/// Queues every type that is due by the schedule which holds for its company; `hours` is the installation's, for companies
/// that have none set. Returns the number of datasets queued.
pub async fn queue_due(app: &App, hours: u32) -> Result<usize, StoreError> {
    let Some(mut many) = settings::OfMany::with_schedules(app, hours).await? else {
        return Ok(0);
    };
    let mut queued = 0;
    let mut after = Uuid::nil();
    loop {
        let connections = store::connections::linked_after(&app.db, after, PAGE).await?;
        let Some(last) = connections.last() else {
            return Ok(queued);
        };
        after = last.id.0;
        many.read(app, &connections).await?;
        for connection in &connections {
            queued += queue_due_of(app, connection, &many.of(connection)).await?;
        }
    }
}

async fn queue_due_of(
    app: &App,
    connection: &Connection,
    settings: &SyncSettings,
) -> Result<usize, StoreError> {
    let Some(integration) = app.catalogue.get(&connection.integration_key) else {
        return Ok(0);
    };
    if !settings.has_schedule() {
        return Ok(0);
    }
    let now = app.clock.now();
    let pulls = store::datasets::last_pulls(&app.db, connection.id).await?;
    // A type that was never pulled is due a whole interval after the authorisation.
    let linked = connection.last_authorized.unwrap_or(connection.created);
    let is_due = |data_type: &DataType| {
        let last = pulls
            .iter()
            .find(|pull| pull.data_type == data_type.as_str());
        let since = last.map_or(linked, |pull| pull.requested);
        last.is_none_or(|pull| pull.running == 0)
            && settings
                .of(*data_type)
                .due_after(since)
                .is_some_and(|due| due <= now)
    };
    let types: Vec<DataType> = integration
        .data()
        .iter()
        .map(|support| support.data_type)
        .filter(is_due)
        .collect();
    if types.is_empty() {
        return Ok(0);
    }
    let mut change = Change::of_company(app, connection.company_id, Actor::Moorline).await?;
    let batch = Batch {
        id: new_id(change.now),
        settings,
        cause: Cause::Schedule,
    };
    let queued = queue_types(&mut change, connection, integration, types, batch).await?;
    change.commit().await?;
    Ok(queued)
}
