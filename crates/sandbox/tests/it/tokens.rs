//! The token and revocation endpoints, and the access that tokens give.

use chrono::TimeDelta;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, StatusCode};
use http_body_util::Full;
use sandbox::Product;
use serde_json::json;

use crate::harness::{CALLBACK, SECRET, Sandbox, refreshing, tokens};

const BOOKS: &str = "/accounting/v2/whoami";

fn error(answer: &crate::harness::Answer) -> String {
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_code_used_twice_revokes_what_the_first_use_was_given() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let code = client.code(&[]).await;
    let (access, refresh) = tokens(&client.exchange(&code).await);
    assert_eq!(client.read(&access, BOOKS).await.status, StatusCode::OK);

    let again = client.exchange(&code).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(error(&again), "invalid_grant");
    let read = client.read(&access, BOOKS).await;
    assert_eq!(read.status, StatusCode::UNAUTHORIZED);
    assert!(read.header("www-authenticate").contains("invalid_token"));
    assert_eq!(error(&client.refresh(&refresh).await), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_raced_by_many_is_worth_one_grant_at_most() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let code = client.code(&[]).await;
    let mut good = 0;
    let tries = (0..8).map(|_| client.exchange(&code));
    for answer in futures_util::future::join_all(tries).await {
        good += u32::from(answer.status == StatusCode::OK);
    }
    assert_eq!(good, 1);
    let grants = sandbox.get("/control/api/grants").await.json();
    assert_eq!(grants.as_array().unwrap().len(), 1);
    assert!(grants[0]["revoked_at"].is_string());
}

#[tokio::test]
async fn a_wrong_verifier_burns_the_code() {
    let sandbox = Sandbox::start().await;
    let mut client = sandbox.application(Product::Accounting);
    let code = client.code(&[]).await;
    let right = std::mem::replace(&mut client.verifier, "w".repeat(50));
    assert_eq!(error(&client.exchange(&code).await), "invalid_grant");
    client.verifier = right;
    assert_eq!(error(&client.exchange(&code).await), "invalid_grant");
}

#[tokio::test]
async fn a_code_is_bound_to_its_client_its_address_and_its_minute() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let code = client.code(&[]).await;
    let other = sandbox.application(Product::Commerce);
    assert_eq!(error(&other.exchange(&code).await), "invalid_grant");
    let good = client.exchange(&code).await;
    assert_eq!(good.status, StatusCode::OK, "another client burnt nothing");

    let code = client.code(&[]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "http://client.example/other?fixed=1"),
        ("code_verifier", client.verifier.as_str()),
    ];
    let elsewhere = client.post("/oauth/token", &form).await;
    assert_eq!(error(&elsewhere), "invalid_grant");

    let code = client.code(&[]).await;
    sandbox.pass(TimeDelta::seconds(60));
    assert_eq!(error(&client.exchange(&code).await), "invalid_grant");
}

#[tokio::test]
async fn an_access_token_expires_and_a_refresh_token_brings_a_new_one() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, refresh) = client.connected().await;
    sandbox.pass(TimeDelta::seconds(1799));
    assert_eq!(client.read(&access, BOOKS).await.status, StatusCode::OK);
    sandbox.pass(TimeDelta::seconds(1));
    let read = client.read(&access, BOOKS).await;
    assert_eq!(read.status, StatusCode::UNAUTHORIZED);
    assert!(read.header("www-authenticate").contains("expired"));

    let answer = client.refresh(&refresh).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let (new_access, new_refresh) = tokens(&answer);
    assert_ne!(new_access, access);
    assert_ne!(new_refresh, refresh);
    assert_eq!(client.read(&new_access, BOOKS).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refresh_token_used_twice_revokes_the_grant() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (_, refresh) = client.connected().await;
    let (access, newest) = tokens(&client.refresh(&refresh).await);
    assert_eq!(error(&client.refresh(&refresh).await), "invalid_grant");
    let read = client.read(&access, BOOKS).await;
    assert_eq!(read.status, StatusCode::UNAUTHORIZED);
    assert_eq!(error(&client.refresh(&newest).await), "invalid_grant");
    let grants = sandbox.get("/control/api/grants").await.json();
    assert_eq!(grants[0]["revoked_because"], "refresh token used twice");
}

