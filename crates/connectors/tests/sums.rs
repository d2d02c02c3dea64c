//! The sums that hold in every record, on every platform's fixtures: they hold as they are, but for what a fixture says, and
//! each is noticed when it is broken.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use connectors::{BUILTIN, DataType, Fixture, Integration, Subject};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Members, and the rules of which one is broken if a thousand is added.
const BREAKS: [(&str, &[&str]); 12] = [
    ("/totalAmount", &["lines-total", "sub-total-tax"]),
    ("/subTotal", &["lines-sub-total", "sub-total-tax"]),
    ("/totalTaxAmount", &["sub-total-tax"]),
    ("/taxAmount", &["sub-total-tax"]),
    ("/amountDue", &["amount-due"]),
    ("/remainingCredit", &["remaining-credit"]),
    ("/lines/0/amount", &["lines-total"]),
    ("/lines/0/links/0/amount", &["links"]),
    ("/journalLines/0/netAmount", &["balance"]),
    ("/netAssets", &["net-assets"]),
    ("/equity/value", &["items"]),
    ("/netProfit", &["net-profit"]),
];

/// Types of which every record with one of those members has a sum that breaks.
const SUMMED: [DataType; 10] = [
    DataType::AccountTransactions,
    DataType::BalanceSheet,
    DataType::BillCreditNotes,
    DataType::BillPayments,
    DataType::Bills,
    DataType::CreditNotes,
    DataType::Invoices,
    DataType::JournalEntries,
    DataType::Payments,
    DataType::ProfitAndLoss,
];

fn integrations() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations")
}

fn folders() -> Vec<String> {
    let folders = fs::read_dir(integrations()).unwrap();
    folders
        .map(|folder| folder.unwrap())
        .filter(|folder| folder.path().join("fixtures").is_dir())
        .map(|folder| folder.file_name().to_string_lossy().into_owned())
        .collect()
}

/// The rules that a record breaks; of a refused one, its message.
fn broken(data_type: DataType, record: &Value) -> Vec<String> {
    let text = record.to_string();
    match records::read(data_type, &mut serde_json::Deserializer::from_str(&text)) {
        Ok(record) => {
            let breaches = record.breaches.iter();
            breaches.map(|breach| breach.rule.to_owned()).collect()
        }
        Err(error) => vec![error.to_string()],
    }
}

#[test]
fn each_sum_that_is_broken_in_a_fixture_is_noticed() {
    let mut noticed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut tried = BTreeSet::new();
    for folder in folders() {
        let dir = integrations().join(&folder);
        let integration = Integration::open(BUILTIN, &dir, &BTreeMap::new()).unwrap();
        let (fixtures, problems) = Fixture::all(&dir);
        assert!(problems.is_empty(), "{folder}: {problems:?}");
        for fixture in fixtures {
            let Subject::Data(data_type, _) = fixture.subject else {
                continue;
            };
            for record in fixture.run(&integration).records {
                let record: Value = serde_json::from_str(&record).unwrap();
                if record.get("gone").is_some() || record["metadata"]["isDeleted"] == true {
                    continue;
                }
                if !broken(data_type, &record).is_empty() {
                    continue;
                }
                for (member, rules) in BREAKS {
                    let Some(amount) = record.pointer(member).and_then(Value::as_number) else {
                        continue;
                    };
                    if SUMMED.contains(&data_type) {
                        tried.insert(format!("{folder} {data_type}"));
                    }
                    let amount = Decimal::from_str_exact(&amount.to_string()).unwrap();
                    let mut wrong = record.clone();
                    *wrong.pointer_mut(member).unwrap() =
                        json!((amount + Decimal::from(1_000)).to_string());
                    let found = broken(data_type, &wrong);
                    // A refusal has its figures, and no rule's name.
                    for rule in rules.iter().filter(|rule| {
                        (found.iter()).any(|found| found == *rule || found.contains(" and "))
                    }) {
                        noticed
                            .entry(format!("{folder} {data_type}"))
                            .or_default()
                            .insert((*rule).to_owned());
                    }
                }
            }
        }
    }
    let missed: Vec<_> = tried
        .iter()
        .filter(|place| !noticed.contains_key(*place))
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
    let found: BTreeSet<&str> = noticed.values().flatten().map(String::as_str).collect();
    let rules: BTreeSet<&str> = BREAKS
        .iter()
        .flat_map(|(_, rules)| *rules)
        .copied()
        .collect();
    assert_eq!(found, rules, "{noticed:?}");
    for place in ["xero balanceSheet", "xero payments", "freeagent invoices"] {
        assert!(noticed.contains_key(place), "{place}: {noticed:?}");
    }
}
