//! Pulled data is read back: every data type, by page, by id and by query, and refusals report the reason.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use crate::harness::{World, story};

const CARPENTER: &str = "lindqvist-snickeri";
const STUDIO: &str = "studio-veldhuis";

pub(crate) fn results(list: &Value) -> &[Value] {
    list["results"].as_array().expect("results")
}

pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} of {value}"))
}

pub(crate) fn cents(value: &Value) -> i64 {
    let text = value.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    assert!(part.len() <= 2, "{text} has fractions of a cent");
    format!("{whole}{part:0<2}")
        .parse()
        .unwrap_or_else(|_| panic!("{text} is no amount"))
}

/// A value for a query parameter, percent-encoded.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Follows `next` to the end and returns every record.
pub(crate) async fn every_page(world: &World, first: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut next = Some(first.to_owned());
    let mut total = None;
    while let Some(path) = next {
        let page = world.get(&path).await.ok();
        assert_eq!(
            *total.get_or_insert_with(|| page["totalResults"].clone()),
            page["totalResults"]
        );
        all.extend(results(&page).iter().cloned());
        next = page["_links"]["next"]["href"].as_str().map(str::to_owned);
    }
    assert_eq!(Some(json!(all.len())), total);
    all
}

/// Reads a list and its first record by id, and returns the number of records.
pub(crate) async fn list_and_one(world: &World, path: &str, by_id: bool, metadata: bool) -> i64 {
    let list = world.get(&format!("{path}?pageSize=2")).await.ok();
    let total = list["totalResults"].as_i64().expect("a total");
    assert!(total > 0, "{path} is empty");
    let first = &results(&list)[0];
    assert_eq!(list["_links"]["self"]["href"], json!(path));
    if metadata {
        assert!(
            first["metadata"]["isDeleted"].is_boolean(),
            "{path}: {first}"
        );
    } else {
        assert!(first.get("metadata").is_none(), "{path}: {first}");
    }
    if by_id {
        let one = world
            .get(&format!("{path}/{}", encoded(text(first, "id"))))
            .await
            .ok();
        assert_eq!(one, *first, "{path}");
        let refusal = world
            .get(&format!("{path}/nobody-knows-it"))
            .await
            .refused(404);
        assert!(refusal.contains("No data available for"), "{refusal}");
    }
    total
}

/// Asserts that every document that the database holds of a type stands in the answer byte for byte.
async fn assert_answered_byte_for_byte(
    world: &World,
    connection: &str,
    data_type: &str,
    path: &str,
) {
    let body = world.get(&format!("{path}?pageSize=5000")).await.text();
    let rows = world.record_rows(connection).await;
    let mut seen = 0;
    for row in rows
        .iter()
        .filter(|row| row.starts_with(&format!("{data_type} ")))
    {
        let document = row
            .split_once(" {")
            .expect("a document")
            .1
            .strip_suffix('}')
            .expect("an object");
        assert!(body.contains(document), "{document} is not in {path}");
        seen += 1;
    }
    assert!(seen > 0, "no {data_type}");
}

