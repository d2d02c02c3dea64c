//! The books balance, exactly, for every business.

mod documents;
mod statements;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use documents::{
    credits_match, documents_add_up, orders_are_charged_line_by_line, outstanding, payments_match,
};
use statements::{cash_flows_from_the_bank, statements_follow};

use crate::reader::{EVENING, Platform, int, minor, text};

macro_rules! for_every_business {
    ($($name:ident $id:literal;)*) => {
        $(#[tokio::test]
        async fn $name() {
            the_books_balance($id).await;
        })*

        /// The largest is checked from inside (`src/books/checks.rs`), because reading it over HTTP takes minutes.
        #[test]
        fn every_business_but_the_largest_is_read_through_its_api() {
            let platform = Platform::at(EVENING);
            let mut businesses = platform.businesses();
            businesses.retain(|business| *business != "wattle-creek-auto-parts");
            assert_eq!(businesses, [$($id),*]);
        }
    };
}

for_every_business! {
    the_books_of_the_cafe_balance "harbour-lane-cafe";
    the_books_of_the_wholesaler_balance "alder-ridge-wholesale";
    the_books_of_the_studio_balance "studio-veldhuis";
    the_books_of_the_tea_shop_balance "kawabe-tea";
    the_books_of_the_spice_importer_balance "dilmun-spice-trading";
    the_books_of_the_joiner_balance "lindqvist-snickeri";
}

/// All accounting records of one business.
struct Read {
    accounts: Vec<Value>,
    entries: Vec<Value>,
    sales: Vec<Value>,
    bills: Vec<Value>,
    receipts: Vec<Value>,
    remittances: Vec<Value>,
    contacts: Vec<Value>,
    bank_lines: Vec<Value>,
}

async fn the_books_balance(business: &str) {
    everything_adds_up(&Platform::at(EVENING), business).await;
}

/// Reads all accounting records and adds them up.
pub async fn everything_adds_up(platform: &Platform, business: &str) {
    let read = Read {
        accounts: platform.ledger(business, "/ledger_accounts").await,
        entries: platform.ledger(business, "/ledger_entries").await,
        sales: platform.ledger(business, "/sales_documents").await,
        bills: platform.ledger(business, "/purchase_documents").await,
        receipts: platform.ledger(business, "/receipts").await,
        remittances: platform.ledger(business, "/remittances").await,
        contacts: platform.ledger(business, "/contacts").await,
        bank_lines: platform.ledger(business, "/bank_lines").await,
    };
    let balances = ledger_balances(&read);
    let trial = platform.accounting(business, "/trial_balance").await;
    assert_eq!(trial["debit_total"], trial["credit_total"]);
    assert_eq!(balances.values().sum::<i64>(), 0);
    for row in trial["rows"].as_array().expect("rows") {
        let amount = int(&row["debit"]) - int(&row["credit"]);
        assert_eq!(amount, balances[text(&row["ledger_account_id"])], "{row}");
    }
    for account in &read.accounts {
        let known = balances.get(text(&account["id"])).copied().unwrap_or(0);
        assert_eq!(int(&account["balance"]), known, "{account}");
    }

    documents_add_up(&read.sales);
    documents_add_up(&read.bills);
    payments_match(&read.receipts, &read.sales, "RECEIPT");
    payments_match(&read.remittances, &read.bills, "REMITTANCE");
    credits_match(&read.sales, "CRN", "INV", "INVOICE");
    credits_match(&read.bills, "PCN", "BILL", "BILL");
    let receivables = outstanding(&read.sales);
    let payables = outstanding(&read.bills);
    assert_eq!(
        receivables.values().sum::<i64>(),
        balances["LA-1100"],
        "receivables"
    );
    assert_eq!(
        payables.values().sum::<i64>(),
        -balances["LA-2000"],
        "payables"
    );
    for contact in &read.contacts {
        let id = text(&contact["id"]);
        let owed = receivables
            .get(id)
            .or(payables.get(id))
            .copied()
            .unwrap_or(0);
        assert_eq!(int(&contact["open_balance"]), owed, "{contact}");
    }

    bank_lines_follow(platform, business, &read, &balances).await;
    the_bank_agrees(platform, business, &read).await;
    stock_is_worth_its_account(platform, business, &balances).await;
    statements_follow(platform, business, &read).await;
    vouchers_are_what_was_posted(platform, business, &read).await;
    cash_flows_from_the_bank(platform, business, &read).await;
    orders_are_charged_line_by_line(platform, business, &read).await;
}

