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
                "select id, digest, source_modified, deleted from record
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
                "select known.id, known.digest, known.source_modified, known.deleted
                 from unnest($3::text[]) as wanted (id), lateral (
                     select r.id, r.digest, r.source_modified, r.deleted from record r
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
                        for Fresh { record, digest } in some {
                            insert = insert
                                .bind(&record.id)
                                .bind(record.document.as_str())
                                .bind(digest.as_slice())
                                .bind(record.source_modified)
                                .bind(record.deleted);
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
                                     source_modified, deleted, seen)
                 select $1, $2, r.id, $3, r.document, r.digest, $4, r.source_modified, r.deleted, $5
                 from unnest($6::text[], $7::text[], $8::bytea[], $9::timestamptz[], $10::boolean[])
                     as r (id, document, digest, source_modified, deleted)
                 on conflict (connection_id, data_type, id) do update set document = excluded.document,
                     digest = excluded.digest, modified = excluded.modified,
                     source_modified = excluded.source_modified, deleted = excluded.deleted, seen = excluded.seen",
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

/// SQLite's statement for `rows` rows: five values for all of them, then five for each.
fn insert_of(rows: usize) -> String {
    let row = |at: usize| {
        let [id, document, digest, source_modified, deleted] = [6, 7, 8, 9, 10].map(|n| n + at * 5);
        format!(
            "($1, $2, ${id}, $3, ${document}, ${digest}, $4, ${source_modified}, ${deleted}, $5)"
        )
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!(
        "insert into record (connection_id, data_type, id, company_id, document, digest, modified, source_modified, deleted, seen)
         values {}
         on conflict (connection_id, data_type, id) do update set document = excluded.document,
             digest = excluded.digest, modified = excluded.modified,
             source_modified = excluded.source_modified, deleted = excluded.deleted, seen = excluded.seen",
        rows.join(", ")
    )
}
