//! Nodes that die or are slow in a renewal: what they held is free soon after their death, and theirs alone before.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use platform::work::chores_once;

use super::answers::OVER;
use crate::harness::Node;
use crate::harness::hostile::{Hostile, Play, Reply, access_by, hostile_story};
use crate::operating::left_grants::process_of;

/// A connection whose node died can be used again after this.
const FREE_AFTER: Duration = Duration::from_secs(30);

hostile_story!(
    a_connection_is_free_soon_after_its_node_was_killed_in_a_renewal,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        tenant.shape(|shape| shape.rotates = false);
        let ids = stage.synced("a-1").await;
        world.stop_platform().await;
        let mut process = process_of(&stage);
        // The program's clock is the machine's: the token is over, and is renewed as soon as it starts.
        let mut held = tenant.hold("token");
        process.start().await;
        held.arrived().await;
        process.kill();
        let died = Instant::now();
        held.release();
        process.start().await;
        world.queue_pull(&ids.0, "customers").await;
        world
            .until("the renewal is taken up", || async {
                (tenant.renewals() >= 2).then_some(())
            })
            .await;
        assert!(died.elapsed() < FREE_AFTER, "late: {:?}", died.elapsed());
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");

        // The same for the one that asks an endpoint that failed for all others.
        tenant.instead("token", |_| Some(Reply::refusal(503, "down")));
        process.kill();
        let asked = tenant.renewals();
        world.tamper(&[OVER]).await;
        process.start().await;
        world
            .until("the endpoint fails", || async {
                (tenant.renewals() > asked).then_some(())
            })
            .await;
        let mut held = tenant.hold("token");
        held.arrived().await;
        process.kill();
        let died = Instant::now();
        tenant.unsteer();
        held.release();
        let asked = tenant.renewals();
        process.start().await;
        world
            .until("another asks the endpoint", || async {
                (tenant.renewals() > asked).then_some(())
            })
            .await;
        // A chore's round later, if nothing needs it before.
        let late = FREE_AFTER + Duration::from_secs(15);
        assert!(died.elapsed() < late, "late: {:?}", died.elapsed());
        process.kill();
    }
);

hostile_story!(
    a_renewal_at_a_slow_endpoint_stays_its_nodes_alone,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.synced("a-1").await;
        // SQLite is one process's, and its callers share the claim as nodes do.
        let other = match world.app.config.database_url.starts_with("postgres") {
            true => Some(Node::on_database_of(world).await),
            false => None,
        };
        // Longer than a lease that nobody keeps.
        tenant.slow("token", Duration::from_secs(28));
        world.pass(TimeDelta::minutes(31));
        let second = other.as_ref().map_or(&world.app, |node| &node.app);
        let (first, second, chores) = tokio::join!(
            stage.access(&ids),
            access_by(second, &ids.1),
            chores_once(second)
        );
        assert_eq!(first.unwrap(), second.unwrap());
        chores.unwrap();
        assert_eq!(tenant.renewals(), 1);
        if let Some(node) = other {
            node.stop().await;
        }
        world.assert_grants_match().await;
    }
);
