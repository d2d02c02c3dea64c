//! Why the database gave no answer.

use std::io;

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgDatabaseError, PgSeverity};
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
                // The server's own words: the driver adds where in the server's source they are from.
                Some(Outage::Full) => Self::Full(refusal.message().to_owned()),
                Some(Outage::Away) => Self::Unavailable(refusal.message().to_owned()),
                None => Self::Database(error),
            },
            // What a server said that broke off can't be told from nonsense: the driver calls both a fault of the protocol.
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_) => Self::Unavailable(in_words(&error)),
            _ => Self::Database(error),
        }
    }
}

/// The reason why there is no connection, for an operator.
fn in_words(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                "the port refused the connection: no server listens there".to_owned()
            }
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => {
                "the other side closed the connection, as a server does that stops, or a pooler that reaches none".to_owned()
            }
            io::ErrorKind::TimedOut => "no answer came in time".to_owned(),
            _ => error.to_string(),
        },
        sqlx::Error::Protocol(fault) => format!(
            "the connection broke off, or what answers there isn't the database's server ({fault})"
        ),
        sqlx::Error::Tls(fault) => format!("no TLS connection came about: {fault}"),
        sqlx::Error::PoolTimedOut => "no connection came free in time".to_owned(),
        other => other.to_string(),
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
        } else if let Some(refusal) = refusal.try_downcast_ref::<PgDatabaseError>() {
            Self::of_postgres(&code, refusal.severity())
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
    fn of_postgres(code: &str, severity: PgSeverity) -> Option<Self> {
        match code {
            "53100" => Some(Self::Full),
            // The session is over, or never began: whatever the reason, it lies in no statement.
            _ if matches!(severity, PgSeverity::Fatal | PgSeverity::Panic) => Some(Self::Away),
            // A standby takes no writes; a lock was not to be had; the server's disk or its system fails.
            "25006" | "55P03" | "58000" | "58030" => Some(Self::Away),
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
    use sqlx::postgres::PgSeverity;

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
            let found = Outage::of_postgres(code, PgSeverity::Error);
            assert_eq!(found, outage, "{code}");
        }
        // A password that was changed, a database that was dropped, a transaction that idled too long.
        for code in ["28P01", "3D000", "25P03"] {
            let found = Outage::of_postgres(code, PgSeverity::Fatal);
            assert_eq!(found, Some(Outage::Away), "{code}");
        }
    }
}
