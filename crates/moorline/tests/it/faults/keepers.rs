//! Root keys that never leave their keeper: an installation moves from its key file to AWS KMS or Vault, as fakes of them have it.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode, Uri};
use platform::credentials::vault::hex;
use ring::hmac;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

use crate::harness::command_line::{assert_prints, moorline};
use crate::harness::hostile::{Hostile, Play, hostile_story};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const ARN: &str = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const TOKEN: &str = "hvs.a-token-of-vault";

/// What a keeper has encrypted: by its ciphertext, the plaintext and what it is bound to.
type Kept = Arc<Mutex<BTreeMap<String, (String, String)>>>;

fn keep(kept: &Kept, plain: &str, about: &str) -> String {
    let mut kept = kept.lock().unwrap();
    let text = STANDARD.encode(format!("ciphertext {}", kept.len()));
    kept.insert(text.clone(), (plain.to_owned(), about.to_owned()));
    text
}

fn kept(kept: &Kept, text: &str, about: &str) -> Option<String> {
    let kept = kept.lock().unwrap();
    let (plain, bound) = kept.get(text)?;
    (bound == about).then(|| plain.clone())
}

/// Recomputes the signature from what has arrived, as the service does.
fn is_signed(headers: &HeaderMap, body: &[u8]) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let part = |name: &str| {
        let authorization = header("authorization")?.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let mut parts = authorization.split(", ");
        parts.find_map(|part| part.strip_prefix(&format!("{name}=")))
    };
    let (Some(credential), Some(signed), Some(signature), Some(date)) = (
        part("Credential"),
        part("SignedHeaders"),
        part("Signature"),
        header("x-amz-date"),
    ) else {
        return false;
    };
    let scope = credential.split_once('/').unwrap().1;
    let names: Vec<&str> = signed.split(';').collect();
    if !["host", "x-amz-date", "x-amz-target"]
        .iter()
        .all(|name| names.contains(name))
    {
        return false;
    }
    let mut canonical = String::from("POST\n/\n\n");
    for name in &names {
        canonical += &format!("{name}:{}\n", header(name).unwrap_or_default());
    }
    canonical += &format!("\n{signed}\n{}", hex(&Sha256::digest(body)));
    let text = format!(
        "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
        hex(&Sha256::digest(canonical))
    );
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for part in scope.split('/').chain([text.as_str()]) {
        let with = hmac::Key::new(hmac::HMAC_SHA256, &key);
        key = hmac::sign(&with, part.as_bytes()).as_ref().to_vec();
    }
    hex(&key) == signature
        && scope.starts_with(&date[..8])
        && scope.ends_with("/eu-central-1/kms/aws4_request")
}

fn aws(store: &Kept, headers: &HeaderMap, body: &[u8]) -> (StatusCode, Value) {
    if !is_signed(headers, body) {
        let refusal = json!({ "__type": "InvalidSignatureException" });
        return (StatusCode::BAD_REQUEST, refusal);
    }
    let asked: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(asked["KeyId"], ARN);
    let about = asked["EncryptionContext"].to_string();
    let answer = match headers["x-amz-target"].to_str().unwrap() {
        "TrentService.Encrypt" => {
            let text = keep(store, asked["Plaintext"].as_str().unwrap(), &about);
            Some(json!({ "KeyId": ARN, "CiphertextBlob": text }))
        }
        "TrentService.Decrypt" => kept(store, asked["CiphertextBlob"].as_str().unwrap(), &about)
            .map(|plain| json!({ "KeyId": ARN, "Plaintext": plain })),
        _ => None,
    };
    match answer {
        Some(answer) => (StatusCode::OK, answer),
        None => (
            StatusCode::BAD_REQUEST,
            json!({ "__type": "InvalidCiphertextException" }),
        ),
    }
}

