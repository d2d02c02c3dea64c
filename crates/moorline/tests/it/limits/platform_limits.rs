//! Limits of platforms are kept by whatever asks them: writes wait as pulls do, and nodes share a day's requests.

use std::sync::Arc;

use axum::http::Method;
use chrono::TimeDelta;
use egress::{Door, Policy};
use futures_util::future::join_all;

use serde_json::{Value, json};

use crate::delivery::live_updates::Node;
use crate::harness::quayside::{Play, Stage, TENANTS, platform_story};
use crate::harness::{Answer, World, encoded};

/// A platform whose customers can be written, within `limits`; each write is two requests, for its map looks something up.
fn written(limits: &'static str) -> Play {
    Play {
        source: "Accounting",
        limits,
        every_hours: 0,
        writes: true,
    }
}

fn record() -> Value {
    json!({ "customerName": "Harbour Café" })
}

fn path_of((company, connection): &(String, String), terms: &str) -> String {
    format!(
        "/companies/{company}/connections/{connection}/push/customers?allowSyncOnPushComplete=false{terms}"
    )
}

/// Asks for a write: where it can be looked at.
async fn push(stage: &Stage, ids: &(String, String), terms: &str) -> String {
    let asked = stage.world.post(&path_of(ids, terms), record()).await;
    place_of(&ids.0, &asked)
}

fn place_of(company: &str, asked: &Answer) -> String {
    let asked = asked.ok();
    assert_eq!(asked["status"], "Pending", "{asked}");
    let key = asked["pushOperationKey"].as_str().unwrap();
    format!("/companies/{company}/push/{key}")
}

async fn ended(world: &World, push: &str) -> Value {
    world
        .until("the write has ended", || async {
            let now = world.get(push).await.ok();
            (now["status"] != "Pending").then_some(now)
        })
        .await
}

async fn succeeded(world: &World, push: &str) {
    let ended = ended(world, push).await;
    assert_eq!(ended["status"], "Success", "{ended}");
    assert_eq!(ended["errorMessage"], Value::Null);
}

/// Waits until it says that it waits, and gives its words.
async fn paused(world: &World, push: &str) -> String {
    world
        .until("the write waits", || async {
            let now = world.get(push).await.ok();
            assert_eq!(now["status"], "Pending", "{now}");
            now["errorMessage"].as_str().map(str::to_owned)
        })
        .await
}

/// How many records were sent.
fn sent(stage: &Stage) -> usize {
    stage.platform.seen(Method::POST, "/v1/new-customers").len()
}

/// How many requests a business's connection has made to the platform's API.
fn asked(stage: &Stage, tenant: &str) -> usize {
    let of = |method, path: &str| stage.platform.seen(method, path);
    [
        of(Method::GET, "/v1/customers"),
        of(Method::GET, "/v1/terms"),
        of(Method::POST, "/v1/new-customers"),
    ]
    .concat()
    .iter()
    .filter(|seen| seen.tenant.as_deref() == Some(tenant))
    .count()
}

/// A connection of another business, whose first pull has ended.
async fn neighbour(stage: &Stage) -> (String, String) {
    stage.platform.leads_to(&TENANTS[1..]);
    let ids = stage.linked().await;
    stage.world.settled(&ids.0).await;
    ids
}

