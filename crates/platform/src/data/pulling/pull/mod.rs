//! One turn at a dataset: page by page from the platform into the store, until the end or a pause.

mod supplemental;
mod window;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use connectors::{
    Access, Cursor, CustomData, DataType, FetchError, Integration, MapError, MappedPage, Narrowing,
    Page, SupplementalData,
};

use super::validation::{self, Finding};
use super::{SyncError, Turn, announce_batch, end};
use crate::app::App;
use crate::credentials::{self, TokenError};
use crate::events;
use crate::limits::platforms::{Admission, Asking, Permit, Rest};
use store::connections::Connection;
use store::datasets::Dataset;
use store::model::sync_setting::MAX_MONTHS;
use store::model::{ConnectionStatus, DatasetId, DatasetStatus};
use store::records::NewRecord;
use store::{StoreError, Tx};
use window::Window;

/// What a pause is where a platform asks for one without saying how long.
const PAUSE: Duration = Duration::from_secs(60);
/// No platform's wish makes a pull wait longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// A shorter pause is only another try.
const WORTH_TELLING: Duration = Duration::from_secs(60);

/// What is pulled.
pub(super) enum Wanted {
    Standard {
        data_type: DataType,
        /// Further fields that the client asks for; mostly none.
        added: SupplementalData,
    },
    /// A data type of the client's own.
    Custom(CustomData),
}

impl Wanted {
    fn has_supplements(&self) -> bool {
        matches!(self, Self::Standard { added, .. } if !added.is_empty())
    }
}

/// Why a page came to nothing.
enum Trouble {
    Fetch(FetchError),
    /// Nothing may be asked now.
    Rest(Rest),
    Store(StoreError),
    Map(MapError),
    Stopped(tokio::task::JoinError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

/// One turn at a dataset.
pub(super) struct Pull<'a> {
    app: &'a App,
    integration: Arc<Integration>,
    variables: Arc<BTreeMap<String, String>>,
    connection: Connection,
    wanted: Arc<Wanted>,
    dataset: Dataset,
    attempt: i64,
    /// By which the platform counts its requests.
    oauth_client: String,
    /// Whether this turn stored a page.
    advanced: bool,
}

impl<'a> Pull<'a> {
    /// `attempt` counts turns that got nowhere, from 1.
    pub(super) fn new(
        app: &'a App,
        integration: Arc<Integration>,
        connection: Connection,
        wanted: Wanted,
        dataset: Dataset,
        attempt: i64,
    ) -> Self {
        Self {
            app,
            integration,
            variables: Arc::new(variables(&connection, &dataset)),
            connection,
            wanted: Arc::new(wanted),
            dataset,
            attempt,
            oauth_client: String::new(),
            advanced: false,
        }
    }

    pub(super) async fn run(&mut self) -> Result<Turn, SyncError> {
        if self.connection.status != ConnectionStatus::Linked {
            return self
                .end(
                    DatasetStatus::AuthError,
                    "The connection is not authorised.",
                )
                .await;
        }
        let client = self.connection.client_id;
        self.oauth_client = self
            .app
            .platform_limits
            .oauth_client(client, &self.integration)
            .await?;
        let mut refused = false;
        let variables = Arc::clone(&self.variables);
        loop {
            self.set_status(DatasetStatus::Fetching).await?;
            let token = match credentials::access(self.app, &self.connection).await {
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
                variables: &variables,
            };
            let cursor: Option<Cursor> = self
                .dataset
                .next_page
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok());
            let page = match self.page(&access, cursor.as_ref()).await {
                Ok(page) => page,
                Err(Trouble::Fetch(FetchError::Unauthorized)) if !refused => {
                    refused = true;
                    credentials::refused(self.app, &self.connection, token.version).await?;
                    continue;
                }
                Err(Trouble::Fetch(FetchError::Unauthorized)) => {
                    let message = "The platform refuses the access that it has just renewed: it was withdrawn there.";
                    credentials::grant_lost(self.app, &self.connection, "revoked", message).await?;
                    return self.end(DatasetStatus::AuthError, message).await;
                }
                Err(Trouble::Fetch(error)) => return self.fetch_failed(error).await,
                Err(Trouble::Rest(rest)) => return self.rest(rest).await,
                Err(Trouble::Store(error)) => return Err(error.into()),
                Err(Trouble::Map(error)) => {
                    self.refuse(&error).await?;
                    return self.end(DatasetStatus::MapError, &error.to_string()).await;
                }
                Err(Trouble::Stopped(error)) => return Err(error.into()),
            };
            refused = false;
            self.set_status(DatasetStatus::Mapping).await?;
            let (mapped, findings, next, total) = page;
            if self.store(mapped, findings, next, total).await? {
                return Ok(Turn::Done);
            }
        }
    }

