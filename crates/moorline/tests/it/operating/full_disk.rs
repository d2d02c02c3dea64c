//! A database that takes no writes for a while, or isn't there: answers say so, and everything goes on once it is back.
//!
//! The platform runs as a process of its own. SQLite's file lies on a small disk of its own, which only root can mount;
//! PostgreSQL is reached through a relay that the story can stop.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::{Connection, Executor};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

use super::kills::{BUSINESS, Process, finish, rows};
use crate::harness::ports;
use crate::harness::{World, postgres_database};

/// Writing works again this soon after the database can be written to.
const SOON: Duration = Duration::from_secs(5);
/// The disk stays full for this time: long enough for every job under way to meet it.
const FULL_FOR: Duration = Duration::from_secs(3);

/// A file system of 48 MiB in memory.
pub(crate) struct SmallDisk(TempDir);

impl SmallDisk {
    pub(crate) fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=48m", "tmpfs"])
            .arg(folder.path())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(folder)),
            _ => {
                eprintln!("skipped: only root can mount a small disk, on Linux");
                None
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves not a byte free.
    pub(crate) fn fill(&self) {
        let mut filler = File::create(self.path().join("filler")).unwrap();
        for size in [1 << 20, 1 << 12, 1] {
            let block = vec![0; size];
            loop {
                match filler.write(&block) {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }

    pub(crate) fn free(&self) {
        fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.path())
            .status();
    }
}

/// Waits until the platform writes and is ready again.
async fn writes_again(world: &World) {
    let began = Instant::now();
    world
        .until("a write succeeds", || async {
            let answer = world.post("/companies", json!({ "name": "later" })).await;
            answer.status.is_success().then_some(())
        })
        .await;
    world
        .until("it is ready", || async {
            (world.get("/ready").await.status == 200).then_some(())
        })
        .await;
    assert!(began.elapsed() < SOON, "late: {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_reported_and_work_goes_on_once_there_is_space() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let url = format!("sqlite:{}", disk.path().join("moorline.db").display());
    let world = World::start(url, tempfile::tempdir().unwrap(), |_| {}).await;
    let (_, whole) = world.synced("aiwb", BUSINESS).await;
    let expected = rows(&world, &whole).await;
    world.stop_platform().await;
    let mut process = Process::of(&world);
    process.start().await;
    assert_eq!(world.get("/ready").await.status, 200);

    // Slow answers, so that the disk is full in the midst of pulls.
    world
        .fault(json!({ "kind": "api_delay", "delay_ms": 100 }))
        .await;
    let (company, connection) = world.linked("aiwb", BUSINESS).await;
    let history = format!("/companies/{company}/data/history");
    let under_way = format!("{history}?query=progress%3E0");
    world
        .until("some pages are stored", || async {
            (world.get(&under_way).await.ok()["totalResults"] != 0).then_some(())
        })
        .await;
    disk.fill();
    // A good answer is given again for a second.
    world
        .until("it is not ready", || async {
            (world.get("/ready").await.status == 503).then_some(())
        })
        .await;
    let began = Instant::now();
    while began.elapsed() < FULL_FOR {
        let refused = world.post("/companies", json!({ "name": "now" })).await;
        assert!(refused.refused(507).contains("full"));
        let ready = world.get("/ready").await;
        assert_eq!(ready.status, 503);
        assert_eq!(ready.json()["status"], "disk full");
        assert_eq!(world.get("/health").await.status, 200);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let pulls = world.get(&history).await.ok();
    let pulls = pulls["results"].as_array().unwrap();
    assert!(
        pulls.iter().any(|pull| pull["completed"].is_null()),
        "the disk interrupted pulls"
    );
    disk.free();
    writes_again(&world).await;
    world.provider(http::Method::DELETE, "faults", None).await;
    finish(&world, &company, &connection).await;
    assert!(
        rows(&world, &connection).await == expected,
        "the rows are those of an uninterrupted run"
    );
    process.kill();
    world.end().await;
}

/// Passes connections on to the database server, until it is stopped.
pub(crate) struct Relay {
    address: String,
    target: String,
    running: Option<JoinHandle<()>>,
}

impl Relay {
    /// A relay to the server of a URL, and the URL through it.
    pub(crate) async fn to(url: &str) -> (Self, String) {
        let mut url = Url::parse(url).unwrap();
        let port = url.port().unwrap_or(5432);
        let target = format!("{}:{port}", url.host_str().unwrap());
        let port = ports::free();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(port)).unwrap();
        let mut relay = Self {
            address: format!("127.0.0.1:{port}"),
            target,
            running: None,
        };
        relay.start().await;
        (relay, url.to_string())
    }

    pub(crate) async fn start(&mut self) {
        let listener = TcpListener::bind(&self.address).await.unwrap();
        let target = self.target.clone();
        self.running = Some(tokio::spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((mut here, _)) = listener.accept().await {
                let target = target.clone();
                open.spawn(async move {
                    if let Ok(mut there) = TcpStream::connect(target).await {
                        let _ = tokio::io::copy_bidirectional(&mut here, &mut there).await;
                    }
                });
            }
        }));
    }

    /// Ends every connection, and takes none.
    pub(crate) async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            let _ = running.await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_went_away_is_reported_and_work_goes_on_once_it_is_back() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let (mut relay, through) = Relay::to(&url).await;
    let world = World::start(through, tempfile::tempdir().unwrap(), |_| {}).await;
    let (_, whole) = world.synced("aiwb", BUSINESS).await;
    let expected = rows(&world, &whole).await;
    world.stop_platform().await;
    let mut process = Process::of(&world);
    process.start().await;
    world
        .fault(json!({ "kind": "api_delay", "delay_ms": 100 }))
        .await;
    let (company, connection) = world.linked("aiwb", BUSINESS).await;

    // The server ends every session, and takes new ones at once.
    let mut server = sqlx::PgConnection::connect(&url).await.unwrap();
    server
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .await
        .unwrap();
    server.close().await.unwrap();
    writes_again(&world).await;

    relay.stop().await;
    let (written, read) = tokio::join!(
        world.post("/companies", json!({ "name": "now" })),
        world.get("/companies"),
    );
    written.refused(503);
    read.refused(503);
    // By now the last good answer is older than a second.
    let ready = world.get("/ready").await;
    assert_eq!(ready.status, 503);
    assert_eq!(ready.json()["status"], "database unavailable");
    relay.start().await;
    writes_again(&world).await;
    world.provider(http::Method::DELETE, "faults", None).await;
    finish(&world, &company, &connection).await;
    assert!(
        rows(&world, &connection).await == expected,
        "the rows are those of an uninterrupted run"
    );
    process.kill();
    world.end().await;
}
