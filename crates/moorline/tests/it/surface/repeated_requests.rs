//! `Idempotency-Key`: a request that is sent again changes nothing again, whatever became of the first.

use chrono::TimeDelta;
use egress::{Door, Policy};
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Node, World, encoded, story};

const BUSINESS: &str = "lindqvist-snickeri";

/// A request of the client's software with a key.
async fn keyed(world: &World, key: &str, method: Method, path: &str, body: &Value) -> Answer {
    let authorization = format!("Basic {}", encoded(&world.key));
    with_credentials(world, &authorization, key, method, path, body).await
}

async fn with_credentials(
    world: &World,
    authorization: &str,
    key: &str,
    method: Method,
    path: &str,
    body: &Value,
) -> Answer {
    let headers = [
        ("authorization", authorization),
        ("content-type", "application/json"),
        ("idempotency-key", key),
    ];
    let body = body.to_string().into_bytes();
    world.send(method, path, &headers, body).await
}

fn new_key() -> String {
    store::clock::random_id().to_string()
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

async fn number(world: &World, path: &str) -> i64 {
    let listed = world.get(path).await.ok();
    listed["totalResults"].as_i64().unwrap()
}

story!(a_push_that_is_sent_twice_is_one_push, |world| async move {
    let (company, connection) = world.linked("mqjo", BUSINESS).await;
    world.settled(&company).await;
    let path = format!("/companies/{company}/connections/{connection}/push/suppliers");
    let supplier = json!({ "supplierName": "Rope & Sail", "status": "Active" });
    let key = new_key();
    let first = keyed(&world, &key, Method::POST, &path, &supplier).await;
    assert!(!is_replayed(&first));
    let pushed = first.ok();
    let again = keyed(&world, &key, Method::POST, &path, &supplier).await;
    assert!(is_replayed(&again));
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!(again.ok(), pushed, "as it was answered the first time");
    assert_eq!(
        number(&world, &format!("/companies/{company}/push")).await,
        1
    );

    // The same key for anything else is refused, and changes nothing.
    let other = json!({ "supplierName": "Sail & Rope", "status": "Active" });
    let told = keyed(&world, &key, Method::POST, &path, &other)
        .await
        .refused(422);
    assert!(told.contains("another method, path or body"), "{told}");
    let name = json!({ "name": "Quay" });
    keyed(&world, &key, Method::POST, "/companies", &name)
        .await
        .refused(422);
    assert_eq!(
        number(&world, &format!("/companies/{company}/push")).await,
        1
    );

    // Another key is another request; so is the same one once its time is over.
    keyed(&world, &new_key(), Method::POST, &path, &supplier)
        .await
        .ok();
    world.pass(TimeDelta::minutes(89));
    assert!(is_replayed(
        &keyed(&world, &key, Method::POST, &path, &supplier).await
    ));
    world.pass(TimeDelta::minutes(2));
    assert!(!is_replayed(
        &keyed(&world, &key, Method::POST, &path, &supplier).await
    ));
    assert_eq!(
        number(&world, &format!("/companies/{company}/push")).await,
        3
    );
});

story!(
    refusals_are_replayed_and_failures_of_ours_release_the_key,
    |world| async move {
        let key = new_key();
        let bad = json!({ "name": "" });
        let first = keyed(&world, &key, Method::POST, "/companies", &bad)
            .await
            .refused(400);
        let again = keyed(&world, &key, Method::POST, "/companies", &bad).await;
        assert!(is_replayed(&again));
        assert_eq!(again.refused(400), first);

        let company = world.company("merchant-42").await;
        let path = format!("/companies/{company}");
        let named = json!({ "name": "Harbour Lane" });
        let key = new_key();
        world
            .tamper(&["alter table company_count rename to company_count_away"])
            .await;
        let body = json!({ "name": "Quay" });
        keyed(&world, &key, Method::POST, "/companies", &body)
            .await
            .refused(500);
        world
            .tamper(&["alter table company_count_away rename to company_count"])
            .await;
        let made = keyed(&world, &key, Method::POST, "/companies", &body).await;
        assert!(!is_replayed(&made));
        made.ok();

        // For PUT and PATCH as for POST.
        let key = new_key();
        let patched = keyed(&world, &key, Method::PATCH, &path, &named).await;
        assert_eq!(patched.ok()["name"], "Harbour Lane");
        world
            .client(Method::PUT, &path, Some(json!({ "name": "Renamed" })))
            .await
            .ok();
        assert!(is_replayed(
            &keyed(&world, &key, Method::PATCH, &path, &named).await
        ));
        let now = world.get(&path).await.ok();
        assert_eq!(now["name"], "Renamed", "nothing was changed again");
    }
);

story!(a_key_that_cannot_be_one_is_refused, |world| async move {
    let body = json!({ "name": "Quay" });
    let before = number(&world, "/companies").await;
    let told = keyed(&world, "order-66", Method::POST, "/companies", &body)
        .await
        .refused(400);
    assert!(told.contains("must be a UUID"), "{told}");
    let authorization = format!("Basic {}", encoded(&world.key));
    let (one, two) = (new_key(), new_key());
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", &one),
        ("idempotency-key", &two),
    ];
    let sent = body.to_string().into_bytes();
    let told = world
        .send(Method::POST, "/companies", &headers, sent)
        .await
        .refused(400);
    assert!(told.contains("more than one"), "{told}");
    with_credentials(
        &world,
        "Basic bm9wZQ==",
        &one,
        Method::POST,
        "/companies",
        &body,
    )
    .await
    .refused(401);
    assert_eq!(number(&world, "/companies").await, before);
    // Reading takes no key.
    let read = keyed(&world, "order-66", Method::GET, "/companies", &Value::Null).await;
    read.ok();
});

