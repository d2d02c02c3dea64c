//! No token is lost or leaked.

use chrono::TimeDelta;
use http::Method;
use serde_json::json;

use crate::harness::{World, story};

async fn token_calls(world: &World, grant: &str) -> i64 {
    let calls = world.provider(Method::GET, "calls", None).await;
    calls["token"][grant]["received"].as_i64().unwrap_or(0)
}

story!(
    tokens_are_sealed_before_they_are_stored_and_deleted_at_the_end,
    |world| async move {
        let (company, connection) = world.synced("mqjo", "lindqvist-snickeri").await;
        let id = connection.parse().unwrap();
        let row = store::connections::find(&world.app.db, id)
            .await
            .unwrap()
            .unwrap();
        let token = platform::credentials::access(&world.app, &row)
            .await
            .unwrap()
            .secret
            .expose()
            .to_owned();
        let everything = world.everything().await;
        assert!(everything.contains("credential: "), "there is a credential");
        assert!(!everything.contains(&token) && !everything.contains("a secret of the sandbox"));
        if let Some(bytes) = world.database_files() {
            let hits = |needle: &str| {
                bytes
                    .windows(needle.len())
                    .filter(|window| *window == needle.as_bytes())
                    .count()
            };
            assert_eq!((hits(&token), hits("a secret of the sandbox")), (0, 0));
            assert!(
                hits("lindqvist-snickeri") + hits("merchant-42") > 0,
                "the search finds what is there"
            );
        }
        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        assert!(
            !world.everything().await.contains("credential: "),
            "the tokens are gone"
        );
        world.assert_grants_match().await;
    }
);

