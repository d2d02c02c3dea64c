//! The world of a story: a platform on a database of its own, the sandbox as its provider, and a clock that stands still.

pub mod command_line;
pub mod computer;
mod customer;
mod database;
pub mod document;
mod grants;
pub mod hostile;
pub mod node;
pub mod own_platform;
pub mod ports;
mod pulls;
pub mod receiver;
mod uploads;

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use egress::{Door, Policy, Request, Secret};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use platform::app::config::Config;
use platform::app::{App, Shared};
use serde_json::{Value, json};
use store::clock::Clock;
use store::model::ClientId;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

pub use customer::{Customer, fields as fields_of};
pub use database::postgres_database;
pub use node::Node;
pub use uploads::a_file;

use database::drop_postgres_database;

/// The time at which every story begins.
pub fn beginning() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-06-15T09:30:00Z")
        .unwrap()
        .to_utc()
}

/// Runs one story on both databases. PostgreSQL's is skipped, visibly, if `MOORLINE_TEST_POSTGRES` isn't set.
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
    /// The sandbox's address.
    pub sandbox: Url,
    /// An API key of the first client.
    pub key: String,
    door: Door,
    stop_sandbox: watch::Sender<bool>,
    running: std::sync::Mutex<Vec<JoinHandle<()>>>,
    /// The living grants of platforms beside the sandbox.
    further_grants: std::sync::Mutex<Vec<(String, grants::Living)>>,
    /// True once a story has written to the database past the platform.
    tampered: AtomicBool,
    /// The reason why a story may end with other grants than connections.
    grants_may_differ: std::sync::Mutex<Option<&'static str>>,
    _folder: tempfile::TempDir,
}

/// An HTTP answer.
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

    /// Asserts the contract's error envelope with this status, and returns its text.
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

    /// With the books that the sandbox makes of a seed.
    pub async fn on_sqlite_with_books(seed: u64) -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
        Self::start_with_books(url, folder, seed, |_| {}).await
    }

    /// With the books that the sandbox makes of a seed.
    pub async fn on_postgres_with_books(seed: u64) -> Option<Arc<Self>> {
        let url = postgres_database().await?;
        let folder = tempfile::tempdir().unwrap();
        Some(Self::start_with_books(url, folder, seed, |_| {}).await)
    }

    pub async fn start(
        database_url: String,
        folder: tempfile::TempDir,
        adjust: impl FnOnce(&mut Config),
    ) -> Arc<Self> {
        Self::start_with_books(database_url, folder, 1, adjust).await
    }

    async fn start_with_books(
        database_url: String,
        folder: tempfile::TempDir,
        seed: u64,
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
        // Stories about limits set their own.
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
        sandbox_config.seed = seed;
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
                    Url::parse(&platform::access::links::redirect_uri(&app, integration)).unwrap(),
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
        let platform_server = node::serve(&app, listener);
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
            further_grants: std::sync::Mutex::default(),
            tampered: AtomicBool::new(false),
            grants_may_differ: std::sync::Mutex::default(),
            _folder: folder,
        })
    }

    /// Stops everything, and fails if something doesn't stop, if grants and connections don't match, or if the record isn't what
    /// happened.
    pub async fn end(&self) {
        let stopped = *self.app.stop.borrow();
        let excused = self.grants_may_differ.lock().unwrap().is_some();
        if !stopped && !excused {
            self.assert_grants_match().await;
        }
        self.the_record_is_whole().await;
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

    /// Sends a request through another door.
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

    /// Withdraws the consent of the connection at a path, and returns the connection.
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

    /// A linked connection whose first pulls have ended.
    pub async fn synced(&self, key: &str, business: &str) -> (String, String) {
        let (company, connection) = self.linked(key, business).await;
        self.settled(&company).await;
        (company, connection)
    }

    /// The payloads of a company's events of a type, oldest first.
    pub async fn event_payloads(&self, company: &str, event_type: &str) -> Vec<Value> {
        let company = company.parse().unwrap();
        let client = store::companies::owner(&self.app.db, company).await;
        let client = client.unwrap().unwrap();
        let events = store::events::of_company_after(&self.app.db, client, company, 0).await;
        let events = events.unwrap();
        let of_type = events
            .iter()
            .filter(|event| event.kind.as_str() == event_type);
        of_type
            .map(|event| serde_json::from_str(&event.payload).unwrap())
            .collect()
    }

    pub async fn status_of(&self, company: &str, connection: &str) -> Value {
        self.get(&format!("/companies/{company}/connections/{connection}"))
            .await
            .ok()["status"]
            .clone()
    }

    /// Waits for a condition, at most a minute.
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

    /// Sends a request to the sandbox's control API.
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

    /// Revokes every grant at the sandbox.
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

    /// The client that every story begins with.
    pub async fn first_client(&self) -> ClientId {
        let clients = store::clients::list(&self.app.db).await.unwrap();
        let of_stories = |client: &&store::clients::Client| client.name == "Harbour Lending";
        clients.iter().find(of_stories).unwrap().id
    }

    /// Another client organisation's key.
    pub async fn other_client(&self) -> String {
        moorline::cli::create_client(&self.app, "Somebody Else")
            .await
            .unwrap()
            .1
    }
}

/// An API key, encoded for the Authorization header.
pub fn encoded(key: &str) -> String {
    STANDARD.encode(key)
}

impl World {
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
