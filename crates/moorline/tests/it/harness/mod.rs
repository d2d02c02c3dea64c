//! The world of a story: a platform on a database of its own, the sandbox as its provider, and a clock that stands still.

pub mod command_line;
pub mod document;
pub mod ports;
pub mod quayside;
pub mod receiver;

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use egress::{Door, Policy, Request, Secret};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use platform::app::config::Config;
use platform::app::{App, Shared};
use serde_json::{Value, json};
use sqlx::{Connection, Executor};
use store::clock::Clock;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

/// When every story begins.
pub fn beginning() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-06-15T09:30:00Z")
        .unwrap()
        .to_utc()
}

/// Tells one story on both databases. PostgreSQL's is skipped, visibly, where `MOORLINE_TEST_POSTGRES` isn't set.
macro_rules! story {
    ($(#[$meta:meta])* $name:ident, $tell:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let world = $crate::harness::World::on_sqlite().await;
                let tell: fn(std::sync::Arc<$crate::harness::World>) -> _ = $tell;
                tell(std::sync::Arc::clone(&world)).await;
                world.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let Some(world) = $crate::harness::World::on_postgres().await else {
                    return;
                };
                let tell: fn(std::sync::Arc<$crate::harness::World>) -> _ = $tell;
                tell(std::sync::Arc::clone(&world)).await;
                world.end().await;
            }
        }
    };
}
pub(crate) use story;

pub struct World {
    pub app: Shared,
    pub clock: Clock,
    /// The platform's address.
    pub platform: Url,
    /// The sandbox's.
    pub sandbox: Url,
    /// An API key of the first client.
    pub key: String,
    door: Door,
    stop_sandbox: watch::Sender<bool>,
    running: std::sync::Mutex<Vec<JoinHandle<()>>>,
    _folder: tempfile::TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: bytes::Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The JSON of a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// Asserts the contract's error envelope with this status, and gives its text.
    #[track_caller]
    pub fn refused(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        let envelope = self.json();
        assert_eq!(envelope["statusCode"], json!(status));
        let id = envelope["correlationId"]
            .as_str()
            .expect("a correlation id");
        assert_eq!(Some(id), self.header("x-correlation-id"));
        assert!(envelope["service"].is_string() && envelope["canBeRetried"].is_string());
        format!(
            "{} {}",
            envelope["error"].as_str().expect("an error text"),
            envelope["validation"]
        )
    }
}

