//! A client's software manages its own keys.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use http::Method;
use platform::access::keys;
use platform::app::App;
use serde_json::{Value, json};

use crate::harness::{World, story};

async fn ids(world: &World) -> Vec<String> {
    let listed = world.get("/apiKeys").await.ok();
    let results = listed["results"].as_array().unwrap();
    results
        .iter()
        .map(|key| key["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn delete(world: &World, id: &str) -> crate::harness::Answer {
    world
        .client(Method::DELETE, &format!("/apiKeys/{id}"), None)
        .await
}

story!(
    a_key_is_shown_once_and_works_until_it_is_deleted,
    |world| async move {
        let answer = world
            .post("/apiKeys", json!({ "name": "nightly-exports" }))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let made = answer.json();
        let text = made["apiKey"].as_str().unwrap();
        assert_eq!(text.len(), 40);
        assert_eq!(made["createdDate"], "2026-06-15T09:30:00Z");
        let listed = world.get("/apiKeys").await;
        assert!(!listed.text().contains(text), "shown once");
        let listed = listed.ok();
        assert!(
            listed["results"].as_array().unwrap().contains(&json!({
                "id": made["id"], "name": "nightly-exports", "createdDate": "2026-06-15T09:30:00Z"
            })),
            "{listed}"
        );
        // Its own, used and therefore remembered: gone with the answer.
        world
            .with_key(text, Method::GET, "/companies", None)
            .await
            .ok();
        let path = format!("/apiKeys/{}", made["id"].as_str().unwrap());
        let gone = world.with_key(text, Method::DELETE, &path, None).await;
        assert_eq!(gone.status, 204, "{}", gone.text());
        world
            .with_key(text, Method::GET, "/companies", None)
            .await
            .refused(401);
        delete(&world, made["id"].as_str().unwrap())
            .await
            .refused(404);
        // Without a name, and without a body.
        assert!(world.post("/apiKeys", json!({})).await.ok()["name"].is_null());
        assert_eq!(
            world.client(Method::POST, "/apiKeys", None).await.status,
            201
        );
    }
);

story!(
    racing_requests_create_at_most_ten_keys,
    |world| async move {
        for _ in 0..4 {
            world.post("/apiKeys", json!({})).await.ok();
        }
        // Five there are; of eleven that come at once, five find room.
        let answers =
            join_all((0..11).map(|number| {
                world.post("/apiKeys", json!({ "name": format!("racer {number}") }))
            }))
            .await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, 5);
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            assert!(
                refused
                    .refused(409)
                    .contains("Maximum number of API keys reached."),
                "{}",
                refused.text()
            );
        }
        let ten = ids(&world).await;
        assert_eq!(ten.len(), 10);
        // The command line keeps to the same.
        let clients = store::clients::list(&world.app.db).await.unwrap();
        let mut tx = world.app.db.write().await.unwrap();
        let eleventh = world.app.keys.create(&mut tx, clients[0].id, None).await;
        assert!(matches!(eleventh, Err(keys::KeyError::TooMany)));
        drop(tx);
        let racer = answers
            .iter()
            .find(|answer| answer.status == 201)
            .unwrap()
            .json();
        let racer = racer["id"].as_str().unwrap();
        // Another client's are its own affair.
        let other = world.other_client().await;
        let theirs = world
            .with_key(&other, Method::GET, "/apiKeys", None)
            .await
            .ok();
        assert_eq!(theirs["results"].as_array().unwrap().len(), 1);
        let path = format!("/apiKeys/{racer}");
        world
            .with_key(&other, Method::DELETE, &path, None)
            .await
            .refused(404);
        // A place that was freed can be taken.
        assert_eq!(delete(&world, racer).await.status, 204);
        world.post("/apiKeys", json!({})).await.ok();
    }
);

story!(
    an_invalid_key_request_is_refused_and_creates_none,
    |world| async move {
        let before = ids(&world).await;
        let long = world
            .post("/apiKeys", json!({ "name": "n".repeat(51) }))
            .await
            .refused(400);
        assert!(
            long.contains("Max string length (50) for `name` reached."),
            "{long}"
        );
        world
            .post("/apiKeys", json!({ "name": 7 }))
            .await
            .refused(400);
        world.post("/apiKeys", json!([])).await.refused(400);
        delete(&world, "no-uuid").await.refused(400);
        delete(&world, &uuid::Uuid::nil().to_string())
            .await
            .refused(404);
        assert_eq!(ids(&world).await, before);
        world
            .post("/apiKeys", json!({ "name": "ü".repeat(50) }))
            .await
            .ok();
        // A company's token reaches none of it.
        let company = world.company("merchant-42").await;
        let token = world
            .get(&format!("/companies/{company}/accessToken"))
            .await
            .ok();
        let bearer = format!("Bearer {}", token["accessToken"].as_str().unwrap());
        world
            .authorized(&bearer, Method::GET, "/apiKeys", None)
            .await
            .refused(403);
    }
);

story!(
    the_last_key_can_be_deleted_and_the_operator_creates_another,
    |world| async move {
        let only = ids(&world).await;
        assert_eq!(only.len(), 1);
        assert_eq!(delete(&world, &only[0]).await.status, 204);
        world.get("/apiKeys").await.refused(401);
        let clients = store::clients::list(&world.app.db).await.unwrap();
        let mut tx = world.app.db.write().await.unwrap();
        let (_, text) = world
            .app
            .keys
            .create(&mut tx, clients[0].id, None)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world
            .with_key(&text, Method::GET, "/apiKeys", None)
            .await
            .ok();
    }
);

story!(
    another_node_accepts_a_deleted_key_for_at_most_two_seconds,
    |world| async move {
        let made: Value = world.post("/apiKeys", json!({})).await.ok();
        let text = made["apiKey"].as_str().unwrap();
        let other = App::start(world.app.config.clone(), world.clock.clone())
            .await
            .unwrap();
        assert!(other.keys.authenticate(text).await.unwrap().is_some());
        assert_eq!(
            delete(&world, made["id"].as_str().unwrap()).await.status,
            204
        );
        let began = Instant::now();
        world
            .until("the other node has forgotten it", || async {
                let known = other.keys.authenticate(text).await.unwrap();
                known.is_none().then_some(())
            })
            .await;
        assert!(began.elapsed() < Duration::from_millis(2_500));
        other.db.close().await;
    }
);
