//! SIGTERM: what was begun is brought to its end before the process ends, a customer on the way and requests alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::kills::{BUSINESS, Process, count_token_calls};
use crate::harness::{Customer, World, encoded, ports, postgres_database};

/// Clients that never pause while nodes are stopped.
const CLIENTS: usize = 6;
/// Time that a node has for its end.
const STOPPED_WITHIN: Duration = Duration::from_secs(30);

async fn set_out<'a>(world: &'a World) -> (String, String, Customer<'a>, String) {
    let company = world.company("merchant-42").await;
    let connection = world.connection(&company, "aiwb").await;
    let mut customer = world.customer();
    let authorization = customer
        .set_out(connection["linkUrl"].as_str().unwrap())
        .await;
    let id = connection["id"].as_str().unwrap().to_owned();
    (company, id, customer, authorization)
}

async fn tell(world: Arc<World>) {
    world.stop_platform().await;
    let mut process = Process::of(&world);
    process.start().await;

    // While the customer is at the platform: the way back works after the restart.
    let (company, first, mut customer, authorization) = set_out(&world).await;
    process.stop().await;
    process.start().await;
    let business = json!({ "business": BUSINESS });
    let callback = customer.consent(&authorization, business.clone()).await;
    let linked = customer.open(&callback).await;
    assert!(linked.header("location").unwrap().contains("status=200"));
    assert_eq!(world.status_of(&company, &first).await, "Linked");

    // While the platform works on the tokens: the exchange ends, and the browser is answered.
    let (company, second, customer, authorization) = set_out(&world).await;
    let callback = customer.consent(&authorization, business).await;
    world
        .fault(json!({ "kind": "token_delay", "delay_ms": 800, "times": 1 }))
        .await;
    let before = count_token_calls(&world).await;
    let (sent, cookies) = (Arc::clone(&world), customer.cookies.clone());
    let answer = tokio::spawn(async move {
        let mut tab = sent.customer();
        tab.cookies = cookies;
        tab.open(&callback).await
    });
    world
        .until("the token call is under way", || async {
            (count_token_calls(&world).await > before).then_some(())
        })
        .await;
    process.stop().await;
    let answer = answer.await.unwrap();
    assert!(answer.header("location").unwrap().contains("status=200"));
    process.start().await;
    assert_eq!(world.status_of(&company, &second).await, "Linked");
    let grants = world.provider(Method::GET, "grants", None).await;
    let living = grants.as_array().unwrap().iter();
    let living = living.filter(|grant| grant["revoked_at"].is_null());
    assert_eq!(living.count(), 2, "{grants}");
    process.kill();
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_program_ends_what_was_begun_on_sqlite() {
    tell(World::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_program_ends_what_was_begun_on_postgres() {
    if let Some(url) = postgres_database().await {
        tell(World::start(url, tempfile::tempdir().unwrap(), |_| {}).await).await;
    }
}

/// One request on a connection of its own. None if the node wasn't there any more to take it.
async fn create(world: &World, port: u16, key: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let body = json!({ "name": format!("Bakery {key}") }).to_string();
    let request = format!(
        "POST /companies HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {}\r\nContent-Type: application/json\r\nIdempotency-Key: {key}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        world.platform.authority(),
        encoded(&world.key),
        body.len()
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer).await;
    // A connection that lay in the queue of a port that closes is reset, and its request was never read.
    (read.is_ok() && !answer.is_empty()).then(|| String::from_utf8(answer).unwrap())
}

/// Makes companies without a pause, at the other node when one isn't there; returns how many.
async fn go_on(world: Arc<World>, nodes: [u16; 2], number: usize, over: Arc<AtomicBool>) -> usize {
    let mut made = 0;
    let mut at = number;
    while !over.load(Ordering::Relaxed) {
        let key = store::clock::random_id().to_string();
        let began = Instant::now();
        let answer = loop {
            if let Some(answer) = create(&world, nodes[at % 2], &key).await {
                break answer;
            }
            at += 1;
            assert!(began.elapsed() < STOPPED_WITHIN, "no node takes requests");
        };
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with('}'), "an answer was cut off: {answer}");
        made += 1;
    }
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_are_stopped_in_turn_fail_no_request() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let world = World::start(url, tempfile::tempdir().unwrap(), |_| {}).await;
    world.stop_platform().await;
    let mut nodes = [Process::of(&world), Process::of(&world)];
    nodes[1].port = Some(ports::free());
    let at = [world.platform.port().unwrap(), nodes[1].port.unwrap()];
    for node in &mut nodes {
        node.start().await;
    }
    let over = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(go_on(Arc::clone(&world), at, number, Arc::clone(&over))))
        .collect();
    for turn in 0..4 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let node = &mut nodes[turn % 2];
        let began = Instant::now();
        node.stop().await;
        assert!(began.elapsed() < STOPPED_WITHIN, "{:?}", began.elapsed());
        node.start().await;
    }
    over.store(true, Ordering::Relaxed);
    let made: usize = join_all(clients)
        .await
        .into_iter()
        .map(Result::unwrap)
        .sum();
    let companies = world.get("/companies?pageSize=1").await.ok();
    assert_eq!(companies["totalResults"], made, "each was made once");
    for node in &mut nodes {
        node.kill();
    }
    world.end().await;
}
