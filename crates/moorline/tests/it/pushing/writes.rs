//! Writing to a platform: push options, outcomes, crashes and lost answers.

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{World, story};

/// A joiner in Sweden, with a few documents a week.
const BUSINESS: &str = "lindqvist-snickeri";

fn connection_path(company: &str, connection: &str, path: &str) -> String {
    format!("/companies/{company}/connections/{connection}{path}")
}

async fn wait_for_end(world: &World, company: &str, push: &Value) -> Value {
    let key = push["pushOperationKey"].as_str().expect("a key");
    let path = format!("/companies/{company}/push/{key}");
    world
        .until("the push has ended", || async {
            let now = world.get(&path).await.ok();
            (now["status"] != "Pending").then_some(now)
        })
        .await
}

/// Pushes a record, and waits for the end of the push.
async fn push_and_wait(
    world: &World,
    (company, connection): (&str, &str),
    data_type: &str,
    record: Value,
) -> Value {
    let path = connection_path(company, connection, &format!("/push/{data_type}"));
    let queued = world.post(&path, record.clone()).await.ok();
    assert_eq!(queued["status"], "Pending", "{queued}");
    assert_eq!(queued["statusCode"], 202);
    assert_eq!(queued["data"], record, "as it was sent");
    wait_for_end(world, company, &queued).await
}

fn changed_record_id(push: &Value) -> &str {
    assert_eq!(push["status"], "Success", "{push}");
    push["changes"][0]["recordRef"]["id"]
        .as_str()
        .expect("an id")
}

/// The id of the first choice for a property.
fn first_choice<'a>(options: &'a Value, path: &[&str]) -> &'a str {
    let found = path
        .iter()
        .fold(options, |at, name| &at["properties"][*name]);
    found["options"][0]["value"]
        .as_str()
        .unwrap_or_else(|| panic!("no choice at {path:?}: {found}"))
}

async fn options(world: &World, company: &str, connection: &str, data_type: &str) -> Value {
    let path = connection_path(company, connection, &format!("/options/{data_type}"));
    world.get(&path).await.ok()
}

fn invoice(options: &Value, customer: &str) -> Value {
    json!({
        "customerRef": { "id": customer },
        "issueDate": "2026-06-15T00:00:00",
        "dueDate": "2026-07-01T00:00:00",
        "invoiceNumber": "MOOR-1",
        "status": "Submitted",
        "note": "Made elsewhere.",
        "lineItems": [{
            "description": "Oak shelf",
            "quantity": 2.5,
            "unitAmount": 1234.56,
            "taxRateRef": { "id": first_choice(options, &["lineItems", "taxRateRef", "id"]) },
            "accountRef": { "id": first_choice(options, &["lineItems", "accountRef", "id"]) },
        }],
    })
}

story!(
    a_pushed_invoice_comes_back_in_the_next_sync,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let at = (company.as_str(), connection.as_str());
        let customer = json!({
            "customerName": "Ågren & Åström Inredning AB", "contactName": "Maj Britt Ågren",
            "emailAddress": "maj@agren.example", "status": "Active",
            "addresses": [{ "type": "Delivery", "line1": "Storgatan 1", "city": "Uppsala", "postalCode": "753 31" }],
        });
        let push = push_and_wait(&world, at, "customers", customer).await;
        assert_eq!(push["dataType"], "customers");
        assert_eq!(push["changes"][0]["type"], "Created");
        assert_eq!(push["validation"], json!({ "errors": [], "warnings": [] }));
        let customer = changed_record_id(&push).to_owned();
        world.settled(&company).await;
        let read = |path: String| {
            let world = &world;
            async move { world.get(&path).await.ok() }
        };
        let back = read(format!("/companies/{company}/data/customers/{customer}")).await;
        assert_eq!(back["customerName"], "Ågren & Åström Inredning AB");
        assert_eq!(back["contactName"], "Maj Britt Ågren");
        assert_eq!(back["addresses"][0]["type"], "Delivery");

        let options = options(&world, &company, &connection, "invoices").await;
        let offered = &options["properties"]["customerRef"]["properties"]["id"]["options"];
        let offered = offered.as_array().unwrap();
        assert!(
            offered
                .iter()
                .any(|choice| choice["value"] == customer.as_str())
        );
        let push = push_and_wait(&world, at, "invoices", invoice(&options, &customer)).await;
        let invoice = changed_record_id(&push).to_owned();
        world.settled(&company).await;
        let back = read(format!("/companies/{company}/data/invoices/{invoice}")).await;
        assert_eq!(back["invoiceNumber"], "MOOR-1");
        assert_eq!(back["status"], "Submitted");
        assert_eq!(back["customerRef"]["id"], customer.as_str());
        assert_eq!(back["lineItems"][0]["quantity"], json!(2.5));
        assert_eq!(back["lineItems"][0]["unitAmount"], json!(1234.56));
        assert_eq!(back["subTotal"], json!(3086.4));
        assert_eq!(back["amountDue"], back["totalAmount"]);

        // Changed, and not doubled.
        let path = connection_path(&company, &connection, &format!("/push/invoices/{invoice}"));
        let mut changes = invoice_of(&back);
        changes["note"] = json!("Corrected.");
        let queued = world.client(Method::PUT, &path, Some(changes)).await.ok();
        let push = wait_for_end(&world, &company, &queued).await;
        assert_eq!(push["changes"][0]["type"], "Modified");
        assert_eq!(changed_record_id(&push), invoice);
        world.settled(&company).await;
        let again = read(format!("/companies/{company}/data/invoices/{invoice}")).await;
        assert_eq!(again["note"], "Corrected.");
        assert_eq!(again["totalAmount"], back["totalAmount"]);
        let query = "pageSize=1&query=invoiceNumber%3DMOOR-1";
        let found = read(format!("/companies/{company}/data/invoices?{query}")).await;
        assert_eq!(found["totalResults"], 1);
    }
);

