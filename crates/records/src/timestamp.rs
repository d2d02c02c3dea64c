//! A date or a time as the contract writes them.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// Either a time of the business's own calendar, without a zone (`2026-03-31T00:00:00`; a date is its midnight), or an
/// instant (`2026-03-31T10:22:05Z`; another offset is turned into UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timestamp {
    Local(NaiveDateTime),
    Instant(DateTime<Utc>),
}

impl Timestamp {
    /// Reads `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM:SS[.f]`, or RFC 3339.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Some(Self::Instant(instant.to_utc()));
        }
        if let Ok(time) = text.parse::<NaiveDateTime>() {
            return Some(Self::Local(time));
        }
        text.parse::<NaiveDate>().ok().map(Self::from)
    }

    /// The calendar date.
    pub fn date(self) -> NaiveDate {
        match self {
            Self::Local(time) => time.date(),
            Self::Instant(instant) => instant.date_naive(),
        }
    }

    /// The instant, reading a time without a zone as UTC.
    pub fn instant(self) -> DateTime<Utc> {
        match self {
            Self::Local(time) => time.and_utc(),
            Self::Instant(instant) => instant,
        }
    }
}

impl From<NaiveDate> for Timestamp {
    fn from(date: NaiveDate) -> Self {
        Self::Local(date.and_time(NaiveTime::MIN))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(time) => write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%S%.f")),
            Self::Instant(instant) => {
                f.write_str(&instant.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            }
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TimestampVisitor;

        impl Visitor<'_> for TimestampVisitor {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an ISO 8601 date or time")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                Timestamp::parse(text)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_str(TimestampVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn each_way_of_writing_a_time_comes_out_in_the_contracts_own() {
        for (text, written) in [
            ("2026-03-31", "2026-03-31T00:00:00"),
            ("2026-03-31T10:22:05", "2026-03-31T10:22:05"),
            ("2026-03-31T10:22:05Z", "2026-03-31T10:22:05Z"),
            ("2026-03-31T01:00:00-05:00", "2026-03-31T06:00:00Z"),
            ("2026-03-31T10:22:05.125Z", "2026-03-31T10:22:05.125Z"),
        ] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), written);
        }
        for text in ["31/03/2026", "2026-02-30", "", "2026-03-31T25:00:00Z"] {
            assert!(Timestamp::parse(text).is_none(), "{text}");
        }
    }
}
