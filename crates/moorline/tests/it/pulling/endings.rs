//! The ends of pulls that end from outside, and the status of every data type.

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use crate::harness::own_platform::{MOST_PAGES, PlatformOptions, Stage, platform_story};
use crate::harness::{World, story};

const BUSINESS: &str = "lindqvist-snickeri";
const INVOICES: &str = "/accounting/v2/sales_documents";

/// A connection with a pull of invoices that waits for its platform.
async fn with_a_slow_pull(world: &World) -> (String, String) {
    let (company, connection) = world.synced("mqjo", BUSINESS).await;
    world
        .fault(json!({ "kind": "api_delay", "delay_ms": 50_000, "path": INVOICES }))
        .await;
    let queued = world.queue_pull(&company, "invoices").await;
    let path = format!(
        "/companies/{company}/data/history/{}",
        queued["id"].as_str().unwrap()
    );
    world
        .until("the slow pull is on its way", || async {
            (world.get(&path).await.ok()["status"] == "Fetching").then_some(())
        })
        .await;
    (company, connection)
}

/// Lets the platform answer, and waits until no job is left.
async fn let_it_answer(world: &World) {
    world.provider(Method::DELETE, "faults", None).await;
    world
        .until("every job is done", || async {
            let depth = store::jobs::depth(&world.app.db).await.unwrap();
            (depth.waiting == 0).then_some(())
        })
        .await;
}

/// Each data type of a company's `read.completed` events, with its status.
async fn reported(world: &World, company: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let events = world.event_payloads(company, "read.completed").await;
    events
        .iter()
        .flat_map(|event| event["dataTypes"].as_array().unwrap().clone())
        .map(|one| (text(&one["dataType"]), text(&one["status"])))
        .collect()
}

fn once(data_type: &str, status: &str) -> Vec<(String, String)> {
    vec![(data_type.to_owned(), status.to_owned())]
}

story!(
    a_pull_that_is_under_way_when_the_customer_disconnects_is_reported_once,
    |world| async move {
        let (company, connection) = with_a_slow_pull(&world).await;
        world
            .disconnect(&format!("/companies/{company}/connections/{connection}"))
            .await;
        assert_eq!(
            reported(&world, &company).await,
            once("invoices", "Cancelled")
        );
        let_it_answer(&world).await;
        assert_eq!(
            reported(&world, &company).await,
            once("invoices", "Cancelled"),
            "the platform's late answer is not another end"
        );
    }
);

story!(
    a_pull_that_finds_its_grant_lost_is_reported_once,
    |world| async move {
        let (company, _) = world.synced("mqjo", BUSINESS).await;
        world.revoke_grants().await;
        world.queue_pull(&company, "invoices").await;
        world.settled(&company).await;
        let_it_answer(&world).await;
        assert_eq!(
            reported(&world, &company).await,
            once("invoices", "AuthError")
        );
    }
);

/// Warnings and errors that this process logs.
static LOG: LazyLock<Arc<Mutex<Vec<u8>>>> = LazyLock::new(Arc::default);

struct ToLog;

impl Write for ToLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn keep_the_log() {
    let _ = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_ansi(false)
        .with_writer(|| ToLog)
        .try_init();
}

/// The lines of the log that hold some words.
fn logged(words: &str) -> Vec<String> {
    let log = String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned();
    let lines = log.lines().filter(|line| line.contains(words));
    lines.map(str::to_owned).collect()
}

story!(
    deleting_what_is_being_pulled_is_no_error,
    |world| async move {
        keep_the_log();
        for whole in [false, true] {
            let (company, connection) = with_a_slow_pull(&world).await;
            let before = reported(&world, &company).await;
            assert_eq!(before, []);
            let path = match whole {
                true => format!("/companies/{company}"),
                false => format!("/companies/{company}/connections/{connection}"),
            };
            let deleted = world.client(Method::DELETE, &path, None).await;
            assert!(deleted.status.is_success(), "{}", deleted.text());
            if !whole {
                assert_eq!(
                    reported(&world, &company).await,
                    once("invoices", "Cancelled")
                );
            }
            let_it_answer(&world).await;
        }
        assert_eq!(logged(" ERROR "), [""; 0]);
    }
);

