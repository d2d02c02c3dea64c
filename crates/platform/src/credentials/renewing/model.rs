//! A model of the renewal's protocol: nodes, their database and a platform whose refresh tokens rotate, with all that may go wrong
//! between them, in every order up to a bound. It decides by the functions of [`super::deciding`], as the product does.
//!
//! The explorer is our own. shuttle and turmoil try schedules of the running code, and would need a database that they can simulate in
//! the place of PostgreSQL; stateright checks models as this is one, and brings an actor framework and a web server beside the one loop
//! that is needed here. What a renewal does between two steps that others can see is one step of the model.
//!
//! Taken as given: leases run by the database's time, its transactions are atomic, and a node that lives listens to it again before
//! [`deciding::CUT_OFF`] is over. Declared losses (`docs/RELIABILITY.md`) are not
//! held against the protocol: an answer whose process dies before it is stored or kept, and that of a node that was frozen for minutes,
//! asleep, or frozen while the database was lost.

mod exploring;

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::deciding::{self, Claiming, FROZEN, LEASE, Lives, Since, Times};
use store::credentials::{By, Standing};
use store::model::GrantId;

/// The decisions and habits that are explored. A test puts broken ones in their place.
#[derive(Clone, Copy)]
struct Rules {
    claiming: fn(&Standing, i64, Times, Option<Lives>) -> Claiming,
    may_send: fn(Since) -> bool,
    takes: fn(&Standing, &By) -> bool,
    /// The time by which a node counts leases: the database's.
    wall: fn(i64, usize) -> i64,
    /// True if an interrupted renewal first looks for its answer in the files of processes that have died.
    adopts: bool,
}

const PRODUCT: Rules = Rules {
    claiming: deciding::claiming,
    may_send: deciding::may_send,
    takes: deciding::takes,
    wall: |now, _| now,
    adopts: true,
};

/// The bound of an exploration.
#[derive(Clone, Copy, Debug)]
struct Bound {
    nodes: usize,
    /// Kills, freezes, sleeps, outages and losses together.
    faults: u8,
    waits: u8,
    renewals: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Life {
    Lives,
    /// As by SIGSTOP: its connections stay open.
    Frozen,
    /// With its machine: its connections break.
    Asleep,
    Dead,
}

/// A claim in the model: the node, and its number there.
type Holder = (usize, u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Claim {
    version: i64,
    token: u8,
    holder: Holder,
    interrupted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    Idle,
    Seen {
        version: i64,
    },
    Claimed {
        claim: Claim,
        ready: bool,
    },
    /// The platform has done the request; its answer is on the way, with the next token, or none if it refused.
    Asked {
        claim: Claim,
        answer: Option<u8>,
    },
    InHand {
        claim: Claim,
        answer: Option<u8>,
    },
    /// In the file beside the database.
    Kept,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Node {
    life: Life,
    /// True if the database has the connection by which it is seen to live.
    session: bool,
    /// The time until which it can't tell others that died from those that were cut off as it was.
    unsure: i64,
    stage: Stage,
    kept_at: i64,
    slept: i64,
    claims: u8,
    /// The renewed claim and its token that are in the node's file.
    file: Option<(Claim, u8)>,
    /// The holder that it has seen alive behind a lease that is over: since when, and last.
    watched: Option<(Holder, i64, i64)>,
}

/// The state of a token's one request that may be under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sent {
    Never,
    /// Its answer is on the way to a node, in its hands or in its file.
    By(Holder),
    /// Its answer is nowhere, or was a refusal: it may be sent again, and the platform may refuse it.
    Lost,
    Stored,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    now: i64,
    version: i64,
    token: u8,
    holder: Option<Holder>,
    until: Option<i64>,
    began: bool,
    /// The customer has been told that the access is over.
    over: bool,
    /// A loss has happened that is declared: the reason that is given for its consequences may be another.
    declared: bool,
    /// The token that the platform takes; none once a spent one has come.
    current: Option<u8>,
    sent: Vec<Sent>,
    nodes: Vec<Node>,
    database: bool,
    faults: u8,
    waits: u8,
}

type Step = Result<State, String>;

fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
}

fn uuid((node, number): Holder) -> Uuid {
    let high = u128::try_from(node + 1).expect("a small number") << 64;
    Uuid::from_u128(high | u128::from(number))
}

/// The grant that all tokens are of.
const GRANT: Option<GrantId> = Some(GrantId(Uuid::from_u128(7)));

impl State {
    fn first(bound: Bound) -> Self {
        let node = Node {
            life: Life::Lives,
            session: true,
            unsure: 0,
            stage: Stage::Idle,
            kept_at: 0,
            slept: 0,
            claims: 0,
            file: None,
            watched: None,
        };
        Self {
            now: 0,
            version: 1,
            token: 0,
            holder: None,
            until: None,
            began: false,
            over: false,
            declared: false,
            current: Some(0),
            sent: vec![Sent::Never; usize::from(bound.renewals) + 1],
            nodes: vec![node; bound.nodes],
            database: true,
            faults: bound.faults,
            waits: bound.waits,
        }
    }

