//! Grants given back at platforms that refuse, ask for pauses or take back more than the one that is meant.

use chrono::TimeDelta;
use http::Method;
use platform::work::chores_once;
use serde_json::{Value, json};

use super::held_grants::{endings, grants, states_are, tokens_are_kept};
use crate::harness::hostile::{Hostile, Play, Reach, Reply, hostile_story};

fn path_of(ids: &(String, String)) -> String {
    format!("/companies/{}/connections/{}", ids.0, ids.1)
}

/// Waits until so many requests to give a grant back were answered and noted.
async fn noted(stage: &Hostile, ids: &(String, String), attempts: usize) -> Value {
    stage
        .world
        .until(format!("{attempts} attempts are noted"), || async {
            let held = grants(&stage.world, &ids.0, &ids.1).await;
            let found = held[0]["attempts"].as_u64().unwrap();
            (found >= attempts as u64).then(|| held[0].clone())
        })
        .await
}

const WHOLE_ACCOUNT: Play = Play {
    auth: "revoke_url = \"${host}/revoke\"\nrevocation_reach = \"account\"",
    ..Play::of("odda")
};

hostile_story!(
    a_revocation_of_the_whole_account_waits_for_its_last_connection,
    [WHOLE_ACCOUNT],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        tenant.shape(|shape| shape.reach = Reach::Account);
        let one = stage.synced("a-1").await;
        let two = stage.synced("a-1").await;
        let other = stage.synced("a-2").await;
        world.disconnect(&path_of(&one)).await;
        states_are(world, (&one.0, &one.1), &["superseded"]).await;
        assert!(tenant.asked("revoke").is_empty());
        world.pass(TimeDelta::minutes(31));
        stage.access(&two).await.unwrap();
        // A reconnection that fails after the exchange leaves the one that works alone, whenever it is known whose it was.
        tenant.instead("me", |_| Some(Reply::refusal(500, "sorry")));
        let failed = stage.come_back(&two, "a-1").await;
        let result = failed.header("location").unwrap();
        assert!(result.contains("status=500"), "{result}");
        assert_eq!(world.status_of(&two.0, &two.1).await, "Linked");
        let waiting = noted(&stage, &two, 1).await;
        assert_eq!(waiting["state"], "beingGivenBack", "{waiting}");
        tenant.unsteer();
        for _ in 0..3 {
            world.pass(TimeDelta::hours(7));
            world.app.work.notify_one();
        }
        let held = states_are(world, (&two.0, &two.1), &["superseded", "inUse"]).await;
        assert_eq!(held[0]["reason"], "linkFailed");
        assert!(tenant.asked("revoke").is_empty());
        let pulled = stage.pulled(&two, "customers").await;
        assert_eq!(pulled["status"], "Complete", "{pulled}");

        // The last connection takes everything of the account with it, and nothing of another.
        world.disconnect(&path_of(&two)).await;
        states_are(world, (&two.0, &two.1), &["givenBack", "givenBack"]).await;
        states_are(world, (&one.0, &one.1), &["givenBack"]).await;
        assert_eq!(tenant.asked("revoke").len(), 1);
        world.assert_grants_match().await;
        assert_eq!(tenant.living(), ["a-2"]);
        assert_eq!(world.status_of(&other.0, &other.1).await, "Linked");
    }
);

hostile_story!(
    a_failed_reconnection_is_given_back_alone_where_a_revocation_reaches_one_grant,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.synced("a-1").await;
        world.pass(TimeDelta::seconds(5));
        tenant.instead("me", |_| Some(Reply::refusal(500, "sorry")));
        stage.come_back(&ids, "a-1").await;
        tenant.unsteer();
        let held = states_are(world, (&ids.0, &ids.1), &["givenBack", "inUse"]).await;
        assert_eq!(held[0]["reason"], "linkFailed");
        assert_eq!(tenant.living(), ["a-1"]);
        world.pass(TimeDelta::minutes(31));
        stage.access(&ids).await.unwrap();
    }
);

