//! Every platform's start page, opened: whatever the redirect asks for and a pull reads was on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::http::{Method as Verb, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use egress::Secret;
use http::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use crate::harness::{Customer, World, postgres_database};

const BUSINESS: &str = "lindqvist-snickeri";

/// The variables of each manifest that stand for a host.
const HOSTS: [&str; 9] = [
    "login",
    "rest",
    "identity",
    "api",
    "authorize",
    "oauth",
    "revocation",
    "person",
    "host",
];

/// All platforms but the sandboxes, in one server: tokens for each, and the identity that each one's folder reads. Lists
/// are empty or not there: what counts is that they were asked for.
#[derive(Default)]
pub struct Stand {
    /// The `scope` of the next token responses.
    pub grants: Mutex<Option<String>>,
}

impl Stand {
    fn answer(&self, verb: &Verb, uri: &Uri) -> Response {
        let path = uri.path();
        if verb == Verb::POST && path.contains("token") {
            let claims = json!({ "authentication_event_id": "event-1", "sub": "person-1", "email": "maya@practice.example", "given_name": "Maya", "companyId": "Quay" });
            let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
            let mut tokens = json!({
                "access_token": format!("e30.{claims}.s"), "id_token": format!("e30.{claims}.s"), "refresh_token": "rt-1",
                "token_type": "bearer", "expires_in": 86_400, "expires_at": "2027-01-01T00:00:00Z",
            });
            if let Some(scope) = &*self.grants.lock().unwrap() {
                tokens["scope"] = json!(scope);
            }
            return axum::Json(tokens).into_response();
        }
        let body = if path.ends_with("/connections") {
            json!([{ "id": "link-1", "tenantId": "tenant-1", "tenantName": "Quay Ltd", "tenantType": "ORGANISATION" }])
        } else if path.ends_with("/suiteql") {
            json!({ "items": [{ "id": "1", "name": "Quay Ltd", "country": "GB", "currency": "1" }], "count": 1, "hasMore": false, "offset": 0, "totalResults": 1 })
        } else if path.ends_with("/core/query") {
            json!({ "ia::result": [{ "key": "1" }], "ia::meta": { "totalCount": 1, "start": 1, "pageSize": 1 } })
        } else if path.contains("/environments/") || path.ends_with("/companies") {
            json!({ "value": [{ "id": "1", "name": "Quay Ltd", "aadTenantId": "tenant-1", "type": "Production" }] })
        } else {
            json!({
                "CompanyInfo": { "Id": "1", "CompanyName": "Quay Ltd" },
                "merchant": { "id": "m-1", "business_name": "Quay Ltd", "country": "GB", "currency": "GBP" },
                "company": { "id": "1", "url": "https://x.example/1", "name": "Quay Ltd" },
            })
        };
        axum::Json(body).into_response()
    }
}

/// A world in which every built-in platform can be linked.
pub async fn every_platform(
    database: String,
    folder: tempfile::TempDir,
) -> (Arc<World>, Arc<Stand>) {
    let stand = Arc::new(Stand::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let answering = Arc::clone(&stand);
    let router = axum::Router::new().fallback(move |verb: Verb, uri: Uri| {
        let stand = Arc::clone(&answering);
        async move { stand.answer(&verb, &uri) }
    });
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let world = World::start(database, folder, move |config| {
        for name in HOSTS {
            let variables = &mut config.integrations.variables;
            variables.insert(name.to_owned(), format!("http://{host}"));
        }
        config.egress.allow_private.push(host);
        config.sync.attempts = 1;
    })
    .await;
    let client = store::clients::list(&world.app.db).await.unwrap()[0].id;
    let keys: Vec<String> = world
        .app
        .catalogue
        .iter()
        .map(|own| own.key().to_owned())
        .collect();
    for key in keys.iter().filter(|key| !is_practised(key)) {
        let secret = Secret::new("a secret of the stand");
        platform::credentials::oauth_clients::configure(
            &world.app,
            client,
            key,
            "me",
            Some(&secret),
        )
        .await
        .unwrap();
    }
    (world, stand)
}

/// True for the sandboxes that run beside the platform.
fn is_practised(key: &str) -> bool {
    ["mqjo", "aiwb", "qhnd"].contains(&key)
}

/// The promises of a start page, by its own marks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub reads: BTreeSet<String>,
    pub writes: BTreeSet<String>,
    pub scopes: BTreeSet<String>,
    pub person: usize,
    pub version: String,
}

