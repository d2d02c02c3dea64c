//! Identities and lists, page by page, and the failures of a platform.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use connectors::{Access, Cursor, DataType, FetchError, Identity, Integration};
use egress::Secret;

use super::{MANIFEST, integration, variables};
use crate::emulator::Platform;
use crate::stand::stored;

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

    let next = stored(&page.next);
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
    let next = stored(&page.next);
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
    let next = stored(&page.next);
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
