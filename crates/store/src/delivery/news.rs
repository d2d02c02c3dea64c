//! Messages between the processes that share a PostgreSQL (`LISTEN` and `NOTIFY`).
//!
//! They are hints, never the record: a process that was away missed them for good. They are sent apart from the
//! transactions they speak of, because PostgreSQL lets transactions that notify commit one at a time only.

use sqlx::Executor;
use sqlx::postgres::{PgListener, PgPoolOptions};
use uuid::Uuid;

use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

const CHANNEL: &str = "moorline_news";

/// PostgreSQL takes messages of fewer bytes than this.
pub const LONGEST: usize = 8_000;

/// Receives the messages, on a database connection of its own. For as long as that is open, other nodes know that this one lives.
pub struct Ear {
    listener: PgListener,
    node: Uuid,
}

impl Ear {
    /// Begins to listen; `None` on SQLite, which one process has for itself.
    pub async fn open(db: &Db, node: Uuid) -> Result<Option<Self>, StoreError> {
        let Db::Postgres(postgres) = db else {
            return Ok(None);
        };
        let options = (*postgres.pool.connect_options())
            .clone()
            .application_name("moorline listening");
        let own = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(options);
        let mut listener = PgListener::connect_with(&own).await?;
        listener.listen(CHANNEL).await?;
        let mut ear = Self { listener, node };
        ear.show_life().await?;
        Ok(Some(ear))
    }

    /// Takes the node's lock. The server lets it go when the process ends, however it ends, and keeps it while the process is frozen;
    /// that a machine is gone it learns from probes that its system doesn't answer.
    async fn show_life(&mut self) -> Result<(), StoreError> {
        for setting in [
            "set tcp_keepalives_idle = 5",
            "set tcp_keepalives_interval = 5",
            "set tcp_keepalives_count = 3",
        ] {
            // On some systems, and over a socket in the file system, there are none.
            let _ = self.listener.execute(setting).await;
        }
        let [high, low] = lock_of(self.node);
        sqlx::query("select pg_advisory_lock_shared(($1::bigint << 32) | $2::bigint)")
            .bind(high)
            .bind(low)
            .execute(&mut self.listener)
            .await?;
        Ok(())
    }

    /// The next message; `None` after a break in which some may have been missed.
    pub async fn next(&mut self) -> Result<Option<String>, StoreError> {
        let message = self.listener.try_recv().await?;
        if message.is_none() {
            // Its connection is another by now.
            self.show_life().await?;
        }
        Ok(message.map(|message| message.payload().to_owned()))
    }
}

/// Sends a message to every process that listens, this one too.
pub async fn tell(db: &Db, message: &str) -> Result<(), StoreError> {
    if let Db::Postgres(_) = db {
        query!(db, "select pg_notify($1, $2)", CHANNEL, message)?;
    }
    Ok(())
}

row! { struct Number { number: i64 } }

/// The halves of the number of a node's lock: the first bytes of its id.
fn lock_of(node: Uuid) -> [i64; 2] {
    let bytes = node.as_u128() >> 64;
    [bytes >> 32, bytes & 0xffff_ffff].map(|half| i64::try_from(half).unwrap_or_default())
}

/// True if a node that listens has an id that begins as this one does: its process is there, though it may be frozen. On SQLite there is
/// no other.
pub async fn lives(tx: &mut Tx, node: Uuid) -> Result<bool, StoreError> {
    if let Tx::Sqlite(_) = tx {
        return Ok(false);
    }
    let [high, low] = lock_of(node);
    let found = query!(
        tx,
        one Number,
        "select count(*) as number from pg_locks
         where locktype = 'advisory' and objsubid = 1 and granted and classid::bigint = $1 and objid::bigint = $2
           and database = (select oid from pg_database where datname = current_database())",
        high,
        low
    )?;
    Ok(found.number > 0)
}
