//! Turns: which of the waiting jobs a node takes next.
//!
//! Classes come in their order, but none may hold every place: the pulls of the clock, and those that clients request in bulk, leave
//! places free, and so does each platform, for a first link or a write to begin at once however slow the others are. Of the platforms
//! with jobs of a class, the one with the fewest under way comes first; in a platform's lane clients come in turn, and their connections
//! ([`store::turns`]).

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use store::jobs::Lease;
use store::model::{ClientId, JobId};
use store::turns::{self, Candidate, Class, Lane};
use store::{StoreError, Tx};

/// Jobs of one class that a connection has under way at most. Its manifest's limits hold besides.
const OF_A_CONNECTION: usize = 4;
/// Candidates of a client that are read at a time.
const READ: i64 = 64;
/// Pages of candidates that are read for a client, if so many of its connections have enough under way.
const PAGES: i64 = 8;

/// A place that a job takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) lane: Lane,
    connection: Uuid,
}

/// The jobs that a node has under way, counted.
pub(super) struct UnderWay {
    most: usize,
    all: usize,
    classes: HashMap<Class, usize>,
    platforms: HashMap<String, usize>,
    lanes: HashMap<Lane, usize>,
    connections: HashMap<(Uuid, Class), usize>,
    /// The client whose turn was the last in each lane.
    last: HashMap<Lane, ClientId>,
}

/// A share of a number, of one at least.
fn share(of: usize, numerator: usize, denominator: usize) -> usize {
    (of * numerator / denominator).max(1)
}

fn count<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: K) {
    *counts.entry(key).or_default() += 1;
}

fn uncount<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(number) = counts.get_mut(key) {
        *number -= 1;
        if *number == 0 {
            counts.remove(key);
        }
    }
}

impl UnderWay {
    /// With places for so many jobs.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            all: 0,
            classes: HashMap::new(),
            platforms: HashMap::new(),
            lanes: HashMap::new(),
            connections: HashMap::new(),
            last: HashMap::new(),
        }
    }

    pub(super) fn free(&self) -> usize {
        self.most.saturating_sub(self.all)
    }

    /// The places that a class may hold.
    fn of_class(&self, class: Class) -> usize {
        match class {
            Class::FirstLink | Class::Write => self.most,
            Class::Request | Class::Schedule => share(self.most, 3, 4),
        }
    }

    /// The places that a lane may still take.
    fn room(&self, lane: &Lane) -> usize {
        let of_class = self.of_class(lane.class);
        let left = |most: usize, counted: Option<&usize>| {
            most.saturating_sub(counted.copied().unwrap_or_default())
        };
        let class = left(of_class, self.classes.get(&lane.class));
        if lane.platform.is_empty() {
            return self.free().min(class);
        }
        let own = left(share(of_class, 3, 4), self.lanes.get(lane));
        let platform = left(share(self.most, 7, 8), self.platforms.get(&lane.platform));
        self.free().min(class).min(own).min(platform)
    }

    fn of_platform(&self, platform: &str) -> usize {
        self.platforms.get(platform).copied().unwrap_or_default()
    }

    fn begin(&mut self, taken: &Taken) {
        self.all += 1;
        count(&mut self.classes, taken.lane.class);
        count(&mut self.platforms, taken.lane.platform.clone());
        count(&mut self.lanes, taken.lane.clone());
        count(&mut self.connections, (taken.connection, taken.lane.class));
    }

    /// Gives a place back.
    pub(super) fn end(&mut self, taken: &Taken) {
        self.all -= 1;
        uncount(&mut self.classes, &taken.lane.class);
        uncount(&mut self.platforms, &taken.lane.platform);
        uncount(&mut self.lanes, &taken.lane);
        uncount(&mut self.connections, &(taken.connection, taken.lane.class));
    }
}

/// Jobs of one lane, in turn.
struct Queue {
    lane: Lane,
    jobs: VecDeque<(ClientId, Candidate)>,
}

