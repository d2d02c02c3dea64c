//! The ends that grants come to by themselves, and their warnings.

use chrono::{DateTime, Utc};

use crate::model::event::Expiring;
use crate::model::{CompanyId, ConnectionId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! { struct Number { number: i64 } }

row! {
    /// A grant whose end is near enough to be reported.
    #[derive(Clone, Copy, Debug)]
    pub struct Due {
        pub connection_id: ConnectionId,
        pub company_id: CompanyId,
        pub refresh_expires: Option<DateTime<Utc>>,
        pub refresh_warn_at: Option<DateTime<Utc>>,
        pub consent_expires: Option<DateTime<Utc>>,
        pub consent_warn_at: Option<DateTime<Utc>>,
        /// False if there is no refresh token: then `refresh_expires` is the end of the access itself.
        pub renewable: bool,
    }
}

/// Grants whose end is to be reported by now.
pub async fn to_warn_of(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Due>, StoreError> {
    query!(
        db,
        all Due,
        "select credential.connection_id, connection.company_id, refresh_expires, refresh_warn_at, consent_expires,
                consent_warn_at, (refresh_token is not null) as renewable
         from credential join connection on connection.id = credential.connection_id
         where refresh_warn_at <= $1 or consent_warn_at <= $1 limit $2",
        now,
        limit
    )
}

/// The number of grants that end before a time, if nothing is done about it. Renewals move the end of a refresh token on.
pub async fn ending_before(db: &Db, before: DateTime<Utc>) -> Result<i64, StoreError> {
    let row = query!(
        db,
        one Number,
        "select count(*) as number from credential where refresh_expires < $1 or consent_expires < $1",
        before
    )?;
    Ok(row.number)
}

/// Takes the duty to report an end; false if another node has taken it or the end has moved away.
pub async fn take_warning(
    tx: &mut Tx,
    connection: ConnectionId,
    what: Expiring,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = match what {
        Expiring::RefreshToken | Expiring::AccessToken => query!(
            tx,
            "update credential set refresh_warn_at = null where connection_id = $1 and refresh_warn_at <= $2",
            connection,
            now
        )?,
        Expiring::Consent => query!(
            tx,
            "update credential set consent_warn_at = null where connection_id = $1 and consent_warn_at <= $2",
            connection,
            now
        )?,
    };
    Ok(rows == 1)
}
