//! A platform of the tests' own, configured through nothing but a manifest folder: OAuth, identity, pages.

mod emulator;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use connectors::{
    Access, AssetRole, AuthorizationRequest, Catalogue, ClientCredentials, Cursor, DataType,
    FetchError, Grant, Identity, Integration, Lookups, OAuthError, Revocation, RevocationError,
    Said, Step, Target, WriteError, pkce,
};
use egress::Secret;
use tempfile::TempDir;

use emulator::Platform;

const MANIFEST: &str = r#"
key = "test"
name = "A platform"
source_type = "Accounting"
integration_id = "0b4bd0fe-8a3f-4d0f-a7a3-51d8e6ab1c9c"
source_id = "5bdbcf7e-5d5c-4a55-9ff2-2f3a3a0a6a5d"

[variables]
host = "http://nowhere.invalid"

[auth]
kind = "oauth2"
authorize_url = "${host}/authorize?realm=a"
authorize_parameters = { prompt = "consent" }
token_url = "${host}/token"
revoke_url = "${host}/revoke"
userinfo_url = "${host}/userinfo"
issuer = "${host}"
scopes = ["read", "offline_access"]
client_authentication = "basic"
callback_parameters = ["realm"]

[[auth.scope]]
scope = "openid"
identity = ["identifier"]
[[auth.scope]]
scope = "email"
identity = ["email"]

[[steps]]
kind = "confirm_company_name"
[[steps]]
kind = "instructions"
title = "First"
body = "Do *this*."
confirm = "Done"

[identity]
path = "/${realm}/me"
map = "identity.jq"
variables = ["tenant"]

[api]
base_url = "${host}/v1"
headers = { "X-Tenant" = "${tenant}" }
error_message = "errors.0.detail"

[limits]
requests_per_minute = 60

[[data]]
type = "payments"
path = "/payments"
query = { kind = "in & out" }
paging = { style = "page", parameter = "page", size_parameter = "size", size = 2, pages = "pages", total = "total" }
since = { query = "since", format = "epoch_milliseconds" }
items = "data"
map = "payments.jq"

[[data]]
type = "invoices"
path = "/invoices"
paging = { style = "page", parameter = "page", first = 0, size = 2 }
since = { header = "If-Modified-Since", format = "http_date" }
items = "data"
map = "payments.jq"

[[data]]
type = "bills"
path = "/bills"
paging = { style = "cursor", parameter = "after", next = "page.next", more = "page.more" }
items = "data"
map = "payments.jq"

[[data]]
type = "suppliers"
path = "/suppliers"
paging = { style = "link", next = "links.next" }
items = "data"
map = "payments.jq"

[[data]]
type = "company"
path = "/company"
paging = { style = "none" }
map = "payments.jq"
"#;

fn write(folder: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(folder).unwrap();
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
    }
}

const IDENTITY: &str = "{id: .org, companyName: .title, variables: {tenant: .tenant}}";
const PAYMENTS: &str = "{id: .id, totalAmount: .sum}";

/// A folder with the manifest, read.
fn integration(platform: &Platform, manifest: &str) -> (TempDir, Arc<Integration>) {
    let dir = TempDir::new().unwrap();
    write(
        &dir.path().join("test"),
        &[
            ("manifest.toml", manifest),
            ("identity.jq", IDENTITY),
            ("payments.jq", PAYMENTS),
            ("logo-square.svg", "<svg/>"),
        ],
    );
    let variables = BTreeMap::from([("test.host".to_owned(), platform.base.clone())]);
    let (catalogue, problems) = Catalogue::load(&[], &[dir.path().to_owned()], &variables);
    assert!(problems.is_empty(), "{problems:?}");
    let integration = catalogue.get("test").unwrap().clone();
    (dir, integration)
}

fn credentials() -> ClientCredentials {
    ClientCredentials {
        client_id: "a client:1".to_owned(),
        client_secret: Some(Secret::new("s/e+c%ret")),
    }
}

const TOKENS: &str = r#"{"access_token":"at-1","token_type":"bearer","refresh_token":"rt-1","expires_in":"1800",
    "refresh_token_expires_in":7776000,"scope":"read","tenant":"t"}"#;

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

