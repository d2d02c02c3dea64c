//! Transactions, each on a connection that is closed if it fails.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Pool, Postgres, Sqlite, SqliteConnection};

use super::db::On;
use super::dialect::postgres::{ANSWERED_WITHIN, GIVEN_BACK_WITHIN, within};
use super::error::StoreError;
use crate::model::{CompanyId, WebhookId};

/// A transaction that can write. Dropping it rolls back.
pub enum Tx {
    Sqlite(Open<Sqlite>),
    Postgres(Open<Postgres>),
}

impl Tx {
    pub(crate) fn on(&mut self) -> On<&mut SqliteConnection, &mut PgConnection> {
        match self {
            Self::Sqlite(open) => On::Sqlite(open.connection()),
            Self::Postgres(open) => On::Postgres(open.connection()),
        }
    }

    /// The transaction's connection, for one statement.
    #[expect(
        clippy::unused_async,
        reason = "a statement without a transaction waits for its connection"
    )]
    pub(crate) async fn hold(&mut self) -> Result<On<&mut SqliteConnection, Lent<'_>>, StoreError> {
        Ok(match self {
            Self::Sqlite(open) => On::Sqlite(open.connection()),
            Self::Postgres(open) => On::Postgres(Lent(open.connection())),
        })
    }

    /// Gives a statement's result as the store's own; a connection that failed is closed when the transaction ends.
    pub(crate) fn noticing<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(open) => open.noticing(result),
            Self::Postgres(open) => open.noticing(result),
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

/// A transaction's connection, held in the way in which one from the pool is.
pub(crate) struct Lent<'a>(&'a mut PgConnection);

impl Deref for Lent<'_> {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.0
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.0
    }
}

/// One engine's transaction, and what is made known once it is durable.
///
/// It begins and ends by statements of its own, not by the driver's `Transaction`: the driver counts what is open, and if SQLite has
/// ended a transaction by itself, as it does on a full disk, the count never comes down and no other can begin on that
/// connection. Here a connection whose commit or rollback failed, or that met a full disk or a lost server, is closed and not used
/// again; the pool opens another.
pub struct Open<D: Engine> {
    /// None once it has gone back to its pool.
    connection: Option<Taken<D>>,
    failed: bool,
    announcer: Arc<Announcer>,
    news: Vec<News>,
}

/// A way to run a statement without rows that is the same for both engines.
pub trait Engine: sqlx::Database {
    /// The time for giving a connection back, if the engine may stop answering.
    const GIVEN_BACK_WITHIN: Option<Duration>;

    fn run(
        connection: &mut Self::Connection,
        statement: &'static str,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

impl Engine for Sqlite {
    const GIVEN_BACK_WITHIN: Option<Duration> = None;

    async fn run(
        connection: &mut SqliteConnection,
        statement: &'static str,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(statement).execute(connection).await.map(drop)
    }
}

impl Engine for Postgres {
    const GIVEN_BACK_WITHIN: Option<Duration> = Some(GIVEN_BACK_WITHIN);

    async fn run(
        connection: &mut PgConnection,
        statement: &'static str,
    ) -> Result<(), sqlx::Error> {
        // One message there and back, without preparing anything.
        let done = sqlx::raw_sql(statement).execute(connection);
        within(ANSWERED_WITHIN, done).await.map(drop)
    }
}

/// A connection of a pool, which goes back there when it is dropped.
pub struct Taken<D: Engine>(Option<PoolConnection<D>>);

impl<D: Engine> Taken<D> {
    pub(super) async fn from(pool: &Pool<D>) -> Result<Self, sqlx::Error> {
        Ok(Self(Some(pool.acquire().await?)))
    }

    /// Closes it; the pool opens another.
    fn close(mut self) {
        if let Some(mut connection) = self.0.take() {
            connection.close_on_drop();
        }
    }
}

impl<D: Engine> Deref for Taken<D> {
    type Target = D::Connection;

    fn deref(&self) -> &Self::Target {
        self.0.as_ref().expect("only the end takes it")
    }
}

impl<D: Engine> DerefMut for Taken<D> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.0.as_mut().expect("only the end takes it")
    }
}

impl<D: Engine> Drop for Taken<D> {
    fn drop(&mut self) {
        if let (Some(mut connection), Some(limit)) = (self.0.take(), D::GIVEN_BACK_WITHIN) {
            // What it was doing is waited for, then it is tried. If it has hung, its place in the pool is free again after that.
            let back = connection.return_to_pool();
            tokio::spawn(tokio::time::timeout(limit, back));
        }
    }
}

impl<D: Engine> Open<D> {
    pub(super) async fn begin(
        pool: &Pool<D>,
        statement: &'static str,
        announcer: &Arc<Announcer>,
    ) -> Result<Self, StoreError> {
        // Made before it has begun, so that a beginning that is dropped half-way is rolled back too.
        let mut open = Self {
            connection: Some(Taken::from(pool).await?),
            failed: false,
            announcer: Arc::clone(announcer),
            news: Vec::new(),
        };
        if let Err(error) = D::run(open.connection(), statement).await {
            open.failed = true;
            return Err(error.into());
        }
        Ok(open)
    }

    fn connection(&mut self) -> &mut D::Connection {
        self.connection
            .as_mut()
            .expect("only the end takes the connection")
    }

    /// Notes a failure that is the connection's, not the statement's.
    fn noticing<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        result.map_err(|error| {
            let error = StoreError::from(error);
            self.failed |= error.is_passing();
            error
        })
    }

    async fn commit(mut self) -> Result<(), StoreError> {
        if let Err(error) = D::run(self.connection(), "commit").await {
            self.failed = true;
            return Err(error.into());
        }
        self.connection = None;
        self.announcer.announce(&self.news);
        Ok(())
    }
}

impl<D: Engine> Drop for Open<D> {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if self.failed {
            connection.close();
            return;
        }
        tokio::spawn(async move {
            let rolled_back = D::run(&mut connection, "rollback");
            let rolled_back = match D::GIVEN_BACK_WITHIN {
                Some(limit) => within(limit, rolled_back).await,
                None => rolled_back.await,
            };
            if rolled_back.is_err() {
                connection.close();
            }
        });
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

pub(super) type Listener = Box<dyn Fn(&News) + Send + Sync>;

/// The one listener of this process's commits: what it hears is durable already.
#[derive(Default)]
pub struct Announcer(OnceLock<Listener>);

impl Announcer {
    /// Sets the listener. The first call counts.
    pub(super) fn listen(&self, listener: Listener) {
        let _ = self.0.set(listener);
    }

    pub(super) fn announce(&self, news: &[News]) {
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
