//! A certificate made for a connection: registered at a platform that verifies each assertion with it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use platform::work::chores_once;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use url::Url;

use crate::harness::{Answer, Customer, World, postgres_database};

const MANIFEST: &str = r#"
key = "test"
name = "Quayside Books"
source_type = "Commerce"
integration_id = "0b4bd0fe-8a3f-4d0f-a7a3-51d8e6ab1c9c"
source_id = "5bdbcf7e-5d5c-4a55-9ff2-2f3a3a0a6a5d"

[variables]
host = "http://nowhere.invalid"

[auth]
kind = "typed"

[[auth.way]]
key = "certificate"
kind = "certificate"
title = "Connect with a certificate"
body = "1. **Download** it.\n2. Register it."
refused = "Check the certificate's number."
manage_access = "Remove the certificate in the settings."
token_url = "${host}/token"
client_id = "${client}"
key_id = "${kid}"
algorithm = "ES256"
certificate_days = 400
warning_days = 30

[[auth.way.field]]
name = "client"
label = "Client ID"
[[auth.way.field]]
name = "kid"
label = "Certificate number"
pattern = "[0-9]+"
rule = "A number."

[identity]
path = "${host}/me"
map = "identity.jq"

[api]
base_url = "${host}/v1"

[[data]]
type = "commerce-customers"
path = "/customers"
paging = { style = "none" }
items = "customers"
map = "customer.jq"
"#;

#[derive(Default)]
struct State {
    /// Public keys by their certificates' numbers.
    registered: BTreeMap<String, PublicKey>,
    seen: Vec<String>,
    accepted: usize,
}

struct PublicKey {
    algorithm: &'static str,
    bytes: Vec<u8>,
}

impl PublicKey {
    /// The key in a certificate: the bit string after its algorithm's name (RFC 5280 § 4.1, RFC 5480 § 2.2, RFC 3279 § 2.3.1).
    fn of(pem: &str) -> Self {
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(body).unwrap();
        let find = |mark: &[u8]| {
            let at = der.windows(mark.len()).position(|window| window == mark);
            at.map(|at| at + mark.len())
        };
        // An uncompressed point of P-256.
        if let Some(after) = find(&[0x03, 0x42, 0x00, 0x04]) {
            let bytes = der[after - 1..after - 1 + 65].to_vec();
            return Self {
                algorithm: "ES256",
                bytes,
            };
        }
        // `rsaEncryption` with no parameters, then a bit string whose length takes two octets.
        let rsa = [
            0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
        ];
        let at = find(&rsa).unwrap();
        assert_eq!(der[at..at + 2], [0x03, 0x82]);
        let length = usize::from(der[at + 2]) << 8 | usize::from(der[at + 3]);
        let bytes = der[at + 5..at + 4 + length].to_vec();
        Self {
            algorithm: "PS256",
            bytes,
        }
    }

    fn verifies(&self, algorithm: &Value, text: &str, signature: &[u8]) -> bool {
        let by: &dyn VerificationAlgorithm = match self.algorithm {
            "ES256" => &ECDSA_P256_SHA256_FIXED,
            _ => &RSA_PSS_2048_8192_SHA256,
        };
        let key = UnparsedPublicKey::new(by, &self.bytes);
        *algorithm == self.algorithm && key.verify(text.as_bytes(), signature).is_ok()
    }
}

/// The platform: an access token is good for an hour, by the assertion's own clock.
#[derive(Default)]
struct Quayside(Mutex<State>);

impl Quayside {
    /// Registers a certificate; its number.
    fn register(&self, pem: &str) -> String {
        let mut state = self.0.lock().unwrap();
        let number = (state.registered.len() + 1).to_string();
        state.registered.insert(number.clone(), PublicKey::of(pem));
        number
    }

    fn remove(&self, number: &str) {
        self.0.lock().unwrap().registered.remove(number);
    }

    fn accepted(&self) -> usize {
        self.0.lock().unwrap().accepted
    }

