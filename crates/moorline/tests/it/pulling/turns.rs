//! The order of the queue: classes, clients and connections in turn, slow platforms, kinds that only a newer version knows.

use std::sync::Arc;

use chrono::TimeDelta;
use egress::Secret;
use http::Method;
use platform::app::config::Config;
use serde_json::{Value, json};

use crate::harness::command_line::{self, assert_prints};
use crate::harness::{World, postgres_database, story};

const JOINER: &str = "lindqvist-snickeri";
const STUDIO: &str = "studio-veldhuis";
const INVOICES: &str = "/accounting/v2/sales_documents";

async fn start(database: String, adjust: fn(&mut Config)) -> Arc<World> {
    let folder = tempfile::tempdir().unwrap();
    let database = database.replace("FOLDER", &folder.path().display().to_string());
    World::start(database, folder, adjust).await
}

/// A story on both databases, in a program with settings of its own.
macro_rules! adjusted_story {
    ($name:ident, $adjust:expr, $tell:ident) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let world = start("sqlite:FOLDER/moorline.db".into(), $adjust).await;
                $tell(&world).await;
                world.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(database) = postgres_database().await {
                    let world = start(database, $adjust).await;
                    $tell(&world).await;
                    world.end().await;
                }
            }
        }
    };
}

/// A pull that has the only place, until the faults are cleared. Returns its company.
async fn hold_the_only_place(world: &World) -> String {
    let (company, _) = world.synced("mqjo", JOINER).await;
    world
        .fault(json!({ "kind": "api_delay", "delay_ms": 50_000, "path": INVOICES }))
        .await;
    let queued = world.queue_pull(&company, "invoices").await;
    let id = queued["id"].as_str().unwrap();
    let path = format!("/companies/{company}/data/history/{id}");
    world
        .until("the slow pull is on its way", || async {
            (world.get(&path).await.ok()["status"] == "Fetching").then_some(())
        })
        .await;
    company
}

/// The calls of the sandbox's APIs for data and writes since the faults were cleared, as method, path and business.
async fn calls(world: &World) -> Vec<(String, String, String)> {
    let calls = world.provider(Method::GET, "calls", None).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let recent = calls["recent"].as_array().unwrap().iter().rev();
    recent
        .map(|call| {
            (
                text(&call["method"]),
                text(&call["path"]),
                text(&call["who"]),
            )
        })
        .filter(|(_, path, _)| !path.contains("oauth") && !path.contains("whoami"))
        .collect()
}

async fn release(world: &World) {
    world.provider(Method::DELETE, "calls", None).await;
    world.provider(Method::DELETE, "faults", None).await;
}

/// Waits until no job is left.
async fn idle(world: &World) {
    world
        .until("every job is done", || async {
            let depth = store::jobs::depth(&world.app.db).await.unwrap();
            (depth.waiting == 0).then_some(())
        })
        .await;
}

async fn come_in_their_order(world: &Arc<World>) {
    world.pull_every(24).await;
    let (other, connection) = world.synced("mqjo", STUDIO).await;
    let _company = hold_the_only_place(world).await;
    // The least urgent first: each would be served in this order if all were alike.
    world.pass(TimeDelta::hours(25));
    world.queue_due().await;
    let path = format!("/companies/{other}/connections/{connection}/push/customers");
    let record = json!({ "customerName": "Quay", "status": "Active" });
    world.post(&path, record).await.ok();
    let custom = world.company("merchant-44").await;
    let requested = world.connection(&custom, "aiwb").await;
    let link = requested["linkUrl"].as_str().unwrap().to_owned();
    world.customer().link(&link, JOINER).await;
    release(world).await;
    idle(world).await;
    let calls = calls(world).await;
    let last_of = |what: &str| {
        calls
            .iter()
            .rposition(|call| call.1.contains(what))
            .unwrap()
    };
    let write = calls.iter().position(|call| call.0 == "POST").unwrap();
    let due = calls
        .iter()
        .position(|call| call.0 == "GET" && call.1.contains("/accounting/") && call.1 != INVOICES)
        .unwrap();
    assert!(
        last_of("/commerce/") < write,
        "the first link's pulls first: {calls:#?}"
    );
    assert!(write < due, "the write before what is due: {calls:#?}");
}

