//! Every fault strikes its target, the requested number of times, and no other request.

use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use sandbox::Product;
use serde_json::json;

use crate::harness::{Application, Sandbox, parameter, refreshing, tokens};

const BOOKS: &str = "/accounting/v2/whoami";

async fn status(client: &Application<'_>, access: &str) -> StatusCode {
    client.read(access, BOOKS).await.status
}

#[tokio::test]
async fn the_next_authorization_is_denied_and_the_one_after_is_not() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    sandbox.arm(json!({"kind": "deny"})).await;
    let location = sandbox.get(&client.request(&[])).await.location();
    assert_eq!(parameter(&location, "error").unwrap(), "access_denied");
    assert_eq!(
        parameter(&location, "state").unwrap(),
        "state of the tester"
    );
    let page = sandbox.get(&client.request(&[])).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn the_authorization_server_fails_at_the_product_that_was_named() {
    let sandbox = Sandbox::start().await;
    let accounting = sandbox.application(Product::Accounting);
    let banking = sandbox.application(Product::Banking);
    for error in ["server_error", "temporarily_unavailable"] {
        sandbox
            .arm(json!({"kind": "authorization_error", "error": error, "product": "banking"}))
            .await;
        let page = sandbox.get(&accounting.request(&[])).await;
        assert_eq!(page.status, StatusCode::OK, "another product");
        let location = banking.answered(&[], json!({})).await;
        assert_eq!(parameter(&location, "error").unwrap(), error);
    }
}

#[tokio::test]
async fn a_slow_token_endpoint_answers_late_and_rightly() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (_, refresh) = client.connected().await;
    sandbox
        .arm(json!({"kind": "token_delay", "delay_ms": 150}))
        .await;
    let before = Instant::now();
    let answer = client.refresh(&refresh).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(before.elapsed() >= Duration::from_millis(150));
    let (_, refresh) = tokens(&answer);
    let before = Instant::now();
    assert_eq!(client.refresh(&refresh).await.status, StatusCode::OK);
    assert!(
        before.elapsed() >= Duration::from_millis(150),
        "until cleared"
    );
}

#[tokio::test]
async fn a_failing_token_endpoint_spends_nothing() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (_, refresh) = client.connected().await;
    for (error, expected) in [
        ("server_error", StatusCode::INTERNAL_SERVER_ERROR),
        ("temporarily_unavailable", StatusCode::SERVICE_UNAVAILABLE),
        ("invalid_grant", StatusCode::BAD_REQUEST),
        ("invalid_client", StatusCode::UNAUTHORIZED),
    ] {
        sandbox
            .arm(json!({"kind": "token_error", "error": error}))
            .await;
        let answer = client.refresh(&refresh).await;
        assert_eq!(answer.status, expected);
        assert_eq!(answer.json()["error"], error);
    }
    assert_eq!(client.refresh(&refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_lost_answer_has_spent_the_refresh_token_all_the_same() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (_, refresh) = client.connected().await;
    sandbox.arm(json!({"kind": "token_answer_lost"})).await;
    let lost = client.try_post("/oauth/token", &refreshing(&refresh)).await;
    assert!(lost.is_err(), "the connection closes");
    let again = client.refresh(&refresh).await;
    assert_eq!(again.json()["error"], "invalid_grant");
    let calls = sandbox.calls().await;
    assert_eq!(calls["token"]["refresh_token"]["received"], 2);
    assert_eq!(calls["token"]["refresh_token"]["answers"]["lost"], 1);
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back_and_ends_after_its_number() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, _) = client.connected().await;
    sandbox
        .arm(json!({"kind": "api_rate_limit", "times": 2, "retry_after_seconds": 7}))
        .await;
    for _ in 0..2 {
        let answer = client.read(&access, BOOKS).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.header("retry-after"), "7");
        assert_eq!(answer.json()["error"]["code"], "too_many_requests");
    }
    assert_eq!(status(&client, &access).await, StatusCode::OK);
    let faults = sandbox.get("/control/api/faults").await.json();
    assert_eq!(faults, json!([]));
}

#[tokio::test]
async fn server_errors_meet_only_the_path_the_product_and_the_business_named() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, _) = client.connected().await;
    let business = sandbox.business().await;
    sandbox
        .arm(json!({"kind": "api_error", "status": 503, "path": "/accounting/v2/organisation"}))
        .await;
    sandbox
        .arm(json!({"kind": "api_error", "product": "banking", "until_cleared": true}))
        .await;
    assert_eq!(status(&client, &access).await, StatusCode::OK);
    let organisation = client.read(&access, "/accounting/v2/organisation").await;
    assert_eq!(organisation.status, StatusCode::SERVICE_UNAVAILABLE);
    sandbox
        .arm(json!({"kind": "api_error", "business": business}))
        .await;
    assert_eq!(
        status(&client, &access).await,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    assert_eq!(status(&client, &access).await, StatusCode::OK);
}

#[tokio::test]
async fn malformed_json_is_200_and_cannot_be_parsed() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, _) = client.connected().await;
    sandbox.arm(json!({"kind": "api_malformed"})).await;
    let answer = client.read(&access, BOOKS).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.starts_with(b"{"));
    assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_err());
    assert!(client.read(&access, BOOKS).await.json().is_object());
}

