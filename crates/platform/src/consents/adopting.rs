//! Consents from before there was a record: each is put on it once, with the words that nothing more is known.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Entry;
use crate::app::App;
use crate::change::Change;
use store::clock::new_id;
use store::consents::{self, Consent};
use store::model::{Actor, ConsentId, ConsentState, RecordKind};
use store::{Db, StoreError, meta};

/// In `meta` once the record has begun: from then on a Linked connection without an entry is a fault, and never adopted.
const BEGAN: &str = "record.began";
const BATCH: i64 = 500;

/// The time at which the record began.
pub(super) async fn began(db: &Db) -> Result<Option<DateTime<Utc>>, StoreError> {
    let text = meta::get(db, BEGAN).await?;
    let time = text.and_then(|text| DateTime::parse_from_rfc3339(&text).ok());
    Ok(time.map(|time| time.to_utc()))
}

/// Begins the record, once for each installation.
pub(crate) async fn adopt(app: &App) -> Result<(), StoreError> {
    if meta::get(&app.db, BEGAN).await?.is_some() {
        return Ok(());
    }
    let mut after = Uuid::nil();
    loop {
        let linked = store::connections::linked_after(&app.db, after, BATCH).await?;
        let Some(last) = linked.last() else { break };
        after = last.id.0;
        for connection in &linked {
            let mut change =
                Change::of_company(app, connection.company_id, Actor::Moorline).await?;
            let current = store::connections::find_in(&mut change, connection.id).await?;
            let known = consents::in_force(&mut change, connection.id).await?;
            let Some(connection) = current.filter(|_| known.is_none()) else {
                continue;
            };
            let consent = Consent {
                id: ConsentId(new_id(change.now)),
                client_id: connection.client_id,
                company_id: connection.company_id,
                connection_id: connection.id,
                integration_key: connection.integration_key.clone(),
                platform_name: connection.platform_name.clone(),
                business: connection.account_name.clone(),
                state: ConsentState::Given,
                given: connection.last_authorized.unwrap_or(connection.created),
                renewed: None,
                valid_until: None,
                ended: None,
                ended_by: None,
            };
            let entry = Entry::new(connection.client_id, RecordKind::ConsentAdopted)
                .of_consent(consent)
                .with(
                    "collectionMethod",
                    "not on record: given before this installation kept one",
                )
                .with("givenAt", connection.last_authorized);
            change.record(entry);
            change.commit().await?;
        }
    }
    let mut tx = app.db.write().await?;
    meta::set(&mut tx, BEGAN, &app.clock.now().to_rfc3339()).await?;
    tx.commit().await
}
