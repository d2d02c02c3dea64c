//! Another sealing key in the place of the one that seals: while requests go on, with a kill in between, on several nodes.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use http::Method;
use platform::app::App;
use platform::credentials::vault::roots;
use platform::credentials::vault::rotation::{self, Lost, RotationError};
use serde_json::{Value, json};
use store::dump::{self, Kind};
use store::sealed::COLUMNS;

use crate::harness::command_line::{assert_prints, moorline};
use crate::harness::hostile::{Hostile, Play, access_by, hostile_story};
use crate::harness::node::Node;
use crate::harness::{World, a_file};
use crate::operating::left_grants::process_of;

/// Each token in the other's place.
const SWAP: &str =
    "update credential set access_token = refresh_token, refresh_token = access_token
     where connection_id = (select min(connection_id::text)::uuid from credential)";
const SWAP_ON_SQLITE: &str =
    "update credential set access_token = refresh_token, refresh_token = access_token
     where connection_id = (select min(connection_id) from credential)";

/// The program with the story's database and key.
fn program(stage: &Hostile, arguments: &[&str]) -> Command {
    let config = &stage.world.app.config;
    let mut command = moorline(stage.folder.path(), arguments);
    command
        .env("MOORLINE_DATABASE_URL", &config.database_url)
        .env("MOORLINE_KEY_FILE", &config.key_file);
    command
}

/// The number of values that a key has sealed, and its state.
async fn sealed_by(app: &App, id: &str) -> (i64, String) {
    let keys = rotation::list(app).await.unwrap();
    let listed = keys.into_iter().find(|listed| listed.key.id == id).unwrap();
    (listed.values, listed.key.state)
}

/// Waits until nothing is sealed with a key and every node seals with another.
async fn emptied(stage: &Hostile, id: &str) {
    stage
        .world
        .until("everything is sealed again", || async {
            let under_way = rotation::is_under_way(&stage.world.app).await.unwrap();
            (!under_way && sealed_by(&stage.world.app, id).await.0 == 0).then_some(())
        })
        .await;
}

