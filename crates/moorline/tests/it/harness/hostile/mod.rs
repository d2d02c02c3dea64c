//! A hostile authorization server and API of the stories' own: one shape a tenant, steered while it runs.
//!
//! Each tenant is a platform of its own at `http://host/<key>/`, with its own manifest folder. Unsteered it is honest: codes are
//! used once, refresh tokens rotate, a spent one that comes again ends its grant, tokens expire by the story's clock. A story
//! answers in an endpoint's place ([`Tenant::instead`]), dresses the honest answer ([`Tenant::dress`]) or holds it back
//! ([`Tenant::hold`]). Its list of living grants stays true meanwhile.

mod answers;
mod tenant;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::IntoResponse;
use chrono::TimeDelta;
use egress::Secret;
use platform::app::App;
use platform::credentials::TokenError;
use platform::work::chores_once;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub use self::answers::{Asked, Reply};
pub use self::tenant::{CLIENT_ID, CLIENT_SECRET, Hold, Reach, Tenant};
use super::{Answer, Customer, World, postgres_database};
use crate::connecting::imported_tokens::import_body;

const MANIFEST: &str = r#"
key = "KEY"
name = "Quayside KEY"
source_type = "Accounting"
integration_id = "INTEGRATION"
source_id = "SOURCE"

[variables]
host = "http://nowhere.invalid"

[auth]
kind = "oauth2"
authorize_url = "${host}/authorize"
token_url = "${host}/token"
client_authentication = "AUTHENTICATION"
pkce = false
AUTH

[identity]
path = "${host}/me"
map = "identity.jq"

[api]
base_url = "${host}/v1"
error_message = "error"
API

[[data]]
type = "customers"
path = "/customers"
paging = { style = "none" }
items = "items"
map = "customer.jq"

[[data]]
type = "suppliers"
path = "/suppliers"
paging = { style = "none" }
items = "items"
map = "customer.jq"

[[write]]
type = "customers"
options = "options.json"
map = "write.jq"
create = { method = "POST", path = "/new-customers" }
result = "customer"
"#;

const OPTIONS: &str = r#"{"type": "Object", "displayName": "Customer", "description": "A customer.", "required": true, "properties": {
    "customerName": {"type": "String", "displayName": "Name", "description": "Its name.", "required": true}}}"#;

/// A tenant's manifest.
#[derive(Clone, Copy, Debug)]
pub struct Play {
    /// Four lower-case letters.
    pub key: &'static str,
    pub client_authentication: &'static str,
    /// Further lines of `[auth]`.
    pub auth: &'static str,
    /// Further lines of `[api]`.
    pub api: &'static str,
}

impl Play {
    pub const fn of(key: &'static str) -> Self {
        Self {
            key,
            client_authentication: "basic",
            auth: "revoke_url = \"${host}/revoke\"",
            api: "",
        }
    }

    /// Writes the manifest's folder.
    pub fn write(&self, folder: &Path) {
        let id = || store::clock::random_id().to_string();
        let manifest = MANIFEST
            .replace("KEY", self.key)
            .replace("INTEGRATION", &id())
            .replace("SOURCE", &id())
            .replace("AUTHENTICATION", self.client_authentication)
            .replace("AUTH\n", &format!("{}\n", self.auth))
            .replace("API\n", &format!("{}\n", self.api));
        std::fs::create_dir_all(folder).unwrap();
        for (name, content) in [
            ("manifest.toml", manifest.as_str()),
            ("identity.jq", "{id: .id, companyName: .name}"),
            ("customer.jq", "{id: .id, status: \"Active\"}"),
            ("write.jq", "{name: .record.customerName}"),
            ("options.json", OPTIONS),
        ] {
            std::fs::write(folder.join(name), content).unwrap();
        }
    }
}

/// A world whose integrations include hostile tenants, by their keys.
pub struct Hostile {
    pub world: Arc<World>,
    pub tenants: BTreeMap<&'static str, Arc<Tenant>>,
    first: &'static str,
    /// The folder that holds the tenants' manifests, each in a folder named by its key.
    pub folder: TempDir,
    serving: tokio::task::JoinHandle<()>,
}

impl Hostile {
    pub async fn on_sqlite(plays: &[Play]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
        Self::on(plays, url, folder).await
    }

