//! The records that platforms hold, as the contract shows them: one row a record. Its document is the text that the map wrote
//! ([`::records::Record`]), so that every amount keeps its digits; it is never read again, and answers are spliced from it.

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;

use std::collections::HashMap;

use ::records::{Record, Source};
use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest as _, Sha256};

use crate::model::{CompanyId, ConnectionId, DatasetId};
use crate::query::{Expression, Kind, Order, Schema};
use crate::sql::columns::row;
use crate::sql::db::Bind;
use crate::sql::db::{Db, Dynamic, StoreError, Tx, query};
use crate::sql::{dialect, filter};

/// The numbers of a page's records that were new, altered and as before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub inserted: u64,
    pub changed: u64,
    pub unchanged: u64,
}

/// A record to be written, with the digest that tells whether its document is new.
pub(crate) struct Fresh<'a> {
    pub(crate) record: &'a Record,
    pub(crate) digest: [u8; 32],
    /// [`Record::source`], bound to the digest.
    pub(crate) source: Option<[u8; 32]>,
}

impl<'a> Fresh<'a> {
    fn of(record: &'a Record) -> Self {
        let digest = Sha256::digest(record.document.as_str()).into();
        Self {
            record,
            digest,
            source: record.source.map(|source| bound(&source, &digest)),
        }
    }
}

/// What a record was made from together with what it became: a program that knows nothing of the one writes the other.
fn bound(source: &Source, digest: &[u8]) -> [u8; 32] {
    let hash = Sha256::new().chain_update(source.as_bytes());
    hash.chain_update(digest).finalize().into()
}

row! {
    /// The columns of a stored record that tell whether another is the same.
    pub(crate) struct Known {
        pub(crate) id: String,
        pub(crate) digest: Vec<u8>,
        pub(crate) source_modified: Option<DateTime<Utc>>,
        pub(crate) deleted: bool,
        pub(crate) source: Option<Vec<u8>>,
    }
}

impl Known {
    fn is_same_as(&self, fresh: &Fresh<'_>) -> bool {
        self.digest == fresh.digest
            && self.deleted == fresh.record.deleted
            && self.source_modified == fresh.record.source_modified
    }

    fn has_source_of(&self, fresh: &Fresh<'_>) -> bool {
        self.source.as_deref() == fresh.source.as_ref().map(|source| source.as_slice())
    }

    fn is_made_from(&self, source: &Source) -> bool {
        !self.deleted && self.source.as_deref() == Some(&bound(source, &self.digest))
    }
}

/// A stored record that is what the platform's would become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unaltered {
    pub id: String,
    pub source_modified: Option<DateTime<Utc>>,
}

/// Those of a connection's records that were made from what the platform has sent now, of the ids and sources given.
pub async fn unaltered(
    db: &Db,
    connection: ConnectionId,
    data_type: &str,
    sent: &[(&str, &Source)],
) -> Result<Vec<Unaltered>, StoreError> {
    let ids: Vec<&str> = sent.iter().map(|(id, _)| *id).collect();
    let sources: HashMap<&str, &Source> = sent.iter().copied().collect();
    let mut seen = db.snapshot().await?;
    let known = dialect::known_records(&mut seen, connection, data_type, &ids).await?;
    let unaltered = known.into_iter().filter(|known| {
        let source = sources.get(known.id.as_str());
        source.is_some_and(|source| known.is_made_from(source))
    });
    Ok(unaltered
        .map(|known| Unaltered {
            id: known.id,
            source_modified: known.source_modified,
        })
        .collect())
}

