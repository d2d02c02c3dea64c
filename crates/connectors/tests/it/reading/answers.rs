//! Limits, errors and tokens, in the platform's own words.

use std::collections::BTreeMap;

use connectors::{Access, ClientCredentials, DataType, FetchError, Grant, Limit, Revocation};
use egress::Secret;
use serde_json::json;

use super::start;

#[tokio::test]
async fn what_the_platform_says_of_its_limits_and_errors_is_understood() {
    let stand = start().await;
    let left = "x-day-left: 0\r\nx-minute-left: 59\r\n";
    stand.platform.answers("/v1/report", 200, left, "{}");
    let page = stand
        .page(DataType::ProfitAndLoss, None, None)
        .await
        .unwrap();
    assert_eq!(
        (page.remaining.day, page.remaining.minute),
        (Some(0), Some(59))
    );
    assert_eq!(page.remaining.app_minute, None);
    let met = "retry-after: 77\r\nx-problem: DAY\r\n";
    stand.platform.answers("/v1/report", 429, met, "");
    assert_eq!(
        stand
            .page(DataType::ProfitAndLoss, None, None)
            .await
            .unwrap_err(),
        FetchError::RateLimited {
            retry_after: Some(std::time::Duration::from_secs(77)),
            limit: Some(Limit::Day),
        }
    );
    for (body, words) in [
        (r#"{"Detail":"no"}"#, "no"),
        (
            r#"{"Fault":{"Error":[{"Message":"wrong"}]},"Detail":"no"}"#,
            "wrong",
        ),
    ] {
        stand.platform.answers("/v1/report", 400, "", body);
        assert_eq!(
            stand
                .page(DataType::ProfitAndLoss, None, None)
                .await
                .unwrap_err(),
            FetchError::Refused {
                status: 400,
                message: words.to_owned()
            }
        );
    }
    let why: Vec<_> = stand.integration.unsupported().collect();
    assert_eq!(
        why,
        [(
            DataType::BankTransactions,
            "The platform has no feed of bank lines."
        )]
    );
}

#[tokio::test]
async fn tokens_are_asked_for_and_given_back_in_the_platforms_own_way() {
    let stand = start().await;
    let door = stand.platform.door();
    let client = ClientCredentials {
        client_id: "me".to_owned(),
        client_secret: Some(Secret::new("s3cret")),
    };
    // {"event":"e 1","other":1}
    let access = "x.eyJldmVudCI6ImUgMSIsIm90aGVyIjoxfQ.y";
    let answer = json!({
        "access_token": access, "token_type": "bearer", "refresh_token": "rt-1",
        "expires_at": "2026-04-30T00:00:00Z", "refresh_token_expires_at": "2026-06-30T02:00:00+02:00",
    });
    stand
        .platform
        .answers("/token", 200, "", &answer.to_string());
    let refresh = Secret::new("rt-0");
    let tokens = stand
        .integration
        .refresh(&door, &client, &refresh, &BTreeMap::new())
        .await
        .unwrap();
    assert_eq!(
        stand.last_body(),
        json!({
            "grant_type": "refresh_token", "refresh_token": "rt-0", "client_id": "me", "client_secret": "s3cret",
        })
    );
    assert_eq!(
        stand.platform.last().header("x-version"),
        Some("2026-01-01")
    );
    assert_eq!(
        tokens.expires_at,
        Some("2026-04-30T00:00:00Z".parse().unwrap())
    );
    assert_eq!(
        tokens.refresh_expires_at,
        Some("2026-06-30T00:00:00Z".parse().unwrap())
    );
    for (code, error) in [("GRANT_GONE", "invalid_grant"), ("OTHER", "OTHER")] {
        let body = json!({ "errors": [{ "code": code, "detail": "so it is" }] });
        stand.platform.answers("/token", 401, "", &body.to_string());
        let refused = stand
            .integration
            .refresh(&door, &client, &refresh, &BTreeMap::new())
            .await
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("the platform refused: {error}")
        );
    }

    // The token's businesses: two, one of them listed twice.
    let mut variables = stand.integration.claims_of(&tokens.access_token);
    assert_eq!(
        variables,
        BTreeMap::from([("event".to_owned(), "e 1".to_owned())])
    );
    let links = json!([
        { "id": "l-1", "tenant": "t-1", "name": "Quay Ltd", "since": "2025" },
        { "id": "l-2", "tenant": "t-2", "name": "Quay Ltd", "since": "2026" },
        { "id": "l-2", "tenant": "t-2", "name": "Quay Ltd", "since": "2026" },
    ]);
    stand
        .platform
        .answers("/links", 200, "", &links.to_string());
    let token = Access {
        token: &tokens.access_token,
        variables: &variables,
    };
    let found = stand.integration.identities(&door, &token).await.unwrap();
    assert_eq!(stand.platform.last().target(), "/links?event=e%201");
    let reported: Vec<_> = found
        .iter()
        .map(|one| (one.id.as_str(), one.detail.as_deref()))
        .collect();
    assert_eq!(reported, [("t-1", Some("2025")), ("t-2", Some("2026"))]);
    stand.platform.answers("/links", 200, "", "[]");
    let none = stand.integration.identities(&door, &token).await;
    assert!(matches!(none, Err(FetchError::Malformed(_))), "{none:?}");

    variables.extend(found[1].variables.clone());
    let refresh = Secret::new("rt-1");
    let grant = Grant {
        access_token: &tokens.access_token,
        refresh_token: Some(&refresh),
        variables: &variables,
    };
    let end = async || stand.integration.end(&door, &client, grant).await;
    stand.platform.answers("/links/l-2", 401, "", "");
    assert_eq!(end().await, Ok(Revocation::Stale));
    let seen = stand.platform.last();
    assert!(seen.head.starts_with("DELETE /links/l-2 "), "{}", seen.head);
    assert_eq!(
        seen.header("authorization"),
        Some(&*format!("Bearer {access}"))
    );
    stand.platform.answers("/links/l-2", 204, "", "");
    stand.platform.answers("/revoke", 503, "", "");
    assert!(end().await.is_err());
    stand.platform.answers("/revoke", 200, "", "{}");
    assert!(matches!(end().await, Ok(Revocation::Done(_))));
    assert_eq!(
        stand.last_body(),
        json!({ "token": "rt-1", "client": "me" })
    );
    let seen = stand.platform.last();
    assert_eq!(seen.header("authorization"), Some("Client s3cret"));

    // A request without its values was not sent either.
    let unknown = BTreeMap::new();
    let grant = Grant {
        refresh_token: None,
        variables: &unknown,
        ..grant
    };
    let ended = stand.integration.end(&door, &client, grant).await;
    assert_eq!(ended, Ok(Revocation::NotOffered));
}
