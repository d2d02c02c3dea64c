//! Counters that Prometheus reads.

use std::sync::Mutex;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RequestLabels {
    pub method: String,
    /// The route's pattern, never the path: ids would make a series each.
    pub route: String,
    pub status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct OutcomeLabels {
    pub integration: String,
    pub outcome: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct StateLabels {
    pub state: JobState,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub enum JobState {
    Waiting,
    Dead,
}

pub struct Metrics {
    registry: Mutex<Registry>,
    pub requests: Family<RequestLabels, Counter>,
    pub request_seconds: Histogram,
    /// Links that ended, by the status code the customer was sent back with.
    pub links: Family<OutcomeLabels, Counter>,
    pub token_refreshes: Family<OutcomeLabels, Counter>,
    pub datasets: Family<OutcomeLabels, Counter>,
    pub records: Counter,
    pub jobs: Family<StateLabels, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("moorline")),
            requests: Family::default(),
            request_seconds: Histogram::new(exponential_buckets(0.0005, 2.5, 12)),
            links: Family::default(),
            token_refreshes: Family::default(),
            datasets: Family::default(),
            records: Counter::default(),
            jobs: Family::default(),
        };
        {
            let mut registry = metrics
                .registry
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner());
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
                "token_refreshes",
                "Refreshes of access tokens, by outcome",
                metrics.token_refreshes.clone(),
            );
            registry.register(
                "datasets",
                "Datasets that ended, by status",
                metrics.datasets.clone(),
            );
            registry.register(
                "records",
                "Records stored by syncs",
                metrics.records.clone(),
            );
            registry.register("jobs", "Jobs in the queue", metrics.jobs.clone());
        }
        metrics
    }
}

impl Metrics {
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

    /// In the OpenMetrics text format.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let registry = self
            .registry
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        encode(&mut text, &registry).expect("writing to a string");
        text
    }
}
