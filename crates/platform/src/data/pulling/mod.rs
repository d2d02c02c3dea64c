//! A dataset's life: queued → fetching → mapping → processing → complete.

mod pull;
pub mod settings;
mod validation;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{DataType, Integration};
use uuid::Uuid;

use crate::app::App;
use crate::credentials::TokenError;
use crate::events;
use pull::{Pull, Wanted};
use store::clock::new_id;
use store::connections::Connection;
use store::data_config::{self, DataConfigKind};
use store::datasets::Dataset;
use store::model::{DatasetId, DatasetStatus, JobId, JobKind, SyncSettings};
use store::{StoreError, Tx};

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
        /// Its key, or `custom/` and the client's own name.
        data_type: String,
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

/// Queues everything that is fetched on first link: every type that the platform offers, but for those that are set not to be.
pub async fn queue_first(
    app: &App,
    tx: &mut Tx,
    connection: &Connection,
    integration: &Integration,
) -> Result<(), StoreError> {
    let batch = new_id(app.clock.now());
    queue_all_of(app, tx, connection, integration, Cause::FirstLink, batch).await?;
    Ok(())
}

/// The same types, for a reason and a batch of the caller's. What runs already is left to run.
pub async fn queue_all_of(
    app: &App,
    tx: &mut Tx,
    connection: &Connection,
    integration: &Integration,
    cause: Cause,
    batch: Uuid,
) -> Result<usize, StoreError> {
    let settings =
        settings::of_company_in(app, tx, connection.client_id, connection.company_id).await?;
    let types: Vec<DataType> = integration
        .data()
        .iter()
        .map(|support| support.data_type)
        .filter(|data_type| settings.of(*data_type).fetch_on_first_link)
        .collect();
    let order = Order {
        settings: &settings,
        cause,
        batch,
    };
    queue_types(app, tx, connection, integration, types, order).await
}

/// How what is queued together is queued.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    pub settings: &'a SyncSettings,
    pub cause: Cause,
    pub batch: Uuid,
}

/// Queues these types in the order that is set for them, leaving alone what runs already. Returns how many were queued.
pub async fn queue_types(
    app: &App,
    tx: &mut Tx,
    connection: &Connection,
    integration: &Integration,
    mut types: Vec<DataType>,
    order: Order<'_>,
) -> Result<usize, StoreError> {
    order.settings.sort(&mut types);
    let mut queued = 0;
    let mut places_left = types.len();
    for data_type in types {
        // Jobs are handed out by their time: each is a microsecond before the one that comes after it.
        let head_start = TimeDelta::microseconds(i64::try_from(places_left).unwrap_or_default());
        places_left -= 1;
        match queue_one(
            app,
            tx,
            connection,
            integration,
            data_type,
            order,
            head_start,
        )
        .await
        {
            Ok(_) => queued += 1,
            Err(QueueError::InProgress { .. }) => {}
            Err(QueueError::Store(error)) => return Err(error),
        }
    }
    Ok(queued)
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
    let settings =
        settings::of_company_in(app, tx, connection.client_id, connection.company_id).await?;
    let order = Order {
        settings: &settings,
        cause,
        batch,
    };
    queue_one(
        app,
        tx,
        connection,
        integration,
        data_type,
        order,
        TimeDelta::zero(),
    )
    .await
}

async fn queue_one(
    app: &App,
    tx: &mut Tx,
    connection: &Connection,
    integration: &Integration,
    data_type: DataType,
    order: Order<'_>,
    head_start: TimeDelta,
) -> Result<Dataset, QueueError> {
    let now = app.clock.now();
    refuse_running(tx, connection, data_type.as_str()).await?;
    let setting = order.settings.of(data_type);
    let window_from = setting.window_from(now);
    let since = match order.cause {
        Cause::Schedule => {
            let since = since(tx, connection, integration, data_type, now).await?;
            match since {
                // A window that has been opened further back: what lies there was never asked for.
                Some(_) if was_narrower(tx, connection, data_type, window_from).await? => None,
                since => since,
            }
        }
        Cause::FirstLink | Cause::Request => None,
    };
    let mut dataset = new_dataset(connection, data_type.as_str(), order.batch, now);
    dataset.initial = order.cause == Cause::FirstLink;
    dataset.since = since;
    dataset.window_from = window_from;
    dataset.months = setting.months_to_sync.map(i64::from);
    if !integration.supports(data_type) {
        dataset.status = DatasetStatus::NotSupported;
        let reason = integration.why_not(data_type).map(str::to_owned);
        dataset.error_message = Some(reason.unwrap_or_else(|| {
            format!("{} does not offer {data_type}.", connection.platform_name)
        }));
        dataset.progress = 100;
        dataset.completed = Some(now);
    }
    insert(tx, &dataset, now - head_start).await?;
    Ok(dataset)
}

/// What pull operations call a client's own data type.
pub fn custom_key(name: &str) -> String {
    format!("{CUSTOM}{name}")
}

const CUSTOM: &str = "custom/";

/// Queues a data type of the client's own.
pub async fn queue_custom(
    app: &App,
    tx: &mut Tx,
    connection: &Connection,
    name: &str,
) -> Result<Dataset, QueueError> {
    let now = app.clock.now();
    let key = custom_key(name);
    refuse_running(tx, connection, &key).await?;
    let dataset = new_dataset(connection, &key, new_id(now), now);
    insert(tx, &dataset, now).await?;
    Ok(dataset)
}

