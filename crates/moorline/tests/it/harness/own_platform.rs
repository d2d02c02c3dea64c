//! The stories' own platform: an integration folder, and a server with canned answers by path.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use egress::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use url::Url;

use crate::harness::{Answer, Customer, World, postgres_database};

const MANIFEST: &str = r#"
key = "test"
name = "Quayside Books"
source_type = "SOURCE"
integration_id = "0b4bd0fe-8a3f-4d0f-a7a3-51d8e6ab1c9c"
source_id = "5bdbcf7e-5d5c-4a55-9ff2-2f3a3a0a6a5d"

[variables]
host = "http://nowhere.invalid"

[auth]
kind = "oauth2"
authorize_url = "${host}/authorize"
token_url = "${host}/token"
client_authentication = "basic"
refresh_token_days = 60

[[auth.revoke]]
method = "DELETE"
url = "${host}/links/${link}"
one_account = ONE_ACCOUNT

[[auth.revoke]]
url = "${host}/revoke"
parameters = { token = "${refresh_token}" }

[[steps]]
kind = "confirm_company_name"

[identity]
path = "${host}/links"
map = "identity.jq"
variables = ["tenant", "link"]

[api]
base_url = "${host}/v1"
headers = { "X-Tenant" = "${tenant}" }

[limits]
LIMITS

[limits.headers]
day_remaining = "X-Day-Left"
problem = "X-Problem"
problems = { daily = "day" }

[[data]]
type = "TYPE"
path = "/customers"
paging = { style = "cursor", parameter = "after", next = "next" }
since = { query = "since", format = "rfc3339" }
items = "customers"
map = "customer.jq"

[[data]]
type = "TYPE"
when = "changes"
path = "/gone"
query = { since = "${since}" }
since = { text = "${time}", format = "rfc3339" }
paging = { style = "none", full = 1000 }
items = "ids"
map = "gone.jq"

[[unsupported]]
type = "OTHER"
reason = "Quayside Books knows of none."
"#;

pub const TENANTS: [(&str, &str, &str); 2] =
    [("t-1", "l-1", "Quay Ltd"), ("t-2", "l-2", "Pier Ltd")];

/// The manifest's section for writing customers; without a key by which the platform could recognise a repeated request.
const WRITES: &str = r#"
[[write]]
type = "TYPE"
options = "options.json"
map = "write.jq"
lookup = { terms = { path = "/terms", items = "terms" } }
create = { method = "POST", path = "/new-customers" }
result = "customer"
"#;

/// The section of a further data type.
const FURTHER: &str = r#"
[[data]]
type = "FURTHER"
path = "/FURTHER"
paging = { style = "none" }
items = "data"
map = "same.jq"
"#;

const OPTIONS: &str = r#"{"type": "Object", "displayName": "Customer", "description": "A customer.", "required": true, "properties": {
    "customerName": {"type": "String", "displayName": "Name", "description": "Its name.", "required": true}}}"#;

/// The pages of a pull here: more than a story's platform lets through in a day where it counts.
pub const MOST_PAGES: u32 = 150;

/// The options of a story's platform.
pub struct PlatformOptions {
    pub source: &'static str,
    /// Lines of the manifest's `[limits]`.
    pub limits: &'static str,
    /// Hours between scheduled pulls; 0 is none.
    pub every_hours: u32,
    /// True if its customers can be written.
    pub writes: bool,
    /// True if the link of one business can be ended while the grant goes on.
    pub one_account: bool,
    /// Further data types, whose lists are at their own names and have records in the standard's form.
    pub types: &'static [&'static str],
    /// Lines of the manifest's `[reconciliation]`.
    pub reconciliation: &'static str,
}

impl From<&'static str> for PlatformOptions {
    fn from(source: &'static str) -> Self {
        Self {
            source,
            limits: "concurrent_requests = 2\nrequests_per_day = 3",
            // Only one story is about pulls by the clock.
            every_hours: u32::from(source == "Accounting"),
            writes: false,
            one_account: false,
            types: &[],
            reconciliation: "",
        }
    }
}

/// A request as the platform saw it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: Method,
    pub target: String,
    pub tenant: Option<String>,
    pub body: String,
}

