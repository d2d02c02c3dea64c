//! Tries, for those who ask, if the database takes writes: reading alone would call a full disk ready.

use std::time::{Duration, Instant};

use store::{Db, StoreError};
use tokio::sync::Mutex;

/// An answer is given again for this time: each costs the disk a write.
const FRESH: Duration = Duration::from_secs(1);
/// A database that takes longer is as good as away.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the program can't work at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unready {
    /// The disk of the database is full.
    Full,
    /// The database can't be reached, or refuses to be written to.
    Unavailable,
}

/// The last try, and when it ended. Callers that come meanwhile wait for the one that is under way.
#[derive(Default)]
pub struct Readiness(Mutex<Option<(Instant, Result<(), Unready>)>>);

impl Readiness {
    /// # Errors
    /// Nothing can be written to the database.
    pub async fn of(&self, db: &Db) -> Result<(), Unready> {
        let mut last = self.0.lock().await;
        if let Some((at, result)) = *last
            && at.elapsed() < FRESH
        {
            return result;
        }
        let tried = tokio::time::timeout(PATIENCE, store::meta::try_write(db)).await;
        let result = match tried {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::error!(%error, "not ready: the database takes no writes");
                Err(match error {
                    StoreError::Full(_) => Unready::Full,
                    _ => Unready::Unavailable,
                })
            }
            Err(_) => {
                tracing::error!("not ready: the database took longer than {PATIENCE:?}");
                Err(Unready::Unavailable)
            }
        };
        *last = Some((Instant::now(), result));
        result
    }
}
