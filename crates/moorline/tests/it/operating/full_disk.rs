//! A disk that is full for a while: answers say so, and everything goes on once there is space.
//!
//! The platform runs as a process of its own. SQLite's file lies on a small disk of its own, which only root can mount.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use super::kills::{BUSINESS, Process, finish, rows};
use crate::harness::World;

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
pub(super) async fn writes_again(world: &World) {
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
