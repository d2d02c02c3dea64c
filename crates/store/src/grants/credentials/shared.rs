//! Credentials that several connections read by, found by their grant.

use chrono::{DateTime, Utc};

use super::{Credential, credential};
use crate::model::{ConnectionId, GrantId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

/// The credential that has a grant's tokens. Unscoped: the connections that share it were loaded.
pub async fn of_grant_in(tx: &mut Tx, grant: GrantId) -> Result<Option<Credential>, StoreError> {
    query!(
        tx,
        opt Credential,
        credential!("select", "from credential where grant_id = $1"),
        grant
    )
}

row! { struct Holder { connection_id: ConnectionId } }

/// The connection that has a grant's tokens.
pub async fn holder(db: &Db, grant: GrantId) -> Result<Option<ConnectionId>, StoreError> {
    let found =
        query!(db, opt Holder, "select connection_id from credential where grant_id = $1", grant)?;
    Ok(found.map(|found| found.connection_id))
}

/// Moves a credential to another connection that shares its grant, its tokens sealed to that one. Its version grows: what comes for
/// the one before finds nothing. False if a renewal has begun since it was read, which at `wall` has no end yet: its answer may be the
/// newest tokens.
pub async fn move_to(
    tx: &mut Tx,
    read: &Credential,
    to: ConnectionId,
    access_token: &[u8],
    refresh_token: Option<&[u8]>,
    wall: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update credential set connection_id = $2, version = version + 1, access_token = $3, refresh_token = $4,
                lease_owner = null, lease_until = null
         where connection_id = $1 and version = $5 and refresh_began is null and unread_answer is null
           and (lease_until is null or lease_until <= $6)",
        read.connection_id,
        to,
        access_token,
        refresh_token,
        read.version,
        wall
    )?;
    Ok(rows == 1)
}