/// Begins rotations until one is killed midway: the key that it was about to empty, and the number of values that were sealed with it.
/// A command that is looked at is frozen, so that it can't end between the look and the kill.
async fn interrupted(stage: &Hostile) -> (String, i64) {
    let app = &stage.world.app;
    for _ in 0..10 {
        let old = app.vault.key_id();
        let before = sealed_by(app, &old).await.0;
        let mut rotating = program(stage, &["keys", "seal", "rotate"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let signal = |signal: &str, id: u32| {
            let sent = Command::new("kill")
                .args([signal, &id.to_string()])
                .status();
            sent.unwrap().success()
        };
        while rotating.try_wait().unwrap().is_none() && signal("-STOP", rotating.id()) {
            let is_under_way = rotation::is_under_way(app).await.unwrap();
            let left = sealed_by(app, &old).await.0;
            if is_under_way && (1..before).contains(&left) {
                rotating.kill().unwrap();
                let ended = rotating.wait().unwrap();
                assert!(!ended.success(), "it was killed");
                return (old, before);
            }
            signal("-CONT", rotating.id());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // It was quicker: once more, with the key that seals now.
        rotating.wait().unwrap();
        emptied(stage, &old).await;
    }
    panic!("no rotation was seen midway");
}

/// Has something sealed of each kind, and returns a company's token.
async fn fill(stage: &Hostile) -> (Vec<(String, String)>, String) {
    let world = &stage.world;
    let days = json!({ "recordDays": null, "pageDays": 14 });
    let set = world
        .client(Method::PUT, "/profile/retention", Some(days))
        .await;
    set.ok();
    let mut all = vec![stage.synced("a-1").await];
    stage.pulled(&all[0], "customers").await;
    all.extend(stage.brought("odda", 40).await);
    // On its way: a PKCE verifier.
    let begun = stage.fresh().await;
    stage.set_out(&mut world.customer(), &begun).await;
    let consumer = json!({ "url": "http://127.0.0.1:9/", "eventTypes": ["read.completed"], "headers": { "X-Key": "one" } });
    world.post("/webhooks", consumer).await.ok();
    world.upload_a_file(&all[0].0).await;
    let authorization = format!("Basic {}", {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(&world.key)
    });
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "0b7bd0bb-8a54-4b0c-8cf7-2f6f4ac0a001"),
    ];
    let body = json!({ "name": "kept" }).to_string().into_bytes();
    world
        .send(Method::POST, "/companies", &headers, body)
        .await
        .ok();
    let token = world
        .get(&format!("/companies/{}/accessToken", all[0].0))
        .await
        .ok();
    (
        all,
        format!("Bearer {}", token["accessToken"].as_str().unwrap()),
    )
}

hostile_story!(
    everything_is_sealed_again_while_requests_go_on_and_an_interrupted_rotation_goes_on,
    [Play::of("odda")],
    |stage| async move {
        let world = &stage.world;
        let on_postgres = world.app.config.database_url.starts_with("postgres");
        let second = match on_postgres {
            true => Some(Node::on_database_of(world).await),
            false => None,
        };
        let (all, token) = fill(&stage).await;
        let shared = format!("/companies/{}/connections", all[0].0);
        let old = world.app.vault.key_id();
        let before = sealed_by(&world.app, &old).await.0;
        assert!(before > 80, "{before}");

        let (over, asked, failed) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
            Arc::new(std::sync::Mutex::new(Vec::new())),
        );
        let load = {
            let (stage, all, token) = (Arc::clone(&stage), all.clone(), token.clone());
            let (over, asked, failed) =
                (Arc::clone(&over), Arc::clone(&asked), Arc::clone(&failed));
            let other = second.as_ref().map(|node| Arc::clone(&node.app));
            let shared = shared.clone();
            tokio::spawn(async move {
                while !over.load(Ordering::SeqCst) {
                    for ids in &all {
                        for app in [Some(&stage.world.app), other.as_ref()]
                            .into_iter()
                            .flatten()
                        {
                            if let Err(error) = access_by(app, &ids.1).await {
                                failed.lock().unwrap().push(error.to_string());
                            }
                            asked.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                    let seen = stage
                        .world
                        .authorized(&token, Method::GET, &shared, None)
                        .await;
                    if seen.status != 200 {
                        failed.lock().unwrap().push(seen.text().to_string());
                    }
                    let made = stage
                        .world
                        .post("/companies", json!({ "name": "meanwhile" }))
                        .await;
                    if made.status != 200 {
                        failed.lock().unwrap().push(made.text().to_string());
                    }
                }
            })
        };
        let (old, before) = interrupted(&stage).await;
        emptied(&stage, &old).await;
        let so_far = asked.load(Ordering::SeqCst);
        world
            .until("requests have gone on after it", || async {
                (asked.load(Ordering::SeqCst) > so_far + all.len() * 2).then_some(())
            })
            .await;
        over.store(true, Ordering::SeqCst);
        load.await.unwrap();
        assert_eq!(*failed.lock().unwrap(), Vec::<String>::new());
        let new = world.app.vault.key_id();
        assert_ne!(new, old);
        assert!(sealed_by(&world.app, &new).await.0 >= before);
        assert_eq!(
            second
                .as_ref()
                .map_or(new.clone(), |node| node.app.vault.key_id()),
            new
        );

        // Nothing is retired that is needed.
        let retire = async |id: &str, links| {
            let lost = Lost {
                links,
                unreadable: false,
            };
            rotation::retire(&world.app, id, lost).await
        };
        assert!(matches!(
            retire(&new, true).await,
            Err(RotationError::Active(_))
        ));
        assert!(matches!(
            retire(&old, true).await,
            Err(RotationError::Node { .. })
        ));
        world.pass(TimeDelta::seconds(61));
        assert!(matches!(
            retire(&old, false).await,
            Err(RotationError::Links { .. })
        ));
        world
            .authorized(&token, Method::GET, &shared, None)
            .await
            .ok();
        retire(&old, true).await.unwrap();
        assert_eq!(sealed_by(&world.app, &old).await, (0, "retired".to_owned()));
        assert!(matches!(
            retire(&old, true).await,
            Err(RotationError::Retired(_))
        ));
        let refused = world.authorized(&token, Method::GET, &shared, None).await;
        assert_eq!(refused.status, 401, "what the old key has signed is over");
        for ids in &all {
            stage.access(ids).await.unwrap();
        }
        let path = format!("/companies/{}/files/download", all[0].0);
        let archive = world.get(&path).await.body;
        let file = a_file();
        assert!(archive.windows(file.len()).any(|window| window == file));

        // Without the old one, a new process opens everything.
        if let Some(node) = second {
            node.stop().await;
        }
        world.stop_platform().await;
        assert_prints(
            &program(&stage, &["doctor"]).output().unwrap(),
            "the access of every connection can be opened",
        );
        let verified = program(&stage, &["consents", "verify"]).output().unwrap();
        assert_prints(&verified, "all as written");
        assert!(verified.status.success());
    }
);

hostile_story!(
    a_key_is_not_retired_while_a_value_of_it_cannot_be_opened,
    [Play::of("odda")],
    |stage| async move {
        let world = &stage.world;
        let on_postgres = world.app.config.database_url.starts_with("postgres");
        let swap = [if on_postgres { SWAP } else { SWAP_ON_SQLITE }];
        let all = stage.brought("odda", 3).await;
        let old = world.app.vault.key_id();
        world.tamper(&swap).await;
        let rotate = program(&stage, &["keys", "seal", "rotate"])
            .output()
            .unwrap();
        assert_prints(
            &rotate,
            "to erase the former key: moorline keys seal retire",
        );
        assert_eq!(
            sealed_by(&world.app, &old).await.0,
            2,
            "they name the old key still"
        );
        world.pass(TimeDelta::seconds(61));
        let lost = Lost {
            links: true,
            unreadable: false,
        };
        let refused = rotation::retire(&world.app, &old, lost).await;
        let Err(RotationError::Unreadable {
            number: 2, first, ..
        }) = refused
        else {
            panic!("{refused:?}");
        };
        assert!(first.starts_with("credential."), "{first}");
        // Put back, they are sealed again.
        world.tamper(&swap).await;
        rotation::retire(&world.app, &old, lost).await.unwrap();
        for ids in &all {
            stage.access(ids).await.unwrap();
        }
    }
);

hostile_story!(
    a_root_key_is_replaced_and_the_old_one_is_needed_no_more,
    [Play::of("odda")],
    |stage| async move {
        let world = &stage.world;
        let ids = stage.synced("a-1").await;
        let key_file = &world.app.config.key_file;
        let old = world.app.vault.key_id();
        let add = program(&stage, &["keys", "seal", "root"]).output().unwrap();
        assert_prints(&add, "added the root key");
        // The running node reads of it by itself.
        let rotate = program(&stage, &["keys", "seal", "rotate"])
            .output()
            .unwrap();
        assert_prints(&rotate, "everything is sealed with");
        world.pass(TimeDelta::seconds(61));
        let lost = Lost {
            links: true,
            unreadable: false,
        };
        rotation::retire(&world.app, &old, lost).await.unwrap();
        let text = std::fs::read_to_string(key_file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        world.stop_platform().await;

        let alone = |line: &str| {
            std::fs::remove_file(key_file).unwrap();
            roots::write_text(key_file, &egress::Secret::new(line)).unwrap();
        };
        alone(lines[0]);
        assert_prints(
            &program(&stage, &["doctor"]).output().unwrap(),
            "is not the one this database was made with",
        );
        alone(lines[1]);
        let mut process = process_of(&stage);
        process.start().await;
        let queued = world.queue_pull(&ids.0, "customers").await;
        let path = format!(
            "/companies/{}/data/history/{}",
            ids.0,
            queued["id"].as_str().unwrap()
        );
        world
            .until(
                "data comes with the access that was sealed before",
                || async {
                    let now: Value = world.get(&path).await.ok();
                    (now["status"] == "Complete").then_some(())
                },
            )
            .await;
        let verified = program(&stage, &["consents", "verify"]).output().unwrap();
        assert_prints(&verified, "all as written");
        process.kill();
    }
);

/// Columns of bytes that hold nothing sealed: digests, authenticators, public keys, compressed documents.
const OPEN: [&str; 30] = [
    "api_key.hash",
    "authorization_attempt.browser_hash",
    "authorization_attempt.confirmation_hash",
    "authorization_attempt.state_hash",
    "consent_request.state_hash",
    "held_grant.fingerprint",
    "integration_key.hash",
    "keyed_request.fingerprint",
    "keyed_request.holder",
    "link_choice.browser_hash",
    "link_choice.ticket_hash",
    "link_end.browser_hash",
    "link_end.state_hash",
    "link_end.ticket_hash",
    "machine.next_verifier",
    "machine.state_hash",
    "machine.verifier",
    "machine_call.ticket_hash",
    "machine_question.hash",
    "receipt_key.public_key",
    "record.digest",
    "record.source",
    "record_entry.body_hash",
    "record_entry.hash",
    "record_head.hash",
    "record_head.seal",
    "sealing_key.wrapped",
    "spent_password.browser_hash",
    "spent_password.id",
    "supplement.body",
];

/// One that is missing would lose what is in it with a retired key. (SQLite's ids are bytes, too.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_column_of_bytes_is_known_to_be_sealed_or_not_on_postgres() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let mut found = Vec::new();
    for table in dump::tables(&world.app.db).await.unwrap() {
        let bytes = table
            .columns
            .iter()
            .filter(|column| column.kind == Kind::Bytes);
        found.extend(bytes.map(|column| format!("{}.{}", table.name, column.name)));
    }
    let sealed = COLUMNS
        .iter()
        .map(|column| format!("{}.{}", column.table, column.name));
    let mut known: Vec<String> = sealed.chain(OPEN.map(str::to_owned)).collect();
    known.sort();
    found.sort();
    assert_eq!(found, known);
    world.end().await;
}