    fn answer(&self, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Response {
        let mut state = self.0.lock().unwrap();
        if uri.path() == "/token" {
            let form: BTreeMap<String, String> =
                url::form_urlencoded::parse(body).into_owned().collect();
            let Some(number) = verified(&mut state, &form) else {
                let refused = json!({ "error": "invalid_client" }).to_string();
                return (StatusCode::UNAUTHORIZED, refused).into_response();
            };
            state.accepted += 1;
            let token = format!("at-{number}-{}", state.accepted);
            let answer =
                json!({ "access_token": token, "token_type": "bearer", "expires_in": 3600 });
            return answer.to_string().into_response();
        }
        let bearer = headers
            .get("authorization")
            .and_then(|text| text.to_str().ok());
        let number = bearer.and_then(|text| text.strip_prefix("Bearer at-")?.split('-').next());
        if !number.is_some_and(|number| state.registered.contains_key(number)) {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        match uri.path() {
            "/me" => json!({ "id": "q-1", "name": "Quay Ltd" })
                .to_string()
                .into_response(),
            _ => json!({ "customers": [{ "id": "1" }] })
                .to_string()
                .into_response(),
        }
    }
}

fn verified(state: &mut State, form: &BTreeMap<String, String>) -> Option<String> {
    let (text, signature) = form.get("client_assertion")?.rsplit_once('.')?;
    let (head, claims) = text.split_once('.')?;
    let read = |part: &str| -> Option<Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    };
    let (head, claims) = (read(head)?, read(claims)?);
    let number = head["kid"].as_str()?.to_owned();
    let key = state.registered.get(&number)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !key.verifies(&head["alg"], text, &signature) {
        return None;
    }
    let id = claims["jti"].as_str()?.to_owned();
    let fresh = !state.seen.contains(&id);
    state.seen.push(id);
    let fits = claims["iss"] == "c-1" && claims["aud"].as_str()?.ends_with("/token");
    (fresh && fits && form.get("grant_type")? == "client_credentials").then_some(number)
}

struct Stage {
    world: Arc<World>,
    quayside: Arc<Quayside>,
    serving: tokio::task::JoinHandle<()>,
    _folder: TempDir,
}

impl Stage {
    async fn start(url: String, folder: TempDir, algorithm: &str) -> Self {
        let quayside = Arc::new(Quayside::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let answering = Arc::clone(&quayside);
        let router =
            axum::Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
                let quayside = Arc::clone(&answering);
                async move { quayside.answer(&uri, &headers, &body) }
            });
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let dir = tempfile::tempdir().unwrap();
        let manifest = MANIFEST.replace("ES256", algorithm);
        for (name, content) in [
            ("manifest.toml", manifest.as_str()),
            ("identity.jq", "{id: .id, companyName: .name}"),
            ("customer.jq", "{id: .id}"),
        ] {
            std::fs::write(dir.path().join(name), content).unwrap();
        }
        let integrations = dir.path().to_owned();
        let world = World::start(url, folder, move |config| {
            config.integrations.dirs.push(integrations);
            let variables = &mut config.integrations.variables;
            variables.insert("test.host".into(), format!("http://{host}"));
            config.egress.allow_private.push(host);
        })
        .await;
        let client = world.first_client().await;
        platform::credentials::oauth_clients::set_enabled(&world.app, client, "test", true)
            .await
            .unwrap();
        Self {
            world,
            quayside,
            serving,
            _folder: dir,
        }
    }

    async fn end(self) {
        self.world.end().await;
        self.serving.abort();
    }

    async fn link(&self, ids: &(String, String)) -> Url {
        let path = format!("/companies/{}/connections/{}", ids.0, ids.1);
        let link = self.world.get(&path).await.ok()["linkUrl"].clone();
        Url::parse(link.as_str().unwrap()).unwrap()
    }

    /// Has the certificate made, and gives it as PEM.
    async fn certificate(&self, customer: &mut Customer<'_>, link: &Url) -> String {
        let page = customer.open(link.as_str()).await.text();
        assert!(page.contains("Make the certificate"), "{page}");
        assert!(
            !page.contains("Certificate number"),
            "it comes with the registration: {page}"
        );
        let address = link.as_str().replace("/start", "/certificate");
        let (address, _) = address.split_once('?').unwrap();
        let otp = otp(link);
        for _ in 0..2 {
            let made = customer.submit(address, &[("otp", &otp)]).await;
            assert_eq!(made.status, 303, "{}", made.text());
        }
        let page = customer.open(link.as_str()).await.text();
        assert!(page.contains("Download the certificate"), "{page}");
        let address = format!("{address}?otp={otp}");
        let pem = customer.open(&address).await;
        assert_eq!(pem.status, 200);
        assert_eq!(pem.header("cache-control"), Some("no-store"));
        let again = customer.open(&address).await.text();
        assert_eq!(
            again,
            pem.text(),
            "one is made, however often it is asked for"
        );
        pem.text()
    }

    async fn enter(&self, customer: &mut Customer<'_>, link: &Url, number: &str) -> Answer {
        let page = customer.open(link.as_str()).await.text();
        let told = page.split("name=\"link.disclosure\" value=\"").nth(1);
        let told = told.and_then(|rest| rest.split('"').next()).unwrap();
        let otp = otp(link);
        let form = [
            ("otp", otp.as_str()),
            ("link.disclosure", told),
            ("step.typed.client", "c-1"),
            ("step.typed.kid", number),
        ];
        let mut action = link.clone();
        action.set_query(None);
        customer.submit(action.as_str(), &form).await
    }

    /// Links a new company; its ids, and the certificate's number.
    async fn linked(&self) -> ((String, String), String) {
        let company = self.world.company("merchant-42").await;
        let connection = self.world.connection(&company, "test").await;
        let ids = (company, connection["id"].as_str().unwrap().to_owned());
        let mut customer = self.world.customer();
        let link = self.link(&ids).await;
        let pem = self.certificate(&mut customer, &link).await;
        let number = self.quayside.register(&pem);
        let answer = self.enter(&mut customer, &link, &number).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(self.world.status_of(&ids.0, &ids.1).await, "Linked");
        self.world.settled(&ids.0).await;
        (ids, number)
    }

    async fn pull(&self, company: &str) {
        self.world.queue_pull(company, "commerce-customers").await;
        self.world.settled(company).await;
    }
}

