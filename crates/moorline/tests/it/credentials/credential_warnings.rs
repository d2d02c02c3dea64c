//! Warnings that Moorline records once each: access that can't be renewed, grants that will end, pulls that wait. Webhooks
//! and timelines show the same record.

use chrono::TimeDelta;
use http::Method;
use platform::credentials;
use platform::work::chores_once;
use serde_json::{Value, json};
use store::connections;

use crate::harness::{World, story};

const BUSINESS: &str = "lindqvist-snickeri";
const FAILING: &str = "connection.tokenRefresh.failing";
const RECOVERED: &str = "connection.tokenRefresh.recovered";
const EXPIRING: &str = "connection.credential.expiring";
const PAUSED: &str = "connection.sync.paused";

/// The entries of these types in a connection's timeline, oldest first.
async fn timeline_events(
    world: &World,
    company: &str,
    connection: &str,
    kinds: &[&str],
) -> Vec<Value> {
    let path = format!("/companies/{company}/connections/{connection}/timeline?pageSize=500");
    let mut entries = world.get(&path).await.ok()["results"]
        .as_array()
        .unwrap()
        .clone();
    entries.reverse();
    entries.retain(|entry| kinds.contains(&entry["type"].as_str().unwrap()));
    entries
}

/// Requests an access token; true if there is one.
async fn has_access_token(world: &World, connection: &str) -> bool {
    let id = connection.parse().unwrap();
    let row = connections::find(&world.app.db, id).await.unwrap().unwrap();
    credentials::access(&world.app, &row).await.is_ok()
}

story!(
    access_that_cannot_be_renewed_warns_once_and_its_recovery_is_reported_once,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let outage = json!({ "kind": "token_error", "error": "temporarily_unavailable", "until_cleared": true });
        let both = [FAILING, RECOVERED];

        // A fault that the next attempt mends is not reported: the token lives for another minute and a half.
        world.pass(TimeDelta::seconds(28 * 60 + 30));
        world.fault(outage.clone()).await;
        chores_once(&world.app).await.unwrap();
        world.provider(Method::DELETE, "faults", None).await;
        world.pass(TimeDelta::seconds(20));
        chores_once(&world.app).await.unwrap();
        assert!(has_access_token(&world, &connection).await);
        assert_eq!(
            timeline_events(&world, &company, &connection, &both).await,
            Vec::<Value>::new()
        );

        // A lasting fault is reported once, for all attempts of all callers.
        world.fault(outage).await;
        world.pass(TimeDelta::minutes(31));
        for _ in 0..3 {
            assert!(!has_access_token(&world, &connection).await);
            chores_once(&world.app).await.unwrap();
            world.pass(TimeDelta::minutes(2));
        }
        let failing = timeline_events(&world, &company, &connection, &both).await;
        assert_eq!(failing.len(), 1, "{failing:?}");
        assert_eq!(failing[0]["type"], FAILING);
        assert_eq!(failing[0]["title"], "Access can't be renewed");
        assert_eq!(failing[0]["actor"], "platform");
        let reason = "Access to Sandbox can't be renewed: the platform is unavailable (status 503). It is tried again until it works.";
        assert_eq!(failing[0]["reason"], reason);

        world.provider(Method::DELETE, "faults", None).await;
        world.pass(TimeDelta::minutes(2));
        assert!(has_access_token(&world, &connection).await);
        let over = timeline_events(&world, &company, &connection, &both).await;
        assert_eq!(over.len(), 2, "{over:?}");
        assert_eq!(over[1]["type"], RECOVERED);
        assert_eq!(
            over[1]["reason"],
            "Access to Sandbox is renewed again. It had failed since 15 June 2026, 10:29 UTC."
        );

        // The next degradation is another one.
        world
            .fault(json!({ "kind": "token_error", "error": "invalid_client", "times": 1 }))
            .await;
        world.pass(TimeDelta::minutes(40));
        assert!(!has_access_token(&world, &connection).await);
        world.pass(TimeDelta::minutes(1));
        assert!(has_access_token(&world, &connection).await);
        let again = timeline_events(&world, &company, &connection, &both).await;
        let kinds: Vec<&str> = again.iter().map(|e| e["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, [FAILING, RECOVERED, FAILING, RECOVERED]);
        assert!(
            again[2]["reason"]
                .as_str()
                .unwrap()
                .contains("invalid_client")
        );
        assert_eq!(world.status_of(&company, &connection).await, "Linked");
        world.assert_grants_match().await;
    }
);

story!(
    expiring_grant_warns_once_before_it_ends,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        // A year of renewals: the refresh token is always a fresh one, and there is no warning.
        for _ in 0..12 {
            world.pass(TimeDelta::days(30));
            chores_once(&world.app).await.unwrap();
            assert!(has_access_token(&world, &connection).await);
        }
        let none = timeline_events(&world, &company, &connection, &[EXPIRING]).await;
        assert_eq!(none, Vec::<Value>::new());

        world
            .fault(json!({ "kind": "token_error", "until_cleared": true }))
            .await;
        world.pass(TimeDelta::days(52));
        chores_once(&world.app).await.unwrap();
        let early = timeline_events(&world, &company, &connection, &[EXPIRING]).await;
        assert_eq!(early, Vec::<Value>::new());
        for _ in 0..3 {
            world.pass(TimeDelta::days(1));
            chores_once(&world.app).await.unwrap();
        }
        let warned = timeline_events(&world, &company, &connection, &[EXPIRING]).await;
        assert_eq!(warned.len(), 1, "{warned:?}");
        assert_eq!(warned[0]["title"], "Access ends soon");
        assert_eq!(warned[0]["actor"], "moorline");
        assert_eq!(warned[0]["expiryDate"], "2027-08-09T09:30:00Z");
        assert_eq!(
            warned[0]["reason"],
            "Access to Sandbox ends on 9 August 2027 unless it can be renewed before. Connecting again renews it."
        );

        // Renewed in time: that end is off, and the next one is another forecast.
        world.provider(Method::DELETE, "faults", None).await;
        world.pass(TimeDelta::minutes(20));
        assert!(has_access_token(&world, &connection).await);
        world
            .fault(json!({ "kind": "token_error", "until_cleared": true }))
            .await;
        world.pass(TimeDelta::days(54));
        chores_once(&world.app).await.unwrap();
        assert_eq!(
            timeline_events(&world, &company, &connection, &[EXPIRING])
                .await
                .len(),
            2
        );
    }
);