story!(
    a_companys_books_are_read_as_they_were_pulled,
    |world| async move {
        let (company, connection) = world.synced("mqjo", CARPENTER).await;
        let data = format!("/companies/{company}/data");
        let through = format!("/companies/{company}/connections/{connection}/data");
        for path in [
            "accounts",
            "customers",
            "suppliers",
            "items",
            "taxRates",
            "invoices",
            "creditNotes",
            "payments",
            "bills",
            "billPayments",
            "journalEntries",
            "billCreditNotes",
            "journals",
            "paymentMethods",
            "purchaseOrders",
            "salesOrders",
        ] {
            list_and_one(&world, &format!("{data}/{path}"), true, true).await;
        }
        for path in [
            "accountTransactions",
            "bankAccounts",
            "directCosts",
            "directIncomes",
            "itemReceipts",
            "transfers",
        ] {
            list_and_one(&world, &format!("{through}/{path}"), true, true).await;
        }
        assert_answered_byte_for_byte(&world, &connection, "invoices", &format!("{data}/invoices"))
            .await;

        // Each bank line is listed under its account and nowhere else.
        let accounts = every_page(&world, &format!("{through}/bankAccounts")).await;
        let mut lines = 0;
        for account in &accounts {
            let id = text(account, "id");
            let list = world
                .get(&format!(
                    "{through}/bankAccounts/{id}/bankTransactions?pageSize=5000"
                ))
                .await
                .ok();
            assert!(
                results(&list)
                    .iter()
                    .all(|line| line["accountId"] == json!(id))
            );
            lines += results(&list).len();
        }
        let kept = world.record_rows(&connection).await;
        assert_eq!(
            lines,
            kept.iter()
                .filter(|row| row.starts_with("bankTransactions "))
                .count()
        );
        assert!(lines > 0);

        let info = world.get(&format!("{data}/info")).await.ok();
        assert_eq!(info["companyName"], "Lindqvist Snickeri");

        // A quarter is its three months.
        let statement =
            async |path: &str| world.get(&format!("{data}/financials/{path}")).await.ok();
        let months = statement("profitAndLoss?periodLength=1&periodsToCompare=3").await;
        let quarter = statement("profitAndLoss?periodLength=3&periodsToCompare=1").await;
        assert_eq!(
            months["reports"].as_array().map(Vec::len),
            Some(3),
            "{months}"
        );
        let sum: i64 = months["reports"]
            .as_array()
            .unwrap()
            .iter()
            .map(|month| cents(&month["netProfit"]))
            .sum();
        assert_eq!(cents(&quarter["reports"][0]["netProfit"]), sum);
        let sheet = statement(
            "balanceSheet?periodLength=1&periodsToCompare=2&startMonth=2026-03-01T00:00:00Z",
        )
        .await;
        let report = &sheet["reports"][0];
        assert_eq!(report["date"], "2026-03-31T00:00:00");
        assert_eq!(
            cents(&report["assets"]["value"]) - cents(&report["liabilities"]["value"]),
            cents(&report["netAssets"])
        );
        for wrong in [
            "",
            "?periodLength=1",
            "?periodLength=0&periodsToCompare=1",
            "?periodLength=1&periodsToCompare=1&startMonth=soon",
        ] {
            world
                .get(&format!("{data}/financials/balanceSheet{wrong}"))
                .await
                .refused(400);
        }

        // Data that this platform doesn't have.
        let text = world
            .get(&format!("{through}/commerce-orders"))
            .await
            .refused(404);
        assert!(
            text.contains("Datatype commerce-orders not supported by platform(s)"),
            "{text}"
        );

        // Callers that may not read.
        let invoices = format!("{data}/invoices");
        let stranger = world.other_client().await;
        world
            .with_key(&stranger, Method::GET, &invoices, None)
            .await
            .refused(404);
        world
            .with_key(
                &stranger,
                Method::GET,
                &format!("{through}/bankAccounts"),
                None,
            )
            .await
            .refused(404);
        world
            .with_key("nonsense", Method::GET, &invoices, None)
            .await
            .refused(401);
        let token = world
            .get(&format!("/companies/{company}/accessToken"))
            .await
            .ok();
        let bearer = format!("Bearer {}", self::text(&token, "accessToken"));
        world
            .authorized(&bearer, Method::GET, &invoices, None)
            .await
            .refused(403);
        let elsewhere = world.company("merchant-43").await;
        world
            .get(&format!(
                "/companies/{elsewhere}/connections/{connection}/data/bankAccounts"
            ))
            .await
            .refused(404);
        world
            .get(&format!("/companies/{elsewhere}/data/invoices"))
            .await
            .refused(404);
        world
            .get("/companies/nonsense/data/invoices")
            .await
            .refused(400);
    }
);

