//! Maps that were mended, run over answers that were kept.

use std::process::Output;
use std::sync::Arc;

use chrono::TimeDelta;
use http::Method;
use platform::work;
use serde_json::json;

use crate::harness::World;
use crate::harness::command_line::{assert_prints, moorline};
use crate::harness::own_platform::{Stage, platform_story};

/// Runs the program against a world's database.
fn run(world: &World, folder: &std::path::Path, arguments: &[&str]) -> Output {
    let config = &world.app.config;
    moorline(folder, arguments)
        .env("MOORLINE_DATABASE_URL", &config.database_url)
        .env("MOORLINE_KEY_FILE", &config.key_file)
        .output()
        .unwrap()
}

async fn kept(world: &World, connection: &str) -> usize {
    let connection = store::model::ConnectionId(connection.parse().unwrap());
    let kept = store::raw_pages::of_type(&world.app.db, connection, "commerce-customers").await;
    kept.unwrap().len()
}

platform_story!(
    a_mended_map_reads_kept_answers_and_shows_what_would_change_before_it_writes,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let secret = "the name of a person";
        let body =
            json!({ "customers": [{ "id": "1", "name": secret }, { "id": "2" }, { "id": 3 }] });
        stage.platform.answers("/v1/customers", 200, &[], body);
        let (company, connection) = stage.linked().await;
        world.settled(&company).await;
        let rows = |all: Vec<String>| -> Vec<String> {
            let of = |row: &String| row.starts_with("commerce-customers ");
            all.into_iter().filter(of).collect()
        };
        assert_eq!(kept(world, &connection).await, 0, "off unless it is set");

        let days = json!({ "recordDays": null, "pageDays": 14 });
        let set = world
            .client(Method::PUT, "/profile/retention", Some(days))
            .await;
        assert_eq!(set.ok()["pageDays"], 14);
        world.pass(TimeDelta::minutes(1));
        for _ in 0..2 {
            world.queue_pull(&company, "commerce-customers").await;
            world.settled(&company).await;
        }
        assert_eq!(kept(world, &connection).await, 1, "of the last pull");
        let id = store::model::ConnectionId(connection.parse().unwrap());
        let page = store::raw_pages::of_type(&world.app.db, id, "commerce-customers").await;
        let sealed = page.unwrap().remove(0).sealed;
        assert!(
            !sealed
                .windows(secret.len())
                .any(|part| part == secret.as_bytes())
        );

        stage.write("customer.jq", "{id: (.id | tostring), customerName: .name}");
        let asked = stage.platform.seen(Method::GET, "/v1/customers").len();
        let before = rows(world.record_rows(&connection).await);
        world.stop_platform().await;
        let dir = stage.folder();
        let folder = dir.to_str().unwrap();
        let shown = run(world, dir, &["pack", "remap", folder, "--json"]);
        let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
        assert_eq!(
            (&shown["changed"], &shown["written"]),
            (&json!(2), &json!(false))
        );
        let of_type = &shown["data"][0];
        assert_eq!(
            (&of_type["pages"], &of_type["unchanged"]),
            (&json!(1), &json!(1))
        );
        assert_eq!(of_type["changed"][0]["members"][0]["path"], "customerName");
        let shown = run(world, dir, &["pack", "remap", folder]);
        let text = assert_prints(
            &shown,
            "1 page, 1 record as before, 2 to change, 0 that can't be read",
        );
        for words in [
            "  ~ 1\n      customerName: nothing → \"the name of a person\"",
            "  + 3",
            "2 records would change; nothing is written without --write.",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert_eq!(rows(world.record_rows(&connection).await), before);

        let written = run(world, dir, &["pack", "remap", folder, "--write"]);
        assert_prints(&written, "2 records changed.");
        let after = rows(world.record_rows(&connection).await);
        assert_eq!(after.len(), 3, "{after:?}");
        assert!(after[0].contains(secret), "{after:?}");
        let again = run(world, dir, &["pack", "remap", folder]);
        assert_prints(&again, "3 records as before, 0 to change");
        assert_eq!(
            stage.platform.seen(Method::GET, "/v1/customers").len(),
            asked
        );
        let other = run(
            world,
            dir,
            &["pack", "remap", folder, "--types", "commerce-orders"],
        );
        assert_prints(&other, "no answer of Quayside Books is kept");
        assert!(!other.status.success());
    }
);

platform_story!(
    a_record_that_the_mended_map_makes_no_more_is_shown_and_goes_as_a_pull_would_let_it_go,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let days = json!({ "recordDays": null, "pageDays": 14 });
        let set = world.client(Method::PUT, "/profile/retention", Some(days));
        set.await.ok();
        stage.platform.customers(&["1", "2", "3"], false);
        let (company, connection) = stage.linked().await;
        world.settled(&company).await;
        let gone = async || -> Vec<bool> {
            let rows = world.record_rows(&connection).await;
            let of_type = rows
                .iter()
                .filter(|row| row.starts_with("commerce-customers "));
            of_type.map(|row| row.contains(" true ")).collect()
        };
        assert_eq!(gone().await, [false, false, false]);
        // The second is reported as deleted, and the third is none of the standard's records.
        stage.write(
            "customer.jq",
            "if .id == \"2\" then gone(.id) elif .id == \"3\" then empty else {id: .id} end",
        );
        world.stop_platform().await;
        let dir = stage.folder();
        let folder = dir.to_str().unwrap();
        let shown = run(world, dir, &["pack", "remap", folder]);
        let text = assert_prints(
            &shown,
            "1 page, 1 record as before, 2 to change, 0 that can't be read",
        );
        for words in [
            "  ~ 2\n      metadata.isDeleted: false → true",
            "  ~ 3\n      metadata.isDeleted: false → true",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert_eq!(gone().await, [false, false, false]);
        let written = run(world, dir, &["pack", "remap", folder, "--write"]);
        assert_prints(&written, "2 records changed.");
        assert_eq!(gone().await, [false, true, true]);
        let again = run(world, dir, &["pack", "remap", folder]);
        assert_prints(&again, "1 record as before, 0 to change");
    }
);

platform_story!(
    answers_are_kept_for_their_days_and_no_longer_than_they_are_wanted,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let set = async |days: serde_json::Value| {
            let body = json!({ "recordDays": null, "pageDays": days });
            world
                .client(Method::PUT, "/profile/retention", Some(body))
                .await
        };
        set(json!(0)).await.refused(400);
        set(json!(2)).await.ok();
        let (company, connection) = stage.linked().await;
        world.settled(&company).await;
        world.pass(TimeDelta::days(2));
        work::chores_once(&world.app).await.unwrap();
        assert_eq!(kept(world, &connection).await, 1, "the last of its days");
        world.pass(TimeDelta::days(1));
        work::chores_once(&world.app).await.unwrap();
        assert_eq!(kept(world, &connection).await, 0);

        world.queue_pull(&company, "commerce-customers").await;
        world.settled(&company).await;
        assert_eq!(kept(world, &connection).await, 1);
        world.pass(TimeDelta::seconds(1));
        set(json!(null)).await.ok();
        work::chores_once(&world.app).await.unwrap();
        assert_eq!(kept(world, &connection).await, 0, "switched off");
    }
);
