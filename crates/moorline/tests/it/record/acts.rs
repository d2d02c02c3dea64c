//! Acts of administration: each on record with the key that did it, what was before and what is after.

use chrono::TimeDelta;
use egress::Secret;
use http::Method;
use platform::credentials::oauth_clients;
use platform::work;
use serde_json::{Value, json};

use crate::harness::{World, story};

const BUSINESS: &str = "lindqvist-snickeri";

/// The newest entry of a kind.
async fn newest(world: &World, kind: &str) -> Value {
    let listed = world.get(&format!("/audit?kind={kind}")).await.ok();
    listed["results"][0].clone()
}

async fn number(world: &World, query: &str) -> i64 {
    let listed = world.get(&format!("/audit?{query}")).await.ok();
    listed["totalResults"].as_i64().unwrap()
}

story!(
    a_profile_that_lost_its_redirect_shows_the_key_that_did_it,
    |world| async move {
        let made = world
            .post("/apiKeys", json!({ "name": "intern" }))
            .await
            .ok();
        let intern = made["apiKey"].as_str().unwrap();
        let first = newest(&world, "key.created").await;
        assert_eq!(first["details"]["target"]["name"], "intern");
        assert_eq!(first["apiKeyName"], "first", "made with the first key");
        assert!(!first.to_string().contains(intern));

        let profile =
            json!({ "name": "Harbour Lending", "redirectUrl": "https://app.example/done" });
        world
            .client(Method::PUT, "/profile", Some(profile))
            .await
            .ok();
        let name_alone = Some(json!({ "name": "Harbour Lending", "logoUrl": null }));
        let kept = world.client(Method::PUT, "/profile", name_alone).await;
        assert_eq!(kept.ok()["redirectUrl"], "https://app.example/done");
        let wiped = Some(json!({ "name": "Harbour Lending", "redirectUrl": "" }));
        world
            .with_key(intern, Method::PUT, "/profile", wiped.clone())
            .await
            .ok();
        let entry = newest(&world, "profile").await;
        assert_eq!(entry["apiKeyId"], made["id"]);
        assert_eq!(entry["apiKeyName"], "intern");
        assert_eq!(entry["actor"], "client");
        assert_eq!(
            entry["details"]["before"],
            json!({ "redirectUrl": "https://app.example/done" })
        );
        assert_eq!(entry["details"]["after"], json!({ "redirectUrl": null }));
        assert_eq!(entry["details"]["by"]["address"], "127.0.0.1");
        let id = made["id"].as_str().unwrap();
        assert_eq!(number(&world, &format!("apiKeyId={id}")).await, 1);

        // What isn't given stays, and nothing changed is nothing to tell.
        let before = number(&world, "kind=profile").await;
        world.client(Method::PUT, "/profile", wiped).await.ok();
        let name_alone = Some(json!({ "name": "Harbour Lending" }));
        world.client(Method::PUT, "/profile", name_alone).await.ok();
        assert_eq!(number(&world, "kind=profile").await, before);

        world
            .client(Method::DELETE, &format!("/apiKeys/{id}"), None)
            .await
            .ok();
        let gone = newest(&world, "key.deleted").await;
        assert_eq!(gone["details"]["target"]["apiKeyId"], made["id"]);
    }
);

