//! SIGTERM while a customer is on the way: what was begun is brought to its end before the process ends.

use std::sync::Arc;

use http::Method;
use serde_json::json;

use super::kills::{BUSINESS, Process, count_token_calls};
use crate::harness::{Customer, World, postgres_database};

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
