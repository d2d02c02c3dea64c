//! Webhook consumers: their settings, and the messages sent to them.

use http::Method;
use serde_json::{Value, json};

use super::webhook_signatures::secret_of;
use crate::harness::receiver::{Received, Receiver, Reply, subscribe};
use crate::harness::{World, story};

async fn database_holds(world: &World, text: &str) -> bool {
    let files = world.database_files().unwrap_or_default();
    let in_files = files
        .windows(text.len())
        .any(|window| window == text.as_bytes());
    in_files || world.everything().await.contains(text)
}

story!(
    a_consumer_is_created_listed_and_deleted_as_the_contract_has_it,
    |world| async move {
        let made = world
        .post(
            "/webhooks",
            json!({
                "url": "https://example.com/hooks", "eventTypes": ["DataSyncCompleted", "Dataset data changed"],
                "companyTags": ["region:us"],
            }),
        )
        .await;
        assert_eq!(made.status.as_u16(), 201);
        let made = made.json();
        assert_eq!(
            made["eventTypes"],
            json!(["DataSyncCompleted", "DatasetDataChanged"])
        );
        assert_eq!(
            (&made["disabled"], &made["companyTags"]),
            (&json!(false), &json!(["region:us"]))
        );
        let id = made["id"].as_str().unwrap().to_owned();
        let path = format!("/webhooks/{id}");
        assert_eq!(
            world.get("/webhooks").await.ok(),
            json!({ "results": [made] })
        );
        assert_eq!(world.get(&path).await.ok(), made);

        let stranger = world.other_client().await;
        assert_eq!(
            world
                .with_key(&stranger, Method::GET, "/webhooks", None)
                .await
                .ok(),
            json!({ "results": [] })
        );
        for (method, path) in [
            (Method::GET, path.clone()),
            (Method::DELETE, path.clone()),
            (Method::GET, format!("{path}/secret")),
            (Method::GET, format!("{path}/messages")),
        ] {
            world
                .with_key(&stranger, method, &path, None)
                .await
                .refused(404);
        }

        let changed = world
            .client(
                Method::PATCH,
                &path,
                Some(json!({ "disabled": true, "description": "orders", "rateLimit": 20 })),
            )
            .await
            .ok();
        assert_eq!(
            (&changed["disabled"], &changed["rateLimit"]),
            (&json!(true), &json!(20))
        );
        assert_eq!(changed["url"], made["url"], "what is absent stays");
        let changed = world
            .client(
                Method::PATCH,
                &path,
                Some(json!({ "rateLimit": null, "companyTags": null })),
            )
            .await
            .ok();
        assert_eq!(
            (changed.get("rateLimit"), &changed["companyTags"]),
            (None, &json!([]))
        );

        let gone = world.client(Method::DELETE, &path, None).await;
        assert_eq!((gone.status.as_u16(), gone.body.len()), (204, 0));
        world.client(Method::DELETE, &path, None).await.refused(404);
        world.get(&path).await.refused(404);
    }
);

story!(
    invalid_consumers_are_refused_with_the_reason_and_change_nothing,
    |world| async move {
        let receiver = Receiver::start().await;
        let kept = subscribe(&world, &receiver.url, &["*"]).await;
        let before = world.get(&format!("/webhooks/{kept}")).await.ok();
        let good = json!({ "url": "https://example.com/hooks", "eventTypes": ["company.created"] });
        let with = |name: &str, value: Value| {
            let mut body = good.clone();
            body[name] = value;
            body
        };
        for (body, words) in [
            (with("url", json!(null)), "url is required"),
            (with("url", json!("nowhere")), "can't be read"),
            (
                with("url", json!("http://example.com/hooks")),
                "must be https",
            ),
            (
                with("url", json!("https://10.0.0.7/hooks")),
                "may not be reached",
            ),
            (
                with("url", json!("https://3232235777/hooks")),
                "may not be reached",
            ),
            (
                with("url", json!("https://[::ffff:169.254.169.254]/")),
                "may not be reached",
            ),
            (
                with("url", json!("https://user:password@example.com/")),
                "may not be reached",
            ),
            (
                with("url", json!("ftp://example.com/")),
                "must begin with https://",
            ),
            (with("eventTypes", json!([])), "1 to 200 event types"),
            (
                with("eventTypes", json!(["company.exploded"])),
                "no event type that Moorline sends",
            ),
            (with("companyTags", json!(["region"])), "has no colon"),
            (
                with("companyTags", json!(vec!["a:b"; 11])),
                "at most 10 company tags",
            ),
            (
                with("headers", json!({ "webhook-id": "x" })),
                "set by Moorline",
            ),
            (with("headers", json!({ "Host": "x" })), "set by Moorline"),
            (
                with("headers", json!({ "a b": "x" })),
                "can't be a header's name",
            ),
            (
                with("headers", json!({ "a": "x\r\nb: y" })),
                "can't be a header's value",
            ),
            (with("rateLimit", json!(0)), "1 to 10000"),
            (with("secret", json!("whsec_short")), "24 to 64 bytes"),
            (
                with(
                    "clientCertificate",
                    json!({ "certificate": "x", "privateKey": "y" }),
                ),
                "certificate was found",
            ),
        ] {
            let refusal = world.post("/webhooks", body.clone()).await.refused(400);
            assert!(refusal.contains(words), "{body}: {refusal}");
            if body["url"] != Value::Null && body.get("secret").is_none() {
                let mut body = body.clone();
                if !words.contains("url")
                    && !words.contains("read")
                    && !words.contains("https")
                    && !words.contains("reached")
                {
                    body["url"] = json!(receiver.url);
                }
                world
                    .client(Method::PATCH, &format!("/webhooks/{kept}"), Some(body))
                    .await
                    .refused(400);
            }
        }
        assert_eq!(world.get(&format!("/webhooks/{kept}")).await.ok(), before);
        for number in 1..50 {
            let url = format!("https://example.com/hooks/{number}");
            assert_eq!(
                world
                    .post("/webhooks", with("url", json!(url)))
                    .await
                    .status
                    .as_u16(),
                201
            );
        }
        let refusal = world.post("/webhooks", good.clone()).await.refused(400);
        assert!(
            refusal.contains("at most 50 webhook consumers"),
            "{refusal}"
        );
    }
);