    pub async fn on_postgres(plays: &[Play]) -> Option<Self> {
        let url = postgres_database().await?;
        Some(Self::on(plays, url, tempfile::tempdir().unwrap()).await)
    }

    /// On the database of a URL; the folder is kept for as long as the world.
    pub async fn on(plays: &[Play], url: String, database: TempDir) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let folder = tempfile::tempdir().unwrap();
        for play in plays {
            play.write(&folder.path().join(play.key));
        }
        let (dirs, address) = (folder.path().to_owned(), host.clone());
        let world = World::start(url, database, |config| {
            config.integrations.dirs.push(dirs);
            for play in plays {
                let at = format!("http://{address}/{}", play.key);
                let variables = &mut config.integrations.variables;
                variables.insert(format!("{}.host", play.key), at);
            }
            config.egress.allow_private.push(address);
        })
        .await;
        let client = store::clients::list(&world.app.db).await.unwrap()[0].id;
        let (mut tenants, under_way) = (BTreeMap::new(), Arc::default());
        for play in plays {
            let tenant = Arc::new(Tenant::new(world.clock.clone(), Arc::clone(&under_way)));
            let listed = Arc::clone(&tenant);
            world.watch_grants(play.key, Arc::new(move || listed.living()));
            tenants.insert(play.key, tenant);
            let secret = Secret::new(CLIENT_SECRET);
            platform::credentials::oauth_clients::configure(
                &world.app,
                client,
                play.key,
                CLIENT_ID,
                Some(&secret),
            )
            .await
            .unwrap();
        }
        let serving = serve(listener, tenants.clone(), world.clock.clone());
        Self {
            world,
            tenants,
            first: plays[0].key,
            folder,
            serving,
        }
    }

    pub async fn end(&self) {
        self.world.end().await;
        self.serving.abort();
    }

    /// The first tenant.
    pub fn tenant(&self) -> &Arc<Tenant> {
        &self.tenants[self.first]
    }

    /// A new company with a connection to the first tenant: their ids.
    pub async fn fresh(&self) -> (String, String) {
        self.fresh_at(self.first).await
    }

    pub async fn fresh_at(&self, key: &str) -> (String, String) {
        let company = self.world.company("merchant-42").await;
        let connection = self.world.connection(&company, key).await;
        (company, connection["id"].as_str().unwrap().to_owned())
    }

    /// The address of the platform's page to which the customer is sent.
    pub async fn set_out(
        &self,
        customer: &mut Customer<'_>,
        (company, connection): &(String, String),
    ) -> String {
        let path = format!("/companies/{company}/connections/{connection}");
        let link = self.world.get(&path).await.ok()["linkUrl"].clone();
        customer.set_out(link.as_str().unwrap()).await
    }

    /// The customer agrees at the first tenant and comes back: the answer to the callback.
    pub async fn come_back(&self, ids: &(String, String), account: &str) -> Answer {
        self.come_back_from(self.first, ids, account).await
    }

    pub async fn come_back_from(&self, key: &str, ids: &(String, String), account: &str) -> Answer {
        let mut customer = self.world.customer();
        let authorization = self.set_out(&mut customer, ids).await;
        let callback = self.tenants[key].consent(&authorization, account);
        customer.open(&callback).await
    }

    /// A company with a connection that is Linked to an account of the first tenant.
    pub async fn linked(&self, account: &str) -> (String, String) {
        self.linked_at(self.first, account).await
    }

    pub async fn linked_at(&self, key: &str, account: &str) -> (String, String) {
        let ids = self.fresh_at(key).await;
        let answer = self.come_back_from(key, &ids, account).await;
        let result = answer.header("location").unwrap_or_default();
        assert!(result.contains("status=200"), "{} {result}", answer.text());
        ids
    }

    /// The same, with its first pulls ended.
    pub async fn synced(&self, account: &str) -> (String, String) {
        let ids = self.linked(account).await;
        self.world.settled(&ids.0).await;
        ids
    }

    /// Connections to accounts of a tenant, by tokens that were obtained elsewhere: nothing is pulled.
    pub async fn brought(&self, key: &str, number: usize) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for at in 0..number {
            let ids = self.fresh_at(key).await;
            let tokens = self.tenants[key].authorised_elsewhere(&format!("{key}-{at}"));
            let path = format!("/companies/{}/connections/{}/authorization", ids.0, ids.1);
            let body = Some(import_body(&tokens));
            self.world.client(Method::PUT, &path, body).await.ok();
            all.push(ids);
        }
        all
    }

    /// The connection's access token, renewed if it must be.
    pub async fn access(&self, (_, connection): &(String, String)) -> Result<String, TokenError> {
        access_by(&self.world.app, connection).await
    }

    /// Lets time pass, in rounds of chores, until every connection's access token can be had after an outage. A renewal that was on
    /// its way when the outage ended may be noted as failed after it, and begin one more pause.
    pub async fn recover(&self, all: &[(String, String)]) {
        for ids in all {
            self.world
                .until("access recovers", || async {
                    if self.access(ids).await.is_ok() {
                        return Some(());
                    }
                    chores_once(&self.world.app).await.unwrap();
                    self.world.pass(TimeDelta::seconds(15));
                    None
                })
                .await;
        }
    }

    /// Queues a pull, and waits for its end while time passes.
    pub async fn pulled(&self, (company, _): &(String, String), data_type: &str) -> Value {
        let queued = self.world.queue_pull(company, data_type).await;
        let id = queued["id"].as_str().unwrap();
        let path = format!("/companies/{company}/data/history/{id}");
        self.ended_at(&path, "completed").await
    }

    /// Waits for the end of the newest pull of a type while time passes.
    pub async fn pulled_first(&self, (company, _): &(String, String), data_type: &str) -> Value {
        let history = format!("/companies/{company}/data/history?pageSize=1000");
        let pulls = self.world.get(&history).await.ok();
        let pulls = pulls["results"].as_array().unwrap();
        let of_type = pulls.iter().find(|pull| pull["dataType"] == data_type);
        let id = of_type.expect("a pull of the type")["id"].as_str().unwrap();
        let path = format!("/companies/{company}/data/history/{id}");
        self.ended_at(&path, "completed").await
    }

    /// Waits until a resource has a member, while time passes.
    pub async fn ended_at(&self, path: &str, member: &str) -> Value {
        self.world
            .until(format!("{path} has {member}"), || async {
                let now = self.world.get(path).await.ok();
                if now[member].is_string() {
                    return Some(now);
                }
                self.world.pass(TimeDelta::seconds(1));
                None
            })
            .await
    }

    /// A connection as the client sees it.
    pub async fn shown(&self, (company, connection): &(String, String)) -> Value {
        let path = format!("/companies/{company}/connections/{connection}");
        self.world.get(&path).await.ok()
    }
}

