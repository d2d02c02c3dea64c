//! Documents, orders and the payments and credits that settle them.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Read;
use crate::reader::{Platform, int, text};

pub fn documents_add_up(documents: &[Value]) {
    for document in documents {
        let (mut net, mut tax, mut discount) = (0, 0, 0);
        for line in document["lines"].as_array().expect("lines") {
            let full = i128::from(int(&line["unit_price"])) * i128::from(int(&line["qty_milli"]));
            let full = ((full + 500) / 1000) as i64;
            assert_eq!(int(&line["net"]), full - int(&line["discount"]), "{line}");
            assert_eq!(
                int(&line["gross"]),
                int(&line["net"]) + int(&line["tax"]),
                "{line}"
            );
            net += int(&line["net"]);
            tax += int(&line["tax"]);
            discount += int(&line["discount"]);
        }
        assert_eq!(int(&document["net_total"]), net, "{document}");
        assert_eq!(int(&document["tax_total"]), tax, "{document}");
        assert_eq!(int(&document["gross_total"]), net + tax, "{document}");
        assert_eq!(int(&document["discount_total"]), discount, "{document}");
        let settled: i64 = settlements(document).map(|part| int(&part["amount"])).sum();
        let state = text(&document["state"]);
        let expected = if state == "VOIDED" {
            0
        } else {
            net + tax - settled
        };
        assert_eq!(int(&document["outstanding"]), expected, "{document}");
        let right = match state {
            "DRAFT" | "OPEN" | "VOIDED" => settled == 0,
            "PART" => settled > 0 && settled < net + tax,
            "SETTLED" => settled == net + tax && document["settled_on"].is_string(),
            _ => false,
        };
        assert!(right, "state of {document}");
    }
}

fn settlements(document: &Value) -> impl Iterator<Item = &Value> {
    document["settlements"]
        .as_array()
        .expect("settlements")
        .iter()
}

/// Each allocation is a settlement of its document, and each settlement an allocation.
pub fn payments_match(payments: &[Value], documents: &[Value], by: &str) {
    let mut allocated = HashMap::new();
    for payment in payments {
        let mut sum = 0;
        for part in payment["allocations"].as_array().expect("allocations") {
            sum += int(&part["amount"]);
            let key = (
                text(&part["document_id"]).to_owned(),
                text(&payment["id"]).to_owned(),
            );
            let before = allocated.insert(key, int(&part["amount"]));
            assert!(before.is_none(), "{payment}");
        }
        assert_eq!(int(&payment["amount"]), sum, "{payment}");
    }
    for document in documents {
        for part in settlements(document).filter(|part| part["by"] == by) {
            let key = (
                text(&document["id"]).to_owned(),
                text(&part["id"]).to_owned(),
            );
            assert_eq!(
                allocated.remove(&key),
                Some(int(&part["amount"])),
                "{document}"
            );
        }
    }
    assert!(
        allocated.is_empty(),
        "allocations without a settlement: {allocated:?}"
    );
}

/// Each invoice's settlement by a credit note is the credit note's settlement by the invoice.
pub fn credits_match(documents: &[Value], credit: &str, charge: &str, by: &str) {
    let mut given = HashMap::new();
    let of_kind = |kind: &str| {
        let wanted = kind.to_owned();
        documents
            .iter()
            .filter(move |document| document["kind"] == wanted.as_str())
    };
    for note in of_kind(credit) {
        for part in settlements(note) {
            assert_eq!(part["by"], by);
            let key = (text(&part["id"]).to_owned(), text(&note["id"]).to_owned());
            given.insert(key, int(&part["amount"]));
        }
    }
    assert!(!given.is_empty(), "there are notes of kind {credit}");
    for invoice in of_kind(charge) {
        for part in settlements(invoice).filter(|part| part["by"] == "CREDIT") {
            let key = (
                text(&invoice["id"]).to_owned(),
                text(&part["id"]).to_owned(),
            );
            assert_eq!(given.remove(&key), Some(int(&part["amount"])), "{invoice}");
        }
    }
    assert!(given.is_empty(), "credits without an invoice: {given:?}");
}

