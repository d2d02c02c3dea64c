//! Tokens that are given back.

use std::collections::BTreeMap;
use std::time::Duration;

use connectors::{Grant, Integration, Revocation, RevocationError};
use egress::Secret;

use super::{MANIFEST, credentials, integration, said};
use crate::emulator::Platform;

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