fn between<'a>(text: &'a str, before: &str, after: &'a str) -> Vec<&'a str> {
    text.split(before)
        .skip(1)
        .filter_map(|rest| rest.split(after).next())
        .collect()
}

impl Said {
    pub fn on(page: &str) -> Self {
        let mut said = Self::default();
        for value in between(page, "<data value=\"", "\"") {
            match value.strip_prefix("write/") {
                Some(data_type) => drop(said.writes.insert(data_type.to_owned())),
                None if value == "person" => said.person += 1,
                None => said.reads.extend(value.split(' ').map(str::to_owned)),
            }
        }
        let scopes = between(page, "<code class=\"scope\">", "</code>");
        said.scopes = scopes.into_iter().map(str::to_owned).collect();
        let version = between(page, "name=\"link.disclosure\" value=\"", "\"");
        said.version = version.first().copied().unwrap_or_default().to_owned();
        said
    }

    /// The same by the object that the API gives.
    pub fn by(disclosure: &Value) -> Self {
        let all = |list: &str, member: &str| -> BTreeSet<String> {
            let items = disclosure[list].as_array().unwrap().iter();
            items
                .map(|item| item[member].as_str().unwrap().to_owned())
                .collect()
        };
        let mut reads = all("reads", "dataType");
        let custom = all("custom", "name").into_iter();
        reads.extend(custom.map(|name| format!("custom/{name}")));
        let scopes = disclosure["scopes"].as_array().unwrap().iter();
        Self {
            reads,
            writes: all("writes", "dataType"),
            scopes: scopes
                .map(|scope| scope.as_str().unwrap().to_owned())
                .collect(),
            person: disclosure["person"].as_array().unwrap().len(),
            version: disclosure["version"].as_str().unwrap().to_owned(),
        }
    }
}

/// The scopes that an authorization URL asks for.
pub fn scopes_of(authorization: &str) -> BTreeSet<String> {
    let url = Url::parse(authorization).unwrap();
    let found = url.query_pairs().find(|(name, _)| name == "scope");
    let text = found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}

/// The customer's way back from the platform.
pub async fn come_back(world: &World, customer: &mut Customer<'_>, key: &str, authorization: &str) {
    let callback = if is_practised(key) {
        customer
            .consent(authorization, json!({ "business": BUSINESS }))
            .await
    } else {
        let url = Url::parse(authorization).unwrap();
        let query: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        let issuer = world.app.catalogue.get(key).unwrap().issuer();
        let issuer = issuer
            .map(|issuer| format!("&iss={issuer}"))
            .unwrap_or_default();
        format!(
            "/oauth/{key}/callback?code=c&realmId=1&company=1&state={}{issuer}",
            query["state"]
        )
    };
    let answer = customer.open(&callback).await;
    assert_eq!(answer.status, 303, "{key}: {}", answer.text());
    let location = answer.header("location").unwrap();
    assert!(location.contains("status=200"), "{key}: {location}");
}

/// Settings under which a company reads these types of a platform, and no others.
pub async fn read_only(world: &World, company: &str, key: &str, types: &[&str]) {
    let integration = world.app.catalogue.get(key).unwrap();
    let setting = |data_type: &str| {
        json!({
            "dataType": data_type, "fetchOnFirstLink": types.contains(&data_type), "syncSchedule": 0, "syncOrder": 0,
        })
    };
    let settings = integration.data().iter();
    let settings: Vec<Value> = settings
        .map(|own| setting(own.data_type.as_str()))
        .collect();
    let body = json!({ "companyId": company, "settings": settings, "overridesDefaults": true });
    let path = format!("/companies/{company}/syncSettings");
    assert_eq!(world.post(&path, body).await.status, 204);
}

