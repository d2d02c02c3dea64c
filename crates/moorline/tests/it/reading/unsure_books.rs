//! Reconciliation of books that lack something: what is wrong is told apart from what can't be told.

use std::sync::Arc;

use serde_json::{Value, json};

use super::reconciliation::{one, pull_all, tests};
use crate::harness::own_platform::{PlatformOptions, Stage, platform_story};

const TYPES: &[&str] = &[
    "company",
    "chartOfAccounts",
    "invoices",
    "creditNotes",
    "payments",
    "bankAccounts",
    "bankTransactions",
    "accountTransactions",
    "journalEntries",
    "profitAndLoss",
    "balanceSheet",
];

fn books() -> PlatformOptions {
    PlatformOptions {
        limits: "concurrent_requests = 4",
        every_hours: 0,
        types: TYPES,
        ..PlatformOptions::from("Accounting")
    }
}

/// A platform whose bank transactions lack payments, and whose journal entries are all postings.
fn of_another_kind() -> PlatformOptions {
    PlatformOptions {
        reconciliation: "bank_transactions = \"Payments aren't among the bank transactions.\"\nall_postings = true",
        ..books()
    }
}

fn account(id: &str, name: &str, kind: &str, balance: f64) -> Value {
    json!({"id": id, "name": name, "type": kind, "status": "Active", "currentBalance": balance, "currency": "GBP",
           "isBankAccount": false, "validDatatypeLinks": []})
}

fn invoice(id: &str, amount: f64) -> Value {
    json!({"id": id, "invoiceNumber": format!("I-{id}"), "issueDate": "2026-05-20T00:00:00", "dueDate": "2026-06-20T00:00:00",
           "currency": "GBP", "status": "Submitted", "totalAmount": amount, "subTotal": amount, "totalTaxAmount": 0,
           "amountDue": amount, "lineItems": [], "paymentAllocations": []})
}

fn bank(balance: f64) -> Value {
    json!([{"id": "b", "accountName": "Bank", "status": "Active", "accountType": "Debit", "currency": "GBP", "balance": balance}])
}

fn bank_line(id: &str, amount: f64, balance: f64, day: &str) -> Value {
    json!({"id": id, "accountId": "b", "amount": amount, "balance": balance, "clearedOnDate": day, "description": id,
           "reconciled": false, "transactionType": "Credit"})
}

fn posting(id: &str, amount: f64, currency: &str) -> Value {
    json!({"id": id, "transactionId": id, "status": "Unreconciled", "currency": currency, "date": "2026-05-03T00:00:00",
           "bankAccountRef": {"id": "b", "name": "Bank"}, "totalAmount": amount, "lines": [{"amount": amount}]})
}

fn journal(id: &str, day: &str, lines: &[(&str, f64)]) -> Value {
    let lines: Vec<Value> = (lines.iter())
        .map(|(account, amount)| json!({"netAmount": amount, "currency": "GBP", "accountRef": {"id": account}}))
        .collect();
    json!({"id": id, "description": id, "postedOn": day, "journalLines": lines})
}

/// A company with its connection, once everything was pulled for the first time.
async fn linked(stage: &Stage) -> (String, String) {
    let (company, connection) = stage.linked().await;
    stage.world.settled(&company).await;
    (company, connection)
}

/// The tests, once everything was pulled again.
async fn compared(stage: &Stage, (company, connection): &(String, String)) -> Vec<Value> {
    pull_all(&stage.world, company).await;
    tests(&stage.world, company, connection).await
}

fn line(name: &str, value: f64) -> Value {
    json!({"name": name, "value": value, "items": []})
}

fn profit(month: &str, income: f64, expenses: f64) -> Value {
    let net = income - expenses;
    json!({"month": month, "reportBasis": "Accrual", "currency": "GBP", "income": line("I", income), "costOfSales": line("C", 0.0),
           "grossProfit": income, "expenses": line("E", expenses), "netOperatingProfit": net, "otherIncome": line("O", 0.0),
           "otherExpenses": line("X", 0.0), "netOtherIncome": 0, "netProfit": net})
}