fn otp(link: &Url) -> String {
    let (_, otp) = link.query_pairs().find(|(name, _)| name == "otp").unwrap();
    otp.into_owned()
}

macro_rules! certificate_story {
    ($name:ident, $tell:expr) => {
        certificate_story!($name, "ES256", $tell);
    };
    ($name:ident, $algorithm:literal, $tell:expr) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
                let stage = Stage::start(url, folder, $algorithm).await;
                let tell = $tell;
                tell(&stage).await;
                stage.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let Some(url) = postgres_database().await else {
                    return;
                };
                let stage = Stage::start(url, tempfile::tempdir().unwrap(), $algorithm).await;
                let tell = $tell;
                tell(&stage).await;
                stage.end().await;
            }
        }
    };
}

certificate_story!(
    a_registered_certificate_links_and_its_key_signs_each_renewal,
    async |stage: &Stage| {
        let world = &stage.world;
        let company = world.company("merchant-42").await;
        let connection = world.connection(&company, "test").await;
        let ids = (company, connection["id"].as_str().unwrap().to_owned());
        let mut customer = world.customer();
        let link = stage.link(&ids).await;
        let pem = stage.certificate(&mut customer, &link).await;
        assert!(pem.starts_with("-----BEGIN CERTIFICATE-----") && !pem.contains("PRIVATE"));

        // Not registered yet: nothing is linked, what was typed stays, and the certificate is the same.
        let refused = stage.enter(&mut customer, &link, "99").await;
        assert_eq!(refused.status, 422);
        let page = refused.text();
        assert!(
            page.contains("value=\"99\"") && page.contains("Check the certificate"),
            "{page}"
        );
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "PendingAuth");
        let number = stage.quayside.register(&pem);
        let answer = stage.enter(&mut customer, &link, &number).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
        world.settled(&ids.0).await;
        assert_eq!(stage.quayside.accepted(), 1);
        let everything = world.everything().await;
        assert!(
            !everything.contains("key_pair: "),
            "it is kept with the tokens now"
        );
        assert!(!everything.contains("at-1-1") && !everything.contains("client_assertion"));

        world.pass(TimeDelta::hours(2));
        stage.pull(&ids.0).await;
        assert_eq!(stage.quayside.accepted(), 2, "renewed by another assertion");
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
    }
);

certificate_story!(
    the_end_of_a_certificate_is_forecast_once_however_often_tokens_are_renewed,
    async |stage: &Stage| {
        let world = &stage.world;
        let (ids, _) = stage.linked().await;
        let warnings = || world.event_payloads(&ids.0, "connection.credential.expiring");
        for _ in 0..3 {
            world.pass(TimeDelta::days(120));
            stage.pull(&ids.0).await;
            chores_once(&world.app).await.unwrap();
        }
        assert!(warnings().await.is_empty(), "forty days before");
        for _ in 0..3 {
            world.pass(TimeDelta::days(6));
            stage.pull(&ids.0).await;
            chores_once(&world.app).await.unwrap();
        }
        let told = warnings().await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["expiring"], "refreshToken");
        let path = format!("/companies/{}/connections/{}/timeline", ids.0, ids.1);
        let timeline = world.get(&path).await.text();
        let words = "The certificate by which Quayside Books is read ends";
        assert!(timeline.contains(words), "{timeline}");
    }
);

certificate_story!(
    a_certificate_that_is_removed_ends_the_connection_and_another_is_made,
    async |stage: &Stage| {
        let world = &stage.world;
        let (ids, number) = stage.linked().await;
        stage.quayside.remove(&number);
        world.pass(TimeDelta::hours(2));
        stage.pull(&ids.0).await;
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Deauthorized");
        let mut customer = world.customer();
        let link = stage.link(&ids).await;
        let pem = stage.certificate(&mut customer, &link).await;
        let next = stage.quayside.register(&pem);
        let answer = stage.enter(&mut customer, &link, &next).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
        // Disconnected, the key is erased, and the way to end it there is said.
        let path = format!("/companies/{}/connections/{}", ids.0, ids.1);
        world.disconnect(&path).await;
        world
            .until("the grants have ended", || async {
                let grants = world.get(&format!("{path}/grants")).await.ok();
                let text = grants.to_string();
                text.contains("Remove the certificate in the settings.")
                    .then_some(())
            })
            .await;
        assert!(!world.everything().await.contains("credential: "));
    }
);

certificate_story!(
    a_platform_that_takes_rsa_gets_a_certificate_of_it_and_assertions_of_ps256,
    "PS256",
    async |stage: &Stage| {
        let (ids, number) = stage.linked().await;
        let state = stage.quayside.0.lock().unwrap().registered[&number].algorithm;
        assert_eq!(state, "PS256");
        // Another access token is given for another assertion of the same key.
        let before = stage.quayside.accepted();
        stage.world.pass(TimeDelta::hours(2));
        stage.pull(&ids.0).await;
        assert!(stage.quayside.accepted() > before);
        assert_eq!(stage.world.status_of(&ids.0, &ids.1).await, "Linked");
    }
);
