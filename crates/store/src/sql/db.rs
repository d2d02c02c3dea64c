//! A database of either kind, and one way to run a statement on it.

use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use uuid::Uuid;

use crate::model::{CompanyId, WebhookId};

/// How long a caller waits for a free database connection before the request fails.
const ACQUIRE: Duration = Duration::from_secs(10);

/// Pages of 4 KiB in the log before they are copied into the database file. With the default of 1,000, a first pull would
/// copy after every second page of records, and wait for the disk twice each time.
const CHECKPOINT_PAGES: &str = "8000";
/// Rows that SQLite's thread reads ahead of who asked for them.
const ROWS_AT_ONCE: usize = 1_000;

/// Why the store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A uniqueness rule refused the write; the caller knows which one it can be.
    #[error("the row exists already")]
    Conflict,
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    #[error("the database refused: {0}")]
    Database(#[source] sqlx::Error),
    #[error("the database holds what Moorline cannot read: {0}")]
    Corrupt(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(refusal) if refusal.is_unique_violation() => Self::Conflict,
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Database(error),
        }
    }
}

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

/// A transaction that can write. Dropping it rolls back.
pub enum Tx {
    Sqlite(Open<Sqlite>),
    Postgres(Open<Postgres>),
}

/// One engine's transaction, and what is to be told of it once it is durable.
pub struct Open<D: sqlx::Database> {
    tx: Transaction<'static, D>,
    announcer: Arc<Announcer>,
    news: Vec<News>,
}

impl<D: sqlx::Database> Open<D> {
    async fn commit(self) -> Result<(), StoreError> {
        self.tx.commit().await?;
        self.announcer.announce(&self.news);
        Ok(())
    }
}

/// Something that a commit makes known to this process: work to do, or a company or consumer to look at. Functions of the store
/// note it in their transaction ([`Tx::announce`]), so that no caller can forget it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// A job was queued.
    Work,
    /// Something of a company changed that its people may be watching.
    Company(CompanyId),
    /// A webhook consumer has something to be sent.
    Webhook(WebhookId),
}

type Listener = Box<dyn Fn(&News) + Send + Sync>;

/// The one listener of this process's commits: what it hears is durable already.
#[derive(Default)]
pub struct Announcer(OnceLock<Listener>);

impl Announcer {
    fn announce(&self, news: &[News]) {
        if let Some(listener) = self.0.get() {
            news.iter().for_each(listener);
        }
    }
}

impl std::fmt::Debug for Announcer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Announcer")
    }
}

/// The same thing on one engine or the other.
pub enum On<S, P> {
    Sqlite(S),
    Postgres(P),
}

impl Db {
    /// Opens the database at `url`: `sqlite:PATH` or `postgres://…`. SQLite files are made where missing.
    pub async fn open(url: &str, connections: u32) -> Result<Self, StoreError> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url)?.application_name("moorline");
            let pool = unreaped(PgPoolOptions::new())
                .max_connections(connections)
                .connect_with(options)
                .await?;
            let announcer = Arc::default();
            return Ok(Self::Postgres(Postgresql { pool, announcer }));
        }
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        let path = path.strip_prefix("//").unwrap_or(path);
        make_private(Path::new(path));
        // No `pragma optimize`: every statement has its index, and statistics of a table that was small when they were taken make
        // the planner read all of it once it is large.
        // WAL with FULL: with NORMAL only one acknowledged commit in twenty survived a power cut.
        let options = SqliteConnectOptions::new()
            .filename(Path::new(path))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(ACQUIRE)
            .pragma("secure_delete", "on")
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            // A page of rows in one go: with the default of 50, its thread and the asking one wake each other six times for 300.
            .row_buffer_size(ROWS_AT_ONCE);
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

    pub(crate) fn on(&self) -> On<&SqlitePool, &PgPool> {
        match self {
            Self::Sqlite { readers, .. } => On::Sqlite(readers),
            Self::Postgres(postgres) => On::Postgres(&postgres.pool),
        }
    }

    /// Sets the listener of what this process's commits make known. The first call counts.
    pub fn on_commit(&self, listener: impl Fn(&News) + Send + Sync + 'static) {
        let announcer = match self {
            Self::Sqlite { announcer, .. } => announcer,
            Self::Postgres(postgres) => &postgres.announcer,
        };
        let _ = announcer.0.set(Box::new(listener));
    }

    /// Begins a transaction that can write.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite {
                writer, announcer, ..
            } => Tx::Sqlite(Open {
                tx: writer.begin_with("begin immediate").await?,
                announcer: Arc::clone(announcer),
                news: Vec::new(),
            }),
            Self::Postgres(postgres) => Tx::Postgres(Open {
                tx: postgres.pool.begin().await?,
                announcer: Arc::clone(&postgres.announcer),
                news: Vec::new(),
            }),
        })
    }

    /// Begins a transaction that sees everything as it is at one moment, and writes nothing.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite {
                readers, announcer, ..
            } => Ok(Tx::Sqlite(Open {
                tx: readers.begin().await?,
                announcer: Arc::clone(announcer),
                news: Vec::new(),
            })),
            Self::Postgres(_) => {
                let mut tx = self.write().await?;
                query!(
                    &mut tx,
                    "set transaction isolation level repeatable read, read only"
                )?;
                Ok(tx)
            }
        }
    }

    /// The engine's name, for logs and `doctor`.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Answers when the database does.
    pub async fn ping(&self) -> Result<(), StoreError> {
        query!(self, "select 1")?;
        Ok(())
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
fn unreaped<DB: sqlx::Database>(options: PoolOptions<DB>) -> PoolOptions<DB> {
    options
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(ACQUIRE)
}

/// Makes a missing database file for its owner alone: it will hold customers' books. SQLite gives its side files the same
/// mode. Where it can't be made, opening it says why.
fn make_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(path);
}

