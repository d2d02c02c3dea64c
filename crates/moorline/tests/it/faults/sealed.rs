//! Ciphertexts that were altered or moved: nothing is opened, and it is reported.

use chrono::TimeDelta;
use platform::work::chores_once;
use serde_json::Value;

use crate::harness::command_line::{assert_prints, moorline};
use crate::harness::hostile::{Hostile, Play, hostile_story};

/// Each token in the other's place.
const SWAP: &str =
    "update credential set access_token = refresh_token, refresh_token = access_token";

fn errors(shown: &Value) -> &Vec<Value> {
    shown["dataConnectionErrors"].as_array().unwrap()
}

hostile_story!(
    stored_access_that_cannot_be_opened_is_reported_once_and_until_it_can,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.synced("a-1").await;
        let found = || {
            moorline(stage.folder.path(), &["doctor"])
                .env("MOORLINE_DATABASE_URL", &world.app.config.database_url)
                .env("MOORLINE_KEY_FILE", &world.app.config.key_file)
                .output()
                .unwrap()
        };
        assert_prints(&found(), "the access of every connection can be opened");
        world.tamper(&[SWAP]).await;
        let pulled = stage.pulled(&ids, "customers").await;
        assert_eq!(pulled["status"], "InternalError", "{pulled}");
        for _ in 0..3 {
            stage.access(&ids).await.unwrap_err();
        }
        let shown = stage.shown(&ids).await;
        assert_eq!(errors(&shown).len(), 1, "{shown}");
        let error = &errors(&shown)[0];
        assert_eq!(error["status"], "Active");
        assert_eq!(error["statusText"], "Stored access unreadable", "{error}");
        assert_eq!(shown["status"], "Linked");
        chores_once(&world.app).await.unwrap();
        let metrics = || world.app.metrics.text();
        assert!(metrics().contains("moorline_unreadable_credentials 1"));
        assert_prints(&found(), &format!("connection {} can't be opened", ids.1));
        assert_eq!(tenant.renewals(), 0);

        world.tamper(&[SWAP]).await;
        stage.access(&ids).await.unwrap();
        let shown = stage.shown(&ids).await;
        assert_eq!(errors(&shown)[0]["status"], "Resolved", "{shown}");
        chores_once(&world.app).await.unwrap();
        assert!(metrics().contains("moorline_unreadable_credentials 0"));

        // The same when they are to be renewed: the platform isn't asked.
        world.tamper(&[SWAP]).await;
        world.pass(TimeDelta::minutes(31));
        for _ in 0..3 {
            chores_once(&world.app).await.unwrap();
            stage.access(&ids).await.unwrap_err();
        }
        let shown = stage.shown(&ids).await;
        assert_eq!(errors(&shown).len(), 2, "{shown}");
        assert_eq!(tenant.renewals(), 0);
        world.tamper(&[SWAP]).await;
        stage.recover(std::slice::from_ref(&ids)).await;
        let shown = stage.shown(&ids).await;
        assert!(
            errors(&shown).iter().all(|it| it["status"] == "Resolved"),
            "{shown}"
        );
        world.assert_grants_match().await;
    }
);
