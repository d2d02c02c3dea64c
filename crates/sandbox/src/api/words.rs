//! Amounts, dates and times in the ways the three dialects write them.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use crate::books::ledger::{Moment, Money};

fn time(moment: Moment) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(moment).unwrap_or_default()
}

pub(super) fn rfc3339(moment: Moment) -> String {
    time(moment).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// RFC 1123 with `GMT`, as HTTP writes dates.
pub(super) fn rfc1123(moment: Moment) -> String {
    time(moment).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

pub(super) fn compact(day: NaiveDate) -> String {
    day.format("%Y%m%d").to_string()
}

/// Minor units as a decimal with exactly the currency's decimals.
pub(super) fn decimal(amount: Money, exponent: u32) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let digits = amount.unsigned_abs();
    if exponent == 0 {
        return format!("{sign}{digits}");
    }
    let unit = 10u64.pow(exponent);
    let width = exponent as usize;
    format!("{sign}{}.{:0width$}", digits / unit, digits % unit)
}

/// Basis points as a percentage.
pub(super) fn percent(rate_bp: i64) -> String {
    decimal(rate_bp, 2)
}
