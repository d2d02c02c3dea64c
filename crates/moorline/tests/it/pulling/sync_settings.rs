//! Sync settings of clients and companies: schedule, order, first link, windows and locks.

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{World, postgres_database, story};

const BUSINESS: &str = "lindqvist-snickeri";
const PROFILE: &str = "/profile/syncSettings";

fn settings_path(company: &str) -> String {
    format!("/companies/{company}/syncSettings")
}

async fn client_id(world: &World) -> Value {
    world.get(PROFILE).await.ok()["clientId"].clone()
}

fn setting(data_type: &str) -> Value {
    json!({ "dataType": data_type, "fetchOnFirstLink": true, "syncSchedule": 0, "syncOrder": 0 })
}

fn changed_setting(data_type: &str, fields: Value) -> Value {
    let mut setting = setting(data_type);
    let object = setting.as_object_mut().unwrap();
    object.extend(fields.as_object().unwrap().clone());
    setting
}

async fn set_client(world: &World, settings: Vec<Value>) {
    let body = json!({ "clientId": client_id(world).await, "settings": settings, "overridesDefaults": true });
    let answer = world.post(PROFILE, body).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

async fn set_company(world: &World, company: &str, settings: Vec<Value>) {
    let body = json!({ "companyId": company, "settings": settings, "overridesDefaults": true });
    let answer = world.post(&settings_path(company), body).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

fn setting_of<'a>(held: &'a Value, data_type: &str) -> &'a Value {
    let settings = held["settings"].as_array().unwrap();
    settings
        .iter()
        .find(|setting| setting["dataType"] == data_type)
        .unwrap()
}

async fn refresh(world: &World, company: &str, data_type: &str) {
    world.queue_pull(company, data_type).await;
    let history = world.settled(company).await;
    let last = history
        .iter()
        .find(|pull| pull["dataType"] == data_type)
        .unwrap();
    assert_eq!(last["status"], "Complete", "{last}");
}

story!(
    every_type_has_a_setting_and_a_companys_own_override_its_clients,
    |world| async move {
        let company = world.company("merchant-42").await;
        let defaults = world.get(PROFILE).await.ok();
        assert_eq!(defaults["settings"].as_array().unwrap().len(), 43);
        assert_eq!(defaults["overridesDefaults"], false);
        assert_eq!(
            setting_of(&defaults, "profitAndLoss"),
            &json!({ "dataType": "profitAndLoss", "fetchOnFirstLink": true, "syncSchedule": 0, "syncOrder": 11,
                     "monthsToSync": 24, "isLocked": false })
        );
        let followed = world.get(&settings_path(&company)).await.ok();
        assert_eq!(followed["companyId"], json!(company));
        assert_eq!(followed["settings"], defaults["settings"]);

        let by_client = changed_setting(
            "invoices",
            json!({ "syncSchedule": 24, "syncFromWindow": 24 }),
        );
        set_client(&world, vec![by_client]).await;
        let held = world.get(PROFILE).await.ok();
        assert_eq!(held["overridesDefaults"], true);
        assert_eq!(setting_of(&held, "invoices")["syncFromWindow"], 24);
        assert_eq!(
            setting_of(&held, "bills"),
            setting_of(&defaults, "bills"),
            "what isn't given follows the defaults"
        );
        let followed = world.get(&settings_path(&company)).await.ok();
        assert_eq!(setting_of(&followed, "invoices")["syncSchedule"], 24);
        assert_eq!(followed["overridesDefaults"], false);

        let own = changed_setting(
            "invoices",
            json!({ "syncSchedule": 168, "syncFromUtc": "2020-01-01T12:00:00.000Z", "fetchOnFirstLink": false }),
        );
        set_company(&world, &company, vec![own]).await;
        let held = world.get(&settings_path(&company)).await.ok();
        assert_eq!(
            setting_of(&held, "invoices"),
            &json!({ "dataType": "invoices", "fetchOnFirstLink": false, "syncSchedule": 168, "syncOrder": 0,
                     "syncFromUtc": "2020-01-01T12:00:00Z", "isLocked": false })
        );
        assert_eq!(held["overridesDefaults"], true);
        let other = world.company("merchant-43").await;
        assert_eq!(
            setting_of(&world.get(&settings_path(&other)).await.ok(), "invoices")["syncSchedule"],
            24
        );

        // Read, and sent back as it came: nothing changes.
        world
            .post(&settings_path(&company), held.clone())
            .await
            .ok();
        assert_eq!(world.get(&settings_path(&company)).await.ok(), held);
        // Not overriding any more: what was below shows again.
        let body = json!({ "companyId": company, "settings": [], "overridesDefaults": false });
        world.post(&settings_path(&company), body).await.ok();
        assert_eq!(
            world.get(&settings_path(&company)).await.ok()["settings"],
            followed["settings"]
        );
        let body = json!({ "clientId": client_id(&world).await, "settings": [], "overridesDefaults": false });
        world.post(PROFILE, body).await.ok();
        assert_eq!(world.get(PROFILE).await.ok(), defaults);
    }
);

