//! PostgreSQL's connections: opened, tried, used and given back, each within a time.
//!
//! A server that is cut off by a network, or a pooler before it that hangs, closes nothing: whoever waits for its answer waits until
//! the operating system gives up, which may be never. The driver has no limits of its own but for the wait for a connection.

use std::io;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection, PgConnection, PgPool};

use crate::sql::db::{StoreError, unreaped};

/// A connection that lay idle answers sooner than this, or another one is opened.
const TRIED_WITHIN: Duration = Duration::from_secs(1);
/// The same when it is given back, after what was left of its work.
pub(crate) const GIVEN_BACK_WITHIN: Duration = Duration::from_secs(5);
/// No statement of a request or job takes so long that is still worked on.
pub(crate) const ANSWERED_WITHIN: Duration = Duration::from_secs(600);
/// The look at why no connection could be opened.
const REASON_WITHIN: Duration = Duration::from_secs(2);

/// Opens connections to the server of a URL.
///
/// # Errors
/// There is none yet, with the reason in a sentence.
pub(crate) async fn open(url: &str, connections: u32) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("moorline")
        .disable_statement_logging();
    let at = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let pool = || {
        unreaped(PgPoolOptions::new())
            .max_connections(connections)
            .test_before_acquire(false)
            .before_acquire(|connection, _| {
                Box::pin(async move {
                    within(TRIED_WITHIN, connection.ping()).await?;
                    Ok(true)
                })
            })
    };
    let error = match pool().connect_with(options.clone()).await {
        Ok(pool) => return Ok(pool),
        // While a port refuses, the pool tries again, and in the end it says only that its time is up.
        Err(sqlx::Error::PoolTimedOut) => {
            match within(REASON_WITHIN, PgConnection::connect_with(&options)).await {
                Ok(_) => return Ok(pool().connect_lazy_with(options)),
                Err(error) => error,
            }
        }
        Err(error) => error,
    };
    Err(match StoreError::from(error) {
        StoreError::Unavailable(why) => {
            StoreError::Unavailable(format!("PostgreSQL at {at}: {why}"))
        }
        other => other,
    })
}

/// Waits for an answer of the server, for so long.
pub(crate) async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    match tokio::time::timeout(limit, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())),
    }
}
