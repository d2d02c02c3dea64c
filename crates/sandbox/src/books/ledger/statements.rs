//! Profit and loss, balance sheet and cash flow, month by month, as they follow from the ledger.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::chart::{Account, Section};
use super::{Journal, Line, Money};
use crate::books::Books;

const ACCOUNTS: usize = Account::ALL.len();

/// One row of a section: an account, a group of rows, or earnings not yet closed.
pub(crate) struct Row {
    pub(crate) account: Option<Account>,
    pub(crate) title: &'static str,
    /// In the section's natural sign.
    pub(crate) total: Money,
    pub(crate) rows: Vec<Row>,
}

pub(crate) struct Part {
    pub(crate) section: Section,
    pub(crate) title: &'static str,
    pub(crate) total: Money,
    pub(crate) rows: Vec<Row>,
}

pub(crate) struct Month {
    pub(crate) first_day: NaiveDate,
    pub(crate) last_day: NaiveDate,
    /// Income, cost of sales, expenses, other income, other expenses.
    pub(crate) profit_and_loss: [Part; 5],
    pub(crate) gross_profit: Money,
    pub(crate) operating_profit: Money,
    pub(crate) net_profit: Money,
    /// Assets, liabilities, equity.
    pub(crate) balance_sheet: [Part; 3],
    pub(crate) net_assets: Money,
    pub(crate) cash_flow: CashFlow,
}

/// Receipts and payments of a month, by the account on the other side of each posting. Money moved between the business's
/// own cash accounts is neither.
pub(crate) struct CashFlow {
    pub(crate) opening: Money,
    pub(crate) receipts: Vec<Row>,
    pub(crate) payments: Vec<Row>,
}

impl CashFlow {
    pub(crate) fn received(&self) -> Money {
        self.receipts.iter().map(|row| row.total).sum()
    }

    pub(crate) fn paid(&self) -> Money {
        self.payments.iter().map(|row| row.total).sum()
    }

    pub(crate) fn closing(&self) -> Money {
        self.opening + self.received() - self.paid()
    }
}

/// Every month since the books opened, the current one last.
pub(crate) fn months(books: &Books) -> Vec<Month> {
    let movements = movements(books);
    let mut flows = cash_flows(books, movements.len()).into_iter();
    let mut balances = [0; ACCOUNTS];
    let mut earlier = 0;
    let mut this_year = 0;
    let mut months = Vec::with_capacity(movements.len());
    for (position, movement) in movements.iter().enumerate() {
        let first_day = books.opened + Months::new(position as u32);
        if first_day.month() == books.trade.registered.year_starts {
            earlier += this_year;
            this_year = 0;
        }
        for (balance, moved) in balances.iter_mut().zip(movement) {
            *balance += moved;
        }
        this_year -= Account::ALL
            .iter()
            .filter(|account| account.in_profit_and_loss())
            .map(|account| movement[*account as usize])
            .sum::<Money>();
        let cash_flow = flows.next().expect("each month has its flow of cash");
        months.push(month(
            books, first_day, movement, &balances, earlier, this_year, cash_flow,
        ));
    }
    months
}

/// Debit minus credit of every account in every month.
fn movements(books: &Books) -> Vec<[Money; ACCOUNTS]> {
    let mut months = vec![[0; ACCOUNTS]; month_index(books, books.today()) + 1];
    for entry in &books.ledger.entries {
        let month = &mut months[month_index(books, entry.day)];
        for line in books.ledger.lines(entry) {
            month[line.account as usize] += line.amount;
        }
    }
    months
}

/// The number of months since the one in which the books opened.
fn month_index(books: &Books, day: NaiveDate) -> usize {
    (day.year() - books.opened.year()) as usize * 12 + day.month0() as usize
        - books.opened.month0() as usize
}