story!(
    eight_callers_at_expiry_make_one_refresh,
    |world| async move {
        let (_, connection) = world.synced("aiwb", "lindqvist-snickeri").await;
        world
            .fault(json!({ "kind": "token_delay", "delay_ms": 300 }))
            .await;
        world.pass(TimeDelta::minutes(31));
        let before = token_calls(&world, "refresh_token").await;
        let row = store::connections::find(&world.app.db, connection.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        let callers: Vec<_> = (0..8)
            .map(|_| {
                let (world, row) = (std::sync::Arc::clone(&world), row.clone());
                tokio::spawn(async move {
                    platform::credentials::access(&world.app, &row)
                        .await
                        .unwrap()
                        .secret
                        .expose()
                        .to_owned()
                })
            })
            .collect();
        let mut tokens = Vec::new();
        for caller in callers {
            tokens.push(caller.await.unwrap());
        }
        tokens.dedup();
        assert_eq!(tokens.len(), 1, "all have the same token");
        assert_eq!(token_calls(&world, "refresh_token").await - before, 1);
        world.assert_grants_match().await;
    }
);

story!(
    a_short_lived_token_is_used_for_half_its_life_and_then_renewed_once,
    |world| async move {
        let short = json!({ "access_token_ttl_seconds": 40 });
        world.provider(Method::PATCH, "settings", Some(short)).await;
        let (_, connection) = world.synced("aiwb", "lindqvist-snickeri").await;
        let connection = store::connections::find(&world.app.db, connection.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        let renewals = async |seconds| {
            let before = token_calls(&world, "refresh_token").await;
            world.pass(TimeDelta::seconds(seconds));
            platform::credentials::access(&world.app, &connection)
                .await
                .unwrap();
            token_calls(&world, "refresh_token").await - before
        };
        assert_eq!(renewals(19).await, 0);
        assert_eq!(renewals(2).await, 1);
        assert_eq!(renewals(0).await, 0);
        world.assert_grants_match().await;
    }
);

story!(
    a_lost_refresh_answer_ends_in_a_reported_error,
    |world| async move {
        // The sandbox revokes a grant whose spent refresh token comes again, so a lost answer can't be mended: it must be reported.
        let (company, connection) = world.synced("qhnd", "lindqvist-snickeri").await;
        world.fault(json!({ "kind": "token_answer_lost" })).await;
        world.pass(TimeDelta::minutes(31));
        let row = store::connections::find(&world.app.db, connection.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        for _ in 0..2 {
            assert!(
                platform::credentials::access(&world.app, &row)
                    .await
                    .is_err()
            );
            world.pass(TimeDelta::minutes(1));
        }
        assert_eq!(world.status_of(&company, &connection).await, "Deauthorized");
        let shown = world
            .get(&format!("/companies/{company}/connections/{connection}"))
            .await
            .ok();
        let error = &shown["dataConnectionErrors"][0];
        assert_eq!(
            (&error["statusCode"], &error["status"]),
            (&json!("500"), &json!("Active")),
            "{shown}"
        );
        let message = error["errorMessage"].as_str().unwrap();
        assert!(message.contains("after an interruption"), "{message}");
        world.assert_grants_match().await;
    }
);

story!(
    a_lost_refresh_answer_is_recovered_if_the_platform_has_a_grace_period,
    |world| async move {
        world
            .provider(
                Method::PATCH,
                "settings",
                Some(json!({ "refresh_reuse_grace_seconds": 1800 })),
            )
            .await;
        let (company, connection) = world.synced("qhnd", "lindqvist-snickeri").await;
        world.fault(json!({ "kind": "token_answer_lost" })).await;
        world.pass(TimeDelta::minutes(31));
        let row = store::connections::find(&world.app.db, connection.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        assert!(
            platform::credentials::access(&world.app, &row)
                .await
                .is_err()
        );
        world.pass(TimeDelta::minutes(1));
        platform::credentials::access(&world.app, &row)
            .await
            .unwrap();
        assert_eq!(world.status_of(&company, &connection).await, "Linked");
        world.assert_grants_match().await;
    }
);

story!(
    a_one_time_link_works_once_and_reading_it_does_not_spend_it,
    |world| async move {
        let company = world.company("merchant-9").await;
        let connection = world.connection(&company, "aiwb").await;
        let link = connection["linkUrl"].as_str().unwrap().to_owned();
        for _ in 0..50 {
            // A mail scanner looks.
            assert_eq!(world.customer().open(&link).await.status, 200);
        }
        let mut customer = world.customer();
        customer.set_out(&link).await;
        let page = world.customer().open(&link).await;
        assert!(page.status.is_client_error(), "{}", page.text());
        // A day later a fresh one has expired too.
        let fresh = world
            .get(&format!(
                "/companies/{company}/connections/{}",
                connection["id"].as_str().unwrap()
            ))
            .await
            .ok();
        world.pass(TimeDelta::hours(24));
        assert!(
            world
                .customer()
                .open(fresh["linkUrl"].as_str().unwrap())
                .await
                .status
                .is_client_error()
        );
    }
);

story!(
    a_callback_makes_one_token_request_and_only_in_its_own_browser,
    |world| async move {
        let company = world.company("merchant-10").await;
        let connection = world.connection(&company, "aiwb").await;
        let mut customer = world.customer();
        let authorization = customer
            .set_out(connection["linkUrl"].as_str().unwrap())
            .await;
        let callback = customer
            .consent(&authorization, json!({ "business": "lindqvist-snickeri" }))
            .await;
        let calls = || token_calls(&world, "authorization_code");
        // Another browser, and a forged state.
        assert!(
            world
                .customer()
                .open(&callback)
                .await
                .status
                .is_client_error()
        );
        let state = url::Url::parse(&callback)
            .unwrap()
            .query_pairs()
            .find(|(name, _)| name == "state")
            .unwrap()
            .1
            .into_owned();
        let forged = callback.replace(&state, "x".repeat(state.len()).as_str());
        assert!(customer.open(&forged).await.status.is_client_error());
        assert_eq!(calls().await, 0);
        // A hundred at once: one is taken, and all of them are shown how it ended.
        let cookies = customer.cookies.clone();
        let attempts: Vec<_> = (0..100)
            .map(|_| {
                let (world, callback, cookies) = (
                    std::sync::Arc::clone(&world),
                    callback.clone(),
                    cookies.clone(),
                );
                tokio::spawn(async move {
                    let mut customer = world.customer();
                    customer.cookies = cookies;
                    customer.open(&callback).await
                })
            })
            .collect();
        for attempt in attempts {
            let answer = attempt.await.unwrap();
            assert_eq!(answer.status, 303, "{}", answer.text());
            let result = answer.header("location").unwrap();
            assert!(result.contains("/result?status=200&ticket="), "{result}");
        }
        assert_eq!(calls().await, 1);
        world.assert_grants_match().await;
    }
);

story!(
    a_callback_from_another_issuer_makes_no_token_request,
    |world| async move {
        let company = world.company("merchant-11").await;
        let connection = world.connection(&company, "aiwb").await;
        let mut customer = world.customer();
        let authorization = customer
            .set_out(connection["linkUrl"].as_str().unwrap())
            .await;
        let answer = json!({ "business": "lindqvist-snickeri" });
        let callback = customer.consent(&authorization, answer).await;
        let mut url = url::Url::parse(&callback).unwrap();
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .into_owned()
            .map(|(name, value)| match name.as_str() {
                "iss" => (name, "https://evil.example".to_owned()),
                _ => (name, value),
            })
            .collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        assert_eq!(customer.open(url.as_str()).await.status, 303);
        assert_eq!(token_calls(&world, "authorization_code").await, 0);
        let id = connection["id"].as_str().unwrap();
        let shown = world
            .get(&format!("/companies/{company}/connections/{id}"))
            .await
            .ok();
        assert_eq!(shown["status"], "PendingAuth");
        let message = shown["dataConnectionErrors"][0]["errorMessage"]
            .as_str()
            .unwrap();
        assert!(
            message.contains("another authorization server"),
            "{message}"
        );
        world.assert_grants_match().await;
    }
);