/// Adds up to `wanted` of the waiting jobs to those that are `chosen`, and counts them as under way.
pub(super) async fn choose(
    tx: &mut Tx,
    under_way: &mut UnderWay,
    times: (DateTime<Utc>, Lease),
    wanted: usize,
    chosen: &mut Vec<(JobId, Taken)>,
) -> Result<(), StoreError> {
    let lanes = turns::lanes(tx).await?;
    for class in Class::ALL {
        let mut queues = Vec::new();
        for lane in lanes.iter().filter(|lane| lane.class == class) {
            let wanted = under_way.room(lane).min(wanted - chosen.len());
            if wanted > 0 {
                let jobs = in_turn(tx, under_way, lane, times, wanted).await?;
                let lane = lane.clone();
                queues.push(Queue { lane, jobs });
            }
        }
        while chosen.len() < wanted {
            let fewest = queues
                .iter_mut()
                .filter(|queue| !queue.jobs.is_empty() && under_way.room(&queue.lane) > 0)
                .min_by_key(|queue| under_way.of_platform(&queue.lane.platform));
            let Some(queue) = fewest else {
                break;
            };
            let Some((client, candidate)) = queue.jobs.pop_front() else {
                break;
            };
            let taken = Taken {
                lane: queue.lane.clone(),
                connection: candidate.connection_id,
            };
            under_way.begin(&taken);
            under_way.last.insert(queue.lane.clone(), client);
            chosen.push((candidate.id, taken));
        }
    }
    Ok(())
}

/// The next jobs of a lane: one of each client, then another of each.
async fn in_turn(
    tx: &mut Tx,
    under_way: &UnderWay,
    lane: &Lane,
    times: (DateTime<Utc>, Lease),
    wanted: usize,
) -> Result<VecDeque<(ClientId, Candidate)>, StoreError> {
    let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
    let last = under_way.last.get(lane).copied();
    let mut clients = turns::clients_after(tx, lane, last, limit).await?;
    if clients.len() < wanted && last.is_some() {
        let first = turns::clients_after(tx, lane, None, limit).await?;
        let others: Vec<ClientId> = first
            .into_iter()
            .filter(|client| !clients.contains(client))
            .collect();
        clients.extend(others);
    }
    clients.truncate(wanted);
    let mut rounds: Vec<VecDeque<(ClientId, Candidate)>> = Vec::new();
    for client in &clients {
        let each = wanted.div_ceil(clients.len());
        let own = of_client(tx, under_way, lane, *client, times, each).await?;
        rounds.push(own.into_iter().map(|job| (*client, job)).collect());
    }
    let mut jobs = VecDeque::new();
    while jobs.len() < wanted {
        let before = jobs.len();
        for own in &mut rounds {
            jobs.extend(own.pop_front());
        }
        if jobs.len() == before {
            break;
        }
    }
    Ok(jobs)
}

/// The next jobs of a client, leaving out those of connections that have enough under way.
async fn of_client(
    tx: &mut Tx,
    under_way: &UnderWay,
    lane: &Lane,
    client: ClientId,
    times: (DateTime<Utc>, Lease),
    wanted: usize,
) -> Result<Vec<Candidate>, StoreError> {
    let mut jobs: Vec<Candidate> = Vec::new();
    for page in 0..PAGES {
        let read = turns::of_client(tx, lane, client, times, page * READ, READ).await?;
        let is_last = read.len() < usize::try_from(READ).unwrap_or_default();
        for candidate in read {
            let own = jobs
                .iter()
                .filter(|job| job.connection_id == candidate.connection_id);
            let counted = under_way
                .connections
                .get(&(candidate.connection_id, lane.class));
            let number = own.count() + counted.copied().unwrap_or_default();
            if number < OF_A_CONNECTION {
                jobs.push(candidate);
            }
            if jobs.len() == wanted {
                return Ok(jobs);
            }
        }
        if is_last {
            break;
        }
    }
    Ok(jobs)
}
