//! Limits of platforms hold for every request to them: writes wait as pulls do, and nodes share a day's requests.

use std::sync::Arc;

use axum::http::Method;
use chrono::TimeDelta;
use egress::{Door, Policy};
use futures_util::future::join_all;

use serde_json::{Value, json};

use crate::harness::own_platform::{PlatformOptions, Stage, TENANTS, platform_story};
use crate::harness::{Answer, Node, World, encoded};

/// A platform whose customers can be written, within `limits`. Each write is two requests, since its map has a lookup.
fn writable_platform(limits: &'static str) -> PlatformOptions {
    PlatformOptions {
        source: "Accounting",
        limits,
        every_hours: 0,
        writes: true,
        ..PlatformOptions::from("Accounting")
    }
}

fn customer_record() -> Value {
    json!({ "customerName": "Harbour Café" })
}

fn push_path((company, connection): &(String, String), terms: &str) -> String {
    format!(
        "/companies/{company}/connections/{connection}/push/customers?allowSyncOnPushComplete=false{terms}"
    )
}

/// Requests a write and returns the path of its push operation.
async fn push(stage: &Stage, ids: &(String, String), terms: &str) -> String {
    let queued = stage
        .world
        .post(&push_path(ids, terms), customer_record())
        .await;
    operation_path(&ids.0, &queued)
}

fn operation_path(company: &str, queued: &Answer) -> String {
    let queued = queued.ok();
    assert_eq!(queued["status"], "Pending", "{queued}");
    let key = queued["pushOperationKey"].as_str().unwrap();
    format!("/companies/{company}/push/{key}")
}

async fn wait_for_end(world: &World, push: &str) -> Value {
    world
        .until("the write has ended", || async {
            let now = world.get(push).await.ok();
            (now["status"] != "Pending").then_some(now)
        })
        .await
}

async fn wait_for_success(world: &World, push: &str) {
    let ended = wait_for_end(world, push).await;
    assert_eq!(ended["status"], "Success", "{ended}");
    assert_eq!(ended["errorMessage"], Value::Null);
}

/// Waits until the write reports that it is paused, and returns its message.
async fn wait_for_pause(world: &World, push: &str) -> String {
    world
        .until("the write waits", || async {
            let now = world.get(push).await.ok();
            assert_eq!(now["status"], "Pending", "{now}");
            now["errorMessage"].as_str().map(str::to_owned)
        })
        .await
}

/// Number of records sent to the platform.
fn records_sent(stage: &Stage) -> usize {
    stage.platform.seen(Method::POST, "/v1/new-customers").len()
}

