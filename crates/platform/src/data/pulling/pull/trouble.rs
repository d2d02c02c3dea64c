//! Troubles that keep a page from coming, and what becomes of the pull: a pause, or its end.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use connectors::{FetchError, MapError};

use super::super::PullError;
use super::super::ending::end;
use super::Pull;
use crate::change::Change;
use crate::credentials;
use crate::data::configuration;
use crate::events::Event;
use crate::limits::platforms::Rest;
use crate::work::JobOutcome;
use store::StoreError;
use store::model::{Actor, DatasetStatus};

/// The pause for a rate limit if the platform names none.
const PAUSE: Duration = Duration::from_secs(60);
/// The longest pause, whatever a platform asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);
/// A shorter pause is only another try, and isn't reported.
const WORTH_REPORTING: Duration = Duration::from_secs(60);

/// The reason why there is no page.
pub(super) enum Trouble {
    Fetch(FetchError),
    /// A limit says that nothing may be asked now.
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

impl Pull<'_> {
    pub(super) async fn fetch_failed(
        &mut self,
        error: FetchError,
    ) -> Result<JobOutcome, PullError> {
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
            FetchError::Egress(_) | FetchError::Malformed(_) | FetchError::Unidentified(_) => {
                self.pause(None, message, DatasetStatus::FetchError).await
            }
            FetchError::Forbidden(_) => self.end(DatasetStatus::PermissionsError, &message).await,
            FetchError::NotSupported | FetchError::NotOffered(_) => {
                self.end(DatasetStatus::NotSupported, &message).await
            }
            FetchError::Unauthorized { is_invalid } => self.not_accepted(is_invalid).await,
            FetchError::Refused { .. } | FetchError::NoSuchPlace(_) | FetchError::Cut(_) => {
                self.end(DatasetStatus::FetchError, &message).await
            }
        }
    }

    /// The platform refuses a token here that it has just renewed: this data waits, and fails in the end. The connection ends
    /// with it only if nothing else is answered either.
    pub(super) async fn not_accepted(&mut self, is_invalid: bool) -> Result<JobOutcome, PullError> {
        let last = self.is_last_attempt();
        // Not sooner: a fault of a few minutes there would cost the customer a new key.
        if last && credentials::end_if_typed_and_refused(self.app, &self.connection).await? {
            return Ok(JobOutcome::Finished);
        }
        let platform = &self.connection.platform_name;
        let message = format!("{platform} does not give this data, although access was renewed.");
        let outcome = self.pause(None, message, DatasetStatus::AuthError).await?;
        if last && is_invalid {
            credentials::end_if_refused_everywhere(self.app, &self.connection).await?;
        }
        Ok(outcome)
    }

    /// The number of runs in a row that got nowhere.
    fn tried(&self) -> i64 {
        if self.advanced { 1 } else { self.run.attempt }
    }

    fn is_last_attempt(&self) -> bool {
        self.tried() >= i64::from(self.app.config.sync.attempts)
    }

    /// Tries again after the pause that the platform asked for, or a growing one; ends as `given_up` after the configured
    /// number of attempts.
    pub(super) async fn pause(
        &mut self,
        asked_for: Option<Duration>,
        message: String,
        given_up: DatasetStatus,
    ) -> Result<JobOutcome, PullError> {
        let tried = self.tried();
        if self.is_last_attempt() {
            return self.end(given_up, &message).await;
        }
        let after = asked_for
            .unwrap_or_else(|| backoff(self.app.config.sync.backoff_ms, tried))
            .min(LONGEST_PAUSE);
        self.wait(after, message, self.advanced).await
    }

    /// Waits until a limit allows requests again: that is not a failure, however often it happens.
    pub(super) async fn rest(&mut self, rest: Rest) -> Result<JobOutcome, PullError> {
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
    ) -> Result<JobOutcome, PullError> {
        let until = self.app.clock.now() + TimeDelta::from_std(after).unwrap_or(TimeDelta::days(1));
        self.dataset.status = DatasetStatus::Fetching;
        self.dataset.status_description = Some(format!(
            "Paused until {}",
            until.to_rfc3339_opts(SecondsFormat::Millis, true)
        ));
        self.dataset.error_message = Some(message.clone());
        if after < WORTH_REPORTING {
            self.save().await?;
        } else {
            self.report_pause(&message, until).await?;
        }
        Ok(JobOutcome::Again {
            at: until,
            fresh,
            reason: message,
        })
    }

    async fn report_pause(&self, why: &str, until: DateTime<Utc>) -> Result<(), StoreError> {
        let data_type = self.dataset.data_type.as_str();
        let reason = format!(
            "{}: {why}. Next attempt: {} UTC.",
            in_words(data_type),
            until.format("%-d %B %Y, %H:%M")
        );
        let company = self.connection.company_id;
        let mut change = Change::of_company(self.app, company, Actor::Platform).await?;
        // A dataset that was ended from outside meanwhile doesn't wait.
        if store::datasets::update(&mut change, &self.dataset).await? {
            let paused = Event::SyncPaused {
                connection: &self.connection,
                data_type,
                reason: &reason,
                next_attempt: until,
            };
            change.event(paused).await?;
        }
        change.commit().await
    }

    pub(super) async fn end(
        &mut self,
        status: DatasetStatus,
        message: &str,
    ) -> Result<JobOutcome, PullError> {
        let dataset = self.dataset.clone();
        let run = Some(self.run);
        if end(self.app, dataset, status, Some(message.to_owned()), run).await? {
            let key = &self.connection.integration_key;
            let metrics = &self.app.metrics;
            metrics.count_outcome(&metrics.datasets, key, status.as_str());
        }
        Ok(JobOutcome::Finished)
    }
}

/// `banking-accountBalances` as people say it: Account balances.
fn in_words(key: &str) -> String {
    if let Some(own) = configuration::custom_name(key) {
        return own.to_owned();
    }
    let mut words = String::new();
    for letter in key.rsplit('-').next().unwrap_or(key).chars() {
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
