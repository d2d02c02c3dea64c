//! Supplemental data and custom data types: values beyond the standard models, as the platform wrote them.

use http::Method;
use serde_json::{Value, json};

use crate::connecting::every_start_page::read_only;
use crate::harness::{World, story};
use crate::reading::data_types::{cents, every_page, results, text};

const CARPENTER: &str = "lindqvist-snickeri";

fn bank_lines() -> Value {
    json!({
        "dataSource": "/bank_lines?bank_account_id=BA-1000",
        "requiredData": {
            "amount": "$.amount",
            "said": "$.narrative",
            "entry": "$[*].ledger_entry_id",
            "nobody": "$.nobody.knows",
        },
        "keyBy": ["$.id"],
        "sourceModifiedDate": ["$.updated_at"],
    })
}

async fn configure(world: &World, name: &str, config: Value) -> Value {
    let path = format!("/integrations/mqjo/dataTypes/custom/{name}");
    world.client(Method::PUT, &path, Some(config)).await.ok()
}

/// A company that reads these types alone, with a connection, synced.
async fn synced(world: &World, types: &[&str]) -> (String, String) {
    let company = world.company("merchant-42").await;
    read_only(world, &company, "mqjo", types).await;
    let connection = world.connection(&company, "mqjo").await;
    let id = text(&connection, "id").to_owned();
    consent(world, &company, &id).await;
    (company, id)
}

/// The customer is told of what is configured now, and agrees.
async fn consent(world: &World, company: &str, connection: &str) {
    let path = format!("/companies/{company}/connections/{connection}");
    let connection = world.get(&path).await.ok();
    let link = text(&connection, "linkUrl");
    world.customer().link(link, CARPENTER).await;
    world.settled(company).await;
}

/// Requests a pull of a custom data type and waits until it has ended.
async fn pull_custom_type(world: &World, company: &str, connection: &str, name: &str) -> Value {
    let path = format!("/companies/{company}/connections/{connection}/data/queue/custom/{name}");
    let operation = world.client(Method::POST, &path, None).await.ok();
    assert_eq!(operation["dataType"], json!(format!("custom/{name}")));
    world.settled(company).await;
    let id = text(&operation, "id");
    let path = format!("/companies/{company}/data/history/{id}");
    world.get(&path).await.ok()
}

story!(
    a_custom_data_type_holds_the_platforms_own_payload,
    |world| async move {
        let (company, connection) = synced(&world, &["bankAccounts", "bankTransactions"]).await;
        let through = format!("/companies/{company}/connections/{connection}/data");
        let list = format!("{through}/custom/bank-lines");
        world.get(&list).await.refused(404);
        let kept = configure(&world, "bank-lines", bank_lines()).await;
        assert_eq!(kept, bank_lines());
        let config = "/integrations/mqjo/dataTypes/custom/bank-lines";
        assert_eq!(world.get(config).await.ok(), bank_lines());
        world.get(&list).await.refused(409);

        // The customer wasn't told of it yet.
        let pull = pull_custom_type(&world, &company, &connection, "bank-lines").await;
        assert_eq!(pull["status"], "PermissionsError", "{pull}");
        consent(&world, &company, &connection).await;
        let pull = pull_custom_type(&world, &company, &connection, "bank-lines").await;
        assert_eq!(pull["status"], "Complete", "{pull}");
        let lines = every_page(&world, &format!("{list}?pageSize=100")).await;
        let standard = every_page(
            &world,
            &format!("{through}/bankAccounts/BA-1000/bankTransactions?pageSize=5000"),
        )
        .await;
        assert!(standard.len() > 250, "more than a page of the platform's");
        assert_eq!(lines.len(), standard.len());
        for line in &lines {
            let known = standard.iter().find(|known| known["id"] == line["id"]);
            let known = known.expect("the line as the standard has it");
            let content = &line["content"];
            assert_eq!(content["said"], known["description"], "{line}");
            // The platform's own way of writing amounts: whole minor units, without a sign.
            let amount = content["amount"].as_i64();
            assert_eq!(
                amount,
                Some(cents(&known["amount"]).abs()),
                "{line} {known}"
            );
            assert!(text(content, "entry").starts_with("LE-"));
            assert_eq!(content["nobody"], Value::Null);
            assert!(line["modifiedDate"]["modifiedDate"].is_string());
        }

        // It stands in the history under its name, and not among the contract's own types.
        let history = world
            .get(&format!(
                "/companies/{company}/data/history?query=dataType%3Dcustom%2Fbank-lines"
            ))
            .await
            .ok();
        assert_eq!(results(&history).len(), 2);
        let status = world.get(&format!("/companies/{company}/dataStatus")).await;
        assert!(status.ok().get("custom/bank-lines").is_none());

        // Another configuration changes what comes, at the next pull.
        let mut other = bank_lines();
        other["requiredData"] = json!({ "day": "$.date" });
        other["keyBy"] = json!(["$.bank_account_id", "$.id"]);
        configure(&world, "bank-lines", other).await;
        consent(&world, &company, &connection).await;
        pull_custom_type(&world, &company, &connection, "bank-lines").await;
        let again = every_page(&world, &format!("{list}?pageSize=5000")).await;
        assert_eq!(again.len(), lines.len(), "the old ids are gone");
        assert!(text(&again[0], "id").starts_with("BA-1000:BL-"));
        assert!(again[0]["content"]["day"].is_string());

        // An answer that is not a list is one record.
        let single = json!({ "dataSource": "organisation", "keyBy": ["organisation_id"], "requiredData": { "all": "$" } });
        configure(&world, "whole", single).await;
        consent(&world, &company, &connection).await;
        pull_custom_type(&world, &company, &connection, "whole").await;
        let whole = world.get(&format!("{through}/custom/whole")).await.ok();
        assert_eq!(whole["totalResults"], 1);
        let all = &results(&whole)[0]["content"]["all"];
        assert_eq!(all["base_currency"], "SEK", "{whole}");

        let stranger = world.other_client().await;
        world
            .with_key(&stranger, Method::GET, config, None)
            .await
            .refused(404);
        world
            .with_key(&stranger, Method::GET, &list, None)
            .await
            .refused(404);
    }
);