story!(
    a_setting_that_the_client_has_locked_holds_for_every_company,
    |world| async move {
        let company = world.company("merchant-42").await;
        set_company(
            &world,
            &company,
            vec![changed_setting("invoices", json!({ "syncSchedule": 1 }))],
        )
        .await;
        set_client(
            &world,
            vec![changed_setting(
                "invoices",
                json!({ "syncSchedule": 24, "isLocked": true }),
            )],
        )
        .await;
        let held = world.get(&settings_path(&company)).await.ok();
        assert_eq!(
            setting_of(&held, "invoices")["syncSchedule"],
            24,
            "set before it was locked"
        );
        let own = json!({ "companyId": company, "settings": [changed_setting("invoices", json!({ "syncSchedule": 2 }))], "overridesDefaults": true });
        let refused = world.post(&settings_path(&company), own).await.refused(400);
        assert!(refused.contains("invoices is locked"), "{refused}");
        // As it is, among others, it may be repeated.
        world.post(&settings_path(&company), held).await.ok();
        set_company(
            &world,
            &company,
            vec![changed_setting("bills", json!({ "syncSchedule": 2 }))],
        )
        .await;
    }
);

story!(
    invalid_settings_are_refused_and_change_nothing,
    |world| async move {
        let company = world.company("merchant-42").await;
        let before = world.get(&settings_path(&company)).await.ok();
        for (wrong, words) in [
            (
                changed_setting(
                    "invoices",
                    json!({ "syncFromUtc": "2020-01-01", "syncFromWindow": 3 }),
                ),
                "not both",
            ),
            (
                changed_setting("invoices", json!({ "syncFromWindow": 0 })),
                "from 1 to 1200",
            ),
            (
                changed_setting("invoices", json!({ "syncSchedule": 9_000 })),
                "from 0 (none) to 8760",
            ),
            (
                changed_setting("invoices", json!({ "syncSchedule": -1 })),
                "can't be used",
            ),
            (
                changed_setting("invoices", json!({ "syncFromUtc": "yesterday" })),
                "must be a time",
            ),
            (
                changed_setting("invoices", json!({ "monthsToSync": 3 })),
                "is no statement",
            ),
            (
                changed_setting("balanceSheet", json!({ "syncFromWindow": 3 })),
                "is a statement",
            ),
            (
                changed_setting("receipts", json!({})),
                "no data type 'receipts'",
            ),
            (
                json!({ "dataType": "invoices", "syncSchedule": 1, "syncOrder": 1 }),
                "fetchOnFirstLink is required",
            ),
            (
                json!({ "fetchOnFirstLink": true, "syncSchedule": 1, "syncOrder": 1 }),
                "needs a dataType",
            ),
        ] {
            let body = json!({ "companyId": company, "settings": [setting("bills"), wrong], "overridesDefaults": true });
            let refused = world
                .post(&settings_path(&company), body)
                .await
                .refused(400);
            assert!(refused.contains(words), "{refused}");
        }
        let twice = json!({ "companyId": company, "settings": [setting("bills"), setting("bills")], "overridesDefaults": true });
        assert!(
            world
                .post(&settings_path(&company), twice)
                .await
                .refused(400)
                .contains("given twice")
        );
        let other = world.company("merchant-43").await;
        for body in [
            json!({ "companyId": other, "settings": [], "overridesDefaults": true }),
            json!({ "companyId": company, "overridesDefaults": true }),
        ] {
            world
                .post(&settings_path(&company), body)
                .await
                .refused(400);
        }
        let body = json!({ "clientId": company, "settings": [], "overridesDefaults": true });
        world.post(PROFILE, body).await.refused(400);
        assert_eq!(world.get(&settings_path(&company)).await.ok(), before);
        // Somebody else's company isn't there.
        let stranger = world.other_client().await;
        world
            .with_key(&stranger, Method::GET, &settings_path(&company), None)
            .await
            .refused(404);
    }
);