    /// Keeps which record made the pull end.
    async fn refuse(&self, error: &MapError) -> Result<(), StoreError> {
        let mut tx = self.app.db.write().await?;
        note(
            &mut tx,
            self.dataset.id,
            vec![validation::of_refusal(error)],
        )
        .await?;
        tx.commit().await
    }

    /// A page's records, where the next one starts, and how many there are in all.
    async fn page(
        &mut self,
        access: &Access<'_>,
        cursor: Option<&Cursor>,
    ) -> Result<(MappedPage, Vec<Finding>, Option<Cursor>, Option<u64>), Trouble> {
        let (integration, door) = (Arc::clone(&self.integration), &self.app.door);
        let wanted = Arc::clone(&self.wanted);
        let permit = self.admitted().await?;
        let page = match &*wanted {
            Wanted::Standard { data_type, .. } => {
                let narrowing = Narrowing {
                    // The later of the two, or the one that there is.
                    since: self.dataset.since.max(self.dataset.window_from),
                    only_changes: self.dataset.since.is_some(),
                };
                integration
                    .fetch_page(door, access, *data_type, cursor, narrowing)
                    .await?
            }
            Wanted::Custom(custom) => {
                integration
                    .fetch_custom(door, access, custom, cursor)
                    .await?
            }
        };
        drop(permit);
        self.app
            .platform_limits
            .learn(&self.asking(), page.remaining)
            .await?;
        let (next, total) = (page.next.clone(), page.total);
        let page = Arc::new(page);
        let (mut mapped, findings) = self.map(Arc::clone(&page)).await?;
        if let Wanted::Standard { data_type, added } = &*wanted
            && !added.is_empty()
        {
            let beside = self.beside(access, *data_type, added, &mapped).await?;
            integration.supplement(access, *data_type, &page, &mut mapped, added, &beside);
        }
        Ok((mapped, findings, next, total))
    }

