//! Reconciliation: a connection's records agree with each other across data types, and a difference names its record.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{World, story};

const CAFE: &str = "harbour-lane-cafe";
const CARPENTER: &str = "lindqvist-snickeri";
const STUDIO: &str = "studio-veldhuis";

/// The tests of a connection.
pub(super) async fn tests(world: &World, company: &str, connection: &str) -> Vec<Value> {
    let path = format!("/companies/{company}/connections/{connection}/reconciliation");
    let made = world.get(&path).await.ok();
    assert_eq!(made["connectionId"], json!(connection));
    made["tests"].as_array().unwrap().clone()
}

pub(super) fn one<'a>(tests: &'a [Value], id: &str) -> &'a Value {
    let of_id = |test: &&Value| test["id"] == id;
    tests.iter().find(of_id).expect("a test")
}

#[track_caller]
fn all_pass(business: &str, tests: &[Value], at_least: usize) {
    assert!(tests.len() >= at_least, "{business}: {tests:?}");
    for test in tests {
        assert_eq!(test["result"], "passed", "{business}: {test}");
        assert!(test["sides"][0]["amount"].is_number(), "{business}: {test}");
        assert_eq!(test["records"], json!([]), "{business}: {test}");
    }
}

story!(
    the_sandboxs_books_reconcile_to_the_cent,
    |world| async move {
        // Businesses whose books are small enough to be pulled whole here.
        for (business, keys) in [
            (CARPENTER, &["mqjo", "aiwb", "qhnd"][..]),
            (STUDIO, &["mqjo", "aiwb", "qhnd"]),
            (CAFE, &["mqjo", "qhnd"]),
        ] {
            for key in keys {
                let (company, connection) = world.synced(key, business).await;
                let tests = tests(&world, &company, &connection).await;
                let at_least = match *key {
                    "mqjo" => 13,
                    "qhnd" => 3,
                    _ => 2,
                };
                all_pass(business, &tests, at_least);
            }
        }
    }
);

/// Pulls everything of a company anew, and waits until it is there.
pub(super) async fn pull_all(world: &World, company: &str) {
    let path = format!("/companies/{company}/data/all");
    assert_eq!(world.client(Method::POST, &path, None).await.status, 204);
    for pull in world.settled(company).await {
        assert_eq!(pull["status"], "Complete", "{pull}");
    }
}

story!(
    books_that_do_not_add_up_differ_and_the_record_is_named,
    |world| async move {
        for (key, wrongs) in [
            (
                "mqjo",
                &[
                    ("invoice", "receivables", "invoices"),
                    ("bill", "payables", "bills"),
                    ("bank_line", "cash/BA-1000", "bankTransactions"),
                ][..],
            ),
            (
                "qhnd",
                &[("bank_line", "bankBalance/acc-1000", "banking-transactions")],
            ),
            (
                "aiwb",
                &[("payout", "processorPayouts", "commerce-transactions")],
            ),
        ] {
            let (company, connection) = world.synced(key, CARPENTER).await;
            let before = tests(&world, &company, &connection).await;
            all_pass(CARPENTER, &before, 2);
            for (record, ..) in wrongs {
                let fault =
                    json!({ "kind": "wrong_books", "record": record, "business": CARPENTER });
                world.fault(fault).await;
            }
            pull_all(&world, &company).await;
            let wrong = tests(&world, &company, &connection).await;
            for (record, id, data_type) in wrongs {
                let test = one(&wrong, id);
                assert_eq!(test["result"], "differs", "{record}: {test}");
                assert_ne!(test["sides"][0]["amount"], test["sides"][1]["amount"]);
                let culprit = &test["records"][0];
                assert_eq!(culprit["dataType"], *data_type, "{record}: {test}");
                let named = culprit["number"].as_str().or(culprit["id"].as_str());
                let reason = test["reason"].as_str().unwrap();
                assert!(reason.contains(named.unwrap()), "{record}: {test}");
            }
            // The others still agree: single records are wrong, not the books.
            for test in &wrong {
                let is_wrong = wrongs.iter().any(|(_, id, _)| test["id"] == *id);
                assert!(is_wrong || test["result"] == "passed", "{test}");
            }
            // And what was put right at the platform is right here after the next pull.
            world.provider(Method::DELETE, "faults", None).await;
            pull_all(&world, &company).await;
            all_pass(CARPENTER, &tests(&world, &company, &connection).await, 2);
        }
    }
);

story!(
    a_difference_between_pulls_of_different_times_proves_nothing,
    |world| async move {
        let (company, connection) = world.synced("mqjo", CARPENTER).await;
        world.pass(chrono::TimeDelta::days(1));
        let advance = json!({ "business": CARPENTER, "days": 20 });
        world.provider(Method::POST, "advance", Some(advance)).await;
        world.queue_pull(&company, "invoices").await;
        world.settled(&company).await;
        let later = tests(&world, &company, &connection).await;
        let test = one(&later, "receivables");
        assert_eq!(test["result"], "cannotTell", "{test}");
        let reason = test["reason"].as_str().unwrap();
        assert!(reason.contains("pull them together"), "{test}");
        assert_eq!(one(&later, "payables")["result"], "passed");
        pull_all(&world, &company).await;
        all_pass(CARPENTER, &tests(&world, &company, &connection).await, 13);
        // Another client's connection is none of this client's business, and a bad id is a bad id.
        let path = format!("/companies/{company}/connections/{connection}/reconciliation");
        let other = world.other_client().await;
        let answer = world.with_key(&other, Method::GET, &path, None).await;
        answer.refused(404);
        let path = format!("/companies/{company}/connections/nobody/reconciliation");
        world.get(&path).await.refused(400);
    }
);

story!(
    a_type_that_was_never_pulled_leaves_its_tests_open,
    |world| async move {
        let company = world.company("merchant-43").await;
        let path = format!("/companies/{company}/syncSettings");
        let off = json!({ "dataType": "chartOfAccounts", "fetchOnFirstLink": false, "syncSchedule": 0, "syncOrder": 0 });
        let settings =
            json!({ "companyId": company, "settings": [off], "overridesDefaults": true });
        let set = world.post(&path, settings).await;
        assert!(set.status.is_success(), "{}", set.text());
        let connection = world.connection(&company, "mqjo").await;
        let id = connection["id"].as_str().unwrap();
        let mut customer = world.customer();
        customer
            .link(connection["linkUrl"].as_str().unwrap(), CARPENTER)
            .await;
        let before = tests(&world, &company, id).await;
        assert!(!before.is_empty());
        world.settled(&company).await;
        let made = tests(&world, &company, id).await;
        let test = one(&made, "profitAndLoss");
        assert_eq!(test["result"], "cannotTell", "{test}");
        let reason = test["reason"].as_str().unwrap();
        assert!(
            reason.starts_with("chartOfAccounts hasn't been pulled"),
            "{test}"
        );
        // The balance sheet knows the receivables as well, and is of this month.
        let test = one(&made, "receivables");
        assert_eq!(test["result"], "passed", "{test}");
        let label = test["sides"][1]["label"].as_str().unwrap();
        assert_eq!(label, "Receivables in the balance sheet");
    }
);
