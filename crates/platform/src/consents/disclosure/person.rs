//! The person who authorised: personal data, sealed, and shown to the client alone.

use egress::Secret;
use serde_json::{Map, Value};

use crate::app::App;
use crate::credentials::vault::openings::Purpose;
use crate::credentials::vault::{Place, Row, Sealed};
use store::StoreError;
use store::connections::Connection;
use store::model::{ClientId, ConnectionId};

/// OpenID claims by their standard names.
pub type Claims = Map<String, Value>;

fn place(client: ClientId, connection: ConnectionId) -> Place<'static> {
    Place {
        client,
        row: Row::Connection(connection),
        field: "person",
    }
}

pub(crate) fn seal(
    app: &App,
    client: ClientId,
    connection: ConnectionId,
    claims: &Claims,
) -> Vec<u8> {
    let text = Secret::new(Value::Object(claims.clone()).to_string());
    app.vault.seal(&text, place(client, connection)).0
}

pub(crate) async fn open(
    app: &App,
    client: ClientId,
    connection: ConnectionId,
    sealed: Vec<u8>,
) -> Result<Claims, StoreError> {
    let corrupt =
        |error: String| StoreError::Corrupt(format!("the person of {connection}: {error}"));
    let text = app
        .vault
        .open_sealed(&Sealed(sealed), place(client, connection), Purpose::Shown)
        .await
        .map_err(|error| corrupt(error.to_string()))?;
    serde_json::from_str(text.expose()).map_err(|error| corrupt(error.to_string()))
}

/// The claims of the person who authorised a connection. None if they weren't requested, or were forgotten with the access.
///
/// # Errors
/// The database can't be read.
pub async fn of(app: &App, connection: &Connection) -> Result<Option<Claims>, StoreError> {
    let agreement = store::agreements::get(&app.db, connection.id).await?;
    let sealed = agreement.and_then(|agreement| agreement.person);
    Ok(match sealed {
        Some(sealed) => Some(open(app, connection.client_id, connection.id, sealed).await?),
        None => None,
    })
}

/// The claims as an entry of the record has them.
pub(crate) fn seal_for_record(
    app: &App,
    client: ClientId,
    connection: ConnectionId,
    claims: &Claims,
) -> Vec<u8> {
    let text = Secret::new(Value::Object(claims.clone()).to_string());
    app.vault
        .seal_for_record(&text, place(client, connection))
        .0
}

/// The claims that an entry of the record has. None if they can't be opened.
pub(crate) fn open_on_record(
    app: &App,
    client: ClientId,
    connection: ConnectionId,
    sealed: Vec<u8>,
) -> Option<Claims> {
    let place = place(client, connection);
    let text = app.vault.open_on_record(&Sealed(sealed), place).ok()?;
    serde_json::from_str(text.expose()).ok()
}
