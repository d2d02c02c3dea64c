//! The books balance, exactly, for every business.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::reader::{EVENING, Platform, int, minor, text};

macro_rules! for_every_business {
    ($($name:ident $id:literal;)*) => {
        $(#[tokio::test]
        async fn $name() {
            the_books_balance($id).await;
        })*

        /// The largest is checked from inside, where reading it takes no minutes: `src/books/checks.rs`.
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

fn documents_add_up(documents: &[Value]) {
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
fn payments_match(payments: &[Value], documents: &[Value], by: &str) {
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

/// What a credit note gave an invoice, the invoice got from it.
fn credits_match(documents: &[Value], credit: &str, charge: &str, by: &str) {
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
fn outstanding(documents: &[Value]) -> HashMap<&str, i64> {
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

/// The bank's own API tells the same lines and balances.
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

async fn statements_follow(platform: &Platform, business: &str, read: &Read) {
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

/// What was spent, received or moved at once: each record is its posting, and each such posting a record.
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

/// Each month goes on from the one before; over all of them, what came in less what went out is what there is.
async fn cash_flows_from_the_bank(platform: &Platform, business: &str, read: &Read) {
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

/// What was ordered is what was charged for it: each line as far as it was, and nothing twice.
async fn orders_are_charged_line_by_line(platform: &Platform, business: &str, read: &Read) {
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