/// Per contact: invoices and bills, less credits, less payments.
pub fn outstanding(documents: &[Value]) -> HashMap<&str, i64> {
    let mut owed = HashMap::new();
    for document in documents
        .iter()
        .filter(|document| document["state"] != "DRAFT")
    {
        let credit = document["kind"] == "CRN" || document["kind"] == "PCN";
        let sign = if credit { -1 } else { 1 };
        *owed.entry(text(&document["contact_id"])).or_insert(0) +=
            sign * int(&document["outstanding"]);
    }
    owed
}

/// Orders agree with their charges: each line as far as it was charged, and no line twice.
pub async fn orders_are_charged_line_by_line(platform: &Platform, business: &str, read: &Read) {
    let by_text = |documents: &[&Value]| {
        let mut quantities: BTreeMap<String, i64> = BTreeMap::new();
        for document in documents {
            for line in document["lines"].as_array().expect("lines") {
                let name = text(&line["text"]).to_owned();
                *quantities.entry(name).or_insert(0) += int(&line["qty_milli"]);
            }
        }
        quantities
    };
    let by_id = |documents: &'_ [Value]| -> HashMap<String, Value> {
        documents
            .iter()
            .map(|document| (text(&document["id"]).to_owned(), document.clone()))
            .collect()
    };
    let charged = |ids: &Value, documents: &HashMap<String, Value>| -> Vec<Value> {
        let ids = ids.as_array().expect("ids").iter();
        ids.map(|id| documents[text(id)].clone()).collect()
    };
    let (sales, bills) = (by_id(&read.sales), by_id(&read.bills));
    let orders = platform.ledger(business, "/sales_orders").await;
    assert!(!orders.is_empty(), "sales orders of {business}");
    for order in &orders {
        let invoices = charged(&order["invoice_ids"], &sales);
        let (wanted, sold) = (
            by_text(&[order]),
            by_text(&invoices.iter().collect::<Vec<_>>()),
        );
        let whole = wanted == sold;
        assert!(
            sold.iter().all(|(name, qty)| *qty <= wanted[name]),
            "{order}"
        );
        let right = match text(&order["state"]) {
            "OPEN" | "VOIDED" => invoices.is_empty(),
            "PART" => !invoices.is_empty() && !whole,
            "CLOSED" => whole,
            _ => false,
        };
        assert!(right, "{order}");
        for invoice in &invoices {
            assert_eq!(invoice["sales_order_id"], order["id"], "{order}");
            assert_eq!(invoice["contact_id"], order["contact_id"], "{order}");
        }
    }
    let orders = platform.ledger(business, "/purchase_orders").await;
    let receipts = platform.ledger(business, "/goods_receipts").await;
    assert!(!receipts.is_empty(), "goods receipts of {business}");
    let mut received = 0;
    let mut came_for: HashMap<&str, Vec<&Value>> = HashMap::new();
    for receipt in &receipts {
        came_for
            .entry(text(&receipt["purchase_order_id"]))
            .or_default()
            .push(receipt);
    }
    for order in &orders {
        let bills = charged(&order["bill_ids"], &bills);
        let came = came_for.remove(text(&order["id"])).unwrap_or_default();
        if order["state"] == "CLOSED" {
            let wanted = by_text(&[order]);
            assert_eq!(
                by_text(&bills.iter().collect::<Vec<_>>()),
                wanted,
                "{order}"
            );
            assert_eq!(by_text(&came), wanted, "{order}");
            assert_eq!(came[0]["bill_id"], bills[0]["id"]);
            assert_eq!(bills[0]["purchase_order"]["id"], order["id"]);
        } else {
            assert!(bills.is_empty() && came.is_empty(), "{order}");
        }
        received += came.len();
    }
    assert_eq!(received, receipts.len());
}
