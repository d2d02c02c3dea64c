//! Cash per bank account of the books: the opening balance and the transactions make its balance, which is the ledger's too.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use connectors::DataType;
use records::{Money, Timestamp};
use rust_decimal::Decimal;
use serde::Deserialize;
use store::StoreError;

use super::books::{Account, Books, Ref, day_of};
use super::judging::{Claim, Culprit, Side, Suspects, Suspicion, Test, Total, add};

/// Breaks in an account's running balance that are kept: one explains a difference, the next ones follow from it.
const MOST_BREAKS: usize = 5;

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BankAccount {
    id: String,
    account_name: Option<String>,
    nominal_code: Option<String>,
    currency: Option<String>,
    balance: Option<Money>,
}

/// A line of a bank statement, or a posting to a bank account.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    id: String,
    account_id: Option<String>,
    bank_account_ref: Option<Ref>,
    #[serde(alias = "totalAmount")]
    amount: Money,
    /// The account's, after a line of a statement.
    balance: Option<Money>,
    #[serde(alias = "date")]
    cleared_on_date: Option<Timestamp>,
    #[serde(alias = "note")]
    description: Option<String>,
    status: Option<String>,
}

impl Line {
    fn account(&self) -> Option<&str> {
        let posted_to = self.bank_account_ref.as_ref();
        (self.account_id.as_deref()).or_else(|| posted_to.map(|account| account.id.as_str()))
    }

    fn is_posted(&self) -> bool {
        self.status.as_deref() != Some("Void")
    }

    fn culprit(&self, data_type: DataType, amount: Decimal, reason: String) -> Culprit {
        Culprit::new(
            data_type,
            &self.id,
            self.description.as_deref(),
            amount,
            reason,
        )
    }
}

/// The lines of one account, summed.
#[derive(Clone, Debug, Default)]
struct Lines {
    count: u64,
    /// Every line has come with a balance.
    are_running: bool,
    sum: Total,
    /// The first line's day and id, and the balance before it.
    first: Option<(NaiveDate, String, Decimal)>,
    /// The balance after the line that came before, in the order of ids.
    before: Option<Decimal>,
    breaks: Vec<(Decimal, Culprit)>,
}

impl Lines {
    fn add(&mut self, line: &Line, data_type: DataType) {
        if self.count == 0 {
            self.sum = Some(Decimal::ZERO);
            self.are_running = true;
        }
        self.count += 1;
        let amount = line.amount.0;
        add(&mut self.sum, amount);
        let (Some(Money(after)), Some(day)) = (line.balance, day_of(line.cleared_on_date)) else {
            self.are_running = false;
            return;
        };
        let opening = after.checked_sub(amount).unwrap_or_default();
        let is_first = |first: &(NaiveDate, String, Decimal)| (day, &line.id) < (first.0, &first.1);
        if self.first.as_ref().is_none_or(is_first) {
            self.first = Some((day, line.id.clone(), opening));
        }
        if let Some(before) = self.before
            && before != opening
            && self.breaks.len() < MOST_BREAKS
        {
            let odd = before.checked_sub(opening).unwrap_or_default();
            let reason = format!(
                "The balance before it is {before} and its amount {amount}, but the balance after it is {after}."
            );
            self.breaks
                .push((odd, line.culprit(data_type, amount, reason)));
        }
        self.before = Some(after);
    }

    /// The balance before the first line, if the lines tell.
    fn opening(&self) -> Option<Decimal> {
        let first = self.first.as_ref().filter(|_| self.are_running)?;
        Some(first.2)
    }
}

type ByAccount = BTreeMap<String, Lines>;

async fn sum_lines(books: &Books<'_>, data_type: DataType) -> Result<ByAccount, StoreError> {
    let mut sums = ByAccount::new();
    books
        .each(data_type, |line: Line| {
            let account = line.account().unwrap_or_default();
            if line.is_posted() {
                let lines = sums.entry(account.to_owned()).or_default();
                lines.add(&line, data_type);
            }
        })
        .await?;
    Ok(sums)
}

