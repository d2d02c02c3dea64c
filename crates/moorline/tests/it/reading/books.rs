//! The books that are read back are consistent: postings, amounts owed, cash flow.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::harness::{World, story};
use crate::reading::data_types::{cents, every_page, list_and_one, results, text};

const STUDIO: &str = "studio-veldhuis";

fn items(line: &Value) -> impl Iterator<Item = &Value> {
    line["items"].as_array().into_iter().flatten()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name]
        .as_array()
        .unwrap_or_else(|| panic!("{name} of {value}"))
}

async fn read_all(world: &World, path: &str) -> Vec<Value> {
    every_page(world, &format!("{path}?pageSize=5000")).await
}

/// The amounts that the ledger's entries posted to each account, by the record they were posted for.
fn postings_by_record(entries: &[Value]) -> BTreeMap<(String, String), BTreeMap<String, i64>> {
    let mut posted: BTreeMap<_, BTreeMap<String, i64>> = BTreeMap::new();
    for entry in entries {
        let record = &entry["recordRef"];
        let key = (text(record, "dataType").into(), text(record, "id").into());
        let sums = posted.entry(key).or_default();
        for line in list(entry, "journalLines") {
            let account = text(&line["accountRef"], "id").to_owned();
            *sums.entry(account).or_insert(0) += cents(&line["netAmount"]);
        }
    }
    for sums in posted.values_mut() {
        sums.retain(|_, sum| *sum != 0);
    }
    posted
}

story!(
    direct_costs_incomes_and_transfers_match_the_ledgers_postings,
    |world| async move {
        let (company, connection) = world.synced("mqjo", STUDIO).await;
        let data = format!("/companies/{company}/data");
        let through = format!("/companies/{company}/connections/{connection}/data");
        let entries = read_all(&world, &format!("{data}/journalEntries")).await;
        let posted = postings_by_record(&entries);

        for (path, sign) in [("directCosts", 1), ("directIncomes", -1)] {
            let records = read_all(&world, &format!("{through}/{path}")).await;
            let kept = posted.keys().filter(|(data_type, _)| data_type == path);
            assert_eq!(kept.count(), records.len(), "{path}");
            for record in &records {
                let mut sums: BTreeMap<String, i64> = BTreeMap::new();
                let (mut net, mut tax) = (0, 0);
                for line in list(record, "lineItems") {
                    let account = text(&line["accountRef"], "id").to_owned();
                    *sums.entry(account).or_insert(0) += sign * cents(&line["subTotal"]);
                    net += cents(&line["subTotal"]);
                    tax += cents(&line["taxAmount"]);
                }
                let mut paid = 0;
                for part in list(record, "paymentAllocations") {
                    let account = text(&part["payment"]["accountRef"], "id").to_owned();
                    let amount = cents(&part["allocation"]["totalAmount"]);
                    *sums.entry(account).or_insert(0) -= sign * amount;
                    paid += amount;
                }
                assert_eq!(cents(&record["subTotal"]), net, "{record}");
                assert_eq!(cents(&record["taxAmount"]), tax, "{record}");
                assert_eq!(cents(&record["totalAmount"]), net + tax, "{record}");
                assert_eq!(paid, net + tax, "{record}");
                let key = (path.to_owned(), text(record, "id").to_owned());
                let mut ledger = posted[&key].clone();
                // Beyond the accounts that the record names, only its tax is posted.
                let taxed: i64 = {
                    let mut known = 0;
                    ledger.retain(|account, sum| match sums.get(account) {
                        Some(_) => true,
                        None => {
                            known += *sum;
                            false
                        }
                    });
                    known
                };
                sums.retain(|_, sum| *sum != 0);
                if taxed != 0 {
                    assert_eq!(taxed, sign * tax, "{record}");
                }
                if tax == 0 || taxed != 0 {
                    assert_eq!(ledger, sums, "{record}");
                }
            }
        }

        let transfers = read_all(&world, &format!("{through}/transfers")).await;
        assert!(transfers.len() > 20);
        for transfer in &transfers {
            let (from, to) = (&transfer["from"], &transfer["to"]);
            assert_eq!(from["amount"], to["amount"], "{transfer}");
            let key = ("transfers".to_owned(), text(transfer, "id").to_owned());
            let ends = [(from, -1), (to, 1)].map(|(end, sign)| {
                let account = text(&end["accountRef"], "id").to_owned();
                (account, sign * cents(&end["amount"]))
            });
            assert_eq!(posted[&key], BTreeMap::from(ends), "{transfer}");
        }

        // Journals, ways of paying and headings are those that records point to.
        let ids = async |path: &str| -> BTreeSet<String> {
            let records = read_all(&world, &format!("{data}/{path}")).await;
            records.iter().map(|r| text(r, "id").to_owned()).collect()
        };
        let journals = ids("journals").await;
        for entry in &entries {
            assert!(journals.contains(text(&entry["journalRef"], "id")));
        }
        let methods = ids("paymentMethods").await;
        for path in ["payments", "billPayments"] {
            for payment in read_all(&world, &format!("{data}/{path}")).await {
                let method = text(&payment["paymentMethodRef"], "id");
                assert!(methods.contains(method), "{payment}");
            }
        }
        let headings = ids("trackingCategories").await;
        let mut counted = 0;
        for invoice in read_all(&world, &format!("{data}/invoices")).await {
            for line in list(&invoice, "lineItems") {
                for heading in list(line, "trackingCategoryRefs") {
                    assert!(headings.contains(text(heading, "id")), "{line}");
                    counted += 1;
                }
            }
        }
        assert!(counted > 0);
    }
);

