//! The authorization endpoint: redirects, refusals, and the outcomes of its pages.

use http::StatusCode;
use sandbox::Product;
use serde_json::json;

use crate::harness::{CALLBACK, Sandbox, parameter, tokens};

#[tokio::test]
async fn a_person_signs_in_chooses_a_business_and_the_client_reads_its_books() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let customer = sandbox.customer();
    let business = sandbox.business().await;

    let consent = customer.at_consent(&client.request(&[])).await;
    assert!(consent.text().contains("Tester of accounting"));
    assert!(
        consent
            .text()
            .contains("Invoices, credit notes, bills and payments")
    );
    let decision = [("decision", "allow"), ("business", business.as_str())];
    let back = customer.submit(&consent, "/oauth/consent", &decision).await;

    let location = back.location();
    assert!(location.as_str().starts_with(CALLBACK));
    assert_eq!(
        parameter(&location, "state").unwrap(),
        "state of the tester"
    );
    assert_eq!(
        parameter(&location, "iss").unwrap(),
        sandbox.url.as_str().trim_end_matches('/')
    );
    let code = parameter(&location, "code").unwrap();
    let answer = client.exchange(&code).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 1800);
    assert_eq!(body["scope"], "accounting.read offline_access");
    assert!(body.get("id_token").is_none(), "openid wasn't asked for");
    let (access, _) = tokens(&answer);
    let whoami = client.read(&access, "/accounting/v2/whoami").await;
    assert_eq!(whoami.status, StatusCode::OK, "{}", whoami.text());
    assert_eq!(whoami.json()["data"]["organisation_id"], business);
}

#[tokio::test]
async fn signing_in_takes_any_address_with_the_practice_password_and_nothing_else() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Banking);
    let customer = sandbox.customer();
    let page = customer.open(&client.request(&[])).await;
    let before = customer.cookie();

    for (email, password) in [
        ("kim.larsen@shop.example", "wrong"),
        ("kim.larsen@shop.example", ""),
        ("nobody", "practice"),
        ("", ""),
    ] {
        let fields = [("email", email), ("password", password)];
        let refused = customer.submit(&page, "/login", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let stranger = [("person", "somebody.else@shop.example")];
    let refused = customer.submit(&page, "/login", &stranger).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);

    let good = [
        ("email", "kim.larsen@shop.example"),
        ("password", "practice"),
    ];
    let signed_in = customer.submit(&page, "/login", &good).await;
    assert_eq!(signed_in.status, StatusCode::SEE_OTHER);
    assert!(signed_in.header("location").starts_with("/oauth/consent?"));
    assert_ne!(customer.cookie(), before, "a new cookie at sign-in");
    let consent = customer.open(signed_in.header("location")).await;
    assert!(consent.text().contains("Kim Larsen"));
}

#[tokio::test]
async fn denying_needs_no_business_and_says_access_denied() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Commerce);
    let customer = sandbox.customer();
    let consent = customer.at_consent(&client.request(&[])).await;
    let fields = [("decision", "deny")];
    let back = customer.submit(&consent, "/oauth/consent", &fields).await;
    let location = back.location();
    assert_eq!(parameter(&location, "error").unwrap(), "access_denied");
    assert_eq!(
        parameter(&location, "state").unwrap(),
        "state of the tester"
    );
    assert!(parameter(&location, "iss").is_some());
    assert!(parameter(&location, "code").is_none());
}

#[tokio::test]
async fn allowing_without_a_known_business_asks_again() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Commerce);
    let customer = sandbox.customer();
    let consent = customer.at_consent(&client.request(&[])).await;
    for business in ["", "no-such-business"] {
        let fields = [("decision", "allow"), ("business", business)];
        let again = customer.submit(&consent, "/oauth/consent", &fields).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.text().contains("Choose the business"));
    }
}

