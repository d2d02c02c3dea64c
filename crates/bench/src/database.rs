//! The bench's own access to the database, beside the platform's: for seeding and for floors.

use std::str::FromStr;

use anyhow::{Context, Result};
use chrono::{TimeDelta, Utc};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Executor, PgPool, Row, SqlitePool};
use url::Url;
use uuid::Uuid;

pub(crate) enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// True if a PostgreSQL server's commits wait for the disk.
pub(crate) async fn is_durable(server: &str) -> Result<bool> {
    let pool = sqlx::PgPool::connect(server).await?;
    let sql =
        "select current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off'";
    let durable = sqlx::query_scalar(sql).fetch_one(&pool).await?;
    pool.close().await;
    Ok(durable)
}

/// Companies that share a tag, the same number at every size: the result of the query by tag.
pub(crate) const TAGGED: usize = 100;

impl Database {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        if url.starts_with("postgres") {
            let pool = PgPoolOptions::new()
                .max_connections(16)
                .connect(url)
                .await?;
            return Ok(Self::Postgres(pool));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new()
            .max_connections(16)
            .connect_with(options)
            .await?;
        Ok(Self::Sqlite(pool))
    }

    async fn run(&self, sql: String) -> Result<u64> {
        Ok(match self {
            Self::Sqlite(pool) => pool
                .execute(sqlx::AssertSqlSafe(sql))
                .await?
                .rows_affected(),
            Self::Postgres(pool) => pool
                .execute(sqlx::AssertSqlSafe(sql))
                .await?
                .rows_affected(),
        })
    }

    /// Bytes that the database takes, the log and what is still to be cleared away left out.
    pub(crate) async fn bytes(&self) -> Result<f64> {
        let sql = match self {
            Self::Sqlite(_) => {
                "select page_count * page_size from pragma_page_count(), pragma_page_size()"
            }
            Self::Postgres(_) => "select pg_database_size(current_database())",
        };
        let bytes: i64 = match self {
            Self::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await?,
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await?,
        };
        Ok(bytes as f64)
    }

    async fn columns(&self, table: &str) -> Result<Vec<String>> {
        Ok(match self {
            Self::Sqlite(pool) => sqlx::query("select name from pragma_table_info($1)")
                .bind(table)
                .fetch_all(pool)
                .await?
                .iter()
                .map(|row| row.try_get(0))
                .collect::<Result<_, _>>()?,
            Self::Postgres(pool) => sqlx::query(
                "select column_name::text from information_schema.columns where table_schema = current_schema() and table_name = $1",
            )
            .bind(table)
            .fetch_all(pool)
            .await?
            .iter()
            .map(|row| row.try_get(0))
            .collect::<Result<_, _>>()?,
        })
    }