impl Tx {
    pub(crate) fn on(&mut self) -> On<&mut SqliteConnection, &mut PgConnection> {
        match self {
            Self::Sqlite(open) => On::Sqlite(&mut *open.tx),
            Self::Postgres(open) => On::Postgres(&mut *open.tx),
        }
    }

    /// Makes something known to this process once the transaction is durable.
    pub fn announce(&mut self, news: News) {
        let noted = match self {
            Self::Sqlite(open) => &mut open.news,
            Self::Postgres(open) => &mut open.news,
        };
        if !noted.contains(&news) {
            noted.push(news);
        }
    }

    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(open) => open.commit().await,
            Self::Postgres(open) => open.commit().await,
        }
    }
}

/// Runs `$body` with the engine's own executor; both arms are the same text.
macro_rules! both {
    ($on:expr, |$executor:ident| $body:expr) => {
        match $on.on() {
            $crate::sql::db::On::Sqlite($executor) => $body,
            $crate::sql::db::On::Postgres($executor) => $body,
        }
    };
}

/// One statement on either engine: `query!(db, "…", a, b)` gives the rows affected, `query!(db, one T, …)`, `opt T` and
/// `all T` read rows; with a [`Dynamic`] in place of the text and binds, the statement was put together at run time.
macro_rules! query {
    ($on:expr, one $row:ty, $sql:literal $(, $bind:expr)* $(,)?) => {
        $crate::sql::db::both!($on, |e| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_one(e).await)
            .map_err($crate::StoreError::from)
    };
    ($on:expr, opt $row:ty, $sql:literal $(, $bind:expr)* $(,)?) => {
        $crate::sql::db::both!($on, |e| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(e).await)
            .map_err($crate::StoreError::from)
    };
    ($on:expr, all $row:ty, $sql:literal $(, $bind:expr)* $(,)?) => {
        $crate::sql::db::both!($on, |e| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(e).await)
            .map_err($crate::StoreError::from)
    };
    ($on:expr, all $row:ty, $dynamic:expr) => {{
        let dynamic: $crate::Dynamic = $dynamic;
        $crate::sql::db::both!($on, |e| {
            let mut query = sqlx::query_as::<_, $row>(sqlx::AssertSqlSafe(dynamic.sql));
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
        .map_err($crate::StoreError::from)
    }};
    ($on:expr, $sql:literal $(, $bind:expr)* $(,)?) => {
        $crate::sql::db::both!($on, |e| {
            sqlx::query($sql)$(.bind($bind))*.execute(e).await.map(|done| done.rows_affected())
        })
        .map_err($crate::StoreError::from)
    };
}
pub(crate) use {both, query};

/// A value of a statement that is put together at run time.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    Text(String),
    Int(i64),
    Bool(bool),
    Time(DateTime<Utc>),
    Id(Uuid),
}

/// A statement put together at run time: fixed words are pushed, values are always bound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dynamic {
    pub(crate) sql: String,
    pub(crate) binds: Vec<Bind>,
}

impl Dynamic {
    pub fn new(sql: &'static str) -> Self {
        Self {
            sql: sql.to_owned(),
            binds: Vec::new(),
        }
    }

    pub fn push(&mut self, sql: &'static str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// For fragments that [`super::dialect`] made from names it has checked.
    pub(crate) fn push_checked(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    pub fn bind(&mut self, value: Bind) -> &mut Self {
        self.binds.push(value);
        self.sql.push('$');
        self.sql.push_str(&self.binds.len().to_string());
        self
    }
}