/// The members of a read invoice that can be written back.
fn invoice_of(read: &Value) -> Value {
    let line = &read["lineItems"][0];
    json!({
        "customerRef": { "id": read["customerRef"]["id"] }, "issueDate": read["issueDate"], "dueDate": read["dueDate"],
        "invoiceNumber": read["invoiceNumber"], "status": read["status"],
        "lineItems": [{
            "description": line["description"], "quantity": line["quantity"], "unitAmount": line["unitAmount"],
            "taxRateRef": { "id": line["taxRateRef"]["id"] }, "accountRef": { "id": line["accountRef"]["id"] },
        }],
    })
}

story!(
    a_bill_and_its_supplier_are_written_and_the_books_still_balance,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let at = (company.as_str(), connection.as_str());
        let supplier = json!({ "supplierName": "Fjällnära Virke", "status": "Active" });
        let supplier = push_and_wait(&world, at, "suppliers", supplier).await;
        let options = options(&world, &company, &connection, "bills").await;
        assert_eq!(options["type"], "Object");
        assert_eq!(options["properties"]["supplierRef"]["required"], true);
        assert!(options["properties"]["supplierRef"]["optionsFrom"].is_null());
        let bill = json!({
            "supplierRef": { "id": changed_record_id(&supplier) }, "issueDate": "2026-06-14", "reference": "FV-88", "status": "Open",
            "lineItems": [{
                "description": "Pine, planed", "quantity": 40, "unitAmount": 61.20, "discountPercentage": 10,
                "taxRateRef": { "id": first_choice(&options, &["lineItems", "taxRateRef", "id"]) },
                "accountRef": { "id": first_choice(&options, &["lineItems", "accountRef", "id"]) },
            }],
        });
        let bill = push_and_wait(&world, at, "bills", bill).await;
        world.settled(&company).await;
        let path = format!(
            "/companies/{company}/data/bills/{}",
            changed_record_id(&bill)
        );
        let back = world.get(&path).await.ok();
        assert_eq!(back["reference"], "FV-88");
        assert_eq!(back["subTotal"], json!(2203.2));
        let all = format!("/companies/{company}/data/all");
        assert_eq!(world.client(Method::POST, &all, None).await.status, 204);
        world.settled(&company).await;
        let entries = format!("/companies/{company}/data/journalEntries?pageSize=5000");
        let entries = world.get(&entries).await.ok();
        let own = entries["results"].as_array().unwrap().iter();
        let own: Vec<_> = own
            .filter(|entry| entry["recordRef"]["id"] == changed_record_id(&bill))
            .collect();
        assert_eq!(own.len(), 1, "posted once");
    }
);

