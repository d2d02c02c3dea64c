//! Repeated pulls, and the faults of platforms during them.

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use serde_json::{Value, json};

use crate::harness::{World, story};

const BUSINESS: &str = "lindqvist-snickeri";

/// Requests a pull of one type and waits until it has ended.
async fn refresh(world: &World, company: &str, data_type: &str) -> Value {
    let queued = world.queue_pull(company, data_type).await;
    assert_eq!(queued["status"], "Queued");
    wait_for_end(world, company, &queued).await
}

async fn wait_for_end(world: &World, company: &str, operation: &Value) -> Value {
    let path = format!(
        "/companies/{company}/data/history/{}",
        operation["id"].as_str().unwrap()
    );
    world
        .until("the pull has ended", || async {
            let now = world.get(&path).await.ok();
            now["completed"].is_string().then_some(now)
        })
        .await
}

/// Waits until the pull is paused, and returns it.
async fn wait_for_pause(world: &World, company: &str, operation: &Value) -> Value {
    let path = format!(
        "/companies/{company}/data/history/{}",
        operation["id"].as_str().unwrap()
    );
    world
        .until("the pull pauses", || async {
            let now = world.get(&path).await.ok();
            assert!(now["completed"].is_null(), "{now}");
            now["statusDescription"].is_string().then_some(now)
        })
        .await
}

async fn count_invoices(world: &World, company: &str, query: &str) -> i64 {
    let path = format!("/companies/{company}/data/invoices?pageSize=1&query={query}");
    world.get(&path).await.ok()["totalResults"]
        .as_i64()
        .unwrap()
}

async fn api_calls(world: &World, part: &str) -> i64 {
    let calls = world.provider(Method::GET, "calls", None).await;
    let api = calls["api"].as_object().cloned().unwrap_or_default();
    api.iter()
        .filter(|(path, _)| path.contains(part))
        .filter_map(|(_, count)| count["received"].as_i64())
        .sum()
}

story!(
    a_second_pull_doubles_no_record_and_brings_changes,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let before = world.record_rows(&connection).await;
        let invoices = count_invoices(&world, &company, "").await;
        refresh(&world, &company, "invoices").await;
        assert_eq!(
            world.record_rows(&connection).await,
            before,
            "nothing happened, so nothing changed"
        );
        let newest = "modifiedDate%3E2026-06-15T10:00:00Z";
        assert_eq!(count_invoices(&world, &company, newest).await, 0);
        // A month passes in the books: documents come, change, and some are deleted at the source.
        world.pass(TimeDelta::days(1));
        world
            .provider(
                Method::POST,
                "advance",
                Some(json!({ "business": BUSINESS, "days": 30 })),
            )
            .await;
        let operation = refresh(&world, &company, "invoices").await;
        assert_eq!(operation["status"], "Complete", "{operation}");
        assert!(
            count_invoices(&world, &company, "").await > invoices,
            "new invoices came"
        );
        assert!(
            count_invoices(&world, &company, newest).await > 0,
            "what changed says so"
        );
        // Records that vanished at the source are marked deleted, not dropped: none that was there before is missing.
        let all = format!("/companies/{company}/data/all");
        assert_eq!(world.client(Method::POST, &all, None).await.status, 204);
        world.settled(&company).await;
        let after = world.record_rows(&connection).await;
        let ids = |rows: &[String]| -> std::collections::BTreeSet<String> {
            let id = |row: &String| row.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ");
            rows.iter().map(id).collect()
        };
        assert!(ids(&after).is_superset(&ids(&before)));
        let gone = after.iter().filter(|row| row.contains(" true {")).count();
        assert!(gone > 0, "a month deletes something");
    }
);

/// The records that pulls have seen so far, and those of them that weren't mapped.
async fn seen_and_unaltered(world: &World) -> (u64, u64) {
    let text = world.get("/metrics").await.text();
    let read = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.expect("a counter").trim().parse().expect("a number")
    };
    (
        read("moorline_records_total "),
        read("moorline_records_unaltered_total "),
    )
}

