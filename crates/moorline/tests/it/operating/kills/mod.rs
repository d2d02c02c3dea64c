//! `kill -9` at every phase of linking and syncing: what was acknowledged is there, work resumes, nothing doubles.
//!
//! The platform runs as a process of its own; the sandbox lives on in the test. There are fifty kills on the two databases
//! together; `MOORLINE_TEST_KILLS` sets the number on each for the soak run. On PostgreSQL each kill waits for a dead worker's
//! lease, so that many kills are divided among several platforms.

mod keyed_requests;
mod migrations;
mod webhooks;

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::harness::{Customer, World, postgres_database};

pub const BUSINESS: &str = "lindqvist-snickeri";

/// The phase in which a kill happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// The customer is at the platform; the state is stored.
    Underway,
    /// The code was taken; the platform is working on the tokens.
    Exchanging,
    /// The customer has just seen that linking succeeded.
    Acknowledged,
    /// The first pages are on their way.
    FirstPages,
    /// Some pages are stored.
    BetweenPages,
    /// Some datasets are complete.
    SomeComplete,
}

const PHASES: [Phase; 6] = [
    Phase::Underway,
    Phase::Exchanging,
    Phase::Acknowledged,
    Phase::FirstPages,
    Phase::BetweenPages,
    Phase::SomeComplete,
];

/// The platform as a process. It shares database, key and addresses with a world whose own platform has stopped.
pub struct Process {
    world: Arc<World>,
    /// Environment variables beyond those of every such process.
    pub environment: Vec<(&'static str, String)>,
    /// A port of its own, for one of several nodes: the world's requests go to the world's.
    pub port: Option<u16>,
    child: Option<Child>,
}

impl Process {
    pub fn of(world: &Arc<World>) -> Self {
        Self {
            world: Arc::clone(world),
            environment: Vec::new(),
            port: None,
            child: None,
        }
    }

    pub async fn start(&mut self) {
        let config = &self.world.app.config;
        let port = self.port.or(self.world.platform.port()).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_moorline"))
            .arg("serve")
            .env("MOORLINE_LISTEN", format!("127.0.0.1:{port}"))
            .env("MOORLINE_PUBLIC_URL", self.world.platform.as_str())
            .env("MOORLINE_DATABASE_URL", &config.database_url)
            .env("MOORLINE_KEY_FILE", &config.key_file)
            .env(
                "MOORLINE_EGRESS__ALLOW_PRIVATE",
                json!(config.egress.allow_private).to_string(),
            )
            .env(
                "MOORLINE_INTEGRATIONS__VARIABLES",
                toml_table(&config.integrations.variables),
            )
            .env(
                "MOORLINE_WEBHOOKS__ALLOW_PRIVATE",
                json!(config.webhooks.allow_private).to_string(),
            )
            .env("MOORLINE_SYNC__EVERY_HOURS", "0")
            .env("MOORLINE_LIMITS__REQUESTS_PER_DAY", "0")
            .env("MOORLINE_LIMITS__CONCURRENT_PER_COMPANY", "0")
            .env("MOORLINE_LIMITS__REQUESTS_PER_MINUTE_PER_ADDRESS", "0")
            .env("MOORLINE_LOG__FILTER", "warn")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        self.world
            .until("the platform listens", || async {
                TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop)
            })
            .await;
    }

