//! OpenID: claims, id_token, keys and discovery.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use sandbox::Product;
use serde_json::Value;

use crate::harness::{Sandbox, tokens};

fn decoded(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).unwrap()
}

#[tokio::test]
async fn every_claim_is_there_when_every_scope_is_asked_for() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let changes = [
        (
            "scope",
            "openid profile email phone address accounting.read",
        ),
        ("nonce", "n-0S6_WzA2Mj"),
    ];
    let answer = client.exchange(&client.code(&changes).await).await;
    let body = answer.json();
    let (access, _) = tokens(&answer);
    let userinfo = client.read(&access, "/oauth/userinfo").await.json();
    for claim in [
        "sub",
        "name",
        "given_name",
        "middle_name",
        "family_name",
        "nickname",
        "preferred_username",
        "gender",
        "birthdate",
        "email",
        "phone_number",
        "locale",
        "profile",
        "picture",
        "website",
        "zoneinfo",
    ] {
        assert!(userinfo[claim].is_string(), "{claim}");
    }
    assert!(userinfo["address"]["country"].is_string());
    assert_eq!(userinfo["email_verified"], true);
    assert_eq!(userinfo["phone_number_verified"], true);
    assert!(userinfo["updated_at"].is_u64());

    let token = body["id_token"].as_str().unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
    assert_eq!(header["alg"], "ES256");
    let keys = sandbox.get("/jwks").await.json();
    let key = &keys["keys"][0];
    assert_eq!(key["kid"], header["kid"]);
    let mut point = vec![4];
    point.extend(decoded(key["x"].as_str().unwrap()));
    point.extend(decoded(key["y"].as_str().unwrap()));
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &decoded(signature))
        .expect("a good signature");
    let claims: Value = serde_json::from_slice(&decoded(payload)).unwrap();
    assert_eq!(claims["iss"], sandbox.url.as_str().trim_end_matches('/'));
    assert_eq!(claims["aud"], "accounting");
    assert_eq!(claims["sub"], userinfo["sub"]);
    assert_eq!(claims["nonce"], "n-0S6_WzA2Mj");
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        3600
    );
    let hash = ring::digest::digest(&ring::digest::SHA256, access.as_bytes());
    assert_eq!(
        claims["at_hash"],
        URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16])
    );

    for page in ["profile", "picture"] {
        let path = userinfo[page].as_str().unwrap();
        let path = path.strip_prefix(sandbox.url.as_str()).unwrap();
        let page = sandbox.get(&format!("/{path}")).await;
        assert_eq!(page.status, StatusCode::OK, "claims lead somewhere");
    }
}

#[tokio::test]
async fn scopes_open_their_claims_only() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let changes = [("scope", "openid email accounting.read")];
    let (access, _) = tokens(&client.exchange(&client.code(&changes).await).await);
    let userinfo = client.read(&access, "/oauth/userinfo").await.json();
    assert!(userinfo["email"].is_string());
    assert!(userinfo.get("name").is_none());
    assert!(userinfo.get("phone_number").is_none());
}

#[tokio::test]
async fn without_the_openid_scope_there_is_no_userinfo() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.application(Product::Accounting);
    let (access, _) = client.connected().await;
    let answer = client.read(&access, "/oauth/userinfo").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer
            .header("www-authenticate")
            .contains("insufficient_scope")
    );
    let stranger = sandbox.get("/oauth/userinfo").await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn discovery_names_endpoints_that_answer() {
    let sandbox = Sandbox::start().await;
    let issuer = sandbox.url.as_str().trim_end_matches('/').to_owned();
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ] {
        let document = sandbox.get(path).await.json();
        assert_eq!(document["issuer"], issuer.as_str());
        assert_eq!(document["code_challenge_methods_supported"][0], "S256");
        assert_eq!(
            document["authorization_response_iss_parameter_supported"],
            true
        );
        for name in [
            "authorization_endpoint",
            "token_endpoint",
            "revocation_endpoint",
            "jwks_uri",
        ] {
            let endpoint = document[name].as_str().unwrap();
            let path = endpoint.strip_prefix(&issuer).unwrap();
            let answer = sandbox.get(path).await;
            assert_ne!(answer.status, StatusCode::NOT_FOUND, "{name}");
        }
    }
}