fn ledger_balances(read: &Read) -> HashMap<String, i64> {
    let mut balances = HashMap::new();
    for entry in &read.entries {
        let mut sum = 0;
        for line in entry["lines"].as_array().expect("lines") {
            let (debit, credit) = (int(&line["debit"]), int(&line["credit"]));
            assert!(
                debit >= 0 && credit >= 0 && (debit == 0) != (credit == 0),
                "{entry}"
            );
            sum += debit - credit;
            let account = text(&line["ledger_account_id"]).to_owned();
            *balances.entry(account).or_insert(0) += debit - credit;
        }
        assert_eq!(sum, 0, "{entry}");
    }
    balances
}

fn signed(line: &Value) -> i64 {
    match text(&line["direction"]) {
        "IN" => int(&line["amount"]),
        "OUT" => -int(&line["amount"]),
        other => panic!("direction {other}"),
    }
}

async fn bank_lines_follow(
    platform: &Platform,
    business: &str,
    read: &Read,
    balances: &HashMap<String, i64>,
) {
    let entries: HashMap<&str, &Value> = read
        .entries
        .iter()
        .map(|entry| (text(&entry["id"]), entry))
        .collect();
    let mut running: HashMap<&str, i64> = HashMap::new();
    for line in &read.bank_lines {
        let amount = signed(line);
        let balance = running.entry(text(&line["bank_account_id"])).or_insert(0);
        *balance += amount;
        assert_eq!(int(&line["running_balance"]), *balance, "{line}");
        let entry = entries[text(&line["ledger_entry_id"])];
        let account = text(&line["bank_account_id"]).replace("BA-", "LA-");
        let posted = entry["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .any(|posted| {
                posted["ledger_account_id"] == account.as_str()
                    && int(&posted["debit"]) - int(&posted["credit"]) == amount
            });
        assert!(posted, "{line} is not in {entry}");
    }
    for account in platform.ledger(business, "/bank_accounts").await {
        let id = text(&account["id"]);
        let posted = balances
            .get(text(&account["ledger_account_id"]))
            .copied()
            .unwrap_or(0);
        assert_eq!(int(&account["book_balance"]), posted, "{account}");
        assert_eq!(running.get(id).copied().unwrap_or(0), posted, "{account}");
    }
    let movements = platform.ledger(business, "/money_movements").await;
    assert_eq!(movements.len(), read.bank_lines.len());
    for (movement, line) in movements.iter().zip(&read.bank_lines) {
        let parts = movement["parts"].as_array().expect("parts");
        let sum: i64 = parts.iter().map(|part| int(&part["amount"])).sum();
        assert_eq!(int(&movement["amount"]), sum, "{movement}");
        assert_eq!(signed(movement), signed(line), "{movement}");
    }
}

/// The bank's own API reports the same lines and balances.
async fn the_bank_agrees(platform: &Platform, business: &str, read: &Read) {
    let exponent = int(&read.accounts[0]["exponent"]) as usize;
    let mut booked: BTreeMap<String, Vec<(String, i64)>> = BTreeMap::new();
    for line in &read.bank_lines {
        let account = text(&line["bank_account_id"]).replace("BA-", "acc-");
        let day = text(&line["date"]).replace('-', "");
        booked.entry(account).or_default().push((day, signed(line)));
    }
    let amount = |value: &Value| {
        let amount = minor(&value["amount"], exponent);
        assert!(amount >= 0, "{value}");
        if value["direction"] == "DBIT" {
            -amount
        } else {
            amount
        }
    };
    let mut told: BTreeMap<String, Vec<(String, i64)>> = BTreeMap::new();
    let mut closing: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut running: HashMap<String, i64> = HashMap::new();
    for entry in platform.bank(business, "/entries?limit=500").await {
        let account = text(&entry["accountId"]).to_owned();
        let day = text(&entry["bookedOn"]).to_owned();
        let balance = running.entry(account.clone()).or_insert(0);
        *balance += amount(&entry);
        assert_eq!(amount(&entry["balanceAfter"]), *balance, "{entry}");
        closing.insert((account.clone(), day.clone()), *balance);
        told.entry(account).or_default().push((day, amount(&entry)));
    }
    assert_eq!(told, booked);
    for account in platform.bank(business, "/accounts").await {
        let known = running
            .get(text(&account["accountId"]))
            .copied()
            .unwrap_or(0);
        assert_eq!(amount(&account["booked"]), known, "{account}");
    }
    let balances = platform.bank(business, "/balances").await;
    assert!(
        balances.len() >= 3 * 25,
        "24 months of balances for three accounts"
    );
    for balance in balances {
        let account = text(&balance["accountId"]).to_owned();
        let until = (account.clone(), text(&balance["date"]).to_owned());
        let known = closing
            .range((account, String::new())..=until)
            .next_back()
            .map_or(0, |(_, balance)| *balance);
        assert_eq!(amount(&balance), known, "{balance}");
    }
}