story!(
    what_has_not_changed_at_the_platform_is_not_mapped_again,
    |world| async move {
        let (company, _) = world.synced("mqjo", BUSINESS).await;
        assert_eq!(seen_and_unaltered(&world).await.1, 0, "everything is new");
        // After a week everything is asked for again. In a week some invoices come and some are paid; the others are as they were.
        for round in 0..2 {
            let (seen, unaltered) = seen_and_unaltered(&world).await;
            world.pass(TimeDelta::days(8));
            let since = world.clock.now().format("%Y-%m-%dT%H:%M:%SZ");
            let done = refresh(&world, &company, "invoices").await;
            assert_eq!(done["status"], "Complete", "{done}");
            let (seen_now, unaltered_now) = seen_and_unaltered(&world).await;
            let (seen, unaltered) = (seen_now - seen, unaltered_now - unaltered);
            let there = "metadata.isDeleted=false";
            let there = count_invoices(&world, &company, there).await;
            assert_eq!(seen, u64::try_from(there).unwrap(), "everything came");
            let changed = format!("modifiedDate%3E%3D{since}");
            let changed = count_invoices(&world, &company, &changed).await;
            let mapped = seen - unaltered;
            assert!(
                unaltered > seen / 2 && mapped <= u64::try_from(changed).unwrap(),
                "{round}: of {seen} {mapped} were mapped, and {changed} have changed"
            );
        }
    }
);

story!(
    a_rate_limit_pauses_the_pull_for_the_platforms_retry_after,
    |world| async move {
        let (company, _) = world.synced("mqjo", BUSINESS).await;
        world.fault(json!({ "kind": "api_rate_limit", "times": 1, "retry_after_seconds": 600, "path": "/accounting/v2/sales_documents" })).await;
        let queued = world.queue_pull(&company, "invoices").await;
        let pausing = wait_for_pause(&world, &company, &queued).await;
        let description = pausing["statusDescription"].as_str().unwrap();
        assert_eq!(description, "Paused until 2026-06-15T09:40:00.000Z");
        assert_eq!(
            (&pausing["status"], &pausing["isErrored"]),
            (&json!("Fetching"), &json!(false))
        );
        // Asked for again meanwhile: refused in the contract's words.
        let path = format!("/companies/{company}/data/queue/invoices");
        let again = world.client(Method::POST, &path, None).await.refused(400);
        assert!(
            again.contains("DatasetAlreadyInProgressException"),
            "{again}"
        );
        let calls = api_calls(&world, "sales_documents").await;
        world.pass(TimeDelta::minutes(9));
        // The other pulls go on, and invoices aren't requested before the time.
        assert_eq!(
            refresh(&world, &company, "customers").await["status"],
            "Complete"
        );
        assert_eq!(api_calls(&world, "sales_documents").await, calls);
        world.pass(TimeDelta::minutes(1));
        let done = wait_for_end(&world, &company, &queued).await;
        assert_eq!(done["status"], "Complete", "{done}");
    }
);