fn vault(store: &Kept, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> (StatusCode, Value) {
    if headers
        .get("x-vault-token")
        .is_none_or(|token| token != TOKEN)
    {
        return (
            StatusCode::FORBIDDEN,
            json!({ "errors": ["permission denied"] }),
        );
    }
    let asked: Value = serde_json::from_slice(body).unwrap();
    let about = asked["associated_data"].to_string();
    let data = match uri.path() {
        "/v1/transit/encrypt/moorline" => {
            let text = keep(store, asked["plaintext"].as_str().unwrap(), &about);
            Some(json!({ "ciphertext": format!("vault:v1:{text}"), "key_version": 1 }))
        }
        "/v1/transit/decrypt/moorline" => {
            let text = asked["ciphertext"]
                .as_str()
                .unwrap()
                .strip_prefix("vault:v1:");
            kept(store, text.unwrap(), &about).map(|plain| json!({ "plaintext": plain }))
        }
        _ => None,
    };
    match data {
        Some(data) => (StatusCode::OK, json!({ "data": data })),
        None => (
            StatusCode::BAD_REQUEST,
            json!({ "errors": ["cipher: message authentication failed"] }),
        ),
    }
}

/// A keeper of either kind: its address.
async fn keeper() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let store = Kept::default();
    let answers = move |uri: Uri, headers: HeaderMap, body: Bytes| {
        let (status, answer) = if uri.path() == "/" {
            aws(&store, &headers, &body)
        } else {
            vault(&store, &uri, &headers, &body)
        };
        async move { (status, axum::Json(answer)).into_response() }
    };
    let router = axum::Router::new().fallback(answers);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// Moves an installation from its key file to a keeper, and goes on without the file.
async fn move_to(
    stage: &Hostile,
    settings: &[(&str, &str)],
    wrong: (&str, &str, &str),
    name: &str,
) {
    let world = &stage.world;
    stage.brought("odda", 2).await;
    let old = world.app.vault.key_id();
    world.stop_platform().await;
    let config = &world.app.config;
    let program = |arguments: &[&str]| -> Command {
        let mut command = moorline(stage.folder.path(), arguments);
        command
            .env("MOORLINE_DATABASE_URL", &config.database_url)
            .env("MOORLINE_KEY_FILE", &config.key_file)
            .envs(settings.iter().copied());
        command
    };
    let run = |arguments: &[&str]| {
        let mut command = program(arguments);
        async move {
            tokio::task::spawn_blocking(move || command.output().unwrap())
                .await
                .unwrap()
        }
    };
    let (variable, value, words) = wrong;
    let mut refused = program(&["keys", "seal", "rotate"]);
    refused.env(variable, value);
    let refused = tokio::task::spawn_blocking(move || refused.output().unwrap())
        .await
        .unwrap();
    assert_prints(&refused, words);
    assert!(!refused.status.success());
    assert_prints(
        &run(&["keys", "seal", "rotate"]).await,
        "everything is sealed with",
    );
    let retired = run(&["keys", "seal", "retire", &old, "--end-links"]).await;
    assert_prints(&retired, "retired");
    assert_prints(&run(&["keys", "seal", "list"]).await, name);
    std::fs::remove_file(&config.key_file).unwrap();
    let found = run(&["doctor"]).await;
    assert_prints(&found, "the access of every connection can be opened");
    assert_prints(&found, &format!("the root key is {name}"));
    assert_prints(&run(&["consents", "verify"]).await, "all as written");
    assert!(
        !config.key_file.exists(),
        "no key file is made beside a keeper"
    );
    // Without the keeper, nothing opens, and nothing is made anew.
    let alone = moorline(stage.folder.path(), &["keys", "seal", "list"])
        .env("MOORLINE_DATABASE_URL", &config.database_url)
        .env("MOORLINE_KEY_FILE", &config.key_file)
        .output()
        .unwrap();
    assert!(!alone.status.success());
    assert!(!config.key_file.exists());
}

hostile_story!(
    an_installation_moves_from_its_key_file_to_aws_kms,
    [Play::of("odda")],
    |stage| async move {
        let address = keeper().await;
        let settings = [
            ("MOORLINE_KMS__AWS_KEY", ARN),
            ("MOORLINE_KMS__AWS_ENDPOINT", address.as_str()),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_SESSION_TOKEN", "a session"),
        ];
        let wrong = (
            "AWS_SECRET_ACCESS_KEY",
            "another",
            "InvalidSignatureException",
        );
        move_to(&stage, &settings, wrong, &format!("aws:{ARN}")).await;
    }
);

hostile_story!(
    an_installation_moves_from_its_key_file_to_vault,
    [Play::of("odda")],
    |stage| async move {
        let key = format!("{}/v1/transit/keys/moorline", keeper().await);
        let settings = [
            ("MOORLINE_KMS__VAULT_KEY", key.as_str()),
            ("VAULT_TOKEN", TOKEN),
        ];
        let wrong = ("VAULT_TOKEN", "another", "permission denied");
        move_to(&stage, &settings, wrong, "vault:transit/moorline").await;
    }
);
