//! Accounts as banks report them: a balance, the transactions since, and the balance that they lead to.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use connectors::DataType;
use records::{Money, Timestamp};
use rust_decimal::Decimal;
use serde::Deserialize;
use store::StoreError;

use super::books::Books;
use super::judging::{Claim, Culprit, Side, Suspects, Test, Total, add};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    id: String,
    name: Option<String>,
    currency: Option<String>,
    balance: Option<Balance>,
}

#[derive(Deserialize)]
struct Balance {
    current: Money,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reported {
    account_id: String,
    balance: Balance,
    date: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    id: String,
    account_id: String,
    amount: Money,
    description: Option<String>,
    posted_date: Option<Timestamp>,
}

/// The first balance that is known of an account, and what has moved since.
struct Since {
    day: NaiveDate,
    opening: Decimal,
    /// The balance is of a time within its day.
    within_day: bool,
    moved: Total,
    count: u64,
    /// Transactions of the first balance's own day.
    of_that_day: u64,
    undated: u64,
}

impl Since {
    fn at(reported: &Reported) -> Self {
        Self {
            day: reported.date.date(),
            opening: reported.balance.current.0,
            within_day: matches!(reported.date, Timestamp::Instant(_)),
            moved: Some(Decimal::ZERO),
            count: 0,
            of_that_day: 0,
            undated: 0,
        }
    }

    fn add(&mut self, transaction: &Transaction) {
        match transaction.posted_date.map(Timestamp::date) {
            Some(day) if day > self.day => {
                add(&mut self.moved, transaction.amount.0);
                self.count += 1;
            }
            Some(day) if day == self.day => self.of_that_day += 1,
            Some(_) => {}
            None => self.undated += 1,
        }
    }
}

/// The tests of every account.
pub(super) async fn tests(books: &Books<'_>) -> Result<Vec<Test>, StoreError> {
    let pulled = &books.pulled;
    let needed = [
        DataType::BankingAccounts,
        DataType::BankingAccountBalances,
        DataType::BankingTransactions,
    ];
    if let Some(reason) = pulled.missing(&needed) {
        let sides = [
            Side::new("Opening balance and transactions"),
            Side::new("Balance"),
        ];
        let claim = Claim::new("bankBalance", "Balances at the bank", sides);
        return Ok(vec![claim.doubting(vec![reason]).judge(None)]);
    }
    let mut first: BTreeMap<String, Since> = BTreeMap::new();
    books
        .each(DataType::BankingAccountBalances, |reported: Reported| {
            let day = reported.date.date();
            let known = first.get(&reported.account_id);
            if known.is_none_or(|known| day < known.day) {
                let since = Since::at(&reported);
                first.insert(reported.account_id, since);
            }
        })
        .await?;
    books
        .each(DataType::BankingTransactions, |transaction: Transaction| {
            if let Some(since) = first.get_mut(&transaction.account_id) {
                since.add(&transaction);
            }
        })
        .await?;
    let mut accounts: Vec<Account> = Vec::new();
    books
        .each(DataType::BankingAccounts, |account| accounts.push(account))
        .await?;
    let mut tests = Vec::new();
    for account in &accounts {
        let since = first.get(&account.id);
        tests.push(balance(books, account, since, &needed).await?);
    }
    Ok(tests)
}

async fn balance(
    books: &Books<'_>,
    account: &Account,
    since: Option<&Since>,
    types: &[DataType],
) -> Result<Test, StoreError> {
    let name = account.name.as_deref().unwrap_or(&account.id);
    let id = format!("bankBalance/{}", account.id);
    let title = format!("{name}: opening balance and transactions");
    let day = books.pulled.day(DataType::BankingAccounts);
    let current = account.balance.as_ref().map(|balance| balance.current.0);
    let reported = Side::new(format!("Balance of {name}"))
        .of(current)
        .at(day)
        .within(account.currency.as_deref());
    let mut own = Vec::new();
    if current.is_none() {
        own.push("The bank doesn't give the account's balance.".to_owned());
    }
    let Some(since) = since else {
        own.push("No earlier balance of the account is known.".to_owned());
        let sides = [Side::new("Opening balance and transactions"), reported];
        let claim = Claim::new(id, title, sides).doubting(own);
        return Ok(claim.resting_on(&books.pulled, types).judge(None));
    };
    if since.within_day && since.of_that_day > 0 {
        own.push(format!(
            "{} transactions are of the day of the first balance, {}: the bank doesn't tell if they came before it.",
            since.of_that_day, since.day
        ));
    }
    if since.undated > 0 {
        own.push(format!("{} transactions have no date yet.", since.undated));
    }
    let mut sum = since.moved;
    add(&mut sum, since.opening);
    let label = format!(
        "Balance of {} on {} and {} transactions since",
        since.opening, since.day, since.count
    );
    let made = Side::new(label)
        .of(sum)
        .at(books.pulled.day(DataType::BankingTransactions))
        .within(account.currency.as_deref());
    let claim = Claim::new(id, title, [made, reported])
        .resting_on(&books.pulled, types)
        .doubting(own);
    let suspects = match claim.gap() {
        Some(gap) => {
            let mut suspects = Suspects::of(gap);
            books
                .each(DataType::BankingTransactions, |one: Transaction| {
                    if one.account_id == account.id {
                        suspects.compare(one.amount.0, |reason| {
                            let (id, text) = (&one.id, one.description.as_deref());
                            let data_type = DataType::BankingTransactions;
                            Culprit::new(data_type, id, text, one.amount.0, reason)
                        });
                    }
                })
                .await?;
            Some(suspects)
        }
        None => None,
    };
    Ok(claim.judge(suspects))
}