#[tokio::test]
async fn a_signed_in_person_goes_straight_to_consent_unless_the_client_wants_a_login() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let customer = sandbox.customer();
    customer.at_consent(&client.request(&[])).await;
    let consent = customer.open(&client.request(&[])).await;
    assert!(consent.text().contains("Allow access"));
    let sign_in = customer.open(&client.request(&[("prompt", "login")])).await;
    assert!(sign_in.text().contains("Sign in as"));
    let silent = customer.open(&client.request(&[("prompt", "none")])).await;
    assert_eq!(
        parameter(&silent.location(), "error").unwrap(),
        "consent_required"
    );
    let stranger = sandbox.customer();
    let silent = stranger.open(&client.request(&[("prompt", "none")])).await;
    assert_eq!(
        parameter(&silent.location(), "error").unwrap(),
        "login_required"
    );
}

#[tokio::test]
async fn an_unknown_client_or_address_is_told_to_the_person_and_redirects_nowhere() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let customer = sandbox.customer();
    let long = format!("{CALLBACK}/deeper");
    let slashed = format!("{CALLBACK}/");
    let asked = format!("{CALLBACK}?x=1");
    for changes in [
        ("client_id", "stranger"),
        ("client_id", ""),
        ("redirect_uri", ""),
        ("redirect_uri", "http://evil.example/callback"),
        ("redirect_uri", "http://client.example:80/callback"),
        ("redirect_uri", "http://CLIENT.example/callback"),
        (
            "redirect_uri",
            "http://client.example@evil.example/callback",
        ),
        ("redirect_uri", "//evil.example/callback"),
        ("redirect_uri", "javascript:alert(1)"),
        ("redirect_uri", &long),
        ("redirect_uri", &slashed),
        ("redirect_uri", &asked),
    ] {
        let page = customer.open(&client.request(&[changes])).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{changes:?}");
        assert_eq!(page.header("location"), "", "{changes:?}");
    }
    let twice = format!(
        "{}&redirect_uri=http%3A%2F%2Fevil.example",
        client.request(&[])
    );
    let page = customer.open(&twice).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_request_that_the_server_cannot_follow_goes_back_with_its_error() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let customer = sandbox.customer();
    let short = "a".repeat(42);
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
        ("scope", "", "invalid_scope"),
        ("scope", "everything", "invalid_scope"),
        ("scope", "accounting.read commerce.read", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", &short, "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("request", "eyJ", "request_not_supported"),
        (
            "request_uri",
            "http://x.example",
            "request_uri_not_supported",
        ),
    ] {
        let location = customer
            .open(&client.request(&[(name, value)]))
            .await
            .location();
        assert_eq!(
            parameter(&location, "error").unwrap(),
            error,
            "{name}={value}"
        );
        assert_eq!(
            parameter(&location, "state").unwrap(),
            "state of the tester"
        );
        assert!(parameter(&location, "iss").is_some());
    }
    let twice = format!("{}&scope=openid", client.request(&[]));
    let location = customer.open(&twice).await.location();
    assert_eq!(parameter(&location, "error").unwrap(), "invalid_request");
}

#[tokio::test]
async fn a_redirect_address_keeps_the_query_it_was_registered_with() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let changes = [("redirect_uri", "http://client.example/other?fixed=1")];
    let location = client.answered(&changes, json!({})).await;
    assert_eq!(parameter(&location, "fixed").unwrap(), "1");
    assert!(parameter(&location, "code").is_some());
}

#[tokio::test]
async fn a_form_without_its_token_or_from_another_site_changes_nothing() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let customer = sandbox.customer();
    let business = sandbox.business().await;
    let consent = customer.at_consent(&client.request(&[])).await.text();
    let csrf = crate::harness::hidden(&consent, "csrf");
    let request = crate::harness::hidden(&consent, "request");
    let mut fields = vec![
        ("request", request.as_str()),
        ("decision", "allow"),
        ("business", business.as_str()),
    ];
    let bare = customer.submit_raw("/oauth/consent", &fields, &[]).await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN);
    fields.push(("csrf", csrf.as_str()));
    let foreign = [("sec-fetch-site", "cross-site")];
    let foreign = customer
        .submit_raw("/oauth/consent", &fields, &foreign)
        .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let other = sandbox.customer();
    let borrowed = other.submit_raw("/oauth/consent", &fields, &[]).await;
    assert_eq!(borrowed.status, StatusCode::FORBIDDEN);
    let own = [("sec-fetch-site", "same-origin")];
    let honest = customer.submit_raw("/oauth/consent", &fields, &own).await;
    assert!(parameter(&honest.location(), "code").is_some());
}
