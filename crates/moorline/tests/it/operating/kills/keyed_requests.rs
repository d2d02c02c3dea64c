//! `kill -9` while requests with an `Idempotency-Key` are under way: each that is sent again takes effect once, whatever it had come to.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Process, kills_requested};
use crate::harness::{World, encoded};

/// Requests under way at a kill.
const AT_ONCE: usize = 40;
/// The most kills on each database.
const MOST: usize = 100;

async fn make(world: &World, key: Uuid, name: &str) -> (u16, Value) {
    let authorization = format!("Basic {}", encoded(&world.key));
    let key = key.to_string();
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    let body = json!({ "name": name }).to_string().into_bytes();
    let answer = world.send(Method::POST, "/companies", &headers, body).await;
    (answer.status.as_u16(), answer.json())
}

async fn survive(world: Arc<World>, kills: usize) {
    world.stop_platform().await;
    let mut process = Process::of(&world);
    let mut lost = 0;
    for turn in 0..kills {
        process.start().await;
        let requests: Vec<(Uuid, String)> = (0..AT_ONCE)
            .map(|at| {
                (
                    store::clock::random_id(),
                    format!("turn {turn} company {at}"),
                )
            })
            .collect();
        let first: Vec<_> = requests
            .iter()
            .map(|(key, name)| {
                let (world, key, name) = (Arc::clone(&world), *key, name.clone());
                tokio::spawn(async move { make(&world, key, &name).await })
            })
            .collect();
        // Another moment of the burst in each turn.
        tokio::time::sleep(Duration::from_millis(5 + 13 * (turn as u64 % 8))).await;
        process.kill();
        // A request without an answer has failed in its task.
        let first: Vec<Option<(u16, Value)>> =
            join_all(first).await.into_iter().map(Result::ok).collect();
        process.start().await;
        // A minute goes by, after which nothing is believed to be under way any more.
        world
            .tamper(&["update keyed_request set held_until = '2026-01-01T00:00:00+00:00'"])
            .await;
        for ((key, name), first) in requests.iter().zip(first) {
            let (status, again) = make(&world, *key, name).await;
            match (&first, status) {
                (Some((200, made)), _) => assert_eq!((status, &again), (200, made), "{name}"),
                (None, 200) => {}
                // It took effect, and its answer went with the process.
                (None, 409) => {
                    let told = again["error"].as_str().unwrap_or_default();
                    assert!(told.contains("took effect"), "{name}: {again}");
                    lost += 1;
                }
                other => panic!("{name}: {other:?} {again}"),
            }
            let path = format!("/companies?query=name%3D{}", name.replace(' ', "%20"));
            let number = world.get(&path).await.ok()["totalResults"].clone();
            assert_eq!(number, 1, "{name} was made once");
        }
        process.kill();
    }
    eprintln!("{kills} kills, {lost} effects whose answer was lost");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_sent_again_after_a_kill_takes_effect_once_on_sqlite() {
    survive(World::on_sqlite().await, kills_requested(4).min(MOST)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_sent_again_after_a_kill_takes_effect_once_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        survive(world, kills_requested(2).min(MOST)).await;
    }
}
