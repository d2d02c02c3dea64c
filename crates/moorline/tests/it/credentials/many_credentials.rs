//! Many credentials of a platform that is down beside many of one that isn't, on several nodes.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use platform::work::chores_once;

use crate::harness::Node;
use crate::harness::hostile::{Hostile, Play, Reply, hostile_story};

const DEAD: usize = 55;
const LIVING: usize = 44;

/// The times of the renewals that a tenant was asked for, by account.
fn renewals(stage: &Hostile, key: &str) -> BTreeMap<String, Vec<DateTime<Utc>>> {
    let mut by_account: BTreeMap<String, Vec<DateTime<Utc>>> = BTreeMap::new();
    for asked in stage.tenants[key].asked("token") {
        if asked.is_renewal() {
            let account = asked.account.expect("a known token");
            by_account.entry(account).or_default().push(asked.at);
        }
    }
    by_account
}

hostile_story!(
    dead_credentials_of_one_platform_keep_no_others_from_being_renewed,
    [Play::of("odda"), Play::of("oddb")],
    |stage| async move {
        let world = &stage.world;
        let dead = stage.brought("odda", DEAD).await;
        stage.brought("oddb", LIVING).await;
        stage.tenants["odda"].instead("token", |_| Some(Reply::refusal(503, "down")));
        // SQLite is one process's.
        let further = match world.app.config.database_url.starts_with("postgres") {
            true => 3,
            false => 0,
        };
        let mut nodes = Vec::new();
        for _ in 0..further {
            nodes.push(Node::on_database_of(world).await);
        }
        let apps: Vec<_> = nodes
            .iter()
            .map(|node| &node.app)
            .chain([&world.app])
            .collect();
        let began = world.clock.now();
        // From well before the tokens' end to well after, and not to their second.
        world.pass(TimeDelta::minutes(26));
        for _ in 0..48 {
            let rounds = join_all(apps.iter().map(|app| chores_once(app))).await;
            for round in rounds {
                round.unwrap();
            }
            world.pass(TimeDelta::seconds(30));
        }
        let end = began + TimeDelta::minutes(30);
        let living = renewals(&stage, "oddb");
        assert_eq!(living.len(), LIVING);
        for (account, times) in &living {
            assert!(times[0] < end, "{account} was renewed at {times:?}");
            assert_eq!(times.len(), 1, "{account} was renewed at {times:?}");
        }
        // Those that had asked before the first answer came, and one at the end of each pause: 10 s, doubled up to 15 minutes.
        let asked: Vec<_> = renewals(&stage, "odda").into_values().flatten().collect();
        let at_first = 4 * apps.len();
        assert!(
            asked.len() <= at_first + 9,
            "{} requests to a platform that is down: {asked:?}",
            asked.len()
        );
        assert!(asked.len() >= 5, "{asked:?}");
        let mut probes: Vec<_> = asked;
        probes.sort();
        probes.dedup();
        for (before, after) in probes.iter().zip(&probes[1..]) {
            assert!(*after - *before >= TimeDelta::seconds(10), "{probes:?}");
        }
        for ids in &dead {
            assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
        }
        // It comes back, and all of them with it, each by one request.
        let before = stage.tenants["odda"].unsteer();
        world.pass(TimeDelta::minutes(19));
        world
            .until("all were renewed", || async {
                let rounds = join_all(apps.iter().map(|app| chores_once(app))).await;
                for round in rounds {
                    round.unwrap();
                }
                world.pass(TimeDelta::seconds(5));
                (stage.tenants["odda"].renewals() - before >= DEAD).then_some(())
            })
            .await;
        for ids in &dead {
            stage.access(ids).await.unwrap();
        }
        assert_eq!(stage.tenants["odda"].renewals() - before, DEAD);
        for node in nodes {
            node.stop().await;
        }
        world.assert_grants_match().await;
    }
);
