//! Queueing pulls, through the change that causes them.

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{CustomData, DataType, Integration};
use uuid::Uuid;

use super::pull::is_quarantine_whole;
use super::settings;
use crate::change::Change;
use crate::data::configuration;
use crate::disclosure;
use crate::disclosure::agreed::Bounds;
use store::clock::new_id;
use store::connections::Connection;
use store::data_config::{self, DataConfigKind};
use store::datasets::Dataset;
use store::model::{DatasetId, DatasetStatus, JobKind, SyncSettings};
use store::turns::{Class, Lane, Place};
use store::{StoreError, Tx};

/// A pull that asks only for changes can't notice what vanished: after this long, everything is asked for again.
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
pub(crate) enum Cause {
    /// The customer has just authorised.
    FirstLink,
    /// The client asked.
    Request,
    /// A record was written: what the platform made of it is read back.
    Written,
    Schedule,
}

impl Cause {
    const fn class(self) -> Class {
        match self {
            Self::FirstLink => Class::FirstLink,
            Self::Request | Self::Written => Class::Request,
            Self::Schedule => Class::Schedule,
        }
    }
}

/// Pulls that are queued together, and are reported together when the last of them has ended.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub(crate) id: Uuid,
    pub(crate) settings: &'a SyncSettings,
    pub(crate) cause: Cause,
}

/// Queues everything that is fetched on first link: every type that the platform offers, except those that are set not to be.
pub(crate) async fn queue_first(
    change: &mut Change<'_>,
    connection: &Connection,
    integration: &Integration,
) -> Result<(), StoreError> {
    let settings =
        settings::of_company_in(change, connection.client_id, connection.company_id).await?;
    let batch = Batch {
        id: new_id(change.now),
        settings: &settings,
        cause: Cause::FirstLink,
    };
    queue_all(change, connection, integration, batch).await?;
    Ok(())
}

/// Queues every type that is fetched on first link, leaving alone those that are being pulled. Returns the number queued.
pub(super) async fn queue_all(
    change: &mut Change<'_>,
    connection: &Connection,
    integration: &Integration,
    batch: Batch<'_>,
) -> Result<usize, StoreError> {
    let types: Vec<DataType> = integration
        .data()
        .iter()
        .map(|support| support.data_type)
        .filter(|data_type| batch.settings.of(*data_type).fetch_on_first_link)
        .collect();
    queue_types(change, connection, integration, types, batch).await
}

/// Queues these types in the order that is set for them, leaving alone those that are being pulled. Returns the number queued.
pub(crate) async fn queue_types(
    change: &mut Change<'_>,
    connection: &Connection,
    integration: &Integration,
    mut types: Vec<DataType>,
    batch: Batch<'_>,
) -> Result<usize, StoreError> {
    batch.settings.sort(&mut types);
    let bounds = Bounds::read_in(change, connection.id).await?;
    if batch.cause == Cause::Schedule {
        // Said when the difference arose; the same refusal at every turn of the clock would say nothing new.
        types.retain(|data_type| bounds.forbid_reading(integration, *data_type).is_none());
    }
    let mut queued = 0;
    for (position, data_type) in types.iter().enumerate() {
        // Jobs are handed out by their time: each is a microsecond before the one that comes after it.
        let behind = i64::try_from(types.len() - position).unwrap_or_default();
        let run_at = change.now - TimeDelta::microseconds(behind);
        let queueing = Queueing {
            connection,
            integration,
            batch,
            bounds: &bounds,
        };
        match queueing.queue(change, *data_type, run_at).await {
            Ok(_) => queued += 1,
            Err(QueueError::InProgress { .. }) => {}
            Err(QueueError::Store(error)) => return Err(error),
        }
    }
    Ok(queued)
}

/// Queues one data type. A type that the platform lacks ends at once as NotSupported.
pub(crate) async fn queue(
    change: &mut Change<'_>,
    connection: &Connection,
    integration: &Integration,
    data_type: DataType,
    batch: Batch<'_>,
) -> Result<Dataset, QueueError> {
    let run_at = change.now;
    let bounds = Bounds::read_in(change, connection.id).await?;
    let queueing = Queueing {
        connection,
        integration,
        batch,
        bounds: &bounds,
    };
    queueing.queue(change, data_type, run_at).await
}

/// The pulls of a connection that are queued together.
struct Queueing<'a> {
    connection: &'a Connection,
    integration: &'a Integration,
    batch: Batch<'a>,
    bounds: &'a Bounds,
}

