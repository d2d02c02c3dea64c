//! Rate limits of clients and addresses, and the headers that report them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use http::Method;
use platform::app::config::Config;
use platform::app::{App, Shared};
use platform::limits::clients::{Admission, Refusal};
use store::model::{ClientId, CompanyId};

use serde_json::json;

use crate::harness::{Answer, World, encoded, postgres_database};

/// Runs a story on both databases, with limits.
async fn with_limits<F: Future<Output = ()>>(adjust: fn(&mut Config), tell: fn(Arc<World>) -> F) {
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

/// Limit, remaining and reset of the answer's headers.
fn rate_headers(answer: &Answer) -> (i64, i64, String) {
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

async fn count_events(world: &World, kind: &str) -> usize {
    let rows = world.everything().await;
    rows.lines()
        .filter(|line| line.starts_with("event: ") && line.contains(kind))
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_over_the_limit_gives_its_idempotency_key_back() {
    let two = |config: &mut Config| config.limits.requests_per_day = 2;
    with_limits(two, |world| async move {
        let key = store::clock::random_id().to_string();
        let authorization = format!("Basic {}", encoded(&world.key));
        let make = async |name: &str| {
            let headers = [
                ("authorization", authorization.as_str()),
                ("content-type", "application/json"),
                ("idempotency-key", key.as_str()),
            ];
            let body = json!({ "name": name }).to_string().into_bytes();
            let path = "/companies";
            world.send(Method::POST, path, &headers, body).await
        };
        for _ in 0..2 {
            world.get("/companies").await.ok();
        }
        make("Quay").await.refused(429);
        world.pass(TimeDelta::days(1));
        // Another body under the same key: nothing was kept of the first.
        let made = make("Mole").await;
        assert_eq!(made.header("idempotency-replayed"), None);
        assert_eq!(made.ok()["name"], "Mole");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn daily_requests_grow_with_connected_companies_and_are_renewed_at_midnight() {
    let few = |config: &mut Config| config.limits.requests_per_day = 5;
    with_limits(few, |world| async move {
        let midnight = "2026-06-16T00:00:00Z".to_owned();
        let company = world.company("merchant-42").await;
        let token = world
            .get(&format!("/companies/{company}/accessToken"))
            .await;
        assert_eq!(rate_headers(&token), (5, 3, midnight.clone()));
        let bearer = format!("Bearer {}", token.ok()["accessToken"].as_str().unwrap());
        let link = world.connection(&company, "mqjo").await;
        // Requests refused for other reasons count too, but an unknown key belongs to no client.
        let missing = world.get("/integrations/nothing").await;
        assert_eq!(
            (missing.status.as_u16(), rate_headers(&missing).1),
            (404, 1)
        );
        let stranger = world
            .with_key("wrong", Method::GET, "/companies", None)
            .await;
        assert_eq!(stranger.status, 401);
        assert!(stranger.header("x-rate-limit-limit").is_none());
        assert_eq!(
            rate_headers(&world.get("/companies").await),
            (5, 0, midnight.clone())
        );
        assert_eq!(count_events(&world, "client.rateLimit.reached").await, 0);

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
            assert_eq!(rate_headers(&over), (5, 0, midnight.clone()));
        }
        assert_eq!(
            count_events(&world, "client.rateLimit.reached").await,
            1,
            "reported once"
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
        assert_eq!(rate_headers(&more), (10, 4, midnight));

        for _ in 0..4 {
            world.get("/companies").await.ok();
        }
        world.get("/companies").await.refused(429);
        assert_eq!(count_events(&world, "client.rateLimit.reset").await, 0);
        world.pass(TimeDelta::hours(15));
        // Nobody has to ask for it.
        platform::work::chores_once(&world.app).await.unwrap();
        assert_eq!(count_events(&world, "client.rateLimit.reset").await, 1);
        let fresh = world.get("/companies").await;
        assert_eq!(rate_headers(&fresh), (10, 9, "2026-06-17T00:00:00Z".into()));
        assert_eq!(
            count_events(&world, "client.rateLimit.reset").await,
            1,
            "reported once"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_share_a_days_requests_without_exceeding_them_and_waste_less_than_one_in_a_hundred() {
    let many = |config: &mut Config| config.limits.requests_per_day = 5_000;
    with_limits(many, |world| async move {
        let client = client_of(&world).await;
        let mut nodes = Vec::new();
        for _ in 0..3 {
            let config = world.app.config.clone();
            nodes.push(App::start(config, world.clock.clone()).await.unwrap());
        }
        // The third gets few requests, and keeps the share it was given.
        let mut admitted = 0;
        for turn in 0..6_000 {
            let node = &nodes[if turn % 500 == 0 { 2 } else { turn % 2 }];
            match node.client_limits.admit(client).await {
                Ok(_) => admitted += 1,
                Err(Refusal::UsedUp { standing, .. }) => assert_eq!(standing.limit, 5_000),
                Err(other) => panic!("{other}"),
            }
        }
        assert!((4_950..=5_000).contains(&admitted), "{admitted}");
        assert_eq!(
            count_events(&world, "client.rateLimit.reached").await,
            1,
            "reported once"
        );

        // A node that stops gives back what it doesn't need.
        world.pass(TimeDelta::days(1));
        nodes[0].client_limits.admit(client).await.unwrap();
        nodes[0].client_limits.give_back().await.unwrap();
        let after = nodes[1].client_limits.admit(client).await.unwrap();
        assert_eq!(after.standing.unwrap().remaining, 4_998);
        for node in nodes {
            node.db.close().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_requests_beyond_the_limit_are_refused() {
    let two = |config: &mut Config| config.limits.concurrent_per_company = 2;
    with_limits(two, |world| async move {
        let client = client_of(&world).await;
        let held = (
            world.app.client_limits.admit(client).await.unwrap(),
            world.app.client_limits.admit(client).await.unwrap(),
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

/// Further nodes on the world's database without a server: they only share limits.
async fn nodes(world: &World, number: usize) -> Vec<Shared> {
    let mut nodes = Vec::new();
    for _ in 0..number {
        let node = App::start(world.app.config.clone(), world.clock.clone())
            .await
            .unwrap();
        let relaying = Arc::clone(&node);
        tokio::spawn(async move {
            let stop = relaying.stop.subscribe();
            relaying.live.relay(&relaying.db, stop).await;
        });
        let sharing = Arc::clone(&node);
        tokio::spawn(async move {
            let stop = sharing.stop.subscribe();
            sharing.client_limits.share(stop).await;
        });
        nodes.push(node);
    }
    nodes
}

/// Admits `number` concurrent requests of a client on a node, each as soon as the limit has room.
async fn admit_many(node: &App, client: ClientId, number: usize) -> Vec<Admission> {
    let mut under_way = Vec::new();
    let began = Instant::now();
    while under_way.len() < number {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{} of {number}",
            under_way.len()
        );
        match node.client_limits.admit(client).await {
            Ok(admission) => under_way.push(admission),
            Err(Refusal::TooMany) => {}
            Err(other) => panic!("{other}"),
        }
    }
    under_way
}

async fn is_full(node: &App, client: ClientId) -> bool {
    matches!(
        node.client_limits.admit(client).await,
        Err(Refusal::TooMany)
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_share_a_clients_concurrent_requests_to_the_last_one() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let forty = |config: &mut Config| config.limits.concurrent_per_company = 40;
    let world = World::start(url, tempfile::tempdir().unwrap(), forty).await;
    let client = client_of(&world).await;
    let nodes = nodes(&world, 3).await;

    // All of it on one node, then on another, which is given what the first no longer needs.
    let first = admit_many(&nodes[0], client, 40).await;
    assert!(is_full(&nodes[0], client).await && is_full(&nodes[1], client).await);
    drop(first);
    let second = admit_many(&nodes[1], client, 40).await;
    assert!(is_full(&nodes[0], client).await && is_full(&nodes[2], client).await);

    // A busy node gives up what becomes idle.
    let mut second = second.into_iter();
    let waiting = tokio::spawn({
        let node = Arc::clone(&nodes[2]);
        async move { admit_many(&node, client, 5).await }
    });
    while !waiting.is_finished() {
        drop(second.next());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let third = waiting.await.unwrap();
    let mut all = admit_many(&nodes[0], client, 40 - third.len() - second.len()).await;
    for node in &nodes {
        assert!(is_full(node, client).await);
    }

    // Whoever stops leaves its places to the others at once.
    nodes[2].client_limits.give_back().await.unwrap();
    all.extend(admit_many(&nodes[0], client, third.len()).await);
    assert!(is_full(&nodes[0], client).await);
    for node in nodes {
        node.stop.send_replace(true);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_together_never_exceed_a_clients_concurrent_requests() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let ten = |config: &mut Config| config.limits.concurrent_per_company = 10;
    let world = World::start(url, tempfile::tempdir().unwrap(), ten).await;
    let client = client_of(&world).await;
    let nodes = nodes(&world, 3).await;
    let under_way = Arc::new(AtomicUsize::new(0));
    let all_served = Arc::new(AtomicUsize::new(0));
    let callers = (0..24).map(|caller: u64| {
        let node = Arc::clone(&nodes[(caller % 3) as usize]);
        let (under_way, all_served) = (Arc::clone(&under_way), Arc::clone(&all_served));
        tokio::spawn(async move {
            let (mut served, mut most) = (0, 0);
            while all_served.load(Ordering::SeqCst) < 3_000 {
                match node.client_limits.admit(client).await {
                    Ok(admission) => {
                        most = most.max(under_way.fetch_add(1, Ordering::SeqCst) + 1);
                        served += 1;
                        let pause = (caller * 7 + served * 5) % 23;
                        tokio::time::sleep(Duration::from_millis(pause)).await;
                        // Before its place is another's.
                        under_way.fetch_sub(1, Ordering::SeqCst);
                        all_served.fetch_add(1, Ordering::SeqCst);
                        drop(admission);
                    }
                    Err(Refusal::TooMany) => tokio::time::sleep(Duration::from_millis(5)).await,
                    Err(other) => panic!("{other}"),
                }
            }
            (served, most)
        })
    });
    let (mut served, mut most) = (vec![0; 3], 0);
    for (caller, done) in futures_util::future::join_all(callers)
        .await
        .into_iter()
        .enumerate()
    {
        let (by_this, seen) = done.unwrap();
        served[caller % 3] += by_this;
        most = most.max(seen);
    }
    assert_eq!(most, 10, "all places are used, and none twice");
    assert!(
        served.iter().all(|number| *number > 500),
        "none goes short: {served:?}"
    );
    for node in nodes {
        node.stop.send_replace(true);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_concurrent_requests_of_a_dead_node_are_freed() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let ten = |config: &mut Config| config.limits.concurrent_per_company = 10;
    let world = World::start(url, tempfile::tempdir().unwrap(), ten).await;
    let client = client_of(&world).await;
    let dead = App::start(world.app.config.clone(), world.clock.clone())
        .await
        .unwrap();
    let had = admit_many(&dead, client, 10).await;
    let nodes = nodes(&world, 1).await;
    assert!(is_full(&nodes[0], client).await);
    // Nobody keeps its lease of ten seconds.
    let others = admit_many(&nodes[0], client, 10).await;
    assert!(is_full(&dead, client).await, "it knows that it has none");
    drop((had, others));
    for node in nodes {
        node.stop.send_replace(true);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_connected_company_raises_the_clients_concurrent_requests() {
    let two = |config: &mut Config| config.limits.concurrent_per_company = 2;
    with_limits(two, |world| async move {
        let client = client_of(&world).await;
        let (first, connection) = world.linked("mqjo", "lindqvist-snickeri").await;
        world.linked("qhnd", "lindqvist-snickeri").await;
        world.company("connected to nothing").await;
        // A node counts companies at its first request; this one had none.
        let under_way = async |count: usize| {
            let node = nodes(&world, 1).await.remove(0);
            let held = admit_many(&node, client, count).await;
            assert!(is_full(&node, client).await);
            drop(held);
            node.client_limits.give_back().await.unwrap();
            node.stop.send_replace(true);
        };
        under_way(4).await;
        let path = format!("/companies/{first}/connections/{connection}");
        world.disconnect(&path).await;
        under_way(2).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_beyond_its_deadline_is_refused_in_the_error_envelope() {
    let soon = |config: &mut Config| config.limits.request_timeout_ms = 300;
    with_limits(soon, |world| async move {
        // It serves, and needs the database's one writer for its start no more.
        assert_eq!(world.get("/health").await.status, 200);
        // Somebody else is making one, and doesn't come to an end: there is one at a time for a client, since they are counted.
        let now = world.clock.now();
        let company = store::companies::Company {
            id: CompanyId(store::clock::new_id(now)),
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
        let message = late.refused(503);
        assert!(message.contains("took too long"), "{message}");
        assert_eq!(world.get("/health").await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_a_minute_are_limited_for_each_address_of_any_caller() {
    let ten = |config: &mut Config| config.limits.requests_per_minute_per_address = 10;
    with_limits(ten, |world| async move {
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
        // Any client can have written the addresses before the last one.
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
async fn nodes_share_an_addresss_requests_a_minute_and_waste_less_than_one_in_a_hundred() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let thousand = |config: &mut Config| config.limits.requests_per_minute_per_address = 1_000;
    let world = World::start(url, tempfile::tempdir().unwrap(), thousand).await;
    let nodes = nodes(&world, 3).await;
    let minute = async |address: &str| {
        let address = address.parse().unwrap();
        let mut allowed = 0;
        for turn in 0..1_500 {
            // The third gets few requests, and keeps the share it was given.
            let node = &nodes[if turn % 100 == 0 { 2 } else { turn % 2 }];
            allowed += usize::from(node.client_limits.call(address).await.is_none());
        }
        allowed
    };
    let allowed = minute("198.51.100.1").await;
    assert!((990..=1_000).contains(&allowed), "{allowed}");
    let other = minute("2001:db8::1").await;
    assert!((990..=1_000).contains(&other), "{other}");

    // Many at once, on both.
    world.pass(TimeDelta::minutes(1));
    let burst = (0..1_200).map(|turn| {
        nodes[turn % 2]
            .client_limits
            .call("198.51.100.1".parse().unwrap())
    });
    let answers = futures_util::future::join_all(burst).await;
    let allowed = answers.iter().filter(|wait| wait.is_none()).count();
    assert!((990..=1_000).contains(&allowed), "{allowed}");
    for node in nodes {
        node.stop.send_replace(true);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_can_be_switched_off() {
    with_limits(
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
