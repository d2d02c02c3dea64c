//! The records that platforms hold, as the contract shows them: one row a record, its document kept as text so that every
//! amount stays the digits that were mapped.

mod document;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;

use std::collections::HashMap;

use chrono::{DateTime, DurationRound as _, SecondsFormat, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::model::{CompanyId, ConnectionId, DatasetId};
use crate::query::{Expression, Kind, Order, Schema};
use crate::sql::columns::row;
use crate::sql::db::Bind;
use crate::sql::db::{Db, Dynamic, StoreError, Tx, query};
use crate::sql::{dialect, filter};

/// A record as it came from a platform, mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// Unique within its connection and data type.
    pub id: String,
    /// A JSON object as text. Its `modifiedDate`, `sourceModifiedDate` and `metadata` are left out: the columns know them.
    pub document: String,
    /// When the platform last changed it, where it says so.
    pub source_modified: Option<DateTime<Utc>>,
    /// The platform says that it is gone.
    pub deleted: bool,
}

/// What became of a page of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub inserted: u64,
    pub changed: u64,
    pub unchanged: u64,
}

/// A record on its way into the table, with what tells whether it is new.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) id: String,
    pub(crate) document: String,
    pub(crate) digest: [u8; 32],
    pub(crate) source_modified: Option<DateTime<Utc>>,
    pub(crate) deleted: bool,
}

row! {
    /// What the table already knows about a record.
    pub(crate) struct Known {
        pub(crate) id: String,
        pub(crate) digest: Vec<u8>,
        pub(crate) source_modified: Option<DateTime<Utc>>,
        pub(crate) deleted: bool,
    }
}

impl Incoming {
    fn read(record: &NewRecord) -> Result<Self, StoreError> {
        let document = document::storable(&record.document).ok_or_else(|| {
            StoreError::Corrupt(format!("the record {} is no JSON object", record.id))
        })?;
        Ok(Self {
            // PostgreSQL's text holds no NUL.
            id: record.id.replace('\0', ""),
            digest: Sha256::digest(document.as_bytes()).into(),
            document,
            // PostgreSQL keeps microseconds.
            source_modified: record
                .source_modified
                .and_then(|time| time.duration_trunc(TimeDelta::microseconds(1)).ok()),
            deleted: record.deleted,
        })
    }
}

impl Known {
    fn is_same_as(&self, record: &Incoming) -> bool {
        self.digest == record.digest
            && self.deleted == record.deleted
            && self.source_modified == record.source_modified
    }
}

/// Stores a page. A record that came before and says the same keeps its `modified`; only that it was seen is written. Where
/// an id stands twice on a page, the last one counts. `modified` moves with the document, the platform's own date and the
/// deletion mark. A document that is no JSON object is [`StoreError::Corrupt`].
pub async fn upsert_page(
    tx: &mut Tx,
    connection: ConnectionId,
    company: CompanyId,
    data_type: &str,
    dataset: DatasetId,
    page: &[NewRecord],
    now: DateTime<Utc>,
) -> Result<Counts, StoreError> {
    let mut places = HashMap::with_capacity(page.len());
    let mut incoming: Vec<Incoming> = Vec::with_capacity(page.len());
    for record in page {
        let record = Incoming::read(record)?;
        match places.get(&record.id) {
            Some(&place) => incoming[place] = record,
            None => {
                places.insert(record.id.clone(), incoming.len());
                incoming.push(record);
            }
        }
    }

    let ids: Vec<String> = incoming.iter().map(|record| record.id.clone()).collect();
    let known: HashMap<String, Known> = dialect::known_records(tx, connection, data_type, &ids)
        .await?
        .into_iter()
        .map(|known| (known.id.clone(), known))
        .collect();

    let mut counts = Counts::default();
    let mut same = Vec::new();
    let mut fresh = Vec::new();
    for record in incoming {
        match known.get(&record.id) {
            Some(known) if known.is_same_as(&record) => {
                counts.unchanged += 1;
                same.push(record.id);
            }
            Some(_) => {
                counts.changed += 1;
                fresh.push(record);
            }
            None => {
                counts.inserted += 1;
                fresh.push(record);
            }
        }
    }
    if !same.is_empty() {
        dialect::see_records(tx, connection, data_type, dataset, &same).await?;
    }
    if !fresh.is_empty() {
        dialect::write_records(tx, connection, company, data_type, dataset, &fresh, now).await?;
    }
    Ok(counts)
}

/// Marks as deleted what the platform says is gone, and says how many of those were there.
pub async fn mark_deleted(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    ids: &[String],
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let mut marked = 0;
    for id in ids {
        marked += query!(
            tx,
            "update record set deleted = $5, modified = $6
             where connection_id = $1 and data_type = $2 and id = $3 and deleted = $4",
            connection,
            data_type,
            id,
            false,
            true,
            now
        )?;
    }
    Ok(marked)
}

/// Marks as deleted what a complete pull no longer saw, and says how many those were.
pub async fn mark_unseen_deleted(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    dataset: DatasetId,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    query!(
        tx,
        "update record set deleted = $5, modified = $6
         where connection_id = $1 and data_type = $2 and seen <> $3 and deleted = $4",
        connection,
        data_type,
        dataset,
        false,
        true,
        now
    )
}

/// Removes what lies outside of the window that is set: records that the platform last changed before `from`, and a
/// statement's months before `first_month` (`YYYY-MM`). Says how many those were.
pub async fn delete_outside(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    from: Option<DateTime<Utc>>,
    first_month: Option<&str>,
) -> Result<u64, StoreError> {
    let mut gone = 0;
    if let Some(from) = from {
        gone += query!(
            tx,
            "delete from record where connection_id = $1 and data_type = $2 and source_modified < $3",
            connection,
            data_type,
            from
        )?;
    }
    if let Some(first_month) = first_month {
        gone += query!(
            tx,
            "delete from record where connection_id = $1 and data_type = $2 and id < $3",
            connection,
            data_type,
            first_month
        )?;
    }
    Ok(gone)
}

