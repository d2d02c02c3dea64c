//! The database of a story: made, dropped, and read past the platform.

use std::sync::atomic::Ordering;

use platform::consents::verify::verify;
use sqlx::{Connection, Executor, Row};
use url::Url;

use super::World;

/// A new database on the server that the environment names.
pub async fn postgres_database() -> Option<String> {
    let Ok(admin) = std::env::var("MOORLINE_TEST_POSTGRES") else {
        eprintln!("skipped: MOORLINE_TEST_POSTGRES names no server");
        return None;
    };
    let name = format!("story_{}", store::clock::random_id().simple());
    let mut connection = sqlx::PgConnection::connect(&admin)
        .await
        .expect("the test server answers");
    connection
        .execute(sqlx::AssertSqlSafe(format!("create database {name}")))
        .await
        .unwrap();
    let mut url = Url::parse(&admin).unwrap();
    url.set_path(&name);
    Some(url.to_string())
}

/// Drops a story's database; a failed story's is kept for inspection.
pub(super) async fn drop_postgres_database(url: &str) {
    let (Ok(admin), Some((_, name))) = (
        std::env::var("MOORLINE_TEST_POSTGRES"),
        url.rsplit_once("/story_"),
    ) else {
        return;
    };
    let mut connection = sqlx::PgConnection::connect(&admin)
        .await
        .expect("the test server answers");
    connection
        .execute(sqlx::AssertSqlSafe(format!(
            "drop database if exists story_{name} with (force)"
        )))
        .await
        .unwrap();
}

/// True for a table that the platform writes to by itself, now and then.
fn is_own(table: &str) -> bool {
    let counted = ["link_journey", "link_visit", "link_step", "link_funnel"];
    ["secret_opening", "sealing_node"].contains(&table) || counted.contains(&table)
}

