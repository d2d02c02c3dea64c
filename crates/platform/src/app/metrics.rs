//! Counters that Prometheus reads.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{FetchError, Integration};
use parking_lot::Mutex;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::{App, health};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RequestLabels {
    /// One of those that are known, or `other`.
    pub method: &'static str,
    /// The route's pattern, never the path: each id would make a series of its own.
    pub route: String,
    pub status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct OutcomeLabels {
    pub(crate) integration: String,
    pub(crate) outcome: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct ScanLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct StateLabels {
    pub(crate) state: JobState,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub(crate) enum JobState {
    Waiting,
    Dead,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct AttemptLabels {
    pub(crate) outcome: AttemptOutcome,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub(crate) enum AttemptOutcome {
    Delivered,
    /// Answered, but not with a 2xx.
    Refused,
    NoAnswer,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct MessageLabels {
    pub(crate) state: WaitingState,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub(crate) enum WaitingState {
    /// For the first attempt or a retry.
    Waiting,
    /// For a retry.
    Retrying,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct PlatformLabels {
    pub(crate) integration: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct ConnectionLabels {
    pub(crate) integration: String,
    pub(crate) status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct KindLabels {
    pub(crate) kind: &'static str,
}

fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.005, 2.5, 12))
}

pub struct Metrics {
    registry: Mutex<Registry>,
    pub requests: Family<RequestLabels, Counter>,
    pub request_seconds: Histogram,
    /// Links that ended, by the status code with which the customer was sent back.
    pub links: Family<OutcomeLabels, Counter>,
    pub(crate) token_refreshes: Family<OutcomeLabels, Counter>,
    /// OAuth clients that platforms refuse: an operator has to correct their ids or secrets.
    pub(crate) oauth_clients_refused: Gauge,
    /// Answers to renewals that can't be read.
    pub(crate) unread_answers: Gauge,
    /// Answers of platforms that are kept beside the database until it takes them.
    pub(crate) kept_answers: Gauge,
    /// Connections whose stored access can't be opened.
    pub(crate) unreadable_credentials: Gauge,
    /// The machine's clock, less the database's.
    pub(crate) clock_offset_seconds: Gauge,
    pub(crate) datasets: Family<OutcomeLabels, Counter>,
    pub(crate) pushes: Family<OutcomeLabels, Counter>,
    pub(crate) records: Counter,
    /// Those that were stored already as they would have become, and weren't mapped.
    pub(crate) records_unaltered: Counter,
    /// Files that the virus scanner has seen.
    pub(crate) scans: Family<ScanLabels, Counter>,
    pub(crate) jobs: Family<StateLabels, Gauge>,
    /// From the time at which a job may be done to its beginning.
    pub(crate) job_wait_seconds: Family<KindLabels, Histogram, fn() -> Histogram>,
    /// The time for which the longest waiting pull could have been done.
    pub(crate) oldest_due_pull_seconds: Gauge,
    /// The time of the newest backup that servers made by themselves; 0 before the first.
    pub(crate) last_backup_timestamp_seconds: Gauge,
    pub(crate) platform_calls: Family<OutcomeLabels, Counter>,
    pub(crate) platform_seconds: Family<PlatformLabels, Histogram, fn() -> Histogram>,
    pub(crate) connections: Family<ConnectionLabels, Gauge>,
    /// Linked connections whose access ends within a week unless their customers give it anew.
    pub(crate) grants_ending: Gauge,
    ending_counted: Mutex<Option<DateTime<Utc>>>,
    pub(crate) webhook_attempts: Family<AttemptLabels, Counter>,
    /// Time that consumers take to answer.
    pub(crate) webhook_seconds: Histogram,
    /// From an event to the first attempt to deliver it.
    pub(crate) webhook_delay_seconds: Histogram,
    pub(crate) webhook_messages: Family<MessageLabels, Gauge>,
    pub(crate) webhooks_disabled: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("moorline")),
            requests: Family::default(),
            request_seconds: Histogram::new(exponential_buckets(0.0005, 2.5, 12)),
            links: Family::default(),
            token_refreshes: Family::default(),
            oauth_clients_refused: Gauge::default(),
            unread_answers: Gauge::default(),
            kept_answers: Gauge::default(),
            unreadable_credentials: Gauge::default(),
            clock_offset_seconds: Gauge::default(),
            datasets: Family::default(),
            pushes: Family::default(),
            records: Counter::default(),
            records_unaltered: Counter::default(),
            scans: Family::default(),
            jobs: Family::default(),
            job_wait_seconds: Family::new_with_constructor(seconds),
            oldest_due_pull_seconds: Gauge::default(),
            last_backup_timestamp_seconds: Gauge::default(),
            platform_calls: Family::default(),
            platform_seconds: Family::new_with_constructor(seconds),
            connections: Family::default(),
            grants_ending: Gauge::default(),
            ending_counted: Mutex::default(),
            webhook_attempts: Family::default(),
            webhook_seconds: Histogram::new(exponential_buckets(0.001, 2.5, 12)),
            webhook_delay_seconds: Histogram::new(exponential_buckets(0.001, 2.5, 14)),
            webhook_messages: Family::default(),
            webhooks_disabled: Counter::default(),
        };
        {
            let mut registry = metrics.registry.lock();
            registry.register(
                "http_requests",
                "Requests answered",
                metrics.requests.clone(),
            );
            registry.register(
                "http_request_seconds",
                "Time to answer",
                metrics.request_seconds.clone(),
            );
            registry.register(
                "links",
                "Links that ended, by outcome",
                metrics.links.clone(),
            );
            registry.register(
                "file_scans",
                "Files that the virus scanner has seen, by outcome",
                metrics.scans.clone(),
            );
            registry.register(
                "token_refreshes",
                "Refreshes of access tokens, by outcome",
                metrics.token_refreshes.clone(),
            );
            registry.register(
                "oauth_clients_refused",
                "OAuth clients whose credentials a platform refuses",
                metrics.oauth_clients_refused.clone(),
            );
            registry.register(
                "unread_answers",
                "Answers to renewals that can't be read",
                metrics.unread_answers.clone(),
            );
            registry.register(
                "kept_answers",
                "Platforms' answers that the database hasn't taken yet",
                metrics.kept_answers.clone(),
            );
            registry.register(
                "unreadable_credentials",
                "Connections whose stored access can't be opened",
                metrics.unreadable_credentials.clone(),
            );
            registry.register(
                "clock_offset_seconds",
                "The machine's clock, less the database's",
                metrics.clock_offset_seconds.clone(),
            );
            registry.register(
                "datasets",
                "Datasets that ended, by status",
                metrics.datasets.clone(),
            );
            registry.register(
                "pushes",
                "Writes to platforms that ended, by status",
                metrics.pushes.clone(),
            );
            registry.register(
                "records",
                "Records stored by syncs, or seen unaltered",
                metrics.records.clone(),
            );
            registry.register(
                "records_unaltered",
                "Records that syncs saw as they were mapped before, and did not map again",
                metrics.records_unaltered.clone(),
            );
            registry.register("jobs", "Jobs in the queue", metrics.jobs.clone());
            registry.register(
                "job_wait_seconds",
                "Time that jobs waited for a worker, by kind",
                metrics.job_wait_seconds.clone(),
            );
            registry.register(
                "oldest_due_pull_seconds",
                "Time for which the longest waiting pull could have been done",
                metrics.oldest_due_pull_seconds.clone(),
            );
            registry.register(
                "last_backup_timestamp_seconds",
                "Time of the newest backup that servers made by themselves, 0 before the first",
                metrics.last_backup_timestamp_seconds.clone(),
            );
            registry.register(
                "platform_calls",
                "Calls of platforms' APIs for data and writes, by outcome",
                metrics.platform_calls.clone(),
            );
            registry.register(
                "platform_seconds",
                "Time that platforms take to answer those",
                metrics.platform_seconds.clone(),
            );
            registry.register(
                "connections",
                "Connections by platform and status",
                metrics.connections.clone(),
            );
            registry.register(
                "grants_ending",
                "Linked connections whose access ends within a week",
                metrics.grants_ending.clone(),
            );
            registry.register(
                "webhook_attempts",
                "Attempts to deliver webhook messages, by outcome",
                metrics.webhook_attempts.clone(),
            );
            registry.register(
                "webhook_seconds",
                "Time that webhook consumers take to answer",
                metrics.webhook_seconds.clone(),
            );
            registry.register(
                "webhook_delay_seconds",
                "Time from an event to the first attempt to deliver it",
                metrics.webhook_delay_seconds.clone(),
            );
            registry.register(
                "webhook_messages",
                "Webhook messages that wait",
                metrics.webhook_messages.clone(),
            );
            registry.register(
                "webhooks_disabled",
                "Webhook consumers disabled for failing",
                metrics.webhooks_disabled.clone(),
            );
        }
        metrics
    }
}

impl App {
    /// Notes a call of a platform's API: in the metrics, and in the log if it makes the platform one that fails, or answers again.
    pub(crate) fn called(
        &self,
        integration: &Integration,
        failed: Option<&FetchError>,
        took: Duration,
    ) {
        let (key, name) = (integration.key(), integration.name());
        let word = failed.map_or("ok", health::outcome);
        let metrics = &self.metrics;
        metrics.count_outcome(&metrics.platform_calls, key, word);
        let labels = PlatformLabels {
            integration: key.to_owned(),
        };
        metrics
            .platform_seconds
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
        self.health.note(key, name, failed, self.clock.now());
    }
}

impl Metrics {
    pub(crate) fn count_scan(&self, outcome: &'static str) {
        self.scans.get_or_create(&ScanLabels { outcome }).inc();
    }

    pub fn count_outcome(
        &self,
        family: &Family<OutcomeLabels, Counter>,
        integration: &str,
        outcome: &str,
    ) {
        family
            .get_or_create(&OutcomeLabels {
                integration: integration.to_owned(),
                outcome: outcome.to_owned(),
            })
            .inc();
    }

    /// True now and then: counting the grants that end reads every credential, which isn't for each round of chores.
    pub(crate) fn ending_is_to_be_counted(&self, now: DateTime<Utc>) -> bool {
        const EVERY: TimeDelta = TimeDelta::minutes(5);

        let mut counted = self.ending_counted.lock();
        let is_due = counted.is_none_or(|last| now - last >= EVERY);
        if is_due {
            *counted = Some(now);
        }
        is_due
    }

    /// In the OpenMetrics text format.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock();
        encode(&mut text, &registry).expect("writing to a string");
        text
    }
}