async fn refuse_running(
    tx: &mut Tx,
    connection: &Connection,
    data_type: &str,
) -> Result<(), QueueError> {
    match store::datasets::running(tx, connection.id, data_type).await? {
        Some(running) => Err(QueueError::InProgress {
            data_type: data_type.to_owned(),
            dataset: running.id,
        }),
        None => Ok(()),
    }
}

fn new_dataset(
    connection: &Connection,
    data_type: &str,
    batch: Uuid,
    now: DateTime<Utc>,
) -> Dataset {
    Dataset {
        id: DatasetId(new_id(now)),
        client_id: connection.client_id,
        company_id: connection.company_id,
        connection_id: connection.id,
        data_type: data_type.to_owned(),
        batch_id: batch,
        initial: false,
        status: DatasetStatus::Queued,
        status_description: None,
        error_message: None,
        progress: 0,
        requested: now,
        completed: None,
        since: None,
        window_from: None,
        months: None,
        next_page: None,
        pages: 0,
        records: 0,
        modified: 0,
    }
}

/// With the job that pulls it, where there is something to pull.
async fn insert(tx: &mut Tx, dataset: &Dataset, run_at: DateTime<Utc>) -> Result<(), StoreError> {
    store::datasets::insert(tx, dataset).await?;
    if dataset.completed.is_none() {
        let now = dataset.requested;
        let (id, subject) = (JobId(new_id(now)), dataset.id.0);
        store::jobs::insert(tx, id, JobKind::Sync, subject, "{}", run_at, now).await?;
    }
    Ok(())
}

/// Whether a pull since the last whole one left out, and removed, what lies in the window now.
async fn was_narrower(
    tx: &mut Tx,
    connection: &Connection,
    data_type: DataType,
    window_from: Option<DateTime<Utc>>,
) -> Result<bool, StoreError> {
    let data_type = data_type.as_str();
    let Some(whole) = store::datasets::last_success(tx, connection.id, data_type, true).await?
    else {
        return Ok(false);
    };
    let narrowest =
        store::datasets::narrowest_window(tx, connection.id, data_type, whole.requested).await?;
    Ok(match (narrowest, window_from) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(then), Some(now)) => now < then,
    })
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
    let Some(whole) = whole.filter(|whole| whole.requested >= now - WHOLE_EVERY) else {
        return Ok(None);
    };
    // Records that didn't change at the platform lack what the client has asked for since.
    let (client, platform) = (connection.client_id, &connection.integration_key);
    let kind = DataConfigKind::Supplemental;
    let added = data_config::get_in(tx, client, platform, kind, data_type.as_str()).await?;
    if added.is_some_and(|added| added.changed >= whole.requested) {
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
    let integration = app.catalogue.get(&connection.integration_key);
    let wanted = wanted(app, &connection, &dataset.data_type).await?;
    let (Some(wanted), Some(integration)) = (wanted, integration) else {
        let message = "The integration, or the data type's configuration, is no longer there.";
        let status = DatasetStatus::InternalError;
        end(app, dataset, status, Some(message.into())).await?;
        return Ok(Turn::Done);
    };
    let integration = Arc::clone(integration);
    let mut pull = Pull::new(app, integration, connection, wanted, dataset, attempt);
    pull.run().await
}

/// What a dataset is of. None where nobody knows any more.
async fn wanted(
    app: &App,
    connection: &Connection,
    data_type: &str,
) -> Result<Option<Wanted>, StoreError> {
    let (client, platform) = (connection.client_id, connection.integration_key.as_str());
    let corrupt = |error| StoreError::Corrupt(format!("a data configuration: {error}"));
    if let Some(name) = data_type.strip_prefix(CUSTOM) {
        let kind = DataConfigKind::Custom;
        let found = data_config::get(&app.db, client, platform, kind, name).await?;
        let config = found.map(|found| serde_json::from_str(&found.config));
        return Ok(config.transpose().map_err(corrupt)?.map(Wanted::Custom));
    }
    let Ok(data_type) = data_type.parse::<DataType>() else {
        return Ok(None);
    };
    let kind = DataConfigKind::Supplemental;
    let found = data_config::get(&app.db, client, platform, kind, data_type.as_str()).await?;
    let added = found.map(|found| serde_json::from_str(&found.config));
    let added = added.transpose().map_err(corrupt)?.unwrap_or_default();
    Ok(Some(Wanted::Standard { data_type, added }))
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

/// Queues every type that is due by the schedule which holds for its company; `hours` is the installation's, for those that
/// set none. Returns how many datasets were queued.
pub async fn queue_due(app: &App, hours: u32) -> Result<usize, StoreError> {
    let Some(mut many) = settings::OfMany::with_schedules(app, hours).await? else {
        return Ok(0);
    };
    let mut queued = 0;
    let mut after = Uuid::nil();
    loop {
        let connections = store::connections::linked_after(&app.db, after, 200).await?;
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
    // What was never pulled is due a whole interval after the authorisation.
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
    let order = Order {
        settings,
        cause: Cause::Schedule,
        batch: new_id(now),
    };
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, connection.company_id).await?;
    let queued = queue_types(app, &mut tx, connection, integration, types, order).await?;
    tx.commit().await?;
    app.work.notify_one();
    Ok(queued)
}