story!(
    a_write_that_the_platform_refuses_fails_with_the_platforms_message,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let at = (company.as_str(), connection.as_str());
        let invoice = json!({ "customerRef": { "id": "CT-99999" }, "issueDate": "2019-01-01T00:00:00", "lineItems": [
            { "quantity": 1, "unitAmount": 1.005, "taxRateRef": { "id": "TX-NONE" }, "accountRef": { "id": "LA-1000" } } ] });
        let push = push_and_wait(&world, at, "invoices", invoice).await;
        assert_eq!(push["status"], "Failed", "{push}");
        assert_eq!(push["statusCode"], 400);
        assert_eq!(push["changes"], json!([]));
        assert!(push["completedOnUtc"].is_string());
        let message = push["errorMessage"].as_str().unwrap();
        assert!(message.contains("did not accept the record"), "{message}");
        let errors = push["validation"]["errors"].as_array().unwrap();
        let reasons: Vec<_> = errors
            .iter()
            .map(|error| {
                (
                    error["itemId"].as_str().unwrap(),
                    error["message"].as_str().unwrap(),
                )
            })
            .collect();
        assert!(
            reasons.contains(&("contact_id", "There is no contact 'CT-99999'.")),
            "{reasons:?}"
        );
        let price = "'unit_price' must be a whole number, not 100.5.";
        assert!(
            reasons.contains(&("lines[0].unit_price", price)),
            "{reasons:?}"
        );
        assert!(
            reasons.iter().any(|(field, _)| *field == "issued_on"),
            "{reasons:?}"
        );
        assert!(
            errors
                .iter()
                .all(|error| error["validatorName"] == "invoices")
        );

        let wrong = json!({ "customerName": "X", "status": "Active", "addresses": "none" });
        let push = push_and_wait(&world, at, "customers", wrong).await;
        assert_eq!(push["status"], "Failed", "{push}");
        assert_eq!(push["validation"]["errors"].as_array().unwrap().len(), 1);
        for (path, method, body, status) in [
            ("/push/invoices", Method::POST, Some(json!([1])), 400),
            ("/push/invoices", Method::POST, None, 400),
            (
                "/push/invoices?timeoutInMinutes=soon",
                Method::POST,
                Some(json!({})),
                400,
            ),
            (
                "/push/invoices?allowSyncOnPushComplete=perhaps",
                Method::POST,
                Some(json!({})),
                400,
            ),
        ] {
            let path = connection_path(&company, &connection, path);
            world.client(method, &path, body).await.refused(status);
        }
    }
);

story!(
    types_and_platforms_that_cannot_be_written_are_refused_with_the_reason,
    |world| async move {
        let (company, connection) = world.linked("mqjo", BUSINESS).await;
        let (bank_company, bank) = world.linked("qhnd", BUSINESS).await;
        for (company, connection, data_type, name) in [
            (&company, &connection, "payments", "payments"),
            (&company, &connection, "accounts", "accounts"),
            (&company, &connection, "nonsense", "nonsense"),
            (&bank_company, &bank, "invoices", "invoices"),
        ] {
            let expected = format!("Datatype {name} not supported by platform(s) ");
            let push = connection_path(company, connection, &format!("/push/{data_type}"));
            let answer = world.post(&push, json!({})).await.refused(404);
            assert!(answer.starts_with(&expected), "{answer}");
            let options = connection_path(company, connection, &format!("/options/{data_type}"));
            let answer = world.get(&options).await.refused(404);
            assert!(answer.starts_with(&expected), "{answer}");
        }
        let gone = connection_path(&company, &connection, "/push/invoices/SD-0000001");
        let answer = world.client(Method::DELETE, &gone, None).await.refused(404);
        assert!(
            answer.starts_with("Datatype invoices not supported by platform(s) "),
            "{answer}"
        );
        let lines = connection_path(
            &company,
            &connection,
            "/push/bankAccounts/1/bankTransactions",
        );
        let answer = world.post(&lines, json!({})).await.refused(404);
        assert!(
            answer.starts_with("Datatype bankTransactions not supported by platform(s) "),
            "{answer}"
        );

        let features = world.get("/integrations/mqjo").await.ok();
        let features = features["datatypeFeatures"].as_array().unwrap();
        let of = |data_type: &str| {
            let feature = features
                .iter()
                .find(|one| one["datatype"] == data_type)
                .unwrap();
            let supported = feature["supportedFeatures"].as_array().unwrap();
            let words = supported
                .iter()
                .map(|one| one["featureType"].as_str().unwrap());
            words.collect::<Vec<_>>()
        };
        assert_eq!(of("invoices"), ["Get", "Post", "Put"]);
        assert_eq!(of("payments"), ["Get"]);

        let unlink = connection_path(&company, &connection, "");
        world.disconnect(&unlink).await;
        let push = connection_path(&company, &connection, "/push/customers");
        let answer = world.post(&push, json!({})).await.refused(400);
        assert!(answer.contains("this one is Unlinked"), "{answer}");
        let history = world.get(&format!("/companies/{company}/push")).await.ok();
        assert_eq!(history["totalResults"], 0);
    }
);