story!(
    a_consumer_gets_the_events_and_companies_that_it_subscribed_to,
    |world| async move {
        let all = Receiver::start().await;
        let some = Receiver::start().await;
        let tagged = Receiver::start().await;
        subscribe(&world, &all.url, &["*"]).await;
        subscribe(
            &world,
            &some.url,
            &["company.deleted", "{dataType}.write.*"],
        )
        .await;
        let answer = world
        .post("/webhooks", json!({ "url": tagged.url, "eventTypes": ["company.*"], "companyTags": ["region:us", "tier:gold"] }))
        .await;
        assert_eq!(answer.status.as_u16(), 201);
        for (name, tags) in [
            ("one", json!({ "region": "us" })),
            ("two", json!({ "region": "US" })),
            ("three", json!({ "tier": "gold", "region": "uk" })),
            ("four", json!({})),
        ] {
            let made = world
                .post("/companies", json!({ "name": name, "tags": tags }))
                .await
                .ok();
            world
                .client(
                    Method::DELETE,
                    &format!("/companies/{}", made["id"].as_str().unwrap()),
                    None,
                )
                .await;
        }
        all.has(&world, 8).await;
        some.has(&world, 4).await;
        let received = tagged.has(&world, 4).await;
        assert_eq!(some.kinds(), vec!["company.deleted"; 4]);
        let names: Vec<String> = received
            .iter()
            .map(|message| {
                message.json()["payload"]["name"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(
            names.iter().filter(|name| *name == "one").count(),
            2,
            "the deletion of a tagged company is sent too"
        );
        assert_eq!(names.iter().filter(|name| *name == "three").count(), 2);
        let messages =
            |webhook: &Value| format!("/webhooks/{}/messages", webhook["id"].as_str().unwrap());
        let listed = world.get(&messages(&answer.json())).await.ok();
        assert_eq!(listed["totalResults"], 4);
    }
);

story!(
    a_consumers_own_headers_are_sent_and_never_shown,
    |world| async move {
        let receiver = Receiver::start().await;
        let made = world
            .post(
                "/webhooks",
                json!({
                    "url": receiver.url, "eventTypes": ["company.created"],
                    "headers": { "Authorization": "Bearer canary-5521", "X-Client": "harbour" },
                }),
            )
            .await;
        assert_eq!(made.status.as_u16(), 201);
        assert!(!made.text().contains("canary"));
        assert_eq!(
            made.json()["headerNames"],
            json!(["Authorization", "X-Client"])
        );
        world.company("merchant-42").await;
        let message = receiver.has(&world, 1).await.remove(0);
        assert_eq!(
            (message.header("authorization"), message.header("x-client")),
            ("Bearer canary-5521", "harbour")
        );
        assert_eq!(message.header("content-type"), "application/json");
        assert!(
            !database_holds(&world, "canary-5521").await,
            "headers are sealed"
        );
        let secret = secret_of(&world, made.json()["id"].as_str().unwrap()).await;
        assert!(!database_holds(&world, &secret).await, "secrets are sealed");
    }
);

story!(
    every_event_type_can_be_sent_as_a_sample,
    |world| async move {
        let receiver = Receiver::start().await;
        let webhook = subscribe(&world, &receiver.url, &["connection.*"]).await;
        let types = world.get("/webhooks/eventTypes").await.ok();
        let names: Vec<String> = types["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|kind| kind["name"].as_str().unwrap().to_owned())
            .collect();
        assert!(
            names.len() >= 22 && names.contains(&"{dataType}.write.successful".to_owned()),
            "{names:?}"
        );
        for name in &names {
            let name = name.replace("{dataType}", "bills");
            let sent = world
                .post(
                    &format!("/webhooks/{webhook}/test"),
                    json!({ "eventType": name }),
                )
                .await;
            assert_eq!(sent.status.as_u16(), 202, "{}", sent.text());
            let message = receiver.of_kind(&world, &name).await;
            assert_eq!(message.json()["id"], sent.json()["id"]);
            assert_eq!(sent.json()["test"], true);
        }
        let first = world
            .post(&format!("/webhooks/{webhook}/test"), json!({}))
            .await
            .ok();
        assert_eq!(
            first["eventType"], "connection.created",
            "the first that the consumer asks for"
        );
        world
            .post(
                &format!("/webhooks/{webhook}/test"),
                json!({ "eventType": "company.exploded" }),
            )
            .await
            .refused(400);
    }
);

fn ids(messages: &[Received]) -> Vec<String> {
    messages
        .iter()
        .map(|message| message.id().to_owned())
        .collect()
}

story!(
    messages_can_be_listed_and_sent_again_by_id_and_by_period,
    |world| async move {
        let receiver = Receiver::start().await;
        receiver.answer(
            |message| match message.json()["payload"]["name"].as_str().unwrap() {
                "refused" => Reply {
                    body: "not this one".into(),
                    ..Reply::status(400)
                },
                _ => Reply::status(200),
            },
        );
        let webhook = subscribe(&world, &receiver.url, &["company.created"]).await;
        let messages = format!("/webhooks/{webhook}/messages");
        let began = world.clock.now();
        world.company("one").await;
        world.clock.advance(chrono::TimeDelta::hours(1));
        let middle = world.clock.now();
        world.company("two").await;
        world.company("refused").await;
        let sent = receiver.has(&world, 3).await;
        let listed = world
            .until("all are recorded", || async {
                let listed = world
                    .get(&format!("{messages}?status=delivered"))
                    .await
                    .ok();
                let waiting = world.get(&format!("{messages}?status=waiting")).await.ok();
                let tried = waiting["results"][0]["attemptCount"] == 1;
                (listed["totalResults"] == 2 && tried).then_some(listed)
            })
            .await;
        assert_eq!(listed["results"].as_array().unwrap().len(), 2);
        let refused = world.get(&format!("{messages}?status=waiting")).await.ok();
        let refused = world
            .get(&format!(
                "{messages}/{}",
                refused["results"][0]["id"].as_str().unwrap()
            ))
            .await
            .ok();
        assert_eq!(refused["body"]["payload"]["name"], "refused");
        let attempt = &refused["attempts"][0];
        assert_eq!(
            (&attempt["statusCode"], &attempt["response"]),
            (&json!(400), &json!("not this one"))
        );
        assert!(attempt["durationMs"].is_i64() && refused["nextAttempt"].is_string());

        let one = sent
            .iter()
            .find(|message| message.json()["payload"]["name"] == "one")
            .unwrap();
        let again = world
            .post(&format!("{messages}/{}/resend", one.id()), json!({}))
            .await;
        assert_eq!(again.status.as_u16(), 202);
        let sent = receiver.has(&world, 4).await;
        assert_eq!(
            sent[3].id(),
            one.id(),
            "the id stays, so that a receiver knows it"
        );
        world
            .client(
                Method::POST,
                &format!("{messages}/{}/resend", unknown_id()),
                None,
            )
            .await
            .refused(404);

        let range = |from: chrono::DateTime<chrono::Utc>| json!({ "from": from.to_rfc3339(), "status": "delivered" });
        world
            .until("the resent one is recorded", || async {
                let shown = world.get(&format!("{messages}/{}", one.id())).await.ok();
                (shown["attemptCount"] == 2).then_some(())
            })
            .await;
        world.clock.advance(chrono::TimeDelta::seconds(1));
        assert_eq!(
            world
                .post(&format!("{messages}/resend"), range(middle))
                .await
                .ok()["resent"],
            1
        );
        assert_eq!(
            receiver.has(&world, 5).await[4].json()["payload"]["name"],
            "two"
        );

        // Events of the time in which it was disabled are not lost either.
        let path = format!("/webhooks/{webhook}");
        world
            .client(Method::PATCH, &path, Some(json!({ "disabled": true })))
            .await
            .ok();
        world.company("three").await;
        world
            .post(&format!("{messages}/resend"), range(began))
            .await
            .refused(400);
        world
            .client(Method::PATCH, &path, Some(json!({ "disabled": false })))
            .await
            .ok();
        world.clock.advance(chrono::TimeDelta::milliseconds(1));
        let missed = json!({ "from": began.to_rfc3339(), "status": "failed", "missed": true });
        assert_eq!(
            world.post(&format!("{messages}/resend"), missed).await.ok()["resent"],
            1
        );
        let sent = world
            .until("the missed one came in", || async {
                let received = receiver.received();
                received
                    .iter()
                    .any(|message| message.json()["payload"]["name"] == "three")
                    .then_some(received)
            })
            .await;
        assert_eq!(ids(&sent).len(), sent.len());
        world
            .post(&format!("{messages}/resend"), json!({}))
            .await
            .refused(400);
        world
            .post(
                &format!("{messages}/resend"),
                json!({ "from": "yesterday" }),
            )
            .await
            .refused(400);
    }
);

fn unknown_id() -> &'static str {
    "019ebf0a-7c00-7000-8000-00000000dead"
}

story!(
    an_automation_services_key_reaches_its_own_consumers_and_nothing_else,
    |world| async move {
        let theirs = subscribe(&world, "https://example.com/hooks", &["*"]).await;
        let made = world
            .post("/webhooks/integrationKeys/zapier", json!({}))
            .await;
        assert_eq!(made.status.as_u16(), 201);
        let key = made.json()["key"].as_str().unwrap().to_owned();
        assert!(key.starts_with("sk_integ_"), "{key}");
        let zapier = |method: Method, path: String, body: Option<Value>| {
            let (world, authorization) = (&world, format!("Bearer {key}"));
            async move { world.authorized(&authorization, method, &path, body).await }
        };
        assert_eq!(
            zapier(Method::GET, "/webhooks".into(), None).await.ok(),
            json!({ "results": [] })
        );
        let body =
            json!({ "url": "https://hooks.example.com/1", "eventTypes": ["read.completed"] });
        let own = zapier(Method::POST, "/webhooks".into(), Some(body))
            .await
            .ok();
        let own = own["id"].as_str().unwrap();
        for (method, path) in [
            (Method::DELETE, format!("/webhooks/{theirs}")),
            (Method::GET, format!("/webhooks/{theirs}")),
        ] {
            zapier(method, path, None).await.refused(404);
        }
        for path in [
            "/companies".to_owned(),
            format!("/webhooks/{own}/secret"),
            "/webhooks/integrationKeys/zapier".to_owned(),
        ] {
            zapier(Method::GET, path, None).await;
        }
        zapier(Method::GET, "/companies".into(), None)
            .await
            .refused(401);
        zapier(Method::GET, format!("/webhooks/{own}/secret"), None)
            .await
            .refused(401);
        assert_eq!(
            zapier(Method::DELETE, format!("/webhooks/{own}"), None)
                .await
                .status
                .as_u16(),
            204
        );
        // A new key ends the old one.
        world
            .post("/webhooks/integrationKeys/zapier", json!({}))
            .await
            .ok();
        zapier(Method::GET, "/webhooks".into(), None)
            .await
            .refused(401);
        assert!(!database_holds(&world, &key).await);
    }
);

/// docs/WEBHOOKS.md shows each event's example as it is sent. `MOORLINE_TEST_WRITE_DOCS=1` updates it.
#[test]
fn the_webhook_guide_shows_every_event_as_it_is_sent() {
    use platform::events::webhooks::samples;
    use store::model::EventType;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/WEBHOOKS.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (begin, end) = ("<!-- events -->\n", "<!-- end of events -->");
    let (before, rest) = text.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let mut section = String::new();
    for kind in EventType::ALL {
        let name = kind.name(kind.is_write().then_some("{dataType}"));
        section.push_str(&format!(
            "\n### `{name}`\n\n{}\n\n```json\n{:#}\n```\n",
            samples::meaning(*kind),
            samples::of_kind(*kind)
        ));
    }
    let expected = format!("{before}{begin}{section}\n{end}{after}");
    if std::env::var_os("MOORLINE_TEST_WRITE_DOCS").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    let text = std::fs::read_to_string(path).unwrap();
    assert!(
        text == expected,
        "docs/WEBHOOKS.md differs from the events; run this test with MOORLINE_TEST_WRITE_DOCS=1"
    );
}
