//! A business's monthly statements as the rows of reports: a flat list, in which headings and totals stand by their words.

use std::collections::BTreeMap;

use super::escaped;
use crate::books::Books;
use crate::books::ledger::Money;
use crate::books::ledger::chart::Section;
use crate::books::ledger::statements::{Month, Part, Row, months};

const PROFIT_AND_LOSS: &str = "ProfitAndLossStandard";
const BALANCE_SHEET: &str = "BalanceSheetStandard";

/// An amount as QuickBooks writes it.
pub(super) fn money(books: &Books, amount: Money) -> String {
    let exponent = books.trade.exponent as usize;
    let unit = 10_i64.pow(books.trade.exponent);
    let sign = if amount < 0 { "-" } else { "" };
    let (whole, rest) = (amount.abs() / unit, amount.abs() % unit);
    if exponent == 0 {
        return format!("{sign}{whole}.00");
    }
    format!("{sign}{whole}.{rest:0exponent$}")
}

/// The rows of every month's statements, by the report's kind and the month.
pub(super) fn of(books: &Books) -> BTreeMap<(&'static str, String), Vec<String>> {
    let mut reports = BTreeMap::new();
    for month in months(books) {
        let name = month.first_day.format("%Y-%m").to_string();
        let money = |amount| money(books, amount);
        reports.insert(
            (PROFIT_AND_LOSS, name.clone()),
            profit_and_loss(&month, &money),
        );
        reports.insert((BALANCE_SHEET, name), balance_sheet(&month, &money));
    }
    reports
}

/// A report of a month without books.
pub(super) fn empty(kind: &str) -> Vec<String> {
    let parts: &[&str] = match kind {
        PROFIT_AND_LOSS => &["Income", "Expense"],
        BALANCE_SHEET => &["ASSETS", "Liabilities", "Equity"],
        _ => &[],
    };
    let mut rows = Rows::default();
    for heading in parts {
        rows.heading(heading);
        rows.subtotal(&format!("Total {heading}"), "0.00");
    }
    rows.0
}

#[derive(Default)]
struct Rows(Vec<String>);

impl Rows {
    fn put(&mut self, element: &str, attributes: &str, inner: &str) {
        let number = self.0.len() + 1;
        self.0.push(format!(
            "<{element} rowNumber=\"{number}\"{attributes}>{inner}</{element}>"
        ));
    }

    fn heading(&mut self, words: &str) {
        self.put("TextRow", &format!(" value=\"{}\"", escaped(words)), "");
    }

    fn cells(label: &str, value: &str) -> String {
        format!(
            "<ColData colID=\"1\" value=\"{}\"/><ColData colID=\"2\" value=\"{value}\"/>",
            escaped(label)
        )
    }

    fn subtotal(&mut self, words: &str, value: &str) {
        self.put("SubtotalRow", "", &Self::cells(words, value));
    }

    fn total(&mut self, words: &str, value: &str) {
        self.put("TotalRow", "", &Self::cells(words, value));
    }

    /// The accounts of a part, without the groups between them, under its heading.
    fn part(&mut self, heading: &str, part: &Part, money: &impl Fn(Money) -> String) {
        self.heading(heading);
        self.leaves(&part.rows, money);
        self.subtotal(&format!("Total {heading}"), &money(part.total));
    }

    fn leaves(&mut self, rows: &[Row], money: &impl Fn(Money) -> String) {
        for row in rows {
            if !row.rows.is_empty() {
                self.leaves(&row.rows, money);
                continue;
            }
            let account = row.account.map_or_else(String::new, |_| {
                let name = escaped(row.title);
                format!("<RowData rowType=\"account\" value=\"{name}\"/>")
            });
            let cells = Self::cells(row.title, &money(row.total));
            self.put("DataRow", "", &format!("{account}{cells}"));
        }
    }
}

fn profit_and_loss(month: &Month, money: &impl Fn(Money) -> String) -> Vec<String> {
    let of = |section| {
        let mut parts = month.profit_and_loss.iter();
        parts.find(|part| part.section == section)
    };
    let mut rows = Rows::default();
    let part = |rows: &mut Rows, section, heading| {
        if let Some(part) = of(section) {
            rows.part(heading, part, money);
        }
    };
    rows.heading("Ordinary Income/Expense");
    part(&mut rows, Section::Income, "Income");
    part(&mut rows, Section::CostOfSales, "Cost of Goods Sold");
    rows.total("Gross Profit", &money(month.gross_profit));
    part(&mut rows, Section::Expenses, "Expense");
    rows.total("Net Ordinary Income", &money(month.operating_profit));
    rows.heading("Other Income/Expense");
    part(&mut rows, Section::OtherIncome, "Other Income");
    part(&mut rows, Section::OtherExpenses, "Other Expense");
    let other = month.net_profit - month.operating_profit;
    rows.total("Net Other Income", &money(other));
    rows.total("Net Income", &money(month.net_profit));
    rows.0
}

fn balance_sheet(month: &Month, money: &impl Fn(Money) -> String) -> Vec<String> {
    let [assets, liabilities, equity] = &month.balance_sheet;
    let mut rows = Rows::default();
    rows.part("ASSETS", assets, money);
    rows.heading("LIABILITIES & EQUITY");
    rows.part("Liabilities", liabilities, money);
    rows.part("Equity", equity, money);
    let sum = money(liabilities.total + equity.total);
    rows.total("TOTAL LIABILITIES & EQUITY", &sum);
    rows.0
}
