//! Requirements of real platforms: several businesses behind one sign-in, reconnecting with another one, daily limits,
//! deleted records.

use std::sync::Arc;

use axum::http::Method;
use chrono::TimeDelta;
use platform::work::chores_once;
use serde_json::{Value, json};
use url::Url;

use crate::harness::own_platform::{PlatformOptions, Stage, TENANTS, platform_story};

/// The path and the ticket in the address of a page with a question.
fn path_and_ticket(location: &str) -> (String, String) {
    let url = Url::parse("http://a").unwrap().join(location).unwrap();
    let (_, ticket) = url
        .query_pairs()
        .find(|(name, _)| name == "ticket")
        .unwrap();
    (url.path().to_owned(), ticket.into_owned())
}

platform_story!(
    a_customer_with_several_businesses_chooses_one,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        stage.platform.leads_to(&TENANTS);
        let ids = stage.fresh().await;
        let mut customer = world.customer();
        let question = stage.come_back_to(&mut customer, &ids).await;
        let (path, ticket) = path_and_ticket(&question);
        let page = customer.open(&question).await;
        let text = page.text();
        assert!(
            text.contains("Quay Ltd") && text.contains("Pier Ltd"),
            "{text}"
        );
        assert!(
            text.contains("<fieldset") && text.contains("<legend"),
            "{text}"
        );
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "PendingAuth");
        let kept = world.everything().await;
        assert!(
            !kept.contains("-canary") && !kept.contains(&ticket),
            "sealed and hashed"
        );

        assert_eq!(world.customer().open(&question).await.status, 403);
        let submit = [("ticket", ticket.as_str()), ("answer", "choose")];
        let page = customer.submit(&path, &submit).await;
        assert_eq!(page.status, 422);
        assert!(page.text().contains("Choose one of the businesses"));
        let form = [submit[0], submit[1], ("business", "t-9")];
        assert_eq!(customer.submit(&path, &form).await.status, 422);
        let form = [submit[0], submit[1], ("business", "t-2")];
        let answer = customer.submit(&path, &form).await;
        let result = answer.header("location").unwrap().to_owned();
        assert!(result.contains("status=200"), "{result}");
        assert!(
            customer
                .open(&result)
                .await
                .text()
                .contains("Pier Ltd now shares")
        );
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
        let again = customer.submit(&path, &form).await;
        assert!(again.header("location").unwrap().contains("status=200"));
        assert_eq!(world.customer().submit(&path, &form).await.status, 410);

        world.settled(&ids.0).await;
        let requests = stage.platform.seen(Method::GET, "/v1/customers");
        assert_eq!(requests[0].tenant.as_deref(), Some("t-2"));
        let path = format!("/companies/{}/connections/{}", ids.0, ids.1);
        world.disconnect(&path).await;
        let given_back = world
            .until("the grant is given back", || async {
                stage.platform.seen(Method::POST, "/revoke").pop()
            })
            .await;
        assert_eq!(given_back.body, "token=rt-canary");
        assert_eq!(stage.platform.seen(Method::DELETE, "/links/l-2").len(), 1);
    }
);

platform_story!(
    two_businesses_of_one_name_show_the_end_of_their_numbers,
    "Commerce",
    |stage: Arc<Stage>| async move {
        stage.platform.leads_to(&[
            ("tenant-31-7", "l-1", "Quay Ltd"),
            ("tenant-32-7", "l-2", "Quay Ltd"),
            ("tenant-99-8", "l-3", "Pier Ltd"),
        ]);
        let ids = stage.fresh().await;
        let mut customer = stage.world.customer();
        let question = stage.come_back_to(&mut customer, &ids).await;
        let page = customer.open(&question).await.text();
        for end in ["31-7", "32-7"] {
            assert!(page.contains(&format!("Number ending in {end}<")), "{page}");
        }
        assert!(!page.contains("99-8<"), "{page}");
    }
);

platform_story!(
    a_choice_that_is_never_made_gives_the_grant_back,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        stage.platform.leads_to(&TENANTS);
        let ids = stage.fresh().await;
        let mut customer = world.customer();
        let question = stage.come_back_to(&mut customer, &ids).await;
        world.pass(TimeDelta::minutes(59));
        chores_once(&world.app).await.unwrap();
        assert_eq!(customer.open(&question).await.status, 200);
        world.pass(TimeDelta::minutes(2));
        let late = customer.open(&question).await;
        let result = late.header("location").unwrap();
        assert!(result.contains("status=500"), "{result}");
        let page = customer.open(result).await.text();
        assert!(
            page.contains("no business was chosen within an hour"),
            "{page}"
        );
        chores_once(&world.app).await.unwrap();
        world
            .until("the grant is given back", || async {
                stage.platform.seen(Method::POST, "/revoke").pop()
            })
            .await;
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "PendingAuth");
    }
);