story!(
    every_setting_that_is_changed_leaves_an_entry,
    |world| async move {
        let client = world.first_client().await;
        let company = world.company("merchant-42").await;
        world
            .post(
                "/corsSettings",
                json!({ "allowedOrigins": ["https://app.example"] }),
            )
            .await
            .ok();
        let setting = json!({
            "settings": [{ "dataType": "invoices", "fetchOnFirstLink": true, "syncSchedule": 24, "syncOrder": 4 }],
            "overridesDefaults": true,
        });
        world
            .post("/profile/syncSettings", setting.clone())
            .await
            .ok();
        world
            .post(&format!("/companies/{company}/syncSettings"), setting)
            .await
            .ok();
        let product = format!("/companies/{company}/products/accounting");
        world.client(Method::PUT, &product, None).await.ok();
        let hook = json!({ "url": "https://hooks.example/in?token=hidden", "eventTypes": ["company.created"] });
        let hook = world.post("/webhooks", hook).await.ok();
        let hook = format!("/webhooks/{}", hook["id"].as_str().unwrap());
        let changed = Some(json!({ "disabled": true }));
        world.client(Method::PATCH, &hook, changed).await.ok();
        world
            .post(&format!("{hook}/secret/rotate"), json!({}))
            .await
            .ok();
        world.client(Method::DELETE, &hook, None).await.ok();
        world
            .post("/webhooks/integrationKeys/zapier", json!({}))
            .await
            .ok();
        let secret = Secret::new("another secret of the sandbox");
        oauth_clients::configure(&world.app, client, "mqjo", "moorline-2", Some(&secret))
            .await
            .unwrap();
        let retention = Some(json!({ "recordDays": 400, "eventDays": null }));
        world
            .client(Method::PUT, "/profile/retention", retention)
            .await
            .ok();
        world
            .client(Method::DELETE, &format!("/companies/{company}"), None)
            .await
            .ok();
        for kind in [
            "cors.changed",
            "syncSettings.changed",
            "products.changed",
            "webhook.created",
            "webhook.changed",
            "webhook.secretRotated",
            "webhook.deleted",
            "key.replaced",
            "integration.changed",
            "retention.changed",
            "company.deleted",
        ] {
            assert!(number(&world, &format!("kind={kind}")).await > 0, "{kind}");
        }
        assert_eq!(number(&world, "kind=syncSettings").await, 2);
        let query = format!("kind=syncSettings&companyId={company}");
        assert_eq!(number(&world, &query).await, 1);
        let integration = newest(&world, "integration").await;
        let (before, after) = (
            &integration["details"]["before"],
            &integration["details"]["after"],
        );
        assert_eq!(after["oauthClientId"], "moorline-2");
        let fingerprint = "oauthClientSecretFingerprint";
        assert_ne!(before[fingerprint], after[fingerprint]);
        let all = world.get("/audit?pageSize=1000").await.text();
        assert!(
            !all.contains("secret of the sandbox") && !all.contains("hidden"),
            "{all}"
        );

        for (query, words) in [
            ("kind=kitchen", "Valid values: consent.given"),
            ("actor=somebody", "Valid values: customer, client"),
            ("apiKeyId=1", "apiKeyId must be a UUID"),
        ] {
            let told = world.get(&format!("/audit?{query}")).await.refused(400);
            assert!(told.contains(words), "{told}");
        }
    }
);

story!(
    a_push_is_on_record_with_its_target_and_without_its_content,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let path = format!("/companies/{company}/connections/{connection}/push/customers");
        let body =
            json!({ "customerName": "A name that is not for the record", "status": "Active" });
        let push = world.post(&path, body).await.ok();
        let entry = newest(&world, "push").await;
        assert_eq!(
            entry["details"]["target"]["pushOperationKey"],
            push["pushOperationKey"]
        );
        assert_eq!(entry["details"]["target"]["dataType"], "customers");
        assert_eq!(entry["connectionId"], json!(connection));
        assert!(!entry.to_string().contains("not for the record"));
        let found = format!(
            "/companies/{company}/push/{}",
            push["pushOperationKey"].as_str().unwrap()
        );
        world
            .until("the push has ended", async || {
                let push = world.get(&found).await.ok();
                (push["status"] != "Pending").then_some(())
            })
            .await;
    }
);

story!(
    reads_of_a_companys_data_are_summed_for_a_key_and_a_day,
    |world| async move {
        let (company, _) = world.synced("mqjo", BUSINESS).await;
        let made = world
            .post("/apiKeys", json!({ "name": "reports" }))
            .await
            .ok();
        let key = made["apiKey"].as_str().unwrap();
        let invoices = format!("/companies/{company}/data/invoices");
        for _ in 0..3 {
            world.with_key(key, Method::GET, &invoices, None).await.ok();
        }
        let customers = format!("/companies/{company}/data/customers");
        world
            .with_key(key, Method::GET, &customers, None)
            .await
            .ok();
        world.get(&customers).await.ok();
        // A refusal gives nothing away.
        world
            .with_key(key, Method::GET, &format!("{invoices}/nothing"), None)
            .await
            .refused(404);
        work::chores_once(&world.app).await.unwrap();
        assert_eq!(
            number(&world, "kind=data.read").await,
            0,
            "the day isn't over"
        );
        world.pass(TimeDelta::days(1));
        work::chores_once(&world.app).await.unwrap();
        work::chores_once(&world.app).await.unwrap();
        assert_eq!(number(&world, "kind=data.read").await, 2);
        let query = format!(
            "/audit?kind=data.read&apiKeyId={}",
            made["id"].as_str().unwrap()
        );
        let entry = world.get(&query).await.ok()["results"][0].clone();
        assert_eq!(entry["companyId"], json!(company));
        assert_eq!(entry["apiKeyName"], "reports");
        assert_eq!(entry["details"]["day"], "2026-06-15");
        assert_eq!(
            entry["details"]["reads"],
            json!({ "customers": 1, "invoices": 3 })
        );
    }
);