impl World {
    /// Runs statements on the database past the platform, as a person with access to it could.
    pub async fn tamper(&self, statements: &[&'static str]) {
        self.tampered.store(true, Ordering::SeqCst);
        let url = &self.app.config.database_url;
        match url.strip_prefix("sqlite:") {
            Some(path) => {
                let opened = sqlx::SqliteConnection::connect(&format!("sqlite:{path}")).await;
                let mut connection = opened.unwrap();
                for statement in statements {
                    connection.execute(*statement).await.unwrap();
                }
            }
            None => {
                let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
                for statement in statements {
                    connection.execute(*statement).await.unwrap();
                }
            }
        }
    }

    /// The number that a statement reads from the database, past the platform.
    pub async fn number(&self, statement: &'static str) -> i64 {
        let url = &self.app.config.database_url;
        let number = match url.starts_with("sqlite:") {
            true => {
                let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
                let read = sqlx::query_scalar(statement);
                read.fetch_one(&mut connection).await
            }
            false => {
                let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
                let read = sqlx::query_scalar(statement);
                read.fetch_one(&mut connection).await
            }
        };
        number.unwrap()
    }

    /// Fails if the record isn't whole, or if consents in force and Linked connections differ.
    pub(super) async fn the_record_is_whole(&self) {
        // A platform that was stopped has closed its database.
        if self.tampered.load(Ordering::SeqCst) || *self.app.stop.borrow() {
            return;
        }
        // Nor can one be read that the story has closed.
        let Ok(clients) = store::clients::list(&self.app.db).await else {
            return;
        };
        for client in clients {
            let report = verify(&self.app, client.id, None).await.unwrap();
            assert!(
                report.faults.is_empty(),
                "{}: {:#?}",
                client.name,
                report.faults
            );
        }
    }

    /// Every row of every table, once the chores of the start have written what they write once: a story compares with it later.
    pub async fn at_rest(&self) -> String {
        self.until("the chores of the start are done", || async {
            let everything = self.everything().await;
            let begun = ["disclosure.fingerprint", "pulls.schedule", "links.swept"];
            let is_begun = begun.iter().all(|name| everything.contains(name));
            (is_begun && !everything.contains("pull_walk: ")).then_some(everything)
        })
        .await
    }

    /// Every row of every table, as text.
    pub async fn everything(&self) -> String {
        let url = &self.app.config.database_url;
        let mut text = String::new();
        if let Some(path) = url.strip_prefix("sqlite:") {
            let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite:{path}"))
                .await
                .unwrap();
            let tables = sqlx::query(
                "select name from sqlite_schema where type = 'table' and name not like 'sqlite~_%' escape '~'
                 and name not like 'company~_names%' escape '~' order by name",
            );
            for table in tables.fetch_all(&mut connection).await.unwrap() {
                let table: String = table.get(0);
                if is_own(&table) {
                    continue;
                }
                let columns = sqlx::query("select name from pragma_table_info($1)").bind(&table);
                let columns = columns.fetch_all(&mut connection).await.unwrap();
                let quoted: Vec<String> = columns
                    .iter()
                    .map(|row| format!("quote(\"{}\")", row.get::<String, _>(0)))
                    .collect();
                let rows = format!(
                    "select {} from \"{table}\" order by 1",
                    quoted.join(" || ',' || ")
                );
                for row in sqlx::query(sqlx::AssertSqlSafe(rows))
                    .fetch_all(&mut connection)
                    .await
                    .unwrap()
                {
                    text.push_str(&format!("{table}: {}\n", row.get::<String, _>(0)));
                }
            }
        } else {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            let tables =
                "select tablename::text from pg_tables where schemaname = 'public' order by 1";
            for table in sqlx::query(tables)
                .fetch_all(&mut connection)
                .await
                .unwrap()
            {
                let table: String = table.get(0);
                if is_own(&table) {
                    continue;
                }
                let rows = format!("select t::text from \"{table}\" t order by 1");
                for row in sqlx::query(sqlx::AssertSqlSafe(rows))
                    .fetch_all(&mut connection)
                    .await
                    .unwrap()
                {
                    text.push_str(&format!("{table}: {}\n", row.get::<String, _>(0)));
                }
            }
        }
        text
    }

    /// The raw bytes of the database's files, if it is SQLite.
    pub fn database_files(&self) -> Option<Vec<u8>> {
        let path = self.app.config.database_url.strip_prefix("sqlite:")?;
        let mut bytes = std::fs::read(path).unwrap();
        for suffix in ["-wal", "-shm"] {
            bytes.extend(std::fs::read(format!("{path}{suffix}")).unwrap_or_default());
        }
        Some(bytes)
    }

    /// The records pulled through a connection, as sorted text, without the columns of time and pull.
    pub async fn record_rows(&self, connection: &str) -> Vec<String> {
        let id: uuid::Uuid = connection.parse().unwrap();
        let url = &self.app.config.database_url;
        let text = "select data_type, id, document, deleted from record where connection_id = $1 order by data_type, id";
        let row = |data_type: String, id: String, document: String, deleted: bool| {
            format!("{data_type} {id} {deleted} {document}")
        };
        let mut rows: Vec<String> = if let Some(path) = url.strip_prefix("sqlite:") {
            let database = sqlx::SqliteConnection::connect(&format!("sqlite:{path}"));
            let rows = sqlx::query(text).bind(id);
            let rows = rows.fetch_all(&mut database.await.unwrap()).await.unwrap();
            rows.iter()
                .map(|r| row(r.get(0), r.get(1), r.get(2), r.get(3)))
                .collect()
        } else {
            let database = sqlx::PgConnection::connect(url);
            let rows = sqlx::query(text).bind(id);
            let rows = rows.fetch_all(&mut database.await.unwrap()).await.unwrap();
            rows.iter()
                .map(|r| row(r.get(0), r.get(1), r.get(2), r.get(3)))
                .collect()
        };
        rows.sort();
        rows
    }
}