story!(
    every_data_type_has_a_status_and_a_failing_one_its_platform_and_reason,
    |world| async move {
        let company = world.company("merchant-1").await;
        let path = format!("/companies/{company}/dataStatus");
        let statuses = world.get(&path).await.ok();
        assert_eq!(statuses.as_object().unwrap().len(), 43);
        assert_eq!(
            statuses["suppliers"],
            json!({ "dataType": "suppliers", "currentStatus": "Initial" })
        );
        let (company, _) = world.synced("qhnd", BUSINESS).await;
        world
            .fault(json!({ "kind": "api_rate_limit", "times": 1, "retry_after_seconds": 600 }))
            .await;
        // Of two pulls requested in the same millisecond, neither is the latest.
        world.clock.advance(TimeDelta::seconds(1));
        world.queue_pull(&company, "banking-accounts").await;
        let path = format!("/companies/{company}/dataStatus");
        let statuses = world
            .until("the pull waits", || async {
                let statuses = world.get(&path).await.ok();
                statuses["banking-accounts"]["reason"]
                    .is_string()
                    .then_some(statuses)
            })
            .await;
        assert_eq!(statuses.as_object().unwrap().len(), 43);
        let waiting = &statuses["banking-accounts"];
        assert_eq!(waiting["currentStatus"], "Fetching", "{waiting}");
        assert_eq!(waiting["platformName"], "Banking Sandbox", "{waiting}");
        let calm = &statuses["banking-accountBalances"];
        assert_eq!(calm["currentStatus"], "Complete", "{calm}");
        assert!(calm["platformName"].is_null() && calm["latestSyncId"].is_string());
        assert_eq!(statuses["invoices"]["currentStatus"], "Initial");
        platform::work::chores_once(&world.app).await.unwrap();
        let figures = world.get("/metrics").await.text();
        for figure in [
            "moorline_platform_calls_total{integration=\"qhnd\",outcome=\"rate_limited\"} 1",
            "moorline_connections{integration=\"qhnd\",status=\"Linked\"} 1",
            "moorline_oldest_due_pull_seconds 0",
            "moorline_grants_ending 0",
        ] {
            assert!(figures.contains(figure), "no {figure} in {figures}");
        }
        for name in ["platform_seconds", "job_wait_seconds"] {
            assert!(
                figures.contains(&format!("moorline_{name}_count")),
                "{name}: {figures}"
            );
        }
        // The limit passes.
        world.pass(TimeDelta::minutes(11));
        let_it_answer(&world).await;
    }
);

story!(
    a_platform_that_begins_to_fail_is_logged_once_and_so_is_its_recovery,
    |world| async move {
        keep_the_log();
        let (company, _) = world.synced("qhnd", BUSINESS).await;
        let seen = |words: &str| {
            logged(words)
                .iter()
                .filter(|line| line.contains("qhnd"))
                .count()
        };
        let before = (seen("is failing"), seen("answers again"));
        world
            .fault(json!({ "kind": "api_error", "status": 500, "until_cleared": true }))
            .await;
        world.queue_pull(&company, "banking-accounts").await;
        world.queue_pull(&company, "banking-transactions").await;
        world
            .until("the platform has failed three times", || async {
                world.pass(TimeDelta::seconds(30));
                (seen("is failing") > before.0).then_some(())
            })
            .await;
        world.provider(Method::DELETE, "faults", None).await;
        world
            .until("every pull has ended", || async {
                world.pass(TimeDelta::minutes(5));
                let depth = store::jobs::depth(&world.app.db).await.unwrap();
                (depth.waiting == 0).then_some(())
            })
            .await;
        let after = (seen("is failing"), seen("answers again"));
        assert_eq!(after, (before.0 + 1, before.1 + 1));
    }
);

platform_story!(
    a_list_without_an_end_ends_in_an_error_and_what_was_read_stays,
    PlatformOptions {
        limits: "concurrent_requests = 2",
        ..PlatformOptions::from("Commerce")
    },
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        stage.platform.customers(&["1"], true);
        let (company, connection) = stage.linked().await;
        let of_customers = || async {
            let path = format!("/companies/{company}/data/history?pageSize=100");
            let history = world.get(&path).await.ok();
            let pulls = history["results"].as_array().unwrap().clone();
            let found = pulls
                .into_iter()
                .find(|pull| pull["dataType"] == "commerce-customers");
            found.filter(|pull| pull["completed"].is_string())
        };
        let pull = world.until("the pull has ended", of_customers).await;
        assert_eq!(pull["status"], "FetchError");
        let said = pull["errorMessage"].as_str().unwrap();
        assert!(said.contains("more than 150 pages"), "{said}");
        let seen = stage.platform.seen(Method::GET, "/v1/customers").len();
        assert_eq!(seen, usize::try_from(MOST_PAGES).unwrap());
        assert_eq!(world.record_rows(&connection).await.len(), 1);
    }
);
