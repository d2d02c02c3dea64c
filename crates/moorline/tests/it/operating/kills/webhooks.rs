//! `kill -9` of the process that sends webhooks, under load: every event that was acknowledged arrives, and what arrives twice
//! does so under the same `webhook-id`.
//!
//! There are nine kills on the two databases together; the soak run makes it two hundred.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use egress::{Door, HeaderValue, Policy, Request, header};
use serde_json::{Value, json};

use super::{Process, kills_requested, share_among_platforms};
use crate::harness::World;
use crate::harness::receiver::{Receiver, Reply, subscribe};

/// Attempts to one consumer that can be in flight at once.
const AT_ONCE: usize = 8;

/// The most kills on each database.
const MOST: usize = 100;

/// Creates companies until a request gets no answer, and keeps every one that was acknowledged.
async fn create_companies(
    world: Arc<World>,
    turn: usize,
    lane: usize,
    acknowledged: Arc<Mutex<Vec<String>>>,
) {
    let door = Door::new(Policy {
        allow_private: [world.platform.authority().to_owned()].into(),
        ..Policy::default()
    });
    for number in 0..12 {
        let body = json!({ "name": format!("merchant {turn}-{lane}-{number}") }).to_string();
        let mut request = Request::post(world.platform.join("/companies").unwrap(), body);
        let key = format!("Basic {}", STANDARD.encode(&world.key));
        request
            .headers
            .insert(header::AUTHORIZATION, HeaderValue::try_from(key).unwrap());
        request.headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        let Ok(answer) = door.send(request).await else {
            return;
        };
        if answer.status.is_success() {
            let made: Value = serde_json::from_slice(&answer.body).unwrap();
            acknowledged
                .lock()
                .unwrap()
                .push(made["id"].as_str().unwrap().to_owned());
        }
    }
}

async fn survive(world: Arc<World>, kills: usize) {
    world.stop_platform().await;
    let mut process = Process::of(&world);
    process.start().await;
    let receiver = Receiver::start().await;
    receiver.answer(|_| Reply {
        after: Duration::from_millis(8),
        ..Reply::status(200)
    });
    subscribe(&world, &receiver.url, &["company.created"]).await;
    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    for turn in 0..kills {
        let before = receiver.received().len();
        let load: Vec<_> = (0..4)
            .map(|lane| {
                tokio::spawn(create_companies(
                    Arc::clone(&world),
                    turn,
                    lane,
                    Arc::clone(&acknowledged),
                ))
            })
            .collect();
        // Somewhere between the first messages and the last.
        receiver.has(&world, before + 1 + turn * 5 % 30).await;
        process.kill();
        for task in load {
            task.await.unwrap();
        }
        process.start().await;
    }
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(
        acknowledged.len() > kills * 2,
        "there was load: {}",
        acknowledged.len()
    );
    let arrived = world
        .until("every acknowledged event arrived", || async {
            let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for message in receiver.received() {
                let company = message.json()["payload"]["id"].as_str().unwrap().to_owned();
                arrived
                    .entry(company)
                    .or_default()
                    .push(message.id().to_owned());
            }
            acknowledged
                .iter()
                .all(|id| arrived.contains_key(id))
                .then_some(arrived)
        })
        .await;
    let mut doubled = 0;
    for (company, ids) in &arrived {
        let distinct: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(distinct.len(), 1, "{company} arrived under several ids");
        doubled += ids.len() - 1;
    }
    println!(
        "{} events, {kills} kills, {doubled} arrived twice",
        arrived.len()
    );
    assert!(
        doubled <= kills * AT_ONCE,
        "{doubled} doubles are more than were in flight"
    );
    process.kill();
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_sender_loses_no_event_on_sqlite() {
    survive(World::on_sqlite().await, kills_requested(6).min(MOST)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_sender_loses_no_event_on_postgres() {
    share_among_platforms(kills_requested(3).min(MOST), survive).await;
}
