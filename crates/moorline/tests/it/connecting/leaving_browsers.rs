//! Browsers and clients that leave while a platform is asked: what they began comes to its end all the same.

use std::future::Future;
use std::sync::Arc;

use http::Method;
use platform::app::config::Config;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use url::Url;

use super::imported_tokens::{import_body, pending_connection, tokens_of_another_system};
use crate::harness::{Customer, World, encoded, postgres_database, story};

const BUSINESS: &str = "lindqvist-snickeri";
const OTHER: &str = "studio-veldhuis";

/// Requests that have reached the sandbox's token endpoint.
async fn token_calls(world: &World, kind: &str) -> i64 {
    let calls = world.provider(Method::GET, "calls", None).await;
    calls["token"][kind]["received"].as_i64().unwrap_or(0)
}

/// Waits until the platform's living grants are as many as the company's Linked connections, and as expected.
async fn grants_are_connections(world: &World, company: &str, expected: usize) {
    let path = format!("/companies/{company}/connections");
    world
        .until("the living grants are the Linked connections", || async {
            let grants = world.provider(Method::GET, "grants", None).await;
            let living = grants.as_array().unwrap().iter();
            let living = living.filter(|grant| grant["revoked_at"].is_null()).count();
            let connections = world.get(&path).await.ok()["results"].clone();
            let linked = connections.as_array().unwrap().iter();
            let linked = linked.filter(|it| it["status"] == "Linked").count();
            ((living, linked) == (expected, expected)).then_some(())
        })
        .await;
}

/// Sends a request, and hangs up as soon as the platform's token endpoint was asked because of it.
async fn hang_up(world: &World, kind: &str, request: &str) {
    let before = token_calls(world, kind).await;
    let address = ("127.0.0.1", world.platform.port().unwrap());
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    world
        .until("the token endpoint was asked", || async {
            (token_calls(world, kind).await > before).then_some(())
        })
        .await;
    drop(stream);
}

async fn close_the_tab(world: &World, customer: &Customer<'_>, callback: &str) {
    let url = Url::parse(callback).unwrap();
    let request = format!(
        "GET {}?{} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\n\r\n",
        url.path(),
        url.query().unwrap(),
        url.authority(),
        customer.cookies.join("; ")
    );
    hang_up(world, "authorization_code", &request).await;
}

/// A customer who has consented: company, connection, browser and the callback's address.
async fn consented<'a>(world: &'a World, key: &str) -> (String, String, Customer<'a>, String) {
    let (company, id) = pending_connection(world, key).await;
    let path = format!("/companies/{company}/connections/{id}");
    let link = world.get(&path).await.ok()["linkUrl"].clone();
    let mut customer = world.customer();
    let authorization = customer.set_out(link.as_str().unwrap()).await;
    let business = json!({ "business": BUSINESS });
    let callback = customer.consent(&authorization, business).await;
    (company, id, customer, callback)
}

async fn slow_tokens(world: &World, delay_ms: u64) {
    world
        .fault(json!({ "kind": "token_delay", "delay_ms": delay_ms, "times": 1 }))
        .await;
}

async fn becomes_linked(world: &World, company: &str, connection: &str) {
    world
        .until("the connection is Linked", || async {
            (world.status_of(company, connection).await == "Linked").then_some(())
        })
        .await;
}

story!(
    a_tab_closed_in_the_exchange_leaves_a_connection_and_its_reload_shows_the_outcome,
    |world| async move {
        let (company, connection, mut customer, callback) = consented(&world, "aiwb").await;
        slow_tokens(&world, 1_500).await;
        close_the_tab(&world, &customer, &callback).await;
        assert_eq!(world.status_of(&company, &connection).await, "PendingAuth");
        // At once, while the first load's exchange is under way, and again when it is over.
        for _ in 0..2 {
            let answer = customer.open(&callback).await;
            assert_eq!(answer.status, 303, "{}", answer.text());
            let result = answer.header("location").unwrap();
            assert!(result.contains("/result?status=200&ticket="), "{result}");
            let page = customer.open(result).await;
            assert!(page.text().contains("Commerce Sandbox is connected"));
        }
        assert_eq!(world.customer().open(&callback).await.status, 403);
        assert_eq!(token_calls(&world, "authorization_code").await, 1);
        world.settled(&company).await;
        grants_are_connections(&world, &company, 1).await;
        // A withdrawn consent isn't shown as a connection.
        world
            .disconnect(&format!("/companies/{company}/connections/{connection}"))
            .await;
        assert_eq!(customer.open(&callback).await.status, 400);
    }
);

