//! A connection's records as the tests read them: page by page, with no more of each record than its sums need.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use connectors::DataType;
use records::accounting::statements::{Month, ReportLine};
use records::{Money, Timestamp};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use store::StoreError;
use store::connections::Connection;

use super::judging::{Total, add};
use super::pulled::Pulled;
use crate::app::App;

/// Records a page. A page is what is in memory at once.
const PAGE: i64 = 500;

/// The records of one connection, and the small lists among them that every test refers to.
pub(super) struct Books<'a> {
    app: &'a App,
    connection: &'a Connection,
    pub(super) pulled: Pulled,
    pub(super) accounts: BTreeMap<String, Account>,
    /// The newest month's.
    pub(super) sheet: Option<Sheet>,
    pub(super) base_currency: Option<String>,
}

/// A record's reference to another.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Ref {
    pub(super) id: String,
}

/// An account of the chart.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    pub(super) id: String,
    #[serde(default)]
    pub(super) r#type: String,
    pub(super) name: Option<String>,
    pub(super) nominal_code: Option<String>,
    pub(super) fully_qualified_category: Option<String>,
    pub(super) currency: Option<String>,
    /// Debits less credits.
    pub(super) current_balance: Option<Money>,
}

/// A month's balance sheet.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sheet {
    pub(super) month: Month,
    pub(super) assets: ReportLine,
    pub(super) liabilities: ReportLine,
    pub(super) equity: ReportLine,
    pub(super) currency: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Company {
    base_currency: Option<String>,
}

/// An amount in the books, and its day.
pub(super) struct Stated {
    pub(super) label: String,
    pub(super) amount: Total,
    pub(super) as_of: Option<NaiveDate>,
    pub(super) currency: Option<String>,
    pub(super) data_type: DataType,
    pub(super) doubts: Vec<String>,
}

impl<'a> Books<'a> {
    pub(super) async fn open(
        app: &'a App,
        connection: &'a Connection,
        pulled: Pulled,
    ) -> Result<Self, StoreError> {
        let mut books = Self {
            app,
            connection,
            pulled,
            accounts: BTreeMap::new(),
            sheet: None,
            base_currency: None,
        };
        let mut accounts = BTreeMap::new();
        books
            .each(DataType::ChartOfAccounts, |account: Account| {
                accounts.insert(account.id.clone(), account);
            })
            .await?;
        let mut newest: Option<Sheet> = None;
        books
            .each(DataType::BalanceSheet, |sheet: Sheet| {
                if newest
                    .as_ref()
                    .is_none_or(|known| known.month < sheet.month)
                {
                    newest = Some(sheet);
                }
            })
            .await?;
        let mut base = None;
        books
            .each(DataType::Company, |company: Company| {
                base = company.base_currency;
            })
            .await?;
        books.base_currency = base
            .or_else(|| newest.as_ref().and_then(|sheet| sheet.currency.clone()))
            .or_else(|| one_currency(accounts.values()));
        books.accounts = accounts;
        books.sheet = newest;
        Ok(books)
    }

    /// Hands every record of a type that isn't deleted to `take`, in the order of their ids.
    pub(super) async fn each<T: DeserializeOwned>(
        &self,
        data_type: DataType,
        mut take: impl FnMut(T),
    ) -> Result<(), StoreError> {
        let (company, connection) = (self.connection.company_id, self.connection.id);
        let mut after = String::new();
        loop {
            let page = store::records::present_after(
                &self.app.db,
                company,
                connection,
                data_type.as_str(),
                &after,
                PAGE,
            )
            .await?;
            for record in &page {
                let read = serde_json::from_str(&record.document).map_err(|error| {
                    StoreError::Corrupt(format!("{data_type} {} can't be read: {error}", record.id))
                });
                take(read?);
            }
            match page.into_iter().next_back() {
                Some(last) => after = last.id,
                None => return Ok(()),
            }
        }
    }

    /// The balance of these accounts: by the chart if it gives balances, else by the newest balance sheet, in which rows
    /// are known by their account or their name. `owed` turns debts into amounts above zero.
    pub(super) fn balance_of(
        &self,
        accounts: &[&Account],
        named: impl Fn(&str) -> bool,
        label: &str,
        day: Option<NaiveDate>,
        owed: bool,
    ) -> Option<Stated> {
        let sign = if owed { -Decimal::ONE } else { Decimal::ONE };
        if let [first, ..] = accounts
            && accounts
                .iter()
                .all(|account| account.current_balance.is_some())
        {
            let mut amount = Some(Decimal::ZERO);
            for account in accounts {
                let balance = account.current_balance.unwrap_or_default().0;
                add(&mut amount, sign * balance);
            }
            return Some(Stated {
                label: format!("{label} in the chart of accounts"),
                amount,
                as_of: self.pulled.day(DataType::ChartOfAccounts),
                currency: first.currency.clone(),
                data_type: DataType::ChartOfAccounts,
                doubts: Vec::new(),
            });
        }
        let sheet = self.sheet.as_ref()?;
        let part = if owed {
            &sheet.liabilities
        } else {
            &sheet.assets
        };
        let mut amount = None;
        let wanted = |line: &ReportLine| {
            let id = line.account_id.as_ref();
            id.is_some_and(|id| accounts.iter().any(|account| account.id == *id))
                || line.name.as_deref().is_some_and(&named)
        };
        sum_of_rows(part, &wanted, &mut amount);
        let mut doubts = Vec::new();
        if day.is_some_and(|day| Month::of(day) != sheet.month) {
            doubts.push(format!(
                "The newest balance sheet is of {}, and the records are of {}.",
                sheet.month,
                day.map(|day| day.to_string()).unwrap_or_default()
            ));
        }
        amount?;
        Some(Stated {
            label: format!("{label} in the balance sheet"),
            amount,
            as_of: Some(sheet.month.last_day()),
            currency: sheet.currency.clone(),
            data_type: DataType::BalanceSheet,
            doubts,
        })
    }
}

/// Adds the values of the rows that are wanted; those below a wanted one are part of it.
fn sum_of_rows(line: &ReportLine, wanted: &impl Fn(&ReportLine) -> bool, sum: &mut Total) {
    if wanted(line) {
        let before = sum.unwrap_or_default();
        *sum = before.checked_add(line.value.0);
        return;
    }
    for item in line.items.iter().flatten() {
        sum_of_rows(item, wanted, sum);
    }
}

/// The currency of all accounts, if they have one in common.
fn one_currency<'a>(accounts: impl Iterator<Item = &'a Account>) -> Option<String> {
    let mut currencies = accounts.filter_map(|account| account.currency.as_deref());
    let first = currencies.next()?;
    currencies
        .all(|currency| currency == first)
        .then(|| first.to_owned())
}

/// A day of the record's own calendar.
pub(super) fn day_of(time: Option<Timestamp>) -> Option<NaiveDate> {
    time.map(Timestamp::date)
}
