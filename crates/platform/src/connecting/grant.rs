//! A connection becomes Linked: what is written with it, in the caller's transaction.

use std::collections::BTreeMap;

use connectors::TokenSet;
use serde_json::{Value, json};

use super::{LinkError, check_one_accounting, info_of};
use crate::app::App;
use crate::{credentials, events};
use store::connections::Connection;
use store::model::connection::{Change, transition};
use store::model::{Actor, ConnectionId, ConnectionStatus, EventType};
use store::{StoreError, Tx};

/// What a platform has given.
pub(super) struct Granted<'a> {
    pub(super) tokens: &'a TokenSet,
    /// Which account it leads to, as the platform names it.
    pub(super) account: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) variables: &'a BTreeMap<String, String>,
}

/// Writes the status, the account, the sealed tokens and the event. The caller holds the company's lock.
pub(super) async fn write(
    app: &App,
    tx: &mut Tx,
    id: ConnectionId,
    granted: &Granted<'_>,
    actor: Actor,
    reason: Option<&str>,
) -> Result<Connection, LinkError> {
    let now = app.clock.now();
    let mut connection = store::connections::find_in(tx, id)
        .await?
        .ok_or(LinkError::NoConnection)?;
    check_one_accounting(tx, &connection).await?;
    let from = connection.status;
    connection.status = transition(from, Change::Authorized)?;
    let changed =
        store::connections::set_status(tx, connection.id, from, connection.status, None).await;
    match changed {
        Ok(true) => {}
        Ok(false) => return Err(LinkError::Raced),
        Err(StoreError::Conflict) => {
            return Err(LinkError::SecondAccounting {
                platform: "another accounting platform".into(),
            });
        }
        Err(error) => return Err(error.into()),
    }
    let variables = json!(granted.variables).to_string();
    let (account, name) = (granted.account, granted.name);
    store::connections::set_authorized(tx, connection.id, account, name, &variables, now).await?;
    if let Some(name) = name {
        let mut info = info_of(&connection);
        info.insert("companyName".into(), json!(name));
        let info = Value::Object(info).to_string();
        store::connections::set_info(tx, connection.id, &info).await?;
        connection.info = Some(info);
    }
    store::connections::resolve_errors(tx, connection.id, now).await?;
    credentials::keep(app, tx, &connection, granted.tokens).await?;
    let kind = match from {
        ConnectionStatus::PendingAuth => EventType::ConnectionConnected,
        _ => EventType::ConnectionReconnected,
    };
    events::of_connection(tx, &connection, kind, Some(from), actor, reason, now).await?;
    Ok(connection)
}
