//! A dataset's life: queued → fetching → mapping → processing → complete.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use connectors::{Access, Cursor, DataType, FetchError, Integration, MapError, MappedPage, Page};
use uuid::Uuid;

use crate::app::App;
use crate::clock::new_id;
use crate::events;
use crate::model::{ConnectionId, ConnectionStatus, DatasetId, DatasetStatus, JobId, JobKind};
use crate::store::connections::Connection;
use crate::store::datasets::Dataset;
use crate::store::records::NewRecord;
use crate::store::{self, StoreError, Tx};
use crate::tokens::{self, TokenError};

/// A pull that asks only for changes can't notice what vanished; so this often everything is asked for.
const WHOLE_EVERY: TimeDelta = TimeDelta::days(7);
/// Clocks differ: a record changed just before the last pull began may carry an earlier time.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);
/// What a pause is where a platform asks for one without saying how long.
const PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

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
        (Some(data_type), Some(integration)) => Pull {
            app,
            integration: Arc::clone(integration),
            variables: variables(&connection),
            connection,
            data_type,
            dataset,
            attempt,
            advanced: false,
        },
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

fn variables(connection: &Connection) -> BTreeMap<String, String> {
    connection
        .variables
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

struct Pull<'a> {
    app: &'a App,
    integration: Arc<Integration>,
    variables: BTreeMap<String, String>,
    connection: Connection,
    data_type: DataType,
    dataset: Dataset,
    attempt: i64,
    /// Whether this turn stored a page.
    advanced: bool,
}