hostile_story!(
    a_pause_that_a_revocation_endpoint_asks_for_is_kept_and_ninety_days_are_the_end,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.synced("a-1").await;
        tenant.instead("revoke", |_| {
            Some(Reply::refusal(503, "busy").header("retry-after", "3600"))
        });
        world.disconnect(&path_of(&ids)).await;
        let held = noted(&stage, &ids, 1).await;
        assert_eq!(held["answer"], json!({ "status": 503, "error": "busy" }));
        // Chores, workers and waking them change nothing before the hour is over.
        for _ in 0..11 {
            world.pass(TimeDelta::minutes(5));
            chores_once(&world.app).await.unwrap();
            world.app.work.notify_one();
        }
        assert_eq!(tenant.asked("revoke").len(), 1);
        world.pass(TimeDelta::minutes(6));
        noted(&stage, &ids, 2).await;
        let asked = tenant.asked("revoke");
        let pause = asked[1].at - asked[0].at;
        assert!(pause >= TimeDelta::hours(1), "{pause}");

        // No "not now" is an end, whatever its words.
        let answers = [
            Reply::refusal(400, "unsupported_token_type"),
            Reply::refusal(401, "invalid_client"),
            Reply::refusal(500, "sorry"),
            Reply::refusal(429, "slow"),
        ];
        for (at, answer) in answers.into_iter().enumerate() {
            tenant.unsteer();
            tenant.instead("revoke", move |_| Some(answer.clone()));
            world.pass(TimeDelta::days(20));
            let held = noted(&stage, &ids, 3 + at).await;
            assert_eq!(held["state"], "beingGivenBack", "{held}");
            assert!(tokens_are_kept(world, &held).await);
        }
        assert_eq!(endings(world, &ids.0, &ids.1).await, Vec::<Value>::new());
        world.pass(TimeDelta::days(10));
        let held = states_are(world, (&ids.0, &ids.1), &["refused"]).await;
        assert!(!tokens_are_kept(world, &held[0]).await);
        let asked = tenant.asked("revoke").len();
        let told = endings(world, &ids.0, &ids.1).await;
        let reason = told[0]["reason"].as_str().unwrap();
        assert!(
            reason.starts_with("Access was not taken back by Quayside odda: 429, slow."),
            "{reason}"
        );
        assert!(reason.contains("by the person who gave it"), "{reason}");
        // Told once, and no longer tried.
        tenant.unsteer();
        for _ in 0..3 {
            world.pass(TimeDelta::days(3));
            chores_once(&world.app).await.unwrap();
        }
        assert_eq!(tenant.asked("revoke").len(), asked);
        assert_eq!(endings(world, &ids.0, &ids.1).await.len(), 1);
        tenant.withdraw("a-1");
    }
);

hostile_story!(
    a_link_that_outlives_its_time_takes_no_grant_into_use_that_was_let_go,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.fresh().await;
        let mut held = tenant.hold("me");
        let come_back = {
            let (stage, ids) = (std::sync::Arc::clone(&stage), ids.clone());
            tokio::spawn(async move { stage.come_back(&ids, "a-1").await })
        };
        held.arrived().await;
        // For all that another node knows, this one died between the exchange and the commit.
        world.pass(TimeDelta::minutes(3));
        chores_once(&world.app).await.unwrap();
        let given = states_are(world, (&ids.0, &ids.1), &["givenBack"]).await;
        assert_eq!(given[0]["reason"], "interrupted");
        assert!(tenant.living().is_empty());
        held.release();
        let answer = come_back.await.unwrap();
        let result = answer.header("location").unwrap_or_default();
        assert!(!result.contains("status=200"), "{result}");
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "PendingAuth");
        // The next one is as good as any.
        let again = stage.come_back(&ids, "a-1").await;
        assert!(again.header("location").unwrap().contains("status=200"));
    }
);

hostile_story!(
    a_token_that_the_platform_does_not_know_at_once_is_no_failed_link,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.fresh().await;
        let refused = std::sync::atomic::AtomicUsize::new(0);
        tenant.instead("me", move |_| {
            let before = refused.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            (before < 2).then(Reply::unauthorized)
        });
        let answer = stage.come_back(&ids, "a-1").await;
        let result = answer.header("location").unwrap();
        assert!(result.contains("status=200"), "{result}");
        world.settled(&ids.0).await;
        world.assert_grants_match().await;

        // For as long as it doesn't, the link fails, and what it brought is given back.
        tenant.unsteer();
        tenant.instead("me", |_| Some(Reply::unauthorized()));
        let other = stage.fresh().await;
        let answer = stage.come_back(&other, "a-2").await;
        let result = answer.header("location").unwrap();
        assert!(result.contains("status=500"), "{result}");
        states_are(world, (&other.0, &other.1), &["givenBack"]).await;
        assert_eq!(tenant.living(), ["a-1"]);
        world
            .client(Method::DELETE, &path_of(&ids), None)
            .await
            .ok();
    }
);