impl World {
    pub async fn on_sqlite() -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
        Self::start(url, folder, |_| {}).await
    }

    pub async fn on_postgres() -> Option<Arc<Self>> {
        let url = postgres_database().await?;
        Some(Self::start(url, tempfile::tempdir().unwrap(), |_| {}).await)
    }

    pub async fn start(
        database_url: String,
        folder: tempfile::TempDir,
        adjust: impl FnOnce(&mut Config),
    ) -> Arc<Self> {
        let listener = ports::listen();
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let sandbox_listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let platform = Url::parse(&format!(
            "http://localhost:{}",
            listener.local_addr().unwrap().port()
        ))
        .unwrap();
        let sandbox = Url::parse(&format!(
            "http://127.0.0.1:{}",
            sandbox_listener.local_addr().unwrap().port()
        ))
        .unwrap();
        let clock = Clock::held(beginning());

        let mut config = Config {
            database_url,
            public_url: platform.clone(),
            ..Config::default()
        };
        config.key_file = folder.path().join("moorline.key");
        config
            .egress
            .allow_private
            .push(sandbox.authority().to_owned());
        config.integrations.variables.insert(
            "sandbox".into(),
            sandbox.as_str().trim_end_matches('/').to_owned(),
        );
        config.sync.every_hours = 0;
        config.webhooks.allow_private.push("127.0.0.1".into());
        // Stories that are about limits set some.
        config.limits.requests_per_day = 0;
        config.limits.concurrent_per_company = 0;
        config.limits.requests_per_minute_per_address = 0;
        adjust(&mut config);
        let app = App::start(config, clock.clone()).await.unwrap();
        let (client, key) = moorline::cli::create_client(&app, "Harbour Lending")
            .await
            .unwrap();

        let (stop_sandbox, stopped) = watch::channel(false);
        let mut sandbox_config = sandbox::Config::new(sandbox.clone());
        let held = clock.clone();
        sandbox_config.clock = Arc::new(move || held.now());
        let secret = Secret::new("a secret of the sandbox");
        for (product, integration) in [
            (sandbox::Product::Accounting, "mqjo"),
            (sandbox::Product::Commerce, "aiwb"),
            (sandbox::Product::Banking, "qhnd"),
        ] {
            let id = format!("moorline-{product}");
            platform::credentials::oauth_clients::configure(
                &app,
                client.id,
                integration,
                &id,
                Some(&secret),
            )
            .await
            .unwrap();
            sandbox_config.clients.push(sandbox::Client {
                id,
                secret: secret.expose().to_owned(),
                name: "Harbour Lending".into(),
                redirect_uris: vec![
                    Url::parse(&platform::connecting::redirect_uri(&app, integration)).unwrap(),
                ],
                product,
            });
        }
        let sandbox_server = tokio::spawn(async move {
            let mut stopped = stopped;
            let until = async move {
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            sandbox::serve(sandbox_config, sandbox_listener, until)
                .await
                .unwrap();
        });
        let serving = Arc::clone(&app);
        let platform_server = tokio::spawn(async move {
            moorline::cli::until_stopped(serving, listener)
                .await
                .unwrap();
        });
        let policy = Policy {
            allow_private: [
                platform.authority().to_owned(),
                platform.authority().replace("localhost", "127.0.0.1"),
                sandbox.authority().to_owned(),
            ]
            .into(),
            total_timeout: Duration::from_secs(60),
            ..Policy::default()
        };
        Arc::new(Self {
            app,
            clock,
            platform,
            sandbox,
            key,
            door: Door::new(policy),
            stop_sandbox,
            running: std::sync::Mutex::new(vec![sandbox_server, platform_server]),
            _folder: folder,
        })
    }

    /// Stops everything, and fails when something can't stop.
    pub async fn end(&self) {
        self.app.stop.send_replace(true);
        self.stop_sandbox.send_replace(true);
        let running = std::mem::take(&mut *self.running.lock().unwrap());
        for task in running {
            tokio::time::timeout(Duration::from_secs(30), task)
                .await
                .expect("everything stops")
                .unwrap();
        }
        drop_postgres_database(&self.app.config.database_url).await;
    }

    /// Lets time pass for the platform and the sandbox, and wakes the workers.
    pub fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
        self.app.work.notify_one();
    }

    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        self.send_through(&self.door, method, url, headers, body)
            .await
    }

    /// The same through a door to somewhere else.
    pub async fn send_through(
        &self,
        door: &Door,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let url = if url.starts_with('/') {
            self.platform.join(url).unwrap()
        } else {
            Url::parse(url).unwrap()
        };
        let mut request = Request::new(method, url);
        for (name, value) in headers {
            request.headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        request.body = body.into();
        let (method, url) = (request.method.clone(), request.url.clone());
        let response = door.send(request).await.unwrap();
        let answer = Answer {
            status: response.status,
            headers: response.headers,
            body: response.body,
        };
        if url.port() == self.platform.port() {
            document::check(&method, url.path(), &answer);
        }
        answer
    }

    /// A request of the client's software, with its key.
    pub async fn client(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.with_key(&self.key, method, path, body).await
    }

    pub async fn with_key(
        &self,
        key: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let authorization = format!("Basic {}", STANDARD.encode(key));
        self.authorized(&authorization, method, path, body).await
    }

    pub async fn authorized(
        &self,
        authorization: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut headers = vec![("authorization", authorization)];
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = body
            .map(|body| body.to_string().into_bytes())
            .unwrap_or_default();
        self.send(method, path, &headers, body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.client(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.client(Method::POST, path, Some(body)).await
    }

    /// A new company's id.
    pub async fn company(&self, name: &str) -> String {
        self.post("/companies", json!({ "name": name })).await.ok()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A new connection, not yet authorised.
    pub async fn connection(&self, company: &str, key: &str) -> Value {
        self.post(
            &format!("/companies/{company}/connections"),
            json!({ "platformKey": key }),
        )
        .await
        .ok()
    }

    /// Withdraws the consent of the connection at a path, and gives what it is then.
    pub async fn disconnect(&self, path: &str) -> Value {
        let unlinked = json!({ "status": "Unlinked" });
        self.client(Method::PATCH, path, Some(unlinked)).await.ok()
    }

    /// A customer's browser, without cookies yet.
    pub fn customer(&self) -> Customer<'_> {
        Customer {
            world: self,
            cookies: Vec::new(),
        }
    }

    /// A company with a connection that its customer has authorised for a business of the sandbox.
    pub async fn linked(&self, key: &str, business: &str) -> (String, String) {
        let company = self.company("merchant-42").await;
        let connection = self.connection(&company, key).await;
        let id = connection["id"].as_str().unwrap().to_owned();
        self.customer()
            .link(connection["linkUrl"].as_str().unwrap(), business)
            .await;
        (company, id)
    }

    /// The same, once everything that linking queued has ended.
    pub async fn synced(&self, key: &str, business: &str) -> (String, String) {
        let (company, connection) = self.linked(key, business).await;
        self.settled(&company).await;
        (company, connection)
    }

    /// Waits until no pull of the company is under way, and gives the pull history.
    pub async fn settled(&self, company: &str) -> Vec<Value> {
        let path = format!("/companies/{company}/data/history?pageSize=1000");
        self.until("every pull has ended", || async {
            let history = self.get(&path).await.ok();
            let results = history["results"].as_array().unwrap().clone();
            let ended = !results.is_empty()
                && results
                    .iter()
                    .all(|operation| operation["completed"].is_string());
            ended.then_some(results)
        })
        .await
    }

    pub async fn status_of(&self, company: &str, connection: &str) -> Value {
        self.get(&format!("/companies/{company}/connections/{connection}"))
            .await
            .ok()["status"]
            .clone()
    }

    /// Waits for a condition, a minute at the most.
    pub async fn until<T, F: Future<Output = Option<T>>>(
        &self,
        what: impl Display,
        mut look: impl FnMut() -> F,
    ) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "still not so: {what}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks the sandbox's control.
    pub async fn provider(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let url = self.sandbox.join(&format!("/control/api/{path}")).unwrap();
        let headers: &[(&str, &str)] = if body.is_some() {
            &[("content-type", "application/json")]
        } else {
            &[]
        };
        let body = body
            .map(|body| body.to_string().into_bytes())
            .unwrap_or_default();
        let answer = self.send(method, url.as_str(), headers, body).await;
        answer.ok()
    }

    /// Takes back, at the sandbox, every grant that it gave.
    pub async fn revoke_grants(&self) {
        for grant in self
            .provider(Method::GET, "grants", None)
            .await
            .as_array()
            .unwrap()
        {
            let path = format!("grants/{}/revoke", grant["id"].as_str().unwrap());
            self.provider(Method::POST, &path, None).await;
        }
    }

    /// Arms a fault at the sandbox.
    pub async fn fault(&self, fault: Value) {
        self.provider(Method::POST, "faults", Some(fault)).await;
    }

    /// Another client organisation's key.
    pub async fn other_client(&self) -> String {
        moorline::cli::create_client(&self.app, "Somebody Else")
            .await
            .unwrap()
            .1
    }
}

/// A customer's browser: follows no redirect by itself, and keeps cookies.
pub struct Customer<'a> {
    pub world: &'a World,
    pub cookies: Vec<String>,
}

impl Customer<'_> {
    pub async fn open(&mut self, url: &str) -> Answer {
        self.request(Method::GET, url, &[]).await
    }

    /// Submits a form, as the page at the same origin would.
    pub async fn submit(&mut self, url: &str, form: &[(&str, &str)]) -> Answer {
        self.request(Method::POST, url, form).await
    }

    async fn request(&mut self, method: Method, url: &str, form: &[(&str, &str)]) -> Answer {
        let cookies = self.cookies.join("; ");
        let origin = self.world.platform.origin().ascii_serialization();
        let mut headers = vec![("cookie", cookies.as_str())];
        if method == Method::POST {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
            headers.push(("origin", &origin));
            headers.push(("sec-fetch-site", "same-origin"));
        }
        let body: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let answer = self
            .world
            .send(method, url, &headers, body.into_bytes())
            .await;
        for value in answer.headers.get_all("set-cookie") {
            let cookie = value
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .to_owned();
            let name = format!("{}=", cookie.split('=').next().unwrap());
            self.cookies.retain(|kept| !kept.starts_with(&name));
            self.cookies.push(cookie);
        }
        answer
    }

    /// Opens a link URL, agrees to everything on the start page, and gives the platform's authorization URL.
    pub async fn set_out(&mut self, link_url: &str) -> String {
        let page = self.open(link_url).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let url = Url::parse(link_url).unwrap();
        let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        // Every step of the page, answered.
        form.extend(fields(&page.text()));
        form.dedup_by(|a, b| a.0 == b.0);
        let pairs: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let action = format!(
            "{}{}",
            self.world.platform.origin().ascii_serialization(),
            url.path()
        );
        let answer = self.submit(&action, &pairs).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").unwrap().to_owned()
    }

    /// Answers at the platform, and gives the callback URL the browser is sent to.
    pub async fn consent(&self, authorization_url: &str, answer: Value) -> String {
        let mut body = json!({ "authorization_url": authorization_url, "person": "maya.okafor@practice.example" });
        body.as_object_mut()
            .unwrap()
            .extend(answer.as_object().unwrap().clone());
        let answered = self
            .world
            .provider(Method::POST, "answer", Some(body))
            .await;
        answered["redirect_to"].as_str().unwrap().to_owned()
    }

    /// All the way: link page, consent for a business, callback. Gives the answer to the callback.
    pub async fn link(&mut self, link_url: &str, business: &str) -> Answer {
        let authorization_url = self.set_out(link_url).await;
        let callback = self
            .consent(&authorization_url, json!({ "business": business }))
            .await;
        let answer = self.open(&callback).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer
    }
}