platform_story!(
    a_write_beyond_the_minute_s_limit_waits_for_the_next_and_then_goes,
    written("concurrent_requests = 2\nrequests_per_minute = 5"),
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let busy = stage.linked().await;
        world.settled(&busy.0).await;
        // With the pull's page, that makes five.
        for _ in 0..2 {
            let first = push(&stage, &busy, "").await;
            succeeded(world, &first).await;
        }
        let late = push(&stage, &busy, "").await;
        let told = paused(world, &late).await;
        assert!(
            told.starts_with("Paused until 2026-06-15T09:31:00.010Z: as many requests"),
            "{told}"
        );
        assert_eq!((sent(&stage), asked(&stage, "t-1")), (2, 5));
        let other = neighbour(&stage).await;
        let theirs = push(&stage, &other, "").await;
        succeeded(world, &theirs).await;
        assert_eq!(world.get(&late).await.ok()["status"], "Pending");
        world.pass(TimeDelta::seconds(61));
        succeeded(world, &late).await;
        assert_eq!(asked(&stage, "t-1"), 7);

        // Many at once take no more than a few one after the other: one more now, then two a minute.
        let pushes = join_all((0..6).map(|_| push(&stage, &busy, ""))).await;
        for (left, requests) in [(5, 9), (3, 13), (1, 17), (0, 19)] {
            world
                .until(format!("{left} wait"), || async {
                    assert!(asked(&stage, "t-1") <= requests, "too many in a minute");
                    let mut waiting = 0;
                    for push in &pushes {
                        let now = world.get(push).await.ok();
                        if now["status"] == "Pending" {
                            waiting += 1;
                            now["errorMessage"].as_str()?;
                        }
                    }
                    (waiting == left).then_some(())
                })
                .await;
            assert_eq!(asked(&stage, "t-1"), requests);
            world.pass(TimeDelta::seconds(61));
        }
        for push in &pushes {
            succeeded(world, push).await;
        }
        assert_eq!(sent(&stage), 4 + 6, "each once");
    }
);

platform_story!(
    a_write_that_is_told_to_come_later_does_and_pulls_of_its_connection_with_it,
    written("concurrent_requests = 2\nrequests_per_minute = 60"),
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let busy = stage.linked().await;
        world.settled(&busy.0).await;
        let other = neighbour(&stage).await;
        let written = json!({ "customer": { "id": "77" } });
        let answers = |status: u16, headers: &[(&'static str, &str)]| {
            let answer = if status == 200 {
                written.clone()
            } else {
                Value::Null
            };
            let platform = &stage.platform;
            platform.answers("/v1/new-customers", status, headers, answer);
        };
        answers(429, &[("retry-after", "120")]);
        let first = push(&stage, &busy, "").await;
        let told = paused(world, &first).await;
        assert!(
            told.starts_with("Paused until 2026-06-15T09:32:00"),
            "{told}"
        );
        assert_eq!(sent(&stage), 1);

        // From then on nothing of the connection asks, and its neighbour isn't hindered.
        answers(200, &[]);
        let second = push(&stage, &busy, "").await;
        let told = paused(world, &second).await;
        assert!(
            told.contains("the platform asks for fewer requests"),
            "{told}"
        );
        let queue = format!("/companies/{}/data/queue/customers", busy.0);
        let asked_before = asked(&stage, "t-1");
        // What is asked for within one millisecond has no order.
        world.pass(TimeDelta::milliseconds(1));
        world.client(Method::POST, &queue, None).await.ok();
        let told = stage.paused(&busy.0).await;
        assert!(
            told.starts_with("Paused until 2026-06-15T09:32:00"),
            "{told}"
        );
        assert_eq!(asked(&stage, "t-1"), asked_before);
        let theirs = push(&stage, &other, "").await;
        succeeded(world, &theirs).await;
        world.pass(TimeDelta::seconds(121));
        // The platform knows no requests by their keys; it had certainly not done the first one.
        succeeded(world, &first).await;
        succeeded(world, &second).await;
        world.settled(&busy.0).await;
        assert_eq!(sent(&stage), 4);

        // One of which nobody knows what came of it is not sent again.
        answers(503, &[("retry-after", "1")]);
        let unsure = push(&stage, &busy, "").await;
        let unsure = ended(world, &unsure).await;
        assert_eq!(unsure["status"], "Failed", "{unsure}");
        let message = unsure["errorMessage"].as_str().unwrap();
        assert!(
            message.contains("may have carried the request out"),
            "{message}"
        );
        assert_eq!(sent(&stage), 5);
        world.pass(TimeDelta::seconds(61));

        // A time limit ends the wait, and says what it was for.
        answers(429, &[("retry-after", "7200"), ("x-problem", "daily")]);
        let late = push(&stage, &busy, "&timeoutInMinutes=5").await;
        let told = paused(world, &late).await;
        assert!(
            told.starts_with("Paused until 2026-06-15T11:33:02"),
            "{told}"
        );
        answers(200, &[]);
        world.pass(TimeDelta::minutes(5));
        let late = ended(world, &late).await;
        assert_eq!(late["status"], "TimedOut", "{late}");
        assert_eq!(late["statusCode"], 408);
        assert_eq!(
            late["errorMessage"],
            "The operation did not complete within its time limit. It was paused until 2026-06-15T11:33:02.011Z: the \
             platform's limit for the day is reached."
        );
        let patient = push(&stage, &busy, "").await;
        paused(world, &patient).await;
        world.pass(TimeDelta::hours(2));
        succeeded(world, &patient).await;
        assert_eq!(sent(&stage), 7, "what had timed out was not sent");

        // What a good answer says is left holds too.
        answers(200, &[("x-day-left", "0")]);
        let last = push(&stage, &busy, "").await;
        succeeded(world, &last).await;
        let next = push(&stage, &busy, "").await;
        let told = paused(world, &next).await;
        assert!(
            told.starts_with("Paused until 2026-06-16T00:00:00"),
            "{told}"
        );
    }
);

