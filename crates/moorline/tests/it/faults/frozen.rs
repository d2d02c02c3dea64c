//! A node that is frozen while a platform's answer is on its way to it: others can see that its process is there, and leave it the
//! connection. On PostgreSQL, for SQLite is one process's.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egress::{Door, Policy};
use http::Method;
use serde_json::Value;

use super::answers::OVER;
use crate::harness::encoded;
use crate::harness::hostile::{Hostile, Play};
use crate::harness::ports;
use crate::operating::left_grants::process_of;

/// A connection whose frozen node is killed can be used again after this.
const FREE_AFTER: Duration = Duration::from_secs(30);

/// The nodes that others can see.
const LISTENERS: &str = "select count(distinct pid) from pg_locks
     where locktype = 'advisory' and objsubid = 1 and mode = 'ShareLock' and granted
       and database = (select oid from pg_database where datname = current_database())";

/// Asks a node by its own address.
async fn ask(stage: &Hostile, port: u16, method: Method, path: &str) -> Value {
    let host = format!("127.0.0.1:{port}");
    let door = Door::new(Policy {
        allow_private: [host.clone()].into(),
        ..Policy::default()
    });
    let key = format!("Basic {}", encoded(&stage.world.key));
    let (url, headers) = (
        format!("http://{host}{path}"),
        [("authorization", key.as_str())],
    );
    let asked = stage
        .world
        .send_through(&door, method, &url, &headers, Vec::new());
    asked.await.ok()
}

/// A pull of a company's customers that a node has begun: its address.
async fn pull_at(stage: &Hostile, port: u16, company: &str) -> String {
    let queue = format!("/companies/{company}/data/queue/customers");
    let queued = ask(stage, port, Method::POST, &queue).await;
    format!(
        "/companies/{company}/data/history/{}",
        queued["id"].as_str().unwrap()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_nodes_answer_is_waited_for_and_its_token_not_sent_again() {
    let Some(stage) = Hostile::on_postgres(&[Play::of("odda")]).await else {
        return;
    };
    let stage = Arc::new(stage);
    let (world, tenant) = (&stage.world, stage.tenant());
    let ids = stage.synced("a-1").await;
    let before = stage.access(&ids).await.unwrap();
    world.stop_platform().await;

    // By the processes' clock the token is over: the first renews it as soon as it starts.
    let mut first = process_of(&stage);
    let mut held = tenant.hold("token");
    let listeners = world.number(LISTENERS).await;
    first.start().await;
    held.arrived().await;
    // The connection by which others see that it is there may come later than its first renewal.
    world
        .until("the first listens", || async {
            (world.number(LISTENERS).await > listeners).then_some(())
        })
        .await;
    first.signal("-STOP");
    held.release();
    // The answer has come as far as the frozen process. Its lease ends, and another node would renew.
    let mut second = process_of(&stage);
    let port = ports::free();
    second.port = Some(port);
    second.start().await;
    world
        .until("the lease is over", || async {
            let over = "select count(*) from credential where lease_until < now() and refresh_began is not null";
            (world.number(over).await == 1).then_some(())
        })
        .await;
    let pull = pull_at(&stage, port, &ids.0).await;
    let reason = world
        .until("the pull says why it waits", || async {
            let now = ask(&stage, port, Method::GET, &pull).await;
            assert_ne!(now["status"], "Complete", "without an answer");
            let reason = now["errorMessage"].as_str().unwrap_or_default().to_owned();
            reason.contains("another process").then_some(reason)
        })
        .await;
    assert!(reason.contains("may be on its way to it"), "{reason}");
    assert_eq!(tenant.renewals(), 1, "its token is not sent again");
    first.signal("-CONT");
    world
        .until("the pull goes on with the frozen node's answer", || async {
            let now = ask(&stage, port, Method::GET, &pull).await;
            (now["status"] == "Complete").then_some(())
        })
        .await;
    assert_eq!(tenant.renewals(), 1);
    assert_eq!(tenant.living(), ["a-1"]);
    let used = tenant.asked("v1/customers").pop().unwrap();
    assert_ne!(used.bearer(), Some(before.as_str()), "it is the new one");
    let connection = format!("/companies/{}/connections/{}", ids.0, ids.1);
    let shown = ask(&stage, port, Method::GET, &connection).await;
    assert_eq!(shown["status"], "Linked");
    assert!(shown["dataConnectionErrors"][0].is_null(), "{shown}");

    // One that is killed in its sleep doesn't come back: the connection is free as after any death.
    tenant.shape(|shape| shape.rotates = false);
    second.kill();
    let mut held = tenant.hold("token");
    world.tamper(&[OVER]).await;
    world
        .until("the first renews", || async {
            (tenant.renewals() == 2).then_some(())
        })
        .await;
    held.arrived().await;
    first.signal("-STOP");
    second.start().await;
    first.kill();
    let died = Instant::now();
    held.release();
    let pull = pull_at(&stage, port, &ids.0).await;
    world
        .until("the other takes over", || async {
            (tenant.renewals() >= 3).then_some(())
        })
        .await;
    assert!(died.elapsed() < FREE_AFTER, "late: {:?}", died.elapsed());
    world
        .until("the pull is complete", || async {
            let now = ask(&stage, port, Method::GET, &pull).await;
            (now["status"] == "Complete").then_some(())
        })
        .await;
    second.kill();
    stage.end().await;
}
