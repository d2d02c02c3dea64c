//! Messages between the processes that share a PostgreSQL (`LISTEN` and `NOTIFY`).
//!
//! They are hints, never the record: a process that was away missed them for good. They are sent apart from the
//! transactions they speak of, because PostgreSQL lets transactions that notify commit one at a time only.

use sqlx::postgres::{PgListener, PgPoolOptions};

use crate::sql::db::{Db, StoreError, query};

const CHANNEL: &str = "moorline_news";

/// PostgreSQL takes messages of fewer bytes than this.
pub const LONGEST: usize = 8_000;

/// Receives the messages, on a database connection of its own.
pub struct Ear(PgListener);

impl Ear {
    /// Begins to listen; `None` on SQLite, which one process has for itself.
    pub async fn open(db: &Db) -> Result<Option<Self>, StoreError> {
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
        Ok(Some(Self(listener)))
    }

    /// The next message; `None` after a break in which some may have been missed.
    pub async fn next(&mut self) -> Result<Option<String>, StoreError> {
        let message = self.0.try_recv().await?;
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
