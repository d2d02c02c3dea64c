//! Access tokens that can't be renewed for a while: reported when it begins and when it is over, not at each try.

use chrono::{DateTime, TimeDelta, Utc};
use connectors::OAuthError;
use uuid::Uuid;

use crate::app::App;
use crate::change::Change;
use crate::events::Event;
use store::StoreError;
use store::connections::Connection;
use store::credentials::{self, Failing};
use store::model::{Actor, EventType};

/// The time for which renewals fail before that is reported, unless the token has run out before: a fault that the next try
/// mends needs no report.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);

/// One try at a renewal, by the holder of the lease.
pub(in crate::credentials) struct Renewal<'a> {
    pub(in crate::credentials) connection: &'a Connection,
    pub(in crate::credentials) version: i64,
    pub(in crate::credentials) holder: Uuid,
}

/// Gives the lease back after a try that brought nothing, and reports it once that begins to matter. `answered` is true if
/// the platform certainly changed nothing.
pub(in crate::credentials) async fn note(
    app: &App,
    renewal: &Renewal<'_>,
    answered: bool,
    reason: &str,
) -> Result<(), StoreError> {
    let id = renewal.connection.id;
    let company = renewal.connection.company_id;
    let mut change = Change::of_company(app, company, Actor::Platform).await?;
    let now = change.now;
    credentials::release(&mut change, id, renewal.holder, answered).await?;
    let failing = credentials::note_failure(&mut change, id, renewal.version, now).await?;
    let mut reported = false;
    if let Some(failing) = failing.filter(|failing| matters(failing, now))
        && let Some(connection) = store::connections::find_in(&mut change, id).await?
    {
        credentials::failure_told(&mut change, id, now).await?;
        let words = format!(
            "Access to {} can't be renewed: {reason}. It is tried again until it works.",
            connection.platform_name
        );
        let degraded = Event::TokenRefresh {
            connection: &connection,
            kind: EventType::TokenRefreshFailing,
            since: failing.since,
            reason: Some(&words),
        };
        change.event(degraded).await?;
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

/// Reports that renewals work again, if it was reported that they didn't.
pub(in crate::credentials) async fn over(
    change: &mut Change<'_>,
    connection: &Connection,
    failing: Failing,
) -> Result<(), StoreError> {
    if failing.told.is_none() {
        return Ok(());
    }
    let since = failing.since;
    let words = format!(
        "Access to {} is renewed again. It had failed since {} UTC.",
        connection.platform_name,
        since.format("%-d %B %Y, %H:%M")
    );
    let recovered = Event::TokenRefresh {
        connection,
        kind: EventType::TokenRefreshRecovered,
        since,
        reason: Some(&words),
    };
    change.event(recovered).await
}

/// The fault, as the company's own people may read it.
pub(in crate::credentials) fn in_words(error: &OAuthError) -> String {
    match error {
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
        OAuthError::Malformed => "the platform's answer isn't understood".into(),
    }
}