story!(
    answers_are_kept_for_their_sender_alone_and_sealed,
    |world| async move {
        let key = new_key();
        let body = json!({ "name": "intern" });
        let made = keyed(&world, &key, Method::POST, "/apiKeys", &body)
            .await
            .ok();
        let secret = made["apiKey"].as_str().unwrap();
        let again = keyed(&world, &key, Method::POST, "/apiKeys", &body).await;
        assert_eq!(again.ok()["apiKey"], secret, "the answer that got lost");
        assert!(!world.everything().await.contains(secret));
        // Another client's request with the same key is its own.
        let stranger = world.other_client().await;
        let authorization = format!("Basic {}", encoded(&stranger));
        let own = with_credentials(
            &world,
            &authorization,
            &key,
            Method::POST,
            "/apiKeys",
            &body,
        )
        .await;
        assert!(!is_replayed(&own));
        assert_ne!(own.ok()["apiKey"], secret);

        // So is that of a company's own people.
        let (company, connection) = world.linked("mqjo", BUSINESS).await;
        let token = world
            .get(&format!("/companies/{company}/accessToken"))
            .await
            .ok();
        let bearer = format!("Bearer {}", token["accessToken"].as_str().unwrap());
        let path = format!("/companies/{company}/connections/{connection}");
        let unlinked = json!({ "status": "Unlinked" });
        let key = new_key();
        for replayed in [false, true] {
            let answer =
                with_credentials(&world, &bearer, &key, Method::PATCH, &path, &unlinked).await;
            assert_eq!(is_replayed(&answer), replayed);
            assert_eq!(answer.ok()["status"], "Unlinked");
        }
        let events = world
            .event_payloads(&company, "connection.disconnected")
            .await;
        assert_eq!(events.len(), 1, "{events:?}");
    }
);

