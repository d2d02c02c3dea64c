//! Access without a sign-in: values that go into every request, and tokens for signed assertions.

use std::collections::BTreeMap;
use std::fs;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::DateTime;
use connectors::{
    Access, BUILTIN, FetchError, Integration, LoadProblem, NotTaken, OAuthError, Signing,
    SigningKey, WAY, typed_secrets,
};
use egress::Secret;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::emulator::Platform;

const MANIFEST: &str = r#"key = "test"
name = "A platform"
source_type = "Accounting"
integration_id = "0b4bd0fe-8a3f-4d0f-a7a3-51d8e6ab1c9c"
source_id = "5bdbcf7e-5d5c-4a55-9ff2-2f3a3a0a6a5d"

[variables]
host = "HOST"

[auth]
kind = "typed"

[[auth.way]]
key = "key"
kind = "fields"
title = "A key"
body = "Make one."
refused = "Check it."
manage_access = "Delete it."
headers = { "X-Api-Key" = "${api_key}" }
query = { pin = "${pin}" }
basic = { user = "${user}", password = "${pin}" }

[[auth.way.field]]
name = "user"
label = "User"
[[auth.way.field]]
name = "api_key"
label = "API key"
pattern = "k-[0-9]{3,}"
rule = "A key begins with k-."
secret = true
[[auth.way.field]]
name = "pin"
label = "PIN"
secret = true

[[auth.way]]
key = "certificate"
kind = "certificate"
title = "A certificate"
body = "Register it."
refused = "Check it."
manage_access = "Revoke it."
token_url = "${host}/${place}/token"
client_id = "${application}"
key_id = "${kid}"
claims = { scope = "read" }
parameters = { resource = "${place}" }

[[auth.way.field]]
name = "place"
label = "Place"
[[auth.way.field]]
name = "application"
label = "Client ID"
[[auth.way.field]]
name = "kid"
label = "Certificate ID"

[identity]
path = "/me"
map = "identity.jq"

[api]
base_url = "${host}/v1"
error_message = "message"

[[data]]
type = "customers"
path = "/customers"
paging = { style = "none" }
map = "customers.jq"
"#;

fn folder(manifest: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("manifest.toml", manifest),
        ("identity.jq", "{id: .id, companyName: .name}"),
        ("customers.jq", "{id: .id, status: \"Active\"}"),
    ] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn open(manifest: &str) -> Result<Integration, Vec<LoadProblem>> {
    let dir = folder(manifest);
    Integration::open(BUILTIN, dir.path(), &BTreeMap::new())
}

