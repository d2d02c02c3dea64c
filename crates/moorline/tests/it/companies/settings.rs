//! A client's settings, changed by several at once.

use futures_util::future::join;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{World, story};

async fn put(world: &World, path: &str, body: Value) -> u16 {
    let answer = world.client(Method::PUT, path, Some(body)).await;
    answer.status.as_u16()
}

story!(two_changes_at_once_both_stay, |world| async move {
    for round in 0..10 {
        let name = format!("Lender {round}");
        let origin = format!("https://app{round}.example");
        let profile = put(&world, "/profile", json!({ "name": name }));
        let cors = world.post("/corsSettings", json!({ "allowedOrigins": [origin] }));
        let (profile, cors) = join(profile, cors).await;
        assert_eq!((profile, cors.status.as_u16()), (200, 200));
        assert_eq!(world.get("/profile").await.ok()["name"], json!(name));
        let origins = world.get("/corsSettings").await.ok();
        assert_eq!(origins["allowedOrigins"], json!([origin]));
    }
});

story!(
    strict_linking_and_the_page_that_it_needs_do_not_part_ways,
    |world| async move {
        let name = world.get("/profile").await.ok()["name"].clone();
        let page = |url: &str| json!({ "name": name, "redirectUrl": url });
        for _ in 0..10 {
            put(&world, "/profile/linking", json!({ "strict": false })).await;
            assert_eq!(
                put(&world, "/profile", page("https://lender.example/back")).await,
                200
            );
            let emptied = put(&world, "/profile", page(""));
            let strict = put(&world, "/profile/linking", json!({ "strict": true }));
            let done = join(emptied, strict).await;
            assert!(matches!(done, (200, 400) | (400, 200)), "{done:?}");
        }
    }
);