    fn standing(&self) -> Standing {
        Standing {
            version: self.version,
            grant_id: GRANT,
            lease_owner: self.holder.map(uuid),
            lease_until: self.until.map(time),
            refresh_began: self.began.then(|| time(0)),
            paused_at: None,
            paused_until: None,
        }
    }

    fn sent(&mut self, token: u8) -> &mut Sent {
        &mut self.sent[usize::from(token)]
    }

    /// The request of a node is lost, if it has one, in a way that is declared.
    fn lose_as_declared(&mut self, of: usize) {
        let before = self.sent.clone();
        self.lose(of);
        self.declared |= before != self.sent;
    }

    /// The request of a node is nowhere any more, if it has one.
    fn lose(&mut self, of: usize) {
        for sent in &mut self.sent {
            if matches!(sent, Sent::By((node, _)) if *node == of) {
                *sent = Sent::Lost;
            }
        }
    }

    /// Looks at a lease and keeps it, as the product does in one transaction.
    fn keep(&mut self, n: usize, claim: Claim) -> bool {
        let mine = self.holder == Some(claim.holder) && self.version == claim.version;
        if mine {
            self.until = Some(self.now + LEASE.num_seconds());
            let node = &mut self.nodes[n];
            (node.kept_at, node.slept) = (self.now, 0);
        }
        mine
    }

    /// Stores the tokens of an answer, if the row takes them.
    fn store(&mut self, rules: Rules, claim: Claim, next: u8) -> Result<(), String> {
        let by = By {
            connection: store::model::ConnectionId(Uuid::nil()),
            version: claim.version,
            owner: uuid(claim.holder),
            grant: GRANT,
        };
        if (rules.takes)(&self.standing(), &by) {
            (self.version, self.token) = (self.version + 1, next);
            (self.holder, self.until, self.began) = (None, None, false);
            if matches!(*self.sent(claim.token), Sent::By(_)) {
                *self.sent(claim.token) = Sent::Stored;
            }
        } else if self.current == Some(next) {
            return Err(format!(
                "the answer to token {} is thrown away",
                claim.token
            ));
        }
        Ok(())
    }