fn one_place(config: &mut Config) {
    config.jobs_at_once = 1;
}

adjusted_story!(
    first_links_come_first_then_writes_then_what_is_due,
    one_place,
    come_in_their_order
);

async fn take_turns(world: &Arc<World>) {
    world.pull_every(24).await;
    // Two companies of one client, then one of another, which is the last to be due.
    let mut businesses = Vec::new();
    for business in [JOINER, STUDIO] {
        let (company, _) = world.synced("qhnd", business).await;
        businesses.push(company);
    }
    let key = world.other_client().await;
    let clients = store::clients::list(&world.app.db).await.unwrap();
    let other = clients
        .iter()
        .find(|client| client.name == "Somebody Else")
        .unwrap();
    let secret = Secret::new("a secret of the sandbox");
    let configured = platform::credentials::oauth_clients::configure(
        &world.app,
        other.id,
        "qhnd",
        "moorline-banking",
        Some(&secret),
    );
    configured.await.unwrap();
    let post = async |path: &str, body: Value| {
        let answer = world.with_key(&key, Method::POST, path, Some(body)).await;
        answer.ok()
    };
    let mut held = world
        .with_key(&key, Method::GET, "/profile/syncSettings", None)
        .await
        .ok();
    for setting in held["settings"].as_array_mut().unwrap() {
        setting["syncSchedule"] = json!(24);
    }
    held["overridesDefaults"] = json!(true);
    post("/profile/syncSettings", held).await;
    world.pass(TimeDelta::seconds(1));
    let company = post("/companies", json!({ "name": "merchant-1" })).await["id"].clone();
    let company = company.as_str().unwrap();
    let path = format!("/companies/{company}/connections");
    let connection = post(&path, json!({ "platformKey": "qhnd" })).await;
    let link = connection["linkUrl"].as_str().unwrap().to_owned();
    world.customer().link(&link, "harbour-lane-cafe").await;
    idle(world).await;

    hold_the_only_place(world).await;
    world.pass(TimeDelta::hours(25));
    world.queue_due().await;
    release(world).await;
    idle(world).await;
    let calls = calls(world).await;
    let banking = calls.iter().filter(|call| call.1.contains("/banking/"));
    let mut turns: Vec<&str> = banking.map(|call| call.2.as_str()).collect();
    // One pull may take several calls.
    turns.dedup();
    let first = &turns[..8.min(turns.len())];
    let of = |business: &str| first.iter().filter(|who| **who == business).count();
    let numbers = ["harbour-lane-cafe", JOINER, STUDIO].map(of);
    assert_eq!(
        numbers,
        [4, 2, 2],
        "half of the turns are the other client's: {turns:#?}"
    );
}

adjusted_story!(
    clients_and_their_connections_come_in_turn,
    one_place,
    take_turns
);

async fn slow_platforms_take_their_share(world: &Arc<World>) {
    world.pull_every(24).await;
    let (quick, _) = world.synced("qhnd", JOINER).await;
    for _ in 0..2 {
        world.synced("aiwb", JOINER).await;
    }
    world
        .fault(json!({ "kind": "api_delay", "delay_ms": 50_000, "path": "/commerce/" }))
        .await;
    world.pass(TimeDelta::hours(25));
    world.queue_due().await;
    world.settled(&quick).await;
    assert_eq!(world.pulls_of(&quick, "banking-accounts").await, 2);
    // A new customer's first pulls arrive, too, while the slow platform holds back everything of its own.
    let (new, _) = world.synced("qhnd", STUDIO).await;
    assert_eq!(world.pulls_of(&new, "banking-accounts").await, 1);
    let leased = store::turns::leased(&world.app.db).await.unwrap();
    assert_eq!(leased, 3, "the slow platform has its share, and no more");
    world.provider(Method::DELETE, "faults", None).await;
    idle(world).await;
}

fn six_places_one_worker(config: &mut Config) {
    config.jobs_at_once = 6;
    config.workers = 1;
}

