//! The explorer: everything that can happen next in a state, and every schedule up to a bound.

use super::*;

impl State {
    /// Everything that can happen next.
    fn next(&self, rules: Rules, bound: Bound) -> Vec<(String, Step)> {
        let mut all: Vec<(String, Step)> = Vec::new();
        let is_done = self.over || self.version > i64::from(bound.renewals);
        for (n, node) in self.nodes.iter().enumerate() {
            let is_idle = node.stage == Stage::Idle && node.file.is_none();
            if node.life == Life::Lives && !(is_idle && is_done) {
                all.push((
                    format!("{n} goes on from {:?}", node.stage),
                    self.step(rules, n),
                ));
            }
            if node.life == Life::Lives && self.database && !node.session {
                let mut to = self.clone();
                to.listen(n);
                all.push((format!("{n} listens"), Ok(to)));
            }
            match node.life {
                Life::Frozen | Life::Asleep => {
                    all.push((format!("{n} wakes"), Ok(self.becomes(n, Life::Lives))));
                }
                Life::Dead if self.database => {
                    let started = self.becomes(n, Life::Lives);
                    // It looks into its file before anything else.
                    let started = match started.nodes[n].file {
                        Some(_) => started.step(rules, n),
                        None => Ok(started),
                    };
                    all.push((format!("{n} starts"), started));
                }
                _ => {}
            }
            if self.faults == 0 || is_done {
                continue;
            }
            if node.life != Life::Dead {
                all.push((format!("{n} is killed"), Ok(self.becomes(n, Life::Dead))));
            }
            if node.life == Life::Lives {
                all.push((format!("{n} freezes"), Ok(self.becomes(n, Life::Frozen))));
                all.push((
                    format!("{n} falls asleep"),
                    Ok(self.becomes(n, Life::Asleep)),
                ));
                if let Stage::Asked { claim, answer } = node.stage {
                    let answered = self.lost_on_the_way(n, claim, true);
                    all.push((format!("the answer to {n} is lost"), Ok(answered)));
                    if answer.is_some() {
                        let unasked = self.lost_on_the_way(n, claim, false);
                        all.push((format!("the request of {n} is lost"), Ok(unasked)));
                    }
                }
            }
        }
        let faults = self.faults;
        for (what, to) in &mut all {
            let is_fault = ["killed", "freezes", "asleep", "lost"];
            if is_fault.iter().any(|word| what.ends_with(word))
                && let Ok(to) = to
            {
                to.faults = faults - 1;
            }
        }
        if !self.database {
            all.push(("the database is back".to_owned(), Ok(self.recovery())));
        } else if faults > 0 && !is_done {
            let mut away = self.outage();
            away.faults -= 1;
            all.push(("the database is lost".to_owned(), Ok(away)));
        }
        if self.waits > 0 {
            for by in [LEASE.num_seconds() + 1, 2 * FROZEN.as_secs().cast_signed()] {
                let mut later = self.pass(by);
                later.waits -= 1;
                all.push((format!("{by} seconds pass"), Ok(later)));
            }
        }
        all
    }

    /// Fails if the connection stays blocked though nothing goes wrong any more: at least one node lives, and the others stay as they are.
    fn comes_free(&self, rules: Rules, bound: Bound) -> Result<(), String> {
        if self.over || self.version > i64::from(bound.renewals) {
            return Ok(());
        }
        let mut state = self.recovery();
        let living = |state: &Self| state.nodes.iter().position(|it| it.life == Life::Lives);
        let n = living(&state).unwrap_or(0);
        state = state.becomes(n, Life::Lives);
        state.listen(n);
        let often = FROZEN.as_secs().cast_signed() / LEASE.num_seconds() + 3;
        for _ in 0..often {
            for _ in 0..8 {
                for n in 0..bound.nodes {
                    if state.nodes[n].life == Life::Lives {
                        state = state.step(rules, n)?;
                    }
                }
                if state.over || state.version > self.version {
                    return Ok(());
                }
            }
            state = state.pass(LEASE.num_seconds() + 1);
        }
        Err("the connection stays blocked".to_owned())
    }
}

