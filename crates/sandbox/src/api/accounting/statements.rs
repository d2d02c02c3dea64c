//! Profit and loss, balance sheet, cash flow and trial balance.

use axum::Json;
use axum::extract::Query;
use serde_json::{Value, json};

use super::accounts::account_id;
use super::{Desk, Error, Params};
use crate::api::resource::number;
use crate::books::ledger::Money;
use crate::books::ledger::chart::{Account, Section};
use crate::books::ledger::statements::{Month, Part, Row, months};

pub(super) async fn statements(
    desk: Desk,
    Query(params): Query<Params>,
) -> Result<Json<Value>, Error> {
    let wanted = number(&params, "months", 24, 1_200).map_err(Error::BadParameter)?;
    let books = &desk.books;
    let all = months(books);
    let name = |month: &Month| month.first_day.format("%Y-%m").to_string();
    let shown: Vec<Value> = all
        .iter()
        .skip(all.len().saturating_sub(wanted))
        .map(|month| statement(month, name(month)))
        .collect();
    Ok(Json(json!({"data": {
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "basis": "ACCRUAL",
        "earliest_month": all.first().map(name),
        "latest_month": all.last().map(name),
        "months": shown,
    }})))
}

fn statement(month: &Month, name: String) -> Value {
    json!({
        "month": name,
        "first_day": month.first_day,
        "last_day": month.last_day,
        "profit_and_loss": {
            "sections": month.profit_and_loss.iter().map(part).collect::<Vec<_>>(),
            "gross_profit": month.gross_profit,
            "operating_profit": month.operating_profit,
            "net_profit": month.net_profit,
        },
        "balance_sheet": {
            "sections": month.balance_sheet.iter().map(part).collect::<Vec<_>>(),
            "net_assets": month.net_assets,
        },
        "cash_flow": {
            "opening_cash": month.cash_flow.opening,
            "receipts": flow("Cash received", month.cash_flow.received(), &month.cash_flow.receipts),
            "payments": flow("Cash paid", month.cash_flow.paid(), &month.cash_flow.payments),
            "closing_cash": month.cash_flow.closing(),
        },
    })
}

fn flow(title: &str, total: Money, rows: &[Row]) -> Value {
    json!({
        "title": title,
        "total": total,
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn part(part: &Part) -> Value {
    let section = match part.section {
        Section::Income => "INCOME",
        Section::CostOfSales => "COST_OF_SALES",
        Section::Expenses => "EXPENSES",
        Section::OtherIncome => "OTHER_INCOME",
        Section::OtherExpenses => "OTHER_EXPENSES",
        Section::Assets => "ASSETS",
        Section::Liabilities => "LIABILITIES",
        Section::Equity => "EQUITY",
    };
    json!({
        "section": section,
        "title": part.title,
        "total": part.total,
        "rows": part.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn row(row: &Row) -> Value {
    json!({
        "ledger_account_id": row.account.map(account_id),
        "title": row.title,
        "total": row.total,
        "rows": row.rows.iter().map(self::row).collect::<Vec<_>>(),
    })
}

pub(super) async fn trial_balance(desk: Desk) -> Json<Value> {
    let books = &desk.books;
    let mut totals = (0, 0);
    let rows: Vec<Value> = Account::ALL
        .iter()
        .filter(|account| books.ledger.balance(**account) != 0)
        .map(|account| {
            let balance = books.ledger.balance(*account);
            let (debit, credit) = (balance.max(0), (-balance).max(0));
            totals.0 += debit;
            totals.1 += credit;
            json!({
                "ledger_account_id": account_id(*account),
                "title": books.title(*account),
                "debit": debit,
                "credit": credit,
            })
        })
        .collect();
    Json(json!({"data": {
        "as_at": books.today(),
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "rows": rows,
        "debit_total": totals.0,
        "credit_total": totals.1,
    }}))
}
