//! A dataset's life: queued → fetching → mapping → processing → complete.

mod pull;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{DataType, Integration};
use uuid::Uuid;

use crate::app::App;
use crate::clock::new_id;
use crate::events;
use crate::model::{ConnectionId, DatasetId, DatasetStatus, JobId, JobKind};
use crate::store::connections::Connection;
use crate::store::datasets::Dataset;
use crate::store::{self, StoreError, Tx};
use crate::tokens::TokenError;
use pull::Pull;

/// A pull that asks only for changes can't notice what vanished; so this often everything is asked for.
const WHOLE_EVERY: TimeDelta = TimeDelta::days(7);
/// Clocks differ: a record changed just before the last pull began may carry an earlier time.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);

#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The previous one still runs.
    #[error("a pull of {data_type} is still in progress")]
    InProgress {
        data_type: DataType,
        dataset: DatasetId,
    },
}

/// Why data is pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The customer has just authorised.
    FirstLink,
    /// Somebody asked.
    Request,
    Schedule,
}

/// Queues everything that is fetched on first link: every type the platform offers.
pub async fn queue_first(
    app: &App,
    tx: &mut Tx,
    connection: &Connection,
    integration: &Integration,
) -> Result<(), StoreError> {
    let batch = new_id(app.clock.now());
    for support in integration.data() {
        match queue(
            app,
            tx,
            connection,
            integration,
            support.data_type,
            Cause::FirstLink,
            batch,
        )
        .await
        {
            Ok(_) | Err(QueueError::InProgress { .. }) => {}
            Err(QueueError::Store(error)) => return Err(error),
        }
    }
    Ok(())
}

/// Queues one data type through the caller's transaction. A type that the platform lacks ends at once as NotSupported.
pub async fn queue(
    app: &App,
    tx: &mut Tx,
    connection: &Connection,
    integration: &Integration,
    data_type: DataType,
    cause: Cause,
    batch: Uuid,
) -> Result<Dataset, QueueError> {
    let now = app.clock.now();
    if let Some(running) = store::datasets::running(tx, connection.id, data_type.as_str()).await? {
        return Err(QueueError::InProgress {
            data_type,
            dataset: running.id,
        });
    }
    let supported = integration.supports(data_type);
    let since = match cause {
        Cause::Schedule => since(tx, connection, integration, data_type, now).await?,
        Cause::FirstLink | Cause::Request => None,
    };
    let dataset = Dataset {
        id: DatasetId(new_id(now)),
        client_id: connection.client_id,
        company_id: connection.company_id,
        connection_id: connection.id,
        data_type: data_type.as_str().to_owned(),
        batch_id: batch,
        initial: cause == Cause::FirstLink,
        status: if supported {
            DatasetStatus::Queued
        } else {
            DatasetStatus::NotSupported
        },
        status_description: None,
        error_message: (!supported)
            .then(|| format!("{} does not offer {data_type}.", connection.platform_name)),
        progress: if supported { 0 } else { 100 },
        requested: now,
        completed: (!supported).then_some(now),
        since,
        next_page: None,
        pages: 0,
        records: 0,
        modified: 0,
    };
    store::datasets::insert(tx, &dataset).await?;
    if supported {
        let (id, subject) = (JobId(new_id(now)), dataset.id.0);
        store::jobs::insert(tx, id, JobKind::Sync, subject, "{}", now, now).await?;
    }
    Ok(dataset)
}

/// From when on changes are asked for; none where everything must be.
async fn since(
    tx: &mut Tx,
    connection: &Connection,
    integration: &Integration,
    data_type: DataType,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let incremental = integration
        .data()
        .iter()
        .any(|support| support.data_type == data_type && support.incremental);
    if !incremental {
        return Ok(None);
    }
    let whole = store::datasets::last_success(tx, connection.id, data_type.as_str(), true).await?;
    if whole.is_none_or(|whole| whole.requested < now - WHOLE_EVERY) {
        return Ok(None);
    }
    let last = store::datasets::last_success(tx, connection.id, data_type.as_str(), false).await?;
    Ok(last.map(|last| last.requested - OVERLAP))
}

/// Ends what runs for a connection that was disconnected.
pub async fn stop(
    tx: &mut Tx,
    connection: &Connection,
    message: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    store::datasets::end_running(tx, connection.id, DatasetStatus::Cancelled, message, now).await?;
    Ok(())
}

