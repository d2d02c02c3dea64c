//! APIs that refuse a token which its token endpoint has just renewed, and refusals of grants that are not believed at once.

use chrono::TimeDelta;
use serde_json::json;

use super::token_answers::push;
use crate::harness::hostile::{Hostile, Play, Reply, hostile_story};

hostile_story!(
    one_address_that_refuses_access_fails_its_own_data_alone,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        tenant.instead("v1/suppliers", |_| Some(Reply::unauthorized()));
        tenant.instead("v1/new-customers", |_| Some(Reply::unauthorized()));
        let ids = stage.linked("a-1").await;
        let refused = stage.pulled_first(&ids, "suppliers").await;
        assert_eq!(refused["status"], "AuthError", "{refused}");
        let message = refused["errorMessage"].as_str().unwrap();
        assert!(message.contains("does not give this data"), "{message}");
        assert_eq!(stage.pulled(&ids, "customers").await["status"], "Complete");
        let written = push(&stage, &ids).await;
        assert_eq!(written["status"], "Failed", "{written}");
        assert_eq!(written["statusCode"], 401, "{written}");
        // Neither is the connection ended, nor its token renewed for each attempt.
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
        let (renewals, asked) = (tenant.renewals(), tenant.asked("v1/suppliers").len());
        assert!(renewals < asked, "{renewals} renewals for {asked} attempts");
        assert!(renewals <= 12, "{renewals}");
        world.assert_grants_match().await;

        tenant.unsteer();
        assert_eq!(stage.pulled(&ids, "suppliers").await["status"], "Complete");
        assert_eq!(push(&stage, &ids).await["status"], "Success");
        world.assert_grants_match().await;
    }
);

hostile_story!(
    access_without_a_refresh_token_outlives_one_refusal,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        tenant.shape(|shape| {
            shape.gives_refresh_tokens = false;
            shape.token_seconds = 86_400;
        });
        tenant.instead("v1/suppliers", |_| Some(Reply::unauthorized()));
        let ids = stage.linked("a-1").await;
        let refused = stage.pulled_first(&ids, "suppliers").await;
        assert_eq!(refused["status"], "AuthError", "{refused}");
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
        assert_eq!(stage.pulled(&ids, "customers").await["status"], "Complete");
        world.assert_grants_match().await;
    }
);

hostile_story!(
    access_that_is_refused_everywhere_is_over,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.synced("a-1").await;
        for path in ["v1/customers", "v1/suppliers"] {
            tenant.instead(path, |_| Some(Reply::unauthorized()));
        }
        // As long as the platform says whose account it is, the token is good for something.
        for data_type in ["customers", "suppliers"] {
            let pulled = stage.pulled(&ids, data_type).await;
            assert_eq!(pulled["status"], "AuthError", "{pulled}");
        }
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
        world.assert_grants_match().await;
        // A refusal that isn't of the token itself is none of the grant.
        for path in ["v1/customers", "me"] {
            tenant.instead(path, |_| Some(Reply::refusal(401, "no_seat")));
        }
        stage.pulled(&ids, "customers").await;
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");

        for path in ["v1/customers", "me"] {
            tenant.instead(path, |_| Some(Reply::unauthorized()));
        }
        stage.pulled(&ids, "customers").await;
        world
            .until("the connection has ended", || async {
                (world.status_of(&ids.0, &ids.1).await == "Deauthorized").then_some(())
            })
            .await;
        let shown = stage.shown(&ids).await;
        assert!(shown.to_string().contains("refuses everywhere"), "{shown}");
        tenant.withdraw("a-1");
        world.assert_grants_match().await;
    }
);

const DOUBTFUL: Play = Play {
    auth: "revoke_url = \"${host}/revoke\"\ninvalid_grant_may_pass = true",
    ..Play::of("odda")
};

