//! Writing needs a scope of its own, is shown on the consent page, and outlives a restart.

use http::StatusCode;
use sandbox::Product;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::{Application, Sandbox, tokens};

const CONTACTS: &str = "/accounting/v2/contacts";
const SCOPE: &str = "accounting.read accounting.write offline_access";

async fn token(client: &Application<'_>, scope: &str) -> String {
    let code = client.code(&[("scope", scope)]).await;
    tokens(&client.exchange(&code).await).0
}

async fn post(client: &Application<'_>, token: &str, key: &str) -> (StatusCode, Value) {
    let record = json!({"role": "SUPPLIER", "display_name": "Whitby Glass"});
    let answer = client.try_write(token, CONTACTS, key, &record).await;
    let answer = answer.unwrap();
    let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    (answer.status, body)
}

#[tokio::test]
async fn reading_alone_does_not_let_a_client_write() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let reads = token(&client, "accounting.read offline_access").await;
    let (status, body) = post(&client, &reads, "1").await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
    assert!(body.to_string().contains("accounting.write"));
    let writes = token(&client, SCOPE).await;
    let (status, body) = post(&client, &writes, "1").await;
    assert_eq!(status, StatusCode::CREATED, "{body}");

    let page = sandbox
        .customer()
        .at_consent(&client.request(&[("scope", SCOPE)]))
        .await;
    assert!(
        page.text()
            .contains("Add and change customers and suppliers")
    );
    assert!(!page.text().contains("cannot change anything"));
    let page = sandbox.customer().at_consent(&client.request(&[])).await;
    assert!(page.text().contains("cannot change anything"));
    let other = sandbox.application(Product::Commerce);
    let answered = other.answered(&[("scope", "commerce.read accounting.write")], json!({}));
    let error = crate::harness::parameter(&answered.await, "error");
    assert_eq!(error.as_deref(), Some("invalid_scope"));
    sandbox.stop().await;
}

#[tokio::test]
async fn what_was_written_outlives_a_restart_and_its_key_does_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let keep = |config: &mut sandbox::Config| config.state_file = Some(file.clone());
    let sandbox = Sandbox::start_with(keep).await;
    let address = sandbox.url.authority().to_owned();
    let client = sandbox.application(Product::Accounting);
    let access = token(&client, SCOPE).await;
    let (status, first) = post(&client, &access, "key").await;
    assert_eq!(status, StatusCode::CREATED, "{first}");
    sandbox.stop().await;

    let listener = TcpListener::bind(address).await.unwrap();
    let sandbox = Sandbox::start_on(listener, keep).await;
    let client = sandbox.application(Product::Accounting);
    let path = format!(
        "/accounting/v2/contacts/{}",
        first["data"]["id"].as_str().unwrap()
    );
    let read = client.read(&access, &path).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.text());
    assert_eq!(read.json(), first);
    assert_eq!(
        post(&client, &access, "key").await,
        (StatusCode::CREATED, first)
    );
    let (status, _) = post(&client, &access, "another").await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the name is taken"
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_lost_answer_has_written_and_the_same_key_brings_it() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let access = token(&client, SCOPE).await;
    sandbox.arm(json!({"kind": "api_answer_lost"})).await;
    let record = json!({"role": "SUPPLIER", "display_name": "Whitby Glass"});
    let lost = client.try_write(&access, CONTACTS, "7", &record).await;
    assert!(lost.is_err(), "the connection closed");
    let (status, body) = post(&client, &access, "8").await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "it was written: {body}"
    );
    let (status, body) = post(&client, &access, "7").await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
    sandbox.stop().await;
}
