//! Writes whose job goes to another holder while the platform is at work on them.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use crate::harness::hostile::{Hostile, Play, hostile_story};

/// The job's lease runs out under its holder: another takes it.
const RUNS_OUT: &str = "update job set lease_owner = null, lease_until = null where kind = 'push'";
/// Its holder loses it to one that is never heard of again.
const IS_LOST: &str =
    "update job set lease_owner = null, lease_until = '2999-01-01T00:00:00Z' where kind = 'push'";

hostile_story!(
    a_write_whose_lease_is_lost_is_sent_once_and_its_answer_is_kept,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.synced("a-1").await;
        let mut held = tenant.hold("v1/new-customers");
        let path = format!(
            "/companies/{}/connections/{}/push/customers?allowSyncOnPushComplete=false",
            ids.0, ids.1
        );
        let record = json!({ "customerName": "Quay" });
        let queued = world.post(&path, record).await.ok();
        let key = queued["pushOperationKey"].as_str().unwrap();
        let path = format!("/companies/{}/push/{key}", ids.0);
        held.arrived().await;

        // The new holder doesn't take it for a write that was interrupted, and doesn't send it again.
        world.tamper(&[RUNS_OUT]).await;
        world
            .until("the new holder waits", || async {
                let rows = world.everything().await;
                rows.contains("another run waits").then_some(())
            })
            .await;
        assert_eq!(world.get(&path).await.ok()["status"], "Pending");
        assert_eq!(tenant.asked("v1/new-customers").len(), 1);

        // Longer than a holder goes without a look at its lease: it has let the job go.
        world.tamper(&[IS_LOST]).await;
        tokio::time::sleep(Duration::from_secs(6)).await;
        held.release();
        let ended = stage.ended_at(&path, "completedOnUtc").await;
        assert_eq!(ended["status"], "Success", "{ended}");
        assert_eq!(tenant.asked("v1/new-customers").len(), 1);
        world.tamper(&[RUNS_OUT]).await;
        world.pass(TimeDelta::seconds(10));
        world
            .until("the job is done", || async {
                let rows = world.everything().await;
                let is_job = |row: &str| row.starts_with("job: ") && row.contains("push");
                (!rows.lines().any(is_job)).then_some(())
            })
            .await;
        assert_eq!(world.get(&path).await.ok()["status"], "Success");
        assert_eq!(tenant.asked("v1/new-customers").len(), 1);
    }
);
