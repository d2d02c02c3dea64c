//! A connection's records, a page at a time.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use crate::StoreError;
use crate::data::records::{Fresh, Known};
use crate::model::{CompanyId, ConnectionId, DatasetId};
use crate::sql::db::{On, Tx};

/// The known state of the records with these ids. On PostgreSQL each is looked up by its whole key (`offset 0` keeps it so):
/// while a new table has no statistics, the planner would read a connection's every record for each page.
pub(crate) async fn known_records(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    ids: &[&str],
) -> Result<Vec<Known>, StoreError> {
    let known = match tx.on() {
        On::Sqlite(e) => {
            sqlx::query_as(
                "select id, digest, source_modified, deleted, source from record
                 where connection_id = $1 and data_type = $2 and id in (select value from json_each($3))",
            )
            .bind(connection)
            .bind(data_type)
            .bind(json_array(ids))
            .fetch_all(e)
            .await
        }
        On::Postgres(e) => {
            sqlx::query_as(
                "select known.id, known.digest, known.source_modified, known.deleted, known.source
                 from unnest($3::text[]) as wanted (id), lateral (
                     select r.id, r.digest, r.source_modified, r.deleted, r.source from record r
                     where r.connection_id = $1 and r.data_type = $2 and r.id = wanted.id
                     offset 0
                 ) as known",
            )
            .bind(connection)
            .bind(data_type)
            .bind(ids)
            .fetch_all(e)
            .await
        }
    };
    tx.noticing(known)
}

/// Writes down that a pull saw these records. On PostgreSQL they are found one by one, as in [`known_records`], and then updated
/// where they stand: only one pull at a time writes a connection's records of a type, so that none moves in between.
pub(crate) async fn see_records(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    dataset: DatasetId,
    ids: &[&str],
) -> Result<(), StoreError> {
    let seen = match tx.on() {
        On::Sqlite(e) => {
            sqlx::query(
                "update record set seen = $3
                 where connection_id = $1 and data_type = $2 and id in (select value from json_each($4))",
            )
            .bind(connection)
            .bind(data_type)
            .bind(dataset)
            .bind(json_array(ids))
            .execute(e)
            .await
            .map(drop)
        }
        On::Postgres(e) => {
            sqlx::query(
                "update record set seen = $3
                 where ctid = any (array(
                     select known.ctid from unnest($4::text[]) as wanted (id), lateral (
                         select r.ctid from record r
                         where r.connection_id = $1 and r.data_type = $2 and r.id = wanted.id
                         offset 0
                     ) as known
                 ))",
            )
            .bind(connection)
            .bind(data_type)
            .bind(dataset)
            .bind(ids)
            .execute(e)
            .await
            .map(drop)
        }
    };
    tx.noticing(seen)
}