/// As an API key stands in the header.
pub fn encoded(key: &str) -> String {
    STANDARD.encode(key)
}

/// The fields of the first form of a page with their values; boxes are ticked.
fn fields(html: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for tag in html.split("<input").skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let attribute = |name: &str| {
            tag.split(&format!("{name}=\""))
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .map(str::to_owned)
        };
        if let Some(name) = attribute("name") {
            let value = attribute("value").unwrap_or_else(|| "on".into());
            if !fields.iter().any(|(known, _)| *known == name) {
                fields.push((name, unescape(&value)));
            }
        }
    }
    fields
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// A database of its own on the server that the environment names.
pub async fn postgres_database() -> Option<String> {
    let Ok(admin) = std::env::var("MOORLINE_TEST_POSTGRES") else {
        eprintln!("skipped: MOORLINE_TEST_POSTGRES names no server");
        return None;
    };
    let name = format!("story_{}", uuid::Uuid::new_v4().simple());
    let mut connection = sqlx::PgConnection::connect(&admin)
        .await
        .expect("the test server answers");
    connection
        .execute(sqlx::AssertSqlSafe(format!("create database {name}")))
        .await
        .unwrap();
    let mut url = Url::parse(&admin).unwrap();
    url.set_path(&name);
    Some(url.to_string())
}

