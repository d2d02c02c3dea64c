//! Delivery of messages: the schedule of retries, their order, and consumers that don't delay each other.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use serde_json::{Value, json};
use store::clock::wall_now;

use crate::harness::receiver::{Receiver, Reply, subscribe};
use crate::harness::{World, story};

/// The schedule of docs/WEBHOOKS.md, in seconds.
const SCHEDULE: [i64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

pub(super) async fn messages(world: &World, webhook: &str, query: &str) -> Vec<Value> {
    let listed = world
        .get(&format!(
            "/webhooks/{webhook}/messages?pageSize=1000&{query}"
        ))
        .await
        .ok();
    listed["results"].as_array().unwrap().clone()
}

/// Waits until a message has had `attempts` attempts, and returns it.
async fn wait_for_attempts(world: &World, webhook: &str, message: &str, attempts: i64) -> Value {
    world
        .until(format!("attempt {attempts} is recorded"), || async {
            let path = format!("/webhooks/{webhook}/messages/{message}");
            let shown = world.get(&path).await.ok();
            (shown["attemptCount"].as_i64() >= Some(attempts)).then_some(shown)
        })
        .await
}

fn next_attempt(message: &Value) -> DateTime<Utc> {
    let text = message["nextAttempt"].as_str().unwrap();
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

async fn read_consumer(world: &World, webhook: &str) -> Value {
    world.get(&format!("/webhooks/{webhook}")).await.ok()
}

/// Waits until `number` of a consumer's messages have been delivered.
async fn wait_for_deliveries(world: &World, webhook: &str, number: usize) -> Vec<Value> {
    world
        .until(format!("{number} are recorded as delivered"), || async {
            let found = messages(world, webhook, "status=delivered").await;
            (found.len() >= number).then_some(found)
        })
        .await
}

fn name_of(message: &crate::harness::receiver::Received) -> String {
    message.json()["payload"]["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

story!(
    a_message_is_attempted_eight_times_by_the_schedule_and_then_given_up,
    |world| async move {
        let receiver = Receiver::start().await;
        receiver.answer(|message| {
            Reply::status(if name_of(message) == "refused" {
                500
            } else {
                200
            })
        });
        let webhook = subscribe(&world, &receiver.url, &["company.created"]).await;
        world.company("refused").await;
        let id = receiver.has(&world, 1).await[0].id().to_owned();
        for (index, seconds) in SCHEDULE.iter().enumerate() {
            let attempts = index as i64 + 1;
            let message = wait_for_attempts(&world, &webhook, &id, attempts).await;
            let pause = next_attempt(&message) - world.clock.now();
            let share = pause.num_milliseconds() as f64 / (*seconds as f64 * 1_000.0);
            assert!((0.8..=1.2).contains(&share), "{seconds} s became {pause}");
            // A moment too early another message goes, and this one doesn't.
            world.pass(pause - TimeDelta::milliseconds(1));
            world.company("on time").await;
            wait_for_deliveries(&world, &webhook, index + 1).await;
            let message = wait_for_attempts(&world, &webhook, &id, attempts).await;
            assert_eq!(
                (&message["attemptCount"], &message["status"]),
                (&json!(attempts), &json!("waiting"))
            );
            world.pass(TimeDelta::milliseconds(1));
        }
        let message = wait_for_attempts(&world, &webhook, &id, 8).await;
        assert_eq!(
            (&message["status"], message.get("nextAttempt")),
            (&json!("failed"), None)
        );
        assert_eq!(message["attempts"].as_array().unwrap().len(), 8);
        let same: Vec<_> = receiver
            .received()
            .into_iter()
            .filter(|message| message.id() == id)
            .collect();
        assert_eq!(same.len(), 8, "each with the same webhook-id");
        // Sent again by hand, it has its whole schedule before it.
        world
            .post(
                &format!("/webhooks/{webhook}/messages/{id}/resend"),
                json!({}),
            )
            .await
            .ok();
        let message = wait_for_attempts(&world, &webhook, &id, 9).await;
        let pause = next_attempt(&message) - world.clock.now();
        assert!((4..=6).contains(&pause.num_seconds()), "{pause}");
    }
);

story!(
    a_consumer_that_answers_410_is_disabled_and_other_consumers_are_notified,
    |world| async move {
        let (gone, watcher) = (Receiver::start().await, Receiver::start().await);
        gone.answer(|_| Reply::status(410));
        let webhook = subscribe(&world, &gone.url, &["company.*"]).await;
        subscribe(&world, &watcher.url, &["webhook.disabled"]).await;
        world.company("merchant-42").await;
        let notice = watcher.of_kind(&world, "webhook.disabled").await.json()["payload"].clone();
        assert_eq!(
            (&notice["id"], &notice["url"]),
            (&json!(webhook), &json!(gone.url))
        );
        assert!(
            notice["reason"].as_str().unwrap().contains("410"),
            "{notice}"
        );
        let consumer = read_consumer(&world, &webhook).await;
        assert_eq!(consumer["disabled"], true);
        assert_eq!(consumer["disabledReason"], notice["reason"]);
        assert_eq!(messages(&world, &webhook, "status=failed").await.len(), 1);
        world.company("merchant-43").await;
        assert_eq!(gone.received().len(), 1, "nothing more is sent");
        gone.answer(|_| Reply::status(200));
        let enabled = world
            .client(
                Method::PATCH,
                &format!("/webhooks/{webhook}"),
                Some(json!({ "disabled": false })),
            )
            .await
            .ok();
        assert_eq!(
            (&enabled["disabled"], enabled.get("disabledReason")),
            (&json!(false), None)
        );
        world.company("merchant-44").await;
        assert_eq!(name_of(&gone.has(&world, 2).await[1]), "merchant-44");
    }
);

story!(
    a_redirect_is_not_followed_and_the_attempt_says_where_it_points,
    |world| async move {
        let (moved, place) = (Receiver::start().await, Receiver::start().await);
        let location = format!("{}?token=secret", place.url);
        moved.answer(move |_| Reply {
            location: Some(location.clone()),
            ..Reply::status(307)
        });
        let webhook = subscribe(&world, &moved.url, &["company.created"]).await;
        world.company("merchant-42").await;
        let id = moved.has(&world, 1).await[0].id().to_owned();
        let message = wait_for_attempts(&world, &webhook, &id, 1).await;
        let attempt = &message["attempts"][0];
        assert_eq!(attempt["statusCode"], 307, "{message}");
        let error = attempt["error"].as_str().unwrap();
        assert!(
            error.contains(&place.url) && !error.contains("secret"),
            "{error}"
        );
        assert!(place.received().is_empty());
    }
);

story!(a_consumers_retry_after_is_respected, |world| async move {
    let receiver = Receiver::start().await;
    let mut calls = 0;
    receiver.answer(move |_| {
        calls += 1;
        if calls == 1 {
            Reply {
                retry_after: Some("600".into()),
                ..Reply::status(429)
            }
        } else {
            Reply::status(200)
        }
    });
    let webhook = subscribe(&world, &receiver.url, &["company.created"]).await;
    let neighbour = Receiver::start().await;
    subscribe(&world, &neighbour.url, &["company.created"]).await;
    world.company("one").await;
    let id = receiver.has(&world, 1).await[0].id().to_owned();
    let message = wait_for_attempts(&world, &webhook, &id, 1).await;
    assert_eq!(
        next_attempt(&message),
        world.clock.now() + TimeDelta::seconds(600)
    );
    world.pass(TimeDelta::seconds(599));
    world.company("two").await;
    neighbour.has(&world, 2).await;
    world
        .until("the others' looks have passed", || async {
            let look = store::webhooks::with_work(&world.app.db, world.clock.now(), wall_now())
                .await
                .unwrap();
            look.is_empty().then_some(())
        })
        .await;
    assert_eq!(
        receiver.received().len(),
        1,
        "nothing at all is sent before"
    );
    world.pass(TimeDelta::seconds(1));
    let received = receiver.has(&world, 3).await;
    let mut names: Vec<String> = received[1..].iter().map(name_of).collect();
    names.sort();
    assert_eq!(names, ["one", "two"]);
});

story!(
    a_consumer_that_accepts_nothing_for_five_days_is_disabled_and_loses_nothing,
    |world| async move {
        let (broken, watcher) = (Receiver::start().await, Receiver::start().await);
        broken.answer(|_| Reply::status(503));
        let webhook = subscribe(&world, &broken.url, &["company.created"]).await;
        subscribe(&world, &watcher.url, &["webhook.disabled"]).await;
        let (mut days, began) = (0, world.clock.now());
        while read_consumer(&world, &webhook).await["disabled"] == false {
            assert!(
                world.clock.now() - began < TimeDelta::hours(140),
                "still enabled"
            );
            let known = messages(&world, &webhook, "").await.len();
            world.company(&format!("day-{days}")).await;
            world
                .until("the day's message was tried", || async {
                    // Once it is disabled, none is made.
                    let disabled = read_consumer(&world, &webhook).await["disabled"] == true;
                    let all = messages(&world, &webhook, "").await;
                    let tried = |message: &Value| message["attemptCount"].as_i64() > Some(0);
                    let done = disabled || (all.len() > known && all.iter().all(tried));
                    done.then_some(())
                })
                .await;
            days += 1;
            world.pass(TimeDelta::hours(20));
        }
        let notice = watcher.of_kind(&world, "webhook.disabled").await.json()["payload"].clone();
        assert!(
            notice["reason"].as_str().unwrap().contains("120 hours"),
            "{notice}"
        );
        let disabled = DateTime::parse_from_rfc3339(notice["disabledOnDate"].as_str().unwrap())
            .unwrap()
            .to_utc();
        assert!(
            (TimeDelta::hours(120)..TimeDelta::hours(141)).contains(&(disabled - began)),
            "{}",
            disabled - began
        );
        assert_eq!(watcher.received().len(), 1, "sent once");
        // Waiting messages are sent when it is enabled again.
        let waiting = messages(&world, &webhook, "status=waiting").await.len();
        assert!(waiting > 0);
        let before = broken.received().len();
        broken.answer(|_| Reply::status(200));
        world
            .client(
                Method::PATCH,
                &format!("/webhooks/{webhook}"),
                Some(json!({ "disabled": false })),
            )
            .await
            .ok();
        world.pass(TimeDelta::hours(13));
        broken.has(&world, before + waiting).await;
        wait_for_deliveries(&world, &webhook, waiting).await;
    }
);

story!(
    first_attempts_keep_each_connections_order_and_a_retry_holds_nothing_back,
    |world| async move {
        let receiver = Receiver::start().await;
        let mut calls = 0_u64;
        receiver.answer(move |message| {
            calls += 1;
            // The second of each company is refused, and answers come as they like.
            let refused = message.json()["payload"]["description"] == "1";
            Reply {
                after: Duration::from_millis(calls * 7 % 23),
                ..Reply::status(if refused { 500 } else { 200 })
            }
        });
        subscribe(&world, &receiver.url, &["company.*"]).await;
        let companies = futures_util::future::join_all((0..6).map(|number| {
            let world = &world;
            async move {
                let id = world.company(&format!("merchant-{number}")).await;
                for turn in 0..6 {
                    let change = json!({ "description": turn.to_string() });
                    world
                        .client(Method::PATCH, &format!("/companies/{id}"), Some(change))
                        .await
                        .ok();
                }
                world
                    .client(Method::DELETE, &format!("/companies/{id}"), None)
                    .await;
                id
            }
        }))
        .await;
        let received = receiver.has(&world, 6 * 8).await;
        let expected: Vec<String> = ["", "0", "1", "2", "3", "4", "5", "5"]
            .iter()
            .map(|text| (*text).to_owned())
            .collect();
        for company in companies {
            let seen: Vec<String> = received
                .iter()
                .map(crate::harness::receiver::Received::json)
                .filter(|message| message["payload"]["id"] == company)
                .map(|message| {
                    message["payload"]["description"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned()
                })
                .collect();
            assert_eq!(seen, expected);
        }
    }
);

story!(
    a_dead_receiver_delays_no_other_consumer,
    |world| async move {
        let (dead, alive) = (Receiver::start().await, Receiver::start().await);
        dead.answer(|_| Reply {
            after: Duration::from_secs(12),
            ..Reply::status(200)
        });
        subscribe(&world, &dead.url, &["company.created"]).await;
        subscribe(&world, &alive.url, &["company.created"]).await;
        let mut committed = HashMap::new();
        for number in 0..40 {
            let id = world.company(&format!("merchant-{number}")).await;
            committed.insert(id, Instant::now());
        }
        let mut waits: Vec<Duration> = alive
            .has(&world, 40)
            .await
            .iter()
            .map(|message| {
                let id = message.json()["payload"]["id"].as_str().unwrap().to_owned();
                message.at.saturating_duration_since(committed[&id])
            })
            .collect();
        waits.sort();
        // The bench measures the delay. Here it is enough that none waited for the dead receiver's timeout.
        println!(
            "from answer to arrival: median {:?}, worst {:?}",
            waits[20], waits[39]
        );
        assert!(waits[39] < Duration::from_secs(12), "worst {:?}", waits[39]);
        assert!(
            dead.received().len() <= 8,
            "a dead one holds no more than its share"
        );
    }
);

story!(a_consumers_rate_limit_is_kept, |world| async move {
    let receiver = Receiver::start().await;
    let made = world
        .post(
            "/webhooks",
            json!({ "url": receiver.url, "eventTypes": ["company.created"], "rateLimit": 4 }),
        )
        .await;
    assert_eq!(made.status.as_u16(), 201);
    let began = Instant::now();
    for number in 0..8 {
        world.company(&format!("merchant-{number}")).await;
    }
    let received = receiver.has(&world, 8).await;
    // A quarter of a second apart as they leave, however long the first ones are on their way.
    let took = received[7].at - began;
    assert!(took >= Duration::from_millis(1_700), "eight in {took:?}");
});

story!(
    old_messages_are_deleted_and_the_timeline_stays,
    |world| async move {
        let receiver = Receiver::start().await;
        let webhook = subscribe(&world, &receiver.url, &["company.*"]).await;
        world.company("merchant-42").await;
        wait_for_deliveries(&world, &webhook, 1).await;
        world.pass(TimeDelta::days(91));
        world.company("merchant-43").await;
        // Not by the list: a round of chores may have deleted the first one already.
        world
            .until("two attempts are counted", || async {
                world
                    .get("/metrics")
                    .await
                    .text()
                    .contains("moorline_webhook_attempts_total{outcome=\"Delivered\"} 2")
                    .then_some(())
            })
            .await;
        platform::work::chores_once(&world.app).await.unwrap();
        wait_for_deliveries(&world, &webhook, 1).await;
        let left = messages(&world, &webhook, "").await;
        assert_eq!(left.len(), 1);
    }
);

/// Nodes that share one PostgreSQL send each message once, in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_share_the_consumers_and_send_no_message_twice() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let other = platform::app::App::start(world.app.config.clone(), world.clock.clone())
        .await
        .unwrap();
    let delivering = tokio::spawn(platform::events::webhooks::deliver(std::sync::Arc::clone(
        &other,
    )));
    let receivers = [
        Receiver::start().await,
        Receiver::start().await,
        Receiver::start().await,
    ];
    for receiver in &receivers {
        receiver.answer(|_| Reply {
            after: Duration::from_millis(5),
            ..Reply::status(200)
        });
        subscribe(&world, &receiver.url, &["company.*"]).await;
    }
    for number in 0..20 {
        let id = world.company(&format!("merchant-{number}")).await;
        for turn in 0..4 {
            let change = json!({ "description": turn.to_string() });
            world
                .client(Method::PATCH, &format!("/companies/{id}"), Some(change))
                .await
                .ok();
        }
    }
    for receiver in &receivers {
        let received = receiver.has(&world, 100).await;
        let mut ids: Vec<&str> = received
            .iter()
            .map(crate::harness::receiver::Received::id)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), received.len()), (100, 100));
        let mut last: HashMap<String, String> = HashMap::new();
        for message in received
            .iter()
            .map(crate::harness::receiver::Received::json)
        {
            let company = message["payload"]["id"].as_str().unwrap().to_owned();
            let turn = message["payload"]["description"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            assert!(
                last.get(&company)
                    .is_none_or(|before| *before < turn || before.is_empty())
            );
            last.insert(company, turn);
        }
    }
    // One stops; the other carries on at once, for its leases were given back.
    other.stop.send_replace(true);
    delivering.await.unwrap();
    world.company("afterwards").await;
    for receiver in &receivers {
        receiver.has(&world, 101).await;
    }
    world.end().await;
}
