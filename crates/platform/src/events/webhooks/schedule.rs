//! The schedule of retries for a message that was not accepted.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Seconds between one attempt and the next; the first is made at once. After the last a message has failed.
const PAUSES: [i64; 7] = [
    5,
    5 * 60,
    30 * 60,
    2 * 3_600,
    5 * 3_600,
    10 * 3_600,
    10 * 3_600,
];

/// The share by which a pause differs from the schedule at the most, either way: consumers that failed together aren't all called
/// at the same moment.
const JITTER: f64 = 0.2;

/// The longest pause that a `Retry-After` can ask for.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// The pause after the given number of attempts, none after the last. The jitter is computed from the message's id and the
/// number, so that it is reproducible and differs from message to message.
pub(super) fn pause(message: Uuid, attempts: i64) -> Option<TimeDelta> {
    let seconds = *usize::try_from(attempts - 1)
        .ok()
        .and_then(|index| PAUSES.get(index))?;
    let digest = Sha256::new()
        .chain_update(message.as_bytes())
        .chain_update(attempts.to_be_bytes())
        .finalize();
    let random = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    let stray = (f64::from(random) / f64::from(u32::MAX) * 2.0 - 1.0) * JITTER;
    let millis = seconds as f64 * 1_000.0 * (1.0 + stray);
    Some(TimeDelta::milliseconds(millis.round() as i64))
}

/// The time before which a `Retry-After` (RFC 9110 § 10.2.3: seconds or a date) asks for no request.
pub(super) fn retry_after(header: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let header = header.trim();
    let until = match header.parse::<u32>() {
        Ok(seconds) => now + TimeDelta::seconds(i64::from(seconds)),
        Err(_) => DateTime::parse_from_rfc2822(header).ok()?.to_utc(),
    };
    (until > now).then(|| until.min(now + LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of attempts after which a message has failed.
    const ATTEMPTS: i64 = PAUSES.len() as i64 + 1;

    #[test]
    fn pauses_stray_by_a_fifth_at_most_and_not_all_alike() {
        let mut distinct = std::collections::BTreeSet::new();
        for n in 0..500 {
            let message = Uuid::from_u128(n);
            for (index, seconds) in PAUSES.iter().enumerate() {
                let pause = pause(message, index as i64 + 1).unwrap();
                let share = pause.num_milliseconds() as f64 / (*seconds as f64 * 1_000.0);
                assert!((0.8..=1.2).contains(&share), "{share}");
                distinct.insert(pause);
            }
            assert_eq!(pause(message, ATTEMPTS), None);
            assert_eq!(pause(message, 1), pause(message, 1));
        }
        assert!(distinct.len() > 3_000, "{}", distinct.len());
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_bounded() {
        let now = DateTime::parse_from_rfc3339("2026-06-15T09:30:00Z")
            .unwrap()
            .to_utc();
        assert_eq!(retry_after("120", now), Some(now + TimeDelta::seconds(120)));
        assert_eq!(
            retry_after("Mon, 15 Jun 2026 10:30:00 GMT", now),
            Some(now + TimeDelta::hours(1))
        );
        assert_eq!(retry_after("4000000000", now), Some(now + LONGEST));
        for nothing in ["0", "-5", "soon", "", "Mon, 15 Jun 2026 08:30:00 GMT"] {
            assert_eq!(retry_after(nothing, now), None, "{nothing}");
        }
    }
}