/// The tests of every bank account.
pub(super) async fn tests(books: &Books<'_>) -> Result<Vec<Test>, StoreError> {
    let pulled = &books.pulled;
    if let Some(reason) = pulled.missing(&[DataType::BankAccounts]) {
        let sides = [
            Side::new("Balances of bank accounts"),
            Side::new("Transactions"),
        ];
        let claim = Claim::new("cash", "Cash at the bank", sides).doubting(vec![reason]);
        return Ok(vec![claim.judge(None)]);
    }
    let mut accounts: Vec<BankAccount> = Vec::new();
    books
        .each(DataType::BankAccounts, |account| accounts.push(account))
        .await?;
    let statement = sum_lines(books, DataType::BankTransactions).await?;
    let postings = sum_lines(books, DataType::AccountTransactions).await?;
    let mut tests = Vec::new();
    let none = Lines {
        sum: Some(Decimal::ZERO),
        ..Lines::default()
    };
    // An account without a transaction has none of either list that was pulled.
    let of = |account: &BankAccount, data_type, sums: &ByAccount| {
        let lines = sums
            .get(&account.id)
            .or_else(|| pulled.has(data_type).then_some(&none));
        lines.cloned()
    };
    for account in &accounts {
        let lines = of(account, DataType::BankTransactions, &statement);
        let posted = of(account, DataType::AccountTransactions, &postings);
        tests.push(balance(books, account, lines.as_ref(), posted.as_ref()).await?);
        tests.push(ledger(books, account));
        if let (Some(lines), Some(posted)) = (&lines, &posted) {
            tests.push(movements(books, account, lines, posted).await?);
        }
    }
    Ok(tests)
}

impl BankAccount {
    fn name(&self) -> &str {
        self.account_name.as_deref().unwrap_or(&self.id)
    }

    fn side(&self, books: &Books<'_>) -> Side {
        Side::new(format!("Balance of {}", self.name()))
            .of(self.balance.map(|balance| balance.0))
            .at(books.pulled.day(DataType::BankAccounts))
            .within(self.currency.as_deref())
    }

    fn balance_is_missing(&self) -> Vec<String> {
        match self.balance {
            Some(_) => Vec::new(),
            None => vec!["The platform doesn't give the balances of bank accounts.".to_owned()],
        }
    }
}

/// The opening balance and the transactions against the account's balance.
async fn balance(
    books: &Books<'_>,
    account: &BankAccount,
    statement: Option<&Lines>,
    postings: Option<&Lines>,
) -> Result<Test, StoreError> {
    let pulled = &books.pulled;
    let name = account.name();
    let title = format!("{name}: opening balance and transactions");
    let id = format!("cash/{}", account.id);
    let (lines, data_type) = match (statement, postings) {
        // Only the bank's own lines tell the balance before them.
        (Some(lines), _) if lines.count > 0 || postings.is_none_or(|lines| lines.count == 0) => {
            (lines, DataType::BankTransactions)
        }
        (_, Some(lines)) => (lines, DataType::AccountTransactions),
        (_, None) => {
            let types = [DataType::BankTransactions, DataType::AccountTransactions];
            let reason = pulled.missing(&types).unwrap_or_default();
            let sides = [
                Side::new("Opening balance and transactions"),
                account.side(books),
            ];
            return Ok(Claim::new(id, title, sides)
                .doubting(vec![reason])
                .judge(None));
        }
    };
    let opening = lines.opening();
    let mut sum = lines.sum;
    add(&mut sum, opening.unwrap_or_default());
    let label = match opening {
        Some(opening) => format!(
            "Opening balance of {opening} and {} transactions",
            lines.count
        ),
        None => format!("{} transactions", lines.count),
    };
    let transactions = Side::new(label)
        .of(sum)
        .at(pulled.day(data_type))
        .within(account.currency.as_deref());
    let mut claim = Claim::new(id, title, [transactions, account.side(books)])
        .doubting(account.balance_is_missing())
        .doubting(pulled.doubts(&[data_type, DataType::BankAccounts]));
    if opening.is_none() {
        claim.doubts.push(
            "The balance before the first transaction isn't known, and may be the difference."
                .to_owned(),
        );
    }
    let suspects = match claim.gap() {
        Some(gap) => Some(explain(books, account, data_type, lines, gap).await?),
        None => None,
    };
    Ok(claim.judge(suspects))
}

async fn explain(
    books: &Books<'_>,
    account: &BankAccount,
    data_type: DataType,
    lines: &Lines,
    gap: Decimal,
) -> Result<Suspects, StoreError> {
    let mut suspects = Suspects::of(gap);
    for (odd, culprit) in &lines.breaks {
        let suspicion = if odd.abs() == gap.abs() {
            Suspicion::Exact
        } else {
            Suspicion::Odd
        };
        suspects.add(suspicion, culprit.clone());
    }
    books
        .each(data_type, |line: Line| {
            if line.account() == Some(&account.id) {
                suspects.compare(line.amount.0, |reason| {
                    line.culprit(data_type, line.amount.0, reason)
                });
            }
        })
        .await?;
    Ok(suspects)
}