/// Takes a story's database off the server again; a failed story's stays, to be looked at.
async fn drop_postgres_database(url: &str) {
    let (Ok(admin), Some((_, name))) = (
        std::env::var("MOORLINE_TEST_POSTGRES"),
        url.rsplit_once("/story_"),
    ) else {
        return;
    };
    let mut connection = sqlx::PgConnection::connect(&admin)
        .await
        .expect("the test server answers");
    connection
        .execute(sqlx::AssertSqlSafe(format!(
            "drop database if exists story_{name} with (force)"
        )))
        .await
        .unwrap();
}

impl World {
    /// Every row of every table, as text.
    pub async fn everything(&self) -> String {
        use sqlx::Row;
        let url = &self.app.config.database_url;
        let mut text = String::new();
        if let Some(path) = url.strip_prefix("sqlite:") {
            let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite:{path}"))
                .await
                .unwrap();
            let tables = sqlx::query(
                "select name from sqlite_schema where type = 'table' and name not like 'sqlite~_%' escape '~' order by name",
            );
            for table in tables.fetch_all(&mut connection).await.unwrap() {
                let table: String = table.get(0);
                let columns = sqlx::query("select name from pragma_table_info($1)").bind(&table);
                let columns = columns.fetch_all(&mut connection).await.unwrap();
                let quoted: Vec<String> = columns
                    .iter()
                    .map(|row| format!("quote(\"{}\")", row.get::<String, _>(0)))
                    .collect();
                let rows = format!(
                    "select {} from \"{table}\" order by 1",
                    quoted.join(" || ',' || ")
                );
                for row in sqlx::query(sqlx::AssertSqlSafe(rows))
                    .fetch_all(&mut connection)
                    .await
                    .unwrap()
                {
                    text.push_str(&format!("{table}: {}\n", row.get::<String, _>(0)));
                }
            }
        } else {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            let tables =
                "select tablename::text from pg_tables where schemaname = 'public' order by 1";
            for table in sqlx::query(tables)
                .fetch_all(&mut connection)
                .await
                .unwrap()
            {
                let table: String = table.get(0);
                let rows = format!("select t::text from \"{table}\" t order by 1");
                for row in sqlx::query(sqlx::AssertSqlSafe(rows))
                    .fetch_all(&mut connection)
                    .await
                    .unwrap()
                {
                    text.push_str(&format!("{table}: {}\n", row.get::<String, _>(0)));
                }
            }
        }
        text
    }