/// How a job's turn ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    Done,
    /// To be taken up again later. `fresh` when this turn got somewhere, so that earlier tries no longer count.
    Again {
        after: Duration,
        fresh: bool,
        reason: String,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Token(TokenError),
    #[error("mapping stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Pulls a dataset from where it stands to its end, or to a pause. `attempt` counts turns that got nowhere, from 1.
pub async fn run(app: &App, id: DatasetId, attempt: i64) -> Result<Turn, SyncError> {
    let Some(dataset) = store::datasets::find(&app.db, id).await? else {
        return Ok(Turn::Done);
    };
    if dataset.completed.is_some() {
        return Ok(Turn::Done);
    }
    let Some(connection) = store::connections::find(&app.db, dataset.connection_id).await? else {
        return Ok(Turn::Done);
    };
    let data_type: Option<DataType> = dataset.data_type.parse().ok();
    let integration = app.catalogue.get(&connection.integration_key);
    let mut pull = match (data_type, integration) {
        (Some(data_type), Some(integration)) => Pull::new(
            app,
            Arc::clone(integration),
            connection,
            data_type,
            dataset,
            attempt,
        ),
        _ => {
            let message = "The integration is no longer installed.";
            end(
                app,
                dataset,
                DatasetStatus::InternalError,
                Some(message.into()),
            )
            .await?;
            return Ok(Turn::Done);
        }
    };
    pull.run().await
}

async fn end(
    app: &App,
    mut dataset: Dataset,
    status: DatasetStatus,
    message: Option<String>,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    tracing::warn!(dataset = %dataset.id, connection = %dataset.connection_id, data_type = dataset.data_type, %status, message, "dataset ended");
    dataset.status = status;
    dataset.status_description = None;
    dataset.error_message = message;
    dataset.completed = Some(now);
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, dataset.company_id).await?;
    if store::datasets::update(&mut tx, &dataset).await? {
        announce_batch(&mut tx, &dataset, now).await?;
        tx.commit().await?;
    }
    app.live.wake(dataset.company_id);
    Ok(())
}

/// Gives a dataset up whose job failed in a way that nobody foresaw.
pub async fn give_up(app: &App, id: DatasetId, message: &str) -> Result<(), StoreError> {
    match store::datasets::find(&app.db, id).await? {
        Some(dataset) if dataset.completed.is_none() => {
            end(
                app,
                dataset,
                DatasetStatus::InternalError,
                Some(message.to_owned()),
            )
            .await
        }
        _ => Ok(()),
    }
}

/// When the last of a batch has ended, says so once. The caller holds the company's lock: two that end at once must not both
/// see the other unfinished.
async fn announce_batch(
    tx: &mut Tx,
    dataset: &Dataset,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let batch = store::datasets::of_batch(tx, dataset.batch_id).await?;
    if batch.iter().all(|dataset| dataset.completed.is_some()) {
        events::of_batch(tx, &batch, now).await?;
    }
    Ok(())
}

/// Queues every type whose last pull was asked for `hours` ago or earlier; 0 means that there is no schedule. Returns how
/// many datasets were queued.
pub async fn queue_due(app: &App, hours: u32) -> Result<usize, StoreError> {
    if hours == 0 {
        return Ok(0);
    }
    let due = app.clock.now() - TimeDelta::hours(i64::from(hours));
    let mut queued = 0;
    let mut after = Uuid::nil();
    loop {
        let connections = store::connections::linked_after(&app.db, after, 200).await?;
        let Some(last) = connections.last() else {
            return Ok(queued);
        };
        after = last.id.0;
        for connection in &connections {
            queued += queue_due_of(app, connection.id, connection, due).await?;
        }
    }
}

async fn queue_due_of(
    app: &App,
    id: ConnectionId,
    connection: &Connection,
    due: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let Some(integration) = app.catalogue.get(&connection.integration_key) else {
        return Ok(0);
    };
    let pulls = store::datasets::last_pulls(&app.db, id).await?;
    let is_due = |data_type: DataType| {
        let last = pulls
            .iter()
            .find(|pull| pull.data_type == data_type.as_str());
        last.is_none_or(|pull| pull.running == 0 && pull.requested <= due)
    };
    let types: Vec<DataType> = integration
        .data()
        .iter()
        .map(|support| support.data_type)
        .filter(|data_type| is_due(*data_type))
        .collect();
    if types.is_empty() {
        return Ok(0);
    }
    let batch = new_id(app.clock.now());
    let mut queued = 0;
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, connection.company_id).await?;
    for data_type in types {
        match queue(
            app,
            &mut tx,
            connection,
            integration,
            data_type,
            Cause::Schedule,
            batch,
        )
        .await
        {
            Ok(_) => queued += 1,
            Err(QueueError::InProgress { .. }) => {}
            Err(QueueError::Store(error)) => return Err(error),
        }
    }
    tx.commit().await?;
    app.work.notify_one();
    Ok(queued)
}
