//! One run of a pull: page by page from the platform into the store, until the end or a pause.

mod machine;
mod quarantine;
mod storing;
mod supplemental;
mod trouble;
mod unaltered;
mod window;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use connectors::{
    Access, Cursor, CustomData, DataType, FetchError, Integration, MappedPage, Narrowing, Page,
    SupplementalData,
};

use egress::EgressError;

use super::validation::{self, Finding};
use super::{PullError, remap};
use crate::app::App;
use crate::consents::retention;
use crate::credentials::{self, TokenError};
use crate::limits::platforms::{Admission, Asking, Permit};
use crate::work::{JobOutcome, Run};
use quarantine::Retried;
pub(super) use quarantine::is_quarantine_whole;
use store::connections::Connection;
use store::datasets::Dataset;
use store::model::sync_setting::MAX_MONTHS;
use store::model::{ConnectionStatus, DatasetStatus};
use store::records::Unaltered;
use trouble::Trouble;
pub(super) use window::Window;

/// The data that a pull is of.
pub(super) enum Selection {
    Standard {
        data_type: DataType,
        /// Further fields that the client asks for; mostly none.
        supplemental: SupplementalData,
    },
    /// A data type of the client's own.
    Custom(CustomData),
}

impl Selection {
    fn has_supplements(&self) -> bool {
        matches!(self, Self::Standard { supplemental, .. } if !supplemental.is_empty())
    }
}

/// A page that came, mapped.
struct Fetched {
    mapped: MappedPage,
    /// What was not mapped, because it is stored as it would become.
    unaltered: Vec<Unaltered>,
    findings: Vec<Finding>,
    /// The start of the next one; none after the last.
    next: Option<Cursor>,
    /// The number of records in all, if the platform gives it.
    total: Option<u64>,
    /// The number of the list that it is of.
    list: usize,
    /// Records that were set aside before; with the last page.
    retried: Retried,
    /// The answer as it came, to be kept.
    raw: Option<String>,
}

/// One run of a pull.
pub(super) struct Pull<'a> {
    app: &'a App,
    integration: Arc<Integration>,
    variables: Arc<BTreeMap<String, String>>,
    connection: Connection,
    selection: Arc<Selection>,
    dataset: Dataset,
    run: &'a Run,
    /// The platform counts requests by it.
    oauth_client: String,
    /// True once this run has stored a page.
    advanced: bool,
    /// True once this run has read a record.
    read_any: bool,
    /// The first reason in this run why a record couldn't be read.
    refusal: Option<String>,
    /// The keys of the connection's records of the type that are set aside.
    quarantined: HashSet<String>,
    /// True if the client has platforms' answers kept.
    keeps_pages: bool,
    /// The answers that a machine has brought, if the platform calls.
    answers: machine::Known,
}

impl<'a> Pull<'a> {
    pub(super) fn new(
        app: &'a App,
        integration: Arc<Integration>,
        connection: Connection,
        selection: Selection,
        dataset: Dataset,
        run: &'a Run,
    ) -> Self {
        Self {
            app,
            integration,
            variables: Arc::new(variables(&connection, &dataset)),
            connection,
            selection: Arc::new(selection),
            dataset,
            run,
            oauth_client: String::new(),
            advanced: false,
            read_any: false,
            refusal: None,
            quarantined: HashSet::new(),
            keeps_pages: false,
            answers: None,
        }
    }