story!(
    an_invalid_custom_data_type_is_refused_with_the_reason,
    |world| async move {
        let (company, connection) = synced(&world, &["company"]).await;
        let config = "/integrations/mqjo/dataTypes/custom/odd";
        for wrong in [
            json!({}),
            json!({ "dataSource": "", "keyBy": ["$.id"] }),
            json!({ "dataSource": "/bank_lines", "keyBy": [] }),
            json!({ "dataSource": "/bank_lines", "keyBy": "$.id" }),
            json!({ "dataSource": "/bank_lines", "keyBy": ["$.id"], "requiredData": { "a": 1 } }),
        ] {
            let answer = world.client(Method::PUT, config, Some(wrong)).await;
            answer.refused(400);
        }
        let body = Some(bank_lines());
        world
            .client(
                Method::PUT,
                "/integrations/none/dataTypes/custom/x",
                body.clone(),
            )
            .await
            .refused(404);
        world
            .client(
                Method::PUT,
                "/integrations/mqjo/dataTypes/custom/a%20b",
                body,
            )
            .await
            .refused(400);
        world.get(config).await.refused(404);
        let queue = format!("/companies/{company}/connections/{connection}/data/queue/custom/odd");
        world.client(Method::POST, &queue, None).await.refused(404);

        // No source reaches outside the platform's API.
        for (source, status) in [
            ("https://elsewhere.example/x", "FetchError"),
            ("//elsewhere.example/x", "FetchError"),
            ("/../../oauth/token", "FetchError"),
            ("/%2e%2e/%2e%2e/health", "FetchError"),
            ("/nothing_of_that_name", "FetchError"),
        ] {
            let wanted = json!({ "dataSource": source, "keyBy": ["$.id"], "requiredData": {} });
            configure(&world, "odd", wanted).await;
            consent(&world, &company, &connection).await;
            let pull = pull_custom_type(&world, &company, &connection, "odd").await;
            assert_eq!(pull["status"], status, "{source}: {pull}");
        }
        let keyless =
            json!({ "dataSource": "/bank_lines", "keyBy": ["$.ident"], "requiredData": {} });
        configure(&world, "odd", keyless).await;
        consent(&world, &company, &connection).await;
        let pull = pull_custom_type(&world, &company, &connection, "odd").await;
        assert_eq!(pull["status"], "MapError", "{pull}");
        assert!(text(&pull, "errorMessage").contains("keyBy"), "{pull}");
    }
);