story!(
    passing_faults_are_retried_and_lasting_ones_end_in_a_reported_error,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        for fault in [
            json!({ "kind": "api_error", "status": 503, "times": 2, "path": "/accounting/v2/contacts" }),
            json!({ "kind": "api_malformed", "times": 1, "path": "/accounting/v2/contacts" }),
            // A question is repeated at once, over a new connection.
            json!({ "kind": "outage", "mode": "closed", "times": 2, "path": "/accounting/v2/contacts" }),
        ] {
            world.fault(fault.clone()).await;
            let queued = world.queue_pull(&company, "customers").await;
            let done = wait_while_time_passes(&world, &company, &queued).await;
            assert_eq!(done["status"], "Complete", "{fault} {done}");
        }
        // An outage that doesn't end: the pull does, saying why, and what was pulled before stays readable.
        let customers = format!("/companies/{company}/data/customers");
        let before = world.get(&customers).await.ok()["totalResults"].clone();
        world.fault(json!({ "kind": "api_error", "status": 500, "until_cleared": true, "path": "/accounting/v2/contacts" })).await;
        let queued = world.queue_pull(&company, "customers").await;
        let done = wait_while_time_passes(&world, &company, &queued).await;
        assert_eq!(
            (&done["status"], &done["isErrored"]),
            (&json!("FetchError"), &json!(true)),
            "{done}"
        );
        assert!(
            done["errorMessage"]
                .as_str()
                .unwrap()
                .contains("unavailable (status 500)"),
            "{done}"
        );
        assert_eq!(world.get(&customers).await.ok()["totalResults"], before);
        let status = world
            .get(&format!("/companies/{company}/dataStatus"))
            .await
            .ok();
        assert_eq!(status["customers"]["currentStatus"], "FetchError");
        assert!(status["customers"]["latestSuccessfulSyncId"].is_string());
        assert_eq!(
            world.status_of(&company, &connection).await,
            "Linked",
            "a fault is no loss of consent"
        );
    }
);

/// Lets time pass until a pull has ended, and returns it.
async fn wait_while_time_passes(world: &World, company: &str, operation: &Value) -> Value {
    let path = format!(
        "/companies/{company}/data/history/{}",
        operation["id"].as_str().unwrap()
    );
    world
        .until("the pull has ended", || async {
            let now = world.get(&path).await.ok();
            if now["completed"].is_string() {
                return Some(now);
            }
            // To the end of the pause, then in small steps: an attempt that is under way keeps its access token, and a job that was put
            // back after the clock had moved comes due.
            let paused = now["statusDescription"].as_str();
            if let Some(until) = paused.and_then(|text| text.strip_prefix("Paused until ")) {
                let until: DateTime<Utc> = until.parse().unwrap();
                let left = until + TimeDelta::milliseconds(1) - world.clock.now();
                world.pass(left.max(TimeDelta::seconds(20)));
            }
            None
        })
        .await
}

story!(
    a_grant_revoked_at_the_platform_is_reported_and_can_be_repaired,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        world.revoke_grants().await;
        let done = refresh(&world, &company, "invoices").await;
        assert_eq!(done["status"], "AuthError", "{done}");
        let path = format!("/companies/{company}/connections/{connection}");
        let shown = world.get(&path).await.ok();
        assert_eq!(shown["status"], "Deauthorized");
        assert_eq!(shown["dataConnectionErrors"][0]["status"], "Active");
        let token = world
            .get(&format!(
                "/companies/{company}/connectionManagement/accessToken"
            ))
            .await
            .ok();
        let bearer = format!("Bearer {}", token["accessToken"].as_str().unwrap());
        let view = format!("/companies/{company}/connectionManagement/view");
        let view = world
            .authorized(&bearer, Method::GET, &view, None)
            .await
            .ok();
        assert_eq!(
            view["connections"][0]["attention"]["code"], "revoked",
            "{view}"
        );
        // The repair: the same id, its error resolved, its history whole.
        world
            .customer()
            .link(shown["linkUrl"].as_str().unwrap(), BUSINESS)
            .await;
        let repaired = world.get(&path).await.ok();
        assert_eq!(
            (&repaired["status"], &repaired["id"]),
            (&json!("Linked"), &json!(connection))
        );
        assert_eq!(repaired["dataConnectionErrors"][0]["status"], "Resolved");
        world.settled(&company).await;
        let timeline = world
            .authorized(
                &bearer,
                Method::GET,
                &format!("{path}/timeline?pageSize=50"),
                None,
            )
            .await
            .ok();
        let kinds: Vec<&str> = timeline["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["type"].as_str().unwrap())
            .collect();
        for kind in [
            "connection.created",
            "connection.connected",
            "connection.disconnected",
            "connection.reconnected",
        ] {
            assert!(kinds.contains(&kind), "{kinds:?}");
        }
    }
);