story!(
    a_type_not_fetched_on_first_link_is_pulled_on_request_or_by_schedule,
    |world| async move {
        let off = |data_type: &str, hours: u32| {
            changed_setting(
                data_type,
                json!({ "fetchOnFirstLink": false, "syncSchedule": hours }),
            )
        };
        set_client(
            &world,
            vec![
                off("banking-transactions", 12),
                off("banking-accountBalances", 0),
            ],
        )
        .await;
        // Its customers are told of what is only requested, too.
        let on_request = json!({ "onRequest": ["banking-accountBalances"] });
        let disclosure = "/profile/disclosure";
        world
            .client(Method::PUT, disclosure, Some(on_request))
            .await
            .ok();
        let (company, _) = world.synced("qhnd", BUSINESS).await;
        assert_eq!(world.pulls_of(&company, "banking-accounts").await, 1);
        assert_eq!(world.pulls_of(&company, "banking-transactions").await, 0);
        let all = format!("/companies/{company}/data/all");
        assert_eq!(world.client(Method::POST, &all, None).await.status, 204);
        world.settled(&company).await;
        assert_eq!(world.pulls_of(&company, "banking-accounts").await, 2);
        assert_eq!(world.pulls_of(&company, "banking-transactions").await, 0);
        refresh(&world, &company, "banking-accountBalances").await;

        // By its schedule, counted from the authorisation, then from the last pull; whatever has none is left alone.
        for (hours, pulls) in [(11, 0), (1, 1), (11, 1), (1, 2)] {
            world.pass_and_pull(TimeDelta::hours(hours), &company).await;
            assert_eq!(
                world.pulls_of(&company, "banking-transactions").await,
                pulls
            );
        }

        // The company's own schedule goes before its client's.
        set_company(
            &world,
            &company,
            vec![
                changed_setting("banking-transactions", json!({ "syncSchedule": 0 })),
                changed_setting("banking-accounts", json!({ "syncSchedule": 1 })),
            ],
        )
        .await;
        world.pass_and_pull(TimeDelta::hours(12), &company).await;
        assert_eq!(world.pulls_of(&company, "banking-accounts").await, 3);
        assert_eq!(world.pulls_of(&company, "banking-transactions").await, 2);
    }
);

story!(
    a_sync_window_leaves_older_records_out_and_widening_it_brings_them_back,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let path = format!("/companies/{company}/data/invoices?pageSize=5000");
        let total = |held: &Value| held["totalResults"].as_i64().unwrap();
        let whole = world.get(&path).await.ok();
        let early = "2026-03-01T00:00:00Z";
        let inside = |held: &Value| {
            held["results"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|invoice| invoice["sourceModifiedDate"].as_str().unwrap() >= early)
                .count()
        };
        let expected = inside(&whole);
        assert!(expected > 0 && expected < count_results(&whole));

        set_company(
            &world,
            &company,
            vec![changed_setting("invoices", json!({ "syncFromUtc": early }))],
        )
        .await;
        refresh(&world, &company, "invoices").await;
        let narrow = world.get(&path).await.ok();
        assert_eq!(
            count_results(&narrow),
            expected,
            "what lies outside is gone, not marked"
        );
        assert_eq!(inside(&narrow), expected);
        let rows = world.record_rows(&connection).await;
        let kept = rows
            .iter()
            .filter(|row| row.starts_with("invoices "))
            .count();
        assert_eq!(kept, expected, "nor is it kept");
        let customers = rows
            .iter()
            .filter(|row| row.starts_with("customers "))
            .count();
        assert!(customers > 0, "other types are as they were");

        // A window in months moves with time, and drops what it leaves behind.
        set_company(
            &world,
            &company,
            vec![changed_setting(
                "invoices",
                json!({ "syncFromWindow": 1, "syncSchedule": 24 }),
            )],
        )
        .await;
        one_scheduled_pull(&world, &company).await;
        let narrower = world.get(&path).await.ok();
        assert!(
            total(&narrower) < total(&narrow),
            "{} {}",
            total(&narrower),
            total(&narrow)
        );

        // Opened by the schedule alone: data that was never requested is requested now.
        set_company(
            &world,
            &company,
            vec![changed_setting("invoices", json!({ "syncSchedule": 24 }))],
        )
        .await;
        one_scheduled_pull(&world, &company).await;
        // The business has gone on meanwhile.
        assert!(total(&world.get(&path).await.ok()) >= total(&whole));
    }
);