/// The connection's access token as a node gives it.
pub async fn access_by(app: &App, connection: &str) -> Result<String, TokenError> {
    let id = connection.parse().unwrap();
    let row = store::connections::find(&app.db, id).await?.unwrap();
    let token = platform::credentials::access(app, &row).await?;
    Ok(token.secret.expose().to_owned())
}

fn serve(
    listener: TcpListener,
    tenants: BTreeMap<&'static str, Arc<Tenant>>,
    clock: store::clock::Clock,
) -> tokio::task::JoinHandle<()> {
    let router = axum::Router::new().fallback(
        move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let key = uri.path().trim_start_matches('/').split('/').next();
            let tenant = tenants.get(key.unwrap_or_default()).cloned();
            let asked = Asked::new(method, &uri, &headers, &body, clock.now());
            async move {
                match tenant {
                    Some(tenant) => tenant.answer(asked).await.into_response(),
                    None => StatusCode::NOT_FOUND.into_response(),
                }
            }
        },
    );
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() })
}

/// Runs one story on both databases, with tenants of these plays.
macro_rules! hostile_story {
    ($name:ident, $plays:expr, $tell:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let stage = std::sync::Arc::new(Hostile::on_sqlite(&$plays).await);
                let tell: fn(std::sync::Arc<Hostile>) -> _ = $tell;
                tell(std::sync::Arc::clone(&stage)).await;
                stage.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let Some(stage) = Hostile::on_postgres(&$plays).await else {
                    return;
                };
                let stage = std::sync::Arc::new(stage);
                let tell: fn(std::sync::Arc<Hostile>) -> _ = $tell;
                tell(std::sync::Arc::clone(&stage)).await;
                stage.end().await;
            }
        }
    };
}
pub(crate) use hostile_story;
