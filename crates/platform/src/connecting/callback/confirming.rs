//! Strict linking: the platform's answer is held until the client's software has confirmed that its own signed-in user finished the link.
//!
//! A link can be begun by one person and finished by another, who was sent its address. Neither the platform nor this program can tell;
//! the client can: the browser that finished is sent to it, with its own session. Until it confirms, the code isn't traded for tokens.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use egress::Secret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::change::Change;
use crate::connecting::callback::{self, Callback};
use crate::connecting::outcome::Failure;
use crate::connecting::{Arrived, CallbackError, Ended};
use crate::credentials::vault::openings::Purpose;
use crate::credentials::vault::{Place, Row, Sealed};
use store::StoreError;
use store::connections::Connection;
use store::links::Attempt;
use store::model::Actor;

/// Codes are good for minutes at most platforms.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// A platform's answer that waits.
#[derive(Serialize, Deserialize)]
struct Held {
    code: String,
    iss: Option<String>,
    query: BTreeMap<String, String>,
    ticket: String,
}

fn place(attempt: &Attempt) -> Place<'static> {
    Place {
        client: attempt.client_id,
        row: Row::Connection(attempt.connection_id),
        field: "held_answer",
    }
}

/// What the browser carries to the client, and the client gives back: the same for each load of the platform's answer.
fn confirmation(app: &App, state: &str) -> String {
    URL_SAFE_NO_PAD.encode(app.vault.sign("confirm a link", &[state.as_bytes()]))
}

/// Holds a platform's answer if the client links strictly. None if it isn't to be held.
pub(super) async fn hold(
    app: &App,
    attempt: &Attempt,
    callback: &Callback,
    state: &str,
) -> Result<Option<String>, CallbackError> {
    let confirmation = confirmation(app, state);
    // Another answer counts instead of the one that is held: a refusal ends the link, a code is held in its place.
    let (Some(code), None) = (&callback.code, &callback.error) else {
        return Ok(None);
    };
    let now = app.clock.now();
    if attempt.expires <= now || !store::clients::links_strictly(&app.db, attempt.client_id).await?
    {
        return Ok(None);
    }
    let held = Held {
        code: code.expose().to_owned(),
        iss: callback.iss.clone(),
        query: callback.query.clone(),
        ticket: callback::ticket(app, state),
    };
    let text = serde_json::to_string(&held)
        .map_err(|error| StoreError::Corrupt(format!("a held answer: {error}")))?;
    let sealed = app.vault.seal(&Secret::new(text), place(attempt)).0;
    let digest = Sha256::digest(&confirmation);
    let mut change = Change::of_company(app, attempt.company_id, Actor::Customer).await?;
    let until = change.now + PATIENCE;
    store::links::hold(&mut change, &attempt.state_hash, &sealed, until, &digest).await?;
    change.commit().await?;
    Ok(Some(confirmation))
}

/// Why a confirmation was refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    #[error(transparent)]
    Callback(#[from] CallbackError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "nothing of this connection waits for this confirmation: it is another one's, was given before, or came too late"
    )]
    NothingHeld,
}

/// Goes on with a link whose client has confirmed it, to its end.
///
/// # Errors
/// Nothing of the connection waits for this confirmation.
pub async fn confirm(
    app: &App,
    connection: &Connection,
    given: &str,
) -> Result<Arrived, ConfirmError> {
    let digest = Sha256::digest(given);
    let attempt = store::links::held(&app.db, connection.id, &digest).await?;
    let attempt = attempt.filter(|attempt| {
        let now = app.clock.now();
        attempt.held_until.is_some_and(|until| until > now)
    });
    let attempt = attempt.ok_or(ConfirmError::NothingHeld)?;
    let sealed = Sealed(attempt.held.clone().unwrap_or_default());
    let text = app
        .vault
        .open_sealed(&sealed, place(&attempt), Purpose::Link)
        .await;
    let corrupt = |error: String| StoreError::Corrupt(format!("a held answer: {error}"));
    let text = text.map_err(|error| corrupt(error.to_string()))?;
    let held: Held =
        serde_json::from_str(text.expose()).map_err(|error| corrupt(error.to_string()))?;
    let callback = Callback {
        state: None,
        code: Some(Secret::new(held.code)),
        error: None,
        error_description: None,
        iss: held.iss,
        query: held.query,
    };
    let (state_hash, ticket) = (attempt.state_hash.clone(), held.ticket.clone());
    let link = connection.clone();
    app.detach(async move |app| {
        callback::exchange(&app, link, attempt, callback, held.ticket).await
    })
    .await?;
    let end = callback::end_of(app, &state_hash).await?;
    let connection = store::connections::find(&app.db, end.connection_id).await?;
    let connection = connection.ok_or(CallbackError::UnknownState)?;
    Ok(match callback::shown(connection, end)? {
        Ok(ended) => Arrived::Ended(Box::new(ended)),
        Err(connection) => Arrived::Asks {
            connection: Box::new(connection),
            ticket,
        },
    })
}

/// Ends links whose clients didn't confirm them. The codes were never used.
pub(crate) async fn end_unconfirmed(app: &App) -> Result<(), StoreError> {
    for attempt in store::links::unconfirmed(&app.db, app.clock.now()).await? {
        let mut change = Change::begin(app, Actor::Moorline).await?;
        let now = change.now;
        if !store::links::spend_attempt(&mut change, &attempt.state_hash, now).await? {
            continue;
        }
        change.commit().await?;
        let failure = Failure::failed(
            "412",
            "The application did not confirm that its own signed-in user finished this. Nothing was shared. Please connect again from the application.",
        );
        callback::record_failure(app, &attempt, &failure).await?;
    }
    Ok(())
}

/// The end of a link that waits, as its browser is shown it.
pub(super) fn waiting(connection: Connection, attempt: &Attempt, confirmation: String) -> Arrived {
    Arrived::Waits {
        ended: Box::new(Ended {
            connection,
            outcome: crate::connecting::Outcome::Held,
            status_text: String::new(),
            parameters: serde_json::from_str(&attempt.parameters).unwrap_or_default(),
        }),
        confirmation,
    }
}