story!(
    a_pull_refuses_another_business_chosen_when_reconnecting,
    |world| async move {
        let (company, connection) = world.synced("aiwb", BUSINESS).await;
        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        let shown = world.get(&path).await.ok();
        let mut customer = world.customer();
        let answer = customer
            .link(shown["linkUrl"].as_str().unwrap(), "studio-veldhuis")
            .await;
        let question = answer.header("location").unwrap();
        let text = customer.open(question).await.text();
        assert!(text.contains("Lindqvist Snickeri"), "{text}");
        let shown = world.get(&path).await.ok();
        assert_eq!(shown["status"], "Unlinked", "nothing was accepted silently");
        let (page, ticket) = question.split_once("?ticket=").unwrap();
        let form = [("ticket", ticket), ("answer", "back")];
        let answer = customer.submit(page, &form).await;
        assert!(answer.header("location").unwrap().contains("/start?otp="));
        // Neither grant lives on at the platform.
        let grants = world.provider(Method::GET, "grants", None).await;
        let grants = grants
            .as_array()
            .or(grants["grants"].as_array())
            .unwrap()
            .clone();
        world
            .until("both grants are revoked", || async {
                let now = world.provider(Method::GET, "grants", None).await;
                let now = now.as_array().or(now["grants"].as_array()).unwrap().clone();
                now.iter()
                    .all(|grant| grant["revoked_at"].is_string())
                    .then_some(())
            })
            .await;
        assert_eq!(grants.len(), 2);
    }
);

/// The id of the newest grant at the sandbox.
async fn newest_grant(world: &World) -> String {
    let grants = world.provider(Method::GET, "grants", None).await;
    let grants = grants.as_array().or(grants["grants"].as_array()).unwrap();
    let newest = grants
        .iter()
        .max_by_key(|grant| grant["created"].as_str().unwrap().to_owned());
    newest.unwrap()["id"].as_str().unwrap().to_owned()
}

/// Expires the access tokens at the platform, so that the next pull has to refresh them.
async fn expire_access(world: &World) {
    let grant = newest_grant(world).await;
    world
        .provider(Method::POST, &format!("grants/{grant}/expire"), None)
        .await;
}

story!(
    a_slow_platform_delays_its_own_pull_and_no_other,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let path = format!("/companies/{company}/data/queue");
        world
            .fault(json!({ "kind": "api_delay", "delay_ms": 50_000, "path": "/accounting/v2/sales_documents" }))
            .await;
        // Of two pulls requested in the same millisecond, neither is the latest.
        world.clock.advance(TimeDelta::seconds(1));
        let slow = world
            .client(Method::POST, &format!("{path}/invoices"), None)
            .await
            .ok();
        let seen = format!(
            "/companies/{company}/data/history/{}",
            slow["id"].as_str().unwrap()
        );
        world
            .until("the slow pull is on its way", || async {
                (world.get(&seen).await.ok()["status"] == "Fetching").then_some(())
            })
            .await;
        // A neighbour's pull goes by, and what was there before can be read all the while.
        assert_eq!(
            refresh(&world, &company, "taxRates").await["status"],
            "Complete"
        );
        let status = world
            .get(&format!("/companies/{company}/dataStatus"))
            .await
            .ok();
        assert_eq!(status["invoices"]["currentStatus"], "Fetching", "{status}");
        assert!(status["invoices"]["lastSuccessfulSync"].is_string());
        assert!(count_invoices(&world, &company, "").await > 0);
        assert!(world.get(&seen).await.ok()["completed"].is_null());
        world.provider(Method::DELETE, "faults", None).await;
        let done = wait_for_end(&world, &company, &slow).await;
        assert_eq!(
            (&done["status"], &done["isErrored"]),
            (&json!("Complete"), &json!(false))
        );
        assert!(done["errorMessage"].is_null(), "slow is no error: {done}");
        assert_eq!(world.status_of(&company, &connection).await, "Linked");
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pull_beyond_its_deadline_ends_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let world = World::start(database, folder, |config| {
        config.egress.timeout_ms = 400;
        config.sync.attempts = 3;
    })
    .await;
    let (company, connection) = world.synced("aiwb", BUSINESS).await;
    world
        .fault(json!({ "kind": "api_delay", "delay_ms": 3_000, "path": "/commerce/api/sites" }))
        .await;
    let queued = world.queue_pull(&company, "commerce-locations").await;
    let pausing = wait_for_pause(&world, &company, &queued).await;
    let description = pausing["statusDescription"].as_str().unwrap();
    assert!(
        description.starts_with("Paused until 2026-06-15T"),
        "{description}"
    );
    let done = wait_while_time_passes(&world, &company, &queued).await;
    assert_eq!(done["status"], "FetchError", "{done}");
    let reason = done["errorMessage"].as_str().unwrap();
    assert!(reason.ends_with("did not answer in time"), "{reason}");
    assert_eq!(world.status_of(&company, &connection).await, "Linked");
    world.end().await;
}

