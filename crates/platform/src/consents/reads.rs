//! Reads of companies' data, counted by API key and put on record once a day.
//!
//! A read is counted in memory, written to the database by a chore and at the stop, and put on record when its day is over. A
//! process that is killed loses the counts of its last seconds: no read waits for a write.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use parking_lot::Mutex;
use serde_json::json;

use super::Entry;
use crate::app::App;
use crate::change::Change;
use store::StoreError;
use store::model::{Actor, ApiKeyId, ClientId, CompanyId, RecordKind};
use store::reads::{self as rows, Reads as Row};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Read {
    client: ClientId,
    day: i64,
    key: ApiKeyId,
    company: CompanyId,
    data_type: String,
}

/// The reads that this process has counted and not yet written down.
#[derive(Debug, Default)]
pub struct Reads(Mutex<HashMap<Read, i64>>);

const UNIX_DAYS: i32 = 719_163;

/// Days since 1970-01-01, UTC.
fn day_of(app: &App) -> i64 {
    app.clock.now().timestamp().div_euclid(86_400)
}

/// Counts an answer with a company's data.
pub fn count(app: &App, (client, key): (ClientId, ApiKeyId), company: CompanyId, data_type: &str) {
    let read = Read {
        client,
        day: day_of(app),
        key,
        company,
        data_type: data_type.to_owned(),
    };
    *app.reads.0.lock().entry(read).or_default() += 1;
}

/// Writes down what was counted. What can't be written is kept for the next time.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn flush(app: &App) -> Result<(), StoreError> {
    let counted = std::mem::take(&mut *app.reads.0.lock());
    if counted.is_empty() {
        return Ok(());
    }
    let mut lines: Vec<Row> = counted
        .iter()
        .map(|(read, reads)| Row {
            client_id: read.client,
            day: read.day,
            api_key_id: read.key,
            company_id: read.company,
            data_type: read.data_type.clone(),
            reads: *reads,
        })
        .collect();
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
        let mut waiting = app.reads.0.lock();
        for (read, reads) in counted {
            *waiting.entry(read).or_default() += reads;
        }
    }
    written
}

/// Puts the days that are over on record: an entry for each key and company.
pub(crate) async fn close_days(app: &App) -> Result<(), StoreError> {
    loop {
        let mut change = Change::begin(app, Actor::Client).await?;
        let taken = rows::take_before(&mut change, day_of(app)).await?;
        if taken.is_empty() {
            return Ok(());
        }
        let mut sums: BTreeMap<(ClientId, i64, ApiKeyId, CompanyId), BTreeMap<String, i64>> =
            BTreeMap::new();
        for row in taken {
            let of = (row.client_id, row.day, row.api_key_id, row.company_id);
            *sums
                .entry(of)
                .or_default()
                .entry(row.data_type)
                .or_default() += row.reads;
        }
        for ((client, day, key, company), reads) in sums {
            let day = i32::try_from(day).ok();
            let day = day.and_then(|day| NaiveDate::from_num_days_from_ce_opt(day + UNIX_DAYS));
            let entry = Entry::new(client, RecordKind::DataRead)
                .of_company(company)
                .by_key(key)
                .with("day", day)
                .with("reads", json!(reads));
            change.record(entry);
        }
        change.commit().await?;
    }
}