    pub(super) async fn run(&mut self) -> Result<JobOutcome, PullError> {
        const NOT_AUTHORISED: &str = "The connection is not authorised.";

        if self.connection.status != ConnectionStatus::Linked {
            return self.end(DatasetStatus::AuthError, NOT_AUTHORISED).await;
        }
        let client = self.connection.client_id;
        self.oauth_client = self
            .app
            .platform_limits
            .oauth_client(client, &self.integration)
            .await?;
        let data_type = self.dataset.data_type.as_str();
        let quarantined =
            store::quarantine::keys(&self.app.db, self.connection.id, data_type).await?;
        self.quarantined = quarantined.into_iter().collect();
        let days = retention::of(&self.app.db, client).await?;
        self.keeps_pages = days.page_days.is_some();
        let mut refused = false;
        let variables = Arc::clone(&self.variables);
        loop {
            self.set_status(DatasetStatus::Fetching).await?;
            let access = credentials::access(self.app, &self.connection);
            let token = match self.run.waiting(access).await {
                Ok(token) => token,
                Err(TokenError::NoGrant) => {
                    return self.end(DatasetStatus::AuthError, NOT_AUTHORISED).await;
                }
                Err(TokenError::Store(error)) => return Err(error.into()),
                Err(TokenError::Unavailable(error)) => {
                    return self
                        .pause(None, error.to_string(), DatasetStatus::FetchError)
                        .await;
                }
                Err(TokenError::Waiting { until, reason }) => {
                    let left = (until - self.app.clock.now()).to_std().unwrap_or_default();
                    return self
                        .pause(Some(left), reason, DatasetStatus::FetchError)
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
            let most = self.app.config.sync.most_pages;
            if self.dataset.pages >= i64::from(most) {
                let endless = format!(
                    "The platform's list has more than {most} pages, as many as are read at once (sync.most_pages). What was read is kept."
                );
                return self.end(DatasetStatus::FetchError, &endless).await;
            }
            let page = match self.page(&access, cursor.as_ref()).await {
                Ok(page) => page,
                Err(Trouble::Fetch(FetchError::Unauthorized { is_invalid })) => {
                    let newer = !refused
                        && credentials::refused(self.app, &self.connection, token.version).await?;
                    if !newer {
                        return self.not_accepted(is_invalid).await;
                    }
                    refused = true;
                    continue;
                }
                Err(Trouble::Fetch(FetchError::Cut(_))) if self.dataset.since.is_some() => {
                    self.start_over().await?;
                    continue;
                }
                Err(Trouble::Fetch(FetchError::Egress(
                    why @ (EgressError::Awaited | EgressError::HungUp),
                ))) => match self.await_machine(&why).await? {
                    Some(outcome) => return Ok(outcome),
                    None => continue,
                },
                Err(Trouble::Fetch(error)) => return self.fetch_failed(error).await,
                Err(Trouble::Rest(rest)) => return self.rest(rest).await,
                Err(Trouble::Store(error)) => return Err(error.into()),
                Err(Trouble::Map(error)) => {
                    self.keep_refusal(&error).await?;
                    return self.end(DatasetStatus::MapError, &error.to_string()).await;
                }
                Err(Trouble::Stopped(error)) => return Err(error.into()),
            };
            refused = false;
            if let Some(outcome) = self.store(page).await? {
                return Ok(outcome);
            }
        }
    }

    /// The page that starts at the cursor.
    async fn page(
        &mut self,
        access: &Access<'_>,
        cursor: Option<&Cursor>,
    ) -> Result<Fetched, Trouble> {
        let integration = Arc::clone(&self.integration);
        let door = &self.door().await?;
        let selection = Arc::clone(&self.selection);
        let requests = match &*selection {
            Selection::Standard { data_type, .. } => integration.requests_of_page(*data_type),
            Selection::Custom(_) => 1,
        };
        let page = self.run.waiting(async {
            let permit = self.admitted(requests).await?;
            let began = Instant::now();
            let page = match &*selection {
                Selection::Standard { data_type, .. } => {
                    let narrowing = Narrowing {
                        // The later of the two, or the one that there is.
                        since: self.dataset.since.max(self.dataset.window_from),
                        only_changes: self.dataset.since.is_some(),
                    };
                    integration
                        .fetch_page(door, access, *data_type, cursor, narrowing)
                        .await
                }
                Selection::Custom(custom) => {
                    integration.fetch_custom(door, access, custom, cursor).await
                }
            };
            drop(permit);
            if integration.machine().is_none() {
                self.app
                    .called(&integration, page.as_ref().err(), began.elapsed());
            }
            Ok::<Page, Trouble>(page?)
        });
        let page = page.await?;
        self.app
            .platform_limits
            .learn(&self.asking(), page.remaining)
            .await?;
        let (next, total, list) = (page.next.clone(), page.total, page.list);
        let is_standard = matches!(*selection, Selection::Standard { .. });
        let raw = (self.keeps_pages && is_standard).then(|| remap::as_text(&page));
        let (mapped, unaltered, findings) = self.read(access, page).await?;
        let is_last = next.is_none() && self.dataset.since.is_some();
        let retried = if is_last && !self.quarantined.is_empty() {
            self.retry(access).await?
        } else {
            Retried::default()
        };
        Ok(Fetched {
            mapped,
            unaltered,
            findings,
            next,
            total,
            list,
            retried,
            raw: raw.flatten(),
        })
    }

    /// Maps what a page has of records that have changed. What was looked up for a record's supplements is no part of its source, so
    /// that a page with supplements is mapped whole.
    async fn read(
        &mut self,
        access: &Access<'_>,
        page: Page,
    ) -> Result<(MappedPage, Vec<Unaltered>, Vec<Finding>), Trouble> {
        let selection = Arc::clone(&self.selection);
        let page = Arc::new(page);
        if let Selection::Standard { data_type, .. } = &*selection
            && !selection.has_supplements()
            && let Some(apart) = self.apart(*data_type, &page).await?
        {
            return self.map_altered(*data_type, page, apart).await;
        }
        let (mapped, findings) = self.read_whole(access, page).await?;
        Ok((mapped, Vec::new(), findings))
    }

    /// Maps a whole page, and adds the supplemental data.
    async fn read_whole(
        &mut self,
        access: &Access<'_>,
        page: Arc<Page>,
    ) -> Result<(MappedPage, Vec<Finding>), Trouble> {
        let integration = Arc::clone(&self.integration);
        let selection = Arc::clone(&self.selection);
        let (mut mapped, findings) = self.map(Arc::clone(&page)).await?;
        if let Selection::Standard {
            data_type,
            supplemental,
        } = &*selection
            && !supplemental.is_empty()
        {
            let answers = self
                .supplements(access, *data_type, supplemental, &mapped)
                .await?;
            integration.supplement(
                access,
                *data_type,
                &page,
                &mut mapped,
                supplemental,
                &answers,
            );
        }
        Ok((mapped, findings))
    }

    fn asking(&self) -> Asking<'_> {
        Asking::new(&self.integration, self.connection.id, &self.oauth_client)
    }

    /// Waits until requests may go out; a long wait is a rest.
    async fn admitted(&self, requests: usize) -> Result<Permit, Trouble> {
        let asking = self.asking();
        match self.app.platform_limits.admit(&asking, requests).await? {
            Admission::Go(permit) => Ok(permit),
            Admission::Rest(rest) => Err(Trouble::Rest(rest)),
        }
    }

    /// Maps a page, and looks for what is suspicious in it.
    async fn map(&self, page: Arc<Page>) -> Result<(MappedPage, Vec<Finding>), Trouble> {
        let integration = Arc::clone(&self.integration);
        let selection = Arc::clone(&self.selection);
        let name = self.dataset.data_type.clone();
        let variables = self.variables.clone();
        let work = move || match &*selection {
            Selection::Standard { data_type, .. } => {
                let mapped = integration.map_readable(*data_type, &page)?;
                let findings = validation::of_page(*data_type, &mapped);
                Ok((mapped, findings))
            }
            Selection::Custom(custom) => {
                let mapped = integration.map_custom(&variables, &name, custom, &page)?;
                Ok((mapped, Vec::new()))
            }
        };
        let mapped = tokio::task::spawn_blocking(work).await;
        mapped.map_err(Trouble::Stopped)?.map_err(Trouble::Map)
    }
}

/// The values that the platform's requests need: of the account, and the number of months that are pulled.
fn variables(connection: &Connection, dataset: &Dataset) -> BTreeMap<String, String> {
    let mut variables = credentials::variables_of(connection);
    let months = dataset.months.unwrap_or(i64::from(MAX_MONTHS));
    variables.insert(connectors::MONTHS_TO_SYNC.to_owned(), months.to_string());
    let today = dataset.requested.format("%Y-%m-%d").to_string();
    variables.insert(connectors::TODAY.to_owned(), today);
    variables
}
