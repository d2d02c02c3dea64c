//! How much a client may ask: so many requests a day, so many at a time, so many a minute from one address.
//!
//! Any number of nodes together allow no more than there are, and an ordinary request costs a counter in memory: the database
//! hands requests out in portions. What nodes that stand idle have been given and don't use is less than one in a hundred, or
//! they are asked for it (docs/adr/0008-limits-that-nodes-share.md). An SQLite database has one node, which shares with nobody.

mod addresses;
mod day;
mod under_way;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::app::App;
use store::model::ClientId;
use store::{Db, StoreError, counts, shares};

pub use addresses::{call, forget_minutes};
pub use day::renew_due;
pub use under_way::share;

/// How long the number of a client's connected companies is believed.
const BELIEVED: Duration = Duration::from_secs(10);

/// What a client is told with every answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Requests a day.
    pub limit: i64,
    /// Of which are left, as far as this node knows.
    pub remaining: i64,
    /// When there are new ones.
    pub reset: DateTime<Utc>,
}

/// A request that may go on; it is under way until this is dropped.
#[derive(Debug)]
pub struct Admission {
    /// None where requests a day aren't limited.
    pub standing: Option<Standing>,
    _under_way: Option<under_way::UnderWay>,
}

/// Why a request may not go on.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the day's requests are used up")]
    UsedUp { standing: Standing, wait: TimeDelta },
    #[error("as many requests as may be are under way")]
    TooMany,
}

/// What this node knows of its clients and of those who call.
#[derive(Debug)]
pub struct Limits {
    /// This node, among those that share.
    node: Uuid,
    clients: Mutex<HashMap<ClientId, Arc<Allowance>>>,
    addresses: addresses::Addresses,
    returns: Arc<under_way::Returns>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            node: Uuid::new_v4(),
            clients: Mutex::default(),
            addresses: addresses::Addresses::default(),
            returns: Arc::default(),
        }
    }
}

/// One client's, on this node.
#[derive(Debug)]
struct Allowance {
    companies: Mutex<Companies>,
    day: day::Day,
    room: under_way::Room,
}

#[derive(Debug, Default)]
struct Companies {
    connected: i64,
    counted: Option<Instant>,
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets a client's request go on, or says why not. What isn't allowed to go on draws on nothing.
pub async fn admit(app: &App, client: ClientId) -> Result<Admission, Refusal> {
    let (a_day, at_a_time) = (
        i64::from(app.config.limits.requests_per_day),
        i64::from(app.config.limits.concurrent_per_company),
    );
    if a_day == 0 && at_a_time == 0 {
        return Ok(Admission {
            standing: None,
            _under_way: None,
        });
    }
    let allowance = app.limits.of(client);
    let under_way = if at_a_time == 0 {
        None
    } else {
        Some(under_way::enter(app, &allowance, at_a_time).await?)
    };
    let standing = if a_day == 0 {
        None
    } else {
        Some(day::draw(app, client, &allowance, a_day).await?)
    };
    Ok(Admission {
        standing,
        _under_way: under_way,
    })
}

/// Gives back what this node was given and hasn't used: it is about to stop.
pub async fn give_back(app: &App) -> Result<(), StoreError> {
    day::give_back(app).await?;
    if is_alone(app) {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    shares::leave(&mut tx, app.limits.node).await?;
    tx.commit().await
}

/// Whether this is the database's one node.
fn is_alone(app: &App) -> bool {
    matches!(app.db, Db::Sqlite { .. })
}

impl Limits {
    fn of(&self, client: ClientId) -> Arc<Allowance> {
        let mut clients = held(&self.clients);
        let allowance = clients.entry(client).or_insert_with(|| {
            Arc::new(Allowance {
                companies: Mutex::default(),
                day: day::Day::default(),
                room: under_way::Room::new(client, Arc::clone(&self.returns)),
            })
        });
        Arc::clone(allowance)
    }

    fn known(&self) -> Vec<(ClientId, Arc<Allowance>)> {
        held(&self.clients)
            .iter()
            .map(|(client, allowance)| (*client, Arc::clone(allowance)))
            .collect()
    }
}

impl Allowance {
    /// The client's connected companies, as far as they were counted lately.
    async fn companies(&self, app: &App, client: ClientId) -> Result<i64, StoreError> {
        {
            let companies = held(&self.companies);
            if companies.counted.is_some_and(|at| at.elapsed() < BELIEVED) {
                return Ok(companies.connected);
            }
        }
        self.count(app, client).await
    }

    async fn count(&self, app: &App, client: ClientId) -> Result<i64, StoreError> {
        let connected = counts::connected_companies(&app.db, client).await?;
        *held(&self.companies) = Companies {
            connected,
            counted: Some(Instant::now()),
        };
        Ok(connected)
    }
}
