//! Records that can't be read: set aside, while the rest of their page is stored.

use std::sync::Arc;

use chrono::TimeDelta;
use egress::{Door, Policy};
use http::Method;
use platform::app::App;
use platform::work;
use serde_json::{Value, json};
use store::model::{ConnectionId, DatasetId};
use store::quarantine::SetAside;

use crate::harness::node::Node;
use crate::harness::own_platform::{PlatformOptions, Stage, platform_story};
use crate::harness::{World, encoded};

fn hourly() -> PlatformOptions {
    PlatformOptions {
        limits: "concurrent_requests = 2",
        ..PlatformOptions::from("Accounting")
    }
}

fn customers(stage: &Stage, customers: Value) {
    let body = json!({ "customers": customers });
    stage.platform.answers("/v1/customers", 200, &[], body);
    stage
        .platform
        .answers("/v1/gone", 200, &[], json!({ "ids": [] }));
}

/// Pulls everything, and returns the pull.
async fn pull(world: &World, company: &str, data_type: &str) -> Value {
    let queued = world.queue_pull(company, data_type).await;
    let id = queued["id"].as_str().unwrap();
    let path = format!("/companies/{company}/data/history/{id}");
    world
        .until("the pull has ended", || async {
            let now = world.get(&path).await.ok();
            now["completed"].is_string().then_some(now)
        })
        .await
}

async fn validation(world: &World, company: &str, pull: &Value) -> Value {
    let id = pull["id"].as_str().unwrap();
    let path = format!("/companies/{company}/sync/{id}/validation");
    world.get(&path).await.ok()
}

/// The ids of a connection's customers with the marks of their deletion.
async fn stored(world: &World, company: &str, connection: &str) -> Vec<(String, bool)> {
    let path = format!("/companies/{company}/connections/{connection}/data/commerce-customers");
    let accounting = format!("/companies/{company}/data/customers");
    let answer = world.get(&accounting).await;
    let read = match answer.status.is_success() {
        true => answer.ok(),
        false => world.get(&path).await.ok(),
    };
    let results = read["results"].as_array().unwrap();
    results
        .iter()
        .map(|record| {
            let deleted = record["metadata"]["isDeleted"] == json!(true);
            (record["id"].as_str().unwrap().to_owned(), deleted)
        })
        .collect()
}

/// The rows that are set aside of a connection's data type.
async fn set_aside(app: &App, connection: &str, data_type: &str) -> Vec<SetAside> {
    let connection = ConnectionId(connection.parse().unwrap());
    let none = DatasetId(uuid::Uuid::nil());
    store::quarantine::of_others(&app.db, connection, data_type, none)
        .await
        .unwrap()
}

fn alive(ids: &[&str]) -> Vec<(String, bool)> {
    ids.iter().map(|id| ((*id).to_owned(), false)).collect()
}

platform_story!(
    a_record_that_cannot_be_read_costs_no_other_and_is_cleared_once_it_can,
    hourly(),
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        customers(&stage, json!([{ "id": "1" }, { "id": "2" }, { "id": "3" }]));
        let (company, connection) = stage.linked().await;
        world.settled(&company).await;
        assert_eq!(
            stored(world, &company, &connection).await,
            alive(&["1", "2", "3"])
        );

        // The third is gone, a fourth is new, and the second is in a form that the map doesn't know.
        world.pass(TimeDelta::minutes(1));
        let secret = "4111-1111-1111";
        customers(
            &stage,
            json!([{ "id": "1" }, { "id": 2, "customerNumber": "C-2", "card": secret }, { "id": "4" }]),
        );
        let done = pull(world, &company, "customers").await;
        assert_eq!(
            (&done["status"], &done["isCompleted"], &done["isErrored"]),
            (&json!("Complete"), &json!(true), &json!(false)),
            "{done}"
        );
        assert_eq!(
            done["statusDescription"],
            "1 record could not be read and is set aside."
        );
        let mut expected = alive(&["1", "2", "3", "4"]);
        expected[2].1 = true;
        assert_eq!(
            stored(world, &company, &connection).await,
            expected,
            "the second stays as it was"
        );
        let found = validation(world, &company, &done).await;
        assert_eq!(found["warnings"], json!([]));
        let errors = found["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{found}");
        assert_eq!(errors[0]["ruleId"], "customers-unreadable");
        assert_eq!(errors[0]["itemId"], "2");
        let message = errors[0]["message"].as_str().unwrap();
        for words in [
            "id: invalid type: integer",
            "C-2",
            "on 15 June 2026, and may be out of date",
        ] {
            assert!(message.contains(words), "{words}: {message}");
        }
        assert!(!message.contains(secret), "{message}");
        let payloads = world.event_payloads(&company, "read.completed").await;
        let told = &payloads.last().unwrap()["dataTypes"][0];
        assert_eq!(told["status"], "Complete");
        assert_eq!(told["issues"][0]["type"], "error.validation", "{told}");
        let rows = set_aside(&world.app, &connection, "customers").await;
        assert_eq!(
            (rows.len(), rows[0].key.as_str(), rows[0].known),
            (1, "2", true)
        );
        let sealed = rows[0].sealed.as_ref().unwrap();
        let secret = secret.as_bytes();
        assert!(!sealed.windows(secret.len()).any(|part| part == secret));

        // No record that can be read is a failure, and removes nothing; nor does a page that isn't one.
        customers(&stage, json!([{ "id": 1 }, { "id": 2 }]));
        let failed = pull(world, &company, "customers").await;
        assert_eq!(failed["status"], "MapError", "{failed}");
        assert!(
            failed["errorMessage"]
                .as_str()
                .unwrap()
                .starts_with("None of 2 records could be read."),
            "{failed}"
        );
        assert_eq!(stored(world, &company, &connection).await, expected);
        customers(&stage, json!("nothing of the kind"));
        let failed = pull(world, &company, "customers").await;
        assert_eq!(failed["status"], "MapError", "{failed}");
        assert_eq!(stored(world, &company, &connection).await, expected);

        // Its later form can be read.
        customers(&stage, json!([{ "id": "1" }, { "id": "2" }, { "id": "4" }]));
        let done = pull(world, &company, "customers").await;
        assert_eq!(done["status"], "Complete");
        assert!(done["statusDescription"].is_null(), "{done}");
        assert_eq!(
            validation(world, &company, &done).await,
            json!({ "errors": [], "warnings": [] })
        );
        assert!(
            set_aside(&world.app, &connection, "customers")
                .await
                .is_empty()
        );
        assert_eq!(stored(world, &company, &connection).await, expected);
    }
);

