//! Nodes whose clocks differ: leases and due times go by the database's, and a wrong clock is reported.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::harness::command_line::moorline;
use crate::harness::hostile::{Hostile, Play};
use crate::harness::ports;
use crate::operating::kills::Process;
use crate::operating::left_grants::process_of;

/// A library that gives a program another time; none without a C compiler.
fn skewing(folder: &Path) -> Option<PathBuf> {
    let (source, library) = (folder.join("skew.c"), folder.join("skew.so"));
    std::fs::write(&source, include_str!("skew.c")).unwrap();
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .status();
    match compiled {
        Ok(status) if status.success() => Some(library),
        _ => {
            eprintln!("skipped: there is no C compiler");
            None
        }
    }
}

fn skewed(stage: &Hostile, library: &Path, seconds: i64) -> Process {
    let mut process = process_of(stage);
    process.environment.extend([
        ("LD_PRELOAD", library.display().to_string()),
        ("SKEW_SECONDS", seconds.to_string()),
    ]);
    process
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_with_wrong_clocks_renew_once_and_report_them_on_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let Some(library) = skewing(folder.path()) else {
        return;
    };
    let Some(stage) = Hostile::on_postgres(&[Play::of("odda")]).await else {
        return;
    };
    let stage = Arc::new(stage);
    let (world, tenant) = (&stage.world, stage.tenant());
    let mut all = Vec::new();
    for at in 0..3 {
        all.push(stage.synced(&format!("a-{at}")).await);
    }
    world.stop_platform().await;
    let mut behind = skewed(&stage, &library, -200);
    behind.port = Some(ports::free());
    let mut ahead = skewed(&stage, &library, 200);
    // By both clocks all tokens are over. The one node has begun with one of them when the other looks.
    let mut held = tenant.hold("token");
    behind.start().await;
    held.arrived().await;
    ahead.start().await;
    world
        .until("the other node begins too", || async {
            (tenant.renewals() == 2).then_some(())
        })
        .await;
    let asked = tenant.asked("token").into_iter();
    let mut accounts: Vec<_> = asked
        .filter(|asked| asked.is_renewal())
        .map(|asked| asked.account)
        .collect();
    accounts.dedup();
    assert_eq!(accounts.len(), 2, "each with another: {accounts:?}");
    held.release();
    for ids in &all {
        world.queue_pull(&ids.0, "customers").await;
    }
    for ids in &all {
        world.settled(&ids.0).await;
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
    }
    assert_eq!(tenant.renewals(), all.len());
    assert_eq!(tenant.living().len(), all.len());

    let ready = world.get("/ready").await;
    assert_eq!(ready.status, 200);
    let told = ready.json()["clock"].to_string();
    let right = ["199", "200", "201"].map(|seconds| format!("{seconds} seconds ahead of"));
    assert!(right.iter().any(|words| told.contains(words)), "{told}");
    let metrics = world.get("/metrics").await.text();
    let offset = metrics
        .lines()
        .find_map(|line| line.strip_prefix("moorline_clock_offset_seconds "));
    let offset: i64 = offset.unwrap().parse().unwrap();
    assert!((198..=202).contains(&offset), "{offset}");
    let doctor = moorline(folder.path(), &["doctor"])
        .env("MOORLINE_DATABASE_URL", &world.app.config.database_url)
        .env("MOORLINE_KEY_FILE", &world.app.config.key_file)
        .env("LD_PRELOAD", &library)
        .env("SKEW_SECONDS", "-60")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&doctor.stdout);
    assert!(
        printed.contains("seconds behind the database's"),
        "{printed}"
    );
    behind.kill();
    ahead.kill();
    stage.end().await;
}
