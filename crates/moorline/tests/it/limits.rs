//! How much a client may ask, and what it is told about it.

use std::sync::Arc;

use chrono::TimeDelta;
use http::Method;
use moorline::app::App;
use moorline::config::Config;
use moorline::limits::{self, Refusal};
use moorline::model::{ClientId, CompanyId};
use moorline::store;
use serde_json::json;

use crate::harness::{Answer, World, postgres_database};

/// Tells a story on both databases, with limits.
async fn limited<F: Future<Output = ()>>(adjust: fn(&mut Config), tell: fn(Arc<World>) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let world = World::start(sqlite, folder, adjust).await;
    tell(Arc::clone(&world)).await;
    world.end().await;
    if let Some(url) = postgres_database().await {
        let world = World::start(url, tempfile::tempdir().unwrap(), adjust).await;
        tell(Arc::clone(&world)).await;
        world.end().await;
    }
}

async fn client_of(world: &World) -> ClientId {
    store::clients::list(&world.app.db).await.unwrap()[0].id
}

/// Limit, remaining and reset, as the answer's headers have them.
fn standing(answer: &Answer) -> (i64, i64, String) {
    let header = |name: &str| {
        answer
            .header(name)
            .unwrap_or_else(|| panic!("{name}"))
            .to_owned()
    };
    (
        header("x-rate-limit-limit").parse().unwrap(),
        header("x-rate-limit-remaining").parse().unwrap(),
        header("x-rate-limit-reset"),
    )
}