platform_story!(
    what_is_set_aside_is_read_by_the_mended_map_though_the_platform_sends_it_no_more,
    hourly(),
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        customers(&stage, json!([{ "id": "1" }]));
        let (company, connection) = stage.linked().await;
        world.settled(&company).await;

        // Changes alone are read by the clock.
        customers(&stage, json!([{ "id": 5 }, { "id": "9" }]));
        let next = async |app: &App| {
            world.pass(TimeDelta::minutes(61));
            work::chores_once(app).await.unwrap();
        };
        let pulls = async |number: i64| {
            let path = format!("/companies/{company}/data/history?pageSize=100");
            world
                .until("the pull has ended", || async {
                    let history = world.get(&path).await.ok();
                    let newest = &history["results"][0];
                    let ended = newest["completed"].is_string();
                    (history["totalResults"] == json!(number) && ended).then(|| newest.clone())
                })
                .await
        };
        next(&world.app).await;
        let done = pulls(2).await;
        assert_eq!(done["status"], "Complete", "{done}");
        let asked = stage.platform.seen(Method::GET, "/v1/customers");
        assert!(asked.last().unwrap().target.contains("since="), "{asked:?}");
        assert_eq!(
            stored(world, &company, &connection).await,
            alive(&["1", "9"])
        );

        // The platform has told of the change, and tells of it no more: it stays a finding.
        customers(&stage, json!([]));
        next(&world.app).await;
        let again = pulls(3).await;
        let found = validation(world, &company, &again).await;
        assert_eq!(found["errors"][0]["itemId"], "5", "{found}");
        assert_eq!(again["status"], "Complete", "{again}");

        world.stop_platform().await;
        stage.write("customer.jq", "{id: (.id | tostring), status: \"Active\"}");
        let node = Node::on_database_of(world).await;
        next(&node.app).await;
        let door = Door::new(Policy {
            allow_private: [format!("localhost:{}", node.port)].into(),
            ..Policy::default()
        });
        let key = format!("Basic {}", encoded(&world.key));
        let get = async |path: &str| {
            let url = format!("http://localhost:{}/companies/{company}{path}", node.port);
            let headers = [("authorization", key.as_str())];
            let answer = world.send_through(&door, Method::GET, &url, &headers, Vec::new());
            answer.await.ok()
        };
        let newest = world
            .until("the pull has ended", || async {
                let history = get("/data/history").await;
                let newest = history["results"][0].clone();
                (history["totalResults"] == json!(4) && newest["completed"].is_string())
                    .then_some(newest)
            })
            .await;
        assert!(newest["statusDescription"].is_null(), "{newest}");
        let read = get("/data/customers").await;
        let ids: Vec<&str> = read["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|record| record["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, ["1", "5", "9"]);
        assert!(
            set_aside(&node.app, &connection, "customers")
                .await
                .is_empty()
        );
        node.stop().await;
    }
);

