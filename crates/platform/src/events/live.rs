//! Subscriptions to the news of one company.
//!
//! The record of events is the news; a subscriber is only woken to read it. Three ways lead to that, each making up for the one
//! before it: the process that wrote an event wakes its own subscribers and sends the company's id to the other nodes; they wake
//! theirs; and each process reads the record's end once a second.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::nodes::{Nodes, Received};
use store::model::CompanyId;
use store::{Db, events};

/// The interval at which the record's end is read unasked.
const READ_EVERY: Duration = Duration::from_secs(1);
/// The number of events that are its end.
const END: i64 = 256;

/// The subscribers of this process: a channel for each company, so that one company's news wakes no other's subscribers.
pub struct Live {
    companies: Mutex<HashMap<CompanyId, Weak<Notify>>>,
    seats: Seats,
    nodes: Arc<Nodes>,
}

type Seats = Arc<Mutex<HashMap<Listener, u32>>>;

/// A party that opens event streams, by what it is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Listener {
    Address(IpAddr),
    /// The digest of one of a company's tokens.
    Token([u8; 32]),
}

/// A stream that is open.
pub struct Seat {
    seats: Seats,
    listeners: Vec<Listener>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.seats.lock();
        for listener in &self.listeners {
            if let Entry::Occupied(mut taken) = seats.entry(listener.clone()) {
                *taken.get_mut() -= 1;
                if *taken.get() == 0 {
                    taken.remove();
                }
            }
        }
    }
}

impl Live {
    pub(crate) fn new(nodes: Arc<Nodes>) -> Self {
        Self {
            companies: Mutex::default(),
            seats: Seats::default(),
            nodes,
        }
    }

    /// The channel that is notified when something was recorded about the company.
    pub fn subscribe(&self, company: CompanyId) -> Arc<Notify> {
        let mut companies = self.companies.lock();
        if let Some(notify) = companies.get(&company).and_then(Weak::upgrade) {
            return notify;
        }
        companies.retain(|_, weak| weak.strong_count() > 0);
        let notify = Arc::new(Notify::new());
        companies.insert(company, Arc::downgrade(&notify));
        notify
    }

    /// A seat for one more stream of each of these listeners, until it is dropped; none if one of them has all that it may have.
    /// A bound of 0 is none.
    pub fn sit<const N: usize>(&self, listeners: [(Listener, u32); N]) -> Option<Seat> {
        let mut seats = self.seats.lock();
        let is_full = |(listener, most): &(Listener, u32)| {
            *most > 0 && seats.get(listener).is_some_and(|taken| taken >= most)
        };
        if listeners.iter().any(is_full) {
            return None;
        }
        let listeners = listeners.map(|(listener, _)| listener);
        for listener in &listeners {
            *seats.entry(listener.clone()).or_default() += 1;
        }
        Some(Seat {
            seats: Arc::clone(&self.seats),
            listeners: listeners.to_vec(),
        })
    }

    /// Wakes the company's subscribers, here and on other nodes. Commits do this by themselves ([`store::News`]).
    pub fn wake(&self, company: CompanyId) {
        self.wake_here(company);
        self.nodes.announce(company);
    }

    fn wake_here(&self, company: CompanyId) {
        let subscribers = self.companies.lock().get(&company).and_then(Weak::upgrade);
        if let Some(notify) = subscribers {
            notify.notify_waiters();
        }
    }

    fn wake_all_here(&self) {
        let all: Vec<_> = self
            .companies
            .lock()
            .values()
            .filter_map(Weak::upgrade)
            .collect();
        for notify in all {
            notify.notify_waiters();
        }
    }

    fn has_subscribers(&self) -> bool {
        self.companies
            .lock()
            .values()
            .any(|weak| weak.strong_count() > 0)
    }

    /// This node, among those that share the database.
    pub(crate) fn node(&self) -> Uuid {
        self.nodes.id()
    }

    /// True if this node listens to the database for less than the first time since its start, or less than the second since it was cut
    /// off: others may not be seen to live yet. `is_seen` says if the database sees it listen.
    pub(crate) fn is_unsure(&self, is_seen: bool, times: (Duration, Duration)) -> bool {
        self.nodes.is_unsure(is_seen, times)
    }

    /// Carries news between the record, this process and other nodes until the program is to stop.
    pub async fn relay(&self, db: &Db, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            () = self.read_record(db) => {}
            () = self.nodes.send(db) => {}
            () = self.nodes.receive(db, |received| self.pass_on(received)) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    fn pass_on(&self, received: Received) {
        match received {
            Received::Companies(companies) => {
                for company in companies {
                    self.wake_here(company);
                }
            }
            Received::Gap => self.wake_all_here(),
        }
    }

    /// Wakes the subscribers of the companies whose events appeared at the record's end.
    async fn read_record(&self, db: &Db) {
        let mut known: HashSet<i64> = HashSet::new();
        loop {
            tokio::time::sleep(READ_EVERY).await;
            if !self.has_subscribers() {
                continue;
            }
            match events::latest(db, END).await {
                Ok(signs) => {
                    for sign in signs.iter().filter(|sign| !known.contains(&sign.id)) {
                        self.wake_here(sign.company_id);
                    }
                    known = signs.into_iter().map(|sign| sign.id).collect();
                }
                Err(error) => tracing::error!(%error, "events can't be read"),
            }
        }
    }
}