#[tokio::test]
async fn a_grace_lets_a_lost_answer_be_fetched_again() {
    let sandbox = Sandbox::start_with(|config| {
        config.refresh_reuse_grace = std::time::Duration::from_secs(30);
    })
    .await;
    let client = sandbox.application(Product::Accounting);
    let (_, refresh) = client.connected().await;
    assert_eq!(client.refresh(&refresh).await.status, StatusCode::OK);
    sandbox.pass(TimeDelta::seconds(29));
    assert_eq!(client.refresh(&refresh).await.status, StatusCode::OK);
    sandbox.pass(TimeDelta::seconds(1));
    assert_eq!(error(&client.refresh(&refresh).await), "invalid_grant");
}

#[tokio::test]
async fn refresh_tokens_expire_and_each_rotation_counts_anew() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (_, refresh) = client.connected().await;
    sandbox.pass(TimeDelta::days(59));
    let (_, refresh) = tokens(&client.refresh(&refresh).await);
    sandbox.pass(TimeDelta::days(59));
    let (_, refresh) = tokens(&client.refresh(&refresh).await);
    assert!(!refresh.is_empty());
    sandbox.pass(TimeDelta::days(60));
    assert_eq!(error(&client.refresh(&refresh).await), "invalid_grant");
}

#[tokio::test]
async fn a_refresh_may_narrow_the_scope_and_never_widen_it() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let scope = [("scope", "accounting.read openid email offline_access")];
    let (_, refresh) = tokens(&client.exchange(&client.code(&scope).await).await);
    let mut form = refreshing(&refresh).to_vec();
    form.push(("scope", "accounting.read phone"));
    let wider = client.post("/oauth/token", &form).await;
    assert_eq!(error(&wider), "invalid_scope");
    form[2] = ("scope", "openid");
    let narrower = client.post("/oauth/token", &form).await;
    assert_eq!(narrower.json()["scope"], "openid");
    let (access, _) = tokens(&narrower);
    let read = client.read(&access, BOOKS).await;
    assert_eq!(read.status, StatusCode::FORBIDDEN);
    assert!(
        read.header("www-authenticate")
            .contains("insufficient_scope")
    );
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let code = client.code(&[("scope", "accounting.read")]).await;
    let answer = client.exchange(&code).await;
    assert!(answer.json().get("refresh_token").is_none());
}

#[tokio::test]
async fn clients_authenticate_by_header_or_by_form_and_by_one_of_them() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let form = |fields: &[(&str, &str)]| {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish()
    };
    let post = |authorization: Option<String>, body: String| {
        let mut request =
            Request::post("/oauth/token").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        sandbox.send(request.body(Full::from(body)).unwrap())
    };
    let code = client.code(&[]).await;
    let by_form = form(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", &client.verifier),
        ("client_id", &client.id),
        ("client_secret", SECRET),
    ]);
    let both = post(Some(client.basic()), by_form.clone()).await.unwrap();
    assert_eq!(error(&both), "invalid_request");
    let good = post(None, by_form).await.unwrap();
    assert_eq!(good.status, StatusCode::OK, "{}", good.text());

    let wrong = form(&[
        ("grant_type", "refresh_token"),
        ("client_id", &client.id),
        ("client_secret", "wrong"),
    ]);
    for (authorization, body) in [
        (None, wrong),
        (None, form(&[("grant_type", "refresh_token")])),
        (
            Some("Basic bm90aGluZw==".into()),
            form(&[("grant_type", "refresh_token")]),
        ),
        (
            Some("Bearer x".into()),
            form(&[("grant_type", "refresh_token")]),
        ),
    ] {
        let refused = post(authorization, body).await.unwrap();
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(error(&refused), "invalid_client");
        assert!(refused.header("www-authenticate").starts_with("Basic"));
    }
}