platform_story!(
    reconnecting_with_another_business_goes_back_or_makes_a_second_connection,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let ids = stage.linked().await;
        world.settled(&ids.0).await;
        stage.platform.leads_to(&TENANTS[1..]);
        let mut customer = world.customer();
        let question = stage.come_back_to(&mut customer, &ids).await;
        let (path, key) = path_and_ticket(&question);
        let text = customer.open(&question).await.text();
        assert!(
            text.contains("belongs to <strong>Quay Ltd</strong>"),
            "{text}"
        );
        assert!(text.contains("Go back and choose Quay Ltd"), "{text}");
        let form = [("ticket", key.as_str()), ("answer", "back")];
        let answer = customer.submit(&path, &form).await;
        let start = answer.header("location").unwrap();
        assert!(start.contains("/start?otp="), "{start}");
        world
            .until("the other grant is given back", || async {
                stage.platform.seen(Method::DELETE, "/links/l-2").pop()
            })
            .await;
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");

        let answer = stage.come_back(&mut customer, &ids).await;
        let (path, key) = path_and_ticket(answer.header("location").unwrap());
        let form = [("ticket", key.as_str()), ("answer", "new")];
        let answer = customer.submit(&path, &form).await;
        let result = answer.header("location").unwrap();
        assert!(
            result.contains("status=200") && !result.contains(&ids.1),
            "{result}"
        );
        let found = world
            .get(&format!("/companies/{}/connections", ids.0))
            .await
            .ok();
        let statuses: Vec<&Value> = found["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["status"])
            .collect();
        assert_eq!(statuses, ["Linked", "Linked"]);
        assert_eq!(stage.platform.seen(Method::DELETE, "/links/l-1").len(), 0);
    }
);

platform_story!(
    a_second_accounting_business_cannot_be_added_beside_the_first,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let ids = stage.linked().await;
        stage.platform.leads_to(&TENANTS[1..]);
        let mut customer = world.customer();
        let question = stage.come_back_to(&mut customer, &ids).await;
        let (path, key) = path_and_ticket(&question);
        let text = customer.open(&question).await.text();
        assert!(
            text.contains("one accounting platform") && !text.contains("as a new connection"),
            "{text}"
        );
        let form = [("ticket", key.as_str()), ("answer", "new")];
        assert_eq!(customer.submit(&path, &form).await.status, 409);
        // The question stays, to be answered otherwise.
        assert_eq!(customer.open(&question).await.status, 200);
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
    }
);

platform_story!(
    a_daily_limit_pauses_its_own_pull_until_the_days_end_and_no_other,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        // More pages than the manifest's limit of the day.
        stage.platform.customers(&["1"], true);
        let busy = stage.linked().await;
        let message = stage.paused(&busy.0).await;
        assert!(
            message.starts_with("Paused until 2026-06-16T00:00:00"),
            "{message}"
        );
        assert_eq!(stage.platform.seen(Method::GET, "/v1/customers").len(), 3);
        // The neighbour's pull goes through meanwhile.
        stage.platform.leads_to(&TENANTS[1..]);
        stage.platform.customers(&["2"], false);
        let neighbour = stage.linked().await;
        world.settled(&neighbour.0).await;
        assert_eq!(stage.dataset(&neighbour.0).await["status"], "Complete");
        stage.paused(&busy.0).await;
        world.pass(TimeDelta::hours(15));
        world.settled(&busy.0).await;
        assert_eq!(stage.dataset(&busy.0).await["status"], "Complete");

        // A daily limit that the platform itself reports holds too, even if it is reported again.
        let refusal = [("retry-after", "7200"), ("x-problem", "daily")];
        stage
            .platform
            .answers("/v1/customers", 429, &refusal, Value::Null);
        stage.platform.leads_to(&TENANTS[..1]);
        let late = stage.linked().await;
        let message = stage.paused(&late.0).await;
        assert!(
            message.starts_with("Paused until 2026-06-16T02:30:00"),
            "{message}"
        );
        let requests = stage.platform.seen(Method::GET, "/v1/customers").len();
        let again = format!("/companies/{}/data/queue/commerce-customers", neighbour.0);
        stage.platform.customers(&["2"], false);
        world.client(Method::POST, &again, None).await.ok();
        world.settled(&neighbour.0).await;
        world.pass(TimeDelta::hours(2) + TimeDelta::seconds(1));
        world.settled(&late.0).await;
        assert_eq!(
            stage.platform.seen(Method::GET, "/v1/customers").len(),
            requests + 2
        );
        assert_eq!(stage.dataset(&late.0).await["status"], "Complete");

        // Nothing left by the platform's own count.
        stage.platform.answers(
            "/v1/customers",
            200,
            &[("x-day-left", "0")],
            json!({ "customers": [], "next": "x" }),
        );
        let last = stage.linked().await;
        let message = stage.paused(&last.0).await;
        assert!(
            message.starts_with("Paused until 2026-06-17T00:00:00"),
            "{message}"
        );
    }
);