story!(
    fifty_at_once_on_two_nodes_take_effect_once,
    |world| async move {
        let other = Node::on_database_of(&world).await;
        let host = format!("localhost:{}", other.port);
        let door = Door::new(Policy {
            allow_private: [host.clone(), world.platform.authority().to_owned()].into(),
            ..Policy::default()
        });
        let before = number(&world, "/companies").await;
        let key = new_key();
        let authorization = format!("Basic {}", encoded(&world.key));
        let body = json!({ "name": "Quay" }).to_string().into_bytes();
        let answers = join_all((0..50).map(|at| {
            let url = match at % 2 {
                0 => "/companies".to_owned(),
                _ => format!("http://{host}/companies"),
            };
            let (world, door, body) = (&world, &door, body.clone());
            let headers = [
                ("authorization", authorization.as_str()),
                ("content-type", "application/json"),
                ("idempotency-key", key.as_str()),
            ];
            async move {
                world
                    .send_through(door, Method::POST, &url, &headers, body)
                    .await
            }
        }))
        .await;
        let mut made = Vec::new();
        for answer in &answers {
            match answer.status.as_u16() {
                409 => {
                    let text = answer.text();
                    assert!(text.contains("still under way"), "{text}");
                    assert!(text.contains("\"canBeRetried\":\"True\""), "{text}");
                }
                429 => {}
                _ => made.push(answer.ok()["id"].clone()),
            }
        }
        made.dedup();
        assert_eq!(made.len(), 1, "{made:?}");
        assert_eq!(number(&world, "/companies").await, before + 1);
        other.stop().await;
    }
);

story!(
    an_effect_whose_answer_was_lost_with_its_process_is_not_made_again,
    |world| async move {
        let before = number(&world, "/companies").await;
        let (key, body) = (new_key(), json!({ "name": "Quay" }));
        keyed(&world, &key, Method::POST, "/companies", &body)
            .await
            .ok();
        // As a process leaves it that is killed between its commit and its answer.
        world
            .tamper(&["update keyed_request set status = null, answer = null"])
            .await;
        let told = keyed(&world, &key, Method::POST, "/companies", &body)
            .await
            .refused(409);
        assert!(told.contains("still under way"), "{told}");
        world
            .tamper(&["update keyed_request set held_until = '2026-01-01T00:00:00+00:00'"])
            .await;
        let told = keyed(&world, &key, Method::POST, "/companies", &body)
            .await
            .refused(409);
        assert!(told.contains("took effect"), "{told}");
        assert_eq!(number(&world, "/companies").await, before + 1);
        // One that was killed before its commit changed nothing, and is done now.
        world
            .tamper(&["update keyed_request set took_effect = false"])
            .await;
        keyed(&world, &key, Method::POST, "/companies", &body)
            .await
            .ok();
        assert_eq!(number(&world, "/companies").await, before + 2);
    }
);

story!(
    a_key_of_one_kind_of_credentials_replays_nothing_to_another,
    |world| async move {
        let made = world
            .post("/webhooks/integrationKeys/zapier", json!({}))
            .await;
        let service = format!("Bearer {}", made.ok()["key"].as_str().unwrap());
        let consumer =
            json!({ "url": "https://hooks.example.com/1", "eventTypes": ["read.completed"] });
        let (post, key) = (Method::POST, new_key());
        for replayed in [false, true] {
            let method = post.clone();
            let answer =
                with_credentials(&world, &service, &key, method, "/webhooks", &consumer).await;
            assert_eq!(is_replayed(&answer), replayed);
            answer.ok();
        }
        let listed = world.get("/webhooks").await.ok();
        assert_eq!(listed["results"].as_array().unwrap().len(), 1, "{listed}");
        // The client's own software has keys of its own.
        let own = keyed(&world, &key, post.clone(), "/webhooks", &consumer).await;
        assert!(!is_replayed(&own));
        with_credentials(
            &world,
            &service,
            "no-uuid",
            post.clone(),
            "/webhooks",
            &consumer,
        )
        .await
        .refused(400);

        // A token that may not connect isn't told what another's request made.
        let company = world.company("merchant-42").await;
        let path = format!("/companies/{company}/connections");
        let token = async |kind: &str| {
            let answer = world.get(&format!("/companies/{company}/{kind}")).await;
            format!("Bearer {}", answer.ok()["accessToken"].as_str().unwrap())
        };
        let linking = token("accessToken").await;
        let managing = token("connectionManagement/accessToken").await;
        let (wanted, key) = (json!({ "platformKey": "mqjo" }), new_key());
        with_credentials(&world, &linking, &key, post.clone(), &path, &wanted)
            .await
            .ok();
        let refused = with_credentials(&world, &managing, &key, post, &path, &wanted).await;
        assert!(!is_replayed(&refused));
        refused.refused(403);
    }
);