story!(
    a_tracking_category_is_read_with_everything_below_it,
    |world| async move {
        let (company, _) = world.synced("mqjo", STUDIO).await;
        let path = format!("/companies/{company}/data/trackingCategories");
        list_and_one(&world, &path, false, false).await;
        let flat = read_all(&world, &path).await;
        let top = flat
            .iter()
            .find(|category| category["hasChildren"] == true)
            .expect("a category with others below it");
        let tree = world.get(&format!("{path}/{}", text(top, "id"))).await.ok();
        let below: BTreeSet<&str> = list(&tree, "subCategories")
            .iter()
            .map(|category| text(category, "id"))
            .collect();
        let expected: BTreeSet<&str> = flat
            .iter()
            .filter(|category| category["parentId"] == top["id"])
            .map(|category| text(category, "id"))
            .collect();
        assert!(!below.is_empty());
        assert_eq!(below, expected);
        assert_eq!(tree["name"], top["name"]);
        let leaf = &list(&tree, "subCategories")[0];
        assert_eq!(list(leaf, "subCategories"), &[] as &[Value]);
        world.get(&format!("{path}/nobody")).await.refused(404);
    }
);

story!(
    bill_credit_notes_lower_the_amount_owed_and_nothing_else,
    |world| async move {
        let (company, _) = world.synced("mqjo", STUDIO).await;
        let data = format!("/companies/{company}/data");
        let bills = read_all(&world, &format!("{data}/bills")).await;
        let credits = read_all(&world, &format!("{data}/billCreditNotes")).await;
        assert!(!credits.is_empty());
        let standing = |record: &&Value| record["status"] != "Void" && record["status"] != "Draft";
        let mut owed = 0;
        let mut lowered: BTreeMap<String, i64> = BTreeMap::new();
        for bill in bills.iter().filter(standing) {
            owed += cents(&bill["amountDue"]);
            for part in list(bill, "paymentAllocations") {
                let by = text(&part["payment"], "id").to_owned();
                *lowered.entry(by).or_insert(0) += cents(&part["allocation"]["totalAmount"]);
            }
        }
        for credit in credits.iter().filter(standing) {
            let (total, left) = (
                cents(&credit["totalAmount"]),
                cents(&credit["remainingCredit"]),
            );
            let used = lowered.get(text(credit, "id")).copied();
            assert_eq!(used.unwrap_or(0), total - left, "{credit}");
            owed -= left;
            for part in list(credit, "paymentAllocations") {
                let bill = &part["payment"]["id"];
                assert!(bills.iter().any(|known| known["id"] == *bill), "{credit}");
            }
        }
        // Payables are what a bill is posted against.
        let entries = read_all(&world, &format!("{data}/journalEntries")).await;
        let accounts = read_all(&world, &format!("{data}/accounts")).await;
        let of_bill = entries
            .iter()
            .find(|entry| entry["recordRef"]["dataType"] == "bills");
        let payable = list(of_bill.expect("a bill's entry"), "journalLines")
            .iter()
            .min_by_key(|line| cents(&line["netAmount"]))
            .expect("a line");
        let account = accounts
            .iter()
            .find(|account| account["id"] == payable["accountRef"]["id"])
            .expect("an account");
        assert_eq!(owed, -cents(&account["currentBalance"]), "{account}");
    }
);

