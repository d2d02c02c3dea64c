//! The agreements of customers who gave access.

use chrono::{DateTime, Utc};

use crate::model::{ClientId, ConnectionId};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, StoreError, Tx, query};

row! {
    /// The ground that a connection's grant stands on.
    #[derive(Clone, Debug)]
    pub struct Agreement {
        pub connection_id: ConnectionId,
        pub client_id: ClientId,
        /// JSON: the disclosure as it was shown; none if the tokens were given elsewhere.
        pub disclosure: Option<String>,
        /// With spaces between; none if they aren't known.
        pub scopes_requested: Option<String>,
        pub scopes_granted: Option<String>,
        /// Sealed: the claims of the person who authorised.
        pub person: Option<Vec<u8>>,
        /// JSON: what is wanted by now and wasn't agreed to.
        pub missing: Option<String>,
        pub agreed: DateTime<Utc>,
    }
}

/// A connection's agreement. None if it was authorised before there were any, or never.
pub async fn get(db: &Db, connection: ConnectionId) -> Result<Option<Agreement>, StoreError> {
    query!(
        db,
        opt Agreement,
        "select connection_id, client_id, disclosure, scopes_requested, scopes_granted, person, missing, agreed
         from agreement where connection_id = $1",
        connection
    )
}

/// The same through a transaction that decides by it.
pub async fn get_in(
    tx: &mut Tx,
    connection: ConnectionId,
) -> Result<Option<Agreement>, StoreError> {
    query!(
        tx,
        opt Agreement,
        "select connection_id, client_id, disclosure, scopes_requested, scopes_granted, person, missing, agreed
         from agreement where connection_id = $1",
        connection
    )
}

/// The agreements of some connections. Unscoped: callers pass connections that they have loaded.
pub async fn of_connections(
    db: &Db,
    connections: &[ConnectionId],
) -> Result<Vec<Agreement>, StoreError> {
    let mut rows = Vec::new();
    for some in connections.chunks(500) {
        let mut text = Dynamic::new(
            "select connection_id, client_id, disclosure, scopes_requested, scopes_granted, person, missing, agreed
             from agreement where connection_id in (",
        );
        for (at, id) in some.iter().enumerate() {
            if at > 0 {
                text.push(", ");
            }
            text.bind(Bind::Id(id.0));
        }
        text.push(")");
        rows.extend(query!(db, all Agreement, text)?);
    }
    Ok(rows)
}

/// Puts a new agreement in the place of the one before.
pub async fn put(tx: &mut Tx, agreement: &Agreement) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into agreement
             (connection_id, client_id, disclosure, scopes_requested, scopes_granted, person, missing, agreed)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (connection_id) do update set disclosure = excluded.disclosure,
             scopes_requested = excluded.scopes_requested, scopes_granted = excluded.scopes_granted,
             person = excluded.person, missing = excluded.missing, agreed = excluded.agreed",
        agreement.connection_id,
        agreement.client_id,
        &agreement.disclosure,
        &agreement.scopes_requested,
        &agreement.scopes_granted,
        &agreement.person,
        &agreement.missing,
        agreement.agreed
    )?;
    Ok(())
}

/// Notes what is wanted and wasn't agreed to; none if nothing is.
pub async fn set_missing(
    tx: &mut Tx,
    connection: ConnectionId,
    missing: Option<&str>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update agreement set missing = $2 where connection_id = $1",
        connection,
        missing
    )?;
    Ok(())
}

/// Notes the scopes that are in force by now, and what of the wanted they don't allow.
pub async fn set_granted(
    tx: &mut Tx,
    connection: ConnectionId,
    granted: &str,
    missing: Option<&str>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update agreement set scopes_granted = $2, missing = $3 where connection_id = $1",
        connection,
        granted,
        missing
    )?;
    Ok(())
}

/// Forgets who the person was, and that more is wanted: the customer took the access back.
pub async fn withdraw(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    query!(
        tx,
        "update agreement set person = null, missing = null where connection_id = $1",
        connection
    )?;
    Ok(())
}