story!(
    supplemental_data_comes_with_the_next_sync_and_goes_when_its_config_goes,
    |world| async move {
        let types = ["company", "customers", "suppliers"];
        let (company, connection) = synced(&world, &types).await;
        let path = |data_type: &str| {
            format!("/integrations/mqjo/dataTypes/{data_type}/supplementalDataConfig")
        };
        let data = format!("/companies/{company}/data");
        let refreshed = async |data_type: &str| {
            let queue = format!("{data}/queue/{data_type}");
            world.client(Method::POST, &queue, None).await.ok();
            world.settled(&company).await;
        };
        let read =
            async |path: &str| every_page(&world, &format!("{data}/{path}?pageSize=500")).await;
        assert!(read("customers").await[0].get("supplementalData").is_none());

        let config = json!({ "supplementalDataConfig": {
            "extra": {
                "dataSource": "/contacts",
                "pullData": { "terms": "terms_days", "whom": "person.given", "nobody": "no.such" },
            },
            "history": {
                "dataSource": "/sales_documents",
                "pullData": { "gone": "state" },
            },
        }});
        let put = async |data_type: &str, config: Value| {
            world
                .client(Method::PUT, &path(data_type), Some(config))
                .await
        };
        // A config that would be stored and never used is refused.
        let mut writing = config.clone();
        writing["supplementalDataConfig"]["extra"]["pushData"] = json!({ "terms": "terms_days" });
        let refused = put("customers", writing).await.refused(400);
        assert!(refused.contains("extra has pushData"), "{refused}");
        assert!(put("customers", config.clone()).await.status.is_success());
        assert_eq!(world.get(&path("customers")).await.ok(), config);
        assert!(
            read("customers").await[0].get("supplementalData").is_none(),
            "nothing before the next sync"
        );
        refreshed("customers").await;
        assert!(
            read("customers").await[0].get("supplementalData").is_none(),
            "nor before the customer was told"
        );
        consent(&world, &company, &connection).await;
        let customers = read("customers").await;
        for customer in &customers {
            let content = &customer["supplementalData"]["content"];
            let extra = &content["extra"];
            assert!(
                extra["terms"].as_i64().is_some_and(|days| days > 0),
                "{customer}"
            );
            let contact = text(customer, "contactName");
            assert!(contact.starts_with(text(extra, "whom")), "{customer}");
            assert_eq!(extra["nobody"], Value::Null);
            // No sales document has a customer's id: the rest is there all the same.
            assert_eq!(content["history"], json!({ "gone": null }), "{customer}");
        }
        assert!(read("suppliers").await[0].get("supplementalData").is_none());

        // Asked for elsewhere than where the record comes from.
        let whoami = json!({ "supplementalDataConfig": {
            "who": { "dataSource": "/whoami", "pullData": { "organisation": "organisation_id" } },
        }});
        put("company", whoami).await;
        consent(&world, &company, &connection).await;
        let info = world.get(&format!("{data}/info")).await.ok();
        let who = &info["supplementalData"]["content"]["who"];
        assert_eq!(who["organisation"], CARPENTER, "{info}");

        put("customers", json!({ "supplementalDataConfig": {} })).await;
        refreshed("customers").await;
        assert!(read("customers").await[0].get("supplementalData").is_none());

        world.get(&path("transfers")).await.refused(400);
        world
            .get("/integrations/none/dataTypes/customers/supplementalDataConfig")
            .await
            .refused(404);
        put("customers", json!({ "supplementlDataConfig": {} }))
            .await
            .refused(400);
        let empty = world.get(&path("invoices")).await.ok();
        assert_eq!(empty, json!({ "supplementalDataConfig": {} }));
    }
);

story!(
    the_published_examples_of_a_configuration_are_accepted,
    |world| async move {
        let fields = |names: &[&str]| -> Value {
            let fields = names
                .iter()
                .map(|name| (format!("your{name}"), json!(name)));
            Value::Object(fields.collect())
        };
        // As the contract's document has them: the groups alone, without the member that its schema has for them.
        for (platform, data_type, source, names) in [
            (
                "gbol",
                "chartOfAccounts",
                "/Accounts",
                &["TaxType", "SystemAccount"][..],
            ),
            (
                "gbol",
                "invoices",
                "/Invoices",
                &["ExpectedPaymentDate", "HasAttachments"],
            ),
            (
                "gbol",
                "items",
                "/Items",
                &["QuantityOnHand", "TotalCostPool"],
            ),
            ("gbol", "customers", "/Contacts", &["BankAccountDetails"]),
            (
                "gbol",
                "taxRates",
                "/TaxRates",
                &["CanApplyToAssets", "CanApplyToRevenue"],
            ),
            (
                "qhyg",
                "customers",
                "/Customer",
                &["SalesTermRef.value", "ParentRef.value"],
            ),
            ("qhyg", "invoices", "/Invoice", &["SalesTermRef.value"]),
        ] {
            let path =
                format!("/integrations/{platform}/dataTypes/{data_type}/supplementalDataConfig");
            let groups = json!({ "yourKey": { "dataSource": source, "pullData": fields(names) } });
            let set = world.client(Method::PUT, &path, Some(groups.clone())).await;
            assert_eq!(set.status, 200, "{platform} {data_type}: {}", set.text());
            let kept = world.get(&path).await.ok();
            assert_eq!(kept, json!({ "supplementalDataConfig": groups }));
        }
        let path = "/integrations/gbol/dataTypes/items/supplementalDataConfig";
        let both = json!({ "supplementalDataConfig": {}, "yourKey": { "dataSource": "/Items" } });
        let refused = world.client(Method::PUT, path, Some(both)).await;
        let refused = refused.refused(400);
        assert!(refused.contains("yourKey"), "{refused}");
        // Nothing at all takes the fields away again.
        let set = world.client(Method::PUT, path, Some(json!({}))).await;
        assert_eq!(set.status, 200);
        let kept = world.get(path).await.ok();
        assert_eq!(kept, json!({ "supplementalDataConfig": {} }));
    }
);