/// A posting is a receipt or a payment as a whole, by its change of cash; the opening balances are neither.
fn cash_flows(books: &Books, months: usize) -> Vec<CashFlow> {
    let mut opening = 0;
    let mut sums = vec![([0; ACCOUNTS], [0; ACCOUNTS]); months];
    for entry in &books.ledger.entries {
        let lines = books.ledger.lines(entry);
        let (cash, others): (Vec<&Line>, Vec<&Line>) =
            lines.iter().partition(|line| line.account.is_cash());
        let moved: Money = cash.iter().map(|line| line.amount).sum();
        if entry.journal == Journal::Opening {
            opening += moved;
            continue;
        }
        let (receipts, payments) = &mut sums[month_index(books, entry.day)];
        for line in others {
            match moved {
                0 => {}
                1.. => receipts[line.account as usize] -= line.amount,
                _ => payments[line.account as usize] += line.amount,
            }
        }
    }
    let rows = |amounts: &[Money; ACCOUNTS]| {
        Account::ALL
            .iter()
            .filter(|account| amounts[**account as usize] != 0)
            .map(|account| Row {
                account: Some(*account),
                title: books.title(*account),
                total: amounts[*account as usize],
                rows: Vec::new(),
            })
            .collect()
    };
    sums.iter()
        .map(|(receipts, payments)| {
            let flow = CashFlow {
                opening,
                receipts: rows(receipts),
                payments: rows(payments),
            };
            opening = flow.closing();
            flow
        })
        .collect()
}

fn month(
    books: &Books,
    first_day: NaiveDate,
    movement: &[Money; ACCOUNTS],
    balances: &[Money; ACCOUNTS],
    earlier: Money,
    this_year: Money,
    cash_flow: CashFlow,
) -> Month {
    let profit_and_loss = [
        Section::Income,
        Section::CostOfSales,
        Section::Expenses,
        Section::OtherIncome,
        Section::OtherExpenses,
    ]
    .map(|section| part(books, section, movement));
    let [income, cost, expenses, other_income, other_expenses] = &profit_and_loss;
    let gross_profit = income.total - cost.total;
    let operating_profit = gross_profit - expenses.total;
    let net_profit = operating_profit + other_income.total - other_expenses.total;

    let mut balance_sheet = [Section::Assets, Section::Liabilities, Section::Equity]
        .map(|section| part(books, section, balances));
    let equity = &mut balance_sheet[2];
    for (title, total) in [
        ("Earnings of earlier years", earlier),
        ("Earnings of this year", this_year),
    ] {
        equity.total += total;
        equity.rows.push(Row {
            account: None,
            title,
            total,
            rows: Vec::new(),
        });
    }
    Month {
        first_day,
        last_day: first_day + Months::new(1) - Days::new(1),
        net_assets: balance_sheet[0].total - balance_sheet[1].total,
        profit_and_loss,
        gross_profit,
        operating_profit,
        net_profit,
        balance_sheet,
        cash_flow,
    }
}

fn part(books: &Books, section: Section, amounts: &[Money; ACCOUNTS]) -> Part {
    let (title, sign) = match section {
        Section::Income => ("Income", -1),
        Section::CostOfSales => ("Cost of sales", 1),
        Section::Expenses => ("Expenses", 1),
        Section::OtherIncome => ("Other income", -1),
        Section::OtherExpenses => ("Other expenses", 1),
        Section::Assets => ("Assets", 1),
        Section::Liabilities => ("Liabilities", -1),
        Section::Equity => ("Equity", -1),
    };
    let mut part = Part {
        section,
        title,
        total: 0,
        rows: Vec::new(),
    };
    for account in Account::ALL {
        let info = account.info();
        let total = sign * amounts[*account as usize];
        if info.section != section || total == 0 {
            continue;
        }
        part.total += total;
        let mut rows = &mut part.rows;
        for group in info.groups {
            if rows.last().is_none_or(|row| row.title != *group) {
                rows.push(Row {
                    account: None,
                    title: group,
                    total: 0,
                    rows: Vec::new(),
                });
            }
            let last = rows.len() - 1;
            rows[last].total += total;
            rows = &mut rows[last].rows;
        }
        rows.push(Row {
            account: Some(*account),
            title: books.title(*account),
            total,
            rows: Vec::new(),
        });
    }
    part
}
