//! An operator's questions at night, at the command line beside a running server.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use serde_json::{Value, json};
use store::clock::wall_now;

use crate::harness::command_line::moorline;
use crate::harness::{World, story};

/// Runs the program with the settings of the world's own; its output.
async fn command(world: &Arc<World>, arguments: &[&str]) -> String {
    let config = &world.app.config;
    let folder = config.key_file.parent().unwrap().to_owned();
    let mut command = moorline(&folder, arguments);
    let sandbox = world.sandbox.as_str().trim_end_matches('/');
    command
        .env("MOORLINE_DATABASE_URL", &config.database_url)
        .env("MOORLINE_KEY_FILE", &config.key_file)
        .env("MOORLINE_PUBLIC_URL", world.platform.as_str())
        .env(
            "MOORLINE_INTEGRATIONS__VARIABLES",
            format!("{{ sandbox = \"{sandbox}\" }}"),
        );
    let ran = tokio::task::spawn_blocking(move || command.output());
    let ran = ran.await.unwrap().unwrap();
    format!(
        "{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    )
}

async fn as_json(world: &Arc<World>, arguments: &[&str]) -> Value {
    let printed = command(world, &[arguments, &["--json"]].concat()).await;
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
}

story!(
    an_operator_finds_what_fails_and_mends_it,
    |world| async move {
        world.grants_may_differ(
            "the command's clock is ahead: the grant's end that it queues is still to come",
        );
        let (company, connection) = world.synced("mqjo", "lindqvist-snickeri").await;
        let listed = as_json(&world, &["companies", "list", "--query", "name~merchant"]).await;
        assert_eq!(listed[0]["id"], json!(company), "{listed}");
        assert_eq!(listed[0]["platforms"], json!(["Sandbox Linked"]));
        assert_eq!(
            as_json(&world, &["datasets", "list", "--failing"]).await,
            json!([])
        );

        world
            .fault(json!({ "kind": "api_error", "status": 503, "until_cleared": true, "path": "/accounting/v2/contacts" }))
            .await;
        // Of two pulls requested in the same millisecond, neither is the latest.
        world.clock.advance(TimeDelta::seconds(1));
        world.queue_pull(&company, "customers").await;
        let failing = world
            .until("the pull waits", || async {
                let failing = as_json(&world, &["datasets", "list", "--failing"]).await;
                failing[0].is_object().then_some(failing)
            })
            .await;
        assert_eq!(failing[0]["dataType"], "customers", "{failing}");
        assert_eq!(failing[0]["platform"], "Sandbox");
        assert!(
            failing[0]["reason"].as_str().unwrap().contains("503"),
            "{failing}"
        );
        let doctor = command(&world, &["doctor"]).await;
        assert!(
            doctor.contains("Sandbox: 1 pull waiting (the platform is unavailable"),
            "{doctor}"
        );
        let shown = as_json(&world, &["companies", "show", &company]).await;
        assert_eq!(shown["connections"][0]["status"], "Linked", "{shown}");
        assert_eq!(
            shown["datasets"].as_array().unwrap().len(),
            29,
            "the newest, and the last that succeeded"
        );

        // Mended: the job that waits for its next attempt is done at once.
        world.provider(Method::DELETE, "faults", None).await;
        let jobs = as_json(&world, &["jobs", "list"]).await;
        let job = jobs[0]["id"].as_str().unwrap();
        assert_eq!(
            (&jobs[0]["kind"], &jobs[0]["state"]),
            (&json!("sync"), &json!("waiting")),
            "{jobs}"
        );
        let about = as_json(&world, &["jobs", "show", job]).await;
        assert!(
            about["about"]
                .as_str()
                .unwrap()
                .starts_with("the pull of customers"),
            "{about}"
        );
        command(&world, &["jobs", "retry", job]).await;
        let due = as_json(&world, &["jobs", "show", job]).await["due"].clone();
        let due: DateTime<Utc> = due.as_str().unwrap().parse().unwrap();
        assert!(wall_now() - due < TimeDelta::minutes(5), "{due}");
        // By the command's clock. The world's stands still, in a past in which that is still to come.
        let mut tx = world.app.db.write().await.unwrap();
        let id = job.parse().unwrap();
        store::jobs::hasten(&mut tx, id, world.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world.settled(&company).await;
        assert_eq!(
            as_json(&world, &["datasets", "list", "--failing"]).await,
            json!([])
        );

        let pulls = as_json(&world, &["datasets", "list", "--company", &company]).await;
        assert_eq!(
            (&pulls[0]["dataType"], &pulls[0]["status"]),
            (&json!("customers"), &json!("Complete")),
            "{pulls}"
        );
        let pull = pulls[0]["id"].as_str().unwrap();
        let shown = as_json(&world, &["datasets", "show", pull]).await;
        assert_eq!(shown["connection"], json!(connection), "{shown}");

        let table = command(&world, &["connections", "list", "--status", "Linked"]).await;
        assert!(
            table.starts_with("id ") && table.contains(&connection),
            "{table}"
        );
        let ended = as_json(
            &world,
            &[
                "connections",
                "unlink",
                &connection,
                "--reason",
                "They asked us to.",
            ],
        )
        .await;
        assert_eq!(ended["status"], "Unlinked", "{ended}");
        assert_eq!(world.status_of(&company, &connection).await, "Unlinked");
        let shown = as_json(&world, &["connections", "show", &connection]).await;
        let history = shown["history"].as_array().unwrap();
        let end = history
            .iter()
            .find(|entry| entry["event"] == "connection.disconnected");
        assert_eq!(end.unwrap()["reason"], "They asked us to.", "{shown}");
        let refused = command(&world, &["datasets", "retry", pull]).await;
        assert!(
            refused.contains("Only a Linked connection can be refreshed"),
            "{refused}"
        );
        for wrong in [
            &["companies", "show", "01900000-0000-7000-8000-000000000000"][..],
            &["connections", "list", "--status", "Gone"],
        ] {
            let refused = command(&world, wrong).await;
            assert!(
                refused.contains("moorline companies list")
                    || refused.contains("Valid values: PendingAuth"),
                "{refused}"
            );
        }
    }
);