    /// Sends SIGKILL, and waits for the process's end.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Sends a signal: `-STOP` freezes the process, `-CONT` lets it go on.
    pub fn signal(&self, signal: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Sends SIGTERM, as a service manager does, and waits for the process to end by itself.
    pub async fn stop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        let id = child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
        let ended = tokio::task::spawn_blocking(move || child.wait().unwrap());
        assert!(ended.await.unwrap().success(), "the process ended well");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn toml_table(variables: &BTreeMap<String, String>) -> String {
    let entries: Vec<String> = variables
        .iter()
        .map(|(name, value)| format!("{name:?} = {value:?}"))
        .collect();
    format!("{{ {} }}", entries.join(", "))
}

/// Every stored record of a connection, without the columns that differ between runs.
pub async fn rows(world: &World, connection: &str) -> Vec<String> {
    let rows = world.record_rows(connection).await;
    assert!(!rows.is_empty());
    rows
}

pub async fn finish(world: &World, company: &str, connection: &str) {
    let began = Instant::now();
    let history = world.settled(company).await;
    assert!(
        began.elapsed() < Duration::from_secs(30),
        "work resumed late: {:?}",
        began.elapsed()
    );
    for operation in history {
        assert_eq!(operation["status"], "Complete", "{operation}");
    }
    assert_eq!(world.status_of(company, connection).await, "Linked");
}

/// Links again until it works, as a customer would, with a fresh link each time.
async fn link_until_it_works(world: &World, company: &str, connection: &str) {
    let shown = world
        .get(&format!("/companies/{company}/connections/{connection}"))
        .await
        .ok();
    if shown["status"] == "Linked" {
        return;
    }
    world
        .customer()
        .link(shown["linkUrl"].as_str().unwrap(), BUSINESS)
        .await;
    assert_eq!(world.status_of(company, connection).await, "Linked");
}

async fn one_kill(process: &mut Process, phase: Phase, turn: usize) -> (String, String) {
    let world = Arc::clone(&process.world);
    let company = world.company(&format!("merchant-{turn}")).await;
    let connection = world.connection(&company, "aiwb").await;
    let (id, link_url) = (
        connection["id"].as_str().unwrap().to_owned(),
        connection["linkUrl"].as_str().unwrap().to_owned(),
    );
    let mut customer = world.customer();
    if phase >= Phase::FirstPages {
        // Slow answers make the window that the kill must fall into.
        world
            .fault(json!({ "kind": "api_delay", "delay_ms": 40 }))
            .await;
    }
    let authorization = customer.set_out(&link_url).await;
    if phase == Phase::Underway {
        process.kill();
        process.start().await;
        let callback = customer
            .consent(&authorization, json!({ "business": BUSINESS }))
            .await;
        assert_eq!(
            customer.open(&callback).await.status,
            303,
            "a link survives a crash"
        );
    } else {
        let callback = customer
            .consent(&authorization, json!({ "business": BUSINESS }))
            .await;
        match phase {
            Phase::Exchanging => exchange_and_kill(process, &customer, &callback).await,
            _ => {
                assert_eq!(customer.open(&callback).await.status, 303);
            }
        }
    }
    match phase {
        Phase::Underway | Phase::Exchanging => {}
        Phase::Acknowledged => process.kill(),
        Phase::FirstPages => {
            world
                .until("the first pages are requested", || async {
                    count_api_calls(&world).await.gt(&0).then_some(())
                })
                .await;
            process.kill();
        }
        Phase::BetweenPages | Phase::SomeComplete => {
            let condition = if phase == Phase::BetweenPages {
                "progress>0"
            } else {
                "status=Complete"
            };
            let query = condition.replace('>', "%3E").replace('=', "%3D");
            let path = format!("/companies/{company}/data/history?query={query}");
            world
                .until(condition, || async {
                    let found = world.get(&path).await.ok()["totalResults"]
                        .as_i64()
                        .unwrap();
                    (found > 0).then_some(())
                })
                .await;
            process.kill();
        }
    }
    if process.child.is_none() {
        process.start().await;
    }
    world.provider(Method::DELETE, "faults", None).await;
    if phase >= Phase::Acknowledged {
        assert_eq!(
            world.status_of(&company, &id).await,
            "Linked",
            "what was acknowledged is there"
        );
    }
    link_until_it_works(&world, &company, &id).await;
    finish(&world, &company, &id).await;
    (company, id)
}

async fn count_api_calls(world: &World) -> i64 {
    let calls = world.provider(Method::GET, "calls", None).await;
    let api = calls["api"].as_object().cloned().unwrap_or_default();
    api.iter()
        .filter(|(path, _)| path.contains("orders"))
        .filter_map(|(_, count)| count["received"].as_i64())
        .sum()
}

async fn exchange_and_kill(process: &mut Process, customer: &Customer<'_>, callback: &str) {
    let world = Arc::clone(&process.world);
    world
        .fault(json!({ "kind": "token_delay", "delay_ms": 400 }))
        .await;
    let before = count_token_calls(&world).await;
    let (callback, cookies) = (callback.to_owned(), customer.cookies.clone());
    let sent = Arc::clone(&world);
    let answer = tokio::spawn(async move {
        let mut customer = sent.customer();
        customer.cookies = cookies;
        customer.open(&callback).await
    });
    world
        .until("the token call is under way", || async {
            (count_token_calls(&world).await > before).then_some(())
        })
        .await;
    process.kill();
    assert!(answer.await.is_err(), "the browser got no answer");
}

pub async fn count_token_calls(world: &World) -> i64 {
    let calls: Value = world.provider(Method::GET, "calls", None).await;
    calls["token"]["authorization_code"]["received"]
        .as_i64()
        .unwrap_or(0)
}

async fn survive(world: Arc<World>, kills: usize) {
    // An uninterrupted run to compare with, by the world's own platform.
    let (_, whole) = world.synced("aiwb", BUSINESS).await;
    let expected = rows(&world, &whole).await;
    world.stop_platform().await;

    let mut process = Process::of(&world);
    process.start().await;
    let mut hits: BTreeMap<Phase, usize> = BTreeMap::new();
    for turn in 0..kills {
        let phase = PHASES[turn % PHASES.len()];
        world.provider(Method::DELETE, "calls", None).await;
        let (_, connection) = one_kill(&mut process, phase, turn).await;
        *hits.entry(phase).or_default() += 1;
        let found = rows(&world, &connection).await;
        assert_eq!(
            found.len(),
            expected.len(),
            "{phase:?}: nothing is missing or doubled"
        );
        assert!(
            found == expected,
            "{phase:?}: the rows are those of an uninterrupted run"
        );
    }
    for phase in PHASES {
        assert!(
            hits.get(&phase).copied().unwrap_or(0) > 0,
            "{phase:?} was never hit"
        );
    }
    eprintln!("kills: {hits:?}");
    process.kill();
    world.end().await;
}

/// The number of kills on a database that the environment requests, or else `usual`.
pub fn kills_requested(usual: usize) -> usize {
    std::env::var("MOORLINE_TEST_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

/// Divides kills on PostgreSQL among platforms, each with a database of its own.
pub async fn share_among_platforms<F: Future<Output = ()>>(
    kills: usize,
    survive: impl Fn(Arc<World>, usize) -> F,
) {
    const PLATFORMS: usize = 6;
    let platforms = (kills / PHASES.len()).clamp(1, PLATFORMS);
    join_all((0..platforms).map(async |_| {
        if let Some(url) = postgres_database().await {
            let world = World::start(url, tempfile::tempdir().unwrap(), |_| {}).await;
            survive(world, kills.div_ceil(platforms)).await;
        }
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_platform_goes_on_where_it_was_on_sqlite() {
    survive(World::on_sqlite().await, kills_requested(38)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_platform_goes_on_where_it_was_on_postgres() {
    share_among_platforms(kills_requested(12), survive).await;
}
