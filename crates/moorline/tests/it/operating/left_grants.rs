//! SIGKILL between a platform's answer and what is stored of it: no grant is left that could be known of.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::kills::Process;
use crate::credentials::held_grants::grants;
use crate::harness::hostile::{Hostile, Play, Reply};

/// Of processes that share a database, the others can't know before that one of them has died.
const BELIEVED_ALIVE: Duration = Duration::from_secs(120);

/// The platform as a process that knows the tenants.
pub(crate) fn process_of(stage: &Hostile) -> Process {
    let mut process = Process::of(&stage.world);
    let folder = stage.folder.path().display().to_string();
    let dirs = serde_json::json!([folder]).to_string();
    process
        .environment
        .push(("MOORLINE_INTEGRATIONS__DIRS", dirs));
    process
}

/// The customer comes back, and the process is killed while an endpoint holds its answer.
async fn killed_at(
    stage: &Arc<Hostile>,
    process: &mut Process,
    ids: &(String, String),
    (path, account): (&str, &'static str),
) {
    let mut held = stage.tenant().hold(path);
    let come_back = {
        let (stage, ids) = (Arc::clone(stage), ids.clone());
        tokio::spawn(async move { stage.come_back(&ids, account).await })
    };
    held.arrived().await;
    process.kill();
    assert!(come_back.await.is_err(), "the browser got no answer");
    held.release();
    process.start().await;
}

async fn last_error(stage: &Hostile, ids: &(String, String)) -> String {
    if stage.world.app.config.database_url.starts_with("postgres") {
        tokio::time::sleep(BELIEVED_ALIVE).await;
    }
    let error = stage
        .world
        .until("the interruption is told", || async {
            let shown = stage.shown(ids).await;
            let error = &shown["dataConnectionErrors"][0]["errorMessage"];
            error.is_string().then(|| error.clone())
        })
        .await;
    error.as_str().unwrap().to_owned()
}

/// The states of a connection's grants, once they are these.
async fn become_given_back(stage: &Hostile, ids: &(String, String)) -> Vec<Value> {
    stage
        .world
        .until("every grant was given back", || async {
            let held = grants(&stage.world, &ids.0, &ids.1).await;
            let over = |grant: &Value| grant["state"] == "givenBack";
            held.iter().all(over).then_some(held)
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_program_gives_back_what_it_had_received_on_sqlite() {
    tell(Arc::new(Hostile::on_sqlite(&[Play::of("odda")]).await)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "waits four minutes; `cargo xtask soak` runs it"]
async fn a_killed_program_gives_back_what_it_had_received_on_postgres() {
    if let Some(stage) = Hostile::on_postgres(&[Play::of("odda")]).await {
        tell(Arc::new(stage)).await;
    }
}

async fn tell(stage: Arc<Hostile>) {
    let (world, tenant) = (&stage.world, stage.tenant());
    world.stop_platform().await;
    let mut process = process_of(&stage);
    process.start().await;

    // The tokens have come, and the connection isn't stored: they are on record.
    let ids = stage.fresh().await;
    killed_at(&stage, &mut process, &ids, ("me", "a-1")).await;
    let error = last_error(&stage, &ids).await;
    assert!(error.contains("Linking was interrupted"), "{error}");
    let held = become_given_back(&stage, &ids).await;
    assert_eq!(held[0]["reason"], "interrupted");
    assert!(tenant.living().is_empty());
    assert_eq!(world.status_of(&ids.0, &ids.1).await, "PendingAuth");

    // The tokens have not come: nothing is known of them but that the link was interrupted. Its owner ends it there.
    let ids = stage.fresh().await;
    killed_at(&stage, &mut process, &ids, ("token", "a-2")).await;
    let error = last_error(&stage, &ids).await;
    assert!(error.contains("Linking was interrupted"), "{error}");
    assert_eq!(tenant.living(), ["a-2"]);
    tenant.withdraw("a-2");

    // The platform has not answered to the giving back: it is asked again.
    let ids = stage.linked("a-3").await;
    tenant.instead("revoke", |_| Some(Reply::refusal(503, "busy")));
    let mut held = tenant.hold("revoke");
    let path = format!("/companies/{}/connections/{}", ids.0, ids.1);
    world.disconnect(&path).await;
    held.arrived().await;
    process.kill();
    held.release();
    tenant.unsteer();
    assert_eq!(tenant.living(), ["a-3"]);
    process.start().await;
    become_given_back(&stage, &ids).await;
    assert_eq!(tenant.asked("revoke").len(), 3);
    assert!(tenant.living().is_empty());
    process.kill();
    stage.end().await;
}