adjusted_story!(
    a_slow_platform_takes_no_others_place,
    six_places_one_worker,
    slow_platforms_take_their_share
);

const NEWER: [[&str; 2]; 2] = [
    [
        "insert into job (id, kind, subject, payload, run_at, attempt, dead, created)
         values (x'0000000000000000000000000000000a', 'newer', x'0000000000000000000000000000000a', '{}',
                 '2026-01-01T00:00:00+00:00', 0, false, '2026-01-01T00:00:00+00:00')",
        "insert into job (id, kind, subject, payload, run_at, attempt, dead, created, lane, client_id, connection_id, turn)
         values (x'0000000000000000000000000000000b', 'newer', x'0000000000000000000000000000000b', '{}',
                 '2026-01-01T00:00:00+00:00', 0, false, '2026-01-01T00:00:00+00:00', '0/',
                 x'0000000000000000000000000000000b', x'0000000000000000000000000000000b', 0)",
    ],
    [
        "insert into job (id, kind, subject, payload, run_at, attempt, dead, created)
         values ('00000000-0000-0000-0000-00000000000a', 'newer', '00000000-0000-0000-0000-00000000000a', '{}',
                 '2026-01-01T00:00:00Z', 0, false, '2026-01-01T00:00:00Z')",
        "insert into job (id, kind, subject, payload, run_at, attempt, dead, created, lane, client_id, connection_id, turn)
         values ('00000000-0000-0000-0000-00000000000b', 'newer', '00000000-0000-0000-0000-00000000000b', '{}',
                 '2026-01-01T00:00:00Z', 0, false, '2026-01-01T00:00:00Z', '0/',
                 '00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000b', 0)",
    ],
];

story!(a_newer_versions_jobs_are_left_alone, |world| async move {
    let is_sqlite = world.app.config.database_url.starts_with("sqlite:");
    world.tamper(&NEWER[usize::from(!is_sqlite)]).await;
    let (company, _) = world.synced("qhnd", JOINER).await;
    world.queue_pull(&company, "banking-accounts").await;
    world.settled(&company).await;
    assert_eq!(world.pulls_of(&company, "banking-accounts").await, 2);
    // An operator sees them, and a node that knows them finds them as they were.
    let folder = tempfile::tempdir().unwrap();
    let mut list = command_line::moorline(folder.path(), &["jobs", "list"]);
    list.env("MOORLINE_DATABASE_URL", &world.app.config.database_url)
        .env("MOORLINE_KEY_FILE", &world.app.config.key_file);
    assert_prints(&list.output().unwrap(), "newer");
    let rows = world.everything().await;
    let left = rows
        .lines()
        .filter(|row| row.starts_with("job: ") && row.contains("newer"));
    assert_eq!(left.count(), 2);
});

/// The number of commits that the write-ahead log of an SQLite database has seen: frames that end one carry the database's size.
fn commits(world: &World) -> usize {
    let path = world
        .app
        .config
        .database_url
        .strip_prefix("sqlite:")
        .unwrap();
    let log = std::fs::read(format!("{path}-wal")).unwrap();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let frame = 24 + number(8) as usize;
    (32..log.len().saturating_sub(frame - 1))
        .step_by(frame)
        .filter(|at| log[at + 8..at + 16] == log[16..24] && number(at + 4) > 0)
        .count()
}

/// Beside the request's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unchanged_dataset_costs_two_commits() {
    let world = World::on_sqlite().await;
    let (company, _) = world.synced("qhnd", JOINER).await;
    let mut fewest = usize::MAX;
    // Chores and leases commit too, now and then.
    for _ in 0..5 {
        world.pass(TimeDelta::seconds(1));
        let before = commits(&world);
        world.queue_pull(&company, "banking-accounts").await;
        world.settled(&company).await;
        idle(&world).await;
        // A checkpoint begins the log anew.
        if let Some(made) = commits(&world).checked_sub(before) {
            fewest = fewest.min(made);
        }
    }
    assert!(fewest <= 3, "{fewest}");
    world.end().await;
}
