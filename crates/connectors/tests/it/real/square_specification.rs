//! An independent party: the examples in Square's public API specification, as Square wrote them, through the folder's maps.
//! Skipped unless `MOORLINE_TEST_SQUARE_SPEC` names an `api.json` of github.com/square/connect-api-specification.

use std::collections::BTreeMap;

use bytes::Bytes;
use connectors::{BUILTIN, Catalogue, DataType, Page};
use records::Record;
use serde_json::{Value, json};

/// Members of the specification's responses, the data types that they are records of, and which of that type's lists.
const MEMBERS: [(&str, DataType, &str, usize); 14] = [
    ("merchant", DataType::CommerceCompanyInfo, "merchant", 0),
    ("location", DataType::CommerceLocations, "locations", 0),
    ("customer", DataType::CommerceCustomers, "customers", 0),
    ("ITEM", DataType::CommerceProducts, "objects", 0),
    (
        "CATEGORY",
        DataType::CommerceProductCategories,
        "objects",
        0,
    ),
    ("TAX", DataType::CommerceTaxComponents, "objects", 0),
    ("order", DataType::CommerceOrders, "orders", 0),
    ("payment", DataType::CommercePayments, "payments", 0),
    ("refund", DataType::CommercePayments, "refunds", 1),
    ("payment", DataType::CommerceTransactions, "payments", 0),
    ("refund", DataType::CommerceTransactions, "refunds", 1),
    ("payout", DataType::CommerceTransactions, "payouts", 2),
    (
        "payout_entrie",
        DataType::CommerceTransactions,
        "payout_entries",
        3,
    ),
    ("dispute", DataType::CommerceDisputes, "disputes", 0),
];

/// Every record of a kind in the examples of the specification's responses. Refunds at terminals are another kind.
fn examples(schemas: &serde_json::Map<String, Value>, kind: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let responses = schemas
        .iter()
        .filter(|(name, _)| name.ends_with("Response") && !name.contains("Terminal"));
    for (_, schema) in responses {
        let Some(example) = schema["example"].as_object() else {
            continue;
        };
        for (member, value) in example {
            let catalogue = matches!(
                member.as_str(),
                "object" | "objects" | "related_objects" | "items"
            );
            if !catalogue && member.trim_end_matches('s') != kind {
                continue;
            }
            let records = match value {
                Value::Array(records) => records.clone(),
                record => vec![record.clone()],
            };
            found.extend(
                records
                    .into_iter()
                    .filter(|record| !catalogue || record["type"] == kind)
                    // A requested calculation isn't a record.
                    .filter(|record| record["id"].is_string()),
            );
        }
    }
    found
}

/// Lines and service charges of an order add up to its total.
fn assert_parts_make_the_total(order: &Record) {
    let order: Value = serde_json::from_str(&order.to_json()).unwrap();
    let cents = |value: &Value| (value.as_f64().unwrap_or(0.0) * 100.0).round() as i64;
    let parts = ["orderLineItems", "serviceCharges"].into_iter();
    let parts = parts.flat_map(|member| order[member].as_array().into_iter().flatten());
    let sum: i64 = parts.map(|part| cents(&part["totalAmount"])).sum();
    assert_eq!(sum, cents(&order["totalAmount"]), "{order}");
}

#[test]
fn every_example_of_the_specification_becomes_a_standard_record() {
    let Ok(path) = std::env::var("MOORLINE_TEST_SQUARE_SPEC") else {
        eprintln!("skipped: MOORLINE_TEST_SQUARE_SPEC names no api.json");
        return;
    };
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let specification: Value = serde_json::from_str(&text).unwrap();
    let schemas = specification["components"]["schemas"].as_object().unwrap();
    let (catalogue, _) = Catalogue::load(BUILTIN, &[], &BTreeMap::new());
    let integration = catalogue.get("zsth").unwrap();
    for (kind, data_type, place, list) in MEMBERS {
        let records = examples(schemas, kind);
        assert!(
            !records.is_empty(),
            "the specification has no example of {kind}"
        );
        for record in records {
            let body = match place {
                "merchant" => json!({ place: record }),
                _ => json!({ place: [record] }),
            };
            let page = Page {
                body: Bytes::from(body.to_string()),
                list,
                ..Page::default()
            };
            let mapped = integration.map_page(data_type, &page);
            let mapped = mapped.unwrap_or_else(|error| panic!("{error}\n{body}"));
            assert!(mapped.warnings.is_empty(), "{:?}\n{body}", mapped.warnings);
            if data_type == DataType::CommerceOrders {
                mapped.records.iter().for_each(assert_parts_make_the_total);
            }
        }
    }
}