/// Opens the link, and holds the page, the object, the redirect and the pulls against each other.
async fn visit(world: &World, key: &str, types: Option<&[&str]>, open_id: bool) {
    let company = world.company("merchant-42").await;
    if let Some(types) = types {
        read_only(world, &company, key, types).await;
    }
    let connection = world.connection(&company, key).await;
    let id = connection["id"].as_str().unwrap();
    let mut link: Url = connection["linkUrl"].as_str().unwrap().parse().unwrap();
    if open_id {
        link.query_pairs_mut().append_pair("openId", "true");
    }
    let mut customer = world.customer();
    let page = customer.open(link.as_str()).await;
    assert_eq!(page.status, 200, "{key}: {}", page.text());
    let page = page.text();
    let said = Said::on(&page);
    let path = format!("/companies/{company}/connections/{id}/disclosure?openId={open_id}");
    let disclosure = world.get(&path).await.ok();
    assert_eq!(
        said,
        Said::by(&disclosure),
        "{key}: the page and the object differ"
    );
    for read in disclosure["reads"].as_array().unwrap() {
        assert!(
            page.contains(&format!(">{}<", escaped(read["name"].as_str().unwrap()))),
            "{key}: {read}"
        );
    }
    for words in [
        &disclosure["purpose"]["text"],
        &disclosure["access"]["lasts"],
        &disclosure["stays"]["words"]["text"],
    ] {
        assert!(
            page.contains(&escaped(words.as_str().unwrap())),
            "{key}: {words}"
        );
    }

    if world.app.catalogue.get(key).unwrap().machine().is_some() {
        // No redirect follows: a program calls. What it is asked for is in the stories of machines.
        return;
    }
    let authorization = customer.set_out(link.as_str()).await;
    assert_eq!(
        scopes_of(&authorization),
        said.scopes,
        "{key}: the redirect asks for other scopes"
    );
    come_back(world, &mut customer, key, &authorization).await;
    let pulls = world.settled(&company).await;
    let pulled: BTreeSet<String> = pulls
        .iter()
        .map(|pull| pull["dataType"].as_str().unwrap().to_owned())
        .collect();
    assert!(!pulled.is_empty());
    assert_eq!(pulled, said.reads, "{key}: other types are pulled");
    let connection = world
        .get(&format!("/companies/{company}/connections/{id}"))
        .await
        .ok();
    assert_eq!(
        connection.get("requiresReconsent"),
        None,
        "{key}: {connection}"
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('\'', "&#39;")
}

async fn every_start_page_says_what_the_redirect_asks_for_and_a_pull_reads(database: String) {
    let folder = tempfile::tempdir().unwrap();
    let database = database.replace("FOLDER", &folder.path().display().to_string());
    let (world, _) = every_platform(database, folder).await;
    let keys: Vec<String> = world
        .app
        .catalogue
        .iter()
        .map(|own| own.key().to_owned())
        .collect();
    assert!(keys.len() >= 9, "{keys:?}");
    for key in &keys {
        visit(&world, key, None, false).await;
        let first = world.app.catalogue.get(key).unwrap().data()[0].data_type;
        let last = world
            .app
            .catalogue
            .get(key)
            .unwrap()
            .data()
            .last()
            .unwrap()
            .data_type;
        visit(&world, key, Some(&[last.as_str()]), true).await;
        visit(&world, key, Some(&[first.as_str()]), false).await;
    }
    // What a client writes, and its own data types, are said too.
    let writes = json!({ "writes": { "mqjo": ["invoices"] }, "onRequest": [] });
    world
        .client(Method::PUT, "/profile/disclosure", Some(writes))
        .await
        .ok();
    visit(&world, "mqjo", Some(&["invoices"]), true).await;
    let writes = json!({ "writes": { "mqjo": [] } });
    world
        .client(Method::PUT, "/profile/disclosure", Some(writes))
        .await
        .ok();
    visit(&world, "mqjo", Some(&["invoices", "bills"]), false).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_start_page_says_what_is_asked_for_and_read_on_sqlite() {
    every_start_page_says_what_the_redirect_asks_for_and_a_pull_reads(
        "sqlite:FOLDER/moorline.db".into(),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_start_page_says_what_is_asked_for_and_read_on_postgres() {
    if let Some(database) = postgres_database().await {
        every_start_page_says_what_the_redirect_asks_for_and_a_pull_reads(database).await;
    }
}