platform_story!(
    a_page_with_more_records_than_a_minute_s_requests_gets_what_belongs_to_each_of_them,
    Play {
        source: "Accounting",
        limits: "concurrent_requests = 2\nrequests_per_minute = 4",
        every_hours: 0,
        writes: false,
    },
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        // Two groups of one place are one request; what isn't there isn't asked for again either.
        let config = json!({ "supplementalDataConfig": {
            "person": { "dataSource": "/contacts", "pullData": { "phone": "phone" } },
            "place": { "dataSource": "/contacts", "pullData": { "town": "town" } },
        }});
        let path = "/integrations/test/dataTypes/customers/supplementalDataConfig";
        let put = world.client(Method::PUT, path, Some(config)).await;
        assert!(put.status.is_success(), "{}", put.text());
        let ids: Vec<String> = (1..=8).map(|number| number.to_string()).collect();
        let names: Vec<&str> = ids.iter().map(String::as_str).collect();
        stage.platform.customers(&names, false);
        let contact = |id: &str| format!("/v1/contacts/{id}");
        for id in &ids[..7] {
            let body = json!({ "phone": format!("0{id}"), "town": "Harbour" });
            stage.platform.answers(&contact(id), 200, &[], body);
        }
        let asked = || -> Vec<usize> {
            let of = |id: &String| stage.platform.seen(Method::GET, &contact(id)).len();
            ids.iter().map(of).collect()
        };

        let (company, connection) = stage.linked().await;
        for (minute, known) in [(31, 3), (32, 6)] {
            let until = format!("Paused until 2026-06-15T09:{minute}:");
            let told = world.until("the pull waits for the next minute", || async {
                let told = stage.paused(&company).await;
                told.starts_with(&until).then_some(told)
            });
            told.await;
            assert_eq!(asked().iter().sum::<usize>(), known, "{:?}", asked());
            world.pass(TimeDelta::seconds(61));
        }
        world.settled(&company).await;
        assert_eq!(asked(), [1; 8]);
        let path = format!("/companies/{company}/data/customers?pageSize=100");
        let customers = world.get(&path).await.ok();
        assert_eq!(customers["totalResults"], 8);
        for customer in customers["results"].as_array().unwrap() {
            let id = customer["id"].as_str().unwrap();
            let expected = if id == "8" {
                json!({ "person": { "phone": null }, "place": { "town": null } })
            } else {
                json!({ "person": { "phone": format!("0{id}") }, "place": { "town": "Harbour" } })
            };
            assert_eq!(customer["supplementalData"]["content"], expected, "{id}");
        }
        let kept = async |dataset: &Value| {
            let id = dataset["id"].as_str().unwrap().parse().unwrap();
            let kept = store::supplements::list(&world.app.db, id).await;
            kept.unwrap().len()
        };
        assert_eq!(
            kept(&stage.dataset(&company).await).await,
            0,
            "the page is stored"
        );

        // What a disconnect ends leaves nothing behind.
        world.pass(TimeDelta::seconds(61));
        let queue = format!("/companies/{company}/data/queue/customers");
        world.client(Method::POST, &queue, None).await.ok();
        stage.paused(&company).await;
        let dataset = stage.dataset(&company).await;
        assert_eq!(kept(&dataset).await, 3);
        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        assert_eq!(kept(&dataset).await, 0);
    }
);