platform_story!(
    deleted_records_are_marked_and_unsupported_types_are_reported,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        stage.platform.customers(&["1", "2"], false);
        stage
            .platform
            .answers("/v1/gone", 200, &[], json!({ "ids": ["2", "77"] }));
        let (company, connection) = stage.linked().await;
        world.settled(&company).await;
        assert!(stage.platform.seen(Method::GET, "/v1/gone").is_empty());
        stage.platform.customers(&[], false);
        world.pass(TimeDelta::minutes(61));
        chores_once(&world.app).await.unwrap();
        world
            .until("changes are requested", || async {
                stage.platform.seen(Method::GET, "/v1/gone").pop()
            })
            .await;
        world.settled(&company).await;
        let seen = stage.platform.seen(Method::GET, "/v1/gone");
        assert_eq!(seen[0].target, "/v1/gone?since=2026-06-15T09%3A25%3A00Z");
        let path = format!("/companies/{company}/connections/{connection}");
        let list = world
            .get(&format!("/companies/{company}/data/customers?page=1"))
            .await
            .ok();
        let marks: Vec<(&str, bool)> = list["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let deleted = one["metadata"]["isDeleted"].as_bool().unwrap();
                (one["id"].as_str().unwrap(), deleted)
            })
            .collect();
        assert_eq!(marks, [("1", false), ("2", true)], "{path}");

        let features = world.get("/integrations/test").await.ok()["datatypeFeatures"].clone();
        let lacking = features
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["datatype"] == "bankTransactions")
            .unwrap()
            .clone();
        assert_eq!(
            lacking["supportedFeatures"],
            json!([{ "featureType": "Get", "featureState": "NotSupported" }])
        );
        let dataset = world.queue_pull(&company, "bankTransactions").await;
        assert_eq!(dataset["status"], "NotSupported");
        assert_eq!(dataset["errorMessage"], "Quayside Books knows of none.");
    }
);

platform_story!(
    a_full_list_of_changes_leads_to_a_pull_of_everything,
    PlatformOptions {
        source: "Accounting",
        limits: "concurrent_requests = 2",
        every_hours: 1,
        writes: false,
        ..PlatformOptions::from("Accounting")
    },
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        stage.platform.customers(&["1", "2"], false);
        let (company, _) = stage.linked().await;
        world.settled(&company).await;
        // Of all that was deleted the platform lists a thousand records, and this one is not among them.
        stage.platform.customers(&["1"], false);
        let others: Vec<String> = (0..1000).map(|n| format!("other-{n}")).collect();
        stage
            .platform
            .answers("/v1/gone", 200, &[], json!({ "ids": others }));
        world.pass(TimeDelta::minutes(61));
        chores_once(&world.app).await.unwrap();
        let everything = world
            .until("everything is requested again", || async {
                let seen = stage.platform.seen(Method::GET, "/v1/customers");
                seen.get(2).cloned()
            })
            .await;
        assert_eq!(everything.target, "/v1/customers");
        world.settled(&company).await;
        let list = world
            .get(&format!("/companies/{company}/data/customers?page=1"))
            .await
            .ok();
        let marks: Vec<(&str, bool)> = list["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let deleted = one["metadata"]["isDeleted"].as_bool().unwrap();
                (one["id"].as_str().unwrap(), deleted)
            })
            .collect();
        assert_eq!(marks, [("1", false), ("2", true)]);
    }
);