story!(
    a_write_whose_answer_was_lost_is_retried_and_doubles_nothing,
    |world| async move {
        let (company, connection) = world.linked("mqjo", BUSINESS).await;
        world.settled(&company).await;
        for kind in ["api_answer_lost", "api_malformed"] {
            let fault = json!({ "kind": kind, "times": 1, "path": "/accounting/v2/contacts" });
            world.fault(fault).await;
            let name = format!("Lost by {kind}");
            let path = connection_path(
                &company,
                &connection,
                "/push/customers?allowSyncOnPushComplete=false",
            );
            let record = json!({ "customerName": name, "status": "Active" });
            let queued = world.post(&path, record).await.ok();
            let key = queued["pushOperationKey"].as_str().unwrap();
            let operation = format!("/companies/{company}/push/{key}");
            let push = world
                .until("the second try has come through", || async {
                    world.pass(TimeDelta::seconds(30));
                    let now = world.get(&operation).await.ok();
                    (now["status"] != "Pending").then_some(now)
                })
                .await;
            let id = changed_record_id(&push);
            let queue = format!("/companies/{company}/data/queue/customers");
            world.client(Method::POST, &queue, None).await.ok();
            world.settled(&company).await;
            let query = format!("query=customerName%3D{}", name.replace(' ', "%20"));
            let found = world
                .get(&format!("/companies/{company}/data/customers?{query}"))
                .await
                .ok();
            assert_eq!(found["totalResults"], 1, "{found}");
            assert_eq!(found["results"][0]["id"], id);
        }
    }
);

story!(
    a_slow_write_times_out_and_the_push_history_can_be_queried,
    |world| async move {
        let (company, connection) = world.linked("mqjo", BUSINESS).await;
        world.settled(&company).await;
        let fault = json!({ "kind": "api_error", "status": 503, "until_cleared": true, "path": "/accounting/v2/contacts" });
        world.fault(fault).await;
        let path = connection_path(&company, &connection, "/push/customers?timeoutInMinutes=5");
        let queued = world
            .post(&path, json!({ "customerName": "Slow", "status": "Active" }))
            .await
            .ok();
        assert_eq!(queued["timeoutInMinutes"], 5);
        assert_eq!(queued["timeoutInSeconds"], 300);
        let pending = format!("/companies/{company}/push?query=status%3DPending");
        assert_eq!(world.get(&pending).await.ok()["totalResults"], 1);
        world.pass(TimeDelta::minutes(5));
        let late = wait_for_end(&world, &company, &queued).await;
        assert_eq!(late["status"], "TimedOut", "{late}");
        assert!(
            late["errorMessage"]
                .as_str()
                .unwrap()
                .contains("time limit")
        );
        world.provider(Method::DELETE, "faults", None).await;

        let wrong = push_and_wait(&world, (&company, &connection), "customers", json!({})).await;
        assert_eq!(wrong["status"], "Failed");
        let history = format!("/companies/{company}/push");
        let all = world.get(&history).await.ok();
        assert_eq!(all["totalResults"], 2);
        assert_eq!(
            all["results"][0]["pushOperationKey"], wrong["pushOperationKey"],
            "newest first"
        );
        assert_eq!(all["results"][1], late);
        let query = "query=status%3DTimedOut%26%26dataType%3Dcustomers&orderBy=-requestedOnUtc";
        let found = world.get(&format!("{history}?{query}")).await.ok();
        assert_eq!(found["results"], json!([late]));
        let page = world
            .get(&format!(
                "{history}?page=2&pageSize=1&orderBy=requestedOnUtc"
            ))
            .await
            .ok();
        assert_eq!(page["results"], json!([wrong]));
        let answer = world
            .get(&format!("{history}?query=colour%3Dred"))
            .await
            .refused(400);
        assert!(
            answer.contains("Could not resolve property colour on PushOperation"),
            "{answer}"
        );
        world
            .get(&format!("{history}/{company}"))
            .await
            .refused(404);
        let other = world.other_client().await;
        let key = late["pushOperationKey"].as_str().unwrap();
        let path = format!("{history}/{key}");
        world
            .with_key(&other, Method::GET, &path, None)
            .await
            .refused(404);
    }
);

story!(a_grant_lost_before_the_write_fails_it, |world| async move {
    let (company, connection) = world.linked("mqjo", BUSINESS).await;
    world.settled(&company).await;
    world.revoke_grants().await;
    let record = json!({ "customerName": "Nobody", "status": "Active" });
    let push = push_and_wait(&world, (&company, &connection), "customers", record).await;
    assert_eq!(push["status"], "Failed", "{push}");
    assert_eq!(push["statusCode"], 401);
    let status = world.status_of(&company, &connection).await;
    assert_eq!(status, "Deauthorized");
});
