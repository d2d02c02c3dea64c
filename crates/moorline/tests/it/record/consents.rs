//! Every consent on record: given, renewed, imported, ended, and by which party.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use crate::connecting::imported_tokens::{pending_connection, tokens_of_another_system};
use crate::harness::{Customer, World, story};

const BUSINESS: &str = "lindqvist-snickeri";

/// A company's consents, newest first.
async fn consents(world: &World, company: &str) -> Vec<Value> {
    let path = format!("/companies/{company}/consents");
    let listed = world.get(&path).await.ok();
    listed["results"].as_array().unwrap().clone()
}

fn kinds(consent: &Value) -> Vec<&str> {
    let entries = consent["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect()
}

/// Signs in at the platform through the connection's own link.
async fn authorise(world: &World, company: &str, connection: &str) {
    // Consents of one moment have no order in the list.
    world.pass(TimeDelta::minutes(1));
    let path = format!("/companies/{company}/connections/{connection}");
    let found = world.get(&path).await.ok();
    let mut customer: Customer<'_> = world.customer();
    customer
        .link(found["linkUrl"].as_str().unwrap(), BUSINESS)
        .await;
}

story!(
    a_consent_is_on_record_as_it_was_shown_and_granted,
    |world| async move {
        let (company, connection) = world.linked("mqjo", BUSINESS).await;
        let all = consents(&world, &company).await;
        let [consent] = all.as_slice() else {
            panic!("{all:?}")
        };
        assert_eq!(consent["state"], "given");
        assert_eq!(consent["connectionId"], json!(connection));
        assert_eq!(consent["platformKey"], "mqjo");
        assert_eq!(consent["business"], "Lindqvist Snickeri");
        assert_eq!(consent["given"], "2026-06-15T09:30:00Z");
        assert_eq!(consent["collectionMethod"], "hosted page");
        assert_eq!(consent["language"], "en");
        assert!(consent["disclosureVersion"].is_string());
        let scopes = |which: &str| {
            let listed = consent["scopes"][which].as_array().unwrap().iter();
            listed.map(Value::to_string).collect::<BTreeSet<_>>()
        };
        assert!(scopes("requested").contains("\"accounting.read\""));
        assert_eq!(scopes("requested"), scopes("granted"));
        assert_eq!(kinds(consent), ["consent.given"]);
        let entry = &consent["entries"][0];
        assert_eq!(entry["actor"], "customer");
        assert_eq!(entry["details"]["client"]["name"], "Harbour Lending");
        assert_eq!(entry["details"]["company"]["name"], "merchant-42");
        assert_eq!(entry["details"]["shownTo"]["address"], "127.0.0.1");
    }
);

story!(
    renewals_and_each_way_to_end_a_consent_are_told_apart,
    |world| async move {
        let (company, connection) = world.linked("mqjo", BUSINESS).await;
        let path = format!("/companies/{company}/connections/{connection}");

        world.pass(TimeDelta::days(1));
        authorise(&world, &company, &connection).await;
        let all = consents(&world, &company).await;
        assert_eq!(all.len(), 1, "given again while in force: the same consent");
        assert_eq!(kinds(&all[0]), ["consent.given", "consent.renewed"]);
        assert_eq!(all[0]["renewed"], "2026-06-16T09:31:00Z");

        // By the client's software: its key is named.
        world.disconnect(&path).await;
        let keys = world.get("/apiKeys").await.ok();
        let ended = &consents(&world, &company).await[0];
        assert_eq!(
            (&ended["state"], &ended["endedBy"]),
            (&json!("revoked"), &json!("client"))
        );
        let entry = &ended["entries"][2];
        assert_eq!(entry["kind"], "consent.revoked");
        assert_eq!(entry["apiKeyId"], keys["results"][0]["id"]);

        // By the company's own people, in the component.
        authorise(&world, &company, &connection).await;
        let tokens = format!("/companies/{company}/connectionManagement/accessToken");
        let token = world.get(&tokens).await.ok();
        let bearer = format!("Bearer {}", token["accessToken"].as_str().unwrap());
        let unlinked = Some(json!({ "status": "Unlinked" }));
        world
            .authorized(&bearer, Method::PATCH, &path, unlinked)
            .await
            .ok();
        let all = consents(&world, &company).await;
        assert_eq!(all.len(), 2, "given anew: another consent");
        assert_eq!(
            (&all[0]["state"], &all[0]["endedBy"]),
            (&json!("withdrawn"), &json!("customer"))
        );
        assert_eq!(
            all[0]["entries"][1]["details"]["by"]["via"],
            "connections component"
        );

        // At the platform.
        authorise(&world, &company, &connection).await;
        world.settled(&company).await;
        world.revoke_grants().await;
        world.pass(TimeDelta::hours(2));
        world.queue_pull(&company, "customers").await;
        world.settled(&company).await;
        let ended = &consents(&world, &company).await[0];
        assert_eq!(
            (&ended["state"], &ended["endedBy"]),
            (&json!("revoked"), &json!("platform"))
        );
        assert!(ended["entries"][1]["details"]["reason"].is_string());

        // With the company. The record stays.
        authorise(&world, &company, &connection).await;
        let company_path = format!("/companies/{company}");
        world.client(Method::DELETE, &company_path, None).await.ok();
        let all = consents(&world, &company).await;
        assert_eq!(all.len(), 4);
        assert_eq!(all[0]["endedBy"], "client");
        let states = all.iter().map(|consent| consent["state"].as_str().unwrap());
        assert_eq!(
            states.collect::<Vec<_>>(),
            ["revoked", "revoked", "withdrawn", "revoked"]
        );
    }
);

story!(
    imported_tokens_are_on_record_as_shown_on_no_page,
    |world| async move {
        let tokens = tokens_of_another_system(&world, "mqjo", "accounting", BUSINESS).await;
        let (company, connection) = pending_connection(&world, "mqjo").await;
        let path = format!("/companies/{company}/connections/{connection}/authorization");
        let body = json!({
            "accessToken": tokens["access_token"], "refreshToken": tokens["refresh_token"], "expiresIn": "0",
        });
        world.client(Method::PUT, &path, Some(body)).await.ok();
        let all = consents(&world, &company).await;
        assert_eq!(kinds(&all[0]), ["consent.imported", "consent.identified"]);
        let method = all[0]["collectionMethod"].as_str().unwrap();
        assert!(method.contains("showed no page"), "{method}");
        assert!(all[0]["disclosure"].is_null() && all[0]["scopes"]["requested"].is_null());
        assert_eq!(all[0]["business"], "Lindqvist Snickeri");
    }
);

story!(
    consents_are_filtered_paged_and_written_as_a_table,
    |world| async move {
        let (first, connection) = world.linked("mqjo", BUSINESS).await;
        world
            .disconnect(&format!("/companies/{first}/connections/{connection}"))
            .await;
        world.pass(TimeDelta::days(1));
        let (second, _) = world.linked("qhnd", BUSINESS).await;
        let total = async |query: &str| {
            let listed = world.get(&format!("/consents?{query}")).await.ok();
            listed["totalResults"].as_i64().unwrap()
        };
        assert_eq!(total("").await, 2);
        assert_eq!(total("state=given").await, 1);
        assert_eq!(total("platform=mqjo").await, 1);
        assert_eq!(total(&format!("companyId={second}")).await, 1);
        assert_eq!(total("from=2026-06-16").await, 1);
        assert_eq!(total("to=2026-06-16T00:00:00Z").await, 1);
        assert_eq!(total("from=2026-06-17").await, 0);
        let page = world.get("/consents?pageSize=1&from=2026-06-01").await.ok();
        assert_eq!(
            page["results"][0]["companyId"],
            json!(second),
            "newest first"
        );
        let next = page["_links"]["next"]["href"].as_str().unwrap();
        assert!(next.contains("from=2026"), "{next}");
        let next = world.get(next).await.ok();
        assert_eq!(next["results"][0]["companyId"], json!(first));

        let table = world.get("/consents?format=csv").await;
        assert_eq!(
            table.header("content-type"),
            Some("text/csv; charset=utf-8")
        );
        let text = table.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].starts_with("\"id\",\"companyId\","), "{text}");
        assert!(lines[2].contains("\"revoked\""), "{text}");
        let path = format!("{}consents", world.platform);
        let accept = [
            ("accept", "text/csv"),
            (
                "authorization",
                &format!("Basic {}", crate::harness::encoded(&world.key)),
            ),
        ];
        let negotiated = world.send(Method::GET, &path, &accept, vec![]).await;
        assert_eq!(negotiated.text(), text);

        for (query, words) in [
            (
                "state=linked",
                "Valid values: given, withdrawn, revoked, expired",
            ),
            ("from=yesterday", "such as 2026-06-15"),
            ("format=xml", "Valid values: json, csv"),
            ("companyId=42", "companyId must be a UUID"),
        ] {
            let told = world.get(&format!("/consents?{query}")).await.refused(400);
            assert!(told.contains(words), "{query}: {told}");
        }
        let nowhere = store::clock::random_id();
        world
            .get(&format!("/companies/{nowhere}/consents"))
            .await
            .refused(404);
        // Another client sees none of it.
        let other = world.other_client().await;
        let listed = world.with_key(&other, Method::GET, "/consents", None).await;
        assert_eq!(listed.ok()["totalResults"], 0);
        let path = format!("/companies/{first}/consents");
        world
            .with_key(&other, Method::GET, &path, None)
            .await
            .refused(404);
    }
);