#[tokio::test]
async fn slow_apis_answer_late() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, _) = client.connected().await;
    sandbox
        .arm(json!({"kind": "api_delay", "delay_ms": 120, "times": 1}))
        .await;
    let before = Instant::now();
    assert_eq!(status(&client, &access).await, StatusCode::OK);
    assert!(before.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn an_outage_meets_everything_but_the_control_until_it_is_cleared() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, refresh) = client.connected().await;
    sandbox.arm(json!({"kind": "outage"})).await;
    assert_eq!(
        status(&client, &access).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    let down = client.refresh(&refresh).await;
    assert_eq!(down.status, StatusCode::SERVICE_UNAVAILABLE);
    let page = sandbox.get(&client.request(&[])).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    let control = sandbox.customer().open("/control").await;
    assert_eq!(control.status, StatusCode::OK);
    assert!(control.text().contains("every request gets 503"));
    assert_eq!(sandbox.calls().await["outage"], 3);

    let cleared = sandbox
        .call(Method::DELETE, "/control/api/faults", None)
        .await;
    assert_eq!(cleared.status, StatusCode::NO_CONTENT);
    assert_eq!(status(&client, &access).await, StatusCode::OK);
    assert_eq!(client.refresh(&refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_closed_outage_ends_connections_without_an_answer() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (_, refresh) = client.connected().await;
    sandbox
        .arm(json!({"kind": "outage", "mode": "closed"}))
        .await;
    let lost = client.try_post("/oauth/token", &refreshing(&refresh)).await;
    assert!(lost.is_err());
    let faults = sandbox.get("/control/api/faults").await.json();
    let one = format!("/control/api/faults/{}", faults[0]["id"]);
    let cleared = sandbox.call(Method::DELETE, &one, None).await;
    assert_eq!(cleared.status, StatusCode::NO_CONTENT);
    assert_eq!(client.refresh(&refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_outage_of_one_product_leaves_the_others_and_signing_in() {
    let sandbox = Sandbox::start().await;
    let accounting = sandbox.application(Product::Accounting);
    let banking = sandbox.application(Product::Banking);
    let (books, _) = accounting.connected().await;
    sandbox
        .arm(json!({"kind": "outage", "product": "banking"}))
        .await;
    let (bank, _) = banking.connected().await;
    let party = banking.read(&bank, "/banking/v1/party").await;
    assert_eq!(party.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        party.json()["tppMessages"][0]["code"],
        "SERVICE_UNAVAILABLE"
    );
    assert_eq!(status(&accounting, &books).await, StatusCode::OK);
}

#[tokio::test]
async fn a_grant_taken_back_at_the_platform_is_dead_and_its_neighbour_alive() {
    let sandbox = Sandbox::start().await;
    let accounting = sandbox.application(Product::Accounting);
    let banking = sandbox.application(Product::Banking);
    let (books, refresh) = accounting.connected().await;
    let (bank, _) = banking.connected().await;
    let grants = sandbox.get("/control/api/grants").await.json();
    let grant = grants
        .as_array()
        .unwrap()
        .iter()
        .find(|grant| grant["product"] == "accounting");
    let id = grant.unwrap()["id"].as_str().unwrap();

    let path = format!("/control/api/grants/{id}/revoke");
    let revoked = sandbox.call(Method::POST, &path, None).await;
    assert_eq!(revoked.status, StatusCode::OK);
    assert_eq!(
        revoked.json()["revoked_because"],
        "taken back at the platform"
    );
    assert_eq!(status(&accounting, &books).await, StatusCode::UNAUTHORIZED);
    let answer = accounting.refresh(&refresh).await;
    assert_eq!(answer.json()["error"], "invalid_grant");
    let party = banking.read(&bank, "/banking/v1/party").await;
    assert_eq!(party.status, StatusCode::OK);
}

#[tokio::test]
async fn expired_access_tokens_leave_the_refresh_tokens_alive() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, refresh) = client.connected().await;
    let grants = sandbox.get("/control/api/grants").await.json();
    let id = grants[0]["id"].as_str().unwrap().to_owned();
    let one = format!("/control/api/grants/{id}/expire");
    let expired = sandbox.call(Method::POST, &one, None).await;
    assert_eq!(expired.json()["expired"], 1);
    assert_eq!(status(&client, &access).await, StatusCode::UNAUTHORIZED);
    let (access, _) = tokens(&client.refresh(&refresh).await);
    assert_eq!(status(&client, &access).await, StatusCode::OK);
    let all = sandbox
        .call(Method::POST, "/control/api/grants/expire", None)
        .await;
    assert_eq!(all.json()["expired"], 1);
    assert_eq!(status(&client, &access).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn wrong_books_stay_wrong_until_they_are_put_right() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, _) = client.connected().await;
    let invoices = "/accounting/v2/sales_documents?kind=INV&per_page=250";
    let right = client.read(&access, invoices).await.json();
    sandbox
        .arm(json!({"kind": "wrong_books", "record": "invoice"}))
        .await;
    for _ in 0..2 {
        let wrong = client.read(&access, invoices).await.json();
        let pairs = std::iter::zip(
            right["data"].as_array().unwrap(),
            wrong["data"].as_array().unwrap(),
        );
        let different: Vec<_> = pairs.filter(|(right, wrong)| right != wrong).collect();
        let [(before, after)] = different.as_slice() else {
            panic!("{different:?}");
        };
        assert_eq!(before["outstanding"], 0);
        assert!(after["outstanding"].as_i64().unwrap() > 0);
        assert_eq!(before["settlements"], after["settlements"]);
    }
    sandbox
        .call(Method::DELETE, "/control/api/faults", None)
        .await;
    let mended = client.read(&access, invoices).await.json();
    let owed = |list: &serde_json::Value| -> Vec<i64> {
        let all = list["data"].as_array().unwrap().iter();
        all.map(|one| one["outstanding"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(owed(&mended), owed(&right));
    for wrong in [
        json!({"kind": "wrong_books", "record": "customer"}),
        json!({"kind": "wrong_books", "times": 1}),
        json!({"kind": "wrong_books", "product": "banking"}),
        json!({"kind": "outage", "record": "invoice"}),
    ] {
        let refused = sandbox
            .call(Method::POST, "/control/api/faults", Some(wrong))
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
