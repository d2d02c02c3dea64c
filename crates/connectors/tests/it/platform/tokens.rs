//! Authorization URLs, and what a token endpoint answers.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use connectors::{AssetRole, AuthorizationRequest, Integration, OAuthError, Step, pkce};
use egress::Secret;

use super::{MANIFEST, TOKENS, credentials, integration};
use crate::emulator::Platform;

#[tokio::test]
async fn the_authorization_url_carries_everything_percent_encoded() {
    let platform = Platform::start().await;
    let (_dir, integration) = integration(&platform, MANIFEST);
    let verifier = pkce::Verifier::from_bytes([9; 32]);
    let url = integration.authorization_url(
        &credentials(),
        &AuthorizationRequest {
            redirect_uri: "https://a.example/oauth/test/callback?x=1&y",
            state: "st ate",
            scopes: integration.scopes(),
            code_challenge: Some(&verifier.challenge()),
            nonce: None,
        },
    );
    let url = url.unwrap();
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let challenge = verifier.challenge();
    let expected = [
        ("realm", "a"),
        ("response_type", "code"),
        ("client_id", "a client:1"),
        (
            "redirect_uri",
            "https://a.example/oauth/test/callback?x=1&y",
        ),
        ("scope", "read offline_access"),
        ("state", "st ate"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("prompt", "consent"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(query, expected);
    assert!(
        url.as_str()
            .starts_with(&format!("{}/authorize?", platform.base))
    );
    assert_eq!(integration.issuer(), Some(platform.base.as_str()));
    assert!(integration.pkce() && integration.can_revoke());
    assert_eq!(integration.steps().len(), 2);
    assert_eq!(integration.steps()[0], Step::ConfirmCompanyName);
    assert_eq!(integration.limits().requests_per_minute, Some(60));
    assert_eq!(integration.callback_parameters(), ["realm"]);
    let asset = integration.asset(AssetRole::LogoSquare).unwrap();
    assert_eq!(
        (&asset.bytes[..], asset.content_type),
        (&b"<svg/>"[..], "image/svg+xml")
    );
    assert!(integration.asset(AssetRole::LogoFull).is_none());
}

#[tokio::test]
async fn a_code_becomes_tokens_and_the_client_proves_itself_as_the_rfc_says() {
    let platform = Platform::start().await;
    platform.answers("/token", 200, "", TOKENS);
    let (_dir, integration) = integration(&platform, MANIFEST);
    let verifier = pkce::Verifier::from_bytes([9; 32]);
    let code = Secret::new("co de&");
    let tokens = integration
        .exchange(
            &platform.door(),
            &credentials(),
            "https://a.example/cb",
            &code,
            Some(verifier.secret()),
            &BTreeMap::new(),
        )
        .await
        .unwrap();
    assert_eq!(tokens.access_token.expose(), "at-1");
    assert_eq!(tokens.refresh_token.unwrap().expose(), "rt-1");
    assert_eq!(tokens.expires_in, Some(Duration::from_secs(1800)));
    assert_eq!(
        tokens.refresh_expires_in,
        Some(Duration::from_secs(7_776_000))
    );
    assert_eq!(tokens.extra.keys().collect::<Vec<_>>(), ["tenant"]);
    let seen = platform.last();
    // base64("a+client%3A1:s%2Fe%2Bc%25ret"): both halves are form-encoded first (RFC 6749 § 2.3.1).
    assert_eq!(
        seen.header("authorization"),
        Some("Basic YStjbGllbnQlM0ExOnMlMkZlJTJCYyUyNXJldA==")
    );
    let form = seen.form();
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["code"], "co de&");
    assert_eq!(form["redirect_uri"], "https://a.example/cb");
    assert_eq!(form["code_verifier"], verifier.secret().expose());
    assert!(!form.contains_key("client_secret"));

    let post = MANIFEST.replace("\"basic\"", "\"post\"");
    let (_dir, in_body) = self::integration(&platform, &post);
    in_body
        .refresh(
            &platform.door(),
            &credentials(),
            &Secret::new("rt-1"),
            &BTreeMap::new(),
        )
        .await
        .unwrap();
    let seen = platform.last();
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.form()["client_secret"], "s/e+c%ret");
    assert_eq!(seen.form()["refresh_token"], "rt-1");
}

#[tokio::test]
async fn each_way_of_not_giving_tokens_is_reported_apart() {
    let platform = Platform::start().await;
    let (_dir, integration) = integration(&platform, MANIFEST);
    let refresh = async || {
        let token = Secret::new("rt-canary");
        integration
            .refresh(&platform.door(), &credentials(), &token, &BTreeMap::new())
            .await
            .unwrap_err()
    };
    let body =
        r#"{"error":"invalid_grant","error_description":"rt-canary\r\nis  spent, s/e+c%ret"}"#;
    platform.answers("/token", 400, "", body);
    assert_eq!(
        refresh().await,
        OAuthError::Refused {
            error: "invalid_grant".to_owned(),
            description: Some("*** is spent, ***".to_owned()),
        }
    );
    platform.answers("/token", 200, "", r#"{"error":"invalid_client"}"#);
    assert!(
        matches!(refresh().await, OAuthError::Refused { error, .. } if error == "invalid_client")
    );
    platform.answers("/token", 503, "retry-after: 7\r\n", body);
    let unavailable = |status, seconds: Option<u64>| OAuthError::Unavailable {
        status,
        retry_after: seconds.map(Duration::from_secs),
    };
    assert_eq!(refresh().await, unavailable(503, Some(7)));
    let dates =
        "date: Tue, 31 Mar 2026 10:00:00 GMT\r\nretry-after: Tue, 31 Mar 2026 10:01:30 GMT\r\n";
    platform.answers("/token", 429, dates, "");
    assert_eq!(refresh().await, unavailable(429, Some(90)));
    platform.answers("/token", 403, "", "<html>blocked</html>");
    assert_eq!(refresh().await, unavailable(403, None));
    for body in [
        "",
        "[]",
        "{}",
        r#"{"access_token":""}"#,
        r#"{"access_token":"a","token_type":"mac"}"#,
    ] {
        platform.answers("/token", 200, "", body);
        let error = refresh().await;
        assert!(matches!(error, OAuthError::Unreadable { .. }), "{body}");
    }
    platform.answers("/token", 302, "location: /elsewhere\r\n", "");
    let asked = platform.asked();
    assert_eq!(refresh().await, unavailable(302, None));
    assert_eq!(platform.asked(), asked + 1, "once, and no redirect");
}

#[tokio::test]
async fn a_token_answer_is_read_in_every_form_that_platforms_give_it() {
    let platform = Platform::start().await;
    let manifest = MANIFEST.replace(
        "callback_parameters",
        "access_token_seconds = 900\nexpires_at = \"ends\"\ncallback_parameters",
    );
    let (_dir, integration) = integration(&platform, &manifest);
    let refreshed = async |body: &str| {
        platform.answers("/token", 200, "", body);
        let token = Secret::new("rt-0");
        let (door, client) = (platform.door(), credentials());
        let none = BTreeMap::new();
        let tokens = integration.refresh(&door, &client, &token, &none);
        tokens
            .await
            .unwrap_or_else(|error| panic!("{body}: {error}"))
    };
    for kind in [
        "",
        r#","token_type":"bearer ""#,
        r#","token_type":"BEARER""#,
        r#","token_type":"User Access Token""#,
        r#","token_type":null"#,
        r#","token_type":7"#,
    ] {
        let tokens = refreshed(&format!(r#"{{"access_token":"at-1"{kind}}}"#)).await;
        assert_eq!(tokens.access_token.expose(), "at-1", "{kind}");
        assert_eq!(tokens.expires_in, Some(Duration::from_secs(900)), "{kind}");
    }
    let form =
        refreshed("access_token=at%2D1&expires_in=60&refresh_token=rt+1&scope=a%2Cb\n").await;
    assert_eq!(form.access_token.expose(), "at-1");
    assert_eq!(form.refresh_token.unwrap().expose(), "rt 1");
    assert_eq!(form.expires_in, Some(Duration::from_secs(60)));
    assert_eq!(form.scope.as_deref(), Some("a b"));
    let marked = refreshed(
        "\u{feff} {\"access_token\":12345678901234567890123,\"scope\":[\"a\",\"b c\",3]}",
    )
    .await;
    assert_eq!(marked.access_token.expose(), "12345678901234567890123");
    assert_eq!(marked.scope.as_deref(), Some("a b c"));

    let lifetime = async |written: &str| {
        let body = format!(r#"{{"access_token":"a","expires_in":{written}}}"#);
        refreshed(&body).await.expires_in
    };
    let seconds = |number| Some(Duration::from_secs(number));
    for (written, read) in [
        ("1800", seconds(1800)),
        (r#"" 1800 ""#, seconds(1800)),
        ("1800.9", Some(Duration::from_millis(1_800_900))),
        ("1e300", seconds(3_155_760_000)),
        // No lifetime that anything could be done in: the manifest's counts.
        ("0", seconds(900)),
        ("-1", seconds(900)),
        (r#""never""#, seconds(900)),
        (r#""NaN""#, seconds(900)),
        ("null", seconds(900)),
        ("[1800]", seconds(900)),
    ] {
        assert_eq!(lifetime(written).await, read, "{written}");
    }
    for ends in [
        r#""2026-03-31T10:00:00Z""#,
        "1774951200",
        r#""1774951200000""#,
    ] {
        let tokens = refreshed(&format!(r#"{{"access_token":"a","ends":{ends}}}"#)).await;
        let expected: DateTime<Utc> = "2026-03-31T10:00:00Z".parse().unwrap();
        assert_eq!(tokens.expires_at, Some(expected), "{ends}");
        assert_eq!(tokens.expires_in, None, "{ends}");
    }

    let nested = MANIFEST.replace("scopes =", "token_answer = \"data.0\"\nscopes =");
    let (_dir, nested) = self::integration(&platform, &nested);
    platform.answers("/token", 200, "", r#"{"data":[{"access_token":"at-2"}]}"#);
    let token = Secret::new("rt-0");
    let (door, client) = (platform.door(), credentials());
    let none = BTreeMap::new();
    let tokens = nested.refresh(&door, &client, &token, &none);
    assert_eq!(tokens.await.unwrap().access_token.expose(), "at-2");

    let raw = MANIFEST.replace("\"basic\"", "\"basic-raw\"");
    let (_dir, raw) = self::integration(&platform, &raw);
    platform.answers("/token", 200, "", r#"{"access_token":"at-3"}"#);
    raw.refresh(&platform.door(), &credentials(), &token, &BTreeMap::new())
        .await
        .unwrap();
    // base64("a client:1:s/e+c%ret")
    let sent = platform.last().header("authorization").map(str::to_owned);
    assert_eq!(sent.as_deref(), Some("Basic YSBjbGllbnQ6MTpzL2UrYyVyZXQ="));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_kept_and_read_by_a_manifest_that_can() {
    let platform = Platform::start().await;
    let (_dir, integration) = integration(&platform, MANIFEST);
    let asked = async |integration: &Integration, status, body: &str| {
        platform.answers("/token", status, "", body);
        let token = Secret::new("rt-canary");
        let (door, client) = (platform.door(), credentials());
        let none = BTreeMap::new();
        let refreshed = integration.refresh(&door, &client, &token, &none);
        refreshed.await.unwrap_err()
    };
    let body = r#"{"data":{"access_token":"at-canary","refresh_token":"rt-canary-2"}}"#;
    let OAuthError::Unreadable { why, answer } = asked(&integration, 200, body).await else {
        panic!("it can't be read");
    };
    assert!(!format!("{why} {answer:?}").contains("canary"), "{why}");
    assert!(answer.may_hold_refresh_token());
    assert!(integration.read_again(&answer).is_err());
    let corrected = MANIFEST.replace("scopes =", "token_answer = \"data\"\nscopes =");
    let (_dir, corrected) = self::integration(&platform, &corrected);
    let tokens = corrected.read_again(&answer).unwrap();
    assert_eq!(tokens.refresh_token.unwrap().expose(), "rt-canary-2");

    // A page certainly isn't a new refresh token.
    for page in [
        "<!doctype html><p>Refresh this page",
        "",
        "\u{feff}<html>refresh_token",
    ] {
        let error = asked(&integration, 200, page).await;
        let OAuthError::Unreadable { answer, .. } = error else {
            panic!("{page}: {error}");
        };
        assert!(!answer.may_hold_refresh_token(), "{page}");
    }

    // Refusals in other words.
    let refused = |error: &str, description: Option<&str>| OAuthError::Refused {
        error: error.to_owned(),
        description: description.map(str::to_owned),
    };
    for (status, body, expected) in [
        (
            400,
            "error=invalid_grant&error_description=gone",
            refused("invalid_grant", Some("gone")),
        ),
        (
            200,
            "\u{feff}{\"error\":\"INVALID_GRANT\"}",
            refused("invalid_grant", None),
        ),
        (
            400,
            r#"{"error":{"code":"invalid_grant","message":"see https://a.example <b>now</b>"}}"#,
            refused("invalid_grant", Some("see (link) now")),
        ),
        (401, "<html>", refused("invalid_client", None)),
        (
            400,
            r#"{"error":"temporarily_unavailable"}"#,
            OAuthError::Unavailable {
                status: 400,
                retry_after: None,
            },
        ),
    ] {
        assert_eq!(asked(&integration, status, body).await, expected, "{body}");
    }
}