async fn stock_is_worth_its_account(
    platform: &Platform,
    business: &str,
    balances: &HashMap<String, i64>,
) {
    let items = platform.ledger(business, "/catalogue_items").await;
    let worth: i64 = items
        .iter()
        .filter(|item| item["tracked"] == true)
        .map(|item| int(&item["on_hand_milli"]) / 1000 * int(&item["purchase"]["cost"]))
        .sum();
    assert_eq!(
        worth,
        balances.get("LA-1200").copied().unwrap_or(0),
        "stock"
    );
}

/// Money spent, received or moved at once: each record is its posting, and each such posting a record.
async fn vouchers_are_what_was_posted(platform: &Platform, business: &str, read: &Read) {
    let entries: HashMap<&str, &Value> = read
        .entries
        .iter()
        .map(|entry| (text(&entry["id"]), entry))
        .collect();
    let posted_to = |entry: &Value| {
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for line in entry["lines"].as_array().expect("lines") {
            let account = text(&line["ledger_account_id"]).to_owned();
            *sums.entry(account).or_insert(0) += int(&line["debit"]) - int(&line["credit"]);
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    };
    let count = |kind: &str| {
        let of_kind = |entry: &&Value| entry["source"]["type"] == kind;
        read.entries.iter().filter(of_kind).count()
    };
    for (path, kind, sign) in [("/spendings", "SPEND", 1), ("/incomes", "INCOME", -1)] {
        let vouchers = platform.ledger(business, path).await;
        assert_eq!(vouchers.len(), count(kind), "{path} of {business}");
        for voucher in &vouchers {
            let entry = entries[text(&voucher["ledger_entry_id"])];
            assert_eq!(entry["source"]["id"], voucher["id"], "{voucher}");
            let mut expected: BTreeMap<String, i64> = BTreeMap::new();
            let (mut net, mut tax, mut paid) = (0, 0, 0);
            for line in voucher["lines"].as_array().expect("lines") {
                let account = text(&line["ledger_account_id"]).to_owned();
                *expected.entry(account).or_insert(0) += sign * int(&line["net"]);
                net += int(&line["net"]);
                tax += int(&line["tax"]);
                assert!(line["text"].as_str().is_some_and(|text| !text.is_empty()));
            }
            *expected.entry("LA-2200".to_owned()).or_insert(0) += sign * tax;
            for part in voucher["money"].as_array().expect("money") {
                let account = text(&part["ledger_account_id"]).to_owned();
                *expected.entry(account).or_insert(0) -= sign * int(&part["amount"]);
                paid += int(&part["amount"]);
            }
            expected.retain(|_, sum| *sum != 0);
            assert_eq!(posted_to(entry), expected, "{voucher}");
            assert_eq!(int(&voucher["net_total"]), net, "{voucher}");
            assert_eq!(int(&voucher["tax_total"]), tax, "{voucher}");
            assert_eq!(int(&voucher["gross_total"]), paid, "{voucher}");
        }
    }
    let transfers = platform.ledger(business, "/transfers").await;
    assert_eq!(transfers.len(), count("TRANSFER"));
    for transfer in &transfers {
        let amount = int(&transfer["amount"]);
        assert!(amount > 0, "{transfer}");
        let entry = entries[text(&transfer["ledger_entry_id"])];
        let ends = [("from", -amount), ("to", amount)];
        let expected = ends.map(|(end, amount)| {
            let account = text(&transfer[end]["ledger_account_id"]).to_owned();
            (account, amount)
        });
        assert_eq!(posted_to(entry), BTreeMap::from(expected), "{transfer}");
    }
}
