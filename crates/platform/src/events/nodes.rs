//! Messages between the nodes that share a PostgreSQL database.
//!
//! A message is a hint, never the record. It names companies that have news, or clients for whose requests the sending node needs
//! places (`crate::limits::clients`), or nothing: that is a heartbeat.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Notify;
use uuid::Uuid;

use store::clock::random_id;
use store::model::{ClientId, CompanyId};
use store::{Db, StoreError, news};

/// The time between two messages of a node at the most, and so the interval of its heartbeats.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A node that doesn't receive its own heartbeat for this long receives nothing, and opens a new connection.
const SILENCE: Duration = Duration::from_secs(40);
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Requests for places: the clients whose requests need them, each with the number that the requesting node holds.
pub(crate) type PlaceRequests = BTreeMap<ClientId, u32>;

/// This node's outgoing messages, and the requests for places that it received.
pub(crate) struct Nodes {
    id: Uuid,
    outgoing: Mutex<Outgoing>,
    filled: Notify,
    requested: Mutex<PlaceRequests>,
    arrived: Notify,
    /// The time since which it listens, and true if it did so before.
    listening: Mutex<Option<(Instant, bool)>>,
}

#[derive(Default)]
struct Outgoing {
    companies: BTreeSet<CompanyId>,
    places: PlaceRequests,
}

/// News of companies from another node.
pub(super) enum Received {
    Companies(Vec<CompanyId>),
    /// Messages may have been missed.
    Gap,
}

impl Default for Nodes {
    fn default() -> Self {
        Self {
            id: random_id(),
            outgoing: Mutex::default(),
            filled: Notify::new(),
            requested: Mutex::default(),
            arrived: Notify::new(),
            listening: Mutex::default(),
        }
    }
}

impl Nodes {
    /// This node, among those that share the database.
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    /// Notes that it listens from now on.
    fn listens(&self) {
        let mut listening = self.listening.lock();
        *listening = Some((Instant::now(), listening.is_some()));
    }

    pub(super) fn is_unsure(&self, is_seen: bool, (first, again): (Duration, Duration)) -> bool {
        let listening = *self.listening.lock();
        listening.is_none_or(|(since, was_before)| {
            let time = if was_before { again } else { first };
            !is_seen || since.elapsed() < time
        })
    }

    /// Sends the other nodes that the company has news.
    pub(super) fn announce(&self, company: CompanyId) {
        self.outgoing.lock().companies.insert(company);
        self.filled.notify_one();
    }

    /// Requests places from the other nodes for requests of the client, of which this node holds `held`.
    pub(crate) fn request_places(&self, client: ClientId, held: u32) {
        self.outgoing.lock().places.insert(client, held);
        self.filled.notify_one();
    }

    /// Resolves when other nodes have requested places. For one listener.
    pub(crate) async fn places_requested(&self) -> PlaceRequests {
        loop {
            let requested = std::mem::take(&mut *self.requested.lock());
            if !requested.is_empty() {
                return requested;
            }
            self.arrived.notified().await;
        }
    }

    fn note(&self, places: PlaceRequests) {
        let mut requested = self.requested.lock();
        for (client, held) in places {
            let least = requested.entry(client).or_insert(held);
            *least = held.min(*least);
        }
        self.arrived.notify_one();
    }

