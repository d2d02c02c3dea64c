//! Validation results of a pull's records.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{World, postgres_database, story};

const BUSINESS: &str = "lindqvist-snickeri";

async fn validation_results(world: &World, company: &str, pull: &Value) -> Value {
    let id = pull["id"].as_str().unwrap();
    let path = format!("/companies/{company}/sync/{id}/validation");
    world.get(&path).await.ok()
}

story!(
    consistent_books_get_no_validation_results,
    |world| async move {
        let (company, _) = world.synced("mqjo", BUSINESS).await;
        for pull in world.settled(&company).await {
            let found = validation_results(&world, &company, &pull).await;
            assert_eq!(found, json!({ "errors": [], "warnings": [] }), "{pull}");
        }
        let unknown = format!("/companies/{company}/sync/{}/validation", uuid::Uuid::nil());
        world.get(&unknown).await.refused(404);
        let other = world.company("merchant-43").await;
        let pull = &world.settled(&company).await[0];
        let path = format!(
            "/companies/{other}/sync/{}/validation",
            pull["id"].as_str().unwrap()
        );
        world.get(&path).await.refused(404);
    }
);

/// Writes the accounting sandbox's folder with some maps changed, so that its records are inconsistent.
fn write_spoilt_folder(into: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations/sandbox-accounting");
    let to = into.join("sandbox-accounting");
    std::fs::create_dir_all(&to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    for (map, change) in [
        ("invoices.jq", ".dueDate = \"2001-01-01T00:00:00\""),
        ("items.jq", ".id = 7"),
        ("suppliers.jq", "., ."),
    ] {
        let path = to.join(map);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("({text}\n) | {change}\n")).unwrap();
    }
}

async fn inconsistent_records_are_kept_with_validation_results(database: String) {
    let folder = tempfile::tempdir().unwrap();
    let database = database.replace("FOLDER", &folder.path().display().to_string());
    let integrations = folder.path().join("integrations");
    write_spoilt_folder(&integrations);
    let world = World::start(database, folder, |config| {
        config.integrations.dirs.push(integrations);
    })
    .await;
    let (company, _) = world.synced("mqjo", BUSINESS).await;
    let pulls = world.settled(&company).await;
    let pull = |data_type: &str| {
        pulls
            .iter()
            .find(|pull| pull["dataType"] == data_type)
            .unwrap()
    };

    let invoices = pull("invoices");
    assert_eq!(invoices["status"], "Complete", "a warning is no error");
    let found = validation_results(&world, &company, invoices).await;
    assert_eq!(found["errors"], json!([]));
    let warnings = found["warnings"].as_array().unwrap();
    let read = world
        .get(&format!("/companies/{company}/data/invoices"))
        .await
        .ok();
    assert_eq!(
        json!(warnings.len()),
        read["totalResults"],
        "one of each, and each is kept"
    );
    assert_eq!(warnings[0]["ruleId"], "invoices-due-date");
    assert_eq!(warnings[0]["validatorName"], "InvoiceValidator");
    let record = warnings[0]["itemId"].as_str().unwrap();
    world
        .get(&format!("/companies/{company}/data/invoices/{record}"))
        .await
        .ok();

    let twice = validation_results(&world, &company, pull("suppliers")).await;
    assert_eq!(twice["warnings"][0]["ruleId"], "suppliers-duplicate-id");

    let items = pull("items");
    assert_eq!(items["status"], "MapError");
    let refused = validation_results(&world, &company, items).await;
    assert_eq!(
        refused["errors"][0]["ruleId"], "items-unreadable",
        "{refused}"
    );
    assert_eq!(refused["warnings"], json!([]));

    // The event has the path to read.
    let payload = &world
        .event_payloads(&company, "read.completed.initial")
        .await[0];
    let of = |data_type: &str| {
        let types = payload["dataTypes"].as_array().unwrap();
        types
            .iter()
            .find(|one| one["dataType"] == data_type)
            .unwrap()["issues"]
            .clone()
    };
    assert_eq!(of("invoices")[0]["type"], "warning.validation");
    assert_eq!(of("items")[0]["type"], "error.validation");
    assert_eq!(of("customers"), json!([]));
    let logs = of("invoices")[0]["links"]["logs"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(logs.ends_with(&format!(
        "/sync/{}/validation",
        invoices["id"].as_str().unwrap()
    )));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inconsistent_records_are_kept_with_validation_results_on_sqlite() {
    inconsistent_records_are_kept_with_validation_results("sqlite:FOLDER/moorline.db".into()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inconsistent_records_are_kept_with_validation_results_on_postgres() {
    if let Some(database) = postgres_database().await {
        inconsistent_records_are_kept_with_validation_results(database).await;
    }
}