story!(
    a_tab_closed_for_good_leaves_a_connection_too,
    |world| async move {
        let (company, connection, customer, callback) = consented(&world, "qhnd").await;
        slow_tokens(&world, 800).await;
        close_the_tab(&world, &customer, &callback).await;
        becomes_linked(&world, &company, &connection).await;
        world.settled(&company).await;
        assert_eq!(token_calls(&world, "authorization_code").await, 1);
        grants_are_connections(&world, &company, 1).await;
    }
);

story!(
    a_refused_exchange_is_shown_again_as_it_ended,
    |world| async move {
        let (company, connection, mut customer, callback) = consented(&world, "aiwb").await;
        slow_tokens(&world, 500).await;
        world
            .fault(json!({ "kind": "token_error", "error": "invalid_grant" }))
            .await;
        close_the_tab(&world, &customer, &callback).await;
        for _ in 0..2 {
            let answer = customer.open(&callback).await;
            let result = answer.header("location").unwrap();
            assert!(result.contains("/result?status=500&ticket="), "{result}");
        }
        assert_eq!(token_calls(&world, "authorization_code").await, 1);
        assert_eq!(world.status_of(&company, &connection).await, "PendingAuth");
    }
);

story!(
    a_question_is_asked_again_until_it_is_answered_and_then_shown_as_answered,
    |world| async move {
        let (company, connection) = world.synced("aiwb", OTHER).await;
        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        let link = world.get(&path).await.ok()["linkUrl"].clone();
        let mut customer = world.customer();
        let authorization = customer.set_out(link.as_str().unwrap()).await;
        let business = json!({ "business": BUSINESS });
        let callback = customer.consent(&authorization, business).await;
        slow_tokens(&world, 500).await;
        close_the_tab(&world, &customer, &callback).await;
        let asked = customer.open(&callback).await;
        let question = asked.header("location").unwrap().to_owned();
        assert!(question.contains("/choose?ticket="), "{question}");
        let again = customer.open(&callback).await;
        assert_eq!(again.header("location"), Some(question.as_str()));
        let url = Url::parse(&format!("http://a{question}")).unwrap();
        let ticket = url.query_pairs().next().unwrap().1.into_owned();
        let form = [("ticket", ticket.as_str()), ("answer", "new")];
        let answer = customer.submit(url.path(), &form).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let shown = customer.open(&callback).await;
        let (shown, result) = (shown.header("location"), answer.header("location"));
        let without_ticket = |location: Option<&str>| {
            let location = location.unwrap().split_once("&ticket=");
            location.expect("a result").0.to_owned()
        };
        // The result of the new connection, not of the one that was set out with.
        assert_eq!(without_ticket(shown), without_ticket(result));
        assert!(!shown.unwrap().contains(&connection), "{shown:?}");
        world.settled(&company).await;
        grants_are_connections(&world, &company, 1).await;
    }
);

/// An import's request in full, of tokens whose access token has expired: they have to be renewed at once.
async fn expired_import(world: &World, company: &str, connection: &str) -> (String, Value) {
    let tokens = tokens_of_another_system(world, "qhnd", "banking", BUSINESS).await;
    world.provider(Method::POST, "grants/expire", None).await;
    let mut body = import_body(&tokens);
    body["expiresIn"] = json!("0");
    let text = body.to_string();
    let request = format!(
        "PUT /companies/{company}/connections/{connection}/authorization HTTP/1.1\r\nhost: {}\r\n\
         authorization: Basic {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
        world.platform.authority(),
        encoded(&world.key),
        text.len()
    );
    (request, body)
}