story!(
    a_shops_orders_are_found_by_query_and_paged_through,
    |world| async move {
        let (company, connection) = world.synced("aiwb", CARPENTER).await;
        let through = format!("/companies/{company}/connections/{connection}/data");
        for path in [
            "locations",
            "customers",
            "products",
            "orders",
            "payments",
            "transactions",
            "disputes",
            "paymentMethods",
            "productCategories",
            "taxComponents",
        ] {
            list_and_one(&world, &format!("{through}/commerce-{path}"), true, false).await;
        }
        let info = world.get(&format!("{through}/commerce-info")).await.ok();
        assert!(info["modifiedDate"].is_string(), "{info}");
        assert_answered_byte_for_byte(
            &world,
            &connection,
            "commerce-orders",
            &format!("{through}/commerce-orders"),
        )
        .await;

        let orders = format!("{through}/commerce-orders");
        let all = every_page(&world, &format!("{orders}?pageSize=5000")).await;
        let size = all.len() / 3 + 1;
        let paged = every_page(
            &world,
            &format!("{orders}?pageSize={size}&orderBy=-totalAmount"),
        )
        .await;
        let ids = |records: &[Value]| {
            records
                .iter()
                .map(|record| text(record, "id").to_owned())
                .collect::<BTreeSet<_>>()
        };
        assert_eq!(ids(&paged), ids(&all), "the pages hold every order once");
        let amounts: Vec<i64> = paged
            .iter()
            .map(|order| cents(&order["totalAmount"]))
            .collect();
        assert!(amounts.is_sorted_by(|a, b| a >= b), "{amounts:?}");

        // Each query finds what reading everything finds.
        let middle = amounts[amounts.len() / 2];
        let amount = format!("{}.{:02}", middle / 100, middle % 100);
        let day = &text(&all[all.len() / 2], "createdDate")[..10];
        let customer = all
            .iter()
            .find_map(|order| order["customerRef"]["id"].as_str())
            .expect("somebody ordered");
        type Test<'a> = Box<dyn Fn(&Value) -> bool + Send + Sync + 'a>;
        let questions: [(String, Test<'_>); 6] = [
            (
                format!("totalAmount>{amount}"),
                Box::new(|order| cents(&order["totalAmount"]) > middle),
            ),
            (
                format!("totalAmount = {amount}"),
                Box::new(|order| cents(&order["totalAmount"]) == middle),
            ),
            (
                format!("createdDate>={day}"),
                Box::new(|order| text(order, "createdDate") >= day),
            ),
            (
                format!("customerRef.id={customer}"),
                Box::new(|order| order["customerRef"]["id"] == json!(customer)),
            ),
            (
                format!("{{totalAmount<{amount}||customerRef.id={customer}}} && createdDate<{day}"),
                Box::new(|order| {
                    (cents(&order["totalAmount"]) < middle
                        || order["customerRef"]["id"] == json!(customer))
                        && text(order, "createdDate") < day
                }),
            ),
            (
                format!("id={}", text(&all[0], "id")),
                Box::new(|order| order["id"] == all[0]["id"]),
            ),
        ];
        for (query, test) in &questions {
            let found = every_page(
                &world,
                &format!("{orders}?pageSize=5000&query={}", encoded(query)),
            )
            .await;
            let expected: Vec<Value> = all.iter().filter(|order| test(order)).cloned().collect();
            assert!(
                !expected.is_empty() && expected.len() < all.len(),
                "{query} tells nothing apart"
            );
            assert_eq!(ids(&found), ids(&expected), "{query}");
        }

        // Past the end is an empty page; a number that is not a page is refused.
        let beyond = world
            .get(&format!("{orders}?page=100000&pageSize=5000"))
            .await
            .ok();
        assert_eq!(results(&beyond), &[] as &[Value]);
        for wrong in [
            "page=0",
            "page=-1",
            "page=x",
            "pageSize=0",
            "pageSize=5001",
            "pageSize=",
            "page=99999999999999999999",
        ] {
            world.get(&format!("{orders}?{wrong}")).await.refused(400);
        }
        for (query, message) in [
            ("totalAmount", "Error parsing query - Malformed query."),
            ("totalAmount>dear", "Error parsing query - Malformed query."),
            ("{totalAmount>1", "Error parsing query - Malformed query."),
            (
                "totlAmount>1",
                "Error parsing query - Could not resolve property totlAmount on Order",
            ),
        ] {
            let refusal = world
                .get(&format!("{orders}?query={}", encoded(query)))
                .await
                .refused(400);
            assert!(refusal.contains(message), "{query}: {refusal}");
        }
        let refusal = world
            .get(&format!("{orders}?orderBy=-nothing"))
            .await
            .refused(400);
        assert!(
            refusal.contains("Could not resolve property nothing on Order"),
            "{refusal}"
        );
        world
            .get(&format!("{orders}?query=id={}", "x".repeat(2_100)))
            .await
            .refused(400);
    }
);

story!(two_banks_are_read_apart_and_together, |world| async move {
    let (company, first) = world.synced("qhnd", CARPENTER).await;
    let second = world.connection(&company, "qhnd").await;
    let second_id = text(&second, "id").to_owned();
    world
        .customer()
        .link(text(&second, "linkUrl"), STUDIO)
        .await;
    world.settled(&company).await;

    let mut apart = 0;
    for connection in [&first, &second_id] {
        let through = format!("/companies/{company}/connections/{connection}/data");
        list_and_one(&world, &format!("{through}/banking-accounts"), true, false).await;
        list_and_one(
            &world,
            &format!("{through}/banking-accountBalances"),
            false,
            false,
        )
        .await;
        list_and_one(
            &world,
            &format!("{through}/banking-transactionCategories"),
            true,
            false,
        )
        .await;
        apart += list_and_one(
            &world,
            &format!("{through}/banking-transactions"),
            true,
            false,
        )
        .await;
        assert_answered_byte_for_byte(
            &world,
            connection,
            "banking-accounts",
            &format!("{through}/banking-accounts"),
        )
        .await;
    }
    let together = format!("/companies/{company}/data/banking-transactions");
    let all = world.get(&format!("{together}?pageSize=1")).await.ok();
    assert_eq!(all["totalResults"], json!(apart));

    // Withdrawn consent keeps what was shared; deleted data is gone.
    let path = format!("/companies/{company}/connections/{first}");
    world.disconnect(&path).await;
    assert_eq!(
        world.get(&together).await.ok()["totalResults"],
        json!(apart)
    );
    world.client(Method::DELETE, &path, None).await.ok();
    let left = world.get(&together).await.ok()["totalResults"]
        .as_i64()
        .unwrap();
    assert!(0 < left && left < apart, "{left} of {apart}");
    world
        .get(&format!("{path}/data/banking-transactions"))
        .await
        .refused(404);
});

story!(
    data_that_was_not_pulled_yet_is_refused_with_the_reason,
    |world| async move {
        let company = world.company("merchant-44").await;
        let invoices = format!("/companies/{company}/data/invoices");
        let refusal = world.get(&invoices).await.refused(404);
        assert!(
            refusal.contains(&format!("No data available for invoices for ID {company}")),
            "{refusal}"
        );

        // A first sync that doesn't end: 409, while other types are there already.
        let broken = json!({
            "kind": "api_error", "status": 503, "until_cleared": true, "path": "/accounting/v2/sales_documents",
        });
        world.fault(broken).await;
        let connection = world.connection(&company, "mqjo").await;
        let waiting = world.get(&invoices).await.refused(404);
        assert!(waiting.contains("No data available"), "{waiting}");
        world
            .customer()
            .link(text(&connection, "linkUrl"), CARPENTER)
            .await;
        let customers = format!("/companies/{company}/data/customers");
        world
            .until("the customers are there", || async {
                world
                    .get(&customers)
                    .await
                    .status
                    .is_success()
                    .then_some(())
            })
            .await;
        world.get(&invoices).await.refused(409);
        world.get(&format!("{invoices}/INV-1")).await.refused(409);
    }
);

story!(
    a_company_is_read_through_its_current_accounting_source,
    |world| async move {
        let (company, carpenter) = world.synced("mqjo", CARPENTER).await;
        let info = format!("/companies/{company}/data/info");
        let name = async || text(&world.get(&info).await.ok(), "companyName").to_owned();
        assert_eq!(name().await, "Lindqvist Snickeri");
        let connections = format!("/companies/{company}/connections");
        let unlink = async |id: &str| {
            world.disconnect(&format!("{connections}/{id}")).await;
        };
        unlink(&carpenter).await;
        assert_eq!(
            name().await,
            "Lindqvist Snickeri",
            "unlinked books stay readable"
        );

        world.pass(chrono::TimeDelta::minutes(1));
        let studio = world.connection(&company, "mqjo").await;
        assert_eq!(
            name().await,
            "Lindqvist Snickeri",
            "nobody has authorised the new one yet"
        );
        world
            .customer()
            .link(text(&studio, "linkUrl"), STUDIO)
            .await;
        world.settled(&company).await;
        let current = name().await;
        assert_ne!(current, "Lindqvist Snickeri");
        unlink(text(&studio, "id")).await;
        assert_eq!(
            name().await,
            current,
            "the one authorised last is still the current one"
        );
    }
);
