//! What real platforms ask of linking and of pulls: several businesses behind one sign-in, another one than before, limits,
//! records that were deleted. The platform is the stories' own: a folder, and answers by path.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use egress::Secret;
use moorline::jobs::chores_once;
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
concurrent_requests = 2
requests_per_day = 3

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
paging = { style = "none" }
items = "ids"
map = "gone.jq"

[[unsupported]]
type = "OTHER"
reason = "Quayside Books knows of none."
"#;

const TENANTS: [(&str, &str, &str); 2] = [("t-1", "l-1", "Quay Ltd"), ("t-2", "l-2", "Pier Ltd")];

/// A request as the platform saw it.
#[derive(Clone, Debug)]
struct Seen {
    method: Method,
    target: String,
    tenant: Option<String>,
    body: String,
}

/// Status, headers, body.
type Canned = (u16, Vec<(&'static str, String)>, String);

#[derive(Default)]
struct Platform {
    /// Status, headers and body by path.
    answers: Mutex<BTreeMap<String, Canned>>,
    seen: Mutex<Vec<Seen>>,
}

impl Platform {
    fn answers(&self, path: &str, status: u16, headers: &[(&'static str, &str)], body: Value) {
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        let answer = (status, headers, body.to_string());
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// The sign-in leads to these businesses.
    fn leads_to(&self, tenants: &[(&str, &str, &str)]) {
        let links: Vec<Value> = tenants
            .iter()
            .map(|(tenant, link, name)| json!({ "tenant": tenant, "link": link, "name": name }))
            .collect();
        self.answers("/links", 200, &[], json!(links));
    }

    /// One page of customers, and whether more follow.
    fn customers(&self, ids: &[&str], more: bool) {
        let customers: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        // Each page's word for the next is a new one.
        let next = more.then(|| uuid::Uuid::new_v4().to_string());
        let body = json!({ "customers": customers, "next": next });
        self.answers("/v1/customers", 200, &[], body);
    }

    fn seen(&self, method: Method, path: &str) -> Vec<Seen> {
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
        // A list that goes on never stands still.
        let body = match serde_json::from_str::<Value>(body) {
            Ok(mut body) if body["next"].is_string() => {
                body["next"] = json!(uuid::Uuid::new_v4().to_string());
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

struct Stage {
    world: Arc<World>,
    platform: Arc<Platform>,
    serving: tokio::task::JoinHandle<()>,
    _folder: TempDir,
}

impl Stage {
    async fn on_sqlite(source: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
        Self::start(source, url, folder).await
    }

    async fn on_postgres(source: &str) -> Option<Self> {
        let url = postgres_database().await?;
        Some(Self::start(source, url, tempfile::tempdir().unwrap()).await)
    }

    async fn start(source: &str, url: String, folder: TempDir) -> Self {
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

        let (own, other) = match source {
            "Accounting" => ("customers", "bankTransactions"),
            _ => ("commerce-customers", "commerce-disputes"),
        };
        let manifest = MANIFEST
            .replace("SOURCE", source)
            .replace("TYPE", own)
            .replace("OTHER", other);
        let dir = tempfile::tempdir().unwrap();
        let customer = match source {
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
        ] {
            std::fs::write(dir.path().join(name), content).unwrap();
        }
        let place = dir.path().to_owned();
        // Only one story is about pulls by the clock.
        let every_hours = u32::from(source == "Accounting");
        let world = World::start(url, folder, move |config| {
            config.integrations.dirs.push(place);
            let variables = &mut config.integrations.variables;
            variables.insert("test.host".into(), format!("http://{host}"));
            config.egress.allow_private.push(host);
            config.sync.every_hours = every_hours;
        })
        .await;
        let client = moorline::store::clients::list(&world.app.db).await.unwrap()[0].id;
        let secret = Secret::new("a secret of the platform");
        moorline::integrations::configure(&world.app, client, "test", "me", Some(&secret))
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
        Self {
            world,
            platform,
            serving,
            _folder: dir,
        }
    }

    async fn end(&self) {
        self.world.end().await;
        self.serving.abort();
    }

    /// A new company with a connection: their ids.
    async fn fresh(&self) -> (String, String) {
        let company = self.world.company("merchant-42").await;
        let connection = self.world.connection(&company, "test").await;
        (company, connection["id"].as_str().unwrap().to_owned())
    }

    /// The customer signs in at the platform and comes back.
    async fn come_back(
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

    async fn linked(&self) -> (String, String) {
        let ids = self.fresh().await;
        let answer = self.come_back(&mut self.world.customer(), &ids).await;
        let result = answer.header("location").unwrap();
        assert!(result.contains("status=200"), "{result}");
        ids
    }

    async fn dataset(&self, company: &str) -> Value {
        let path = format!("/companies/{company}/data/history");
        self.world.get(&path).await.ok()["results"][0].clone()
    }

    /// Waits until the company's pull says that it waits.
    async fn paused(&self, company: &str) -> String {
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

/// What a question's page has in its address.
fn ticket(location: &str) -> (String, String) {
    let url = Url::parse("http://a").unwrap().join(location).unwrap();
    let (_, ticket) = url
        .query_pairs()
        .find(|(name, _)| name == "ticket")
        .unwrap();
    (url.path().to_owned(), ticket.into_owned())
}

/// Tells one story on both databases.
macro_rules! platform_story {
    ($name:ident, $source:literal, $tell:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let stage = Arc::new(Stage::on_sqlite($source).await);
                let tell: fn(Arc<Stage>) -> _ = $tell;
                tell(Arc::clone(&stage)).await;
                stage.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let Some(stage) = Stage::on_postgres($source).await else {
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

platform_story!(
    of_several_businesses_the_customer_chooses_one,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        stage.platform.leads_to(&TENANTS);
        let ids = stage.fresh().await;
        let mut customer = world.customer();
        let answer = stage.come_back(&mut customer, &ids).await;
        let question = answer.header("location").unwrap().to_owned();
        let (path, ticket) = ticket(&question);
        let page = customer.open(&question).await;
        let text = page.text();
        assert!(
            text.contains("Quay Ltd") && text.contains("Pier Ltd"),
            "{text}"
        );
        assert!(
            text.contains("<fieldset") && text.contains("<legend"),
            "{text}"
        );
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "PendingAuth");
        let kept = world.everything().await;
        assert!(
            !kept.contains("-canary") && !kept.contains(&ticket),
            "sealed and hashed"
        );

        assert_eq!(world.customer().open(&question).await.status, 403);
        let submit = [("ticket", ticket.as_str()), ("answer", "choose")];
        let page = customer.submit(&path, &submit).await;
        assert_eq!(page.status, 422);
        assert!(page.text().contains("Choose one of the businesses"));
        let form = [submit[0], submit[1], ("business", "t-9")];
        assert_eq!(customer.submit(&path, &form).await.status, 422);
        let form = [submit[0], submit[1], ("business", "t-2")];
        let answer = customer.submit(&path, &form).await;
        let result = answer.header("location").unwrap().to_owned();
        assert!(result.contains("status=200"), "{result}");
        assert!(
            customer
                .open(&result)
                .await
                .text()
                .contains("Pier Ltd now shares")
        );
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
        assert_eq!(customer.submit(&path, &form).await.status, 410, "once");

        world.settled(&ids.0).await;
        let asked = stage.platform.seen(Method::GET, "/v1/customers");
        assert_eq!(asked[0].tenant.as_deref(), Some("t-2"));
        let path = format!("/companies/{}/connections/{}", ids.0, ids.1);
        world
            .client(Method::PATCH, &path, Some(json!({ "status": "Unlinked" })))
            .await
            .ok();
        let given_back = world
            .until("the grant is given back", || async {
                stage.platform.seen(Method::POST, "/revoke").pop()
            })
            .await;
        assert_eq!(given_back.body, "token=rt-canary");
        assert_eq!(stage.platform.seen(Method::DELETE, "/links/l-2").len(), 1);
    }
);

platform_story!(
    a_question_that_nobody_answers_gives_the_grant_back,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        stage.platform.leads_to(&TENANTS);
        let ids = stage.fresh().await;
        let mut customer = world.customer();
        let answer = stage.come_back(&mut customer, &ids).await;
        let question = answer.header("location").unwrap().to_owned();
        world.pass(TimeDelta::minutes(59));
        chores_once(&world.app).await.unwrap();
        assert_eq!(customer.open(&question).await.status, 200);
        world.pass(TimeDelta::minutes(2));
        assert_eq!(customer.open(&question).await.status, 410);
        chores_once(&world.app).await.unwrap();
        world
            .until("the grant is given back", || async {
                stage.platform.seen(Method::POST, "/revoke").pop()
            })
            .await;
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "PendingAuth");
    }
);

platform_story!(
    another_business_goes_back_or_becomes_a_connection_of_its_own,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let ids = stage.linked().await;
        world.settled(&ids.0).await;
        stage.platform.leads_to(&TENANTS[1..]);
        let mut customer = world.customer();
        let answer = stage.come_back(&mut customer, &ids).await;
        let question = answer.header("location").unwrap().to_owned();
        let (path, key) = ticket(&question);
        let text = customer.open(&question).await.text();
        assert!(
            text.contains("belongs to <strong>Quay Ltd</strong>"),
            "{text}"
        );
        assert!(text.contains("Go back and choose Quay Ltd"), "{text}");
        let form = [("ticket", key.as_str()), ("answer", "back")];
        let answer = customer.submit(&path, &form).await;
        let start = answer.header("location").unwrap();
        assert!(start.contains("/start?otp="), "{start}");
        world
            .until("the other grant is given back", || async {
                stage.platform.seen(Method::DELETE, "/links/l-2").pop()
            })
            .await;
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");

        let answer = stage.come_back(&mut customer, &ids).await;
        let (path, key) = ticket(answer.header("location").unwrap());
        let form = [("ticket", key.as_str()), ("answer", "new")];
        let answer = customer.submit(&path, &form).await;
        let result = answer.header("location").unwrap();
        assert!(
            result.contains("status=200") && !result.contains(&ids.1),
            "{result}"
        );
        let found = world
            .get(&format!("/companies/{}/connections", ids.0))
            .await
            .ok();
        let statuses: Vec<&Value> = found["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["status"])
            .collect();
        assert_eq!(statuses, ["Linked", "Linked"]);
        assert_eq!(stage.platform.seen(Method::DELETE, "/links/l-1").len(), 0);
    }
);

platform_story!(
    a_second_accounting_business_cannot_be_added_beside_the_first,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let ids = stage.linked().await;
        stage.platform.leads_to(&TENANTS[1..]);
        let mut customer = world.customer();
        let answer = stage.come_back(&mut customer, &ids).await;
        let question = answer.header("location").unwrap().to_owned();
        let (path, key) = ticket(&question);
        let text = customer.open(&question).await.text();
        assert!(
            text.contains("one accounting platform") && !text.contains("as a new connection"),
            "{text}"
        );
        let form = [("ticket", key.as_str()), ("answer", "new")];
        assert_eq!(customer.submit(&path, &form).await.status, 409);
        // The question stays, to be answered otherwise.
        assert_eq!(customer.open(&question).await.status, 200);
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
    }
);

platform_story!(
    a_day_s_limit_pauses_the_pull_until_its_end_and_nobody_else_s,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        // More pages than the manifest's limit of the day.
        stage.platform.customers(&["1"], true);
        let busy = stage.linked().await;
        let told = stage.paused(&busy.0).await;
        assert!(
            told.starts_with("Paused until 2026-06-16T00:00:00"),
            "{told}"
        );
        assert_eq!(stage.platform.seen(Method::GET, "/v1/customers").len(), 3);
        // The neighbour's pull goes through meanwhile.
        stage.platform.leads_to(&TENANTS[1..]);
        stage.platform.customers(&["2"], false);
        let neighbour = stage.linked().await;
        world.settled(&neighbour.0).await;
        assert_eq!(stage.dataset(&neighbour.0).await["status"], "Complete");
        stage.paused(&busy.0).await;
        world.pass(TimeDelta::hours(15));
        world.settled(&busy.0).await;
        assert_eq!(stage.dataset(&busy.0).await["status"], "Complete");

        // What the platform itself says of its day holds too, however often it says so.
        let refusal = [("retry-after", "7200"), ("x-problem", "daily")];
        stage
            .platform
            .answers("/v1/customers", 429, &refusal, Value::Null);
        stage.platform.leads_to(&TENANTS[..1]);
        let late = stage.linked().await;
        let told = stage.paused(&late.0).await;
        assert!(
            told.starts_with("Paused until 2026-06-16T02:30:00"),
            "{told}"
        );
        let asked = stage.platform.seen(Method::GET, "/v1/customers").len();
        let again = format!("/companies/{}/data/queue/commerce-customers", neighbour.0);
        stage.platform.customers(&["2"], false);
        world.client(Method::POST, &again, None).await.ok();
        world.settled(&neighbour.0).await;
        world.pass(TimeDelta::hours(2) + TimeDelta::seconds(1));
        world.settled(&late.0).await;
        assert_eq!(
            stage.platform.seen(Method::GET, "/v1/customers").len(),
            asked + 2
        );
        assert_eq!(stage.dataset(&late.0).await["status"], "Complete");

        // Nothing left by the platform's own count.
        stage.platform.answers(
            "/v1/customers",
            200,
            &[("x-day-left", "0")],
            json!({ "customers": [], "next": "x" }),
        );
        let last = stage.linked().await;
        let told = stage.paused(&last.0).await;
        assert!(
            told.starts_with("Paused until 2026-06-17T00:00:00"),
            "{told}"
        );
    }
);

platform_story!(
    deletions_are_noticed_and_what_the_platform_lacks_is_told,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        stage.platform.customers(&["1", "2"], false);
        stage
            .platform
            .answers("/v1/gone", 200, &[], json!({ "ids": ["2", "77"] }));
        let (company, connection) = stage.linked().await;
        world.settled(&company).await;
        assert!(stage.platform.seen(Method::GET, "/v1/gone").is_empty());
        stage.platform.customers(&[], false);
        world.pass(TimeDelta::minutes(61));
        chores_once(&world.app).await.unwrap();
        world
            .until("changes are asked for", || async {
                stage.platform.seen(Method::GET, "/v1/gone").pop()
            })
            .await;
        world.settled(&company).await;
        let seen = stage.platform.seen(Method::GET, "/v1/gone");
        assert_eq!(seen[0].target, "/v1/gone?since=2026-06-15T09%3A25%3A00Z");
        let path = format!("/companies/{company}/connections/{connection}");
        let list = world
            .get(&format!("/companies/{company}/data/customers?page=1"))
            .await
            .ok();
        let marks: Vec<(&str, bool)> = list["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let deleted = one["metadata"]["isDeleted"].as_bool().unwrap();
                (one["id"].as_str().unwrap(), deleted)
            })
            .collect();
        assert_eq!(marks, [("1", false), ("2", true)], "{path}");

        let features = world.get("/integrations/test").await.ok()["datatypeFeatures"].clone();
        let lacking = features
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["datatype"] == "bankTransactions")
            .unwrap()
            .clone();
        assert_eq!(
            lacking["supportedFeatures"],
            json!([{ "featureType": "Get", "featureState": "NotSupported" }])
        );
        let queue = format!("/companies/{company}/data/queue/bankTransactions");
        let dataset = world.client(Method::POST, &queue, None).await.ok();
        assert_eq!(dataset["status"], "NotSupported");
        assert_eq!(dataset["errorMessage"], "Quayside Books knows of none.");
    }
);