fn at(platform: &Platform) -> Integration {
    open(&MANIFEST.replace("HOST", &platform.base)).unwrap()
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[tokio::test]
async fn what_was_typed_goes_into_every_request_and_into_no_message() {
    let platform = Platform::start().await;
    let integration = at(&platform);
    assert!(!integration.signs_in());
    let variables = values(&[(WAY, "key"), ("user", "ada")]);
    let token = typed_secrets(&values(&[("api_key", "k-12345"), ("pin", "9 9&9")]));
    let access = Access {
        token: &token,
        variables: &variables,
    };
    platform.answers("/v1/me", 200, "", r#"{"id": "7", "name": "Quay"}"#);
    let found = integration.identities(&platform.door(), &access).await;
    assert_eq!(found.unwrap()[0].id, "7");
    let seen = platform.last();
    assert_eq!(seen.header("x-api-key"), Some("k-12345"));
    assert_eq!(seen.target(), "/v1/me?pin=9+9%269");
    let basic = format!("Basic {}", STANDARD.encode("ada:9 9&9"));
    assert_eq!(seen.header("authorization"), Some(basic.as_str()));

    let echoed = format!(r#"{{"message": "no such key k-12345 or pin 9 9&9, as {basic}"}}"#);
    platform.answers("/v1/me", 403, "", &echoed);
    let refused = integration.identities(&platform.door(), &access).await;
    let Err(FetchError::Forbidden(said)) = refused else {
        panic!("{refused:?}");
    };
    assert!(said.contains("***") && !said.contains("k-12345"), "{said}");
    assert!(
        !said.contains("9 9&9") && !said.contains(&basic[6..]),
        "{said}"
    );
    assert!(!format!("{access:?}").contains("k-12345"));

    // Nothing is newer than what was typed: a refusal is one of the key itself, whatever the challenge says.
    platform.answers("/v1/me", 401, "", "{}");
    let refused = integration.identities(&platform.door(), &access).await;
    assert_eq!(refused, Err(FetchError::Unauthorized { is_invalid: true }));
}

#[test]
fn a_value_is_read_without_space_around_it_and_held_to_its_pattern() {
    let integration = open(&MANIFEST.replace("HOST", "https://a.example.com")).unwrap();
    let way = integration.way("key").unwrap();
    let key = &way.fields()[1];
    assert_eq!(key.read(" k-123\n"), Ok("k-123".to_owned()));
    assert_eq!(key.read("  "), Err(NotTaken::Missing));
    for wrong in ["k-12", "xk-123", "k-123x", "k-123 4"] {
        assert_eq!(key.read(wrong), Err(NotTaken::OtherForm), "{wrong}");
    }
    let free = &way.fields()[0];
    assert_eq!(free.read("a\u{7}b"), Err(NotTaken::Unusable));
    assert_eq!(free.read(&"x".repeat(2_001)), Err(NotTaken::Unusable));
}

#[tokio::test]
async fn an_assertion_is_signed_and_its_refusals_are_the_customers_own() {
    let platform = Platform::start().await;
    let integration = at(&platform);
    let way = integration.way("certificate").unwrap();
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random)
        .unwrap();
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let key = SigningKey {
        pkcs8: pkcs8.as_ref().to_vec(),
        expires: now,
    };
    let key = key.to_text();
    let signing = Signing {
        key: &key,
        now,
        id: uuid::Uuid::nil(),
    };
    let variables = values(&[
        (WAY, "certificate"),
        ("place", "north"),
        ("application", "c-1"),
        ("kid", "k-1"),
    ]);
    let answer = r#"{"access_token": "at", "token_type": "bearer", "expires_in": 3600, "refresh_token": "rt"}"#;
    platform.answers("/north/token", 200, "", answer);
    let door = platform.door();
    let ask = || integration.assert(&door, way, signing, &variables);
    let tokens = ask().await.unwrap();
    assert_eq!(tokens.access_token.expose(), "at");
    assert!(tokens.refresh_token.is_none(), "the key renews it");

    let form = platform.last().form();
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["resource"], "north");
    assert_eq!(
        form["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    let (text, signature) = form["client_assertion"].rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
    public.verify(text.as_bytes(), &signature).unwrap();
    assert!(public.verify(b"another", &signature).is_err());
    let read = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let (head, claims) = text.split_once('.').unwrap();
    let (head, claims) = (read(head), read(claims));
    assert_eq!(
        (&head["alg"], &head["kid"]),
        (&"ES256".into(), &"k-1".into())
    );
    for name in ["iss", "sub"] {
        assert_eq!(claims[name], "c-1");
    }
    assert_eq!(claims["aud"], format!("{}/north/token", platform.base));
    assert_eq!(claims["scope"], "read");
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        300
    );

    let refused = r#"{"error": "invalid_client", "error_description": "no such certificate"}"#;
    platform.answers("/north/token", 401, "", refused);
    let error = ask().await.unwrap_err();
    assert!(
        !error.is_operators_fault(),
        "the client of all others is another"
    );
    let OAuthError::Refused { error, description } = error else {
        panic!("{error:?}");
    };
    assert_eq!(error, "invalid_grant");
    assert_eq!(description.as_deref(), Some("no such certificate"));
    // Nothing is spent by an answer that can't be read.
    platform.answers("/north/token", 200, "", "<html>");
    assert!(matches!(ask().await, Err(OAuthError::Unavailable { .. })));

    let access = Access {
        token: &Secret::new("at"),
        variables: &variables,
    };
    platform.answers("/v1/me", 200, "", r#"{"id": "7"}"#);
    integration.identities(&door, &access).await.unwrap();
    assert_eq!(platform.last().header("authorization"), Some("Bearer at"));
}

#[tokio::test]
async fn a_host_that_was_typed_is_the_only_further_one_that_addresses_lead_to() {
    let manifest = MANIFEST
        .replace("HOST", "https://a.example.com")
        .replace("base_url = \"${host}/v1\"", "base_url = \"https://${user}/v1\"")
        .replace(
            "label = \"User\"",
            "label = \"Shop\"\npattern = \"[a-z]+[.]example[.]net\"\nrule = \"A shop of example.net.\"\nhost = true",
        )
        .replace("claims = {", "values = { user = \"own.example.net\" }\nclaims = {");
    let integration = open(&manifest).unwrap();
    let field = &integration.way("key").unwrap().fields()[0];
    assert!(field.read("shop.example.net").is_ok());
    assert_eq!(field.read("shop.example.org"), Err(NotTaken::OtherForm));
    let platform = Platform::start().await;
    let token = typed_secrets(&values(&[("api_key", "k-123"), ("pin", "1")]));
    for (typed, said) in [
        ("shop.example.net@evil", "can't be read"),
        ("127.0.0.1", "may not be reached"),
    ] {
        let variables = values(&[(WAY, "key"), ("user", typed)]);
        let access = Access {
            token: &token,
            variables: &variables,
        };
        let refused = integration.identities(&platform.door(), &access).await;
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.contains(said) || refused.contains("not a host"),
            "{typed}: {refused}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_way_is_reported_with_its_line() {
    let good = MANIFEST.replace("HOST", "https://a.example.com");
    open(&good).unwrap();
    for (right, wrong, line, said) in [
        (
            "kind = \"typed\"",
            "kind = \"oauth2\"",
            10,
            "missing field `authorize_url`",
        ),
        (
            "kind = \"typed\"",
            "kind = \"typed\"\ntoken_url = \"${host}/t\"",
            12,
            "is of a sign-in at the platform",
        ),
        ("key = \"key\"", "key = \"sign-in\"", 14, "and not sign-in"),
        (
            "pattern = \"k-[0-9]{3,}\"",
            "pattern = \"k-[0-9\"",
            30,
            "the pattern can't be read",
        ),
        (
            "rule = \"A key begins with k-.\"",
            "example = \"x\"\nrule = \"A key begins with k-.\"",
            31,
            "the example isn't as the pattern wants it",
        ),
        (
            "headers = { \"X-Api-Key\" = \"${api_key}\" }",
            "headers = { \"X-Api-Key\" = \"${apikey}\" }",
            20,
            "did you mean ${api_key}?",
        ),
        (
            "headers = { \"X-Api-Key\" = \"${api_key}\" }\n",
            "",
            23,
            "the secret `api_key` is sent nowhere",
        ),
        (
            "label = \"Place\"",
            "label = \"Place\"\nsecret = true",
            54,
            "nothing that is typed is one",
        ),
        ("key_id = \"${kid}\"", "", 38, "needs key_id"),
        (
            "base_url = \"${host}/v1\"",
            "base_url = \"${host}/${pin}\"",
            66,
            "no value for ${pin}",
        ),
        (
            "paging = { style = \"none\" }",
            "paging = { style = \"link\", next = \"next\" }",
            21,
            "would hold the key",
        ),
    ] {
        assert!(good.contains(right), "{right}");
        let problem = open(&good.replacen(right, wrong, 1))
            .expect_err(said)
            .remove(0);
        assert!(problem.message.contains(said), "{said}: {problem}");
        assert_eq!(problem.line, Some(line), "{said}: {problem}");
    }
}
