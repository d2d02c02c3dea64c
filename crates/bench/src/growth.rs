//! Latencies by the number of companies, and how they grow with it.

use std::time::Duration;

use crate::database::TAGGED;
use crate::report::Figure;

/// The latencies of one size, with one client.
pub(crate) struct Latencies {
    pub(crate) one: Duration,
    pub(crate) first: Duration,
    pub(crate) last: Duration,
    pub(crate) tagged: Duration,
}

/// Latencies of every size, and their growth from the smallest to the largest.
pub(crate) fn growth(latencies: &[(usize, Latencies)]) -> Vec<Figure> {
    let (Some((small, least)), Some((large, most))) = (latencies.first(), latencies.last()) else {
        return Vec::new();
    };
    let mut figures = Vec::new();
    for (size, latency) in latencies {
        let ms = |name: &str, wait: Duration| {
            Figure::plain(
                format!("{size} companies: {name}"),
                wait.as_secs_f64() * 1e3,
                " ms",
            )
        };
        figures.extend([
            ms("one connection, p50", latency.one),
            ms("first page of companies, p50", latency.first),
            ms("last page, p50", latency.last),
            ms(&format!("a tag that {TAGGED} have, p50"), latency.tagged),
        ]);
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
    ]);
    figures
}