platform_story!(
    what_is_set_aside_is_bounded_and_expires,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        customers(&stage, json!([{ "id": "1" }, { "id": "2" }]));
        let (company, connection) = stage.linked().await;
        world.settled(&company).await;
        let type_of = "commerce-customers";

        let long = "x".repeat(200_000);
        let mut page = vec![json!({ "id": "1" }), json!({ "id": 2, "note": long })];
        page.extend((0..600).map(|number| json!({ "id": 1_000 + number })));
        customers(&stage, json!(page));
        world.pass(TimeDelta::minutes(1));
        let done = pull(world, &company, type_of).await;
        assert_eq!(done["status"], "Complete", "{done}");
        assert_eq!(
            done["statusDescription"],
            "601 records could not be read and are set aside. Records that are gone at the platform stay here until it is known which those are."
        );
        let rows = set_aside(&world.app, &connection, type_of).await;
        assert_eq!(rows.len(), 500);
        let long: Vec<&str> = (rows.iter().filter(|row| row.sealed.is_none()))
            .map(|row| row.key.as_str())
            .collect();
        assert_eq!(long, ["2"], "a form that is too long is not kept");
        let found = validation(world, &company, &done).await;
        assert_eq!(found["errors"].as_array().unwrap().len(), 601);

        // 2026-09-13 is the last of ninety whole days.
        world.pass(TimeDelta::days(90));
        work::chores_once(&world.app).await.unwrap();
        assert_eq!(set_aside(&world.app, &connection, type_of).await.len(), 500);
        world.pass(TimeDelta::days(1));
        work::chores_once(&world.app).await.unwrap();
        assert!(set_aside(&world.app, &connection, type_of).await.is_empty());
        world.grants_may_differ("the grant ends while the days pass");
    }
);

platform_story!(
    what_is_set_aside_goes_with_its_company,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        customers(&stage, json!([{ "id": "1" }, { "id": 2 }]));
        let (company, connection) = stage.linked().await;
        world.settled(&company).await;
        let rows = async || {
            set_aside(&world.app, &connection, "commerce-customers")
                .await
                .len()
        };
        assert_eq!(rows().await, 1);
        let path = format!("/companies/{company}");
        world.client(Method::DELETE, &path, None).await;
        assert_eq!(rows().await, 0);
    }
);

platform_story!(
    a_record_that_is_not_even_text_costs_no_other,
    hourly(),
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        customers(&stage, json!([{ "id": "1" }, { "id": "2" }, { "id": "3" }]));
        let (company, connection) = stage.linked().await;
        world.settled(&company).await;
        // Half of a pair of characters, and more levels than any record has.
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        let body = format!(
            r#"{{"customers":[{{"id":"1"}},{{"id":"2","name":"\ud800"}},{{"id":"3","name":{deep}}},{{"id":"4"}}]}}"#
        );
        stage.platform.answers_text("/v1/customers", &body);
        for _ in 0..2 {
            let done = pull(world, &company, "customers").await;
            assert_eq!(done["status"], "Complete", "{done}");
            assert_eq!(
                done["statusDescription"],
                "2 records could not be read and are set aside."
            );
            let found = validation(world, &company, &done).await;
            let errors = found["errors"].as_array().unwrap();
            let told = |at: usize| errors[at]["message"].as_str().unwrap();
            assert_eq!(
                (&errors[0]["itemId"], &errors[1]["itemId"]),
                (&json!("2"), &json!("3"))
            );
            assert!(told(0).contains("the record is not JSON"), "{found}");
            assert!(
                told(1).contains("the record is nested too deeply"),
                "{found}"
            );
            assert_eq!(
                stored(world, &company, &connection).await,
                alive(&["1", "2", "3", "4"])
            );
        }
        customers(&stage, json!([{ "id": "1" }, { "id": "2" }]));
        let done = pull(world, &company, "customers").await;
        assert!(done["statusDescription"].is_null(), "{done}");
        let gone: Vec<bool> = (stored(world, &company, &connection).await.iter())
            .map(|(_, is_gone)| *is_gone)
            .collect();
        assert_eq!(gone, [false, false, true, true]);
    }
);

platform_story!(
    a_record_without_an_id_keeps_what_is_gone_and_the_pull_says_so,
    hourly(),
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        customers(&stage, json!([{ "id": "1" }, { "id": "2" }]));
        let (company, connection) = stage.linked().await;
        world.settled(&company).await;
        customers(&stage, json!([{ "id": "1" }, { "name": "nameless" }]));
        let done = pull(world, &company, "customers").await;
        let told = done["statusDescription"].as_str().unwrap();
        assert!(
            told.ends_with(
                "Records that are gone at the platform stay here until it is known which those are."
            ),
            "{done}"
        );
        assert_eq!(
            stored(world, &company, &connection).await,
            alive(&["1", "2"])
        );
    }
);
