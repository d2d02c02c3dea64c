//! A database of either kind, and one way to run a statement on it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, PgPool, Postgres, SqlitePool};
use uuid::Uuid;

use super::dialect::postgres;
pub use super::error::StoreError;
use super::tx::{Announcer, Open, Taken};
pub use super::tx::{News, Tx};

/// A caller waits this long for a free database connection before the request fails.
const ACQUIRE: Duration = Duration::from_secs(10);

/// Pages of 4 KiB in the log before they are copied into the database file. With the default of 1,000, a first pull would
/// copy after every second page of records, and wait for the disk twice each time.
const CHECKPOINT_PAGES: &str = "8000";
/// Rows that SQLite's thread reads ahead of their reader.
const ROWS_AT_ONCE: usize = 1_000;
/// A statement that takes longer is told to the operator.
const SLOW: Duration = Duration::from_secs(1);
/// Characters of a slow statement that are told: enough to find it by.
const TOLD: usize = 100;

/// The database. SQLite has one writer at a time, so its writers queue for one connection of their own instead of
/// meeting `SQLITE_BUSY`; readers never wait for them (WAL).
#[derive(Clone, Debug)]
pub enum Db {
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
        announcer: Arc<Announcer>,
    },
    Postgres(Postgresql),
}

/// PostgreSQL's pool of connections.
#[derive(Clone, Debug)]
pub struct Postgresql {
    pub(crate) pool: PgPool,
    announcer: Arc<Announcer>,
}

/// The same thing on one engine or the other.
pub(crate) enum On<S, P> {
    Sqlite(S),
    Postgres(P),
}

impl Db {
    /// Opens the database at `url`: `sqlite:PATH` or `postgres://…`. A missing SQLite file is made.
    pub async fn open(url: &str, connections: u32) -> Result<Self, StoreError> {
        Self::open_at(url, connections, true).await
    }

    /// The same to look into it: a SQLite file isn't made, and its journal stays of the kind that it is.
    pub async fn open_as_it_is(url: &str, connections: u32) -> Result<Self, StoreError> {
        Self::open_at(url, connections, false).await
    }

    async fn open_at(url: &str, connections: u32, prepare: bool) -> Result<Self, StoreError> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool = postgres::open(url, connections).await?;
            let announcer = Arc::default();
            return Ok(Self::Postgres(Postgresql { pool, announcer }));
        }
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        let path = path.strip_prefix("//").unwrap_or(path);
        if prepare {
            make_private(Path::new(path));
        }
        // No `pragma optimize`: every statement has its index, and statistics of a table that was small when they were taken make
        // the planner read all of it once it is large.
        // WAL with FULL: with NORMAL only one acknowledged commit in twenty survived a power cut.
        let options = SqliteConnectOptions::new()
            .filename(Path::new(path))
            .create_if_missing(prepare)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(ACQUIRE)
            .pragma("secure_delete", "on")
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            // A page of rows in one go: with the default of 50, its thread and the asking one wake each other six times for 300.
            .row_buffer_size(ROWS_AT_ONCE)
            .disable_statement_logging();
        let options = match prepare {
            true => options.journal_mode(SqliteJournalMode::Wal),
            false => options,
        };
        let writer = unreaped(SqlitePoolOptions::new())
            .max_connections(1)
            .connect_with(options.clone())
            .await?;
        let readers = unreaped(SqlitePoolOptions::new())
            .max_connections(connections)
            .connect_with(options)
            .await?;
        Ok(Self::Sqlite {
            readers,
            writer,
            announcer: Arc::default(),
        })
    }

    /// A connection for one statement.
    ///
    /// # Errors
    /// PostgreSQL can't be reached, or none comes free.
    pub(crate) async fn hold(&self) -> Result<On<&SqlitePool, Taken<Postgres>>, StoreError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => On::Sqlite(readers),
            Self::Postgres(postgres) => On::Postgres(Taken::from(&postgres.pool).await?),
        })
    }

    /// Sets the listener of what this process's commits make known. The first call counts.
    pub fn on_commit(&self, listener: impl Fn(&News) + Send + Sync + 'static) {
        let announcer = match self {
            Self::Sqlite { announcer, .. } => announcer,
            Self::Postgres(postgres) => &postgres.announcer,
        };
        announcer.listen(Box::new(listener));
    }

    /// Begins a transaction that can write.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite {
                writer, announcer, ..
            } => Tx::Sqlite(Open::begin(writer, "begin immediate", announcer).await?),
            Self::Postgres(Postgresql { pool, announcer }) => {
                Tx::Postgres(Open::begin(pool, "begin", announcer).await?)
            }
        })
    }

    /// Begins a transaction that sees everything as it is at one moment, and writes nothing.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite {
                readers, announcer, ..
            } => Tx::Sqlite(Open::begin(readers, "begin", announcer).await?),
            Self::Postgres(Postgresql { pool, announcer }) => {
                let begin = "begin isolation level repeatable read, read only";
                Tx::Postgres(Open::begin(pool, begin, announcer).await?)
            }
        })
    }

    /// The engine's name, for logs and `doctor`.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Gives a statement's result as the store's own.
    #[expect(
        clippy::unused_self,
        reason = "a transaction's notes a failed connection"
    )]
    pub(crate) fn noticing<T>(&self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        result.map_err(StoreError::from)
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite {
                readers, writer, ..
            } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(postgres) => postgres.pool.close().await,
        }
    }
}

