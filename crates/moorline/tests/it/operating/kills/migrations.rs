//! `kill -9` while the schema is being made: the next start goes on, and the schema is that of an installation which nobody killed.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::harness::postgres_database;

/// Kills, each a little later after the start than the one before.
const KILLS: u32 = 12;
const STEP: Duration = Duration::from_millis(9);

fn migrate(url: &str, folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_moorline"))
        .arg("migrate")
        .current_dir(folder)
        .env("MOORLINE_DATABASE_URL", url)
        .env("MOORLINE_KEY_FILE", folder.join("moorline.key"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn migrated(url: &str, folder: &Path) -> String {
    let ended = migrate(url, folder).wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success(), "{error}");
    String::from_utf8(ended.stdout).unwrap()
}

/// Kills until a run has come to its end, and returns how many kills found one at work.
async fn kill_again_and_again(url: &str, folder: &Path) -> u32 {
    let mut killed = 0;
    for turn in 1..=KILLS {
        let mut child = migrate(url, folder);
        tokio::time::sleep(STEP * turn).await;
        let was_at_work = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        killed += u32::from(was_at_work);
    }
    killed
}

async fn schema(url: &str) -> Vec<String> {
    if url.starts_with("postgres") {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let sql = "select table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable \
                   from information_schema.columns where table_schema = 'public' \
                   union all select indexdef from pg_indexes where schemaname = 'public' \
                   union all select name from migration order by 1";
        sqlx::query_scalar(sql)
            .fetch_all(&mut connection)
            .await
            .unwrap()
    } else {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        let sql = "select sql from sqlite_master where sql is not null union all select name from migration order by 1";
        sqlx::query_scalar(sql)
            .fetch_all(&mut connection)
            .await
            .unwrap()
    }
}

async fn survive(killed: &str, undisturbed: &str) {
    let folder = tempfile::tempdir().unwrap();
    let found_at_work = kill_again_and_again(killed, folder.path()).await;
    assert!(found_at_work > 0, "every run was too quick for a kill");
    migrated(killed, folder.path());
    assert!(
        migrated(killed, folder.path()).contains("up to date"),
        "nothing is left to do"
    );
    let other = tempfile::tempdir().unwrap();
    migrated(undisturbed, other.path());
    assert_eq!(schema(killed).await, schema(undisturbed).await);
}

#[tokio::test]
async fn a_schema_whose_making_was_killed_is_made_to_its_end_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    survive(&at("killed.db"), &at("undisturbed.db")).await;
}

#[tokio::test]
async fn a_schema_whose_making_was_killed_is_made_to_its_end_on_postgres() {
    if let (Some(killed), Some(undisturbed)) =
        (postgres_database().await, postgres_database().await)
    {
        survive(&killed, &undisturbed).await;
    }
}