    fn asking(&self) -> Asking<'_> {
        Asking::new(&self.integration, self.connection.id, &self.oauth_client)
    }

    /// Waits until a request may go out; a long wait is a rest.
    async fn admitted(&self) -> Result<Permit, Trouble> {
        match self.app.platform_limits.admit(&self.asking(), 1).await? {
            Admission::Go(permit) => Ok(permit),
            Admission::Rest(rest) => Err(Trouble::Rest(rest)),
        }
    }

    /// Maps a page, and looks for what is suspicious in it.
    async fn map(&self, page: Arc<Page>) -> Result<(MappedPage, Vec<Finding>), Trouble> {
        let integration = Arc::clone(&self.integration);
        let wanted = Arc::clone(&self.wanted);
        let name = self.dataset.data_type.clone();
        let variables = self.variables.clone();
        let work = move || match &*wanted {
            Wanted::Standard { data_type, .. } => {
                let mapped = integration.map_page(*data_type, &page)?;
                let findings = validation::of_page(*data_type, &mapped);
                Ok((mapped, findings))
            }
            Wanted::Custom(custom) => {
                let mapped = integration.map_custom(&variables, &name, custom, &page)?;
                Ok((mapped, Vec::new()))
            }
        };
        let mapped = tokio::task::spawn_blocking(work).await;
        mapped.map_err(Trouble::Stopped)?.map_err(Trouble::Map)
    }

    /// Stores a page and how far that brings the dataset, together. True when it was the last one.
    async fn store(
        &mut self,
        mut mapped: MappedPage,
        findings: Vec<Finding>,
        next: Option<Cursor>,
        total: Option<u64>,
    ) -> Result<bool, SyncError> {
        let app = self.app;
        let now = app.clock.now();
        let window = Window::of(&self.dataset);
        let records: Vec<NewRecord> = std::mem::take(&mut mapped.records)
            .into_iter()
            .filter(|record| window.keeps(&record.id, record.source_modified))
            .map(|record| NewRecord {
                id: record.id,
                document: record.json,
                source_modified: record.source_modified,
                deleted: record.deleted,
            })
            .collect();
        let (connection, dataset) = (&self.connection, &mut self.dataset);
        let data_type = dataset.data_type.clone();
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
            &data_type,
            dataset.id,
            &records,
            now,
        )
        .await?;
        let gone =
            store::records::mark_deleted(&mut tx, connection.id, &data_type, &mapped.gone, now)
                .await?;
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        dataset.pages += 1;
        dataset.records += number(records.len() as u64);
        dataset.modified += number(counts.inserted + counts.changed + gone);
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
            let outside = store::records::delete_outside(
                &mut tx,
                connection.id,
                &data_type,
                window.from,
                window.first_month.as_deref(),
            )
            .await?;
            dataset.modified += number(outside);
            if dataset.since.is_none() {
                let gone = store::records::mark_unseen_deleted(
                    &mut tx,
                    connection.id,
                    &data_type,
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
        note(&mut tx, dataset.id, findings).await?;
        if !last && self.wanted.has_supplements() {
            store::supplements::forget(&mut tx, dataset.id).await?;
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
            FetchError::RateLimited { retry_after, limit } => {
                let asking = self.asking();
                let rest = self
                    .app
                    .platform_limits
                    .refused(&asking, limit, retry_after)
                    .await?;
                if let Some(rest) = rest {
                    return self.rest(rest).await;
                }
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
            FetchError::Refused { .. } | FetchError::NoSuchPlace(_) | FetchError::Unauthorized => {
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
            .min(LONGEST_PAUSE);
        self.wait(after, message, self.advanced).await
    }

    /// Waits for as long as a limit wants: that is no failure, however often it happens.
    async fn rest(&mut self, rest: Rest) -> Result<Turn, SyncError> {
        let left = (rest.until - self.app.clock.now()).to_std();
        // A moment more, so that the limit is over by then.
        let after = left.unwrap_or_default() + Duration::from_millis(10);
        self.wait(after.min(LONGEST_PAUSE), rest.why, true).await
    }

    async fn wait(
        &mut self,
        after: Duration,
        message: String,
        fresh: bool,
    ) -> Result<Turn, SyncError> {
        let until = self.app.clock.now() + TimeDelta::from_std(after).unwrap_or(TimeDelta::days(1));
        self.dataset.status = DatasetStatus::Fetching;
        self.dataset.status_description = Some(format!(
            "Paused until {}",
            until.to_rfc3339_opts(SecondsFormat::Millis, true)
        ));
        self.dataset.error_message = Some(message.clone());
        if after < WORTH_TELLING {
            self.save().await?;
        } else {
            self.tell_pause(&message, until).await?;
        }
        Ok(Turn::Again {
            after,
            fresh,
            reason: message,
        })
    }

    async fn tell_pause(&self, why: &str, until: DateTime<Utc>) -> Result<(), StoreError> {
        let reason = format!(
            "{}: {why}. Next attempt: {} UTC.",
            in_words(&self.dataset.data_type),
            until.format("%-d %B %Y, %H:%M")
        );
        let now = self.app.clock.now();
        let mut tx = self.app.db.write().await?;
        store::connections::lock_company(&mut tx, self.connection.company_id).await?;
        // Ended from outside meanwhile, it doesn't wait.
        if store::datasets::update(&mut tx, &self.dataset).await? {
            let data_type = self.dataset.data_type.as_str();
            events::sync_paused(&mut tx, &self.connection, data_type, &reason, until, now).await?;
        }
        tx.commit().await?;
        self.app.live.wake(self.connection.company_id);
        Ok(())
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

/// Stores findings behind those that were there before, up to as many as are kept.
async fn note(tx: &mut Tx, dataset: DatasetId, findings: Vec<Finding>) -> Result<(), StoreError> {
    if findings.is_empty() {
        return Ok(());
    }
    let before = store::issues::count_in(tx, dataset).await?;
    let room = validation::MOST.saturating_sub(usize::try_from(before).unwrap_or(usize::MAX));
    let issues: Vec<store::issues::Issue> = findings
        .into_iter()
        .take(room)
        .map(|finding| store::issues::Issue {
            is_error: finding.is_error,
            rule_id: finding.rule,
            item_id: finding.item,
            message: finding.message,
            validator: finding.validator.to_owned(),
        })
        .collect();
    store::issues::insert(tx, dataset, before, &issues).await
}

/// What the platform's requests need to know: of the account, and how many months are wanted.
fn variables(connection: &Connection, dataset: &Dataset) -> BTreeMap<String, String> {
    let mut variables = credentials::variables_of(connection);
    let months = dataset.months.unwrap_or(i64::from(MAX_MONTHS));
    variables.insert(connectors::MONTHS_TO_SYNC.to_owned(), months.to_string());
    let today = dataset.requested.format("%Y-%m-%d").to_string();
    variables.insert(connectors::TODAY.to_owned(), today);
    variables
}

/// `banking-accountBalances` as people say it: Account balances.
fn in_words(name: &str) -> String {
    if let Some(own) = name.strip_prefix(super::CUSTOM) {
        return own.to_owned();
    }
    let mut words = String::new();
    for letter in name.rsplit('-').next().unwrap_or(name).chars() {
        match letter {
            _ if words.is_empty() => words.extend(letter.to_uppercase()),
            _ if letter.is_uppercase() => {
                words.push(' ');
                words.extend(letter.to_lowercase());
            }
            _ => words.push(letter),
        }
    }
    words
}

/// Doubles from the configured pause up to an hour, with up to a quarter of jitter.
fn backoff(first_ms: u64, tried: i64) -> Duration {
    let doubled = first_ms.saturating_mul(1 << u32::try_from(tried - 1).unwrap_or(0).min(20));
    let capped = doubled.min(3_600_000);
    let jitter = capped / 4 * u64::from(store::clock::random_bytes::<1>()[0]) / 255;
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
