//! `Connection`.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::time;
use platform::access::links;
use platform::app::App;
use platform::disclosure::Missing;
use store::StoreError;
use store::connections as rows;
use store::model::{ConnectionId, ConnectionStatus, SourceType};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connection {
    id: ConnectionId,
    integration_id: Uuid,
    integration_key: String,
    source_id: Uuid,
    source_type: SourceType,
    platform_name: String,
    link_url: String,
    status: ConnectionStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sync: Option<String>,
    created: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data_connection_errors: Vec<ConnectionError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_info: Option<Map<String, Value>>,
    /// Ours: there if more is wanted than the customer agreed to.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    requires_reconsent: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reconsent: Option<Missing>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionError {
    status_code: String,
    status_text: String,
    error_message: String,
    errored_on_utc: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_on_utc: Option<String>,
}

/// Reads what hangs on the rows, and gives each its fresh link.
pub(crate) async fn shape(
    app: &App,
    connections: Vec<rows::Connection>,
) -> Result<Vec<Connection>, StoreError> {
    let failed: Vec<ConnectionId> = connections
        .iter()
        .filter(|connection| connection.has_errors)
        .map(|connection| connection.id)
        .collect();
    let mut errors: HashMap<ConnectionId, Vec<ConnectionError>> = HashMap::new();
    for error in store::connections::errors(&app.db, &failed).await? {
        let of_connection = errors.entry(error.connection_id).or_default();
        of_connection.push(shape_error(error));
    }
    let lacking: Vec<ConnectionId> = connections
        .iter()
        .filter(|connection| connection.needs_consent)
        .map(|connection| connection.id)
        .collect();
    let mut missing: HashMap<ConnectionId, Missing> = HashMap::new();
    for agreement in store::agreements::of_connections(&app.db, &lacking).await? {
        let noted = agreement.missing.as_deref();
        if let Some(noted) = noted.and_then(|text| serde_json::from_str(text).ok()) {
            missing.insert(agreement.connection_id, noted);
        }
    }
    Ok(connections
        .into_iter()
        .map(|connection| Connection {
            requires_reconsent: missing.contains_key(&connection.id),
            reconsent: missing.remove(&connection.id),
            link_url: links::link_url(app, &connection),
            data_connection_errors: errors.remove(&connection.id).unwrap_or_default(),
            connection_info: connection
                .info
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok()),
            id: connection.id,
            integration_id: connection.integration_id,
            integration_key: connection.integration_key,
            source_id: connection.source_id,
            source_type: connection.source_type,
            platform_name: connection.platform_name,
            status: connection.status,
            last_sync: connection.last_sync.map(time),
            created: time(connection.created),
        })
        .collect())
}

/// One row.
pub(crate) async fn shape_one(
    app: &App,
    connection: rows::Connection,
) -> Result<Connection, StoreError> {
    let mut shaped = shape(app, vec![connection]).await?;
    Ok(shaped.remove(0))
}

fn shape_error(error: rows::ConnectionError) -> ConnectionError {
    ConnectionError {
        status_code: error.status_code,
        status_text: error.status_text,
        error_message: error.error_message,
        errored_on_utc: time(error.errored_on),
        status: if error.resolved_on.is_some() {
            "Resolved"
        } else {
            "Active"
        },
        resolved_on_utc: error.resolved_on.map(time),
    }
}