/// Status, headers, body.
type Canned = (u16, Vec<(&'static str, String)>, String);

#[derive(Default)]
pub struct Platform {
    /// Status, headers and body by path.
    answers: Mutex<BTreeMap<String, Canned>>,
    seen: Mutex<Vec<Seen>>,
}

impl Platform {
    pub fn answers(&self, path: &str, status: u16, headers: &[(&'static str, &str)], body: Value) {
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        let answer = (status, headers, body.to_string());
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// Answers with a text that needn't be JSON in every part.
    pub fn answers_text(&self, path: &str, body: &str) {
        let answer = (200, Vec::new(), body.to_owned());
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// The sign-in leads to these businesses.
    pub fn leads_to(&self, tenants: &[(&str, &str, &str)]) {
        let links: Vec<Value> = tenants
            .iter()
            .map(|(tenant, link, name)| json!({ "tenant": tenant, "link": link, "name": name }))
            .collect();
        self.answers("/links", 200, &[], json!(links));
    }

    /// Records of a further data type.
    pub fn lists(&self, data_type: &str, records: Value) {
        let body = json!({ "data": records });
        self.answers(&format!("/v1/{data_type}"), 200, &[], body);
    }

    /// One page of customers; `more` gives it a cursor to a next page.
    pub fn customers(&self, ids: &[&str], more: bool) {
        let customers: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        // Each page's cursor is a new one.
        let next = more.then(|| store::clock::random_id().to_string());
        let body = json!({ "customers": customers, "next": next });
        self.answers("/v1/customers", 200, &[], body);
    }

    pub fn seen(&self, method: Method, path: &str) -> Vec<Seen> {
        let is_it =
            |seen: &&Seen| seen.method == method && seen.target.split('?').next() == Some(path);
        self.seen
            .lock()
            .unwrap()
            .iter()
            .filter(is_it)
            .cloned()
            .collect()
    }

    fn answer(&self, method: Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Response {
        let header = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        self.seen.lock().unwrap().push(Seen {
            method,
            target: uri.to_string(),
            tenant: header("x-tenant"),
            body: String::from_utf8_lossy(body).into_owned(),
        });
        let answers = self.answers.lock().unwrap();
        let Some((status, headers, body)) = answers.get(uri.path()) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        // A list that goes on has a new cursor each time.
        let body = match serde_json::from_str::<Value>(body) {
            Ok(mut body) if body["next"].is_string() => {
                body["next"] = json!(store::clock::random_id().to_string());
                body.to_string()
            }
            _ => body.clone(),
        };
        let mut response = (StatusCode::from_u16(*status).unwrap(), body).into_response();
        for (name, value) in headers {
            response.headers_mut().insert(*name, value.parse().unwrap());
        }
        response
    }
}

/// A world whose integrations include the stories' own platform, under the key `test`.
pub struct Stage {
    pub world: Arc<World>,
    pub platform: Arc<Platform>,
    serving: tokio::task::JoinHandle<()>,
    folder: TempDir,
}

impl Stage {
    pub async fn on_sqlite(options: PlatformOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
        Self::start(options, url, folder).await
    }

    pub async fn on_postgres(options: PlatformOptions) -> Option<Self> {
        let url = postgres_database().await?;
        Some(Self::start(options, url, tempfile::tempdir().unwrap()).await)
    }

    async fn start(options: PlatformOptions, url: String, folder: TempDir) -> Self {
        let platform = Arc::new(Platform::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let answering = Arc::clone(&platform);
        let router = axum::Router::new().fallback(
            move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                let platform = Arc::clone(&answering);
                async move { platform.answer(method, &uri, &headers, &body) }
            },
        );
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

        let (own, other) = match options.source {
            "Accounting" if options.types.contains(&"bankTransactions") => {
                ("customers", "journals")
            }
            "Accounting" => ("customers", "bankTransactions"),
            _ => ("commerce-customers", "commerce-disputes"),
        };
        let writes = if options.writes { WRITES } else { "" };
        let further: String = (options.types.iter())
            .map(|data_type| FURTHER.replace("FURTHER", data_type))
            .collect();
        let reconciliation = options.reconciliation;
        let manifest = format!("{MANIFEST}{writes}{further}\n[reconciliation]\n{reconciliation}\n")
            .replace("SOURCE", options.source)
            .replace("LIMITS", options.limits)
            .replace("ONE_ACCOUNT", &options.one_account.to_string())
            .replace("TYPE", own)
            .replace("OTHER", other);
        let dir = tempfile::tempdir().unwrap();
        let customer = match options.source {
            "Accounting" => "{id: .id, status: \"Active\"}",
            _ => "{id: .id}",
        };
        for (name, content) in [
            ("manifest.toml", manifest.as_str()),
            (
                "identity.jq",
                "[.[] | {id: .tenant, companyName: .name, variables: {tenant, link}}]",
            ),
            ("customer.jq", customer),
            ("gone.jq", "gone(.)"),
            ("same.jq", "."),
            (
                "write.jq",
                "{name: .record.customerName, terms: .lookup.terms}",
            ),
            ("options.json", OPTIONS),
        ] {
            std::fs::write(dir.path().join(name), content).unwrap();
        }
        let integrations = dir.path().to_owned();
        let world = World::start(url, folder, move |config| {
            config.integrations.dirs.push(integrations);
            let variables = &mut config.integrations.variables;
            variables.insert("test.host".into(), format!("http://{host}"));
            config.egress.allow_private.push(host);
            config.sync.every_hours = options.every_hours;
            config.sync.most_pages = MOST_PAGES;
        })
        .await;
        let client = store::clients::list(&world.app.db).await.unwrap()[0].id;
        let secret = Secret::new("a secret of the platform");
        platform::credentials::oauth_clients::configure(
            &world.app,
            client,
            "test",
            "me",
            Some(&secret),
        )
        .await
        .unwrap();
        platform.answers(
            "/token",
            200,
            &[],
            json!({ "access_token": "at-canary", "refresh_token": "rt-canary", "token_type": "bearer", "expires_in": 86_400 }),
        );
        platform.leads_to(&TENANTS[..1]);
        platform.answers("/links/l-1", 204, &[], Value::Null);
        platform.answers("/links/l-2", 204, &[], Value::Null);
        platform.answers("/revoke", 200, &[], Value::Null);
        platform.customers(&["1"], false);
        for data_type in options.types {
            platform.lists(data_type, json!([]));
        }
        platform.answers("/v1/terms", 200, &[], json!({ "terms": "30 days" }));
        let written = json!({ "customer": { "id": "77" } });
        platform.answers("/v1/new-customers", 200, &[], written);
        Self {
            world,
            platform,
            serving,
            folder: dir,
        }
    }

    /// The platform's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the platform's folder, which nodes that start from then on read.
    pub fn write(&self, name: &str, content: &str) {
        std::fs::write(self.folder.path().join(name), content).unwrap();
    }

    pub async fn end(&self) {
        self.world.end().await;
        self.serving.abort();
    }

    /// A new company with a connection: their ids.
    pub async fn fresh(&self) -> (String, String) {
        let company = self.world.company("merchant-42").await;
        let connection = self.world.connection(&company, "test").await;
        (company, connection["id"].as_str().unwrap().to_owned())
    }

    /// The customer signs in at the platform and comes back.
    pub async fn come_back(
        &self,
        customer: &mut Customer<'_>,
        (company, connection): &(String, String),
    ) -> Answer {
        let path = format!("/companies/{company}/connections/{connection}");
        let link = self.world.get(&path).await.ok()["linkUrl"].clone();
        let authorization = customer.set_out(link.as_str().unwrap()).await;
        let authorization = Url::parse(&authorization).unwrap();
        let (_, state) = authorization
            .query_pairs()
            .find(|(name, _)| name == "state")
            .unwrap();
        let callback = format!("/oauth/test/callback?code=c&state={state}");
        let answer = customer.open(&callback).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer
    }

    /// The same, and the address that the customer is redirected to.
    pub async fn come_back_to(
        &self,
        customer: &mut Customer<'_>,
        ids: &(String, String),
    ) -> String {
        let answer = self.come_back(customer, ids).await;
        answer.header("location").unwrap().to_owned()
    }

    pub async fn linked(&self) -> (String, String) {
        let ids = self.fresh().await;
        let answer = self.come_back(&mut self.world.customer(), &ids).await;
        let result = answer.header("location").unwrap();
        assert!(result.contains("status=200"), "{result}");
        ids
    }

    pub async fn dataset(&self, company: &str) -> Value {
        let path = format!("/companies/{company}/data/history");
        self.world.get(&path).await.ok()["results"][0].clone()
    }

    /// Waits until the company's pull reports that it is paused, and returns its message.
    pub async fn paused(&self, company: &str) -> String {
        self.world
            .until("the pull waits", || async {
                let status = self.dataset(company).await["statusDescription"].clone();
                status
                    .as_str()
                    .filter(|text| text.starts_with("Paused"))
                    .map(str::to_owned)
            })
            .await
    }
}

/// Runs one story on both databases.
macro_rules! platform_story {
    ($name:ident, $options:expr, $tell:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let stage = Arc::new(Stage::on_sqlite($options.into()).await);
                let tell: fn(Arc<Stage>) -> _ = $tell;
                tell(Arc::clone(&stage)).await;
                stage.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let Some(stage) = Stage::on_postgres($options.into()).await else {
                    return;
                };
                let stage = Arc::new(stage);
                let tell: fn(Arc<Stage>) -> _ = $tell;
                tell(Arc::clone(&stage)).await;
                stage.end().await;
            }
        }
    };
}
pub(crate) use platform_story;
