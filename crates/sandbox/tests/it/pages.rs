//! The pages' headers, their plain HTML, and the control page's forms.

use http::{Method, StatusCode};
use sandbox::Product;
use serde_json::json;

use crate::harness::{Sandbox, hidden};

#[tokio::test]
async fn pages_cannot_be_framed_run_no_scripts_and_load_nothing_from_elsewhere() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Banking);
    let customer = sandbox.customer();
    let mut pages = Vec::new();
    for path in ["/", "/control", &client.request(&[]), "/nowhere"] {
        pages.push(customer.open(path).await);
    }
    pages.push(customer.at_consent(&client.request(&[])).await);
    for page in pages {
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"));
        assert!(policy.contains("frame-ancestors 'none'"));
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("cache-control"), "no-store");
        let text = page.text();
        assert!(!text.contains("<script") && !text.contains("style="));
        for outside in ["src=\"http", "href=\"http", "src=\"//", "href=\"//"] {
            assert!(!text.contains(outside), "{outside}");
        }
    }
}

/// A customer reads one name in Link, on the link page and here.
#[tokio::test]
async fn the_pages_call_a_platform_as_its_folder_does() {
    let sandbox = Sandbox::start().await;
    let customer = sandbox.customer();
    for (product, manifest) in [
        (Product::Accounting, "sandbox-accounting"),
        (Product::Banking, "sandbox-banking"),
        (Product::Commerce, "sandbox-commerce"),
    ] {
        let path = format!(
            "{}/../../integrations/{manifest}/manifest.toml",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(path).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("name = \""));
        let name = line.unwrap().trim_end_matches('"');
        let request = sandbox.application(product).request(&[]);
        let sign_in = customer.open(&request).await.text();
        let consent = sandbox.customer().at_consent(&request).await.text();
        for page in [sign_in, consent] {
            assert!(page.contains(&format!("· {name}</title>")), "{name}");
            assert!(page.contains(&format!("<span>{name}</span>")), "{name}");
        }
    }
}

#[tokio::test]
async fn what_a_client_or_a_link_says_is_shown_as_text() {
    let sandbox = Sandbox::start_with(|config| {
        config.clients[0].name = "<img src=x onerror=alert(1)>".into();
    })
    .await;
    let client = sandbox.application(Product::Accounting);
    let customer = sandbox.customer();
    let request = client.request(&[("login_hint", "\"><script>alert(1)</script>")]);
    let sign_in = customer.open(&request).await.text();
    let consent = customer.at_consent(&request).await.text();
    for page in [sign_in, consent] {
        assert!(!page.contains("<img") && !page.contains("<script"));
    }
}

#[tokio::test]
async fn the_session_cookie_is_closed_to_scripts_and_other_sites() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let page = sandbox.customer().open(&client.request(&[])).await;
    let cookie = page.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    assert!(cookie.contains("Path=/"));
}

#[tokio::test]
async fn the_control_page_arms_shows_and_clears_faults() {
    let sandbox = Sandbox::start().await;
    let operator = sandbox.customer();
    let page = operator.open("/control").await;
    assert!(page.text().contains("None. Every request is answered"));
    let fields = [
        ("kind", "api_rate_limit"),
        ("retry_after_seconds", "9"),
        ("status", "500"),
        ("delay_ms", "2000"),
        ("product", "banking"),
        ("times", "4"),
        ("path", ""),
    ];
    let armed = operator.submit(&page, "/control/faults", &fields).await;
    assert_eq!(armed.header("location"), "/control?done=armed");
    let page = operator.open("/control?done=armed").await;
    assert!(page.text().contains("429, Retry-After: 9"));
    assert!(page.text().contains("Banking Sandbox"));
    assert!(page.text().contains("next 4 requests"));

    let kind = [("kind", "token_error:invalid_grant"), ("times", "")];
    operator.submit(&page, "/control/faults", &kind).await;
    let faults = sandbox.get("/control/api/faults").await.json();
    assert_eq!(faults[1]["error"], "invalid_grant");
    assert!(faults[1]["times"].is_null());

    let wrong = [("kind", "api_error"), ("status", "200"), ("times", "1")];
    let wrong = operator.submit(&page, "/control/faults", &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong
            .text()
            .contains("status must be 401, 403 or 500 to 599")
    );

    let forged = operator.submit_raw("/control/faults/clear", &[], &[]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let one = [("fault", "1")];
    operator.submit(&page, "/control/faults/clear", &one).await;
    let left = sandbox.get("/control/api/faults").await.json();
    assert_eq!(left.as_array().unwrap().len(), 1);
    operator.submit(&page, "/control/faults/clear", &[]).await;
    assert_eq!(sandbox.get("/control/api/faults").await.json(), json!([]));
}

#[tokio::test]
async fn the_control_page_revokes_expires_and_lets_time_pass() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, _) = client.connected().await;
    let operator = sandbox.customer();
    let page = operator.open("/control").await;
    assert!(page.text().contains("Tester of accounting"));
    let before = sandbox.get("/control/api").await.json();
    let id = sandbox.get("/control/api/grants").await.json()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();

    let expire = format!("/control/grants/{id}/expire");
    operator.submit(&page, &expire, &[]).await;
    let read = client.read(&access, "/accounting/v2/whoami").await;
    assert_eq!(read.status, StatusCode::UNAUTHORIZED);
    let revoke = format!("/control/grants/{id}/revoke");
    let revoked = operator.submit(&page, &revoke, &[]).await;
    assert_eq!(revoked.header("location"), "/control?done=revoked");
    let shown = operator.open("/control").await.text();
    assert!(shown.contains("taken back at the platform"));

    let business = sandbox.business().await;
    let days = [("business", business.as_str()), ("days", "2")];
    let moved = operator.submit(&page, "/control/advance", &days).await;
    assert_eq!(moved.header("location"), "/control?done=advanced");
    let after = sandbox.get("/control/api").await.json();
    assert_ne!(
        after["businesses"][0]["as_of"],
        before["businesses"][0]["as_of"]
    );
    let none = [("days", "soon")];
    let none = operator.submit(&page, "/control/advance", &none).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn signing_out_forgets_the_person() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let customer = sandbox.customer();
    let consent = customer.at_consent(&client.request(&[])).await;
    assert!(!hidden(&consent.text(), "csrf").is_empty());
    let out = customer.submit(&consent, "/logout", &[]).await;
    let page = customer.open(out.header("location")).await;
    assert!(page.text().contains("Sign in as"));
}

#[tokio::test]
async fn a_page_of_another_site_cannot_use_the_control_api() {
    let sandbox = Sandbox::start().await;
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let request = http::Request::builder()
            .method(Method::POST)
            .uri("/control/api/grants/expire")
            .header(name, value)
            .body(http_body_util::Full::default())
            .unwrap();
        let answer = sandbox.send(request).await.unwrap();
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
}
