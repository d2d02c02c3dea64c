//! A connection becomes Linked: the rule that may forbid it, and what is written with it.

use std::collections::BTreeMap;

use connectors::{Integration, TokenSet};
use serde_json::{Value, json};

use super::LinkError;
use crate::app::App;
use crate::change::Change;
use crate::companies::funnel::{self, Step};
use crate::credentials::holding::{self, Came, Taken};
use crate::data::pulling;
use crate::disclosure::agreed::{self, Consent};
use crate::events::Event;
use store::connections::Connection;
use store::model::connection as status;
use store::model::{CompanyId, ConnectionId, ConnectionStatus, EventType, SourceType};
use store::{StoreError, Tx};

/// A grant as the platform gave it.
pub(super) struct Granted<'a> {
    pub(super) tokens: &'a TokenSet,
    /// The account that it leads to, by the platform's id.
    pub(super) account: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) variables: &'a BTreeMap<String, String>,
    pub(super) came: Came,
    pub(super) consent: Consent<'a>,
}

/// The company's accounting source, of all its connections: the one that is Linked. Leftovers in PendingAuth don't count.
pub fn accounting_source(connections: &[Connection]) -> Option<&Connection> {
    connections.iter().find(|connection| {
        connection.source_type == SourceType::Accounting
            && connection.status == ConnectionStatus::Linked
    })
}

/// One accounting source a company: gives its platform, if that forbids another connection of this type. `own`, the
/// connection that is to be Linked (anew), doesn't stand in its own way.
pub(super) async fn occupied_by(
    tx: &mut Tx,
    company: CompanyId,
    source_type: SourceType,
    own: Option<ConnectionId>,
) -> Result<Option<String>, StoreError> {
    if source_type != SourceType::Accounting {
        return Ok(None);
    }
    let connections = store::connections::of_company_in(tx, company).await?;
    let source = accounting_source(&connections).filter(|source| Some(source.id) != own);
    Ok(source.map(|source| source.platform_name.clone()))
}

/// Refuses a connection that would be the company's second accounting source.
pub(super) async fn one_accounting(tx: &mut Tx, connection: &Connection) -> Result<(), LinkError> {
    let (company, source_type) = (connection.company_id, connection.source_type);
    match occupied_by(tx, company, source_type, Some(connection.id)).await? {
        Some(platform) => Err(LinkError::SecondAccounting { platform }),
        None => Ok(()),
    }
}

/// Says before a customer sets out if the way would end in a refusal.
///
/// # Errors
/// The company has its accounting source already.
pub async fn may_link(app: &App, connection: &Connection) -> Result<(), LinkError> {
    if connection.source_type != SourceType::Accounting {
        return Ok(());
    }
    one_accounting(&mut app.db.snapshot().await?, connection).await
}

/// True if other connections share the access of this one, so that it goes on at the platform without it.
///
/// # Errors
/// The database can't be read.
pub async fn is_shared(app: &App, connection: &Connection) -> Result<bool, StoreError> {
    let Some(grant) = connection.shared_grant else {
        return Ok(false);
    };
    let mut seen = app.db.snapshot().await?;
    let sharing = store::connections::sharing(&mut seen, grant).await?;
    Ok(sharing.iter().any(|other| other.id != connection.id))
}

/// Links the connection by its customer's consent, and asks for its data.
pub(super) async fn link(
    change: &mut Change<'_>,
    integration: &Integration,
    id: ConnectionId,
    granted: Granted<'_>,
) -> Result<Connection, LinkError> {
    let reason = granted.name.map(|name| format!("{name} was connected."));
    let is_first = !matches!(granted.came, Came::Shared(_));
    let linked = write(change, id, granted, reason.as_deref()).await?;
    if is_first {
        funnel::reach(change, &linked, Step::Linked).await?;
    }
    pulling::queue_first(change, &linked, integration).await?;
    Ok(linked)
}

/// Writes the status, the account, the sealed tokens and the event, and lets go of the grant that was in use before.
pub(super) async fn write(
    change: &mut Change<'_>,
    id: ConnectionId,
    granted: Granted<'_>,
    reason: Option<&str>,
) -> Result<Connection, LinkError> {
    let now = change.now;
    let mut connection = store::connections::find_in(change, id)
        .await?
        .ok_or(LinkError::NoConnection)?;
    one_accounting(change, &connection).await?;
    let from = connection.status;
    connection.status = status::transition(from, status::Transition::Authorized)?;
    if !store::connections::set_status(change, id, from, connection.status, None).await? {
        return Err(LinkError::Raced);
    }
    let variables = json!(granted.variables).to_string();
    let (account, name) = (granted.account, granted.name);
    store::connections::set_authorized(change, id, account, name, &variables, now).await?;
    if let Some(name) = name {
        let mut info = info_of(&connection);
        info.insert("companyName".into(), json!(name));
        let info = Value::Object(info).to_string();
        store::connections::set_info(change, id, &info).await?;
        connection.info = Some(info);
    }
    store::connections::resolve_errors(change, id, now).await?;
    // It is in use, or of no use any more: the next one is made anew.
    store::key_pairs::delete(change, id).await?;
    let taken = Taken {
        tokens: granted.tokens,
        came: granted.came,
        account,
        name,
        variables: &variables,
    };
    holding::keep(change, &connection, taken).await?;
    let scope = granted.tokens.scope.as_deref();
    agreed::keep(change, &connection, granted.consent, scope).await?;
    pulling::follow(change, id).await?;
    let linked = Event::Connection {
        connection: &connection,
        kind: match from {
            ConnectionStatus::PendingAuth => EventType::ConnectionConnected,
            _ => EventType::ConnectionReconnected,
        },
        from: Some(from),
        reason,
    };
    change.event(linked).await?;
    Ok(connection)
}

/// Facts about the connection that have no column: a JSON object, empty at first.
pub(super) fn info_of(connection: &Connection) -> serde_json::Map<String, Value> {
    connection
        .info
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}