impl Queueing<'_> {
    async fn queue(
        &self,
        change: &mut Change<'_>,
        data_type: DataType,
        run_at: DateTime<Utc>,
    ) -> Result<Dataset, QueueError> {
        let (connection, integration, batch) = (self.connection, self.integration, self.batch);
        let now = change.now;
        refuse_running(change, connection, data_type.as_str()).await?;
        let setting = batch.settings.of(data_type);
        let (window_from, months) = self.bounds.narrow(
            data_type,
            now,
            setting.window_from(now),
            setting.months_to_sync,
        );
        let since = match batch.cause {
            Cause::Schedule | Cause::Written => {
                let since = since(change, connection, integration, data_type, now).await?;
                match since {
                    // A window that has been opened further back: the records there were never asked for.
                    Some(_) if was_narrower(change, connection, data_type, window_from).await? => {
                        None
                    }
                    since => since,
                }
            }
            Cause::FirstLink | Cause::Request => None,
        };
        let mut dataset = new_dataset(connection, data_type.as_str(), batch.id, now);
        dataset.initial = batch.cause == Cause::FirstLink;
        dataset.since = since;
        dataset.window_from = window_from;
        dataset.months = months.map(i64::from);
        if !integration.supports(data_type) {
            let reason = integration.why_not(data_type).map(str::to_owned);
            let reason = reason.unwrap_or_else(|| {
                format!("{} does not offer {data_type}.", connection.platform_name)
            });
            refuse(&mut dataset, DatasetStatus::NotSupported, reason);
        } else if let Some(beyond) = self.bounds.forbid_reading(integration, data_type) {
            refuse(
                &mut dataset,
                DatasetStatus::PermissionsError,
                beyond.sentence,
            );
        }
        let is_scheduled = dataset.status == DatasetStatus::Queued;
        let next_due = is_scheduled.then(|| setting.due_after(now)).flatten();
        let place = place(connection, batch.cause.class());
        insert(change, &dataset, next_due, run_at, &place).await?;
        Ok(dataset)
    }
}

/// Ends a pull before it begins.
fn refuse(dataset: &mut Dataset, status: DatasetStatus, reason: String) {
    dataset.status = status;
    dataset.error_message = Some(reason);
    dataset.progress = 100;
    dataset.completed = Some(dataset.requested);
}

/// Queues a data type of the client's own.
pub(super) async fn queue_custom(
    change: &mut Change<'_>,
    connection: &Connection,
    name: &str,
) -> Result<Dataset, QueueError> {
    let now = change.now;
    let key = configuration::custom_key(name);
    refuse_running(change, connection, &key).await?;
    let mut dataset = new_dataset(connection, &key, new_id(now), now);
    let (client, platform) = (connection.client_id, &connection.integration_key);
    let custom =
        data_config::get_in(change, client, platform, DataConfigKind::Custom, name).await?;
    let custom = custom.and_then(|custom| serde_json::from_str::<CustomData>(&custom.config).ok());
    let bounds = Bounds::read_in(change, connection.id).await?;
    let integration = change.app.catalogue.get(platform);
    let beyond = custom.zip(integration).and_then(|(custom, integration)| {
        bounds.forbid_custom(integration, &disclosure::custom(name, &custom))
    });
    if let Some(beyond) = beyond {
        refuse(
            &mut dataset,
            DatasetStatus::PermissionsError,
            beyond.sentence,
        );
    }
    let place = place(connection, Class::Request);
    insert(change, &dataset, None, now, &place).await?;
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
        set_aside: 0,
    }
}

/// The place in the queue of work on a connection.
pub(crate) fn place(connection: &Connection, class: Class) -> Place {
    Place {
        lane: Lane {
            class,
            platform: connection.integration_key.clone(),
        },
        client: connection.client_id,
        connection: connection.id.0,
    }
}

/// With the job that pulls it, if there is something to pull.
async fn insert(
    change: &mut Change<'_>,
    dataset: &Dataset,
    next_due: Option<DateTime<Utc>>,
    run_at: DateTime<Utc>,
    place: &Place,
) -> Result<(), StoreError> {
    store::datasets::insert(change, dataset, next_due).await?;
    if dataset.completed.is_none() {
        change
            .enqueue_placed(run_at, JobKind::Sync, dataset.id.0, place)
            .await?;
    }
    Ok(())
}

/// True if a pull since the last whole one left out, and removed, records that the window has in it now.
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

/// The time since which changes are asked for; none if everything must be.
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
    if !is_quarantine_whole(tx, connection.id, data_type.as_str()).await? {
        return Ok(None);
    }
    let last = store::datasets::last_success(tx, connection.id, data_type.as_str(), false).await?;
    Ok(last.map(|last| last.requested - OVERLAP))
}
