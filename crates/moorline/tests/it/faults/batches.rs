//! Renewals ahead of time: a handful of a node's are on their way at a time, whatever is due.

use std::time::Duration;

use chrono::TimeDelta;
use platform::work::chores_once;

use crate::harness::hostile::{Hostile, Play, hostile_story};

const OF_EACH: usize = 14;
/// A node that is killed can't tell which of these were answered.
const AT_ONCE: usize = 5;

hostile_story!(
    a_node_has_a_handful_of_renewals_on_their_way,
    [Play::of("odda"), Play::of("oddb"), Play::of("oddc")],
    |stage| async move {
        let world = &stage.world;
        for key in stage.tenants.keys() {
            stage.brought(key, OF_EACH).await;
        }
        for tenant in stage.tenants.values() {
            tenant.slow("token", Duration::from_millis(60));
        }
        world.pass(TimeDelta::seconds(29 * 60 + 10));
        let all = 3 * OF_EACH;
        let renewals = || -> usize { stage.tenants.values().map(|it| it.renewals()).sum() };
        world
            .until("all are renewed", || async {
                chores_once(&world.app).await.unwrap();
                (renewals() == all).then_some(())
            })
            .await;
        let most = stage.tenants[stage.tenants.keys().next().unwrap()].most_under_way();
        assert!((2..=AT_ONCE).contains(&most), "{most} at once");
        world.assert_grants_match().await;
    }
);
