//! Latencies by the number of companies, and how they grow with it.

use std::time::Duration;

use crate::report::Figure;

/// The latencies of one size, with one client.
pub(crate) struct Latencies {
    pub(crate) one: Duration,
    pub(crate) first: Duration,
    pub(crate) last: Duration,
    pub(crate) tagged: Duration,
    pub(crate) named: Duration,
}

impl Latencies {
    /// Each with its name.
    pub(crate) fn all(&self) -> [(&'static str, Duration); 5] {
        [
            ("one connection", self.one),
            ("first page of companies", self.first),
            ("last page", self.last),
            ("a tag's page", self.tagged),
            ("a part of a name", self.named),
        ]
    }
}

/// Latencies of every size, and their growth from the smallest to the largest.
pub(crate) fn growth(latencies: &[(usize, Latencies)]) -> Vec<Figure> {
    let (Some((small, least)), Some((large, most))) = (latencies.first(), latencies.last()) else {
        return Vec::new();
    };
    let mut figures = Vec::new();
    for (size, latency) in latencies {
        figures.extend(latency.all().map(|(name, wait)| {
            Figure::plain(
                format!("{size} companies: {name}, p50"),
                wait.as_secs_f64() * 1e3,
                " ms",
            )
        }));
    }
    if small == large {
        return figures;
    }
    let times = |name: &str, least: Duration, most: Duration, target: f64| {
        let times = most.as_secs_f64() / least.as_secs_f64();
        Figure::at_most(
            format!("{name}, {small} to {large} companies"),
            times,
            target,
            " ×",
        )
    };
    figures.extend([
        times("one connection", least.one, most.one, 1.3),
        times("first page", least.first, most.first, 3.0),
        times("last page", least.last, most.last, 3.0),
        times("a tag's page", least.tagged, most.tagged, 3.0),
        Figure::at_most(
            format!("a part of a name, among {large}"),
            most.named.as_secs_f64() * 1e3,
            20.0,
            " ms",
        ),
    ]);
    figures
}
