//! Statements, which follow from the ledger and the bank.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Read;
use crate::reader::{Platform, int, text};

/// Account totals of a section's rows; each heading's total is the sum of its rows.
fn collect(row: &Value, accounts: &mut BTreeMap<String, i64>) -> i64 {
    let rows = row["rows"].as_array().expect("rows");
    let sum: i64 = rows.iter().map(|row| collect(row, accounts)).sum();
    let total = int(&row["total"]);
    assert!(rows.is_empty() || sum == total, "{row}");
    if let Some(account) = row["ledger_account_id"].as_str() {
        accounts.insert(account.to_owned(), total);
    }
    total
}

pub async fn statements_follow(platform: &Platform, business: &str, read: &Read) {
    let classes: HashMap<&str, &str> = read
        .accounts
        .iter()
        .map(|account| (text(&account["id"]), text(&account["class"])))
        .collect();
    let statements = platform
        .accounting(business, "/statements?months=120")
        .await;
    let months = statements["months"].as_array().expect("months");
    assert!(months.len() >= 24, "24 months");
    let mut cumulative: BTreeMap<String, i64> = BTreeMap::new();
    let mut profits = 0;
    for month in months {
        let name = text(&month["month"]);
        let mut moved: BTreeMap<String, i64> = BTreeMap::new();
        let in_month = |entry: &&Value| text(&entry["date"]).starts_with(name);
        for entry in read.entries.iter().filter(in_month) {
            for line in entry["lines"].as_array().expect("lines") {
                let account = text(&line["ledger_account_id"]).to_owned();
                *moved.entry(account).or_insert(0) += int(&line["debit"]) - int(&line["credit"]);
            }
        }
        for (account, amount) in &moved {
            *cumulative.entry(account.clone()).or_insert(0) += amount;
        }
        let natural = |account: &str, amount: i64| match classes[account] {
            "ASSET" | "EXPENSE" => amount,
            _ => -amount,
        };
        let of_result = |account: &str| matches!(classes[account], "REVENUE" | "EXPENSE");
        let expect = |amounts: &BTreeMap<String, i64>, result: bool| -> BTreeMap<String, i64> {
            amounts
                .iter()
                .filter(|(account, amount)| **amount != 0 && of_result(account) == result)
                .map(|(account, amount)| (account.clone(), natural(account, *amount)))
                .collect()
        };

        let mut shown = BTreeMap::new();
        let result = &month["profit_and_loss"];
        let parts: Vec<i64> = result["sections"]
            .as_array()
            .expect("sections")
            .iter()
            .map(|part| collect(part, &mut shown))
            .collect();
        assert_eq!(shown, expect(&moved, true), "profit and loss of {name}");
        assert_eq!(int(&result["gross_profit"]), parts[0] - parts[1]);
        assert_eq!(
            int(&result["operating_profit"]),
            parts[0] - parts[1] - parts[2]
        );
        let profit = parts[0] - parts[1] - parts[2] + parts[3] - parts[4];
        assert_eq!(int(&result["net_profit"]), profit);
        profits += profit;

        let mut shown = BTreeMap::new();
        let sheet = &month["balance_sheet"];
        let parts: Vec<i64> = sheet["sections"]
            .as_array()
            .expect("sections")
            .iter()
            .map(|part| collect(part, &mut shown))
            .collect();
        assert_eq!(shown, expect(&cumulative, false), "balance sheet of {name}");
        assert_eq!(int(&sheet["net_assets"]), parts[0] - parts[1]);
        assert_eq!(
            parts[0] - parts[1],
            parts[2],
            "the balance sheet of {name} balances"
        );
        let earnings: i64 = sheet["sections"][2]["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .filter(|row| row["ledger_account_id"].is_null())
            .map(|row| int(&row["total"]))
            .sum();
        assert_eq!(earnings, profits, "earnings up to {name}");
    }
}

/// Each month goes on from the one before; over all of them, receipts less payments are the cash that there is.
pub async fn cash_flows_from_the_bank(platform: &Platform, business: &str, read: &Read) {
    let statements = platform
        .accounting(business, "/statements?months=120")
        .await;
    let mut cash = None;
    for month in statements["months"].as_array().expect("months") {
        let flow = &month["cash_flow"];
        let opening = int(&flow["opening_cash"]);
        assert_eq!(*cash.get_or_insert(opening), opening, "{}", month["month"]);
        let mut sums = BTreeMap::new();
        let received = collect(&flow["receipts"], &mut sums);
        let paid = collect(&flow["payments"], &mut sums);
        assert_eq!(int(&flow["closing_cash"]), opening + received - paid);
        cash = Some(int(&flow["closing_cash"]));
    }
    let of_cash = |account: &&Value| text(&account["group"]).ends_with("Bank and cash");
    let held: i64 = read
        .accounts
        .iter()
        .filter(of_cash)
        .map(|account| int(&account["balance"]))
        .sum();
    assert_eq!(cash, Some(held), "cash of {business}");
}