fn sheet(month: &str, assets: f64, liabilities: f64, equity: f64) -> Value {
    json!({"month": month, "currency": "GBP", "assets": line("A", assets), "liabilities": line("L", liabilities),
           "netAssets": assets - liabilities, "equity": line("E", equity)})
}

#[track_caller]
fn is(tests: &[Value], id: &str, result: &str, reason: &str) {
    let test = one(tests, id);
    assert_eq!(test["result"], result, "{test}");
    assert!(
        test["reason"].as_str().unwrap().contains(reason),
        "{reason}: {test}"
    );
}

platform_story!(
    a_record_that_could_not_be_read_leaves_the_tests_that_need_it_open,
    books(),
    |stage: Arc<Stage>| async move {
        let platform = &stage.platform;
        let mut unread = invoice("2", 50.0);
        unread["status"] = json!(7);
        platform.lists(
            "chartOfAccounts",
            json!([account("ar", "Accounts Receivable", "Asset", 150.0)]),
        );
        platform.lists("invoices", json!([invoice("1", 100.0), unread]));
        // The newest statement doesn't balance, and is set aside.
        platform.lists(
            "balanceSheet",
            json!([
                sheet("2026-04", 10.0, 4.0, 6.0),
                sheet("2026-05", 10.0, 4.0, 7.0)
            ]),
        );
        platform.lists("bankAccounts", bank(135.0));
        let mut odd = bank_line("2", -20.0, 130.0, "2026-05-02T00:00:00");
        odd["amount"] = json!("much");
        let first = bank_line("1", 50.0, 150.0, "2026-05-02T00:00:00");
        platform.lists(
            "bankTransactions",
            json!([
                first,
                odd,
                bank_line("3", 5.0, 135.0, "2026-05-04T00:00:00")
            ]),
        );
        let ids = linked(&stage).await;
        let made = compared(&stage, &ids).await;
        is(
            &made,
            "receivables",
            "cannotTell",
            "1 record of invoices (2) couldn't be read.",
        );
        is(
            &made,
            "balanceSheet",
            "cannotTell",
            "1 record of balanceSheet (2026-05) couldn't be read.",
        );
        is(
            &made,
            "cash/b",
            "cannotTell",
            "1 record of bankTransactions",
        );

        // What is missing may be nought: equal sides prove as little.
        platform.lists(
            "chartOfAccounts",
            json!([account("ar", "Accounts Receivable", "Asset", 100.0)]),
        );
        let made = compared(&stage, &ids).await;
        is(&made, "receivables", "cannotTell", "1 record of invoices");

        platform.lists("invoices", json!([invoice("1", 100.0)]));
        platform.lists("balanceSheet", json!([sheet("2026-05", 10.0, 4.0, 5.99)]));
        // The first day's lines, whose ids aren't in their order as texts.
        let lines = [
            bank_line("9", 50.0, 150.0, "2026-05-02T00:00:00"),
            bank_line("10", -20.0, 130.0, "2026-05-02T00:00:00"),
            bank_line("11", 5.0, 135.0, "2026-05-04T00:00:00"),
        ];
        platform.lists("bankTransactions", json!(lines));
        let made = compared(&stage, &ids).await;
        is(&made, "receivables", "passed", "Both sides are 100");
        is(&made, "balanceSheet", "passed", "rounding explains");
        is(&made, "cash/b", "passed", "Both sides are 135");
    }
);

