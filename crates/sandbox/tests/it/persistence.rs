//! Grants outlive a restart, and the file that keeps them gives nothing away.

use http::{Method, StatusCode};
use sandbox::Product;
use serde_json::json;
use tokio::net::TcpListener;

use crate::harness::{CALLBACK, Sandbox, tokens};

const BOOKS: &str = "/accounting/v2/whoami";

#[tokio::test]
async fn grants_clients_keys_and_time_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made/on/the/way/state.json");
    let keep = |config: &mut sandbox::Config| config.state_file = Some(file.clone());
    let sandbox = Sandbox::start_with(keep).await;
    let address = sandbox.url.authority().to_owned();
    let client = sandbox.application(Product::Accounting);
    let (access, first) = client.connected().await;
    let (_, second) = tokens(&client.refresh(&first).await);
    let keys = sandbox.get("/jwks").await.json();
    let extra = json!({
        "id": "late", "secret": "s3cret", "product": "banking", "redirect_uris": [CALLBACK],
    });
    let registered = sandbox
        .call(Method::POST, "/control/api/clients", Some(extra))
        .await;
    assert_eq!(registered.status, StatusCode::CREATED);
    let later = json!({"business": sandbox.business().await, "days": 3});
    let moved = sandbox
        .call(Method::POST, "/control/api/advance", Some(later))
        .await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.text());
    let as_of = moved.json()["businesses"][0]["as_of"].clone();
    sandbox.stop().await;

    let text = std::fs::read_to_string(&file).unwrap();
    for secret in [&access, &first, &second, "s3cret", crate::harness::SECRET] {
        assert!(!text.contains(secret), "no token or secret in clear");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    let listener = TcpListener::bind(address).await.unwrap();
    let sandbox = Sandbox::start_on(listener, keep).await;
    let client = sandbox.application(Product::Accounting);
    let read = client.read(&access, BOOKS).await;
    assert_eq!(read.status, StatusCode::OK);
    assert_eq!(sandbox.get("/jwks").await.json(), keys);
    let clients = sandbox.get("/control/api/clients").await.text();
    assert!(clients.contains("late"));
    let overview = sandbox.get("/control/api").await.json();
    assert_eq!(overview["businesses"][0]["as_of"], as_of);
    assert_eq!(client.refresh(&second).await.status, StatusCode::OK);
    let reused = client.refresh(&first).await;
    assert_eq!(
        reused.json()["error"],
        "invalid_grant",
        "reuse is remembered"
    );
    let read = client.read(&access, BOOKS).await;
    assert_eq!(read.status, StatusCode::UNAUTHORIZED);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_state_file_that_cannot_be_read_refuses_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    for text in ["not json", "{}", r#"{"version": 99}"#] {
        std::fs::write(&file, text).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url::Url::parse("http://127.0.0.1:1").unwrap();
        let mut config = sandbox::Config::new(url);
        config.state_file = Some(file.clone());
        let refused = sandbox::serve(config, listener, async {}).await;
        assert!(refused.unwrap_err().to_string().contains("state.json"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "left alone");
    }
}

#[tokio::test]
async fn a_public_url_with_a_path_refuses_to_start() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url::Url::parse("http://127.0.0.1:1/sandbox").unwrap();
    let refused = sandbox::serve(sandbox::Config::new(url), listener, async {}).await;
    assert!(refused.unwrap_err().to_string().contains("public URL"));
}

#[tokio::test]
async fn a_grant_revoked_a_month_ago_is_forgotten_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let keep = |config: &mut sandbox::Config| config.state_file = Some(file.clone());
    let sandbox = Sandbox::start_with(keep).await;
    let client = sandbox.application(Product::Accounting);
    let (_, refresh) = client.connected().await;
    client
        .post("/oauth/revoke", &[("token", refresh.as_str())])
        .await;
    client.connected().await;
    sandbox.stop().await;

    let later = |config: &mut sandbox::Config| {
        keep(config);
        let now = (config.clock)() + chrono::TimeDelta::days(30);
        config.clock = std::sync::Arc::new(move || now);
    };
    let sandbox = Sandbox::start_with(later).await;
    let grants = sandbox.get("/control/api/grants").await.json();
    assert_eq!(grants.as_array().unwrap().len(), 1);
    assert!(grants[0]["revoked_at"].is_null());
}
