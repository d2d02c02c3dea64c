//! SQLite's writers, which become durable together while they wait for one another.
//!
//! SQLite has one writer at a time, and each commit waits for the disk. When a transaction ends and others wait for their turn, it
//! leaves what it wrote open, and the next goes on inside as a savepoint; the last of them commits for all. Nobody's commit returns
//! before that: to its caller it is the same as alone, and the disk is waited for once.
//!
//! A part that fails or is given up is undone by itself. If the connection fails, as on a full disk, all of its parts are told so, and
//! none of them is durable.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sqlx::Pool;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{Announcer, Engine, News, Taken};
use crate::sql::db::ACQUIRE;
use crate::sql::error::StoreError;

/// At most so many become durable together.
const PARTS: usize = 64;
/// The first of them waits no longer for the others to begin, each of which may be long.
const WAIT: Duration = Duration::from_millis(5);

/// The writers of a database.
pub struct Together<D: Engine> {
    pool: Pool<D>,
    announcer: Arc<Announcer>,
    /// Writers that wait for their turn.
    waiting: AtomicUsize,
    /// Held by who writes.
    turn: Arc<Mutex<Option<Left<D>>>>,
}

/// The connection of those that have ended and aren't durable yet, as one writer leaves it to the next.
struct Left<D: Engine> {
    connection: Taken<D>,
    parts: Parts,
}

/// Transactions that have ended on a connection, and aren't durable yet.
pub(super) struct Parts {
    since: Instant,
    ended: Vec<Part>,
}

/// A transaction whose caller waits for the disk.
struct Part {
    news: Vec<News>,
    done: oneshot::Sender<Result<(), StoreError>>,
}

/// One writer's turn: nobody else writes while it is held.
pub(super) struct Turn<D: Engine> {
    together: Arc<Together<D>>,
    guard: OwnedMutexGuard<Option<Left<D>>>,
    /// Those before it on its connection, inside of whose transaction it writes.
    parts: Option<Parts>,
}

/// A writer in the queue.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<D: Engine> Together<D> {
    pub(in crate::sql) fn new(pool: Pool<D>, announcer: &Arc<Announcer>) -> Arc<Self> {
        Arc::new(Self {
            pool,
            announcer: Arc::clone(announcer),
            waiting: AtomicUsize::new(0),
            turn: Arc::default(),
        })
    }

    /// Waits for a turn, and gives the connection with it.
    pub(super) async fn turn(self: &Arc<Self>) -> Result<(Turn<D>, Taken<D>), sqlx::Error> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting(&self.waiting);
        let turn = Arc::clone(&self.turn).lock_owned();
        let mut guard = tokio::time::timeout(ACQUIRE, turn)
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?;
        drop(waiting);
        let (connection, parts) = match guard.take() {
            Some(left) => (left.connection, Some(left.parts)),
            None => (Taken::from(&self.pool).await?, None),
        };
        let together = Arc::clone(self);
        let turn = Turn {
            together,
            guard,
            parts,
        };
        Ok((turn, connection))
    }

    /// Waits for those that wait now, and makes durable what they have left.
    async fn end_in_turn(&self) {
        let left = Arc::clone(&self.turn).lock_owned().await.take();
        if let Some(left) = left {
            self.end(left.connection, left.parts).await;
        }
    }

    async fn end(&self, mut connection: Taken<D>, parts: Parts) {
        match D::run(&mut connection, "commit").await {
            Ok(()) => parts.are_durable(&self.announcer),
            Err(error) => {
                connection.close();
                parts.are_lost(&error.into());
            }
        }
    }

    /// Waits for the writers, and closes the connection.
    pub(in crate::sql) async fn close(&self) {
        self.end_in_turn().await;
        self.pool.close().await;
    }
}

impl<D: Engine> Turn<D> {
    /// True if others have ended on the connection that aren't durable yet.
    pub(super) fn is_inside(&self) -> bool {
        self.parts.is_some()
    }

    /// True if there is anyone to become durable with.
    pub(super) fn has_company(&self) -> bool {
        self.is_inside() || self.others_wait()
    }

    fn others_wait(&self) -> bool {
        self.together.waiting.load(Ordering::Relaxed) > 0
    }

    /// Ends a transaction whose statements have all been run, and returns once it is durable. The news are told then, whether or not
    /// the caller still waits.
    pub(super) async fn commit(
        mut self,
        connection: Taken<D>,
        news: Vec<News>,
    ) -> Result<(), StoreError> {
        let (done, is_done) = oneshot::channel();
        let is_first = self.parts.is_none();
        let mut parts = self.parts.take().unwrap_or_else(|| Parts {
            since: Instant::now(),
            ended: Vec::new(),
        });
        parts.ended.push(Part { news, done });
        let is_full = parts.ended.len() >= PARTS || parts.since.elapsed() >= WAIT;
        if is_full || !self.others_wait() {
            // In a task of its own, that nobody's leaving can break off: others depend on it.
            tokio::spawn(async move {
                self.together.end(connection, parts).await;
                drop(self.guard);
            });
        } else {
            self.leave(connection, parts);
            let together = Arc::clone(&self.together);
            drop(self);
            if is_first {
                // Comes behind those that wait now, and ends what is open, whatever becomes of them.
                tokio::spawn(async move { together.end_in_turn().await });
            }
        }
        let ended = is_done.await;
        ended.unwrap_or_else(|_| Err(StoreError::Unavailable("the program stops".to_owned())))
    }

    fn leave(&mut self, connection: Taken<D>, parts: Parts) {
        *self.guard = Some(Left { connection, parts });
    }

