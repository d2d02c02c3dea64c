//! Access tokens that can't be renewed for a while: said when it begins and when it is over, not at each try.

use chrono::{DateTime, TimeDelta, Utc};
use connectors::OAuthError;
use uuid::Uuid;

use crate::app::App;
use crate::events;
use store::connections::Connection;
use store::credentials::{self, Failing};
use store::model::EventType;
use store::{StoreError, Tx};

/// How long refreshes fail before anybody hears of it, unless the token has run out before: a fault that the next try mends
/// is nobody's business.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);

/// One try at a refresh, by the holder of the lease.
pub(super) struct Attempt<'a> {
    pub(super) connection: &'a Connection,
    pub(super) version: i64,
    pub(super) owner: Uuid,
}

/// Gives the lease back after a try that brought nothing, and says so where that begins to matter. `answered` says whether
/// the platform certainly changed nothing.
pub(super) async fn note(
    app: &App,
    attempt: &Attempt<'_>,
    answered: bool,
    reason: &str,
) -> Result<(), StoreError> {
    let id = attempt.connection.id;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    store::connections::lock_company(&mut tx, attempt.connection.company_id).await?;
    credentials::release(&mut tx, id, attempt.owner, answered).await?;
    let failing = credentials::note_failure(&mut tx, id, attempt.version, now).await?;
    let mut told = false;
    if let Some(failing) = failing.filter(|failing| matters(failing, now))
        && let Some(connection) = store::connections::find_in(&mut tx, id).await?
    {
        credentials::failure_told(&mut tx, id, now).await?;
        let words = format!(
            "Access to {} can't be renewed: {reason}. It is tried again until it works.",
            connection.platform_name
        );
        let kind = EventType::TokenRefreshFailing;
        events::of_token_refresh(&mut tx, &connection, kind, failing.since, Some(&words), now)
            .await?;
        told = true;
    }
    tx.commit().await?;
    if told {
        app.live.wake(attempt.connection.company_id);
        tracing::warn!(connection = %id, reason, "access can't be renewed");
    }
    Ok(())
}

fn matters(failing: &Failing, now: DateTime<Utc>) -> bool {
    let ended = failing.expires.is_some_and(|expires| expires <= now);
    failing.told.is_none() && (ended || now - failing.since >= PATIENCE)
}

/// Says that it works again, where somebody heard that it didn't.
pub(super) async fn over(
    tx: &mut Tx,
    connection: &Connection,
    failing: Failing,
    now: DateTime<Utc>,
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
    let kind = EventType::TokenRefreshRecovered;
    events::of_token_refresh(tx, connection, kind, since, Some(&words), now).await
}

/// What went wrong, as the company's own people may read it.
pub(super) fn in_words(error: &OAuthError) -> String {
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
