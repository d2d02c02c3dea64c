//! Times in which a credential isn't renewed, after renewals that brought nothing.

use chrono::{DateTime, Utc};

use super::{Credential, SKEW};
use crate::model::ClientId;
use crate::sql::db::{StoreError, Tx, query};

/// A time in which nothing is asked.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Pause {
    /// As two columns have it, which are both empty without one.
    pub(super) fn between(
        from: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> Option<Self> {
        let (from, until) = from.zip(until)?;
        Some(Self { from, until })
    }

    /// True in its time. It never lasts longer than it was meant to, also if the clock was set back meanwhile.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        now < self.until && self.from <= now + SKEW
    }
}

impl Credential {
    /// The pause after the last renewal that brought nothing.
    pub fn pause(&self) -> Option<Pause> {
        Pause::between(self.paused_at, self.paused_until)
    }
}

/// Ends the pauses of a client's credentials at a platform: the reason for them is over.
pub async fn end_pauses(tx: &mut Tx, client: ClientId, key: &str) -> Result<(), StoreError> {
    query!(
        tx,
        "update credential set paused_at = null, paused_until = null, paused_why = null
         where client_id = $1 and paused_until is not null
           and connection_id in (select id from connection where client_id = $1 and integration_key = $2)",
        client,
        key
    )?;
    Ok(())
}
