//! Grants that are let go while the answer to their last renewal can't be read.

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};
use store::model::GrantState;

use super::held_grants::{grants, states_are};
use crate::harness::hostile::{Asked, Hostile, Play, Reply, hostile_story};
use crate::harness::{Node, World};

const UNREAD: &str = "the answer to its last renewal could not be read";

/// A renewal's answer with everything in a member that the manifest doesn't know.
fn wrapped(asked: &Asked, reply: Reply) -> Reply {
    if asked.is_renewal() && reply.status == 200 {
        let whole = reply.value();
        return reply.body(json!({ "data": whole }).to_string());
    }
    reply
}

/// Revocations take the newest refresh token alone, and say 200 of whatever they are sent (RFC 7009 § 2.2).
fn strict(stage: &Hostile) {
    stage
        .tenant()
        .shape(|shape| shape.spent_tokens_revoke = false);
}

fn path_of(ids: &(String, String)) -> String {
    format!("/companies/{}/connections/{}", ids.0, ids.1)
}

/// Waits until the tokens before the answer were given back, and the grant waits for it.
async fn until_it_waits(world: &World, ids: &(String, String)) -> Value {
    world
        .until("the grant waits for its answer", || async {
            let held = grants(world, &ids.0, &ids.1).await;
            let said = held[0]["answer"]["error"].as_str().unwrap_or_default();
            said.starts_with(UNREAD).then(|| held[0].clone())
        })
        .await
}

hostile_story!(
    the_tokens_of_an_answer_that_could_not_be_read_are_given_back_once_it_can,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        strict(&stage);
        let ids = stage.synced("a-1").await;
        tenant.dress("token", wrapped);
        world.pass(TimeDelta::minutes(31));
        assert!(stage.access(&ids).await.is_err());
        world.disconnect(&path_of(&ids)).await;
        let held = until_it_waits(world, &ids).await;
        assert_eq!(held["state"], "beingGivenBack");
        let told = held["description"].as_str().unwrap();
        assert!(told.starts_with("Access may still be there"), "{told}");
        assert!(held["remedy"].is_string(), "{held}");
        assert_eq!(tenant.living(), ["a-1"], "its newest token wasn't sent");
        let asked = tenant.asked("revoke").len();
        let id = held["id"].as_str().unwrap().parse().unwrap();
        let row = store::held::find(&world.app.db, id).await.unwrap().unwrap();
        assert!(row.access_token.is_none() && row.refresh_token.is_none());

        // A corrected manifest, read by a program that starts anew.
        let corrected = Play {
            auth: "revoke_url = \"${host}/revoke\"\ntoken_answer = \"data\"",
            ..Play::of("odda")
        };
        corrected.write(&stage.folder.path().join("odda"));
        world.stop_platform().await;
        let node = Node::on_database_of(world).await;
        world.pass(TimeDelta::hours(7));
        node.app.work.notify_one();
        world
            .until("the grant has ended", || async {
                tenant.living().is_empty().then_some(())
            })
            .await;
        world
            .until("its end is on record", || async {
                let row = store::held::find(&node.app.db, id).await.unwrap().unwrap();
                let shredded = row.unread_answer.is_none() && row.refresh_token.is_none();
                (row.state == GrantState::GivenBack && shredded).then_some(())
            })
            .await;
        assert!(tenant.asked("revoke").len() > asked);
        node.stop().await;
    }
);

hostile_story!(
    an_answer_that_is_never_understood_is_told_in_the_end_with_what_the_owner_can_do,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        strict(&stage);
        // One that is let go while its renewal is under way, one that waits, one in whose place a newer one comes.
        let under_way = stage.synced("a-1").await;
        let waiting = stage.synced("a-2").await;
        let replaced = stage.synced("a-3").await;
        tenant.dress("token", wrapped);
        world.pass(TimeDelta::minutes(31));
        for ids in [&waiting, &replaced] {
            assert!(stage.access(ids).await.is_err());
        }
        let mut hold = tenant.hold("token");
        let renewal = {
            let (stage, ids) = (std::sync::Arc::clone(&stage), under_way.clone());
            tokio::spawn(async move { stage.access(&ids).await.is_err() })
        };
        hold.arrived().await;
        for ids in [&under_way, &waiting] {
            world.disconnect(&path_of(ids)).await;
        }
        hold.release();
        assert!(renewal.await.unwrap());
        let again = stage.come_back(&replaced, "a-3").await;
        assert!(again.header("location").unwrap().contains("status=200"));
        for ids in [&under_way, &waiting] {
            until_it_waits(world, ids).await;
        }
        world
            .until("the earlier one waits", || async {
                let held = grants(world, &replaced.0, &replaced.1).await;
                let said = held[1]["description"].as_str().unwrap();
                said.starts_with("The earlier access may still be there")
                    .then_some(())
            })
            .await;
        tenant.unsteer();
        let asked = tenant.asked("revoke").len();
        // What can't be read isn't asked for again and again.
        for _ in 0..10 {
            world.pass(TimeDelta::hours(7));
            world.app.work.notify_one();
        }
        assert_eq!(tenant.living(), ["a-1", "a-2", "a-3", "a-3"]);
        world.pass(TimeDelta::days(90));
        for ids in [&under_way, &waiting] {
            let held = states_are(world, (&ids.0, &ids.1), &["refused"]).await;
            let told = held[0]["description"].as_str().unwrap();
            assert!(
                told.starts_with("Access was not taken back by Quayside odda: the answer to its last renewal could not be read"),
                "{told}"
            );
            assert!(told.contains("by the person who gave it"), "{told}");
        }
        let earlier = world
            .until("the earlier one is told", || async {
                let held = grants(world, &replaced.0, &replaced.1).await;
                (held[1]["state"] == "refused").then(|| held[1].clone())
            })
            .await;
        assert_eq!(earlier["reason"], "superseded");
        assert_eq!(tenant.asked("revoke").len(), asked);
        // Its owner ends them at the platform.
        for ids in [&under_way, &waiting, &replaced] {
            world.client(Method::DELETE, &path_of(ids), None).await.ok();
        }
        for account in ["a-1", "a-2", "a-3"] {
            tenant.withdraw(account);
        }
        world.assert_grants_match().await;
    }
);
