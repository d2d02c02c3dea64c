//! An independent party: the samples in Intuit's reference, through the folder's maps, with the sums that must hold.
//! Skipped unless `MOORLINE_TEST_QBO_SAMPLES` names a folder of pages in Markdown, such as `qbo-api-docs/entities` of
//! github.com/abossenbroek/qbo-mcp.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use connectors::{BUILTIN, Catalogue, DataType, Integration, MappedPage, Page};
use serde_json::{Value, json};

/// Kinds of samples, the data types that they are records of, and which of that type's lists.
const KINDS: [(&str, DataType, usize); 23] = [
    ("Account", DataType::ChartOfAccounts, 0),
    ("Customer", DataType::Customers, 0),
    ("Vendor", DataType::Suppliers, 0),
    ("Item", DataType::Items, 0),
    ("Class", DataType::TrackingCategories, 0),
    ("Department", DataType::TrackingCategories, 1),
    ("Invoice", DataType::Invoices, 0),
    ("CreditMemo", DataType::CreditNotes, 0),
    ("Payment", DataType::Payments, 0),
    ("Bill", DataType::Bills, 0),
    ("VendorCredit", DataType::BillCreditNotes, 0),
    ("BillPayment", DataType::BillPayments, 0),
    ("JournalEntry", DataType::JournalEntries, 0),
    ("Transfer", DataType::Transfers, 0),
    ("CreditCardPaymentTxn", DataType::Transfers, 2),
    ("PurchaseOrder", DataType::PurchaseOrders, 0),
    ("Purchase", DataType::AccountTransactions, 0),
    ("Deposit", DataType::AccountTransactions, 1),
    ("Payment", DataType::AccountTransactions, 2),
    ("SalesReceipt", DataType::AccountTransactions, 4),
    ("RefundReceipt", DataType::AccountTransactions, 5),
    ("Transfer", DataType::AccountTransactions, 6),
    ("CreditCardPaymentTxn", DataType::AccountTransactions, 14),
];

/// The JSON in a page's fences; a part that is none, such as an example with dots for the rest, is left out.
fn samples(text: &str) -> impl Iterator<Item = Value> {
    let fenced = text.split("```json").skip(1);
    fenced.filter_map(|rest| serde_json::from_str(rest.split("```").next()?).ok())
}

/// A member of an answer to a read, or the members of an answer to a query. Requests to create a record have no id.
fn records_of(sample: &Value, kind: &str) -> Vec<Value> {
    let found = match (&sample[kind], &sample["QueryResponse"][kind]) {
        (one @ Value::Object(_), _) => vec![one.clone()],
        (_, Value::Array(several)) => several.clone(),
        _ => Vec::new(),
    };
    let whole = |one: &Value| one["Id"].is_string() && one["status"].is_null();
    found.into_iter().filter(whole).collect()
}

fn map(integration: &Integration, data_type: DataType, list: usize, body: &Value) -> MappedPage {
    let page = Page {
        body: Bytes::from(body.to_string()),
        list,
        ..Page::default()
    };
    let mapped = integration.map_page(data_type, &page);
    mapped.unwrap_or_else(|error| panic!("{error}\n{body}"))
}

/// Thousandths, which is more than the samples' currencies have.
fn amount(value: &Value) -> i64 {
    (value.as_f64().unwrap_or(0.0) * 1000.0).round() as i64
}

fn sum(list: &Value, member: &str) -> i64 {
    let lines = list.as_array().into_iter().flatten();
    lines.map(|line| amount(&line[member])).sum()
}

fn assert_sums(data_type: DataType, record: &Value) {
    match data_type {
        DataType::Payments | DataType::BillPayments => {
            assert_eq!(
                sum(&record["lines"], "amount"),
                amount(&record["totalAmount"]),
                "{record}"
            );
        }
        DataType::AccountTransactions => {
            assert_eq!(
                sum(&record["lines"], "amount"),
                amount(&record["totalAmount"]),
                "{record}"
            );
        }
        DataType::JournalEntries => {
            assert_eq!(sum(&record["journalLines"], "netAmount"), 0, "{record}");
        }
        DataType::Invoices | DataType::CreditNotes | DataType::Bills => {
            let tax = match data_type {
                DataType::Bills => "taxAmount",
                _ => "totalTaxAmount",
            };
            let parts = amount(&record["subTotal"]) + amount(&record[tax]);
            assert_eq!(parts, amount(&record["totalAmount"]), "{record}");
        }
        _ => {}
    }
}

/// The sample of a report has a total alone: it is refused as it is, and read with the month that its header ends in.
fn assert_statement(integration: &Integration, data_type: DataType, sample: &Value) {
    let page = |sample: &Value| Page {
        body: Bytes::from(sample.to_string()),
        ..Page::default()
    };
    let refused = integration.map_page(data_type, &page(sample)).unwrap_err();
    assert!(
        refused.message.contains("no column for a month"),
        "{refused}"
    );
    let mut dated = sample.clone();
    for column in dated["Columns"]["Column"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .skip(1)
    {
        column["ColTitle"] = json!("Oct 2016");
        column["MetaData"] = json!([
            { "Name": "StartDate", "Value": "2016-10-01" }, { "Name": "EndDate", "Value": "2016-10-31" },
        ]);
    }
    // Its own equation and its own totals are the map's to check.
    let mapped = integration.map_page(data_type, &page(&dated));
    let mapped = mapped.unwrap_or_else(|error| panic!("{error}"));
    let record: Value = serde_json::from_str(&mapped.records[0].to_json()).unwrap();
    if data_type == DataType::BalanceSheet {
        let claims = amount(&record["liabilities"]["value"]) + amount(&record["equity"]["value"]);
        assert_eq!(amount(&record["assets"]["value"]), claims);
        assert_ne!(claims, 0);
    }
}

#[test]
fn every_sample_of_the_reference_becomes_a_standard_record_whose_sums_hold() {
    let Ok(folder) = std::env::var("MOORLINE_TEST_QBO_SAMPLES") else {
        eprintln!("skipped: MOORLINE_TEST_QBO_SAMPLES names no folder");
        return;
    };
    let (catalogue, _) = Catalogue::load(BUILTIN, &[], &BTreeMap::new());
    let integration = catalogue.get("qhyg").unwrap();
    let mut seen = BTreeSet::new();
    let entries = std::fs::read_dir(Path::new(&folder));
    for entry in entries
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .flatten()
    {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        for sample in samples(&text) {
            for (kind, data_type, list) in KINDS {
                for record in records_of(&sample, kind) {
                    let body = json!({ "QueryResponse": { kind: [record] } });
                    for made in map(integration, data_type, list, &body).records {
                        assert_sums(data_type, &serde_json::from_str(&made.to_json()).unwrap());
                    }
                    seen.insert((kind, data_type));
                }
            }
            for (name, data_type) in [
                ("BalanceSheet", DataType::BalanceSheet),
                ("ProfitAndLoss", DataType::ProfitAndLoss),
            ] {
                if sample["Header"]["ReportName"] == name && sample["Rows"]["Row"].is_array() {
                    assert_statement(integration, data_type, &sample);
                    seen.insert((name, data_type));
                }
            }
        }
    }
    for wanted in [
        "Account",
        "Payment",
        "JournalEntry",
        "CreditCardPaymentTxn",
        "Deposit",
        "BalanceSheet",
    ] {
        assert!(
            seen.iter().any(|(kind, _)| *kind == wanted),
            "no sample of {wanted}"
        );
    }
}