/// The renewal was made once and kept: what is pulled needs no other.
async fn the_import_stands(world: &World, company: &str, connection: &str) {
    world
        .until("the renewal is answered", || async {
            let calls = world.provider(Method::GET, "calls", None).await;
            (calls["token"]["refresh_token"]["answers"]["200"] == 1).then_some(())
        })
        .await;
    becomes_linked(world, company, connection).await;
    let all = format!("/companies/{company}/data/all");
    world.client(Method::POST, &all, None).await.ok();
    let pulls = world.settled(company).await;
    let complete = |pull: &Value| pull["status"] == "Complete";
    assert!(pulls.iter().all(complete), "{pulls:?}");
    assert_eq!(token_calls(world, "refresh_token").await, 1);
    grants_are_connections(world, company, 1).await;
}

story!(
    a_client_that_hangs_up_in_an_import_has_imported,
    |world| async move {
        let (company, connection) = pending_connection(&world, "qhnd").await;
        let (request, _) = expired_import(&world, &company, &connection).await;
        slow_tokens(&world, 1_500).await;
        hang_up(&world, "refresh_token", &request).await;
        the_import_stands(&world, &company, &connection).await;
    }
);

story!(
    a_stop_waits_for_an_exchange_whose_browser_has_left,
    |world| async move {
        let (_, connection, customer, callback) = consented(&world, "aiwb").await;
        slow_tokens(&world, 1_500).await;
        close_the_tab(&world, &customer, &callback).await;
        world.stop_platform().await;
        let grants = world.provider(Method::GET, "grants", None).await;
        assert!(
            grants[0]["revoked_at"].is_null() && grants[1].is_null(),
            "{grants}"
        );
        let rows = world.everything().await;
        let id = connection.replace('-', "").to_uppercase();
        let of_it = |table: &str| {
            rows.lines().any(|row| {
                row.starts_with(table) && (row.contains(&id) || row.contains(&connection))
            })
        };
        assert!(of_it("link_end: ") && of_it("credential: "));
        assert!(!of_it("authorization_attempt: "));
    }
);

/// Tells it on both databases, with a deadline of 1.5 seconds for each request.
async fn hurried<F: Future<Output = ()>>(tell: fn(Arc<World>) -> F) {
    let hurry = |config: &mut Config| config.limits.request_timeout_ms = 1_500;
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let world = World::start(sqlite, folder, hurry).await;
    tell(Arc::clone(&world)).await;
    world.end().await;
    if let Some(url) = postgres_database().await {
        let world = World::start(url, tempfile::tempdir().unwrap(), hurry).await;
        tell(Arc::clone(&world)).await;
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deadline_of_a_page_ends_in_a_page_and_not_the_exchange() {
    hurried(|world| async move {
        let (company, connection, mut customer, callback) = consented(&world, "aiwb").await;
        slow_tokens(&world, 3_500).await;
        let late = customer.open(&callback).await;
        assert_eq!(late.status, 202, "{}", late.text());
        assert_eq!(late.header("refresh"), Some("2"));
        assert_eq!(
            late.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(late.text().contains("still working"), "{}", late.text());
        becomes_linked(&world, &company, &connection).await;
        let answer = customer.open(&callback).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert!(answer.header("location").unwrap().contains("status=200"));
        assert_eq!(token_calls(&world, "authorization_code").await, 1);
        world.settled(&company).await;
        grants_are_connections(&world, &company, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deadline_of_an_import_does_not_end_the_import() {
    hurried(|world| async move {
        let (company, connection) = pending_connection(&world, "qhnd").await;
        let (_, body) = expired_import(&world, &company, &connection).await;
        slow_tokens(&world, 3_500).await;
        let path = format!("/companies/{company}/connections/{connection}/authorization");
        let late = world.client(Method::PUT, &path, Some(body.clone())).await;
        assert!(late.refused(503).contains("took too long"));
        the_import_stands(&world, &company, &connection).await;
        // Sent again, as after any 503: the refresh token in it is spent, and isn't put over its successor.
        world.client(Method::PUT, &path, Some(body)).await.ok();
        the_import_stands(&world, &company, &connection).await;
    })
    .await;
}