/// Writes what records were made from, beside documents that are as they were.
pub(crate) async fn set_sources(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    page: &[Fresh<'_>],
) -> Result<(), StoreError> {
    let written = match tx.on() {
        On::Sqlite(e) => {
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let sources: Vec<serde_json::Value> = (page.iter())
                .map(|fresh| {
                    let source: Option<String> = source_of(fresh).map(hex);
                    serde_json::json!({ "id": fresh.record.id, "source": source })
                })
                .collect();
            sqlx::query(
                "update record set source = unhex(made.source)
                 from (select value ->> 'id' as id, value ->> 'source' as source from json_each($3)) as made
                 where connection_id = $1 and data_type = $2 and record.id = made.id",
            )
            .bind(connection)
            .bind(data_type)
            .bind(serde_json::Value::from(sources).to_string())
            .execute(e)
            .await
            .map(drop)
        }
        On::Postgres(e) => {
            let ids: Vec<&str> = page.iter().map(|fresh| fresh.record.id.as_str()).collect();
            let sources: Vec<Option<&[u8]>> = page.iter().map(source_of).collect();
            sqlx::query(
                "update record set source = ($4::bytea[])[array_position($3::text[], id)]
                 where ctid = any (array(
                     select known.ctid from unnest($3::text[]) as wanted (id), lateral (
                         select r.ctid from record r
                         where r.connection_id = $1 and r.data_type = $2 and r.id = wanted.id
                         offset 0
                     ) as known
                 ))",
            )
            .bind(connection)
            .bind(data_type)
            .bind(ids)
            .bind(sources)
            .execute(e)
            .await
            .map(drop)
        }
    };
    tx.noticing(written)
}

/// Numbers of rows that go into one statement on SQLite, most first: each statement is a message to its thread and back, and each
/// number of rows a statement of its own to prepare.
const TOGETHER: [usize; 3] = [64, 8, 1];

/// Inserts records, or puts them in place of what was there. PostgreSQL gets the page in one statement.
pub(crate) async fn write_records(
    tx: &mut Tx,
    connection: ConnectionId,
    company: CompanyId,
    data_type: &str,
    dataset: DatasetId,
    page: &[Fresh<'_>],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let written = match tx.on() {
        On::Sqlite(e) => {
            async {
                static STATEMENTS: LazyLock<[String; TOGETHER.len()]> =
                    LazyLock::new(|| TOGETHER.map(insert_of));
                let mut rest = page;
                for (rows, statement) in TOGETHER.into_iter().zip(STATEMENTS.iter()) {
                    while let Some((some, further)) = rest.split_at_checked(rows) {
                        rest = further;
                        let mut insert = sqlx::query(statement.as_str())
                            .bind(connection)
                            .bind(data_type)
                            .bind(company)
                            .bind(now)
                            .bind(dataset);
                        for fresh in some {
                            insert = insert
                                .bind(&fresh.record.id)
                                .bind(fresh.record.document.as_str())
                                .bind(fresh.digest.as_slice())
                                .bind(fresh.record.source_modified)
                                .bind(fresh.record.deleted)
                                .bind(source_of(fresh));
                        }
                        insert.execute(&mut *e).await?;
                    }
                }
                Ok(())
            }
            .await
        }
        On::Postgres(e) => {
            let records = || page.iter().map(|fresh| fresh.record);
            let ids: Vec<&str> = records().map(|record| record.id.as_str()).collect();
            let documents: Vec<&str> = records().map(|record| record.document.as_str()).collect();
            let digests: Vec<&[u8]> = page.iter().map(|fresh| fresh.digest.as_slice()).collect();
            let source_modified: Vec<Option<DateTime<Utc>>> =
                records().map(|record| record.source_modified).collect();
            let deleted: Vec<bool> = records().map(|record| record.deleted).collect();
            sqlx::query(
                "insert into record (connection_id, data_type, id, company_id, document, digest, modified,
                                     source_modified, deleted, source, seen)
                 select $1, $2, r.id, $3, r.document, r.digest, $4, r.source_modified, r.deleted, r.source, $5
                 from unnest($6::text[], $7::text[], $8::bytea[], $9::timestamptz[], $10::boolean[], $11::bytea[])
                     as r (id, document, digest, source_modified, deleted, source)
                 on conflict (connection_id, data_type, id) do update set document = excluded.document,
                     digest = excluded.digest, modified = excluded.modified,
                     source_modified = excluded.source_modified, deleted = excluded.deleted,
                     source = excluded.source, seen = excluded.seen",
            )
            .bind(connection)
            .bind(data_type)
            .bind(company)
            .bind(now)
            .bind(dataset)
            .bind(ids)
            .bind(documents)
            .bind(digests)
            .bind(source_modified)
            .bind(deleted)
            .bind(page.iter().map(source_of).collect::<Vec<_>>())
            .execute(e)
            .await
            .map(drop)
        }
    };
    tx.noticing(written)
}

fn json_array(ids: &[&str]) -> String {
    serde_json::Value::from(ids).to_string()
}

fn source_of<'f>(fresh: &'f Fresh<'_>) -> Option<&'f [u8]> {
    fresh.source.as_ref().map(|source| source.as_slice())
}

/// SQLite's statement for `rows` rows: five values for all of them, then six for each.
fn insert_of(rows: usize) -> String {
    let row = |at: usize| {
        let [id, document, digest, source_modified, deleted, source] =
            [6, 7, 8, 9, 10, 11].map(|n| n + at * 6);
        format!(
            "($1, $2, ${id}, $3, ${document}, ${digest}, $4, ${source_modified}, ${deleted}, ${source}, $5)"
        )
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!(
        "insert into record (connection_id, data_type, id, company_id, document, digest, modified, source_modified, deleted, source,
                             seen)
         values {}
         on conflict (connection_id, data_type, id) do update set document = excluded.document,
             digest = excluded.digest, modified = excluded.modified,
             source_modified = excluded.source_modified, deleted = excluded.deleted, source = excluded.source,
             seen = excluded.seen",
        rows.join(", ")
    )
}
