//! A backup that is put back is known as one: nothing is renewed by tokens that may be spent, and each connection says why.

use serde_json::Value;
use sqlx::{Connection, Executor};
use url::Url;

use crate::harness::command_line::{assert_prints, moorline};
use crate::harness::hostile::{Hostile, Play, hostile_story};
use crate::operating::left_grants::process_of;

/// Copies the database of a stopped platform: the copy's URL.
async fn backup(stage: &Hostile) -> String {
    let url = &stage.world.app.config.database_url;
    if let Some(path) = url.strip_prefix("sqlite:") {
        let copy = format!("{path}.backup");
        std::fs::copy(path, &copy).unwrap();
        return format!("sqlite:{copy}");
    }
    let mut copy = Url::parse(url).unwrap();
    let name = copy.path().trim_start_matches('/').to_owned();
    let admin = std::env::var("MOORLINE_TEST_POSTGRES").unwrap();
    let mut server = sqlx::PgConnection::connect(&admin).await.unwrap();
    let statement = format!("create database {name}_backup template {name}");
    server
        .execute(sqlx::AssertSqlSafe(statement))
        .await
        .unwrap();
    copy.set_path(&format!("{name}_backup"));
    copy.to_string()
}

/// Drops a copy on the database server.
async fn forget(copy: &str) {
    let (Ok(admin), Some((_, name))) = (
        std::env::var("MOORLINE_TEST_POSTGRES"),
        copy.rsplit_once("/story_"),
    ) else {
        return;
    };
    let mut server = sqlx::PgConnection::connect(&admin).await.unwrap();
    let statement = format!("drop database if exists story_{name} with (force)");
    server
        .execute(sqlx::AssertSqlSafe(statement))
        .await
        .unwrap();
}

async fn error_of(stage: &Hostile, ids: &(String, String), words: &str) {
    stage
        .world
        .until(format!("the connection says: {words}"), || async {
            let shown = stage.shown(ids).await;
            let errors = shown["dataConnectionErrors"].to_string();
            errors.contains(words).then_some(())
        })
        .await;
}

hostile_story!(
    a_restored_backup_spends_no_token_again_and_each_connection_says_so,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let one = stage.synced("a-1").await;
        let two = stage.synced("a-2").await;
        world.stop_platform().await;
        let copy = backup(&stage).await;
        let mut process = process_of(&stage);
        let file = world.app.config.data_folder().join("moorline.epoch");
        let epoch = || {
            let seen = std::fs::read(&file).unwrap_or_default();
            let seen: Value = serde_json::from_slice(&seen).unwrap_or_default();
            seen["epoch"].as_i64().unwrap_or_default()
        };
        let before = epoch();
        // By the program's clock all tokens are over.
        process.start().await;
        world
            .until("tokens are renewed, and that is counted", || async {
                // Once at the start, and once for the renewals.
                (tenant.renewals() == 2 && epoch() >= before + 2).then_some(())
            })
            .await;
        process.kill();

        let url = ("MOORLINE_DATABASE_URL", copy.clone());
        process.environment.push(url);
        process.start().await;
        for ids in [&one, &two] {
            error_of(&stage, ids, "was restored from a backup").await;
            world.queue_pull(&ids.0, "customers").await;
            assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
        }
        let doctor = moorline(stage.folder.path(), &["doctor"])
            .env("MOORLINE_DATABASE_URL", &copy)
            .env("MOORLINE_KEY_FILE", &world.app.config.key_file)
            .output()
            .unwrap();
        let found = assert_prints(&doctor, &format!("connection {} is held back", one.1));
        assert!(found.contains(&two.1), "{found}");

        // The operator lets one on: this platform has spent its token, and the customer isn't said to have withdrawn anything.
        let renew = moorline(stage.folder.path(), &["connections", "renew", &one.1])
            .env("MOORLINE_DATABASE_URL", &copy)
            .env("MOORLINE_KEY_FILE", &world.app.config.key_file)
            .output()
            .unwrap();
        assert_prints(&renew, "is renewed when its access ends");
        error_of(&stage, &one, "the renewed access is lost").await;
        assert_eq!(world.status_of(&one.0, &one.1).await, "Deauthorized");
        let shown = stage.shown(&one).await;
        assert!(!shown.to_string().contains("withdrawn"), "{shown}");
        assert_eq!(tenant.renewals(), 3);
        assert_eq!(tenant.living(), ["a-2"]);
        assert_eq!(world.status_of(&two.0, &two.1).await, "Linked");
        // Connecting again is the end of it.
        let answer = stage.come_back(&two, "a-2").await;
        let result = answer.header("location").unwrap().to_owned();
        assert!(result.contains("status=200"), "{result}");
        process.kill();
        forget(&copy).await;
    }
);