story!(
    a_refresh_refused_as_invalid_grant_is_reported_with_the_way_to_repair_it,
    |world| async move {
        world.grants_may_differ("the platform refuses a grant that lives");
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        expire_access(&world).await;
        world
            .fault(json!({ "kind": "token_error", "error": "invalid_grant", "times": 1 }))
            .await;
        let done = refresh(&world, &company, "invoices").await;
        assert_eq!(done["status"], "AuthError", "{done}");
        assert!(done["errorMessage"].is_string());
        let path = format!("/companies/{company}/connections/{connection}");
        let shown = world.get(&path).await.ok();
        assert_eq!(shown["status"], "Deauthorized");
        let error = &shown["dataConnectionErrors"][0];
        assert_eq!(error["status"], "Active");
        let words = error["errorMessage"].as_str().unwrap();
        assert!(
            words.contains("withdrawn") && words.contains("Sandbox"),
            "{words}"
        );
        assert!(
            count_invoices(&world, &company, "").await > 0,
            "what was read stays readable"
        );
        world
            .customer()
            .link(shown["linkUrl"].as_str().unwrap(), BUSINESS)
            .await;
        assert_eq!(world.status_of(&company, &connection).await, "Linked");
        world.settled(&company).await;
    }
);

story!(
    an_invalid_grant_is_ignored_if_the_customer_has_reconnected_meanwhile,
    |world| async move {
        world
            .grants_may_differ("it signs in twice, and the first grant lives on beside the second");
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let path = format!("/companies/{company}/connections/{connection}");
        let shown = world.get(&path).await.ok();
        expire_access(&world).await;
        // The refresh is under way, slowly, and will be refused.
        world
            .fault(json!({ "kind": "token_delay", "delay_ms": 3_000, "times": 1 }))
            .await;
        world
            .fault(json!({ "kind": "token_error", "error": "invalid_grant", "times": 1 }))
            .await;
        let queued = world.queue_pull(&company, "taxRates").await;
        world
            .until("the refresh waits at the platform", || async {
                let faults = world.provider(Method::GET, "faults", None).await;
                let faults = faults
                    .as_array()
                    .or(faults["faults"].as_array())
                    .unwrap()
                    .len();
                (faults == 0).then_some(())
            })
            .await;
        world
            .customer()
            .link(shown["linkUrl"].as_str().unwrap(), BUSINESS)
            .await;
        let done = wait_for_end(&world, &company, &queued).await;
        assert_eq!(done["status"], "Complete", "{done}");
        world.settled(&company).await;
        let now = world.get(&path).await.ok();
        assert_eq!(now["status"], "Linked", "{now}");
        assert!(
            now["dataConnectionErrors"]
                .as_array()
                .is_none_or(Vec::is_empty),
            "no word of a loss that never was: {now}"
        );
    }
);
