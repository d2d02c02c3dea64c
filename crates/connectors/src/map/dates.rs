//! Dates and instants in maps.

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};
use jaq_core::Error;
use jaq_json::{Num, Val};

use super::values::ValR;

pub(super) fn on_epoch(value: &Val, f: impl FnOnce(i64) -> Option<DateTime<Utc>>) -> ValR {
    match value {
        Val::Null => Ok(Val::Null),
        Val::Num(Num::Int(number)) => match f(*number as i64) {
            Some(time) => Ok(Val::from(instant(time))),
            None => Err(Error::str(format!("{number} is not a time"))),
        },
        other => Err(Error::str(format!("{other} is not a time"))),
    }
}

/// `/Date(1518685950940+0000)/`: milliseconds since 1970 in UTC, and the writer's own offset.
pub(super) fn ms_date(text: &str) -> Option<DateTime<FixedOffset>> {
    let inner = text.trim().strip_prefix("/Date(")?.strip_suffix(")/")?;
    // A sign behind the first character is the offset's.
    let sign = inner
        .char_indices()
        .skip(1)
        .find(|(_, c)| "+-".contains(*c));
    let (milliseconds, offset) = match sign {
        Some((at, _)) => inner.split_at(at),
        None => (inner, "+0000"),
    };
    let time = DateTime::from_timestamp_millis(milliseconds.parse().ok()?)?;
    let (hours, minutes) = offset.get(1..).filter(|_| offset.len() == 5)?.split_at(2);
    let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
    let seconds = if offset.starts_with('-') {
        -seconds
    } else {
        seconds
    };
    Some(time.with_timezone(&FixedOffset::east_opt(seconds)?))
}

pub(super) fn midnight(date: NaiveDate) -> String {
    format!("{}T00:00:00", date.format("%Y-%m-%d"))
}

pub(super) fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