    /// Copies the only company, with its three connections, until there are `companies`. Columns are read from the schema,
    /// so that a migration needs no change here.
    pub(crate) async fn multiply(&self, companies: usize) -> Result<()> {
        let (id, moment, numbers) = match self {
            Self::Sqlite(_) => (
                "randomblob(16)",
                "strftime('%Y-%m-%dT%H:%M:%S', 1767225600 + n.i, 'unixepoch') || '+00:00'",
                format!(
                    "(with recursive n(i) as (select 1 union all select i + 1 from n where i < {}) select i from n)",
                    companies - 1
                ),
            ),
            Self::Postgres(_) => (
                "gen_random_uuid()",
                "timestamptz '2026-01-01T00:00:00Z' + n.i * interval '1 second'",
                format!("(select i from generate_series(1, {}) i)", companies - 1),
            ),
        };
        let mut values = Vec::new();
        let columns = self.columns("company").await?;
        for column in &columns {
            values.push(match column.as_str() {
                "id" => id.to_owned(),
                "created" => moment.to_owned(),
                "name" => "'merchant-' || n.i".to_owned(),
                other => format!("t.{other}"),
            });
        }
        self.run(format!(
            "insert into company ({}) select {} from {numbers} n cross join (select * from company limit 1) t",
            columns.join(", "),
            values.join(", ")
        ))
        .await?;
        let columns = self.columns("connection").await?;
        let values: Vec<String> = columns
            .iter()
            .map(|column| match column.as_str() {
                "id" => id.to_owned(),
                "company_id" => "c.id".to_owned(),
                "created" => "c.created".to_owned(),
                other => format!("t.{other}"),
            })
            .collect();
        self.run(format!(
            "insert into connection ({}) select {} from company c cross join (select * from connection limit 3) t
             where c.id <> t.company_id",
            columns.join(", "),
            values.join(", ")
        ))
        .await?;
        self.run(format!(
            "insert into company_tag (client_id, key, value, created, company_id)
             select client_id, 'portfolio', 'north', created, id from company order by created desc, id limit {TAGGED}"
        ))
        .await?;
        self.run(
            "update company_count set number = (select count(*) from company),
                connected = (select count(distinct company_id) from connection where status = 'Linked')"
                .into(),
        )
        .await?;
        self.run("delete from connection_count".into()).await?;
        self.run(
            "insert into connection_count (client_id, integration_key, status, number)
             select client_id, integration_key, status, count(*) from connection group by client_id, integration_key, status"
                .into(),
        )
        .await?;
        if let Self::Postgres(_) = self {
            self.run("vacuum analyze".into()).await?;
        }
        Ok(())
    }

    /// Puts every connection of a platform into the schedule, as if all of them had been authorised now.
    pub(crate) async fn schedule(
        &self,
        key: &str,
        types: impl Iterator<Item = &str>,
    ) -> Result<()> {
        const AUTHORISE: &str =
            "update connection set last_authorized = $2 where integration_key = $1";
        const SCHEDULE: &str =
            "insert into pull_state (connection_id, data_type, running, counted_from, due)
             select id, $2, false, last_authorized, $3 from connection where integration_key = $1";
        let authorised = store::clock::to_microseconds(Utc::now());
        macro_rules! schedule {
            ($pool:expr) => {{
                sqlx::query(AUTHORISE)
                    .bind(key)
                    .bind(authorised)
                    .execute($pool)
                    .await?;
                for data_type in types {
                    let query = sqlx::query(SCHEDULE).bind(key).bind(data_type);
                    query
                        .bind(authorised + TimeDelta::hours(24))
                        .execute($pool)
                        .await?;
                }
            }};
        }
        match self {
            Self::Sqlite(pool) => schedule!(pool),
            Self::Postgres(pool) => schedule!(pool),
        }
        Ok(())
    }