    /// Gives a connection back on which nothing of this turn's own is left.
    pub(super) fn give_back(mut self, connection: Taken<D>) {
        if let Some(parts) = self.parts.take() {
            self.leave(connection, parts);
        }
    }

    /// Tells those before it that the connection failed with what they had written.
    pub(super) fn lose(&mut self, why: &StoreError) {
        if let Some(parts) = self.parts.take() {
            parts.are_lost(why);
        }
    }
}

impl Parts {
    fn are_durable(self, announcer: &Announcer) {
        for part in self.ended {
            announcer.announce(&part.news);
            // Who waited may have left.
            let _ = part.done.send(Ok(()));
        }
    }

    fn are_lost(self, why: &StoreError) {
        for part in self.ended {
            let _ = part.done.send(Err(why.for_another()));
        }
    }
}

impl<D: Engine> std::fmt::Debug for Together<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Together")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::task::JoinHandle;

    use super::*;
    use crate::sql::db::{Db, On, query};
    use crate::{StoreError, Tx};

    async fn database() -> (tempfile::TempDir, Db) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("db").display());
        let db = Db::open(&url, 4).await.unwrap();
        let mut tx = db.write().await.unwrap();
        query!(tx, "create table written (number integer not null) strict").unwrap();
        tx.commit().await.unwrap();
        (folder, db)
    }

    async fn insert(tx: &mut Tx, number: i64) -> Result<u64, StoreError> {
        query!(*tx, "insert into written (number) values ($1)", number)
    }

    async fn written(db: &Db) -> Vec<i64> {
        let Db::Sqlite { readers, .. } = db else {
            unreachable!("it was opened as SQLite")
        };
        sqlx::query_scalar("select number from written order by number")
            .fetch_all(readers)
            .await
            .unwrap()
    }

    /// A writer of 1 that has ended and waits for the disk, and the next, which goes on inside of it.
    async fn one_inside_of_another(db: &Db) -> (JoinHandle<Result<(), StoreError>>, Tx) {
        let mut first = db.write().await.unwrap();
        insert(&mut first, 1).await.unwrap();
        let second = tokio::spawn({
            let db = db.clone();
            async move { db.write().await.unwrap() }
        });
        settle().await;
        let first = tokio::spawn(first.commit());
        (first, second.await.unwrap())
    }

    /// Lets those that were started come as far as they can.
    async fn settle() {
        tokio::time::sleep(Duration::from_millis(30)).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_writers_at_once_each_is_durable_when_it_is_told_so_and_what_is_given_up_is_undone()
    {
        let (_folder, db) = database().await;
        let news = Arc::new(AtomicUsize::new(0));
        let heard = Arc::clone(&news);
        db.on_commit(move |_| {
            heard.fetch_add(1, Ordering::Relaxed);
        });
        let mut writers = Vec::new();
        for number in 0..200 {
            let db = db.clone();
            writers.push(tokio::spawn(async move {
                let mut tx = db.write().await.unwrap();
                insert(&mut tx, number).await.unwrap();
                if number % 3 == 0 {
                    return;
                }
                tx.announce(News::Work);
                tx.commit().await.unwrap();
                assert!(written(&db).await.contains(&number));
            }));
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let kept: Vec<i64> = (0..200).filter(|number| number % 3 != 0).collect();
        assert_eq!(written(&db).await, kept);
        assert_eq!(news.load(Ordering::Relaxed), kept.len());
    }

    #[tokio::test]
    async fn nobody_is_told_before_the_last_of_them_is_durable() {
        let (_folder, db) = database().await;
        let (first, mut second) = one_inside_of_another(&db).await;
        settle().await;
        assert!(!first.is_finished());
        assert!(written(&db).await.is_empty());
        insert(&mut second, 2).await.unwrap();
        second.commit().await.unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(written(&db).await, [1, 2]);
    }

    #[tokio::test]
    async fn one_that_is_given_up_takes_nothing_of_the_others_with_it() {
        let (_folder, db) = database().await;
        let (first, mut second) = one_inside_of_another(&db).await;
        insert(&mut second, 2).await.unwrap();
        drop(second);
        first.await.unwrap().unwrap();
        assert_eq!(written(&db).await, [1]);
    }

    #[tokio::test]
    async fn a_connection_that_fails_is_told_to_all_that_lose_by_it_and_the_next_writer_has_another()
     {
        let (_folder, db) = database().await;
        let (first, mut second) = one_inside_of_another(&db).await;
        // As SQLite does by itself on a full disk.
        let On::Sqlite(connection) = second.on() else {
            unreachable!("it was opened as SQLite")
        };
        sqlx::query("rollback").execute(connection).await.unwrap();
        assert!(second.commit().await.is_err());
        let told = first.await.unwrap();
        assert!(matches!(told, Err(StoreError::Unavailable(_))), "{told:?}");
        let mut third = db.write().await.unwrap();
        insert(&mut third, 3).await.unwrap();
        third.commit().await.unwrap();
        assert_eq!(written(&db).await, [3]);
    }

    #[tokio::test]
    async fn what_has_ended_becomes_durable_though_everyone_has_left() {
        let (_folder, db) = database().await;
        let mut first = db.write().await.unwrap();
        insert(&mut first, 1).await.unwrap();
        let second = tokio::spawn({
            let db = db.clone();
            async move { drop(db.write().await) }
        });
        settle().await;
        let first = tokio::spawn(first.commit());
        tokio::task::yield_now().await;
        first.abort();
        second.abort();
        settle().await;
        assert_eq!(written(&db).await, [1]);
        db.close().await;
    }
}