/// Number of requests of a business's connection to the platform's API.
fn requests_made(stage: &Stage, tenant: &str) -> usize {
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
async fn connection_of_another_business(stage: &Stage) -> (String, String) {
    stage.platform.leads_to(&TENANTS[1..]);
    let ids = stage.linked().await;
    stage.world.settled(&ids.0).await;
    ids
}

platform_story!(
    a_write_beyond_the_minutes_limit_waits_for_the_next_minute,
    writable_platform("concurrent_requests = 2\nrequests_per_minute = 5"),
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let busy = stage.linked().await;
        world.settled(&busy.0).await;
        // With the pull's page, that makes five.
        for _ in 0..2 {
            let first = push(&stage, &busy, "").await;
            wait_for_success(world, &first).await;
        }
        let late = push(&stage, &busy, "").await;
        let message = wait_for_pause(world, &late).await;
        assert!(
            message.starts_with("Paused until 2026-06-15T09:31:00.010Z: as many requests"),
            "{message}"
        );
        assert_eq!((records_sent(&stage), requests_made(&stage, "t-1")), (2, 5));
        let other = connection_of_another_business(&stage).await;
        let theirs = push(&stage, &other, "").await;
        wait_for_success(world, &theirs).await;
        assert_eq!(world.get(&late).await.ok()["status"], "Pending");
        world.pass(TimeDelta::seconds(61));
        wait_for_success(world, &late).await;
        assert_eq!(requests_made(&stage, "t-1"), 7);

        // Many at once take no more than a few one after the other: one more now, then two a minute.
        let pushes = join_all((0..6).map(|_| push(&stage, &busy, ""))).await;
        for (left, requests) in [(5, 9), (3, 13), (1, 17), (0, 19)] {
            world
                .until(format!("{left} wait"), || async {
                    assert!(
                        requests_made(&stage, "t-1") <= requests,
                        "too many in a minute"
                    );
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
            assert_eq!(requests_made(&stage, "t-1"), requests);
            world.pass(TimeDelta::seconds(61));
        }
        for push in &pushes {
            wait_for_success(world, push).await;
        }
        assert_eq!(records_sent(&stage), 4 + 6, "each once");
    }
);

platform_story!(
    a_rate_limited_write_waits_for_retry_after_and_so_do_pulls_of_its_connection,
    writable_platform("concurrent_requests = 2\nrequests_per_minute = 60"),
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let busy = stage.linked().await;
        world.settled(&busy.0).await;
        let other = connection_of_another_business(&stage).await;
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
        let message = wait_for_pause(world, &first).await;
        assert!(
            message.starts_with("Paused until 2026-06-15T09:32:00"),
            "{message}"
        );
        assert_eq!(records_sent(&stage), 1);

        // From then on the connection sends no request, and the other connection goes on.
        answers(200, &[]);
        let second = push(&stage, &busy, "").await;
        let message = wait_for_pause(world, &second).await;
        assert!(
            message.contains("the platform asks for fewer requests"),
            "{message}"
        );
        let queue = format!("/companies/{}/data/queue/customers", busy.0);
        let asked_before = requests_made(&stage, "t-1");
        // Requests within one millisecond have no order.
        world.pass(TimeDelta::milliseconds(1));
        world.client(Method::POST, &queue, None).await.ok();
        let message = stage.paused(&busy.0).await;
        assert!(
            message.starts_with("Paused until 2026-06-15T09:32:00"),
            "{message}"
        );
        assert_eq!(requests_made(&stage, "t-1"), asked_before);
        let theirs = push(&stage, &other, "").await;
        wait_for_success(world, &theirs).await;
        world.pass(TimeDelta::seconds(121));
        // The platform knows no requests by their keys; it had certainly not done the first one.
        wait_for_success(world, &first).await;
        wait_for_success(world, &second).await;
        world.settled(&busy.0).await;
        assert_eq!(records_sent(&stage), 4);

        // A write with an unknown outcome is not sent again.
        answers(503, &[("retry-after", "1")]);
        let unsure = push(&stage, &busy, "").await;
        let unsure = wait_for_end(world, &unsure).await;
        assert_eq!(unsure["status"], "Failed", "{unsure}");
        let message = unsure["errorMessage"].as_str().unwrap();
        assert!(
            message.contains("may have carried the request out"),
            "{message}"
        );
        assert_eq!(records_sent(&stage), 5);
        world.pass(TimeDelta::seconds(61));

        // A time limit ends the wait, and reports its reason.
        answers(429, &[("retry-after", "7200"), ("x-problem", "daily")]);
        let late = push(&stage, &busy, "&timeoutInMinutes=5").await;
        let message = wait_for_pause(world, &late).await;
        assert!(
            message.starts_with("Paused until 2026-06-15T11:33:02"),
            "{message}"
        );
        answers(200, &[]);
        world.pass(TimeDelta::minutes(5));
        let late = wait_for_end(world, &late).await;
        assert_eq!(late["status"], "TimedOut", "{late}");
        assert_eq!(late["statusCode"], 408);
        assert_eq!(
            late["errorMessage"],
            "The operation did not complete within its time limit. It was paused until 2026-06-15T11:33:02.011Z: the \
             platform's limit for the day is reached."
        );
        let patient = push(&stage, &busy, "").await;
        wait_for_pause(world, &patient).await;
        world.pass(TimeDelta::hours(2));
        wait_for_success(world, &patient).await;
        assert_eq!(records_sent(&stage), 7, "what had timed out was not sent");

        // The remaining requests in a successful answer count too.
        answers(200, &[("x-day-left", "0")]);
        let last = push(&stage, &busy, "").await;
        wait_for_success(world, &last).await;
        let next = push(&stage, &busy, "").await;
        let message = wait_for_pause(world, &next).await;
        assert!(
            message.starts_with("Paused until 2026-06-16T00:00:00"),
            "{message}"
        );
    }
);

platform_story!(
    a_page_with_more_records_than_requests_a_minute_is_completed_over_several_minutes,
    PlatformOptions {
        source: "Accounting",
        limits: "concurrent_requests = 2\nrequests_per_minute = 4",
        every_hours: 0,
        writes: false,
        ..PlatformOptions::from("Accounting")
    },
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        // Two groups of one place are one request; a missing one isn't requested again either.
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
        let contact_requests = || -> Vec<usize> {
            let of = |id: &String| stage.platform.seen(Method::GET, &contact(id)).len();
            ids.iter().map(of).collect()
        };

        let (company, connection) = stage.linked().await;
        for (minute, known) in [(31, 3), (32, 6)] {
            let until = format!("Paused until 2026-06-15T09:{minute}:");
            let pause = world.until("the pull waits for the next minute", || async {
                let message = stage.paused(&company).await;
                message.starts_with(&until).then_some(message)
            });
            pause.await;
            assert_eq!(
                contact_requests().iter().sum::<usize>(),
                known,
                "{:?}",
                contact_requests()
            );
            world.pass(TimeDelta::seconds(61));
        }
        world.settled(&company).await;
        assert_eq!(contact_requests(), [1; 8]);
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

        // A pull that a disconnect ends leaves nothing behind.
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

/// True once the node's own metrics count a successful write.
fn has_finished_a_write(node: &platform::app::App) -> bool {
    let text = node.metrics.text();
    let of_success = |line: &&str| line.contains("push") && line.contains("outcome=\"Success\"");
    text.lines().any(|line| of_success(&line))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_share_a_connections_daily_requests_and_pauses_and_other_connections_have_their_own()
{
    let play = writable_platform("concurrent_requests = 2\nrequests_per_day = 100");
    let Some(stage) = Stage::on_postgres(play).await else {
        return;
    };
    let world = &stage.world;
    let busy = stage.linked().await;
    world.settled(&busy.0).await;
    let other = connection_of_another_business(&stage).await;
    let node = Node::on_database_of(world).await;
    let host = format!("localhost:{}", node.port);
    let door = Door::new(Policy {
        allow_private: [host.clone()].into(),
        ..Policy::default()
    });
    let push_at_node = async |ids: &(String, String)| {
        let url = format!("http://{host}{}", push_path(ids, ""));
        let key = format!("Basic {}", encoded(&world.key));
        let headers = [
            ("authorization", key.as_str()),
            ("content-type", "application/json"),
        ];
        let body = customer_record().to_string().into_bytes();
        let answer = world.send_through(&door, Method::POST, &url, &headers, body);
        operation_path(&ids.0, &answer.await)
    };

    world
        .until("both nodes have written", || async {
            let here = push(&stage, &busy, "").await;
            let there = push_at_node(&busy).await;
            wait_for_success(world, &here).await;
            wait_for_success(world, &there).await;
            (has_finished_a_write(&world.app) && has_finished_a_write(&node.app)).then_some(())
        })
        .await;
    // A list without an end takes the rest of the day, but for what the other node holds of it.
    stage.platform.customers(&["1"], true);
    let queue = format!("/companies/{}/data/queue/customers", busy.0);
    // Requests within one millisecond have no order.
    world.pass(TimeDelta::milliseconds(1));
    world.client(Method::POST, &queue, None).await.ok();
    let message = stage.paused(&busy.0).await;
    assert!(
        message.starts_with("Paused until 2026-06-16T00:00:00"),
        "{message}"
    );
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(push(&stage, &busy, "").await);
        waiting.push(push_at_node(&busy).await);
    }
    for push in &waiting {
        let message = wait_for_pause(world, push).await;
        assert!(
            message.starts_with("Paused until 2026-06-16T00:00:00"),
            "{message}"
        );
    }
    let used = requests_made(&stage, "t-1");
    assert!((98..=100).contains(&used), "{used}");
    for theirs in [push(&stage, &other, "").await, push_at_node(&other).await] {
        wait_for_success(world, &theirs).await;
    }
    stage.platform.customers(&["1"], false);
    world.pass(TimeDelta::hours(15));
    node.app.work.notify_one();
    for push in &waiting {
        wait_for_success(world, push).await;
    }

    // A daily limit that the platform reports to one node holds at the other.
    let refusal = [("retry-after", "7200"), ("x-problem", "daily")];
    let platform = &stage.platform;
    platform.answers("/v1/new-customers", 429, &refusal, Value::Null);
    let first = push(&stage, &busy, "").await;
    let message = wait_for_pause(world, &first).await;
    assert!(
        message.starts_with("Paused until 2026-06-16T02:30:00"),
        "{message}"
    );
    let before = requests_made(&stage, "t-1");
    for _ in 0..3 {
        for push in [push(&stage, &busy, "").await, push_at_node(&busy).await] {
            let message = wait_for_pause(world, &push).await;
            assert!(
                message.starts_with("Paused until 2026-06-16T02:30:00"),
                "{message}"
            );
        }
    }
    assert_eq!(requests_made(&stage, "t-1"), before);
    node.stop().await;
    stage.end().await;
}
