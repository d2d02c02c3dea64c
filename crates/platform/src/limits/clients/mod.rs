//! Limits of clients: requests a day, requests under way at a time, and requests a minute from one address.
//!
//! All nodes together never allow more, and an ordinary request costs a counter in memory: the database hands requests out in
//! portions. Less than one in a hundred is lost in portions of idle nodes, or those nodes are asked for them
//! (docs/adr/0004-limits-that-nodes-share.md). An SQLite database has one node, which shares with no other.

mod addresses;
mod day;
mod under_way;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use crate::events::nodes::Nodes;
use store::clock::Clock;
use store::model::ClientId;
use store::{Db, StoreError, counts, shares};

/// The age up to which a count of a client's connected companies is believed.
const BELIEVED: Duration = Duration::from_secs(10);

/// The configured limits; 0 means any number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caps {
    /// Times one more than the client's connected companies.
    pub(crate) requests_per_day: i64,
    /// Times the client's connected companies.
    pub(crate) concurrent_per_company: i64,
    pub(crate) requests_per_minute_per_address: u32,
}

/// A client's quota for the day, as the headers of each answer report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Requests a day.
    pub limit: i64,
    /// Those left, as far as this node knows.
    pub remaining: i64,
    /// The end of the day, when the quota is renewed.
    pub reset: DateTime<Utc>,
}

/// A request that may go on; it is under way until this is dropped.
#[derive(Debug)]
pub struct Admission {
    /// None if requests a day aren't limited.
    pub standing: Option<Standing>,
    _under_way: Option<under_way::UnderWay>,
}

/// The reason why a request may not go on.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the day's requests are used up")]
    UsedUp { standing: Standing, wait: TimeDelta },
    #[error("the most requests that may be under way at a time are under way")]
    TooMany,
}

/// The limits of clients and addresses, and what this node has counted of them.
pub struct ClientLimits {
    db: Db,
    clock: Clock,
    caps: Caps,
    nodes: Arc<Nodes>,
    clients: Mutex<HashMap<ClientId, Arc<Usage>>>,
    addresses: addresses::Addresses,
    returns: Arc<under_way::Returns>,
}

/// One client's use of its limits, on this node.
#[derive(Debug)]
struct Usage {
    companies: Mutex<Companies>,
    day: day::Day,
    share: under_way::Share,
}

#[derive(Debug, Default)]
struct Companies {
    connected: i64,
    counted: Option<Instant>,
}

impl ClientLimits {
    pub(crate) fn new(db: Db, clock: Clock, caps: Caps, nodes: Arc<Nodes>) -> Self {
        Self {
            db,
            clock,
            caps,
            nodes,
            clients: Mutex::default(),
            addresses: addresses::Addresses::default(),
            returns: Arc::default(),
        }
    }

    /// Lets a client's request go on. A refused request draws on nothing.
    ///
    /// # Errors
    /// The reason why it may not go on.
    pub async fn admit(&self, client: ClientId) -> Result<Admission, Refusal> {
        let (daily, concurrent) = (
            self.caps.requests_per_day > 0,
            self.caps.concurrent_per_company > 0,
        );
        if !daily && !concurrent {
            return Ok(Admission {
                standing: None,
                _under_way: None,
            });
        }
        let usage = self.usage(client);
        let under_way = if concurrent {
            Some(self.enter(&usage).await?)
        } else {
            None
        };
        let standing = if daily {
            Some(self.draw(client, &usage).await?)
        } else {
            None
        };
        Ok(Admission {
            standing,
            _under_way: under_way,
        })
    }

    /// Gives back what this node was given and hasn't used, before it stops.
    ///
    /// # Errors
    /// The database can't be written to.
    pub async fn give_back(&self) -> Result<(), StoreError> {
        self.give_back_day().await?;
        if self.is_alone() {
            return Ok(());
        }
        let mut tx = self.db.write().await?;
        shares::leave(&mut tx, self.nodes.id()).await?;
        tx.commit().await
    }

    /// True if this is the database's one node.
    fn is_alone(&self) -> bool {
        matches!(self.db, Db::Sqlite { .. })
    }

    fn usage(&self, client: ClientId) -> Arc<Usage> {
        let mut clients = self.clients.lock();
        let usage = clients.entry(client).or_insert_with(|| {
            Arc::new(Usage {
                companies: Mutex::default(),
                day: day::Day::default(),
                share: under_way::Share::new(client, Arc::clone(&self.returns)),
            })
        });
        Arc::clone(usage)
    }

    fn known(&self) -> Vec<(ClientId, Arc<Usage>)> {
        self.clients
            .lock()
            .iter()
            .map(|(client, usage)| (*client, Arc::clone(usage)))
            .collect()
    }

    /// The client's connected companies, from a count that is recent enough.
    async fn companies(&self, client: ClientId, usage: &Usage) -> Result<i64, StoreError> {
        {
            let companies = usage.companies.lock();
            if companies.counted.is_some_and(|at| at.elapsed() < BELIEVED) {
                return Ok(companies.connected);
            }
        }
        self.count_companies(client, usage).await
    }

    async fn count_companies(&self, client: ClientId, usage: &Usage) -> Result<i64, StoreError> {
        let connected = counts::connected_companies(&self.db, client).await?;
        *usage.companies.lock() = Companies {
            connected,
            counted: Some(Instant::now()),
        };
        Ok(connected)
    }
}