/// The account's balance against that of its account in the ledger.
fn ledger(books: &Books<'_>, account: &BankAccount) -> Test {
    let same = |known: &&Account| {
        let (name, code) = (&account.account_name, &account.nominal_code);
        known.id == account.id
            || code.is_some() && known.nominal_code == *code
            || code.is_none() && name.is_some() && known.name == *name
    };
    let known: Vec<&Account> = books.accounts.values().filter(same).collect();
    let name = account.name();
    let day = books.pulled.day(DataType::BankAccounts);
    let own = |text: &str| Some(text) == account.account_name.as_deref();
    // A card's debt stands among the liabilities of a statement, above zero.
    let in_chart = books.balance_of(&known, own, name, day, false);
    let id = format!("cashBooks/{}", account.id);
    let title = format!("{name}: bank account and ledger");
    let Some(booked) = in_chart else {
        let sides = [
            account.side(books),
            Side::new(format!("{name} in the books")),
        ];
        let reason = "Neither the chart of accounts nor the balance sheet has its balance.";
        return Claim::new(id, title, sides)
            .doubting(vec![reason.to_owned()])
            .judge(None);
    };
    let side = Side::new(&*booked.label)
        .of(booked.amount)
        .at(booked.as_of)
        .within(booked.currency.as_deref());
    let mut claim = Claim::new(id, title, [account.side(books), side])
        .doubting(account.balance_is_missing())
        .doubting(
            books
                .pulled
                .doubts(&[DataType::BankAccounts, booked.data_type]),
        )
        .doubting(booked.doubts);
    if let (Some(own), Some(other)) = (&account.currency, &booked.currency)
        && own != other
    {
        claim.doubts.push(format!(
            "The account is in {own}, and its balance in the books in {other}."
        ));
    }
    claim.judge(None)
}

/// The bank's transactions against the postings to its account.
async fn movements(
    books: &Books<'_>,
    account: &BankAccount,
    statement: &Lines,
    postings: &Lines,
) -> Result<Test, StoreError> {
    let pulled = &books.pulled;
    let (lines, posted) = (DataType::BankTransactions, DataType::AccountTransactions);
    let side = |of: &str, lines: &Lines, data_type| {
        Side::new(format!("{} {of}", lines.count))
            .of(lines.sum)
            .at(pulled.day(data_type))
            .within(account.currency.as_deref())
    };
    let sides = [
        side("transactions of the bank", statement, lines),
        side("postings to the account", postings, posted),
    ];
    let id = format!("cashMovements/{}", account.id);
    let title = format!("{}: transactions and postings", account.name());
    let claim = Claim::new(id, title, sides).doubting(pulled.doubts(&[lines, posted]));
    let suspects = match claim.gap() {
        Some(gap) => Some(explain(books, account, lines, statement, gap).await?),
        None => None,
    };
    Ok(claim.judge(suspects))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn lines(all: &[Value]) -> Lines {
        let mut lines = Lines::default();
        for json in all {
            let line: Line = serde_json::from_str(&json.to_string()).expect("a line");
            lines.add(&line, DataType::BankTransactions);
        }
        lines
    }

    #[test]
    fn the_opening_balance_is_that_before_the_first_line() {
        let all = [
            json!({"id": "1", "amount": "50.00", "balance": "150.00", "clearedOnDate": "2026-03-02"}),
            json!({"id": "2", "amount": "-20.00", "balance": "130.00", "clearedOnDate": "2026-03-02"}),
            json!({"id": "3", "amount": "5.00", "balance": "135.00", "clearedOnDate": "2026-03-04"}),
        ];
        let summed = lines(&all);
        assert_eq!(summed.opening(), Some(Decimal::from(100)));
        assert_eq!(summed.sum, Some(Decimal::from(35)));
        assert!(summed.breaks.is_empty());
        let unknown = lines(&[json!({"id": "1", "totalAmount": "50.00", "date": "2026-03-02"})]);
        assert_eq!(unknown.opening(), None);
    }

    #[test]
    fn a_line_that_does_not_lead_to_the_next_balance_is_noted() {
        let all = [
            json!({"id": "1", "amount": "50.00", "balance": "150.00", "clearedOnDate": "2026-03-02"}),
            json!({"id": "2", "amount": "-40.00", "balance": "130.00", "clearedOnDate": "2026-03-02"}),
            json!({"id": "3", "amount": "5.00", "balance": "135.00", "clearedOnDate": "2026-03-04"}),
        ];
        let summed = lines(&all);
        let [(odd, culprit)] = summed.breaks.as_slice() else {
            panic!("{:?}", summed.breaks);
        };
        assert_eq!((*odd, &*culprit.id), (Decimal::from(-20), "2"));
    }
}