#[tokio::test]
async fn malformed_token_requests_get_their_errors() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    for (form, expected) in [
        (vec![], "invalid_request"),
        (vec![("grant_type", "password")], "unsupported_grant_type"),
        (
            vec![("grant_type", "client_credentials")],
            "unsupported_grant_type",
        ),
        (vec![("grant_type", "refresh_token")], "invalid_request"),
        (
            vec![("grant_type", "authorization_code")],
            "invalid_request",
        ),
        (
            vec![("grant_type", "refresh_token"), ("grant_type", "x")],
            "invalid_request",
        ),
        (refreshing("unknown").to_vec(), "invalid_grant"),
    ] {
        let answer = client.post("/oauth/token", &form).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{form:?}");
        assert_eq!(error(&answer), expected, "{form:?}");
    }
    let request = Request::post("/oauth/token")
        .header(AUTHORIZATION, client.basic())
        .header(CONTENT_TYPE, "application/json")
        .body(Full::from(
            json!({"grant_type": "refresh_token"}).to_string(),
        ))
        .unwrap();
    assert_eq!(
        error(&sandbox.send(request).await.unwrap()),
        "invalid_request"
    );
    let got = sandbox.get("/oauth/token").await;
    assert_eq!(got.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn revoking_a_refresh_token_ends_the_grant_and_an_access_token_only_itself() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, refresh) = client.connected().await;
    let revoked = client.post("/oauth/revoke", &[("token", &access)]).await;
    assert_eq!(revoked.status, StatusCode::OK);
    let read = client.read(&access, BOOKS).await;
    assert_eq!(read.status, StatusCode::UNAUTHORIZED);
    let (access, refresh) = tokens(&client.refresh(&refresh).await);

    let stranger = sandbox.application(Product::Commerce);
    let foreign = stranger.post("/oauth/revoke", &[("token", &refresh)]).await;
    assert_eq!(error(&foreign), "invalid_grant");
    assert_eq!(client.read(&access, BOOKS).await.status, StatusCode::OK);

    let hint = [
        ("token", refresh.as_str()),
        ("token_type_hint", "refresh_token"),
    ];
    let revoked = client.post("/oauth/revoke", &hint).await;
    assert_eq!(revoked.status, StatusCode::OK);
    let read = client.read(&access, BOOKS).await;
    assert_eq!(read.status, StatusCode::UNAUTHORIZED);
    assert_eq!(error(&client.refresh(&refresh).await), "invalid_grant");

    let unknown = client.post("/oauth/revoke", &[("token", "unknown")]).await;
    assert_eq!(unknown.status, StatusCode::OK, "RFC 7009, section 2.2");
    let none = client.post("/oauth/revoke", &[]).await;
    assert_eq!(error(&none), "invalid_request");
}

#[tokio::test]
async fn a_token_opens_its_own_product_and_the_others_say_so_in_their_own_words() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, _) = client.connected().await;
    let commerce = client.read(&access, "/commerce/api/me").await;
    assert_eq!(commerce.status, StatusCode::FORBIDDEN);
    assert_eq!(commerce.json()["errors"][0]["code"], "WRONG_PRODUCT");
    let banking = client.read("nonsense", "/banking/v1/party").await;
    assert_eq!(banking.status, StatusCode::UNAUTHORIZED);
    assert_eq!(banking.json()["tppMessages"][0]["code"], "TOKEN_INVALID");
    let bare = sandbox.get(BOOKS).await;
    assert_eq!(bare.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bare.json()["error"]["code"], "unauthorised");
    let challenge = bare.header("www-authenticate");
    assert!(challenge.starts_with("Bearer") && !challenge.contains("error"));
}
