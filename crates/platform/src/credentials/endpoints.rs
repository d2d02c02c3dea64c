//! Pauses before a token endpoint is asked again: of one credential, and of all of one client's at one platform.
//!
//! An endpoint that is down, asks for fewer requests or refuses the client's own credentials says so for every connection of
//! that client. One failure lets all of them wait, on every node and after a restart; when the pause is over, one asks, and
//! the others go on once it was answered.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::OAuthError;
use egress::EgressError;

use super::warnings::degradation::in_words;
use crate::app::App;
use store::StoreError;
use store::clock::random_bytes;
use store::credentials::{self, Pause};
use store::model::ClientId;
use store::token_endpoints::{self, TokenEndpoint};

/// The first pause; each further one is twice as long.
const FIRST: TimeDelta = TimeDelta::seconds(10);
const LONGEST: TimeDelta = TimeDelta::minutes(15);
/// The longest pause after a refusal that only an operator can mend.
const LONGEST_OF_FAULT: TimeDelta = TimeDelta::hours(1);
/// Whatever a platform asks for.
const LONGEST_ASKED_FOR: TimeDelta = TimeDelta::hours(24);
/// The time for which the one that asks has the endpoint for itself, unless it keeps it: if its node dies, another asks after this.
pub(super) const TURN: TimeDelta = TimeDelta::seconds(25);

/// The pause after `failures` in a row: the one that the platform asks for, or one that doubles. Up to a quarter more keeps those
/// that failed together from coming back together.
pub(super) fn backoff(now: DateTime<Utc>, failures: i64, asked_for: Option<Duration>) -> Pause {
    pause(now, failures, asked_for, LONGEST)
}

fn pause(
    now: DateTime<Utc>,
    failures: i64,
    asked_for: Option<Duration>,
    longest: TimeDelta,
) -> Pause {
    let doublings = u32::try_from(failures - 1).unwrap_or(u32::MAX).min(16);
    let doubled = (FIRST * (1 << doublings)).min(longest);
    let [part] = random_bytes::<1>();
    let length = match asked_for.map(|wait| TimeDelta::from_std(wait).unwrap_or(LONGEST_ASKED_FOR))
    {
        Some(wait) => wait.clamp(TimeDelta::seconds(1), LONGEST_ASKED_FOR),
        None => doubled + doubled / 4 * i32::from(part) / 255,
    };
    Pause {
        from: now,
        until: now + length,
    }
}

/// Leave to ask an endpoint, or the pause to keep first.
pub(super) enum Turn {
    Go,
    /// The caller asks for all the others, which wait until then.
    Probe {
        until: DateTime<Utc>,
    },
    Wait {
        pause: Pause,
        why: String,
        /// True if only an operator can end it.
        operators_fault: bool,
    },
}

/// Says if a client's token endpoint at a platform may be asked now.
pub(super) async fn turn(app: &App, client: ClientId, key: &str) -> Result<Turn, StoreError> {
    loop {
        let Some(seen) = token_endpoints::get(&app.db, client, key).await? else {
            return Ok(Turn::Go);
        };
        let now = app.clock.now();
        if seen.pause().holds(now) {
            return Ok(Turn::Wait {
                pause: Pause {
                    from: now,
                    until: seen.paused_until,
                },
                why: seen.reason,
                operators_fault: seen.fault.is_some(),
            });
        }
        let mut tx = app.db.write().await?;
        let until = now + TURN;
        let mine = token_endpoints::take_turn(&mut tx, &seen, now, until).await?;
        tx.commit().await?;
        if mine {
            return Ok(Turn::Probe { until });
        }
    }
}

/// A failure that is the endpoint's, and not one credential's.
pub(super) struct Failure {
    asked_for: Option<Duration>,
    /// OAuth's code, if the client's own credentials are refused.
    fault: Option<String>,
    reason: String,
}

pub(super) fn failure(error: &OAuthError) -> Option<Failure> {
    let (asked_for, fault) = match error {
        OAuthError::Refused { error: code, .. } if error.is_operators_fault() => {
            (None, Some(code.clone()))
        }
        OAuthError::Unavailable {
            status: 429 | 502 | 503 | 504,
            retry_after,
        } => (*retry_after, None),
        OAuthError::Unreachable(EgressError::Unreachable { .. } | EgressError::TimedOut { .. }) => {
            (None, None)
        }
        _ => return None,
    };
    Some(Failure {
        asked_for,
        fault,
        reason: in_words(error),
    })
}