story!(
    the_cash_flow_statement_leads_from_one_balance_to_the_next,
    |world| async move {
        let (company, _) = world.synced("mqjo", STUDIO).await;
        let financials = format!("/companies/{company}/data/financials");
        let statement = async |path: &str| world.get(&format!("{financials}/{path}")).await.ok();
        let flow = statement("cashFlowStatement?periodLength=1&periodsToCompare=12").await;
        let sheet = statement("balanceSheet?periodLength=1&periodsToCompare=13").await;
        assert_eq!(flow["reportInput"], "Direct");
        let sheets = list(&sheet, "reports");
        assert_eq!(list(&flow, "reports").len(), 12);
        for (month, report) in list(&flow, "reports").iter().enumerate() {
            let (received, paid) = (&report["cashReceipts"], &report["cashPayments"]);
            for part in [received, paid] {
                let sum: i64 = items(part).map(|item| cents(&item["value"])).sum();
                assert_eq!(sum, cents(&part["value"]), "{part}");
            }
            assert_eq!(report["toDate"], sheets[month]["date"]);
            let moved =
                cash_and_bank_total(&sheets[month]) - cash_and_bank_total(&sheets[month + 1]);
            assert_eq!(
                cents(&received["value"]) - cents(&paid["value"]),
                moved,
                "{report}"
            );
            assert!(moved != 0);
        }
        let year = statement("cashFlowStatement?periodLength=12&periodsToCompare=1").await;
        let sum: i64 = list(&flow, "reports")
            .iter()
            .map(|month| cents(&month["cashReceipts"]["value"]))
            .sum();
        assert_eq!(cents(&year["reports"][0]["cashReceipts"]["value"]), sum);
        world
            .get(&format!("{financials}/cashFlowStatement"))
            .await
            .refused(400);
    }
);

/// A quantity of three decimals, in thousandths.
fn thousandths(value: &Value) -> i64 {
    let text = value.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}{part:0<3}").parse().expect("a quantity")
}

/// The amount under a balance sheet's heading of bank and cash.
fn cash_and_bank_total(sheet: &Value) -> i64 {
    fn find(line: &Value) -> Option<i64> {
        if line["name"] == "Bank and cash" {
            return Some(cents(&line["value"]));
        }
        items(line).find_map(find)
    }
    find(&sheet["assets"]).expect("money somewhere")
}

