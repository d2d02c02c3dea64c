//! The times at which pulls are due, and everything that moves them; the history of pulls, and its end.

use std::sync::Arc;

use chrono::TimeDelta;
use http::Method;
use platform::data::pulling;
use platform::work::chores_once;
use serde_json::{Value, json};

use crate::harness::{Node, World, postgres_database, story};

const BUSINESS: &str = "lindqvist-snickeri";
const TYPES: [&str; 4] = [
    "banking-accountBalances",
    "banking-accounts",
    "banking-transactionCategories",
    "banking-transactions",
];

/// The numbers of a company's pulls of the types of the banking sandbox.
async fn pulls(world: &World, company: &str) -> [i64; 4] {
    let mut numbers = [0; 4];
    for (number, data_type) in numbers.iter_mut().zip(TYPES) {
        *number = world.pulls_of(company, data_type).await;
    }
    numbers
}

/// The schedule of one type, for a company.
async fn set_company(world: &World, company: &str, data_type: &str, hours: u32) {
    let setting = json!({
        "dataType": data_type, "fetchOnFirstLink": true, "syncSchedule": hours, "syncOrder": 0,
    });
    let body = json!({ "companyId": company, "settings": [setting], "overridesDefaults": true });
    let path = format!("/companies/{company}/syncSettings");
    let answer = world.post(&path, body).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

story!(
    a_schedule_counts_from_the_last_request,
    |world| async move {
        world.pull_every(24).await;
        let (company, _) = world.synced("qhnd", BUSINESS).await;
        assert_eq!(pulls(&world, &company).await, [1; 4]);
        world.pass_and_pull(TimeDelta::hours(23), &company).await;
        assert_eq!(pulls(&world, &company).await, [1; 4], "nothing is due yet");
        // Requested by the client in between: the next is due a day after that.
        world.queue_pull(&company, TYPES[1]).await;
        world.settled(&company).await;
        world.pass_and_pull(TimeDelta::hours(2), &company).await;
        assert_eq!(pulls(&world, &company).await, [2; 4]);
        world.queue_due().await;
        world.settled(&company).await;
        assert_eq!(pulls(&world, &company).await, [2; 4], "once is enough");
        world.pass_and_pull(TimeDelta::hours(22), &company).await;
        assert_eq!(pulls(&world, &company).await, [2, 3, 2, 2]);
        world.pass_and_pull(TimeDelta::hours(2), &company).await;
        assert_eq!(pulls(&world, &company).await, [3; 4]);
    }
);

story!(
    a_changed_schedule_holds_for_what_was_pulled_before,
    |world| async move {
        world.pull_every(24).await;
        let (company, _) = world.synced("qhnd", BUSINESS).await;
        // The client's, for all of its connections.
        world.pass(TimeDelta::hours(3));
        world.pull_every(2).await;
        world.pass_and_pull(TimeDelta::zero(), &company).await;
        assert_eq!(
            pulls(&world, &company).await,
            [2; 4],
            "shorter: due at once"
        );
        world.pull_every(0).await;
        world.pass_and_pull(TimeDelta::days(3), &company).await;
        assert_eq!(pulls(&world, &company).await, [2; 4], "none: never due");
        // One company's, and back to its client's.
        set_company(&world, &company, TYPES[0], 1).await;
        world.pass_and_pull(TimeDelta::zero(), &company).await;
        assert_eq!(pulls(&world, &company).await, [3, 2, 2, 2]);
        let back = json!({ "companyId": company, "settings": [], "overridesDefaults": false });
        let path = format!("/companies/{company}/syncSettings");
        world.post(&path, back).await.ok();
        world.pass_and_pull(TimeDelta::days(3), &company).await;
        assert_eq!(pulls(&world, &company).await, [3, 2, 2, 2]);
    }
);

story!(
    a_connection_is_in_the_schedule_for_as_long_as_it_is_linked,
    |world| async move {
        world.pull_every(24).await;
        let (company, connection) = world.synced("qhnd", BUSINESS).await;
        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        world.pass_and_pull(TimeDelta::days(2), &company).await;
        assert_eq!(
            pulls(&world, &company).await,
            [1; 4],
            "not while it is unlinked"
        );
        let shown = world.get(&path).await.ok();
        let link = shown["linkUrl"].as_str().unwrap().to_owned();
        world.customer().link(&link, BUSINESS).await;
        world.settled(&company).await;
        assert_eq!(
            pulls(&world, &company).await,
            [2; 4],
            "the first pulls of the new link"
        );
        world.pass_and_pull(TimeDelta::hours(23), &company).await;
        assert_eq!(pulls(&world, &company).await, [2; 4]);
        world.pass_and_pull(TimeDelta::hours(1), &company).await;
        assert_eq!(pulls(&world, &company).await, [3; 4]);
        // A deleted one leaves nothing that is due for ever.
        let deleted = world.client(Method::DELETE, &path, None).await;
        assert!(deleted.status.is_success(), "{}", deleted.text());
        world.pass(TimeDelta::days(2));
        assert_eq!(pulling::queue_due(&world.app).await.unwrap(), 0);
    }
);

story!(
    a_pull_under_way_holds_the_next_one_back_until_it_ends,
    |world| async move {
        world.pull_every(24).await;
        let (company, _) = world.synced("mqjo", BUSINESS).await;
        let of = async |data_type: &str| world.pulls_of(&company, data_type).await;
        world
        .fault(json!({ "kind": "api_delay", "delay_ms": 50_000, "path": "/accounting/v2/sales_documents" }))
        .await;
        world.queue_pull(&company, "invoices").await;
        world.pass(TimeDelta::hours(25));
        world.queue_due().await;
        world
            .until("the other types are pulled again", async || {
                (of("customers").await == 2).then_some(())
            })
            .await;
        world.queue_due().await;
        assert_eq!(
            of("invoices").await,
            2,
            "the one under way is not queued twice"
        );
        world.provider(Method::DELETE, "faults", None).await;
        world.settled(&company).await;
        world.queue_due().await;
        world.settled(&company).await;
        assert_eq!(of("invoices").await, 3, "due since it could not be queued");
    }
);

story!(
    a_clock_that_is_set_back_makes_no_interval_longer,
    |world| async move {
        world.pull_every(24).await;
        let (company, _) = world.synced("qhnd", BUSINESS).await;
        chores_once(&world.app).await.unwrap();
        world.clock.advance(-TimeDelta::days(30));
        chores_once(&world.app).await.unwrap();
        world.pass_and_pull(TimeDelta::hours(23), &company).await;
        assert_eq!(pulls(&world, &company).await, [1; 4]);
        world.pass_and_pull(TimeDelta::hours(2), &company).await;
        assert_eq!(pulls(&world, &company).await, [2; 4]);
    }
);

story!(
    what_the_previous_version_has_pulled_is_found_in_the_history,
    |world| async move {
        world.pull_every(24).await;
        let (company, _) = world.synced("qhnd", BUSINESS).await;
        let status = format!("/companies/{company}/dataStatus");
        let before = world.get(&status).await.ok();
        // As if the states were of a time before these pulls, or there were none; unless a round of chores comes in between.
        world
            .until("the states are not those of the pulls", || async {
                world
                    .tamper(&[
                        "delete from pull_state where data_type <> 'banking-accounts'",
                        "update pull_state set newest_id = null, success_id = null, running = true, due = null",
                    ])
                    .await;
                (world.get(&status).await.ok() != before).then_some(())
            })
            .await;
        pulling::look_over(&world.app).await.unwrap();
        assert_eq!(world.get(&status).await.ok(), before);
        world.pass_and_pull(TimeDelta::hours(23), &company).await;
        assert_eq!(pulls(&world, &company).await, [1; 4]);
        world.pass_and_pull(TimeDelta::hours(1), &company).await;
        assert_eq!(pulls(&world, &company).await, [2; 4]);
    }
);

async fn start(database: &str, adjust: fn(&mut platform::app::config::Config)) -> Arc<World> {
    let folder = tempfile::tempdir().unwrap();
    let database = database.replace("FOLDER", &folder.path().display().to_string());
    World::start(database, folder, adjust).await
}

/// The installation's own schedule, which another configuration changes.
async fn follows_the_installation(database: String) {
    let world = start(&database, |config| config.sync.every_hours = 24).await;
    let (company, _) = world.synced("qhnd", BUSINESS).await;
    world.pass_and_pull(TimeDelta::hours(23), &company).await;
    assert_eq!(pulls(&world, &company).await, [1; 4]);
    world.pass_and_pull(TimeDelta::hours(1), &company).await;
    assert_eq!(pulls(&world, &company).await, [2; 4]);

    world.stop_platform().await;
    let mut config = world.app.config.clone();
    config.sync.every_hours = 2;
    let node = Node::start(config, world.clock.clone()).await;
    let requested = async || {
        let company = company.parse().unwrap();
        let newest = store::datasets::newest(&node.app.db, company)
            .await
            .unwrap();
        let now = world.clock.now();
        newest.iter().filter(|pull| pull.requested == now).count()
    };
    world.pass(TimeDelta::hours(1));
    pulling::queue_due(&node.app).await.unwrap();
    assert_eq!(requested().await, 0);
    world.pass(TimeDelta::hours(1));
    pulling::queue_due(&node.app).await.unwrap();
    assert_eq!(requested().await, 4, "every two hours from now on");
    node.stop().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn due_times_follow_the_installation_on_sqlite() {
    follows_the_installation("sqlite:FOLDER/moorline.db".into()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn due_times_follow_the_installation_on_postgres() {
    if let Some(database) = postgres_database().await {
        follows_the_installation(database).await;
    }
}

/// Old pulls go; the last of each type, and what they brought, stay.
async fn prunes_the_history(database: String) {
    let world = start(&database, |config| {
        config.sync.history_days = 10;
        // A fault ends a pull at once.
        config.sync.attempts = 1;
    })
    .await;
    let (company, connection) = world.synced("qhnd", BUSINESS).await;
    let history = format!("/companies/{company}/data/history?pageSize=1000");
    let of = |held: &Value, data_type: &str| -> usize {
        let results = held["results"].as_array().unwrap();
        results
            .iter()
            .filter(|pull| pull["dataType"] == data_type)
            .count()
    };
    for _ in 0..5 {
        world.pass(TimeDelta::days(4));
        world.queue_pull(&company, TYPES[3]).await;
        world.settled(&company).await;
    }
    // The last attempt fails: the last success stays beside it, however old it becomes.
    world
        .fault(json!({ "kind": "api_error", "status": 500, "until_cleared": true, "path": "/banking/" }))
        .await;
    world.queue_pull(&company, TYPES[1]).await;
    world.settled(&company).await;
    world.provider(Method::DELETE, "faults", None).await;
    let status = format!("/companies/{company}/dataStatus");
    let known = world.get(&status).await.ok();
    let rows = world.record_rows(&connection).await;

    pulling::look_over(&world.app).await.unwrap();
    let kept = world.get(&history).await.ok();
    assert_eq!(of(&kept, TYPES[3]), 3, "of the last ten days: {kept}");
    assert_eq!(of(&kept, TYPES[0]), 1, "the only one, though old");
    assert_eq!(
        of(&kept, TYPES[1]),
        2,
        "the last, and the last that succeeded"
    );
    assert_eq!(world.get(&status).await.ok(), known);
    assert_eq!(world.record_rows(&connection).await, rows);

    world.pass(TimeDelta::days(400));
    pulling::look_over(&world.app).await.unwrap();
    let kept = world.get(&history).await.ok();
    assert_eq!(TYPES.map(|own| of(&kept, own)), [1, 2, 1, 1], "{kept}");
    assert_eq!(world.get(&status).await.ok(), known);
    let path = format!("/companies/{company}/connections/{connection}/data/banking-transactions");
    assert!(
        world.get(&path).await.ok()["totalResults"]
            .as_i64()
            .unwrap()
            > 0
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_pulls_are_pruned_on_sqlite() {
    prunes_the_history("sqlite:FOLDER/moorline.db".into()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_pulls_are_pruned_on_postgres() {
    if let Some(database) = postgres_database().await {
        prunes_the_history(database).await;
    }
}