/// A platform whose consents end after ninety days, with the warning ten days before.
fn platform_with_ending_consents(folder: &std::path::Path) -> std::path::PathBuf {
    let from =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations/sandbox-banking");
    let to = folder.join("platforms/sandbox-banking");
    std::fs::create_dir_all(&to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    let manifest = to.join("manifest.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let longer = "refresh_token_days = 60\nconsent_days = 90\nwarning_days = 10\n";
    let text = text.replace("refresh_token_days = 60\n", longer);
    std::fs::write(manifest, text).unwrap();
    to.parent().unwrap().to_owned()
}

async fn expiring_consent_warns_once_before_it_ends(world: &World) {
    let (company, connection) = world.synced("qhnd", BUSINESS).await;
    let renewed_until = async |days: i64| {
        for _ in 0..days / 20 {
            world.pass(TimeDelta::days(20));
            chores_once(&world.app).await.unwrap();
        }
    };
    // Tokens are renewed all the while; the consent is as old as it is.
    renewed_until(60).await;
    world.pass(TimeDelta::days(19));
    chores_once(&world.app).await.unwrap();
    let early = timeline_events(world, &company, &connection, &[EXPIRING]).await;
    assert_eq!(early, Vec::<Value>::new());
    world.pass(TimeDelta::days(1));
    chores_once(&world.app).await.unwrap();
    chores_once(&world.app).await.unwrap();
    let warned = timeline_events(world, &company, &connection, &[EXPIRING]).await;
    assert_eq!(warned.len(), 1, "{warned:?}");
    assert_eq!(warned[0]["expiryDate"], "2026-09-13T09:30:00Z");
    let reason = warned[0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("The permission given at "), "{reason}");
    assert!(reason.contains(" ends on 13 September 2026."), "{reason}");

    // The customer consents anew: another ninety days.
    let path = format!("/companies/{company}/connections/{connection}");
    let link = world.get(&path).await.ok()["linkUrl"].clone();
    world
        .customer()
        .link(link.as_str().unwrap(), BUSINESS)
        .await;
    renewed_until(60).await;
    assert_eq!(
        timeline_events(world, &company, &connection, &[EXPIRING])
            .await
            .len(),
        1
    );
    renewed_until(20).await;
    let warned = timeline_events(world, &company, &connection, &[EXPIRING]).await;
    assert_eq!(warned.len(), 2);
    assert_eq!(warned[1]["expiryDate"], "2026-12-02T09:30:00Z");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expiring_consent_warns_once_before_it_ends_on_both_databases() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let databases = [Some(sqlite), crate::harness::postgres_database().await];
    for database in databases.into_iter().flatten() {
        let platforms = platform_with_ending_consents(folder.path());
        let own = tempfile::tempdir().unwrap();
        let world = World::start(database, own, |config| {
            config.integrations.dirs.push(platforms);
        })
        .await;
        expiring_consent_warns_once_before_it_ends(&world).await;
        world
            .grants_may_differ("it signs in twice, and the first grant lives on beside the second");
        world.end().await;
    }
}

story!(
    a_waiting_pull_reports_its_reason_and_its_end,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let queue = format!("/companies/{company}/data/queue/invoices");
        let path = "/accounting/v2/sales_documents";
        // A second's wait is only another try.
        world
            .fault(json!({ "kind": "api_rate_limit", "times": 1, "retry_after_seconds": 2, "path": path }))
            .await;
        world.client(Method::POST, &queue, None).await.ok();
        let waits = format!("/companies/{company}/data/history?pageSize=1000");
        world
            .until("the pull waits", || async {
                let history = world.get(&waits).await.ok();
                let results = history["results"].as_array().unwrap();
                results
                    .iter()
                    .any(|operation| operation["statusDescription"].is_string())
                    .then_some(())
            })
            .await;
        world.pass(TimeDelta::seconds(2));
        world.settled(&company).await;
        assert_eq!(
            timeline_events(&world, &company, &connection, &[PAUSED]).await,
            Vec::<Value>::new()
        );

        world
            .fault(json!({ "kind": "api_rate_limit", "times": 1, "retry_after_seconds": 5400, "path": path }))
            .await;
        world.client(Method::POST, &queue, None).await.ok();
        let paused = world
            .until("the pause is reported", || async {
                let paused = timeline_events(&world, &company, &connection, &[PAUSED]).await;
                (!paused.is_empty()).then_some(paused)
            })
            .await;
        assert_eq!(paused.len(), 1, "{paused:?}");
        assert_eq!(paused[0]["title"], "Data collection paused");
        assert_eq!(paused[0]["dataType"], "invoices");
        assert_eq!(paused[0]["nextAttempt"], "2026-06-15T11:00:02Z");
        assert_eq!(
            paused[0]["reason"],
            "Invoices: the platform asks for fewer requests. Next attempt: 15 June 2026, 11:00 UTC."
        );
        world.pass(TimeDelta::minutes(90));
        world.settled(&company).await;
        assert_eq!(
            timeline_events(&world, &company, &connection, &[PAUSED])
                .await
                .len(),
            1
        );
    }
);

story!(
    a_deleted_connections_history_stays_readable_for_its_own_client_alone,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let path = format!("/companies/{company}/connections/{connection}");
        let timeline = format!("{path}/timeline?pageSize=2");
        world.client(Method::DELETE, &path, None).await.ok();
        world.get(&path).await.refused(404);
        // Its grant is given back afterwards, and that is told there too.
        let first = world
            .until("the grant's end is told", || async {
                let first = world.get(&timeline).await.ok();
                (first["results"][0]["title"] == "Access given back").then_some(first)
            })
            .await;
        assert_eq!(first["results"][1]["title"], "Deleted");
        assert_eq!(first["results"][1]["actor"], "client");
        let whole = format!("{path}/timeline?pageSize=100");
        let last = world.get(&whole).await.ok();
        let total = last["totalResults"].as_i64().unwrap();
        let results = last["results"].as_array().unwrap();
        assert_eq!(results.last().unwrap()["title"], "Requested");

        // A company that is deleted takes its data along, not what happened.
        let deleted = world
            .client(Method::DELETE, &format!("/companies/{company}"), None)
            .await;
        assert!(deleted.status.is_success());
        let after = world.get(&timeline).await.ok();
        assert_eq!(after["totalResults"], total);

        let other_key = world.other_client().await;
        let other = world
            .with_key(&other_key, Method::GET, &timeline, None)
            .await;
        other.refused(404);
        let elsewhere = world.company("another").await;
        let path = format!("/companies/{elsewhere}/connections/{connection}/timeline");
        world.get(&path).await.refused(404);
        let never = store::clock::random_id();
        let path = format!("/companies/{company}/connections/{never}/timeline");
        world.get(&path).await.refused(404);
    }
);
