//! Openings of sealed values, counted by what was opened and why, and put on record once a day.
//!
//! As reads of data are ([`crate::consents::reads`]): counted in memory, written to the database by a chore and at the stop, and put on
//! record when the day is over. A process that is killed loses the counts of its last seconds: nothing waits for a write.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use parking_lot::Mutex;
use serde_json::json;

use super::{Place, Row};
use crate::app::App;
use crate::change::Change;
use crate::consents::Entry;
use store::StoreError;
use store::model::{Actor, ClientId, ConnectionId, RecordKind};
use store::openings::{self as rows, Openings as Line};

/// The reason why a sealed value is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A request to the platform, for data or with data.
    Use,
    /// New tokens in the place of old ones.
    Renewal,
    /// A grant is given back to its platform.
    Revocation,
    /// A shared grant passes to another connection.
    Passing,
    /// A customer links, or chooses a business.
    Link,
    /// Two of a kind are told apart, or the same secret is known again.
    Comparison,
    /// A message is signed and sent to a webhook consumer.
    Delivery,
    /// The client is shown it.
    Shown,
    /// What a platform sent is mapped again.
    Mapping,
    /// The answer to a request is given again.
    Repeat,
    /// A receipt is signed.
    Receipt,
    /// It is written out in clear.
    Export,
    /// It is tried if it can be opened.
    Check,
    /// It is sealed with another key.
    Rotation,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Use => "use",
            Self::Renewal => "renewal",
            Self::Revocation => "revocation",
            Self::Passing => "passing",
            Self::Link => "link",
            Self::Comparison => "comparison",
            Self::Delivery => "delivery",
            Self::Shown => "shown",
            Self::Mapping => "mapping",
            Self::Repeat => "repeat",
            Self::Receipt => "receipt",
            Self::Export => "export",
            Self::Check => "check",
            Self::Rotation => "rotation",
        }
    }
}

type Opening = (ClientId, ConnectionId, &'static str, Purpose);

/// The openings that this process has counted and not yet written down.
#[derive(Debug, Default)]
pub(super) struct Openings(Mutex<HashMap<Opening, i64>>);

impl Openings {
    /// Counts an opening. What is of no client is the installation's own, and on no record.
    pub(super) fn count(&self, place: Place<'_>, purpose: Purpose) {
        if place.client.0.is_nil() {
            return;
        }
        let connection = match place.row {
            Row::Connection(id) | Row::Data(id, ..) => id,
            Row::Integration(_) | Row::Webhook(_) | Row::File(..) | Row::Installation => {
                ConnectionId(uuid::Uuid::nil())
            }
        };
        let opening = (place.client, connection, place.field, purpose);
        *self.0.lock().entry(opening).or_default() += 1;
    }
}

const UNIX_DAYS: i32 = 719_163;

/// Days since 1970-01-01, UTC.
fn day_of(app: &App) -> i64 {
    app.clock.now().timestamp().div_euclid(86_400)
}

/// Writes down what was counted. What can't be written is kept for the next time.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn flush(app: &App) -> Result<(), StoreError> {
    let openings = &app.vault.openings().0;
    let counted = std::mem::take(&mut *openings.lock());
    if counted.is_empty() {
        return Ok(());
    }
    let day = day_of(app);
    let lines = counted
        .iter()
        .map(|((client, connection, field, purpose), number)| Line {
            client_id: *client,
            day,
            connection_id: *connection,
            field: (*field).to_owned(),
            purpose: purpose.word().to_owned(),
            number: *number,
        });
    let mut lines: Vec<Line> = lines.collect();
    // In one order on every node, so that two never wait for each other's rows.
    lines.sort();
    let written = async {
        let mut tx = app.db.write().await?;
        for line in &lines {
            rows::add(&mut tx, line).await?;
        }
        tx.commit().await
    }
    .await;
    if written.is_err() {
        let mut waiting = openings.lock();
        for (opening, number) in counted {
            *waiting.entry(opening).or_default() += number;
        }
    }
    written
}

/// Puts the days that are over on record: an entry for each connection, and one for what is the client's own.
pub(crate) async fn close_days(app: &App) -> Result<(), StoreError> {
    loop {
        let mut change = Change::begin(app, Actor::Moorline).await?;
        let taken = rows::take_before(&mut change, day_of(app)).await?;
        if taken.is_empty() {
            return Ok(());
        }
        type Sums = BTreeMap<String, BTreeMap<String, i64>>;
        let mut sums: BTreeMap<(ClientId, i64, ConnectionId), Sums> = BTreeMap::new();
        for row in taken {
            let of = (row.client_id, row.day, row.connection_id);
            let fields = sums.entry(of).or_default();
            let purposes = fields.entry(row.field).or_default();
            *purposes.entry(row.purpose).or_default() += row.number;
        }
        for ((client, day, connection), opened) in sums {
            let day = i32::try_from(day).ok();
            let day = day.and_then(|day| NaiveDate::from_num_days_from_ce_opt(day + UNIX_DAYS));
            let mut entry = Entry::new(client, RecordKind::SecretsOpened);
            if !connection.0.is_nil() {
                entry = entry.of_connection(connection);
            }
            change.record(entry.with("day", day).with("opened", json!(opened)));
        }
        change.commit().await?;
    }
}