platform_story!(
    a_difference_names_the_posting_or_the_journal_that_explains_it,
    books(),
    |stage: Arc<Stage>| async move {
        let platform = &stage.platform;
        platform.lists(
            "chartOfAccounts",
            json!([
                account("ar", "Accounts Receivable", "Asset", 90.0),
                account("s", "Sales", "Income", 0.0)
            ]),
        );
        platform.lists("invoices", json!([invoice("1", 100.0)]));
        let journals = [
            journal("J-1", "2026-05-05T00:00:00", &[("ar", -10.0), ("s", 10.0)]),
            journal(
                "J-2",
                "2026-05-05T00:00:00",
                &[("ar", 100.0), ("s", -100.0)],
            ),
        ];
        platform.lists("journalEntries", json!(journals));
        platform.lists("bankAccounts", bank(135.0));
        let lines = [
            bank_line("1", 50.0, 150.0, "2026-05-02T00:00:00"),
            bank_line("2", -15.0, 135.0, "2026-05-03T00:00:00"),
        ];
        platform.lists("bankTransactions", json!(lines));
        platform.lists(
            "accountTransactions",
            json!([
                posting("x1", 50.0, "GBP"),
                posting("x2", -15.0, "GBP"),
                posting("x3", 5.0, "GBP")
            ]),
        );
        let ids = linked(&stage).await;
        let made = compared(&stage, &ids).await;
        is(
            &made,
            "receivables",
            "differs",
            "journalEntries J-1 explains it best. It is posted to the account itself.",
        );
        is(
            &made,
            "cashMovements/b",
            "differs",
            "accountTransactions x3 explains it best.",
        );

        // A sum of two currencies is none.
        platform.lists(
            "accountTransactions",
            json!([posting("x1", 30.0, "EUR"), posting("x2", 5.0, "GBP")]),
        );
        let made = compared(&stage, &ids).await;
        is(
            &made,
            "cashMovements/b",
            "cannotTell",
            "Transactions of the account are in EUR, and the account is in GBP.",
        );
    }
);

platform_story!(
    knowledge_of_a_platforms_lists_tells_an_error_from_what_they_lack,
    of_another_kind(),
    |stage: Arc<Stage>| async move {
        let platform = &stage.platform;
        platform.lists("bankAccounts", bank(135.0));
        platform.lists(
            "bankTransactions",
            json!([bank_line("1", 50.0, 50.0, "2026-05-02T00:00:00")]),
        );
        platform.lists(
            "accountTransactions",
            json!([posting("1", 50.0, "GBP"), posting("pay", 85.0, "GBP")]),
        );
        let accounts = [
            account("s", "Sales", "Income", 0.0),
            account("r", "Rent", "Expense", 0.0),
            account("b", "Cash", "Asset", 0.0),
            account("re", "Retained earnings", "Equity", 0.0),
        ];
        platform.lists("chartOfAccounts", json!(accounts));
        platform.lists(
            "profitAndLoss",
            json!([
                profit("2026-04", 100.0, 40.0),
                profit("2026-05", 50.0, 20.0)
            ]),
        );
        let mut journals = vec![
            journal("1", "2026-04-05T00:00:00", &[("b", 100.0), ("s", -100.0)]),
            journal("2", "2026-04-05T00:00:00", &[("r", 40.0), ("b", -40.0)]),
            journal("3", "2026-05-31T00:00:00", &[("b", 50.0), ("s", -50.0)]),
            // It closes the year.
            journal(
                "5",
                "2026-05-31T00:00:00",
                &[("s", 150.0), ("r", -60.0), ("re", -90.0)],
            ),
        ];
        platform.lists("journalEntries", json!(journals));
        let ids = linked(&stage).await;
        let made = compared(&stage, &ids).await;
        is(
            &made,
            "cashMovements/b",
            "cannotTell",
            "Payments aren't among the bank transactions.",
        );
        is(&made, "cash/b", "passed", "Both sides are 135");
        is(&made, "profitAndLoss", "differs", "The difference is -20");

        journals.push(journal(
            "4",
            "2026-05-02T00:00:00",
            &[("r", 20.0), ("b", -20.0)],
        ));
        platform.lists("journalEntries", json!(journals));
        let made = compared(&stage, &ids).await;
        is(&made, "profitAndLoss", "passed", "Both sides are 90");
    }
);
