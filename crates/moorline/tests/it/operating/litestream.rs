//! litestream beside a server on SQLite: the machine dies under load, and another one takes up what was replicated. What is lost and how
//! long it takes is measured.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::kills::Process;
use super::left_grants::process_of;
use crate::harness::command_line::{assert_prints, moorline};
use crate::harness::hostile::{Hostile, Play};

/// Of what was acknowledged, nothing is lost that is older than this when the machine dies.
const LOST: Duration = Duration::from_secs(2);
/// The time from the death to the first answer to a request that reads.
const BACK: Duration = Duration::from_secs(60);
/// Companies are made for this time before the machine dies: longer than several rounds of litestream, which are of a second.
const LOAD: Duration = Duration::from_secs(20);
const DRILLS: usize = 3;

/// litestream's program; none if it isn't here.
fn litestream() -> Option<PathBuf> {
    let program =
        std::env::var_os("MOORLINE_TEST_LITESTREAM").map_or("litestream".into(), PathBuf::from);
    let version = Command::new(&program).arg("version").output();
    match version {
        Ok(output) if output.status.success() => Some(program),
        _ => {
            eprintln!(
                "skipped: litestream isn't here (MOORLINE_TEST_LITESTREAM names its program)"
            );
            None
        }
    }
}

/// Replicates a database to a folder, until it is killed.
struct Replication(Child);

impl Replication {
    fn of(program: &Path, database: &Path, replica: &str) -> Self {
        let child = Command::new(program)
            .arg("replicate")
            .arg(database)
            .arg(replica)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Replication {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Makes companies until it is told to end: the name of each with the time at which it was acknowledged.
async fn load(stage: Arc<Hostile>, over: Arc<AtomicBool>) -> Vec<(String, Instant)> {
    let mut made = Vec::new();
    while !over.load(Ordering::SeqCst) {
        let name = format!("merchant-{}", made.len());
        let (asking, body) = (Arc::clone(&stage), json!({ "name": name }));
        // The last request meets a server that is gone.
        let asked = tokio::spawn(async move { asking.world.post("/companies", body).await.status });
        match asked.await {
            Ok(status) if status == 200 => made.push((name, Instant::now())),
            _ => break,
        }
    }
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute and needs litestream; `cargo xtask soak` runs it"]
async fn a_machine_that_dies_is_replaced_from_what_litestream_has_replicated() {
    let Some(program) = litestream() else {
        return;
    };
    for drill in 1..=DRILLS {
        let stage = Arc::new(Hostile::on_sqlite(&[Play::of("odda")]).await);
        let world = &stage.world;
        let ids = stage.synced("a-1").await;
        world.stop_platform().await;
        let config = &world.app.config;
        let database = PathBuf::from(config.database_url.strip_prefix("sqlite:").unwrap());
        let folder = tempfile::tempdir().unwrap();
        let replica = format!("file://{}", folder.path().join("replica").display());
        let mut replication = Replication::of(&program, &database, &replica);
        let mut process = process_of(&stage);
        process.start().await;
        let over = Arc::new(AtomicBool::new(false));
        let loading = tokio::spawn(load(Arc::clone(&stage), Arc::clone(&over)));
        tokio::time::sleep(LOAD).await;
        // Everything on the machine dies at once.
        replication.kill();
        let died = Instant::now();
        process.kill();
        over.store(true, Ordering::SeqCst);
        let made = loading.await.unwrap();
        assert!(made.len() > 100, "{} companies", made.len());

        let restored = folder.path().join("restored.db");
        let done = Command::new(&program)
            .args(["restore", "-o"])
            .arg(&restored)
            .arg(&replica)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        let again = folder.path().join("moorline.db");
        let run = |arguments: &[&str]| {
            moorline(folder.path(), arguments)
                .env(
                    "MOORLINE_DATABASE_URL",
                    format!("sqlite:{}", again.display()),
                )
                .env("MOORLINE_KEY_FILE", &config.key_file)
                .output()
                .unwrap()
        };
        let restored = restored.to_str().unwrap();
        assert_prints(
            &run(&["restore", "--verify", restored]),
            "entries of the record are as written",
        );
        assert_prints(&run(&["restore", restored]), "It is put back");
        let mut process: Process = process_of(&stage);
        let url = format!("sqlite:{}", again.display());
        process.environment.push(("MOORLINE_DATABASE_URL", url));
        process.start().await;
        let seen = world
            .until("it answers", || async {
                let shown = world.get("/companies?pageSize=1").await;
                (shown.status == 200).then(|| shown.json()["totalResults"].as_i64().unwrap())
            })
            .await;
        let back = died.elapsed();
        // Companies are made one after the other: those that are missing are the last ones.
        let there = usize::try_from(seen).unwrap() - 1;
        let lost = &made[there.min(made.len())..];
        let age = lost.first().map_or(Duration::ZERO, |(_, at)| {
            died.saturating_duration_since(*at)
        });
        eprintln!(
            "drill {drill}: {} of {} companies lost, the oldest acknowledged {:.2} s before the end; back after {:.2} s",
            lost.len(),
            made.len(),
            age.as_secs_f64(),
            back.as_secs_f64()
        );
        assert!(age <= LOST, "lost: {age:?}");
        assert!(back <= BACK, "late: {back:?}");
        if let Some((name, _)) = made[..there.min(made.len())].last() {
            let found = world
                .get(&format!("/companies?query=name%3D{name}"))
                .await
                .ok();
            assert_eq!(found["totalResults"], 1, "{name}");
        }
        // The connection's access is as it was, and it is known that this was a restore.
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
        process.kill();
        world.end().await;
    }
}
