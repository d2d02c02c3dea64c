//! The database's time, by which nodes that share it go.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::columns::row;
use super::db::{Db, StoreError, query};
use crate::clock;

row! { struct Now { now: DateTime<Utc> } }

/// An answer that took longer says too little about the moment that it is of.
const QUICK: Duration = Duration::from_millis(50);
const TRIES: usize = 3;

impl Db {
    /// Makes the database's time that of this process, if nodes may share it: SQLite's only process goes by its own clock.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn keep_time(&self) -> Result<(), StoreError> {
        if let Db::Sqlite { .. } = self {
            return Ok(());
        }
        let mut best: Option<(Duration, DateTime<Utc>, Instant)> = None;
        for _ in 0..TRIES {
            let asked = Instant::now();
            let answer = query!(self, one Now, "select clock_timestamp() as now")?;
            let took = asked.elapsed();
            if best.is_none_or(|(quickest, ..)| took < quickest) {
                best = Some((took, answer.now, asked + took / 2));
            }
            if took < QUICK {
                break;
            }
        }
        if let Some((_, time, at)) = best {
            clock::share(time, at);
        }
        Ok(())
    }
}