/// How many writes a node has brought to their end, by its own count.
fn brought(node: &platform::app::App) -> bool {
    let text = node.metrics.text();
    let of_success = |line: &&str| line.contains("push") && line.contains("outcome=\"Success\"");
    text.lines().any(|line| of_success(&line))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_share_a_day_s_requests_and_its_rests_and_the_neighbour_has_its_own() {
    let play = written("concurrent_requests = 2\nrequests_per_day = 100");
    let Some(stage) = Stage::on_postgres(play).await else {
        return;
    };
    let world = &stage.world;
    let busy = stage.linked().await;
    world.settled(&busy.0).await;
    let other = neighbour(&stage).await;
    let node = Node::beside(world).await;
    let host = format!("localhost:{}", node.port);
    let door = Door::new(Policy {
        allow_private: [host.clone()].into(),
        ..Policy::default()
    });
    let beside = async |ids: &(String, String)| {
        let url = format!("http://{host}{}", path_of(ids, ""));
        let key = format!("Basic {}", encoded(&world.key));
        let headers = [
            ("authorization", key.as_str()),
            ("content-type", "application/json"),
        ];
        let body = record().to_string().into_bytes();
        let answer = world.send_through(&door, Method::POST, &url, &headers, body);
        place_of(&ids.0, &answer.await)
    };

    world
        .until("both nodes have written", || async {
            let here = push(&stage, &busy, "").await;
            let there = beside(&busy).await;
            succeeded(world, &here).await;
            succeeded(world, &there).await;
            (brought(&world.app) && brought(&node.app)).then_some(())
        })
        .await;
    // A list without an end takes the rest of the day, but for what the other node holds of it.
    stage.platform.customers(&["1"], true);
    let queue = format!("/companies/{}/data/queue/customers", busy.0);
    // What is asked for within one millisecond has no order.
    world.pass(TimeDelta::milliseconds(1));
    world.client(Method::POST, &queue, None).await.ok();
    let told = stage.paused(&busy.0).await;
    assert!(
        told.starts_with("Paused until 2026-06-16T00:00:00"),
        "{told}"
    );
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(push(&stage, &busy, "").await);
        waiting.push(beside(&busy).await);
    }
    for push in &waiting {
        let told = paused(world, push).await;
        assert!(
            told.starts_with("Paused until 2026-06-16T00:00:00"),
            "{told}"
        );
    }
    let used = asked(&stage, "t-1");
    assert!((98..=100).contains(&used), "{used}");
    for theirs in [push(&stage, &other, "").await, beside(&other).await] {
        succeeded(world, &theirs).await;
    }
    stage.platform.customers(&["1"], false);
    world.pass(TimeDelta::hours(15));
    node.app.work.notify_one();
    for push in &waiting {
        succeeded(world, push).await;
    }

    // What the platform tells one node of its day, the other heeds.
    let refusal = [("retry-after", "7200"), ("x-problem", "daily")];
    let platform = &stage.platform;
    platform.answers("/v1/new-customers", 429, &refusal, Value::Null);
    let first = push(&stage, &busy, "").await;
    let told = paused(world, &first).await;
    assert!(
        told.starts_with("Paused until 2026-06-16T02:30:00"),
        "{told}"
    );
    let before = asked(&stage, "t-1");
    for _ in 0..3 {
        for push in [push(&stage, &busy, "").await, beside(&busy).await] {
            let told = paused(world, &push).await;
            assert!(
                told.starts_with("Paused until 2026-06-16T02:30:00"),
                "{told}"
            );
        }
    }
    assert_eq!(asked(&stage, "t-1"), before);
    node.stop().await;
    stage.end().await;
}
