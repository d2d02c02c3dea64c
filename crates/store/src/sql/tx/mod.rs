//! Transactions, each on a connection that is closed if it fails.

mod news;
mod together;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Pool, Postgres, Sqlite, SqliteConnection};

use super::db::On;
use super::dialect::postgres::{ANSWERED_WITHIN, GIVEN_BACK_WITHIN, within};
use super::error::StoreError;
pub(super) use news::Announcer;
pub use news::News;
pub(super) use together::Together;
use together::Turn;

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
    /// The failure that ended it, if that is the connection's.
    failed: Option<StoreError>,
    announcer: Arc<Announcer>,
    news: Vec<News>,
    /// Its turn among the writers, if it becomes durable with others.
    turn: Option<Turn<D>>,
    /// True once the statement that begins it has been run.
    begun: bool,
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
        let connection = Taken::from(pool).await?;
        Self::begin_on(connection, statement, announcer, None).await
    }

    /// Begins a transaction that becomes durable together with those that wait for it.
    pub(super) async fn begin_together(
        together: &Arc<Together<D>>,
        statement: &'static str,
        announcer: &Arc<Announcer>,
    ) -> Result<Self, StoreError> {
        let (turn, connection) = together.turn().await?;
        Self::begin_on(connection, statement, announcer, Some(turn)).await
    }

    async fn begin_on(
        connection: Taken<D>,
        statement: &'static str,
        announcer: &Arc<Announcer>,
        turn: Option<Turn<D>>,
    ) -> Result<Self, StoreError> {
        // Made before it has begun, so that a beginning that is dropped half-way is rolled back too.
        let mut open = Self {
            connection: Some(connection),
            failed: None,
            announcer: Arc::clone(announcer),
            news: Vec::new(),
            turn,
            begun: false,
        };
        let statement = match open.is_inside() {
            true => "savepoint part",
            false => statement,
        };
        let begun = D::run(open.connection(), statement).await;
        open.essential(begun)?;
        open.begun = true;
        Ok(open)
    }

    /// True if it goes on in a transaction that others have left open, as a savepoint.
    fn is_inside(&self) -> bool {
        self.turn.as_ref().is_some_and(Turn::is_inside)
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
            if error.is_passing() {
                self.failed = Some(error.for_another());
            }
            error
        })
    }

    /// Notes any failure of a statement without which there is no transaction.
    fn essential(&mut self, result: Result<(), sqlx::Error>) -> Result<(), StoreError> {
        result.map_err(|error| {
            let error = StoreError::from(error);
            self.failed = Some(error.for_another());
            error
        })
    }

    async fn commit(mut self) -> Result<(), StoreError> {
        if self.is_inside() {
            let released = D::run(self.connection(), "release part").await;
            self.essential(released)?;
        }
        if let Some(turn) = self.turn.take_if(|turn| turn.has_company())
            && let Some(connection) = self.connection.take()
        {
            return turn
                .commit(connection, std::mem::take(&mut self.news))
                .await;
        }
        let committed = D::run(self.connection(), "commit").await;
        self.essential(committed)?;
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
        let statements: &[&'static str] = match self.is_inside() {
            true => &["rollback to part", "release part"],
            false => &["rollback"],
        };
        let begun = self.begun;
        let mut turn = self.turn.take();
        if let Some(why) = self.failed.take() {
            lose(connection, turn.as_mut(), &why);
            return;
        }
        tokio::spawn(async move {
            let undone = async {
                for statement in statements {
                    D::run(&mut connection, statement).await?;
                }
                Ok(())
            };
            let undone = match D::GIVEN_BACK_WITHIN {
                Some(limit) => within(limit, undone).await,
                None => undone.await,
            };
            match (undone, turn) {
                (Ok(()), None) => {}
                (Ok(()), Some(turn)) => turn.give_back(connection),
                // What was dropped before its savepoint came about has changed nothing.
                (Err(_), Some(turn)) if turn.is_inside() && !begun => turn.give_back(connection),
                (Err(error), mut turn) => lose(connection, turn.as_mut(), &error.into()),
            }
        });
    }
}

/// Closes a connection whose state can't be trusted, and with it what others had left open there.
fn lose<D: Engine>(connection: Taken<D>, turn: Option<&mut Turn<D>>, why: &StoreError) {
    connection.close();
    if let Some(turn) = turn {
        turn.lose(why);
    }
}