    /// The next step of a node that lives.
    fn step(&self, rules: Rules, n: usize) -> Step {
        let mut to = self.clone();
        let stage = to.nodes[n].stage;
        // With a database that is away, a renewal ends where it needs one.
        to.nodes[n].stage = match stage {
            Stage::InHand {
                claim,
                answer: Some(next),
            } if !self.database => {
                to.nodes[n].file = Some((claim, next));
                Stage::Kept
            }
            Stage::InHand { answer: None, .. } if !self.database => Stage::Idle,
            Stage::Kept if !self.database => Stage::Kept,
            Stage::Idle | Stage::Seen { .. } | Stage::Claimed { ready: false, .. }
                if !self.database =>
            {
                Stage::Idle
            }
            Stage::Idle => match to.nodes[n].file.take() {
                Some((claim, next)) => {
                    to.store(rules, claim, next)?;
                    Stage::Idle
                }
                None => Stage::Seen {
                    version: self.version,
                },
            },
            Stage::Seen { version } => to.claim(rules, n, version),
            Stage::Claimed {
                claim,
                ready: false,
            } => {
                for other in 0..to.nodes.len() {
                    let is_dead = to.nodes[other].life == Life::Dead;
                    if rules.adopts
                        && is_dead
                        && let Some((claim, next)) = to.nodes[other].file.take()
                    {
                        to.store(rules, claim, next)?;
                    }
                }
                match to.keep(n, claim) {
                    true => Stage::Claimed { claim, ready: true },
                    false => Stage::Idle,
                }
            }
            Stage::Claimed { claim, ready: true } => {
                let node = &to.nodes[n];
                let since = Since {
                    kept: seconds(self.now - node.kept_at - node.slept),
                    by_machine: TimeDelta::seconds(self.now - node.kept_at),
                };
                let is_sure = !claim.interrupted && (rules.may_send)(since);
                let may = is_sure || (self.database && to.keep(n, claim));
                if may { to.send(claim)? } else { Stage::Idle }
            }
            Stage::Asked { claim, answer } => Stage::InHand { claim, answer },
            Stage::InHand {
                claim,
                answer: Some(next),
            } => {
                to.store(rules, claim, next)?;
                Stage::Idle
            }
            Stage::InHand {
                claim,
                answer: None,
            } => {
                if self.version != claim.version {
                    to.began = true;
                } else if claim.interrupted || self.declared {
                    to.over = true;
                } else {
                    return Err("it is said that access was withdrawn, which it wasn't".to_owned());
                }
                Stage::Idle
            }
            Stage::Kept => {
                if let Some((claim, next)) = to.nodes[n].file.take() {
                    to.store(rules, claim, next)?;
                }
                Stage::Idle
            }
        };
        Ok(to)
    }

    fn claim(&mut self, rules: Rules, n: usize, version: i64) -> Stage {
        let wall = (rules.wall)(self.now, n);
        let holder = self.holder.filter(|(node, _)| *node != n);
        let is_unsure = !self.nodes[n].session || self.now < self.nodes[n].unsure;
        let lives = holder.filter(|(node, _)| is_unsure || self.nodes[*node].session);
        let lives = lives.map(|holder| {
            let watched = self.nodes[n].watched;
            // As `Frozen::seen` has it.
            let watched = watched.filter(|(known, _, last)| {
                *known == holder && seconds(self.now - last) <= deciding::GAP
            });
            let since = watched.map_or(self.now, |(_, since, _)| since);
            (holder, since)
        });
        let times = Times {
            wall: time(wall),
            clock: time(self.now),
        };
        let seen = lives.map(|(_, since)| Lives {
            seen_for: seconds(self.now - since),
        });
        match (rules.claiming)(&self.standing(), version, times, seen) {
            Claiming::Refused => Stage::Idle,
            Claiming::HolderIsFrozen => {
                self.nodes[n].watched = lives.map(|(holder, since)| (holder, since, self.now));
                Stage::Idle
            }
            Claiming::Granted => {
                if let Some(((node, _), _)) =
                    lives.filter(|(_, since)| seconds(self.now - since) > FROZEN)
                {
                    self.lose_as_declared(node);
                }
                let node = &mut self.nodes[n];
                node.claims += 1;
                let claim = Claim {
                    version,
                    token: self.token,
                    holder: (n, node.claims),
                    interrupted: self.began,
                };
                (node.kept_at, node.slept) = (self.now, 0);
                self.holder = Some(claim.holder);
                self.until = Some(wall + LEASE.num_seconds());
                self.began = true;
                let ready = !claim.interrupted;
                Stage::Claimed { claim, ready }
            }
        }
    }

    /// Sends a token; the platform does the request at once.
    fn send(&mut self, claim: Claim) -> Result<Stage, String> {
        let token = claim.token;
        match *self.sent(token) {
            Sent::Never | Sent::Lost => {}
            known => return Err(format!("token {token}, {known:?}, is sent again")),
        }
        *self.sent(token) = Sent::By(claim.holder);
        let answer = if self.current == Some(token) {
            self.current = Some(token + 1);
            self.current
        } else {
            // There is nothing more to lose by this token.
            self.current = None;
            *self.sent(token) = Sent::Lost;
            None
        };
        Ok(Stage::Asked { claim, answer })
    }