async fn events(world: &World, kind: &str) -> usize {
    let rows = world.everything().await;
    rows.lines()
        .filter(|line| line.starts_with("event: ") && line.contains(kind))
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_has_so_many_requests_a_connected_company_brings_more_and_midnight_brings_new_ones() {
    let few = |config: &mut Config| config.limits.requests_per_day = 5;
    limited(few, |world| async move {
        let midnight = "2026-06-16T00:00:00Z".to_owned();
        let company = world.company("merchant-42").await;
        let token = world
            .get(&format!("/companies/{company}/accessToken"))
            .await;
        assert_eq!(standing(&token), (5, 3, midnight.clone()));
        let bearer = format!("Bearer {}", token.ok()["accessToken"].as_str().unwrap());
        let link = world.connection(&company, "mqjo").await;
        // What is refused for other reasons draws too, but an unknown key belongs to nobody.
        let missing = world.get("/integrations/nothing").await;
        assert_eq!((missing.status.as_u16(), standing(&missing).1), (404, 1));
        let stranger = world
            .with_key("wrong", Method::GET, "/companies", None)
            .await;
        assert_eq!(stranger.status, 401);
        assert!(stranger.header("x-rate-limit-limit").is_none());
        assert_eq!(
            standing(&world.get("/companies").await),
            (5, 0, midnight.clone())
        );
        assert_eq!(events(&world, "client.rateLimit.reached").await, 0);

        for _ in 0..2 {
            let over = world.get("/companies").await;
            let text = over.refused(429);
            assert!(
                text.starts_with("You have made too many requests in a given amount of time"),
                "{text}"
            );
            assert_eq!(over.json()["canBeRetried"], "True");
            // From half past nine to midnight.
            assert_eq!(over.header("retry-after"), Some("52200"));
            assert_eq!(standing(&over), (5, 0, midnight.clone()));
        }
        assert_eq!(
            events(&world, "client.rateLimit.reached").await,
            1,
            "told once"
        );

        // The company's own people aren't held up, and draw on nothing.
        let path = format!("/companies/{company}/connections");
        for _ in 0..3 {
            let seen = world.authorized(&bearer, Method::GET, &path, None).await;
            seen.ok();
            assert!(seen.header("x-rate-limit-limit").is_none());
        }
        world
            .customer()
            .link(link["linkUrl"].as_str().unwrap(), "lindqvist-snickeri")
            .await;
        let more = world
            .until("the connected company brings more", || async {
                let answer = world.get("/companies").await;
                (answer.status == 200).then_some(answer)
            })
            .await;
        assert_eq!(standing(&more), (10, 4, midnight));

        for _ in 0..4 {
            world.get("/companies").await.ok();
        }
        world.get("/companies").await.refused(429);
        assert_eq!(events(&world, "client.rateLimit.reset").await, 0);
        world.pass(TimeDelta::hours(15));
        // Nobody has to ask for it.
        moorline::jobs::chores_once(&world.app).await.unwrap();
        assert_eq!(events(&world, "client.rateLimit.reset").await, 1);
        let fresh = world.get("/companies").await;
        assert_eq!(standing(&fresh), (10, 9, "2026-06-17T00:00:00Z".into()));
        assert_eq!(
            events(&world, "client.rateLimit.reset").await,
            1,
            "told once"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_share_a_day_without_allowing_more_and_waste_less_than_one_in_a_hundred() {
    let many = |config: &mut Config| config.limits.requests_per_day = 5_000;
    limited(many, |world| async move {
        let client = client_of(&world).await;
        let mut nodes = Vec::new();
        for _ in 0..3 {
            let config = world.app.config.clone();
            nodes.push(App::start(config, world.clock.clone()).await.unwrap());
        }
        // The third is asked seldom, and sits on what it was given.
        let mut admitted = 0;
        for turn in 0..6_000 {
            let node = &nodes[if turn % 500 == 0 { 2 } else { turn % 2 }];
            match limits::admit(node, client).await {
                Ok(_) => admitted += 1,
                Err(Refusal::UsedUp { standing, .. }) => assert_eq!(standing.limit, 5_000),
                Err(other) => panic!("{other}"),
            }
        }
        assert!((4_950..=5_000).contains(&admitted), "{admitted}");
        assert_eq!(
            events(&world, "client.rateLimit.reached").await,
            1,
            "told once"
        );

        // A node that stops gives back what it doesn't need.
        world.pass(TimeDelta::days(1));
        limits::admit(&nodes[0], client).await.unwrap();
        limits::give_back(&nodes[0]).await.unwrap();
        let after = limits::admit(&nodes[1], client).await.unwrap();
        assert_eq!(after.standing.unwrap().remaining, 4_998);
        for node in nodes {
            node.db.close().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_requests_are_under_way_at_a_time() {
    let two = |config: &mut Config| config.limits.concurrent_per_company = 2;
    limited(two, |world| async move {
        let client = client_of(&world).await;
        let held = (
            limits::admit(&world.app, client).await.unwrap(),
            limits::admit(&world.app, client).await.unwrap(),
        );
        let over = world.get("/companies").await;
        over.refused(429);
        assert_eq!(over.header("retry-after"), Some("1"));
        let other = world.other_client().await;
        world
            .with_key(&other, Method::GET, "/companies", None)
            .await
            .ok();
        drop(held.0);
        for _ in 0..5 {
            world.get("/companies").await.ok();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_connected_company_adds_to_what_may_be_under_way_for_any_of_them() {
    let two = |config: &mut Config| config.limits.concurrent_per_company = 2;
    limited(two, |world| async move {
        let client = client_of(&world).await;
        let (first, connection) = world.linked("mqjo", "lindqvist-snickeri").await;
        world.linked("qhnd", "lindqvist-snickeri").await;
        world.company("connected to nothing").await;
        // A node counts companies when it is first asked; this one hasn't been.
        let under_way = async |count: usize| {
            let node = App::start(world.app.config.clone(), world.clock.clone())
                .await
                .unwrap();
            let mut held = Vec::new();
            for _ in 0..count {
                held.push(limits::admit(&node, client).await.unwrap());
            }
            let over = limits::admit(&node, client).await;
            assert!(matches!(over, Err(Refusal::TooMany)), "{over:?}");
            node.db.close().await;
        };
        under_way(4).await;
        let path = format!("/companies/{first}/connections/{connection}");
        world.disconnect(&path).await;
        under_way(2).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_too_long_is_refused_in_the_envelope() {
    let soon = |config: &mut Config| config.limits.request_timeout_ms = 300;
    limited(soon, |world| async move {
        // Somebody else is making one, and doesn't come to an end: there is one at a time for a client, since they are counted.
        let now = world.clock.now();
        let company = store::companies::Company {
            id: CompanyId(moorline::clock::new_id(now)),
            client_id: client_of(&world).await,
            name: "merchant-41".into(),
            description: None,
            created: now,
            last_sync: None,
            products: "[]".into(),
            parent_id: None,
        };
        let mut held = world.app.db.write().await.unwrap();
        store::companies::insert(&mut held, &company, &Default::default())
            .await
            .unwrap();
        let late = world
            .post("/companies", json!({ "name": "merchant-42" }))
            .await;
        drop(held);
        let said = late.refused(503);
        assert!(said.contains("took too long"), "{said}");
        assert_eq!(world.get("/health").await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_has_so_many_requests_a_minute_whoever_it_is() {
    let ten = |config: &mut Config| config.limits.requests_per_minute_per_address = 10;
    limited(ten, |world| async move {
        let from = async |address: &str, path: &str| {
            let headers = [("x-forwarded-for", address)];
            world.send(Method::GET, path, &headers, vec![]).await
        };
        for _ in 0..10 {
            assert_eq!(from("198.51.100.1", "/companies").await.status, 401);
        }
        let over = from("198.51.100.1", "/companies").await;
        over.refused(429);
        assert_eq!(over.header("retry-after"), Some("60"));
        from("198.51.100.1", "/nowhere").await.refused(429);
        assert_eq!(from("198.51.100.2", "/companies").await.status, 401);
        // What stands before the last address, anybody can have written.
        assert_eq!(
            from("198.51.100.2, 198.51.100.1", "/companies")
                .await
                .status,
            429
        );
        assert_eq!(
            from("198.51.100.1", "/ready").await.status,
            200,
            "machines may ask"
        );
        world.pass(TimeDelta::minutes(1));
        assert_eq!(from("198.51.100.1", "/companies").await.status, 401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_can_be_switched_off() {
    limited(
        |_| {},
        |world| async move {
            let answer = world
                .post("/companies", json!({ "name": "merchant-42" }))
                .await;
            answer.ok();
            assert!(answer.header("x-rate-limit-limit").is_none());
        },
    )
    .await;
}
