//! Tokens that a client brings in place of others that it brought before, and the same ones again.

use chrono::TimeDelta;
use http::Method;
use serde_json::Value;

use super::imported_tokens::import_body;
use crate::credentials::held_grants::{grants, states_are};
use crate::harness::hostile::{Hostile, Play, Reach, Reply, hostile_story};

const TOKEN_BY_TOKEN: Play = Play {
    auth: "revoke_url = \"${host}/revoke\"\nrevocation_reach = \"token\"",
    ..Play::of("odda")
};

async fn import(stage: &Hostile, ids: &(String, String), tokens: &Value) -> Value {
    let path = format!("/companies/{}/connections/{}/authorization", ids.0, ids.1);
    let body = Some(import_body(tokens));
    stage.world.client(Method::PUT, &path, body).await.ok()
}

hostile_story!(
    an_import_over_an_unrenewed_one_leaves_one_grant_where_tokens_are_given_back_one_by_one,
    [TOKEN_BY_TOKEN],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        tenant.shape(|shape| shape.reach = Reach::Token);
        let ids = stage.fresh().await;
        let first = tenant.authorised_elsewhere("a-1");
        import(&stage, &ids, &first).await;
        world.pass(TimeDelta::seconds(5));
        let second = tenant.authorised_elsewhere("a-1");
        assert_eq!(import(&stage, &ids, &second).await["status"], "Linked");
        let held = states_are(world, (&ids.0, &ids.1), &["inUse", "givenBack"]).await;
        assert_eq!(held[1]["reason"], "superseded");
        world.assert_grants_match().await;
        assert_eq!(
            stage.access(&ids).await.unwrap(),
            second["access_token"].as_str().unwrap()
        );
        // The same tokens with another access token are the same grant: nothing is given back.
        let before = tenant.asked("revoke").len();
        let mut same = second.clone();
        same["access_token"] = tenant.renewed_elsewhere(&second)["access_token"].clone();
        import(&stage, &ids, &same).await;
        world.assert_grants_match().await;
        assert_eq!(tenant.asked("revoke").len(), before);
    }
);

hostile_story!(
    an_import_that_may_be_of_the_same_grant_is_not_ended_with_the_one_before_it,
    [
        Play::of("odda"),
        Play {
            auth: "revoke_url = \"${host}/revoke\"\nrevocation_reach = \"account\"",
            ..Play::of("oddb")
        }
    ],
    |stage| async move {
        let world = &stage.world;
        for (key, reach) in [("odda", Reach::Grant), ("oddb", Reach::Account)] {
            let tenant = &stage.tenants[key];
            tenant.shape(|shape| shape.reach = reach);
            let ids = stage.fresh_at(key).await;
            let first = tenant.authorised_elsewhere("a-1");
            import(&stage, &ids, &first).await;
            world.pass(TimeDelta::seconds(5));
            let renewed = tenant.renewed_elsewhere(&first);
            import(&stage, &ids, &renewed).await;
            world
                .until("the old tokens wait", || async {
                    let held = grants(world, &ids.0, &ids.1).await;
                    held[1]["answer"].is_object().then_some(())
                })
                .await;
            assert_eq!(tenant.living(), ["a-1"], "{reach:?}");
            assert!(tenant.asked("revoke").is_empty(), "{reach:?}");
            world.pass(TimeDelta::minutes(31));
            stage.access(&ids).await.unwrap();
            let path = format!("/companies/{}/connections/{}", ids.0, ids.1);
            world.disconnect(&path).await;
            states_are(world, (&ids.0, &ids.1), &["givenBack", "givenBack"]).await;
        }
    }
);

hostile_story!(
    an_import_that_comes_late_again_is_not_stored_over_what_has_taken_its_place,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        // The platform is away at first: nothing was stored, and the same import is sent again.
        let ids = stage.fresh().await;
        let first = tenant.authorised_elsewhere("a-1");
        tenant.instead("me", |_| Some(Reply::refusal(503, "busy")));
        let path = format!("/companies/{}/connections/{}/authorization", ids.0, ids.1);
        let body = || Some(import_body(&first));
        world.client(Method::PUT, &path, body()).await.refused(503);
        tenant.unsteer();
        import(&stage, &ids, &first).await;
        world.pass(TimeDelta::minutes(31));
        stage.access(&ids).await.unwrap();
        // Renewed here: the token that was brought is spent, and comes once more.
        import(&stage, &ids, &first).await;
        world.pass(TimeDelta::minutes(31));
        stage.access(&ids).await.unwrap();
        assert_eq!(tenant.living(), ["a-1"]);

        // The customer signs in, and the same import comes a last time.
        let answer = stage.come_back(&ids, "a-1").await;
        assert!(answer.header("location").unwrap().contains("status=200"));
        let states = ["inUse", "givenBack"];
        states_are(world, (&ids.0, &ids.1), &states).await;
        let mut late = first.clone();
        late["access_token"] = stage.access(&ids).await.unwrap().into();
        import(&stage, &ids, &late).await;
        states_are(world, (&ids.0, &ids.1), &states).await;
        world.pass(TimeDelta::minutes(31));
        stage.access(&ids).await.unwrap();
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
        world.assert_grants_match().await;
    }
);