fn said(status: u16, error: Option<&str>) -> Said {
    let error = error.map(str::to_owned);
    Said { status, error }
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

#[tokio::test]
async fn a_token_is_revoked_if_the_platform_offers_it() {
    let platform = Platform::start().await;
    platform.answers("/revoke", 200, "", "");
    let (_dir, able) = integration(&platform, MANIFEST);
    let token = Secret::new("rt-1");
    let revoke = async |integration: &Integration| {
        let grant = Grant {
            access_token: &Secret::new("at-1"),
            refresh_token: Some(&token),
            variables: &BTreeMap::new(),
        };
        let (door, credentials) = (platform.door(), credentials());
        integration.end(&door, &credentials, grant).await
    };
    assert_eq!(revoke(&able).await, Ok(Revocation::Done(said(200, None))));
    assert_eq!(platform.last().form()["token_type_hint"], "refresh_token");
    assert_eq!(platform.last().form()["token"], "rt-1");
    for (status, headers, body, error) in [
        (503, "retry-after: 30\r\n", "", None),
        (
            401,
            "",
            r#"{"error":"invalid_client"}"#,
            Some("invalid_client"),
        ),
        (
            400,
            "",
            r#"{"error":"unsupported_token_type"}"#,
            Some("unsupported_token_type"),
        ),
        (403, "", "", None),
        (404, "", "", None),
        (302, "location: /login\r\n", "", None),
        (
            200,
            "",
            r#"{"error":"rt-1 is not known"}"#,
            Some("*** is not known"),
        ),
        (200, "", r#"{"success":false}"#, Some("success: false")),
        (200, "", r#"{"errors":[{"code":"NOPE"}]}"#, Some("NOPE")),
        (
            200,
            "content-type: application/x-www-form-urlencoded\r\n",
            "error=server_error",
            Some("server_error"),
        ),
    ] {
        platform.answers("/revoke", status, headers, body);
        let refused = RevocationError::Refused {
            said: said(status, error),
            retry_after: (status == 503).then_some(Duration::from_secs(30)),
        };
        assert_eq!(revoke(&able).await, Err(refused), "{status} {body}");
    }
    for (status, word) in [(400, "invalid_token"), (200, "invalid_grant")] {
        platform.answers("/revoke", status, "", &format!(r#"{{"error":"{word}"}}"#));
        let over = Revocation::OverAlready(said(status, Some(word)));
        assert_eq!(revoke(&able).await, Ok(over));
    }
    for (status, body) in [
        (204, ""),
        (200, "{}"),
        (200, r#"{"error":null,"errors":[]}"#),
    ] {
        platform.answers("/revoke", status, "", body);
        let done = Revocation::Done(said(status, None));
        assert_eq!(revoke(&able).await, Ok(done), "{body}");
    }

    // A revocation that reaches no further than the token it names is made for each of the two.
    let alone = MANIFEST.replace(
        "issuer = \"${host}\"",
        "issuer = \"${host}\"\nrevocation_reach = \"token\"",
    );
    let (_dir, alone) = integration(&platform, &alone);
    let asked = platform.asked();
    assert_eq!(revoke(&alone).await, Ok(Revocation::Done(said(200, None))));
    assert_eq!(platform.asked(), asked + 2);
    assert_eq!(platform.last().form()["token"], "at-1");

    let without = MANIFEST.replace("revoke_url = \"${host}/revoke\"", "");
    let (_dir, unable) = integration(&platform, &without);
    let asked = platform.asked();
    assert_eq!(revoke(&unable).await, Ok(Revocation::NotOffered));
    assert_eq!(platform.asked(), asked);
}

fn variables() -> BTreeMap<String, String> {
    let pairs = [("realm", "r/1"), ("tenant", "t 2")];
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

#[tokio::test]
async fn the_identity_is_fetched_with_the_connections_own_values() {
    let platform = Platform::start().await;
    platform.answers(
        "/v1/r%2F1/me",
        200,
        "",
        r#"{"org":"o-1","title":"Harbour Lane","tenant":"t-9"}"#,
    );
    platform.answers(
        "/userinfo",
        200,
        "",
        r#"{"sub":"1","Email":"a@b.example","shoeSize":44}"#,
    );
    let (_dir, integration) = integration(&platform, MANIFEST);
    let (token, variables) = (Secret::new("at-1"), variables());
    let access = Access {
        token: &token,
        variables: &variables,
    };
    let identity = one(integration.identities(&platform.door(), &access).await);
    assert_eq!(identity.id, "o-1");
    assert_eq!(identity.company_name.as_deref(), Some("Harbour Lane"));
    assert_eq!(identity.variables["tenant"], "t-9");
    assert_eq!(
        identity.open_id, None,
        "who the person is was not requested"
    );
    // The person's details that the manifest names, by their standard names, and no others.
    let door = platform.door();
    let person = integration.person(&door, &access, None).await.unwrap();
    let person = serde_json::Value::from(person.unwrap());
    assert_eq!(
        person,
        serde_json::json!({ "sub": "1", "email": "a@b.example" })
    );
    platform.answers("/userinfo", 403, "", "");
    let person = integration.person(&door, &access, None).await.unwrap();
    assert_eq!(person, None);
    let none = BTreeMap::new();
    let access = Access {
        token: &token,
        variables: &none,
    };
    let answer = integration.identities(&platform.door(), &access).await;
    assert_eq!(
        answer,
        Err(FetchError::Malformed("no value for ${realm}".to_owned()))
    );
}

fn one(identities: Result<Vec<Identity>, FetchError>) -> Identity {
    let mut identities = identities.unwrap();
    assert_eq!(identities.len(), 1);
    identities.remove(0)
}

struct Reader<'a> {
    platform: &'a Platform,
    integration: &'a Integration,
    token: Secret,
    variables: BTreeMap<String, String>,
}

impl Reader<'_> {
    async fn page(
        &self,
        data_type: DataType,
        cursor: Option<&Cursor>,
        since: Option<DateTime<Utc>>,
    ) -> Result<connectors::Page, FetchError> {
        let access = Access {
            token: &self.token,
            variables: &self.variables,
        };
        self.integration
            .fetch_page(&self.platform.door(), &access, data_type, cursor, since)
            .await
    }

    async fn first(&self, data_type: DataType) -> Result<connectors::Page, FetchError> {
        self.page(data_type, None, None).await
    }
}

fn reader<'a>(platform: &'a Platform, integration: &'a Integration) -> Reader<'a> {
    Reader {
        platform,
        integration,
        token: Secret::new("at-canary"),
        variables: variables(),
    }
}

/// As the store keeps it.
fn through_storage(cursor: Option<Cursor>) -> Option<Cursor> {
    let stored = serde_json::to_string(&cursor).unwrap();
    serde_json::from_str(&stored).unwrap()
}

#[tokio::test]
async fn numbered_pages_are_asked_for_until_the_last() {
    let platform = Platform::start().await;
    let (_dir, integration) = integration(&platform, MANIFEST);
    let reader = reader(&platform, &integration);
    let since = DateTime::from_timestamp(1_774_948_925, 0);
    let body = r#"{"data":[{"id":"1","sum":0.10},{"id":"2","sum":2}],"pages":2,"total":3}"#;
    platform.answers("/v1/payments", 200, "", body);
    let page = reader.page(DataType::Payments, None, since).await.unwrap();
    assert_eq!(page.total, Some(3));
    let seen = platform.last();
    assert_eq!(
        seen.target(),
        "/v1/payments?kind=in+%26+out&page=1&size=2&since=1774948925000"
    );
    assert_eq!(seen.header("authorization"), Some("Bearer at-canary"));
    assert_eq!(seen.header("x-tenant"), Some("t 2"));
    let mapped = integration.map_page(DataType::Payments, &page).unwrap();
    assert_eq!(
        mapped.records[0].to_json(),
        r#"{"id":"1","totalAmount":0.10}"#
    );

    let next = through_storage(page.next);
    let last = reader
        .page(DataType::Payments, next.as_ref(), since)
        .await
        .unwrap();
    assert!(platform.last().target().contains("page=2"));
    assert_eq!(last.next, None);

    // Without a count of pages, a page that isn't full is the last.
    platform.answers("/v1/invoices", 200, "", r#"{"data":[1,2]}"#);
    let page = reader.page(DataType::Invoices, None, since).await.unwrap();
    assert_eq!(platform.last().target(), "/v1/invoices?page=0");
    assert_eq!(
        platform.last().header("if-modified-since"),
        Some("Tue, 31 Mar 2026 09:22:05 GMT")
    );
    platform.answers("/v1/invoices", 200, "", r#"{"data":[3]}"#);
    let last = reader
        .page(DataType::Invoices, page.next.as_ref(), since)
        .await
        .unwrap();
    assert_eq!(last.next, None);
}

#[tokio::test]
async fn cursors_and_links_are_followed_and_a_standstill_is_seen() {
    let platform = Platform::start().await;
    let (_dir, integration) = integration(&platform, MANIFEST);
    let reader = reader(&platform, &integration);
    platform.answers(
        "/v1/bills",
        200,
        "",
        r#"{"data":[],"page":{"more":true,"next":"a&b=="}}"#,
    );
    let page = reader.first(DataType::Bills).await.unwrap();
    assert_eq!(platform.last().target(), "/v1/bills");
    let next = through_storage(page.next);
    let again = reader.page(DataType::Bills, next.as_ref(), None).await;
    assert_eq!(platform.last().target(), "/v1/bills?after=a%26b%3D%3D");
    assert!(matches!(again, Err(FetchError::Malformed(_))), "{again:?}");
    platform.answers(
        "/v1/bills",
        200,
        "",
        r#"{"data":[],"page":{"more":false,"next":"c"}}"#,
    );
    assert_eq!(
        reader
            .page(DataType::Bills, next.as_ref(), None)
            .await
            .unwrap()
            .next,
        None
    );

    let second = format!("{}/v1/suppliers?position=2", platform.base);
    let body = format!(r#"{{"data":[],"links":{{"next":"{second}"}}}}"#);
    platform.answers("/v1/suppliers", 200, "", &body);
    let page = reader.first(DataType::Suppliers).await.unwrap();
    platform.answers(
        "/v1/suppliers?position=2",
        200,
        "",
        r#"{"data":[],"links":{}}"#,
    );
    let next = through_storage(page.next);
    let last = reader
        .page(DataType::Suppliers, next.as_ref(), None)
        .await
        .unwrap();
    assert_eq!(platform.last().target(), "/v1/suppliers?position=2");
    assert_eq!(last.next, None);
}

#[tokio::test]
async fn a_link_to_another_site_never_gets_the_token() {
    let platform = Platform::start().await;
    let elsewhere = Platform::start().await;
    let (_dir, integration) = integration(&platform, MANIFEST);
    let reader = reader(&platform, &integration);
    let host = platform.base.trim_start_matches("http://");
    for link in [
        format!("{}/v1/suppliers", elsewhere.base),
        format!("https://{host}/v1/suppliers"),
        format!("//{}", elsewhere.base.trim_start_matches("http://")),
        format!("http://{host}@evil.example/"),
        "javascript:alert(1)".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let body = format!(r#"{{"data":[],"links":{{"next":"{link}"}}}}"#);
        platform.answers("/v1/suppliers", 200, "", &body);
        let page = reader.first(DataType::Suppliers).await;
        assert!(
            matches!(page, Err(FetchError::Malformed(_))),
            "{link}: {page:?}"
        );
    }
    // Nor through a cursor that the store was made to hold.
    let forged: Cursor = serde_json::from_str(&format!("\"{}/\"", elsewhere.base)).unwrap();
    let page = reader.page(DataType::Suppliers, Some(&forged), None).await;
    assert!(matches!(page, Err(FetchError::Malformed(_))));
    assert_eq!(elsewhere.asked(), 0);
}

#[tokio::test]
async fn each_failure_of_a_platform_is_reported_apart_and_tells_no_secret() {
    let platform = Platform::start().await;
    let (_dir, integration) = integration(&platform, MANIFEST);
    let reader = reader(&platform, &integration);
    let answered = async |status, headers: &str, body: &str| {
        platform.answers("/v1/company", status, headers, body);
        let error = reader.first(DataType::Company).await.unwrap_err();
        let printed = format!("{error} {error:?}");
        assert!(!printed.contains("canary"), "{printed}");
        error
    };
    let words = r#"{"errors":[{"detail":"token at-canary lacks\na scope"}]}"#;
    let unauthorized = |is_invalid| FetchError::Unauthorized { is_invalid };
    assert_eq!(answered(401, "", words).await, unauthorized(false));
    let challenge = "www-authenticate: Bearer realm=\"a\", error=\"invalid_token\"\r\n";
    assert_eq!(answered(401, challenge, "").await, unauthorized(true));
    let reported = "token *** lacks a scope".to_owned();
    assert_eq!(
        answered(403, "", words).await,
        FetchError::Forbidden(reported.clone())
    );
    let refused = FetchError::Refused {
        status: 404,
        message: reported,
    };
    assert_eq!(answered(404, "", words).await, refused);
    let wait = Some(Duration::from_secs(30));
    assert_eq!(
        answered(429, "retry-after: 30\r\n", "").await,
        FetchError::RateLimited {
            retry_after: wait,
            limit: None
        }
    );
    assert_eq!(
        answered(502, "", "<html>").await,
        FetchError::Unavailable {
            status: 502,
            retry_after: None
        }
    );
    assert!(matches!(
        answered(302, "location: /x\r\n", "").await,
        FetchError::Refused { status: 302, .. }
    ));
    for body in ["", "<html>", "{\"data\":", "null"] {
        assert!(
            matches!(answered(200, "", body).await, FetchError::Malformed(_)),
            "{body}"
        );
    }
    platform.answers("/v1/payments", 200, "", "{\"rows\":[]}");
    let page = reader.first(DataType::Payments).await;
    assert_eq!(
        page.unwrap_err(),
        FetchError::Malformed("it has nothing at `data`".to_owned())
    );
    assert_eq!(
        reader.first(DataType::Transfers).await.unwrap_err(),
        FetchError::NotSupported
    );
}

const WRITES: &str = r#"
[[write]]
type = "payments"
options = "options.json"
map = "write.jq"
lookup = { old = { path = "/payments/${id}", items = "data" } }
update = { method = "PATCH", path = "/payments/${id}" }
idempotency_header = "X-Once"
result = "done"

[[write]]
type = "bills"
options = "options.json"
map = "write.jq"
create = { method = "POST", path = "/bills" }
"#;

const OPTIONS: &str = r#"{"type":"Object","displayName":"P","description":"D","required":true,"properties":{
    "accountRef":{"type":"String","displayName":"A","description":"B","optionsFrom":{"dataType":"suppliers","displayName":"name"}}}}"#;

fn with_writes(manifest: &str) -> String {
    let errors = r#"error_message = "errors.0.detail"
validation_errors = { items = "errors", field = "at", message = "detail" }"#;
    MANIFEST.replace("error_message = \"errors.0.detail\"", errors) + manifest
}

fn writing(platform: &Platform, manifest: &str) -> Result<Arc<Integration>, String> {
    let dir = TempDir::new().unwrap();
    write(
        &dir.path().join("test"),
        &[
            ("manifest.toml", &with_writes(manifest)),
            ("identity.jq", IDENTITY),
            ("payments.jq", PAYMENTS),
            (
                "write.jq",
                "{sum: .record.totalAmount, rev: .lookup.old.rev}",
            ),
            ("options.json", OPTIONS),
        ],
    );
    let variables = BTreeMap::from([("test.host".to_owned(), platform.base.clone())]);
    let (catalogue, problems) = Catalogue::load(&[], &[dir.path().to_owned()], &variables);
    match problems.first() {
        Some(problem) => Err(problem.to_string()),
        None => Ok(catalogue.get("test").unwrap().clone()),
    }
}

#[tokio::test]
async fn a_record_is_written_as_the_folder_says_and_read_back_by_its_map() {
    let platform = Platform::start().await;
    let integration = writing(&platform, WRITES).unwrap();
    let (token, variables) = (Secret::new("at-1"), variables());
    let access = Access {
        token: &token,
        variables: &variables,
    };
    let door = platform.door();
    let data_type = DataType::Payments;
    let target = Target {
        data_type,
        id: Some("a/1"),
    };
    platform.answers("/v1/payments/a%2F1", 200, "", r#"{"data":{"rev":9}}"#);
    assert_eq!(integration.lookups(data_type).collect::<Vec<_>>(), ["old"]);
    let old = integration.look_up(&door, &access, target, "old").await;
    let lookups = Lookups::from([("old".to_owned(), old.unwrap().0)]);
    let record = r#"{"totalAmount":0.10}"#;
    let body = integration.compose(target, record, &lookups).unwrap();
    let answer = r#"{"done":{"id":"a/1","sum":"0.10"}}"#;
    platform.answers("/v1/payments/a%2F1", 200, "", answer);
    let body_sent = body.clone();
    let answer = integration.write(&door, &access, target, "key-1", body);
    let answer = answer.await.outcome.unwrap();
    let seen = platform.last();
    assert!(
        seen.head.starts_with("PATCH /v1/payments/a%2F1 "),
        "{}",
        seen.head
    );
    assert_eq!(seen.body.as_bytes(), &body_sent[..]);
    assert_eq!(seen.body, r#"{"sum":0.10,"rev":9}"#);
    assert_eq!(seen.header("x-once"), Some("key-1"));
    assert_eq!(seen.header("x-tenant"), Some("t 2"));
    assert_eq!(seen.header("authorization"), Some("Bearer at-1"));
    let written = integration.written(data_type, answer).unwrap();
    assert_eq!(written.id, "a/1");
    for broken in ["", "{\"done\":", "{\"done\":[]}", "{}"] {
        assert!(
            integration.written(data_type, broken.into()).is_err(),
            "{broken}"
        );
    }

    let support = integration.writes(data_type).unwrap();
    assert!(support.update && support.repeatable && !support.create);
    let bills = integration.writes(DataType::Bills).unwrap();
    assert!(bills.create && !bills.update && !bills.repeatable);
    assert_eq!(integration.writes(DataType::Invoices), None);
    let none = Target {
        data_type,
        id: None,
    };
    let refused = integration
        .write(&door, &access, none, "k", "{}".into())
        .await;
    assert_eq!(
        refused.outcome,
        Err(WriteError::Failed(FetchError::NotSupported))
    );
}

#[tokio::test]
async fn what_is_not_accepted_is_reported_field_by_field() {
    let platform = Platform::start().await;
    let integration = writing(&platform, WRITES).unwrap();
    let (token, variables) = (Secret::new("at-1"), variables());
    let access = Access {
        token: &token,
        variables: &variables,
    };
    let target = Target {
        data_type: DataType::Bills,
        id: None,
    };
    let body = r#"{"errors":[{"detail":"at-1 is odd","at":"sum"},{"detail":"no"}]}"#;
    platform.answers("/v1/bills", 422, "", body);
    let door = platform.door();
    let write = async || {
        integration
            .write(&door, &access, target, "k", "{}".into())
            .await
            .outcome
    };
    let error = write().await.unwrap_err();
    assert!(!error.may_have_been_done());
    let WriteError::NotAccepted { status, errors, .. } = error else {
        panic!("{error}");
    };
    let reported: Vec<_> = errors
        .iter()
        .map(|error| (error.field.as_deref(), error.message.as_str()))
        .collect();
    assert_eq!(reported, [(Some("sum"), "*** is odd"), (None, "no")]);
    assert_eq!(status, 422);
    for (status, unsure) in [
        (429, false),
        (401, false),
        (403, false),
        (500, true),
        (408, true),
    ] {
        platform.answers("/v1/bills", status, "", "{}");
        let error = write().await.unwrap_err();
        assert_eq!(error.may_have_been_done(), unsure, "{status}");
    }
}

#[tokio::test]
async fn a_write_section_that_cannot_work_is_refused() {
    let platform = Platform::start().await;
    for (from, to, part) in [
        (
            "path = \"/payments/${id}\" }\nidem",
            "path = \"/payments\" }\nidem",
            "no ${id}",
        ),
        (
            "type = \"payments\"",
            "type = \"customers\"",
            "needs a [[data]] of the same type",
        ),
        ("type = \"bills\"", "type = \"payments\"", "listed twice"),
        (
            "create = { method = \"POST\", path = \"/bills\" }",
            "",
            "neither create nor update",
        ),
        ("method = \"POST\"", "method = \"GET\"", "there may be POST"),
        ("\"options.json\"", "\"missing.json\"", "missing.json"),
        ("\"X-Once\"", "\"X Once\"", "not a header name"),
    ] {
        let manifest = WRITES.replacen(from, to, 1);
        assert_ne!(manifest, WRITES, "{from}");
        let problem = writing(&platform, &manifest).unwrap_err();
        assert!(problem.contains(part), "{part}: {problem}");
    }
}

#[test]
fn a_broken_folder_is_refused_with_its_place_and_hinders_nothing_else() {
    let dir = TempDir::new().unwrap();
    let good = MANIFEST.replace("\"test\"", "\"good\"");
    let maps = [("identity.jq", IDENTITY), ("payments.jq", PAYMENTS)];
    let folder = |name: &str, manifest: &str, maps: &[(&str, &str)]| {
        write(&dir.path().join(name), &[("manifest.toml", manifest)]);
        write(&dir.path().join(name), maps);
    };
    folder("good", &good, &maps);
    folder(
        "syntax",
        &MANIFEST
            .replace("beta", "")
            .replace("pkce", "")
            .replace("[api]", "[api"),
        &maps,
    );
    folder(
        "unknown",
        &MANIFEST.replace("[limits]", "[limits]\nrequests_per_week = 3"),
        &maps,
    );
    folder(
        "variable",
        &MANIFEST.replace("${host}/token", "${hots}/token"),
        &maps,
    );
    folder(
        "scheme",
        &MANIFEST.replace("${host}/token", "ftp://x/token"),
        &maps,
    );
    folder("key", &MANIFEST.replace("\"test\"", "\"Test\""), &maps);
    folder(
        "source",
        &MANIFEST.replace("type = \"bills\"", "type = \"commerce-orders\""),
        &maps,
    );
    folder("missing", MANIFEST, &maps[..1]);
    folder(
        "map",
        MANIFEST,
        &[
            maps[0],
            ("payments.jq", "{\n  id: .id,\n  sum: $ENV.PATH\n}"),
        ],
    );
    write(
        &dir.path().join("notes"),
        &[("README.md", "no manifest, no platform")],
    );

    let (catalogue, problems) = Catalogue::load(&[], &[dir.path().to_owned()], &BTreeMap::new());
    let keys: Vec<_> = catalogue
        .iter()
        .map(|integration| integration.key())
        .collect();
    assert_eq!(keys, ["good"]);
    let reported: BTreeMap<String, String> = problems
        .iter()
        .map(|problem| {
            let file = problem.file.strip_prefix(dir.path()).unwrap();
            let folder = file.parent().unwrap().display().to_string();
            let text = problem.to_string();
            (folder, text.replace(&dir.path().display().to_string(), ""))
        })
        .collect();
    let folders: Vec<_> = reported.keys().map(String::as_str).collect();
    assert_eq!(
        folders,
        [
            "key", "map", "missing", "scheme", "source", "syntax", "unknown", "variable"
        ]
    );
    assert_eq!(
        reported["map"],
        "/map/payments.jq:3:8: there is no variable `$ENV` here"
    );
    assert_eq!(
        reported["missing"],
        "/missing/manifest.toml:58:1: there is no file `payments.jq`"
    );
    assert!(
        reported["syntax"].starts_with("/syntax/manifest.toml:"),
        "{}",
        reported["syntax"]
    );
    assert!(
        reported["unknown"].contains("requests_per_week"),
        "{}",
        reported["unknown"]
    );
    assert!(
        reported["variable"].contains("auth.token_url: no value for ${hots}"),
        "{}",
        reported["variable"]
    );

    let (_, problems) = Catalogue::load(&[], &[dir.path().join("nowhere")], &BTreeMap::new());
    assert_eq!(problems.len(), 1);
}

#[test]
fn a_later_folder_replaces_an_earlier_one_of_the_same_key() {
    let first = TempDir::new().unwrap();
    let second = TempDir::new().unwrap();
    for (dir, name) in [(&first, "First"), (&second, "Second")] {
        let manifest = MANIFEST.replace("A platform", name);
        let files = [
            ("manifest.toml", manifest.as_str()),
            ("identity.jq", IDENTITY),
            ("payments.jq", PAYMENTS),
        ];
        write(dir.path(), &files);
    }
    let dirs = [first.path().to_owned(), second.path().to_owned()];
    let (catalogue, problems) = Catalogue::load(&[], &dirs, &BTreeMap::new());
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(catalogue.get("test").unwrap().name(), "Second");
}
