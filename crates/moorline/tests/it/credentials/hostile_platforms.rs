//! The hostile platform itself, when it is honest.

use chrono::TimeDelta;

use crate::harness::hostile::{Hostile, Play, Reach, hostile_story};

hostile_story!(
    a_grant_is_given_renewed_and_given_back,
    [Play::of("odda")],
    |stage| async move {
        let world = &stage.world;
        let (company, connection) = stage.synced("a-1").await;
        world.assert_grants_match().await;
        assert_eq!(stage.tenant().living(), ["a-1"]);

        world.pass(TimeDelta::minutes(31));
        world.queue_pull(&company, "customers").await;
        world.settled(&company).await;
        assert_eq!(stage.tenant().renewals(), 1);
        let renewal = stage.tenant().asked("token").pop().unwrap();
        assert!(renewal.query.is_empty());
        assert!(renewal.body.starts_with("grant_type=refresh_token"));
        assert_eq!(renewal.at, world.clock.now());
        world.assert_grants_match().await;

        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        world.assert_grants_match().await;
        assert!(stage.tenant().living().is_empty());
    }
);

hostile_story!(
    a_revocation_reaches_as_far_as_the_tenant_says,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        for reach in [Reach::Token, Reach::Grant, Reach::Account] {
            tenant.shape(|shape| {
                shape.reach = reach;
                shape.rotates = false;
                shape.reuse_ends_grant = false;
            });
            let (one, two) = (stage.linked("a-1").await, stage.linked("a-1").await);
            world.assert_grants_match().await;
            let path =
                |ids: &(String, String)| format!("/companies/{}/connections/{}", ids.0, ids.1);
            world.disconnect(&path(&one)).await;
            if reach == Reach::Account {
                // The other connection's grant is gone with it, which comes out when it is renewed.
                world
                    .until("no grant lives", || async {
                        tenant.living().is_empty().then_some(())
                    })
                    .await;
                world.pass(TimeDelta::minutes(31));
                assert!(stage.access(&two).await.is_err());
            } else {
                world.assert_grants_match().await;
                assert_eq!(tenant.living(), ["a-1"]);
                world.disconnect(&path(&two)).await;
            }
            world.assert_grants_match().await;
        }
    }
);

hostile_story!(
    a_held_answer_has_had_its_effect,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.fresh().await;
        let mut held = tenant.hold("token");
        let come_back = {
            let (stage, ids) = (std::sync::Arc::clone(&stage), ids.clone());
            tokio::spawn(async move { stage.come_back(&ids, "a-1").await })
        };
        held.arrived().await;
        assert_eq!(tenant.living(), ["a-1"]);
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "PendingAuth");
        held.release();
        let answer = come_back.await.unwrap();
        let result = answer.header("location").unwrap();
        assert!(result.contains("status=200"), "{result}");
        world.assert_grants_match().await;
    }
);