hostile_story!(
    a_refusal_of_the_grant_is_believed_the_second_time_where_one_may_pass,
    [DOUBTFUL, Play::of("oddb")],
    |stage| async move {
        let world = &stage.world;
        let refuse_once = |key: &str| {
            let refused = std::sync::atomic::AtomicBool::new(false);
            stage.tenants[key].instead("token", move |asked| {
                let first =
                    asked.is_renewal() && !refused.swap(true, std::sync::atomic::Ordering::SeqCst);
                first.then(|| Reply::refusal(400, "invalid_grant"))
            });
        };
        let odd = stage.linked_at("odda", "a-1").await;
        let plain = stage.linked_at("oddb", "b-1").await;
        for ids in [&odd, &plain] {
            world.settled(&ids.0).await;
        }
        refuse_once("oddb");
        for _ in 0..2 {
            stage.tenants["odda"].unsteer();
            refuse_once("odda");
            world.pass(TimeDelta::minutes(31));
            assert!(stage.access(&odd).await.is_err());
            assert_eq!(world.status_of(&odd.0, &odd.1).await, "Linked");
            world.pass(TimeDelta::minutes(1));
            stage.access(&odd).await.unwrap();
        }
        assert!(stage.access(&plain).await.is_err());
        assert_eq!(world.status_of(&plain.0, &plain.1).await, "Deauthorized");
        stage.tenants["oddb"].withdraw("b-1");
        world.assert_grants_match().await;

        stage.tenants["odda"].withdraw("a-1");
        for status in ["Linked", "Deauthorized"] {
            world.pass(TimeDelta::minutes(31));
            assert!(stage.access(&odd).await.is_err());
            assert_eq!(world.status_of(&odd.0, &odd.1).await, status);
        }
        world.assert_grants_match().await;
    }
);

hostile_story!(
    words_of_the_platform_are_cleaned_before_anyone_sees_them,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let profile = json!({ "name": "Harbour", "redirectUrl": "https://app.harbour.example/?s={statusCode}&t={statusText}" });
        world
            .client(http::Method::PUT, "/profile", Some(profile))
            .await
            .ok();
        let words = format!(
            "<b>Gone</b>\r\n\u{202e}see https://evil.example/?x=1 \u{7}{}",
            "w".repeat(2000)
        );
        let is_clean = |text: &str| {
            assert!(text.contains("Gone"), "{text}");
            assert!(text.chars().count() < 450, "{text}");
            for bad in ["<b>", "evil", "\r", "\n", "\u{202e}", "\u{7}"] {
                assert!(!text.contains(bad), "{bad:?} in {text}");
            }
        };
        // By the redirect back, and by the token endpoint.
        for by_redirect in [true, false] {
            let ids = stage.fresh().await;
            let mut customer = world.customer();
            let authorization = stage.set_out(&mut customer, &ids).await;
            let callback = if by_redirect {
                let error = [("error", "server_error<i>"), ("error_description", &words)];
                tenant.send_back(&authorization, &error)
            } else {
                let refusal = json!({ "error": "invalid_scope", "error_description": words });
                tenant.instead("token", move |_| Some(Reply::json(400, &refusal)));
                tenant.consent(&authorization, "a-1")
            };
            let answer = customer.open(&callback).await;
            let location = url::Url::parse(answer.header("location").unwrap()).unwrap();
            let sent: std::collections::BTreeMap<_, _> =
                location.query_pairs().into_owned().collect();
            assert_eq!(sent["s"], "500");
            is_clean(&sent["t"]);
            let shown = stage.shown(&ids).await;
            is_clean(
                shown["dataConnectionErrors"][0]["errorMessage"]
                    .as_str()
                    .unwrap(),
            );
        }
        world.assert_grants_match().await;
    }
);

const WITH_WORDS: Play = Play {
    auth: "revoke_url = \"${host}/revoke\"\ncancelled = [\"seller_said_no\"]",
    ..Play::of("odda")
};

hostile_story!(
    every_word_for_a_customer_who_said_no_is_understood,
    [WITH_WORDS],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        for (word, status) in [
            ("access_denied", "403"),
            ("user_cancelled_login", "403"),
            ("user_cancelled_authorize", "403"),
            ("Cancelled", "403"),
            ("seller_said_no", "403"),
            ("server_error", "500"),
        ] {
            let ids = stage.fresh().await;
            let mut customer = world.customer();
            let authorization = stage.set_out(&mut customer, &ids).await;
            let callback = tenant.send_back(&authorization, &[("error", word)]);
            let answer = customer.open(&callback).await;
            let result = answer.header("location").unwrap();
            assert!(
                result.contains(&format!("status={status}")),
                "{word}: {result}"
            );
            assert_eq!(world.status_of(&ids.0, &ids.1).await, "PendingAuth");
        }
        world.assert_grants_match().await;
    }
);