/// Whose records are read: those of some of a company's connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub company: CompanyId,
    pub connections: Vec<ConnectionId>,
}

row! {
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Record {
        pub connection_id: ConnectionId,
        pub id: String,
        pub document: String,
        pub modified: DateTime<Utc>,
        pub source_modified: Option<DateTime<Utc>>,
        pub deleted: bool,
    }
}

/// The fields that a record's schema has beyond its document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamps {
    /// `modifiedDate` and `sourceModifiedDate`.
    pub dates: bool,
    /// `metadata.isDeleted`.
    pub metadata: bool,
}

impl Record {
    /// Appends the record's JSON: the document untouched, then the stamps.
    pub fn write(&self, stamps: Stamps, out: &mut Vec<u8>) {
        let document = self.document.trim();
        let Some(fields) = document
            .strip_suffix('}')
            .filter(|_| stamps.dates || stamps.metadata)
        else {
            out.extend_from_slice(document.as_bytes());
            return;
        };
        out.extend_from_slice(fields.trim_end().as_bytes());
        let mut first = fields.trim_end().ends_with('{');
        let mut field = |name: &str, value: &str| {
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            out.extend_from_slice(format!("\"{name}\":{value}").as_bytes());
        };
        if stamps.dates {
            let quoted = |time: DateTime<Utc>| {
                format!("\"{}\"", time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            };
            field("modifiedDate", &quoted(self.modified));
            if let Some(time) = self.source_modified {
                field("sourceModifiedDate", &quoted(time));
            }
        }
        if stamps.metadata {
            field(
                "metadata",
                if self.deleted {
                    r#"{"isDeleted":true}"#
                } else {
                    r#"{"isDeleted":false}"#
                },
            );
        }
        out.push(b'}');
    }
}

/// The schema of a data type's records for queries: what the table knows of each, and any path into the document.
pub const fn schema(name: &'static str) -> Schema {
    Schema {
        name,
        fields: &[
            ("id", Kind::Exact),
            ("modifiedDate", Kind::Time),
            ("sourceModifiedDate", Kind::Time),
            ("metadata.isDeleted", Kind::Bool),
        ],
        open: true,
    }
}

fn resolve(field: &str) -> Option<filter::Resolved> {
    Some(match field {
        "id" => filter::Resolved::column("id"),
        "modifiedDate" => filter::Resolved::column("modified"),
        "sourceModifiedDate" => filter::Resolved::nullable("source_modified"),
        "metadata.isDeleted" => filter::Resolved::column("deleted"),
        path => filter::Resolved::json("document", path),
    })
}

fn push_scope(
    db: &Db,
    scope: &Scope,
    data_type: &str,
    expression: Option<&Expression>,
    sql: &mut Dynamic,
) {
    match scope.connections.as_slice() {
        // Equality lets the primary key give the order; a list has to be sorted.
        [connection] => {
            sql.push(" where connection_id = ")
                .bind(Bind::Id(connection.0));
        }
        connections => {
            sql.push(" where connection_id in (null");
            for connection in connections {
                sql.push(", ").bind(Bind::Id(connection.0));
            }
            sql.push(")");
        }
    }
    sql.push(" and company_id = ")
        .bind(Bind::Id(scope.company.0));
    sql.push(" and data_type = ")
        .bind(Bind::Text(data_type.to_owned()));
    if let Some(expression) = expression {
        sql.push(" and ");
        filter::push_filter(db, expression, &resolve, sql);
    }
}

row! { struct Number { number: i64 } }

/// How many records match.
pub async fn count(
    db: &Db,
    scope: &Scope,
    data_type: &str,
    filter: Option<&Expression>,
) -> Result<i64, StoreError> {
    let mut sql = Dynamic::new("select count(*) as number from record");
    push_scope(db, scope, data_type, filter, &mut sql);
    let rows = query!(db, all Number, sql)?;
    Ok(rows.first().map_or(0, |row| row.number))
}

/// A page of the records that match, in the order asked for and then by id; by id alone where none is asked for.
pub async fn list(
    db: &Db,
    scope: &Scope,
    data_type: &str,
    filter: Option<&Expression>,
    order: Option<&Order>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Record>, StoreError> {
    let mut sql = Dynamic::new(
        "select connection_id, id, document, modified, source_modified, deleted from record",
    );
    push_scope(db, scope, data_type, filter, &mut sql);
    sql.push(" order by ");
    if let Some(order) = order {
        filter::push_order(db, order, &resolve, &mut sql);
        sql.push(", ");
    }
    sql.push(if scope.connections.len() == 1 {
        "id limit "
    } else {
        "id, connection_id limit "
    })
    .bind(Bind::Int(limit))
    .push(" offset ")
    .bind(Bind::Int(offset));
    query!(db, all Record, sql)
}

/// One record of a connection by its id.
pub async fn get(
    db: &Db,
    company: CompanyId,
    connection: ConnectionId,
    data_type: &str,
    id: &str,
) -> Result<Option<Record>, StoreError> {
    if id.contains('\0') {
        return Ok(None);
    }
    query!(
        db,
        opt Record,
        "select connection_id, id, document, modified, source_modified, deleted from record
         where connection_id = $1 and company_id = $2 and data_type = $3 and id = $4",
        connection,
        company,
        data_type,
        id
    )
}
