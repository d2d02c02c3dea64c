//! Why the database gave no answer.

use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;

/// Why the store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A uniqueness rule refused the write; the caller knows which one it can be.
    #[error("the row exists already")]
    Conflict,
    /// Nothing can be written until there is space again.
    #[error("the disk of the database is full: {0}")]
    Full(String),
    /// It is away, starting, overloaded, locked by another program, or takes no writes.
    #[error("the database cannot be reached or written to: {0}")]
    Unavailable(String),
    #[error("the database refused: {0}")]
    Database(#[source] sqlx::Error),
    #[error("the database holds what Moorline cannot read: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// True if the same may succeed later, without any change to it.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Full(_) | Self::Unavailable(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(refusal) if refusal.is_unique_violation() => Self::Conflict,
            sqlx::Error::Database(refusal) => match Outage::of(refusal.as_ref()) {
                Some(Outage::Full) => Self::Full(error.to_string()),
                Some(Outage::Away) => Self::Unavailable(error.to_string()),
                None => Self::Database(error),
            },
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_) => Self::Unavailable(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

/// A refusal that has nothing to do with the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outage {
    Full,
    Away,
}

impl Outage {
    fn of(refusal: &(dyn DatabaseError + 'static)) -> Option<Self> {
        let code = refusal.code()?;
        if refusal.try_downcast_ref::<SqliteError>().is_some() {
            Self::of_sqlite(code.parse().ok()?)
        } else if refusal.try_downcast_ref::<PgDatabaseError>().is_some() {
            Self::of_postgres(&code)
        } else {
            None
        }
    }

    /// Of an extended result code (<https://www.sqlite.org/rescode.html>).
    fn of_sqlite(code: i32) -> Option<Self> {
        /// The index of the log could not grow.
        const IOERR_SHMSIZE: i32 = 4874;
        match (code, code & 0xff) {
            (_, 13) | (IOERR_SHMSIZE, _) => Some(Self::Full),
            // BUSY, LOCKED, READONLY, IOERR, CANTOPEN, PROTOCOL.
            (_, 5 | 6 | 8 | 10 | 14 | 15) => Some(Self::Away),
            _ => None,
        }
    }

    /// Of an SQLSTATE (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
    fn of_postgres(code: &str) -> Option<Self> {
        match code {
            "53100" => Some(Self::Full),
            // A standby takes no writes; a lock was not to be had; the server's disk fails.
            "25006" | "55P03" | "58030" => Some(Self::Away),
            // A broken connection, insufficient resources, a server that stops or starts.
            _ if ["08", "53", "57P0"]
                .iter()
                .any(|class| code.starts_with(class)) =>
            {
                Some(Self::Away)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Outage;

    #[test]
    fn a_refusal_of_the_engine_is_told_from_one_of_the_statement() {
        for (code, outage) in [
            (13, Some(Outage::Full)),
            (4874, Some(Outage::Full)),
            (5, Some(Outage::Away)),
            (261, Some(Outage::Away)),
            (778, Some(Outage::Away)),
            (1032, Some(Outage::Away)),
            (1, None),
            (787, None),
        ] {
            assert_eq!(Outage::of_sqlite(code), outage, "{code}");
        }
        for (code, outage) in [
            ("53100", Some(Outage::Full)),
            ("53300", Some(Outage::Away)),
            ("08006", Some(Outage::Away)),
            ("57P01", Some(Outage::Away)),
            ("57P03", Some(Outage::Away)),
            ("25006", Some(Outage::Away)),
            ("57014", None),
            ("42P01", None),
            ("23503", None),
        ] {
            assert_eq!(Outage::of_postgres(code), outage, "{code}");
        }
    }
}
