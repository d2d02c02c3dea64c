//! A grant that the platform no longer honours, or that Moorline can't use any more.

use crate::app::App;
use crate::change::Change;
use crate::credentials::holding::{self, sharing};
use crate::events::{Event, batches};
use store::StoreError;
use store::clock::new_id;
use store::connections::{Connection, ConnectionError};
use store::model::connection as status;
use store::model::{Actor, DatasetStatus, EventType, GrantState};

/// The code of a grant that Moorline can't use any more through no act of the business's or the platform's.
pub(in crate::credentials) const LOST: &str = "lost";

/// Deauthorizes a connection whose grant the platform no longer honours, unless it has another version of its tokens by now.
pub(in crate::credentials) async fn version_lost(
    app: &App,
    connection: &Connection,
    version: i64,
    code: &str,
    message: &str,
) -> Result<(), StoreError> {
    let holder = sharing::holder(app, connection).await?;
    let connection = holder.as_ref().unwrap_or(connection);
    let id = connection.id;
    let mut change = Change::of_company(app, connection.company_id, Actor::Platform).await?;
    let Some(connection) = store::connections::find_in(&mut change, id).await? else {
        return Ok(());
    };
    change.told.expired = code == "expired";
    let current = store::credentials::get_in(&mut change, id).await?;
    if current.is_none_or(|current| current.version != version) {
        return Ok(());
    }
    let end = match code {
        "expired" => GrantState::Expired,
        _ => GrantState::Lost,
    };
    let is_shared = connection.shared_grant.is_some();
    if !deauthorize(&mut change, connection, code, message).await? {
        return Ok(());
    }
    holding::lost(&mut change, id, end, message).await?;
    store::credentials::delete(&mut change, id).await?;
    store::connections::set_shared_grant(&mut change, id, None).await?;
    change.commit().await?;
    tracing::warn!(connection = %id, code, message, "grant lost");
    if is_shared {
        sharing::end_stranded(app).await?;
    }
    Ok(())
}

/// Writes down that a connection has lost its access, with its reason, error and event. False if it had none.
pub(in crate::credentials) async fn deauthorize(
    change: &mut Change<'_>,
    mut connection: Connection,
    code: &str,
    message: &str,
) -> Result<bool, StoreError> {
    let (id, now, from) = (connection.id, change.now, connection.status);
    let Ok(to) = status::transition(from, status::Transition::GrantLost) else {
        return Ok(false);
    };
    connection.status = to;
    let attention = Some((code, message));
    if !store::connections::set_status(change, id, from, to, attention).await? {
        return Ok(false);
    }
    let error = ConnectionError {
        id: new_id(now),
        connection_id: id,
        status_code: if code == LOST { "500" } else { "401" }.into(),
        status_text: if code == LOST {
            "Renewal interrupted"
        } else {
            "Unauthorized"
        }
        .into(),
        error_message: message.to_owned(),
        errored_on: now,
        resolved_on: None,
    };
    store::connections::insert_error(change, &error).await?;
    batches::stop(change, &connection, DatasetStatus::AuthError, message).await?;
    let disconnected = Event::Connection {
        connection: &connection,
        kind: EventType::ConnectionDisconnected,
        from: Some(from),
        reason: Some(message),
    };
    change.event(disconnected).await?;
    Ok(true)
}
