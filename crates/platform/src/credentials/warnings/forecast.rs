//! Grants that will end by themselves: reported some days before, once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{Integration, TokenSet, Way};

use crate::app::App;
use crate::credentials::holding::sharing;
use crate::credentials::revoking::version_lost;
use crate::credentials::variables_of;
use crate::events::Event;
use store::StoreError;
use store::connections::Connection;
use store::credentials::{self, Ending};
use store::endings::{self, Due};
use store::model::event::Expiring;
use store::model::{Actor, ConnectionStatus};

/// The end of the grant that `tokens` belong to, as the platform's answer and its manifest have it. A refresh that brings
/// no new refresh token says nothing about the old one's end.
pub(in crate::credentials) fn ending(
    integration: &Integration,
    way: Option<&Way>,
    tokens: &TokenSet,
    granted: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Ending {
    if let Some(way) = way {
        // Of a certificate, it is known when it is made; what was typed has no end that is known.
        let life = tokens.refresh_expires_at.map(|at| at - now);
        let life = life.and_then(|life| life.to_std().ok());
        let refresh = end(now, life, way.certificate_warning().unwrap_or_default());
        return Ending {
            refresh_expires: refresh.map(|(end, _)| end),
            refresh_warn_at: refresh.map(|(_, warn)| warn),
            ..Ending::default()
        };
    }
    let by_manifest = tokens
        .refresh_token
        .as_ref()
        .and_then(|_| integration.refresh_token_lifetime());
    let warning = integration.expiry_warning();
    let by_date = tokens
        .refresh_expires_at
        .map(|at| (at - now).to_std().unwrap_or_default());
    let life = tokens.refresh_expires_in.or(by_date).or(by_manifest);
    let refresh = end(now, life, warning);
    let consent = end(granted, integration.consent_lifetime(), warning);
    Ending {
        refresh_expires: refresh.map(|(end, _)| end),
        refresh_warn_at: refresh.map(|(_, warn)| warn),
        consent_expires: consent.map(|(end, _)| end),
        consent_warn_at: consent.map(|(_, warn)| warn),
    }
}

/// Makes the end of the access that of the grant, which nothing can renew.
pub(in crate::credentials) fn ends_with_access(
    ending: &mut Ending,
    integration: &Integration,
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) {
    let life = (expires - now).to_std().ok();
    if let Some((end, warn)) = end(now, life, integration.expiry_warning()) {
        ending.refresh_expires = Some(end);
        ending.refresh_warn_at = Some(warn);
    }
}

/// The end of a life, and the time of its warning: not before half of it has passed, or each renewal of a short life would warn.
fn end(
    begin: DateTime<Utc>,
    life: Option<Duration>,
    warning: Duration,
) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let life = TimeDelta::from_std(life?).ok()?;
    let warning = TimeDelta::from_std(warning).ok()?.min(life / 2);
    let end = begin.checked_add_signed(life)?;
    Some((end, end - warning))
}

/// Warns of every grant whose end has come near. Returns the number of warnings.
pub async fn tell_of_endings(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let mut warned = 0;
    loop {
        let due = endings::to_warn_of(&app.db, now, 100).await?;
        if due.is_empty() {
            return Ok(warned);
        }
        for grant in &due {
            warned += usize::from(warn(app, grant, now).await?);
        }
    }
}

async fn warn(app: &App, due: &Due, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let mut warned = false;
    let of = (due.company_id, due.connection_id);
    let (mut change, others) = sharing::change_for_all(app, of, Actor::Moorline).await?;
    let connection = store::connections::find_in(&mut change, due.connection_id).await?;
    for (what, expires) in [
        (Expiring::RefreshToken, due.refresh_expires),
        (Expiring::Consent, due.consent_expires),
    ] {
        let mine = endings::take_warning(&mut change, due.connection_id, what, now).await?;
        let (Some(connection), Some(expires)) = (&connection, expires) else {
            continue;
        };
        // An end that has come is reported as that.
        if !mine || expires <= now || connection.status != ConnectionStatus::Linked {
            continue;
        }
        let what = match what {
            Expiring::RefreshToken if !due.renewable => Expiring::AccessToken,
            what => what,
        };
        let platform = &connection.platform_name;
        let day = if expires - now < TimeDelta::days(2) {
            expires.format("%-d %B %Y, %H:%M UTC")
        } else {
            expires.format("%-d %B %Y")
        };
        let words = match what {
            Expiring::RefreshToken if by_certificate(app, connection) => format!(
                "The certificate by which {platform} is read ends on {day}. Connecting again makes a new one to be registered there."
            ),
            Expiring::RefreshToken => format!(
                "Access to {platform} ends on {day} unless it can be renewed before. Connecting again renews it."
            ),
            Expiring::AccessToken => format!(
                "Access to {platform} ends on {day}: it was given without the means to renew it. Connecting again renews it."
            ),
            Expiring::Consent => format!(
                "The permission given at {platform} ends on {day}. Connecting again renews it."
            ),
        };
        for connection in std::iter::once(connection).chain(&others) {
            let warning = Event::CredentialExpiring {
                connection,
                what,
                expires,
                reason: &words,
            };
            change.event(warning).await?;
        }
        warned = true;
    }
    change.commit().await?;
    Ok(warned)
}

fn by_certificate(app: &App, connection: &Connection) -> bool {
    let integration = app.catalogue.get(&connection.integration_key);
    let variables = variables_of(connection);
    let way = integration.and_then(|integration| integration.way_of(&variables));
    way.is_some_and(Way::has_certificate)
}

/// Deauthorizes every connection whose access has ended and can't be renewed, so that its people see that before anything asks for
/// it. Returns their number.
pub async fn end_what_is_over(app: &App) -> Result<usize, StoreError> {
    let over = credentials::over(&app.db, app.clock.now(), 100).await?;
    for one in &over {
        if let Some(connection) = store::connections::find(&app.db, one.connection_id).await? {
            let message = "The access that was given has expired.";
            version_lost(app, &connection, one.version, "expired", message).await?;
        }
    }
    Ok(over.len())
}