    /// Gives every connection earlier pulls of one type, an hour apart.
    pub(crate) async fn add_history(&self, each: usize) -> Result<()> {
        let (id, numbers, hours_ago, next) = match self {
            Self::Sqlite(_) => (
                "randomblob(16)",
                format!(
                    "(with recursive n(i) as (select 1 union all select i + 1 from n where i < {each}) select i from n)"
                ),
                "strftime('%Y-%m-%dT%H:%M:%S', c.last_authorized, '-' || n.i || ' hours') || '+00:00'",
                "strftime('%Y-%m-%dT%H:%M:%S', newest.requested, '+24 hours') || '+00:00'",
            ),
            Self::Postgres(_) => (
                "gen_random_uuid()",
                format!("(select i from generate_series(1, {each}) i)"),
                "c.last_authorized - n.i * interval '1 hour'",
                "newest.requested + interval '24 hours'",
            ),
        };
        self.run(format!(
            "insert into dataset (id, client_id, company_id, connection_id, data_type, batch_id, initial, status, progress,
                                  requested, completed, pages, records, modified, set_aside)
             select {id}, c.client_id, c.company_id, c.id, s.data_type, {id}, false, 'Complete', 100, {hours_ago}, {hours_ago}, 1, 0, 0, 0
             from connection c
             join (select connection_id, min(data_type) as data_type from pull_state group by connection_id) s on s.connection_id = c.id
             cross join {numbers} n"
        ))
        .await?;
        self.run(format!(
            "update pull_state set newest_id = newest.id, success_id = newest.id, counted_from = newest.requested, due = {next}
             from dataset newest
             where newest.connection_id = pull_state.connection_id and newest.data_type = pull_state.data_type
               and newest.id = (select id from dataset where dataset.connection_id = pull_state.connection_id
                                and dataset.data_type = pull_state.data_type order by requested desc, id desc limit 1)"
        ))
        .await?;
        if let Self::Postgres(_) = self {
            self.run("vacuum analyze".into()).await?;
        }
        Ok(())
    }

    /// Empties the queue, and makes every type of every connection due.
    pub(crate) async fn make_due(&self) -> Result<()> {
        let now = Utc::now();
        self.run("delete from job".into()).await?;
        self.run("delete from dataset where completed is null".into())
            .await?;
        macro_rules! set {
            ($pool:expr) => {{
                sqlx::query("update connection set last_authorized = $1")
                    .bind(now - TimeDelta::hours(25))
                    .execute($pool)
                    .await?;
                sqlx::query("update pull_state set running = false, counted_from = $1, due = $2")
                    .bind(now - TimeDelta::hours(25))
                    .bind(now - TimeDelta::hours(1))
                    .execute($pool)
                    .await?;
            }};
        }
        match self {
            Self::Sqlite(pool) => set!(pool),
            Self::Postgres(pool) => set!(pool),
        }
        if let Self::Postgres(_) = self {
            self.run("vacuum analyze".into()).await?;
        }
        Ok(())
    }

    /// Some connections and their companies, spread over the table.
    pub(crate) async fn some_connections(&self, count: usize) -> Result<Vec<(Uuid, Uuid)>> {
        // Ids are random, so any range of them is spread over the companies.
        let sql = format!("select company_id, id from connection order by id limit {count}");
        macro_rules! pairs {
            ($pool:expr) => {
                sqlx::query(sqlx::AssertSqlSafe(sql))
                    .fetch_all($pool)
                    .await?
                    .iter()
                    .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
                    .collect::<Result<_, sqlx::Error>>()?
            };
        }
        Ok(match self {
            Self::Sqlite(pool) => pairs!(pool),
            Self::Postgres(pool) => pairs!(pool),
        })
    }

    /// Rows a second that the database alone reads by their primary key, measured for a second.
    pub(crate) async fn rows_per_second(&self, ids: &[Uuid]) -> Result<f64> {
        const SQL: &str = "select id, company_id, status, created from connection where id = $1";
        let began = std::time::Instant::now();
        let mut read = 0_u64;
        while began.elapsed().as_secs_f64() < 1.0 {
            for id in ids.iter().take(200) {
                match self {
                    Self::Sqlite(pool) => drop(sqlx::query(SQL).bind(id).fetch_one(pool).await?),
                    Self::Postgres(pool) => drop(sqlx::query(SQL).bind(id).fetch_one(pool).await?),
                }
                read += 1;
            }
        }
        Ok(read as f64 / began.elapsed().as_secs_f64())
    }

    pub(crate) async fn close(self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A fresh database of a name on the server at `server`; gives its URL.
pub(crate) async fn create_on(server: &str, name: &str) -> Result<String> {
    drop_on(server, name).await?;
    let mut connection = sqlx::PgConnection::connect(server)
        .await
        .context("the PostgreSQL server of `--postgres` doesn't answer")?;
    connection
        .execute(sqlx::AssertSqlSafe(format!("create database {name}")))
        .await?;
    let mut url = Url::parse(server)?;
    url.set_path(name);
    Ok(url.to_string())
}

pub(crate) async fn drop_on(server: &str, name: &str) -> Result<()> {
    let mut connection = sqlx::PgConnection::connect(server).await?;
    connection
        .execute(sqlx::AssertSqlSafe(format!(
            "drop database if exists {name} with (force)"
        )))
        .await?;
    Ok(())
}
