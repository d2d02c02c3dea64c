//! Receipts: what a person is given, verified by others with the published key.

use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{World, story};

const BUSINESS: &str = "lindqvist-snickeri";

/// The company's newest consent.
async fn newest(world: &World, company: &str) -> Value {
    let path = format!("/companies/{company}/consents");
    world.get(&path).await.ok()["results"][0].clone()
}

async fn receipt(world: &World, consent: &Value) -> Value {
    let (company, id) = (&consent["companyId"], &consent["id"]);
    let path = format!(
        "/companies/{}/consents/{}/receipt",
        company.as_str().unwrap(),
        id.as_str().unwrap()
    );
    world.get(&path).await.ok()
}

async fn published(world: &World) -> Value {
    let answer = world
        .send(Method::GET, "/.well-known/jwks.json", &[], vec![])
        .await;
    answer.ok()
}

/// A verification in JavaScript, by Node's own library: the payload, or an exception.
const VERIFY: &str = r#"
const { createPublicKey, verify } = require("node:crypto");
const { jws, keys } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const [header, payload, signature] = jws.split(".");
const { alg, kid } = JSON.parse(Buffer.from(header, "base64url"));
if (alg !== "EdDSA") throw new Error(alg);
const key = createPublicKey({ key: keys.find((key) => key.kid === kid), format: "jwk" });
if (!verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"))) throw new Error("forged");
process.stdout.write(Buffer.from(payload, "base64url"));
"#;

/// The payload, if another language's library finds the signature good. None if Node isn't there.
fn verified_elsewhere(jws: &str, keys: &Value) -> Option<Result<Value, String>> {
    use std::io::Write;
    let node = Command::new("node")
        .args(["-e", VERIFY])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut node) = node else {
        eprintln!("skipped: there is no Node.js here");
        return None;
    };
    let input = json!({ "jws": jws, "keys": keys }).to_string();
    node.stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = node.wait_with_output().unwrap();
    Some(match output.status.success() {
        true => Ok(serde_json::from_slice(&output.stdout).unwrap()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    })
}

story!(
    a_receipt_is_verified_by_another_languages_library,
    |world| async move {
        let (company, _) = world.linked("mqjo", BUSINESS).await;
        let consent = newest(&world, &company).await;
        let made = receipt(&world, &consent).await;
        let (content, jws) = (&made["receipt"], made["jws"].as_str().unwrap());
        assert_eq!(content["consentReceiptID"], consent["id"]);
        assert_eq!(content["consentState"], "given");
        assert_eq!(content["consentTimestamp"], world.clock.now().timestamp());
        assert_eq!(
            content["piiControllers"][0]["piiController"],
            "Harbour Lending"
        );
        assert_eq!(
            content["piiPrincipal"]["business"]["name"],
            "Lindqvist Snickeri"
        );
        assert_eq!(content["disclosure"], consent["disclosure"]);
        assert_eq!(content["scopes"], consent["scopes"]);
        assert_eq!(
            content["events"][0]["entryHash"],
            consent["entries"][0]["hash"]
        );

        let keys = published(&world).await["keys"].clone();
        let Some(verified) = verified_elsewhere(jws, &keys) else {
            return;
        };
        assert_eq!(
            &verified.unwrap(),
            content,
            "what is signed is what is shown"
        );

        // Altered, it is found.
        let mut parts: Vec<&str> = jws.split('.').collect();
        let forged = content.to_string().replace("Harbour", "Harbor");
        let forged = URL_SAFE_NO_PAD.encode(forged);
        parts[1] = &forged;
        let found = verified_elsewhere(&parts.join("."), &keys).unwrap();
        assert!(found.is_err_and(|error| error.contains("forged")));

        // A newer key signs; the former one still verifies.
        world.pass(TimeDelta::seconds(1));
        platform::consents::receipt::renew_key(&world.app)
            .await
            .unwrap();
        let newer = receipt(&world, &consent).await;
        let keys = published(&world).await["keys"].clone();
        assert_eq!(keys.as_array().unwrap().len(), 2);
        let header = |jws: &str| jws.split('.').next().unwrap().to_owned();
        let newer = newer["jws"].as_str().unwrap();
        assert_ne!(header(jws), header(newer));
        for jws in [jws, newer] {
            verified_elsewhere(jws, &keys).unwrap().unwrap();
        }
    }
);

story!(a_receipt_tells_how_the_consent_ended, |world| async move {
    let (company, connection) = world.linked("mqjo", BUSINESS).await;
    world
        .disconnect(&format!("/companies/{company}/connections/{connection}"))
        .await;
    let consent = newest(&world, &company).await;
    let content = receipt(&world, &consent).await["receipt"].clone();
    assert_eq!(content["consentState"], "revoked");
    let kinds: Vec<&str> = content["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["eventType"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["consent.given", "consent.revoked"]);
});

story!(
    the_person_reads_the_receipt_by_its_link_and_no_one_without,
    |world| async move {
        let company = world.company("merchant-42").await;
        let connection = world.connection(&company, "mqjo").await;
        let mut customer = world.customer();
        let link = connection["linkUrl"].as_str().unwrap();
        let back = customer.link(link, BUSINESS).await;
        // Offered on the page of success.
        let page = customer.open(back.header("location").unwrap()).await;
        let text = page.text();
        assert!(text.contains("See your receipt"), "{text}");
        let consent = newest(&world, &company).await;
        let url = consent["receiptUrl"].as_str().unwrap();
        let shown = world.customer().open(url).await;
        assert_eq!(shown.status, 200, "{}", shown.text());
        let text = shown.text();
        for words in [
            "Your receipt",
            "Given, and in force",
            "Lindqvist Snickeri",
            "Harbour Lending",
        ] {
            assert!(text.contains(words), "no {words} in {text}");
        }
        assert!(
            !text.contains("<script") && !text.contains("style="),
            "{text}"
        );
        assert!(!text.contains(".,"), "sentences stay sentences: {text}");
        // From here, too, the owner sees and ends what is shared.
        let door = text
            .split("href=\"")
            .filter_map(|part| part.split('"').next());
        let door = door
            .filter(|href| href.contains("/sharing?"))
            .collect::<Vec<_>>();
        let inside = world.customer().open(door[0]).await;
        assert!(
            inside.text().contains("Harbour Lending"),
            "{}",
            inside.text()
        );

        let (page, ticket) = url.split_once('?').unwrap();
        let signed = world
            .customer()
            .open(&format!("{page}/signed?{ticket}"))
            .await;
        assert_eq!(signed.ok()["receipt"]["consentReceiptID"], consent["id"]);

        // Without its ticket, with another's, or too late.
        let other = store::clock::random_id();
        let elsewhere = format!("{}receipt/{other}?{ticket}", world.platform);
        for url in [page, elsewhere.as_str(), &format!("{page}/signed")] {
            assert_eq!(world.customer().open(url).await.status, 410, "{url}");
        }
        world.pass(TimeDelta::days(31));
        assert_eq!(world.customer().open(url).await.status, 410);
        // Nor may another client.
        let key = world.other_client().await;
        let id = consent["id"].as_str().unwrap();
        let path = format!("/companies/{company}/consents/{id}/receipt");
        world
            .with_key(&key, Method::GET, &path, None)
            .await
            .refused(404);
        let path = format!("/companies/{company}/consents/{other}/receipt");
        world.get(&path).await.refused(404);
    }
);
