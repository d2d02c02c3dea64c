//! A grant ends by the client's or the customer's will: taken out of use here and given back there.

use super::{LinkError, choice};
use crate::app::App;
use crate::change::Change;
use crate::credentials::holding::{self, sharing};
use crate::events::{Event, batches};
use store::StoreError;
use store::companies::Company;
use store::connections::Connection;
use store::model::connection as status;
use store::model::{Actor, DatasetStatus, EventType, GrantReason};

/// Withdraws the consent: no new data; the tokens are kept sealed for nothing but giving them back, until the platform has taken them.
/// Data already pulled stays readable.
///
/// # Errors
/// The connection has no consent to withdraw, or another change came in between.
pub async fn unlink(
    app: &App,
    connection: &Connection,
    actor: Actor,
    reason: Option<&str>,
) -> Result<Connection, LinkError> {
    sharing::quiet(app, connection).await?;
    let mut change = Change::of_company(app, connection.company_id, actor).await?;
    let now = change.now;
    let mut connection = store::connections::find_in(&mut change, connection.id)
        .await?
        .ok_or(LinkError::Raced)?;
    let from = connection.status;
    connection.status = status::transition(from, status::Transition::Unlinked)?;
    if !store::connections::set_status(&mut change, connection.id, from, connection.status, None)
        .await?
    {
        return Err(LinkError::Raced);
    }
    end_grant(&mut change, &connection, GrantReason::Disconnected).await?;
    store::connections::resolve_errors(&mut change, connection.id, now).await?;
    let words = "The connection was disconnected.";
    batches::stop(&mut change, &connection, DatasetStatus::Cancelled, words).await?;
    let disconnected = Event::Connection {
        connection: &connection,
        kind: EventType::ConnectionDisconnected,
        from: Some(from),
        reason,
    };
    change.event(disconnected).await?;
    change.commit().await?;
    if connection.shared_grant.is_some() {
        sharing::end_stranded(app).await?;
    }
    connection.attention_code = None;
    connection.attention_message = None;
    Ok(connection)
}

/// Removes a connection and everything pulled through it.
///
/// # Errors
/// Another change came in between.
pub async fn delete(app: &App, connection: &Connection, actor: Actor) -> Result<(), LinkError> {
    sharing::quiet(app, connection).await?;
    let mut change = Change::of_company(app, connection.company_id, actor).await?;
    delete_in(&mut change, connection).await?;
    change.commit().await?;
    if connection.shared_grant.is_some() {
        sharing::end_stranded(app).await?;
    }
    Ok(())
}

async fn delete_in(change: &mut Change<'_>, connection: &Connection) -> Result<(), LinkError> {
    end_grant(change, connection, GrantReason::Deleted).await?;
    batches::stop_for_good(change, connection).await?;
    let deleted = Event::Connection {
        connection,
        kind: EventType::ConnectionDeleted,
        from: Some(connection.status),
        reason: None,
    };
    change.event(deleted).await?;
    if !store::connections::delete(change, connection.id).await? {
        return Err(LinkError::Raced);
    }
    Ok(())
}

/// Removes a company with all its connections, and gives each grant back.
///
/// # Errors
/// The company isn't there any more, or another change came in between.
pub async fn delete_company(app: &App, company: &Company, actor: Actor) -> Result<(), LinkError> {
    for connection in &store::connections::of_companies(&app.db, &[company.id]).await? {
        sharing::quiet(app, connection).await?;
    }
    let mut change = Change::of_company(app, company.id, actor).await?;
    let mut has_shared = false;
    for connection in &store::connections::of_company_in(&mut change, company.id).await? {
        has_shared |= connection.shared_grant.is_some();
        delete_in(&mut change, connection).await?;
    }
    let deleted = Event::Company(company, EventType::CompanyDeleted);
    change.event(deleted).await?;
    if !store::companies::delete(&mut change, company.client_id, company.id).await? {
        return Err(LinkError::NoCompany);
    }
    change.commit().await?;
    if has_shared {
        sharing::end_stranded(app).await?;
    }
    Ok(())
}

/// Takes the tokens out of the credential, and lets go of every grant that the connection has.
async fn end_grant(
    change: &mut Change<'_>,
    connection: &Connection,
    reason: GrantReason,
) -> Result<(), StoreError> {
    let now = change.now;
    store::machines::end_access(change, connection.id, now).await?;
    store::links::delete_attempts(change, connection.id).await?;
    store::key_pairs::delete(change, connection.id).await?;
    // They were given for as long as the connection lasts, and nothing else of it holds them.
    change.told.files = store::files::delete_of_connection(change, connection.id).await?;
    if let Some(connection) = store::connections::find_in(change, connection.id).await? {
        sharing::leave(change, &connection).await?;
    }
    choice::forget(change, connection, reason).await?;
    store::agreements::withdraw(change, connection.id).await?;
    if let Some(credential) = store::credentials::take(change, connection.id).await? {
        holding::let_go_of_credential(change, connection, &credential, reason).await?;
    }
    Ok(())
}