/// Tries every schedule, the shortest first.
///
/// # Errors
/// What went wrong, after the steps that led there.
fn explore(rules: Rules, bound: Bound) -> Result<usize, String> {
    let first = State::first(bound);
    let mut known = HashSet::from([first.clone()]);
    // Each with the place of the one before it.
    let mut reached = vec![(first, 0, "at first".to_owned())];
    let mut at = 0;
    while at < reached.len() {
        let state = reached[at].0.clone();
        let tell = |what: &str, why: &str| {
            let mut steps = vec![format!("{what}: {why}")];
            let mut place = at;
            while place != 0 {
                steps.push(reached[place].2.clone());
                place = reached[place].1;
            }
            steps.reverse();
            steps.join("\n")
        };
        if let Err(why) = state.comes_free(rules, bound) {
            return Err(tell("in the end", &why));
        }
        let mut further = Vec::new();
        for (what, to) in state.next(rules, bound) {
            match to {
                Ok(to) => further.push((what, to.settled())),
                Err(why) => return Err(tell(&what, &why)),
            }
        }
        for (what, to) in further {
            if known.insert(to.clone()) {
                reached.push((to, at, what));
            }
        }
        at += 1;
    }
    Ok(reached.len())
}

/// Small enough for every run of the tests.
const SMALL: Bound = Bound {
    nodes: 2,
    faults: 2,
    waits: 2,
    renewals: 1,
};

/// The bound of a soak: `MOORLINE_TEST_MODEL` is set there.
const LARGE: Bound = Bound {
    nodes: 2,
    faults: 3,
    waits: 2,
    renewals: 2,
};

#[test]
fn no_schedule_spends_a_token_twice_or_loses_an_answer_or_blocks_a_connection() {
    let bound = match std::env::var_os("MOORLINE_TEST_MODEL") {
        Some(_) => LARGE,
        None => SMALL,
    };
    match explore(PRODUCT, bound) {
        Ok(states) => eprintln!("{states} states of {bound:?}"),
        Err(steps) => panic!("{steps}"),
    }
}

#[test]
fn the_model_finds_each_rule_that_is_broken() {
    let broken: [(&str, &str, Rules); 7] = [
        (
            "a lease is nobody's",
            "is sent again",
            Rules {
                claiming: |standing, seen, times, lives| {
                    let free = Standing {
                        lease_until: None,
                        ..*standing
                    };
                    deciding::claiming(&free, seen, times, lives)
                },
                ..PRODUCT
            },
        ),
        (
            "a holder that lives counts as one that died",
            "is sent again",
            Rules {
                claiming: |standing, seen, times, _| {
                    deciding::claiming(standing, seen, times, None)
                },
                ..PRODUCT
            },
        ),
        (
            "a node that was frozen sends without a look at its lease",
            "is sent again",
            Rules {
                may_send: |_| true,
                ..PRODUCT
            },
        ),
        (
            "only the holder's answer is taken",
            "is thrown away",
            Rules {
                takes: |standing, by| standing.lease_owner == Some(by.owner),
                ..PRODUCT
            },
        ),
        (
            "a node counts leases by a clock of its own",
            "stays blocked",
            Rules {
                wall: |now, node| now + if node == 1 { 200 } else { 0 },
                ..PRODUCT
            },
        ),
        (
            "the file of a process that died isn't looked into",
            "is sent again",
            Rules {
                adopts: false,
                ..PRODUCT
            },
        ),
        (
            "a holder that is there is waited for without end",
            "stays blocked",
            Rules {
                claiming: |standing, seen, times, lives| {
                    let lives = lives.map(|_| Lives {
                        seen_for: Duration::ZERO,
                    });
                    deciding::claiming(standing, seen, times, lives)
                },
                ..PRODUCT
            },
        ),
    ];
    for (what, words, rules) in broken {
        match explore(rules, SMALL) {
            Ok(states) => panic!("{what}: not found in {states} states"),
            Err(steps) => assert!(steps.ends_with(words), "{what}:\n{steps}"),
        }
    }
}