/// Lets a day pass, whose schedule queues one pull, and waits for its end.
async fn one_scheduled_pull(world: &World, company: &str) {
    world.pass(TimeDelta::hours(25));
    let before = world.settled(company).await.len();
    world.queue_due().await;
    assert_eq!(world.settled(company).await.len(), before + 1);
}

fn count_results(held: &Value) -> usize {
    held["results"].as_array().unwrap().len()
}

story!(
    statements_cover_the_configured_number_of_months,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let months = |rows: Vec<String>| {
            let of = |row: &String| {
                row.strip_prefix("profitAndLoss ")
                    .map(|rest| rest[..7].to_owned())
            };
            rows.iter().filter_map(of).collect::<Vec<_>>()
        };
        assert_eq!(months(world.record_rows(&connection).await).len(), 24);
        set_client(
            &world,
            vec![changed_setting(
                "profitAndLoss",
                json!({ "monthsToSync": 3 }),
            )],
        )
        .await;
        refresh(&world, &company, "profitAndLoss").await;
        let kept = months(world.record_rows(&connection).await);
        assert_eq!(kept, ["2026-04", "2026-05", "2026-06"]);
        set_client(
            &world,
            vec![changed_setting(
                "profitAndLoss",
                json!({ "monthsToSync": 12 }),
            )],
        )
        .await;
        refresh(&world, &company, "profitAndLoss").await;
        assert_eq!(months(world.record_rows(&connection).await).len(), 12);
    }
);

/// Pulls run one after the other, in a program with one place.
async fn pulls_run_in_the_configured_order(database: String) {
    let folder = tempfile::tempdir().unwrap();
    let database = database.replace("FOLDER", &folder.path().display().to_string());
    let world = World::start(database, folder, |config| config.jobs_at_once = 1).await;
    let order =
        |data_type: &str, order: u32| changed_setting(data_type, json!({ "syncOrder": order }));
    let mut settings = vec![order("items", 0), order("taxRates", 1), order("company", 2)];
    let defaults = world.get(PROFILE).await.ok();
    for other in defaults["settings"].as_array().unwrap() {
        let name = other["dataType"].as_str().unwrap();
        if !["items", "taxRates", "company"].contains(&name) {
            settings.push(order(name, 50));
        }
    }
    set_client(&world, settings).await;
    world.synced("mqjo", BUSINESS).await;
    let calls = world.provider(Method::GET, "calls", None).await;
    let mut paths: Vec<&str> = calls["recent"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .filter_map(|call| call["path"].as_str()?.strip_prefix("/accounting/v2/"))
        .filter(|path| *path != "whoami")
        .collect();
    paths.dedup();
    assert_eq!(
        &paths[..3],
        ["catalogue_items", "tax_codes", "organisation"],
        "{paths:?}"
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pulls_run_in_the_configured_order_on_sqlite() {
    pulls_run_in_the_configured_order("sqlite:FOLDER/moorline.db".into()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pulls_run_in_the_configured_order_on_postgres() {
    if let Some(database) = postgres_database().await {
        pulls_run_in_the_configured_order(database).await;
    }
}
