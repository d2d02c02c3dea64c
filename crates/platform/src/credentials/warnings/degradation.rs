//! Access tokens that can't be renewed for a while: reported when it begins and when it is over, not at each try.

use chrono::{DateTime, TimeDelta, Utc};
use connectors::OAuthError;
use uuid::Uuid;

use crate::app::App;
use crate::change::Change;
use crate::credentials::holding::sharing;
use crate::events::Event;
use store::StoreError;
use store::clock::new_id;
use store::connections::Connection;
use store::connections::ConnectionError;
use store::credentials::{self, Failing, Pause};
use store::model::{Actor, EventType};

/// The time for which renewals fail before that is reported, unless the token has run out before: a fault that the next try
/// mends needs no report.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);

/// The short text of an error that is the operator's: the platform refuses the OAuth client.
pub const CLIENT_REFUSED: &str = "OAuth client refused";

/// One try at a renewal, by the holder of the lease.
pub(in crate::credentials) struct Renewal<'a> {
    pub(in crate::credentials) connection: &'a Connection,
    pub(in crate::credentials) version: i64,
    pub(in crate::credentials) holder: Uuid,
    /// True if the answer to an earlier try was lost: then that stays on record, whatever this one brings.
    pub(in crate::credentials) interrupted: bool,
}

/// A try that brought nothing.
pub(in crate::credentials) struct Failed<'a> {
    pub(in crate::credentials) reason: &'a str,
    /// The time in which there is no other.
    pub(in crate::credentials) pause: Pause,
    /// True if the platform certainly gave no new tokens.
    pub(in crate::credentials) certain: bool,
    /// True if the platform refused the grant, and that isn't believed yet.
    pub(in crate::credentials) doubted: bool,
    /// True if only an operator can mend it.
    pub(in crate::credentials) operators_fault: bool,
}

impl<'a> Failed<'a> {
    /// A failure by which nothing was changed at the platform.
    pub(in crate::credentials) fn certainly(reason: &'a str, pause: Pause) -> Self {
        Self {
            reason,
            pause,
            certain: true,
            doubted: false,
            operators_fault: false,
        }
    }
}

/// Gives the lease back after a try that brought nothing, and reports it once that begins to matter.
pub(in crate::credentials) async fn note(
    app: &App,
    renewal: &Renewal<'_>,
    failed: Failed<'_>,
) -> Result<(), StoreError> {
    let reason = failed.reason;
    let id = renewal.connection.id;
    let company = renewal.connection.company_id;
    let (mut change, others) = sharing::change_for_all(app, (company, id), Actor::Platform).await?;
    let now = change.now;
    let certain = failed.certain && !renewal.interrupted;
    credentials::release(&mut change, id, renewal.holder, certain).await?;
    let (version, pause) = (renewal.version, failed.pause);
    let failing = credentials::note_failure(&mut change, id, version, pause, reason).await?;
    if failed.doubted {
        credentials::doubt(&mut change, id, version, now).await?;
    }
    let mut reported = false;
    if let Some(failing) = failing.filter(|failing| matters(failing, now))
        && let Some(connection) = store::connections::find_in(&mut change, id).await?
    {
        credentials::failure_told(&mut change, id, now).await?;
        let words = format!(
            "Access to {} can't be renewed: {reason}. It is tried again until it works.",
            connection.platform_name
        );
        for connection in std::iter::once(&connection).chain(&others) {
            let degraded = Event::TokenRefresh {
                connection,
                kind: EventType::TokenRefreshFailing,
                since: failing.since,
                reason: Some(&words),
            };
            change.event(degraded).await?;
        }
        if failed.operators_fault {
            let error = ConnectionError {
                id: new_id(now),
                connection_id: id,
                status_code: "401".into(),
                status_text: CLIENT_REFUSED.into(),
                error_message: words.clone(),
                errored_on: now,
                resolved_on: None,
            };
            store::connections::insert_error(&mut change, &error).await?;
        }
        reported = true;
    }
    change.commit().await?;
    if reported {
        tracing::warn!(connection = %id, reason, "access can't be renewed");
    }
    Ok(())
}

fn matters(failing: &Failing, now: DateTime<Utc>) -> bool {
    let ended = failing.expires.is_some_and(|expires| expires <= now);
    failing.told.is_none() && (ended || now - failing.since >= PATIENCE)
}

/// Reports that renewals work again, if it was reported that they didn't; to the others that read by the same credential, too.
pub(in crate::credentials) async fn over(
    change: &mut Change<'_>,
    connection: &Connection,
    others: &[Connection],
    failing: Failing,
) -> Result<(), StoreError> {
    if failing.told.is_none() {
        return Ok(());
    }
    let now = change.now;
    store::connections::resolve_errors(change, connection.id, now).await?;
    let since = failing.since;
    let words = format!(
        "Access to {} is renewed again. It had failed since {} UTC.",
        connection.platform_name,
        since.format("%-d %B %Y, %H:%M")
    );
    for connection in std::iter::once(connection).chain(others) {
        let recovered = Event::TokenRefresh {
            connection,
            kind: EventType::TokenRefreshRecovered,
            since,
            reason: Some(&words),
        };
        change.event(recovered).await?;
    }
    Ok(())
}

/// The fault, as the company's own people may read it.
pub(in crate::credentials) fn in_words(error: &OAuthError) -> String {
    match error {
        OAuthError::Refused { error: code, .. } if error.is_operators_fault() => format!(
            "the platform does not accept this application's own credentials ({code}), which its operator has to correct"
        ),
        OAuthError::Refused { error, .. } => format!("the platform refused ({error})"),
        OAuthError::Unavailable { status: 429, .. } => {
            "the platform asks for fewer requests".into()
        }
        OAuthError::Unavailable { status, .. } => {
            format!("the platform is unavailable (status {status})")
        }
        OAuthError::Unreachable(reason) if reason.nothing_was_sent() => {
            "the platform can't be reached".into()
        }
        OAuthError::Unreachable(_) => "the platform didn't answer".into(),
        OAuthError::Unreadable { why, .. } => {
            format!("the platform's answer can't be read: {why}")
        }
        OAuthError::NoAddress(_) => error.to_string(),
    }
}