/// Stores a page. A record that came before with the same content keeps its `modified`; only that it was seen is written. If
/// an id stands twice on a page, the last one counts. `modified` moves with the document, the platform's own date and the
/// deletion mark.
pub async fn upsert_page(
    tx: &mut Tx,
    connection: ConnectionId,
    company: CompanyId,
    data_type: &str,
    dataset: DatasetId,
    page: &[Record],
    now: DateTime<Utc>,
) -> Result<Counts, StoreError> {
    let mut positions: HashMap<&str, usize> = HashMap::with_capacity(page.len());
    let mut records: Vec<&Record> = Vec::with_capacity(page.len());
    for record in page {
        match positions.get(record.id.as_str()) {
            Some(&position) => records[position] = record,
            None => {
                positions.insert(&record.id, records.len());
                records.push(record);
            }
        }
    }

    let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
    let known = dialect::known_records(tx, connection, data_type, &ids).await?;
    let known: HashMap<String, Known> = (known.into_iter())
        .map(|known| (known.id.clone(), known))
        .collect();

    let mut counts = Counts::default();
    let mut same: Vec<&str> = Vec::new();
    let mut differently_made = Vec::new();
    let mut fresh = Vec::new();
    for record in records {
        let record = Fresh::of(record);
        match known.get(&record.record.id) {
            Some(known) if known.is_same_as(&record) => {
                counts.unchanged += 1;
                same.push(&record.record.id);
                if !known.has_source_of(&record) {
                    differently_made.push(record);
                }
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
    if !differently_made.is_empty() {
        dialect::set_sources(tx, connection, data_type, &differently_made).await?;
    }
    if !fresh.is_empty() {
        dialect::write_records(tx, connection, company, data_type, dataset, &fresh, now).await?;
    }
    Ok(counts)
}

/// Writes down that a pull saw these records, as they were or in a form that can't be read: what is stored of them stays.
pub async fn see(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    dataset: DatasetId,
    ids: &[&str],
) -> Result<(), StoreError> {
    dialect::see_records(tx, connection, data_type, dataset, ids).await
}

row! { struct Modified { modified: DateTime<Utc> } }

/// The time at which a record last changed here; none if there is no such record, or if it is marked as deleted.
pub async fn last_change(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    id: &str,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let found = query!(
        tx,
        opt Modified,
        "select modified from record where connection_id = $1 and data_type = $2 and id = $3 and deleted = $4",
        connection,
        data_type,
        id,
        false
    )?;
    Ok(found.map(|row| row.modified))
}

/// Marks as deleted the records that the platform says are gone. Returns the number of those that were there.
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

/// Marks as deleted the records that a complete pull no longer saw. Returns their number.
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

/// Removes the records outside of the window that is set: those that the platform last changed before `from`, and a
/// statement's months before `first_month` (`YYYY-MM`). Returns their number.
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

/// Some of a company's connections, whose records are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub company: CompanyId,
    pub connections: Vec<ConnectionId>,
}

row! {
    /// A record as it stands in the table.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Stored {
        pub connection_id: ConnectionId,
        pub id: String,
        /// A [`::records::Document`]'s text.
        pub document: String,
        pub modified: DateTime<Utc>,
        pub source_modified: Option<DateTime<Utc>>,
        pub deleted: bool,
    }
}

/// The fields that a record's schema has in addition to its document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamps {
    /// `modifiedDate` and `sourceModifiedDate`.
    pub dates: bool,
    /// `metadata.isDeleted`.
    pub metadata: bool,
}

impl Stored {
    /// Appends the record's JSON: the document untouched, then the stamps.
    pub fn write(&self, stamps: Stamps, out: &mut Vec<u8>) {
        let quoted = |time: DateTime<Utc>| {
            format!("\"{}\"", time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        };
        let mut members = Vec::with_capacity(3);
        if stamps.dates {
            members.push(("modifiedDate", quoted(self.modified)));
            if let Some(time) = self.source_modified {
                members.push(("sourceModifiedDate", quoted(time)));
            }
        }
        if stamps.metadata {
            members.push(("metadata", format!("{{\"isDeleted\":{}}}", self.deleted)));
        }
        self.write_with(&members, out);
    }

    /// Appends the record's JSON: the document untouched, then these members, whose values are JSON.
    pub fn write_with(&self, members: &[(&str, String)], out: &mut Vec<u8>) {
        let open = self.document.strip_suffix('}').unwrap_or(&self.document);
        out.extend_from_slice(open.as_bytes());
        let mut separator = if open.len() > 1 { "," } else { "" };
        for (name, value) in members {
            for part in [separator, "\"", name, "\":", value] {
                out.extend_from_slice(part.as_bytes());
            }
            separator = ",";
        }
        out.push(b'}');
    }
}

/// The schema of a data type's records for queries: the table's columns, and any path into the document.
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

/// The number of records that match.
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

/// A page of the records that match, in the order asked for and then by id; by id alone if none is asked for.
pub async fn list(
    db: &Db,
    scope: &Scope,
    data_type: &str,
    filter: Option<&Expression>,
    order: Option<&Order>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Stored>, StoreError> {
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
    query!(db, all Stored, sql)
}

row! {
    /// A record that isn't deleted.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Present {
        pub id: String,
        /// A [`::records::Document`]'s text.
        pub document: String,
    }
}

/// The records of a connection that aren't deleted, in the order of their ids from the one after `after` on: a page of a
/// walk through all of them, whose cost doesn't grow with the pages before it.
pub async fn present_after(
    db: &Db,
    company: CompanyId,
    connection: ConnectionId,
    data_type: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Present>, StoreError> {
    query!(
        db,
        all Present,
        "select id, document from record
         where connection_id = $1 and company_id = $2 and data_type = $3 and id > $4 and deleted = $5
         order by id limit $6",
        connection,
        company,
        data_type,
        after,
        false,
        limit
    )
}

/// One record of a connection by its id.
pub async fn get(
    db: &Db,
    company: CompanyId,
    connection: ConnectionId,
    data_type: &str,
    id: &str,
) -> Result<Option<Stored>, StoreError> {
    if id.contains('\0') {
        return Ok(None);
    }
    query!(
        db,
        opt Stored,
        "select connection_id, id, document, modified, source_modified, deleted from record
         where connection_id = $1 and company_id = $2 and data_type = $3 and id = $4",
        connection,
        company,
        data_type,
        id
    )
}
