//! Openings of sealed values on the record, each with its purpose, and the end of access: altered ones are found.

use chrono::TimeDelta;
use platform::consents::verify::verify;
use platform::work::chores_once;
use serde_json::Value;
use store::openings::Openings;

use crate::harness::command_line::moorline;
use crate::harness::{World, story};

const BUSINESS: &str = "lindqvist-snickeri";

async fn of_kind(world: &World, kind: &str) -> Vec<Value> {
    let path = format!("/audit?pageSize=1000&kind={kind}");
    let listed = world.get(&path).await.ok();
    listed["results"].as_array().unwrap().clone()
}

async fn faults(world: &World) -> String {
    let clients = store::clients::list(&world.app.db).await.unwrap();
    let report = verify(&world.app, clients[0].id, None).await.unwrap();
    format!("{:?}", report.faults)
}

/// The openings of a field for a purpose that are written down.
async fn written(world: &World, field: &str, purpose: &str) -> i64 {
    let mut sum = 0;
    // Never committed: the rows stay.
    let mut tx = world.app.db.write().await.unwrap();
    loop {
        let rows = store::openings::take_before(&mut tx, i64::MAX);
        let rows = rows.await.unwrap();
        if rows.is_empty() {
            return sum;
        }
        let is_it = |row: &&Openings| row.field == field && row.purpose == purpose;
        sum += rows.iter().filter(is_it).map(|row| row.number).sum::<i64>();
    }
}

story!(
    what_commands_open_is_on_record_once_they_have_ended,
    |world| async move {
        world.synced("mqjo", BUSINESS).await;
        let config = &world.app.config;
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| {
            let done = moorline(folder.path(), arguments)
                .env("MOORLINE_DATABASE_URL", &config.database_url)
                .env("MOORLINE_KEY_FILE", &config.key_file)
                .output()
                .unwrap();
            assert!(!done.stdout.is_empty(), "{done:?}");
        };
        let before = written(&world, "access_token", "check").await;
        run(&["doctor"]);
        assert!(written(&world, "access_token", "check").await > before);
        run(&["export", "--portable", "--plain-tokens", "--out", "lines"]);
        assert_eq!(written(&world, "access_token", "export").await, 1);
    }
);

story!(
    what_was_opened_on_a_day_is_on_record_with_its_purpose_and_no_one_can_take_it_back,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        world.settled(&company).await;
        chores_once(&world.app).await.unwrap();
        assert!(
            of_kind(&world, "secrets.opened").await.is_empty(),
            "the day isn't over"
        );
        world.pass(TimeDelta::days(1));
        chores_once(&world.app).await.unwrap();
        let opened = of_kind(&world, "secrets.opened").await;
        let of_connection = opened
            .iter()
            .find(|entry| entry["connectionId"] == connection.as_str())
            .expect("an entry of the connection");
        let details = &of_connection["details"];
        assert_eq!(details["day"], "2026-06-15");
        let counted = &details["opened"];
        assert!(
            counted["access_token"]["use"].as_i64() >= Some(1),
            "{details}"
        );
        assert_eq!(counted["pkce_verifier"]["link"], 1, "{details}");
        assert!(
            counted["refresh_token"]["revocation"].as_i64() >= Some(1),
            "{details}"
        );
        // The client's own secret at the platform, which no connection has.
        let own = opened.iter().find(|entry| entry["connectionId"].is_null());
        let own = &own.unwrap()["details"]["opened"];
        assert!(
            own["oauth_client_secret"]["use"].as_i64() >= Some(2),
            "{own}"
        );
        assert_eq!(of_kind(&world, "consent.revoked").await.len(), 1);
        assert_eq!(faults(&world).await, "[]");

        world
            .tamper(&["update record_entry set body = '{}' where kind = 'secrets.opened'"])
            .await;
        assert!(faults(&world).await.contains("altered"));
        world
            .tamper(&["delete from record_entry where kind = 'secrets.opened'"])
            .await;
        assert_ne!(faults(&world).await, "[]");
    }
);
