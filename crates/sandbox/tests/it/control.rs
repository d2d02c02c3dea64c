//! The control API: clients, settings, counts and refusals.

use chrono::TimeDelta;
use http::{Method, StatusCode};
use sandbox::Product;
use serde_json::{Value, json};

use crate::harness::{CALLBACK, SECRET, Sandbox};

#[tokio::test]
async fn calls_are_counted_by_grant_type_and_by_route() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, refresh) = client.connected().await;
    for _ in 0..3 {
        client.read(&access, "/accounting/v2/whoami").await;
    }
    client.read("nonsense", "/accounting/v2/whoami").await;
    client.refresh(&refresh).await;
    client.refresh("nonsense").await;
    client.post("/oauth/revoke", &[("token", "nonsense")]).await;
    sandbox.get(&client.request(&[])).await;

    let calls = sandbox.calls().await;
    assert_eq!(calls["token"]["authorization_code"]["received"], 1);
    let refreshes = &calls["token"]["refresh_token"];
    assert_eq!(refreshes["received"], 2);
    assert_eq!(refreshes["answers"], json!({"200": 1, "invalid_grant": 1}));
    let whoami = &calls["api"]["/accounting/v2/whoami"];
    assert_eq!(whoami["received"], 4);
    assert_eq!(whoami["answers"], json!({"200": 3, "401": 1}));
    assert_eq!(calls["revoke"]["received"], 1);
    assert_eq!(calls["authorize"]["received"], 1);
    let text = calls.to_string();
    assert!(!text.contains(&access) && !text.contains(&refresh));

    let reset = sandbox
        .call(Method::DELETE, "/control/api/calls", None)
        .await;
    assert_eq!(reset.status, StatusCode::NO_CONTENT);
    assert_eq!(sandbox.calls().await["token"], json!({}));
}

#[tokio::test]
async fn a_client_registered_at_run_time_connects_and_leaves() {
    let sandbox = Sandbox::start().await;
    let body = json!({
        "id": "newcomer", "secret": SECRET, "name": "Newcomer", "product": "commerce",
        "redirect_uris": [CALLBACK],
    });
    let registered = sandbox
        .call(Method::POST, "/control/api/clients", Some(body.clone()))
        .await;
    assert_eq!(
        registered.status,
        StatusCode::CREATED,
        "{}",
        registered.text()
    );
    assert!(registered.json().get("secret").is_none());
    let mut client = sandbox.application(Product::Commerce);
    client.id = "newcomer".into();
    let (access, _) = client.connected().await;
    let me = client.read(&access, "/commerce/api/me").await;
    assert_eq!(me.status, StatusCode::OK);

    let gone = sandbox
        .call(Method::DELETE, "/control/api/clients/newcomer", None)
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let me = client.read(&access, "/commerce/api/me").await;
    assert_eq!(me.status, StatusCode::UNAUTHORIZED);

    let mut taken = body;
    taken["id"] = json!("accounting");
    let taken = sandbox
        .call(Method::POST, "/control/api/clients", Some(taken))
        .await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn lifetimes_change_while_it_runs() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let change = json!({"access_token_ttl_seconds": 5});
    let changed = sandbox
        .call(Method::PATCH, "/control/api/settings", Some(change))
        .await;
    assert_eq!(changed.json()["access_token_ttl_seconds"], 5);
    assert_eq!(changed.json()["refresh_token_ttl_seconds"], 5_184_000);
    let (access, _) = client.connected().await;
    sandbox.pass(TimeDelta::seconds(5));
    let read = client.read(&access, "/accounting/v2/whoami").await;
    assert_eq!(read.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn there_are_businesses_of_different_trade_and_currency() {
    let sandbox = Sandbox::start().await;
    let overview = sandbox.get("/control/api").await.json();
    let businesses = overview["businesses"].as_array().unwrap().clone();
    assert!(businesses.len() >= 5);
    let distinct = |name: &str| {
        let mut values: Vec<_> = businesses
            .iter()
            .map(|held| held[name].to_string())
            .collect();
        values.sort();
        values.dedup();
        values.len()
    };
    assert_eq!(distinct("id"), businesses.len());
    assert!(distinct("trade") >= 5);
    assert!(distinct("currency") >= 3);
    assert!(distinct("size") >= 3);
}

#[tokio::test]
async fn the_control_api_refuses_what_makes_no_sense() {
    let sandbox = Sandbox::start().await;
    let refused = async |method: Method, path: &str, body: Value| {
        let answer = sandbox.call(method, path, Some(body.clone())).await;
        assert!(
            answer.status.is_client_error(),
            "{path} {body} {}",
            answer.status
        );
        assert!(answer.json()["error"].is_string(), "{path} {body}");
    };
    for fault in [
        json!({}),
        json!({"kind": "flood"}),
        json!({"kind": "deny", "times": 0}),
        json!({"kind": "deny", "times": 1, "until_cleared": true}),
        json!({"kind": "deny", "status": 500}),
        json!({"kind": "deny", "business": "x"}),
        json!({"kind": "token_delay"}),
        json!({"kind": "token_delay", "delay_ms": 600_001}),
        json!({"kind": "token_error", "error": "access_denied"}),
        json!({"kind": "token_error", "path": "/oauth/token"}),
        json!({"kind": "api_error", "status": 404}),
        json!({"kind": "api_error", "business": "no-such-business"}),
        json!({"kind": "api_error", "path": "accounting"}),
        json!({"kind": "api_error", "product": "payroll"}),
        json!({"kind": "api_rate_limit", "retry_after_seconds": 86_401}),
        json!({"kind": "outage", "mode": "partial"}),
        json!({"kind": "deny", "colour": "red"}),
    ] {
        refused(Method::POST, "/control/api/faults", fault).await;
    }
    let clients = "/control/api/clients";
    for uris in [
        json!([]),
        json!(["javascript:alert(1)"]),
        json!(["http://x.example/#a"]),
    ] {
        let body = json!({"id": "x", "secret": "y", "product": "banking", "redirect_uris": uris});
        refused(Method::POST, clients, body).await;
    }
    refused(Method::POST, "/control/api/advance", json!({"days": 0})).await;
    let unknown = json!({"business": "nobody", "days": 1});
    refused(Method::POST, "/control/api/advance", unknown).await;
    let never = json!({"access_token_ttl_seconds": 0});
    refused(Method::PATCH, "/control/api/settings", never).await;
    let evil = json!({"authorization_url": "http://x.example/?client_id=none"});
    refused(Method::POST, "/control/api/answer", evil).await;
    assert_eq!(sandbox.get("/control/api/faults").await.json(), json!([]));
    let nobody = "/control/api/grants/00000000-0000-4000-8000-000000000000/revoke";
    let nobody = sandbox.call(Method::POST, nobody, None).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}