    /// Sends what waits to be sent, for ever; what gathers while a message is on its way goes out together.
    pub(super) async fn send(&self, db: &Db) {
        loop {
            let outgoing = std::mem::take(&mut *self.outgoing.lock());
            if let Db::Postgres(_) = db {
                let mut sent = Ok(());
                for text in messages(self.id, outgoing) {
                    sent = news::tell(db, &text).await;
                    if sent.is_err() {
                        break;
                    }
                }
                if let Err(error) = sent {
                    tracing::warn!(%error, "news could not be sent to other nodes; they read the events themselves within a second");
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
            let _ = tokio::time::timeout(HEARTBEAT, self.filled.notified()).await;
        }
    }

    /// Receives other nodes' messages, for ever, and hands on what they say of companies.
    pub(super) async fn receive(&self, db: &Db, hand_on: impl Fn(Received)) {
        loop {
            match self.listen(db, &hand_on).await {
                // One process has an SQLite database for itself.
                Ok(None) => std::future::pending().await,
                Ok(Some(())) => {
                    tracing::warn!("no message came from the database any more; listening anew")
                }
                Err(error) => tracing::warn!(%error, "can't listen to the database; trying again"),
            }
            hand_on(Received::Gap);
            tokio::time::sleep(RETRY_AFTER).await;
        }
    }

    async fn listen(&self, db: &Db, hand_on: &impl Fn(Received)) -> Result<Option<()>, StoreError> {
        let Some(mut listener) = news::Ear::open(db, self.id).await? else {
            return Ok(None);
        };
        self.listens();
        // Messages sent before now were missed.
        hand_on(Received::Gap);
        while let Ok(received) = tokio::time::timeout(SILENCE, listener.next()).await {
            match received?.as_deref().map(read) {
                Some(Some((sender, Message::Companies(companies)))) if sender != self.id => {
                    hand_on(Received::Companies(companies));
                }
                Some(Some((sender, Message::Places(places)))) if sender != self.id => {
                    self.note(places);
                }
                Some(_) => {}
                None => {
                    self.listens();
                    hand_on(Received::Gap);
                }
            }
        }
        Ok(Some(()))
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Message {
    /// Without a company it is a heartbeat.
    Companies(Vec<CompanyId>),
    Places(PlaceRequests),
}

/// The word before clients, each with a number. Companies follow the node's id without one.
const PLACES: &str = "places";

fn messages(node: Uuid, outgoing: Outgoing) -> Vec<String> {
    /// Ids that fit into one message, with room for the node's own id and a word.
    const COMPANIES: usize = news::LONGEST / 33 - 3;
    const CLIENTS: usize = news::LONGEST / 44 - 3;
    let companies: Vec<CompanyId> = outgoing.companies.into_iter().collect();
    let places: Vec<(ClientId, u32)> = outgoing.places.into_iter().collect();
    let heartbeat = companies.is_empty() && places.is_empty();
    let companies = companies
        .chunks(COMPANIES)
        .chain(heartbeat.then_some(&[][..]))
        .map(|part| Message::Companies(part.to_vec()));
    let places = places
        .chunks(CLIENTS)
        .map(|part| Message::Places(part.iter().copied().collect()));
    companies
        .chain(places)
        .map(|message| write(node, &message))
        .collect()
}

fn write(node: Uuid, message: &Message) -> String {
    let mut words = vec![node.simple().to_string()];
    match message {
        Message::Companies(ids) => words.extend(ids.iter().map(|id| id.0.simple().to_string())),
        Message::Places(places) => {
            words.push(PLACES.into());
            let pairs = places
                .iter()
                .map(|(id, held)| format!("{}:{held}", id.0.simple()));
            words.extend(pairs);
        }
    }
    words.join(" ")
}

/// The sending node, and its message. None for a message of another version's form.
fn read(text: &str) -> Option<(Uuid, Message)> {
    let mut words = text.split(' ').peekable();
    let node = Uuid::parse_str(words.next()?).ok()?;
    if words.next_if_eq(&PLACES).is_none() {
        let companies = words.map(|word| Uuid::parse_str(word).ok().map(CompanyId));
        return Some((node, Message::Companies(companies.collect::<Option<_>>()?)));
    }
    let places = words.map(|word| {
        let (id, held) = word.split_once(':')?;
        Some((ClientId(Uuid::parse_str(id).ok()?), held.parse().ok()?))
    });
    Some((node, Message::Places(places.collect::<Option<_>>()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_its_sender_and_its_subjects_and_fits() {
        let node = random_id();
        let companies: BTreeSet<CompanyId> = (0..300).map(|_| CompanyId(random_id())).collect();
        let places: PlaceRequests = (0..300)
            .map(|number| (ClientId(random_id()), u32::MAX - number))
            .collect();
        let sent = messages(
            node,
            Outgoing {
                companies: companies.clone(),
                places: places.clone(),
            },
        );
        let (mut named, mut requested) = (BTreeSet::new(), PlaceRequests::new());
        for text in sent {
            assert!(text.len() < news::LONGEST, "{}", text.len());
            match read(&text).unwrap() {
                (sender, Message::Companies(ids)) if sender == node => named.extend(ids),
                (sender, Message::Places(ids)) if sender == node => requested.extend(ids),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((named, requested), (companies, places));
        let heartbeat = messages(node, Outgoing::default());
        assert_eq!(heartbeat.len(), 1);
        assert_eq!(
            read(&heartbeat[0]),
            Some((node, Message::Companies(Vec::new())))
        );
        for other in [
            "",
            "hello",
            "hello you",
            &format!("{node} you"),
            &format!("{node} places you:1"),
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