impl Pull<'_> {
    async fn run(&mut self) -> Result<Turn, SyncError> {
        if self.connection.status != ConnectionStatus::Linked {
            return self
                .end(
                    DatasetStatus::AuthError,
                    "The connection is not authorised.",
                )
                .await;
        }
        let mut refused = false;
        loop {
            self.set_status(DatasetStatus::Fetching).await?;
            let token = match tokens::access(self.app, &self.connection).await {
                Ok(token) => token,
                Err(TokenError::NoGrant) => {
                    return self
                        .end(
                            DatasetStatus::AuthError,
                            "The connection is not authorised.",
                        )
                        .await;
                }
                Err(TokenError::Store(error)) => return Err(error.into()),
                Err(TokenError::Unavailable(error)) => {
                    return self
                        .pause(None, error.to_string(), DatasetStatus::FetchError)
                        .await;
                }
                Err(error) => {
                    return self
                        .end(DatasetStatus::InternalError, &error.to_string())
                        .await;
                }
            };
            let access = Access {
                token: &token.secret,
                variables: &self.variables,
            };
            let cursor: Option<Cursor> = self
                .dataset
                .next_page
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok());
            let fetched = self
                .integration
                .fetch_page(
                    &self.app.door,
                    &access,
                    self.data_type,
                    cursor.as_ref(),
                    self.dataset.since,
                )
                .await;
            let page = match fetched {
                Ok(page) => page,
                Err(FetchError::Unauthorized) if !refused => {
                    refused = true;
                    tokens::refused(self.app, &self.connection, token.version).await?;
                    continue;
                }
                Err(FetchError::Unauthorized) => {
                    let message = "The platform refuses the access that it has just renewed: it was withdrawn there.";
                    tokens::grant_lost(self.app, &self.connection, "revoked", message).await?;
                    return self.end(DatasetStatus::AuthError, message).await;
                }
                Err(error) => return self.fetch_failed(error).await,
            };
            refused = false;
            self.set_status(DatasetStatus::Mapping).await?;
            let next = page.next.clone();
            let total = page.total;
            let mapped = match self.map(page).await? {
                Ok(mapped) => mapped,
                Err(error) => return self.end(DatasetStatus::MapError, &error.to_string()).await,
            };
            for warning in mapped.warnings.iter().take(5) {
                tracing::info!(dataset = %self.dataset.id, record = warning.id, warning.message, "record mapped with a warning");
            }
            if self.store(mapped, next, total).await? {
                return Ok(Turn::Done);
            }
        }
    }

    async fn map(&self, page: Page) -> Result<Result<MappedPage, MapError>, SyncError> {
        let integration = Arc::clone(&self.integration);
        let data_type = self.data_type;
        Ok(tokio::task::spawn_blocking(move || integration.map_page(data_type, &page)).await?)
    }

    /// Stores a page and how far that brings the dataset, together. True when it was the last one.
    async fn store(
        &mut self,
        mapped: MappedPage,
        next: Option<Cursor>,
        total: Option<u64>,
    ) -> Result<bool, SyncError> {
        let app = self.app;
        let now = app.clock.now();
        let records: Vec<NewRecord> = mapped
            .records
            .into_iter()
            .map(|record| NewRecord {
                id: record.id,
                document: record.json,
                source_modified: record.source_modified,
                deleted: record.deleted,
            })
            .collect();
        let (connection, dataset) = (&self.connection, &mut self.dataset);
        let data_type = self.data_type;
        let last = next.is_none();
        let mut tx = app.db.write().await?;
        if last {
            // Ends of one company's datasets take turns, so that exactly one of them sees its batch whole.
            store::connections::lock_company(&mut tx, connection.company_id).await?;
        }
        let counts = store::records::upsert_page(
            &mut tx,
            connection.id,
            connection.company_id,
            data_type,
            dataset.id,
            &records,
            now,
        )
        .await?;
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        dataset.pages += 1;
        dataset.records += number(records.len() as u64);
        dataset.modified += number(counts.inserted + counts.changed);
        dataset.status_description = None;
        dataset.error_message = None;
        if let Some(next) = next {
            dataset.next_page = Some(
                serde_json::to_string(&next)
                    .map_err(|error| StoreError::Corrupt(error.to_string()))?,
            );
            dataset.progress = progress(dataset, total);
            dataset.status = DatasetStatus::Fetching;
        } else {
            if dataset.since.is_none() {
                let gone = store::records::mark_unseen_deleted(
                    &mut tx,
                    connection.id,
                    data_type,
                    dataset.id,
                    now,
                )
                .await?;
                dataset.modified += number(gone);
            }
            dataset.next_page = None;
            dataset.progress = 100;
            dataset.status = DatasetStatus::Complete;
            dataset.completed = Some(now);
        }
        if !store::datasets::update(&mut tx, dataset).await? {
            // Ended from outside (disconnected, deleted) while the page was on its way: nothing of it is kept.
            return Ok(true);
        }
        if last {
            store::connections::set_last_sync(&mut tx, connection.id, now).await?;
            store::companies::set_last_sync(&mut tx, connection.company_id, now).await?;
            announce_batch(&mut tx, dataset, now).await?;
        }
        tx.commit().await?;
        self.advanced = true;
        app.metrics.records.inc_by(records.len() as u64);
        if last {
            let (key, status) = (
                &self.connection.integration_key,
                self.dataset.status.as_str(),
            );
            app.metrics
                .count_outcome(&app.metrics.datasets, key, status);
            app.live.wake(self.connection.company_id);
            tracing::info!(
                dataset = %self.dataset.id, connection = %self.connection.id, %data_type,
                records = self.dataset.records, modified = self.dataset.modified, "dataset complete"
            );
        }
        Ok(last)
    }

    async fn fetch_failed(&mut self, error: FetchError) -> Result<Turn, SyncError> {
        let message = error.to_string();
        match error {
            FetchError::RateLimited { retry_after } => {
                self.pause(
                    Some(retry_after.unwrap_or(PAUSE)),
                    message,
                    DatasetStatus::RateLimitError,
                )
                .await
            }
            FetchError::Unavailable { retry_after, .. } => {
                self.pause(retry_after, message, DatasetStatus::FetchError)
                    .await
            }
            FetchError::Egress(_) | FetchError::Malformed(_) => {
                self.pause(None, message, DatasetStatus::FetchError).await
            }
            FetchError::Forbidden(_) => self.end(DatasetStatus::PermissionsError, &message).await,
            FetchError::NotSupported => self.end(DatasetStatus::NotSupported, &message).await,
            FetchError::Refused { .. } | FetchError::Unauthorized => {
                self.end(DatasetStatus::FetchError, &message).await
            }
        }
    }

    /// Waits, saying until when; or gives up as `ending` when it was tried often enough.
    async fn pause(
        &mut self,
        wanted: Option<Duration>,
        message: String,
        ending: DatasetStatus,
    ) -> Result<Turn, SyncError> {
        let tried = if self.advanced { 1 } else { self.attempt };
        if tried >= i64::from(self.app.config.sync.attempts) {
            return self.end(ending, &message).await;
        }
        let after = wanted
            .unwrap_or_else(|| backoff(self.app.config.sync.backoff_ms, tried))
            .min(LONGEST_PAUSE * 24);
        let until = self.app.clock.now() + TimeDelta::from_std(after).unwrap_or(TimeDelta::days(1));
        self.dataset.status = DatasetStatus::Fetching;
        self.dataset.status_description = Some(format!(
            "Paused until {}",
            until.to_rfc3339_opts(SecondsFormat::Millis, true)
        ));
        self.dataset.error_message = Some(message.clone());
        self.save().await?;
        Ok(Turn::Again {
            after,
            fresh: self.advanced,
            reason: message,
        })
    }

    async fn end(&mut self, status: DatasetStatus, message: &str) -> Result<Turn, SyncError> {
        let key = &self.connection.integration_key;
        self.app
            .metrics
            .count_outcome(&self.app.metrics.datasets, key, status.as_str());
        end(
            self.app,
            self.dataset.clone(),
            status,
            Some(message.to_owned()),
        )
        .await?;
        Ok(Turn::Done)
    }

    async fn set_status(&mut self, status: DatasetStatus) -> Result<(), SyncError> {
        if self.dataset.status == status {
            return Ok(());
        }
        self.dataset.status = status;
        // Worth a write of its own only at the beginning: pages carry it from then on.
        if self.dataset.pages == 0 {
            self.save().await?;
        }
        Ok(())
    }

    async fn save(&self) -> Result<(), StoreError> {
        let mut tx = self.app.db.write().await?;
        store::datasets::update(&mut tx, &self.dataset).await?;
        tx.commit().await?;
        self.app.live.wake(self.connection.company_id);
        Ok(())
    }
}

/// Doubles from the configured pause up to an hour, with up to a quarter of jitter.
fn backoff(first_ms: u64, tried: i64) -> Duration {
    let doubled = first_ms.saturating_mul(1 << u32::try_from(tried - 1).unwrap_or(0).min(20));
    let capped = doubled.min(3_600_000);
    let jitter = capped / 4 * u64::from(crate::clock::random_bytes::<1>()[0]) / 255;
    Duration::from_millis(capped + jitter)
}

/// Per cent: what the platform's total makes of it, or a guess that never reaches the end.
fn progress(dataset: &Dataset, total: Option<u64>) -> i64 {
    match total
        .and_then(|total| i64::try_from(total).ok())
        .filter(|total| *total > 0)
    {
        Some(total) => (dataset.records * 100 / total).clamp(1, 99),
        None => 95 - 95 / (1 + dataset.pages),
    }
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
