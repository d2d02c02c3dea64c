//! Backups: made while the platform runs, checked to the last secret, put back where nothing is.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chrono::TimeDelta;
use platform::transfer::backup;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{Connection, Executor};

use super::left_grants::process_of;
use crate::harness::command_line::{assert_prints, moorline};
use crate::harness::hostile::{Hostile, Play, hostile_story};
use crate::harness::{World, postgres_database};

/// The program with the story's database and key.
fn program(stage: &Hostile, arguments: &[&str]) -> Command {
    let config = &stage.world.app.config;
    let mut command = moorline(stage.folder.path(), arguments);
    command
        .env("MOORLINE_DATABASE_URL", &config.database_url)
        .env("MOORLINE_KEY_FILE", &config.key_file);
    command
}

fn run(stage: &Hostile, arguments: &[&str]) -> Output {
    program(stage, arguments).output().unwrap()
}

/// Has a backup made by the command: its folder.
fn made(stage: &Hostile, further: &[&str]) -> PathBuf {
    let to = stage.folder.path().join("backups");
    let to = to.to_str().unwrap();
    let done = run(stage, &[&["backup", "--to", to], further].concat());
    assert!(done.status.success(), "{done:?}");
    PathBuf::from(
        String::from_utf8(done.stdout)
            .unwrap()
            .lines()
            .next()
            .unwrap(),
    )
}

fn verified(stage: &Hostile, folder: &Path) -> Output {
    run(stage, &["restore", "--verify", folder.to_str().unwrap()])
}

#[track_caller]
fn assert_wrong(stage: &Hostile, folder: &Path, words: &str) {
    let found = verified(stage, folder);
    assert_prints(&found, words);
    assert_prints(&found, "nothing was changed");
    assert!(!found.status.success());
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("backup.json")).unwrap()).unwrap()
}

fn change_manifest(folder: &Path, name: &str, value: Value) {
    let mut manifest = manifest(folder);
    manifest[name] = value;
    std::fs::write(folder.join("backup.json"), manifest.to_string()).unwrap();
}

/// Changes a backed up SQLite database, and its digest with it: as a person could who has the backup.
async fn tamper(folder: &Path, statement: &'static str) {
    let file = folder.join("moorline.db");
    let opened = sqlx::SqliteConnection::connect(&format!("sqlite:{}", file.display())).await;
    let mut connection = opened.unwrap();
    connection.execute(statement).await.unwrap();
    connection.close().await.unwrap();
    let bytes = std::fs::read(&file).unwrap();
    change_manifest(folder, "bytes", json!(bytes.len()));
    let digest = platform::credentials::vault::hex(&Sha256::digest(&bytes));
    change_manifest(folder, "sha256", json!(digest));
}

hostile_story!(
    a_backup_made_while_the_platform_runs_is_good_and_is_put_back,
    [Play::of("odda")],
    |stage| async move {
        let world = &stage.world;
        let ids = stage.synced("a-1").await;
        let folder = made(&stage, &[]);
        #[cfg(unix)]
        for (path, mode) in [(folder.clone(), 0o700), (folder.join("backup.json"), 0o600)]
            .into_iter()
            .chain([(
                folder.join(manifest(&folder)["file"].as_str().unwrap()),
                0o600,
            )])
        {
            use std::os::unix::fs::PermissionsExt;
            let found = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{}", path.display());
        }
        assert!(!folder.join("moorline.key").exists(), "the key stays apart");
        let words = assert_prints(&verified(&stage, &folder), "This backup of");
        assert!(words.contains("sealed values open"), "{words}");
        let again = run(&stage, &["restore", folder.to_str().unwrap()]);
        assert!(!again.status.success(), "what is there is not overwritten");

        // The database is lost: the backup takes its place, elsewhere.
        world.stop_platform().await;
        let url = match world.app.config.database_url.strip_prefix("sqlite:") {
            Some(_) => format!("sqlite:{}", stage.folder.path().join("again.db").display()),
            None => postgres_database().await.unwrap(),
        };
        let done = program(&stage, &["restore", folder.to_str().unwrap()])
            .env("MOORLINE_DATABASE_URL", &url)
            .output()
            .unwrap();
        assert_prints(&done, "It is put back");
        let mut process = process_of(&stage);
        process
            .environment
            .push(("MOORLINE_DATABASE_URL", url.clone()));
        process.start().await;
        let path = format!("/companies/{}/connections/{}", ids.0, ids.1);
        world
            .until("the connection says that it was restored", || async {
                let shown = world.get(&path).await.ok();
                shown["dataConnectionErrors"]
                    .to_string()
                    .contains("was restored from a backup")
                    .then_some(())
            })
            .await;
        process.kill();
        if let (Ok(admin), Some((_, name))) = (
            std::env::var("MOORLINE_TEST_POSTGRES"),
            url.rsplit_once("/story_"),
        ) {
            let mut server = sqlx::PgConnection::connect(&admin).await.unwrap();
            let statement = format!("drop database if exists story_{name} with (force)");
            server
                .execute(sqlx::AssertSqlSafe(statement))
                .await
                .unwrap();
        }
    }
);