    /// Time passes. Nodes that live keep what they hold.
    fn pass(&self, by: i64) -> Self {
        let mut to = self.clone();
        if to.database {
            // Sooner than in so long a time, nodes that live are seen to.
            for n in 0..to.nodes.len() {
                to.listen(n);
            }
        }
        to.now += by;
        to.nodes.iter_mut().for_each(|node| {
            if node.life == Life::Asleep {
                node.slept += by;
            }
        });
        for n in 0..to.nodes.len() {
            match (to.nodes[n].life, to.nodes[n].stage) {
                (Life::Lives, Stage::Kept) if to.database => {
                    if let Some((claim, _)) = to.nodes[n].file {
                        to.keep(n, claim);
                    }
                }
                (
                    Life::Lives,
                    Stage::Claimed { claim, .. }
                    | Stage::Asked { claim, .. }
                    | Stage::InHand { claim, .. },
                ) if to.database => {
                    to.keep(n, claim);
                }
                _ => {}
            }
        }
        to
    }

    /// The same state, without what makes no difference any more: times are counted from now on.
    fn settled(mut self) -> Self {
        let now = std::mem::take(&mut self.now);
        self.until = self.until.map(|until| (until - now).max(-1));
        for (n, node) in self.nodes.iter_mut().enumerate() {
            node.unsure = (node.unsure - now).max(0);
            let since = |at: i64| at - now;
            let watched = node
                .watched
                .filter(|(_, _, last)| seconds(now - last) <= deciding::GAP);
            node.watched = watched.map(|(holder, first, last)| (holder, since(first), since(last)));
            (node.kept_at, node.slept) = match node.stage {
                Stage::Claimed { .. } => (since(node.kept_at), node.slept),
                _ => (0, 0),
            };
            let is_of = |holder: Holder| holder.0 == n;
            let is_known = self.holder.is_some_and(is_of)
                || self
                    .sent
                    .iter()
                    .any(|sent| matches!(sent, Sent::By(holder) if is_of(*holder)))
                || node.file.is_some();
            if node.stage == Stage::Idle && !is_known {
                node.claims = 0;
            }
        }
        let mut nodes = std::mem::take(&mut self.nodes);
        for node in &mut nodes {
            node.watched = node
                .watched
                .filter(|(holder, ..)| self.holder == Some(*holder));
        }
        self.nodes = nodes;
        self
    }

    fn outage(&self) -> Self {
        let mut to = self.clone();
        to.database = false;
        for n in 0..to.nodes.len() {
            to.nodes[n].session = false;
            if to.nodes[n].life == Life::Frozen {
                to.lose_as_declared(n);
            }
        }
        to
    }

    fn recovery(&self) -> Self {
        let mut to = self.clone();
        to.database = true;
        to
    }

    /// The node listens to the database again.
    fn listen(&mut self, n: usize) {
        let node = &mut self.nodes[n];
        if node.life == Life::Lives && !node.session {
            node.session = true;
            node.unsure = self.now + deciding::CUT_OFF.as_secs().cast_signed();
        }
    }

    /// A node's life is another.
    fn becomes(&self, n: usize, life: Life) -> Self {
        let mut to = self.clone();
        let node = &mut to.nodes[n];
        let before = std::mem::replace(&mut node.life, life);
        match life {
            Life::Lives if before == Life::Dead => {
                node.session = to.database;
                node.unsure = to.now + deciding::STARTED.as_secs().cast_signed();
            }
            Life::Lives => {}
            Life::Frozen => {
                if !node.session {
                    to.lose_as_declared(n);
                }
            }
            Life::Asleep => {
                node.session = false;
                // The connection to the platform breaks with the others.
                if let Stage::Asked { .. } = node.stage {
                    node.stage = Stage::Idle;
                }
                to.lose_as_declared(n);
            }
            Life::Dead => {
                node.session = false;
                node.watched = None;
                let is_kept = node.file.is_some();
                node.stage = Stage::Idle;
                if !is_kept {
                    to.lose(n);
                }
            }
        }
        to
    }

    /// The answer is lost on its way; or the request was, and the platform knows nothing of it.
    fn lost_on_the_way(&self, n: usize, claim: Claim, arrived: bool) -> Self {
        let mut to = self.clone();
        to.lose(n);
        to.nodes[n].stage = Stage::Idle;
        if !arrived {
            to.current = Some(claim.token);
        }
        if to.database && to.holder == Some(claim.holder) {
            (to.holder, to.until) = (None, None);
        }
        to
    }
}

fn seconds(number: i64) -> Duration {
    Duration::from_secs(u64::try_from(number).unwrap_or_default())
}