/// Connections live as long as the pool. sqlx 0.9 counts idle connections after it has put them back, so that its reaper can
/// meet a count below nought, which wraps, and spin for ever on a thread. Without a lifetime or an idle timeout there is no
/// reaper; a connection that died is noticed when it is taken.
pub(super) fn unreaped<DB: sqlx::Database>(options: PoolOptions<DB>) -> PoolOptions<DB> {
    options
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(ACQUIRE)
}

/// Makes a missing database file for its owner alone: it will hold customers' books. SQLite gives its side files the same
/// mode. If it can't be made, opening it says why.
fn make_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(path);
}

/// Tells the operator of a statement that was slow. sqlx would tell all of its text, which for a migration is a page.
pub(crate) fn tell_if_slow(statement: &str, began: Instant) {
    let took = began.elapsed();
    if took >= SLOW {
        let words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        let begin: String = words.chars().take(TOLD).collect();
        tracing::warn!(
            seconds = took.as_secs_f64(),
            statement = begin,
            "A database statement was slow"
        );
    }
}

/// Runs `$body` with the engine's own executor; both arms are the same text. PostgreSQL's answer is waited for as long as one may
/// take.
macro_rules! noticed {
    ($on:expr, $statement:expr, |$executor:ident| $body:expr) => {{
        use $crate::sql::dialect::postgres::{ANSWERED_WITHIN, within};
        match $on.hold().await {
            Ok($crate::sql::db::On::Sqlite($executor)) => {
                let began = std::time::Instant::now();
                let result = $body;
                $crate::sql::db::tell_if_slow($statement, began);
                $on.noticing(result)
            }
            Ok($crate::sql::db::On::Postgres(mut held)) => {
                let $executor = &mut *held;
                let began = std::time::Instant::now();
                let result = within(ANSWERED_WITHIN, async { $body }).await;
                $crate::sql::db::tell_if_slow($statement, began);
                $on.noticing(result)
            }
            Err(error) => Err(error),
        }
    }};
}

/// One statement on either engine: `query!(db, "…", a, b)` gives the rows affected, `query!(db, one T, …)`, `opt T` and
/// `all T` read rows; with a [`Dynamic`] in place of the text and binds, the statement was put together at run time.
macro_rules! query {
    ($on:expr, one $row:ty, $sql:literal $(, $bind:expr)* $(,)?) => {
        $crate::sql::db::noticed!($on, $sql, |e| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_one(e).await)
    };
    ($on:expr, opt $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::sql::db::noticed!($on, $sql, |e| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(e).await)
    };
    ($on:expr, all $row:ty, $sql:literal $(, $bind:expr)* $(,)?) => {
        $crate::sql::db::noticed!($on, $sql, |e| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(e).await)
    };
    ($on:expr, all $row:ty, $dynamic:expr) => {{
        let dynamic: $crate::Dynamic = $dynamic;
        $crate::sql::db::noticed!($on, &dynamic.sql, |e| {
            let mut query = sqlx::query_as::<_, $row>(sqlx::AssertSqlSafe(dynamic.sql.as_str()));
            for bind in dynamic.binds {
                query = match bind {
                    $crate::Bind::Text(v) => query.bind(v),
                    $crate::Bind::Int(v) => query.bind(v),
                    $crate::Bind::Bool(v) => query.bind(v),
                    $crate::Bind::Time(v) => query.bind(v),
                    $crate::Bind::Id(v) => query.bind(v),
                };
            }
            query.fetch_all(e).await
        })
    }};
    ($on:expr, $sql:literal $(, $bind:expr)* $(,)?) => {
        $crate::sql::db::noticed!($on, $sql, |e| {
            sqlx::query($sql)$(.bind($bind))*.execute(e).await.map(|done| done.rows_affected())
        })
    };
}
pub(crate) use {noticed, query};

/// A value of a statement that is put together at run time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bind {
    Text(String),
    Int(i64),
    Bool(bool),
    Time(DateTime<Utc>),
    Id(Uuid),
}

/// A statement put together at run time: fixed words are pushed, values are always bound.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Dynamic {
    pub(crate) sql: String,
    pub(crate) binds: Vec<Bind>,
}

impl Dynamic {
    pub(crate) fn new(sql: &'static str) -> Self {
        Self {
            sql: sql.to_owned(),
            binds: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, sql: &'static str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// For fragments that [`super::dialect`] made from names it has checked.
    pub(crate) fn push_checked(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Appends a part that was made by itself. Its values must be the first of the statement.
    pub(crate) fn append(&mut self, part: &Self) -> &mut Self {
        debug_assert!(self.binds.is_empty(), "its places are numbered from 1");
        self.sql.push_str(&part.sql);
        self.binds.extend(part.binds.iter().cloned());
        self
    }

    pub(crate) fn bind(&mut self, value: Bind) -> &mut Self {
        self.binds.push(value);
        self.sql.push('$');
        self.sql.push_str(&self.binds.len().to_string());
        self
    }
}
