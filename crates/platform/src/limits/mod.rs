//! Rate limits: those that clients are held to, and those of platforms that Moorline keeps.

pub mod clients;
pub mod platforms;

/// Days are counted since 1970-01-01.
const DAY_SECONDS: i64 = 86_400;

fn day_of(time: chrono::DateTime<chrono::Utc>) -> i64 {
    time.timestamp().div_euclid(DAY_SECONDS)
}

fn end_of_day(day: i64) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp((day + 1) * DAY_SECONDS, 0)
        .unwrap_or(chrono::DateTime::<chrono::Utc>::MAX_UTC)
}