story!(
    purchase_orders_lead_to_their_bills_and_receipts,
    |world| async move {
        let (company, connection) = world.synced("mqjo", STUDIO).await;
        let data = format!("/companies/{company}/data");
        let read = async |path: &str| read_all(&world, &format!("{data}/{path}")).await;
        let quantities = |documents: &[&Value]| {
            let mut sums: BTreeMap<String, i64> = BTreeMap::new();
            for line in documents.iter().flat_map(|one| list(one, "lineItems")) {
                let name = text(line, "description").to_owned();
                *sums.entry(name).or_insert(0) += thousandths(&line["quantity"]);
            }
            sums
        };
        let pointing = |documents: &[Value], refs: &str, id: &Value| -> Vec<Value> {
            let points = |one: &&Value| {
                let refs = one[refs].as_array().into_iter().flatten();
                refs.clone().any(|order| order["id"] == *id)
            };
            documents.iter().filter(points).cloned().collect()
        };
        let (orders, bills) = (read("purchaseOrders").await, read("bills").await);
        // The published client reads them below the connection.
        let through = format!("/companies/{company}/connections/{connection}/data");
        let receipts = read_all(&world, &format!("{through}/itemReceipts")).await;
        assert!(!receipts.is_empty());
        for receipt in &receipts {
            assert_eq!(receipt["status"], "Received", "{receipt}");
            let lines = list(receipt, "lineItems").iter();
            for total in ["subTotal", "totalAmount"] {
                let parts: i64 = lines.clone().map(|line| thousandths(&line[total])).sum();
                assert_eq!(parts, thousandths(&receipt[total]), "{receipt}");
            }
            for line in lines {
                assert!(line["tracking"]["recordRefs"].is_array(), "{line}");
            }
        }
        for order in &orders {
            let charged = pointing(&bills, "purchaseOrderRefs", &order["id"]);
            let came = pointing(&receipts, "purchaseOrderRefs", &order["id"]);
            if order["status"] == "Closed" {
                let ordered = quantities(&[order]);
                assert_eq!(quantities(&charged.iter().collect::<Vec<_>>()), ordered);
                assert_eq!(quantities(&came.iter().collect::<Vec<_>>()), ordered);
                assert_eq!(charged[0]["totalAmount"], order["totalAmount"]);
            } else {
                assert!(charged.is_empty() && came.is_empty(), "{order}");
            }
        }
        let (orders, invoices) = (read("salesOrders").await, read("invoices").await);
        let mut seen = BTreeSet::new();
        for order in &orders {
            let charged = pointing(&invoices, "salesOrderRefs", &order["id"]);
            let invoiced = quantities(&charged.iter().collect::<Vec<_>>());
            match text(order, "invoicingStatus") {
                "NotInvoiced" => assert!(charged.is_empty(), "{order}"),
                "Invoiced" => assert_eq!(invoiced, quantities(&[order])),
                _ => assert!(!charged.is_empty(), "{order}"),
            }
            seen.insert(text(order, "invoicingStatus").to_owned());
        }
        assert!(seen.contains("Invoiced"), "{seen:?}");
    }
);

story!(disputes_are_about_payments_that_exist, |world| async move {
    let (company, connection) = world.synced("aiwb", STUDIO).await;
    let through = format!("/companies/{company}/connections/{connection}/data");
    let read = async |path: &str| read_all(&world, &format!("{through}/commerce-{path}")).await;
    let payments = read("payments").await;
    let disputes = read("disputes").await;
    let orders = read("orders").await;
    let methods = read("paymentMethods").await;
    let taxes = read("taxComponents").await;
    let categories = read("productCategories").await;
    assert!(!disputes.is_empty());
    for dispute in &disputes {
        let [disputed] = list(dispute, "disputedTransactions") else {
            panic!("{dispute}");
        };
        let of_id = |payment: &&Value| payment["id"] == disputed["id"];
        let payment = payments.iter().find(of_id).expect("the payment");
        assert_eq!(payment["amount"], dispute["totalAmount"]);
        if dispute["status"] == "Lost" {
            let order = orders.iter().find(|order| {
                list(order, "payments")
                    .iter()
                    .any(|paid| paid["id"] == payment["id"])
            });
            assert!(
                cents(&order.expect("its order")["totalRefund"]) < 0,
                "{dispute}"
            );
        }
    }
    for payment in &payments {
        let id = &payment["paymentMethodRef"]["id"];
        assert!(
            methods.iter().any(|method| method["id"] == *id),
            "{payment}"
        );
    }
    let mut taxed = 0;
    for order in &orders {
        for line in list(order, "orderLineItems") {
            for tax in list(line, "taxes") {
                let id = &tax["taxComponentRef"]["id"];
                let known = taxes.iter().find(|known| known["id"] == *id);
                assert_eq!(known.expect("the tax")["rate"], tax["rate"], "{line}");
                taxed += 1;
            }
        }
    }
    assert!(taxed > 0);
    for category in &categories {
        for above in list(category, "ancestorRefs") {
            let parent = categories.iter().find(|known| known["id"] == above["id"]);
            assert_eq!(parent.expect("above")["hasChildren"], true, "{category}");
        }
    }
    assert!(
        results(
            &world
                .get(&format!("{through}/commerce-disputes"))
                .await
                .ok()
        )
        .len()
            > 1
    );
});