/// Writes down that an endpoint failed, and gives the pause that all keep now. Of several that had asked before the first failure came
/// back, one counts. An operator's fault is reported when it begins, not at each try.
pub(super) async fn failed(
    app: &App,
    client: ClientId,
    key: &str,
    is_probe: bool,
    failure: Failure,
) -> Result<Pause, StoreError> {
    let mut tx = app.db.write().await?;
    let now = app.clock.now();
    let before = token_endpoints::get_in(&mut tx, client, key).await?;
    let counted = before
        .as_ref()
        .filter(|before| !is_probe && before.pause().holds(now));
    let failures = match (&before, counted) {
        (_, Some(counted)) => counted.failures,
        (Some(before), None) => before.failures + 1,
        (None, None) => 1,
    };
    let longest = match failure.fault {
        Some(_) => LONGEST_OF_FAULT,
        None => LONGEST,
    };
    let mut pause = pause(now, failures, failure.asked_for, longest);
    if let Some(counted) = counted {
        pause.until = pause.until.max(counted.paused_until);
    }
    let begins =
        failure.fault.is_some() && before.as_ref().is_none_or(|before| before.fault.is_none());
    token_endpoints::put(
        &mut tx,
        &TokenEndpoint {
            client_id: client,
            integration_key: key.to_owned(),
            failures,
            since: before.map_or(now, |before| before.since),
            paused_at: pause.from,
            paused_until: pause.until,
            reason: failure.reason.clone(),
            fault: failure.fault.clone(),
        },
    )
    .await?;
    tx.commit().await?;
    if begins {
        let error = failure.fault.unwrap_or_default();
        tracing::error!(
            %client, integration = key, error,
            "the platform refuses this client's own credentials: no connection of its can be made or renewed there until they are corrected with `moorline integrations configure`"
        );
    }
    Ok(pause)
}

/// An endpoint answered a request of the client's: all of its connections go on.
pub(super) async fn answered(app: &App, client: ClientId, key: &str) -> Result<(), StoreError> {
    if token_endpoints::get(&app.db, client, key).await?.is_none() {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    let failing = token_endpoints::clear(&mut tx, client, key).await?;
    credentials::end_pauses(&mut tx, client, key).await?;
    tx.commit().await?;
    if failing {
        tracing::info!(%client, integration = key, "the platform's token endpoint answers again");
    }
    Ok(())
}

/// Takes an exchange's outcome as the endpoint's, as a renewal's is.
pub(crate) async fn note_exchange(
    app: &App,
    client: ClientId,
    key: &str,
    error: Option<&OAuthError>,
) -> Result<(), StoreError> {
    note(app, client, key, false, error).await
}

/// The same of an exchange or a renewal that may ask for all others.
pub(super) async fn note(
    app: &App,
    client: ClientId,
    key: &str,
    is_probe: bool,
    error: Option<&OAuthError>,
) -> Result<(), StoreError> {
    match error.and_then(failure) {
        Some(failure) => failed(app, client, key, is_probe, failure).await.map(drop),
        None => answered(app, client, key).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_grows_to_its_bound_and_holds_no_longer_than_it_is() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let length = |failures, asked_for: Option<u64>| {
            let pause = backoff(now, failures, asked_for.map(Duration::from_secs));
            (pause.until - pause.from).num_seconds()
        };
        assert!((10..=12).contains(&length(1, None)));
        assert!((40..=50).contains(&length(3, None)));
        for failures in [8, 40, i64::MAX] {
            assert!((900..=1125).contains(&length(failures, None)), "{failures}");
        }
        assert_eq!(length(9, Some(120)), 120);
        assert_eq!(length(1, Some(0)), 1);
        assert_eq!(length(1, Some(u64::MAX)), 86_400);

        let pause = backoff(now, 1, Some(Duration::from_secs(600)));
        assert!(pause.holds(now) && pause.holds(now + TimeDelta::seconds(599)));
        assert!(!pause.holds(now + TimeDelta::seconds(600)));
        // Another node's clock may be behind a little; one that was set back an hour doesn't make it an hour longer.
        assert!(pause.holds(now - TimeDelta::seconds(5)));
        assert!(!pause.holds(now - TimeDelta::hours(1)));
    }
}
