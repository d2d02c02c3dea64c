//! Tokens at rest that can't be opened: altered, moved from another row, or sealed with another key. Reported when that is met, once.

use crate::app::App;
use crate::change::Change;
use crate::credentials::sealing::{SealedTokens, owner_of};
use crate::credentials::vault::VaultError;
use crate::credentials::vault::openings::Purpose;
use store::StoreError;
use store::clock::new_id;
use store::connections::{Connection, ConnectionError};
use store::model::{Actor, ConnectionId};
use store::{credentials, doubtful};

const STATUS_TEXT: &str = "Stored access unreadable";

/// Reports that a version of a connection's tokens can't be opened: on the connection, and in the log.
pub(in crate::credentials) async fn tell(
    app: &App,
    connection: &Connection,
    version: i64,
    why: &VaultError,
) -> Result<(), StoreError> {
    let id = connection.id;
    let mut change = Change::of_company(app, connection.company_id, Actor::Moorline).await?;
    let now = change.now;
    if !doubtful::mark_unreadable(&mut change, id, version, now).await? {
        return Ok(());
    }
    let error = ConnectionError {
        id: new_id(now),
        connection_id: id,
        status_code: "500".into(),
        status_text: STATUS_TEXT.into(),
        error_message: format!(
            "The access to {} that Moorline keeps can't be opened: {why}. Its operator has to look at that; connecting again gives new access.",
            connection.platform_name
        ),
        errored_on: now,
        resolved_on: None,
    };
    store::connections::insert_error(&mut change, &error).await?;
    change.commit().await?;
    tracing::error!(connection = %id, %why, "the stored access of a connection can't be opened; `moorline doctor` lists all such");
    Ok(())
}

/// Takes the report back: the tokens could be opened after all.
pub(in crate::credentials) async fn over(
    app: &App,
    connection: &Connection,
) -> Result<(), StoreError> {
    let mut change = Change::of_company(app, connection.company_id, Actor::Moorline).await?;
    let now = change.now;
    if doubtful::mark_readable(&mut change, connection.id).await? {
        store::connections::resolve_errors(&mut change, connection.id, now).await?;
        change.commit().await?;
    }
    Ok(())
}

/// Every connection whose stored tokens can't be opened, at most `limit`, with the reason.
///
/// # Errors
/// The database can't be read.
pub async fn find_all(
    app: &App,
    limit: usize,
) -> Result<Vec<(ConnectionId, VaultError)>, StoreError> {
    const PAGE: i64 = 500;
    let (mut found, mut after) = (Vec::new(), ConnectionId(uuid::Uuid::nil()));
    loop {
        let page = credentials::after(&app.db, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        after = last.connection_id;
        for one in &page {
            if let Err(error) = SealedTokens::of(one)
                .open(app, owner_of(one), Purpose::Check)
                .await
            {
                found.push((one.connection_id, error));
            }
            if found.len() == limit {
                return Ok(found);
            }
        }
    }
}