    /// The raw bytes of the database's files, where it has files of its own.
    pub fn database_files(&self) -> Option<Vec<u8>> {
        let path = self.app.config.database_url.strip_prefix("sqlite:")?;
        let mut bytes = std::fs::read(path).unwrap();
        for suffix in ["-wal", "-shm"] {
            bytes.extend(std::fs::read(format!("{path}{suffix}")).unwrap_or_default());
        }
        Some(bytes)
    }
}

impl World {
    /// The records pulled through a connection, as text, in order; without when and by which pull.
    pub async fn record_rows(&self, connection: &str) -> Vec<String> {
        use sqlx::Row;
        let id: uuid::Uuid = connection.parse().unwrap();
        let url = &self.app.config.database_url;
        let text = "select data_type, id, document, deleted from record where connection_id = $1 order by data_type, id";
        let row = |data_type: String, id: String, document: String, deleted: bool| {
            format!("{data_type} {id} {deleted} {document}")
        };
        if let Some(path) = url.strip_prefix("sqlite:") {
            let mut database = sqlx::SqliteConnection::connect(&format!("sqlite:{path}"))
                .await
                .unwrap();
            let rows = sqlx::query(text)
                .bind(id)
                .fetch_all(&mut database)
                .await
                .unwrap();
            let mut rows: Vec<String> = rows
                .iter()
                .map(|r| row(r.get(0), r.get(1), r.get(2), r.get(3)))
                .collect();
            rows.sort();
            rows
        } else {
            let mut database = sqlx::PgConnection::connect(url).await.unwrap();
            let rows = sqlx::query(text)
                .bind(id)
                .fetch_all(&mut database)
                .await
                .unwrap();
            let mut rows: Vec<String> = rows
                .iter()
                .map(|r| row(r.get(0), r.get(1), r.get(2), r.get(3)))
                .collect();
            rows.sort();
            rows
        }
    }

    /// Stops the platform but not the sandbox.
    pub async fn stop_platform(&self) {
        self.app.stop.send_replace(true);
        let platform = self.running.lock().unwrap().pop().unwrap();
        tokio::time::timeout(Duration::from_secs(30), platform)
            .await
            .expect("the platform stops")
            .unwrap();
    }
}