hostile_story!(
    whatever_is_wrong_with_a_backup_is_found_before_anything_changes,
    [Play::of("odda")],
    |stage| async move {
        let world = &stage.world;
        stage.brought("odda", 2).await;
        let folder = made(&stage, &["--with-key"]);
        assert_prints(&verified(&stage, &folder), "This backup of");
        let file = folder.join(manifest(&folder)["file"].as_str().unwrap());
        let good = std::fs::read(&file).unwrap();

        let mut damaged = good.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        std::fs::write(&file, &damaged).unwrap();
        assert_wrong(&stage, &folder, "was damaged or altered");
        std::fs::write(&file, &good[..middle]).unwrap();
        assert_wrong(&stage, &folder, "was damaged or altered");
        std::fs::write(&file, &good).unwrap();

        let key = folder.join("moorline.key");
        let text = std::fs::read_to_string(&key).unwrap();
        std::fs::remove_file(&key).unwrap();
        assert_wrong(&stage, &folder, "moorline.key doesn't exist");
        let other = platform::credentials::vault::roots::new_line();
        platform::credentials::vault::roots::write_text(&key, &other).unwrap();
        let words = match world.app.config.database_url.starts_with("sqlite") {
            true => "is not the one that the backup is sealed with",
            false => "the archive is sealed with the key",
        };
        assert_wrong(&stage, &folder, words);
        std::fs::write(&key, text).unwrap();
        assert_prints(&verified(&stage, &folder), "This backup of");

        let migrations = manifest(&folder)["migrations"].clone();
        if world.app.config.database_url.starts_with("sqlite") {
            tamper(
                &folder,
                "update credential set access_token = refresh_token",
            )
            .await;
            assert_wrong(
                &stage,
                &folder,
                "2 sealed values can't be opened; the first in credential.access_token",
            );
            std::fs::write(&file, &good).unwrap();
            tamper(
                &folder,
                "update record_entry set actor = 'platform' where seq = 1",
            )
            .await;
            assert_wrong(&stage, &folder, "the record of Harbour Lending: entry 1");
            std::fs::write(&file, &good).unwrap();
            tamper(&folder, "insert into migration (name, applied) values ('9999_later', '2026-01-01T00:00:00+00:00')").await;
            assert_wrong(&stage, &folder, "made by a newer version of Moorline");
        } else {
            let mut later = migrations.as_array().unwrap().clone();
            later.push(json!("9999_later"));
            change_manifest(&folder, "migrations", json!(later));
            assert_wrong(&stage, &folder, "made by a newer version of Moorline");
        }
        let elsewhere = stage.folder.path().join("never.db");
        let refused = program(&stage, &["restore", folder.to_str().unwrap()])
            .env(
                "MOORLINE_DATABASE_URL",
                format!("sqlite:{}", elsewhere.display()),
            )
            .output()
            .unwrap();
        assert!(!refused.status.success());
        assert!(
            !elsewhere.exists(),
            "a backup that is wrong is not put back"
        );
    }
);

