//! An independent party: the examples in Xero's public OpenAPI document, as Xero wrote them, through the folder's maps. Their sums
//! have to hold. Skipped unless `XERO_OPENAPI` names an `xero_accounting.yaml` of github.com/XeroAPI/Xero-OpenAPI, or one lies in
//! `../shared/specs` beside the clone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use connectors::{BUILTIN, Catalogue, DataType, Page, READ_IN_PART};
use serde_json::{Map, Value};

/// Paths of the document, and the lists of data types that they are requested for.
const LISTS: [(&str, DataType, usize); 18] = [
    ("/Organisation", DataType::Company, 0),
    ("/Accounts", DataType::ChartOfAccounts, 0),
    ("/TaxRates", DataType::TaxRates, 0),
    ("/TrackingCategories", DataType::TrackingCategories, 0),
    ("/Contacts", DataType::Customers, 0),
    ("/Items", DataType::Items, 0),
    ("/Invoices", DataType::Invoices, 0),
    ("/Invoices", DataType::Bills, 0),
    ("/CreditNotes", DataType::CreditNotes, 0),
    ("/CreditNotes", DataType::BillCreditNotes, 0),
    ("/Payments", DataType::Payments, 0),
    ("/Payments", DataType::AccountTransactions, 1),
    ("/BankTransactions", DataType::BankTransactions, 0),
    ("/BankTransactions", DataType::AccountTransactions, 0),
    ("/ManualJournals", DataType::JournalEntries, 0),
    ("/BankTransfers", DataType::Transfers, 0),
    ("/PurchaseOrders", DataType::PurchaseOrders, 0),
    ("/Reports/BalanceSheet", DataType::BalanceSheet, 0),
];

fn specification() -> PathBuf {
    std::env::var_os("XERO_OPENAPI").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/specs/xero_accounting.yaml"),
        PathBuf::from,
    )
}

/// A line of block YAML that isn't blank.
struct Line<'a> {
    indent: usize,
    text: &'a str,
}

fn lines(text: &str) -> Vec<Line<'_>> {
    text.lines()
        .map(|line| Line {
            indent: line.len() - line.trim_start().len(),
            text: line.trim(),
        })
        .filter(|line| !line.text.is_empty() && !line.text.starts_with('#'))
        .collect()
}

/// The lines below a line, which are indented further; an array may stand at its key's own indentation.
fn below<'a, 'b>(lines: &'b [Line<'a>], at: usize) -> &'b [Line<'a>] {
    let indent = lines[at].indent;
    let list = |line: &Line<'_>| line.indent == indent && line.text.starts_with("- ");
    let inside = |line: &&Line<'_>| line.indent > indent || list(line);
    let count = lines[at + 1..].iter().take_while(inside).count();
    &lines[at + 1..at + 1 + count]
}

fn named<'a, 'b>(lines: &'b [Line<'a>], name: &str) -> Option<&'b [Line<'a>]> {
    let key = format!("{name}:");
    let at = lines.iter().position(|line| line.text == key)?;
    Some(below(lines, at))
}

/// A scalar of the examples, which have neither anchors nor blocks of text.
fn scalar(text: &str) -> Value {
    let quoted = |quote| {
        text.strip_prefix(quote)
            .and_then(|rest: &str| rest.strip_suffix(quote))
    };
    match text {
        "[]" => Value::Array(Vec::new()),
        "{}" => Value::Object(Map::new()),
        "" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => match quoted('"').or_else(|| quoted('\'')) {
            Some(inner) => Value::from(inner),
            // A number keeps the digits that it came with; all else is text.
            None => match serde_json::from_str::<Value>(text) {
                Ok(number) if number.is_number() => number,
                _ => Value::from(text),
            },
        },
    }
}

/// A mapping or a list of block YAML.
fn value(lines: &[Line<'_>]) -> Value {
    let Some(first) = lines.first() else {
        return Value::Null;
    };
    let indent = first.indent;
    if first.text.starts_with("- ") {
        let starts: Vec<usize> = (0..lines.len())
            .filter(|at| lines[*at].indent == indent && lines[*at].text.starts_with("- "))
            .collect();
        let items = starts.iter().enumerate().map(|(number, start)| {
            let end = starts.get(number + 1).copied().unwrap_or(lines.len());
            let head = &lines[*start];
            let mut item = vec![Line {
                indent: head.indent + 2,
                text: head.text[2..].trim(),
            }];
            let rest = lines[start + 1..end].iter();
            item.extend(rest.map(|line| Line { ..*line }));
            if item.len() == 1 && !item[0].text.contains(": ") && !item[0].text.ends_with(':') {
                scalar(item[0].text)
            } else {
                value(&item)
            }
        });
        return Value::Array(items.collect());
    }
    let mut members = Map::new();
    for (at, line) in lines.iter().enumerate() {
        if line.indent != indent || line.text.starts_with("- ") {
            continue;
        }
        let (name, rest) = line.text.split_once(':').unwrap_or((line.text, ""));
        let member = match rest.trim() {
            "" => value(below(lines, at)),
            text => scalar(text),
        };
        members.insert(name.trim_matches('"').to_owned(), member);
    }
    Value::Object(members)
}

#[test]
fn every_example_of_the_specification_becomes_standard_records_whose_sums_hold() {
    let path = specification();
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: there is no {}", path.display());
        return;
    };
    let all = lines(&text);
    let (catalogue, _) = Catalogue::load(BUILTIN, &[], &BTreeMap::new());
    let integration = catalogue.get("gbol").unwrap();
    let mut mapped = 0;
    for (path, data_type, list) in LISTS {
        let response = ["get", "responses", "\"200\"", "example"]
            .into_iter()
            .try_fold(named(&all, path).unwrap(), named);
        let example = value(response.unwrap_or_else(|| panic!("{path} has no example")));
        let body = Bytes::from(example.to_string());
        let page = Page {
            body,
            list,
            ..Page::default()
        };
        let found = integration
            .map_page(data_type, &page)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        mapped += found.records.len();
        let wrong: Vec<_> = found
            .warnings
            .iter()
            .filter(|warning| warning.rule != READ_IN_PART)
            .collect();
        assert!(wrong.is_empty(), "{path}: {wrong:?}");
    }
    assert!(mapped > 30, "{mapped} records");
}