async fn tell_of_the_schedule(url: String, folder: tempfile::TempDir) {
    let backups = folder.path().join("backups");
    let (to, place) = (backups.clone(), backup::Place::Folder(backups.clone()));
    let world = World::start(url, folder, |config| {
        (config.backup.to, config.backup.keep) = (to, 2);
    })
    .await;
    // The server has made the first by itself.
    world
        .until("a first backup", || async {
            let found = place.list().await.unwrap();
            let due = store::meta::get(&world.app.db, "backup.due").await.unwrap();
            let is_set = due.is_some_and(|due| due.starts_with("2026-06-16"));
            (found.len() == 1 && is_set).then_some(())
        })
        .await;
    for _ in 0..3 {
        assert!(
            backup::make_due(&world.app).await.unwrap().is_none(),
            "not yet due"
        );
        world.pass(TimeDelta::hours(24));
        let newest = backup::make_due(&world.app).await.unwrap();
        // Or the server was first.
        if let Some(newest) = newest {
            let name = &place.list().await.unwrap()[0].1;
            assert_eq!(place.address(name), newest);
        }
    }
    world
        .until("two are kept", || async {
            (place.list().await.unwrap().len() == 2).then_some(())
        })
        .await;
    let left = std::fs::read_dir(&backups).unwrap().count();
    assert_eq!(left, 2, "nothing else is left");

    // Another installation's, one of a newer version, and what only has a backup's name are not ours to count or delete.
    let (_, newest) = place.list().await.unwrap().remove(0);
    let strangers = [
        (
            "moorline-20250101T000000Z",
            json!({ "installation": "another" }),
        ),
        ("moorline-20250102T000000Z", json!({ "installation": null })),
        ("moorline-20250103T000000Z", json!({ "version": 2 })),
    ];
    for (name, members) in &strangers {
        let other = backups.join(name);
        std::fs::create_dir(&other).unwrap();
        for file in std::fs::read_dir(backups.join(&newest)).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), other.join(file.file_name())).unwrap();
        }
        for (member, value) in members.as_object().unwrap() {
            change_manifest(&other, member, value.clone());
        }
    }
    std::fs::create_dir(backups.join("moorline-20250104T000000Z")).unwrap();
    let begun = backups.join("moorline-20250105T000000Z.partial");
    std::fs::create_dir(&begun).unwrap();
    let ours = platform::credentials::installation(&world.app.db)
        .await
        .unwrap();
    let now = world.app.clock.now();
    let gone = place.prune(1, ours.as_deref(), now).await.unwrap();
    assert_eq!(
        gone.len(),
        2,
        "the older of ours, and what was begun: {gone:?}"
    );
    assert!(gone.contains(&begun.display().to_string()));
    assert!(backups.join(&newest).is_dir());
    let left = std::fs::read_dir(&backups).unwrap().count();
    assert_eq!(left, 1 + strangers.len() + 1);

    // A clock that was wrong by a year doesn't stop them.
    world.pass(TimeDelta::hours(1));
    let mut tx = world.app.db.write().await.unwrap();
    store::meta::set(&mut tx, "backup.due", "2027-06-16T00:00:00Z")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    world
        .until("another backup", || async {
            let made = backup::make_due(&world.app).await.unwrap();
            let due = store::meta::get(&world.app.db, "backup.due").await.unwrap();
            (made.is_some() || due.is_some_and(|due| due.starts_with("2026-06"))).then_some(())
        })
        .await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scheduled_backup_that_fails_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let world = World::start(url, folder, |config| {
        config.backup.to = "/proc/nowhere".into();
    })
    .await;
    let failed = world
        .until("the failure is noted", || async {
            let last = backup::last(&world.app.db).await.unwrap()?;
            last.failed
        })
        .await;
    assert!(failed.1.contains("/proc/nowhere"), "{}", failed.1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_are_made_by_the_clock_and_the_newest_are_kept_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
    tell_of_the_schedule(url, folder).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_are_made_by_the_clock_and_the_newest_are_kept_on_postgres() {
    if let Some(url) = postgres_database().await {
        tell_of_the_schedule(url, tempfile::tempdir().unwrap()).await;
    }
}
