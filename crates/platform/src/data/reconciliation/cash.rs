//! Cash per bank account of the books: the opening balance and the transactions make its balance, which is the ledger's too.

use std::collections::{BTreeMap, BTreeSet};

use connectors::DataType;
use records::{Money, Timestamp};
use rust_decimal::Decimal;
use serde::Deserialize;
use store::StoreError;

use super::books::{Account, Books, Ref};
use super::judging::{Claim, Culprit, Side, Suspects, Suspicion, Test, Total, add};
use super::running::{FirstDay, Step, breaks};

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
pub(super) struct Line {
    pub(super) id: String,
    account_id: Option<String>,
    bank_account_ref: Option<Ref>,
    #[serde(alias = "totalAmount")]
    pub(super) amount: Money,
    /// The account's, after a line of a statement.
    pub(super) balance: Option<Money>,
    #[serde(alias = "date")]
    pub(super) cleared_on_date: Option<Timestamp>,
    #[serde(alias = "note")]
    description: Option<String>,
    status: Option<String>,
    currency: Option<String>,
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
    first: FirstDay,
    currencies: BTreeSet<String>,
}

impl Lines {
    fn add(&mut self, line: &Line) {
        if self.count == 0 {
            self.sum = Some(Decimal::ZERO);
            self.are_running = true;
        }
        self.count += 1;
        add(&mut self.sum, line.amount.0);
        self.currencies.extend(line.currency.clone());
        match Step::of(line) {
            Some(step) => self.first.add(step),
            None => self.are_running = false,
        }
    }

    /// The balance before the first line, if the lines tell.
    fn opening(&self) -> Option<Decimal> {
        self.first.opening().filter(|_| self.are_running)
    }

    /// The lines are in other currencies than their account, so that their sum isn't one of its own.
    fn other_currencies(&self, account: &BankAccount) -> Option<String> {
        let own = account.currency.as_ref().or(self.currencies.first())?;
        let others: Vec<&str> = (self.currencies.iter())
            .filter(|currency| *currency != own)
            .map(String::as_str)
            .collect();
        (!others.is_empty()).then(|| {
            format!(
                "Transactions of the account are in {}, and the account is in {own}.",
                others.join(", ")
            )
        })
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
                lines.add(&line);
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
    let why_partial = why_partial(books);
    let (lines, data_type) = match (statement, postings) {
        (_, Some(lines)) if why_partial.is_some() => (lines, DataType::AccountTransactions),
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
        .resting_on(pulled, &[data_type, DataType::BankAccounts])
        .lacking(lines.other_currencies(account));
    if data_type == DataType::BankTransactions {
        claim.doubts.extend(why_partial);
    }
    if opening.is_none() {
        claim.doubts.push(
            "The balance before the first transaction isn't known, and may be the difference."
                .to_owned(),
        );
    }
    let suspects = match claim.gap() {
        Some(gap) => Some(explain(books, account, &[data_type], lines.opening(), gap).await?),
        None => None,
    };
    Ok(claim.judge(suspects))
}

/// The reason why bank transactions aren't all that moved at the bank, if the platform's aren't.
fn why_partial(books: &Books<'_>) -> Option<String> {
    books.pulled.of_platform()?.bank_transactions.clone()
}

/// Looks through an account's lines of some types once more, after an opening balance if it is known.
async fn explain(
    books: &Books<'_>,
    account: &BankAccount,
    data_types: &[DataType],
    opening: Option<Decimal>,
    gap: Decimal,
) -> Result<Suspects, StoreError> {
    let mut suspects = Suspects::of(gap);
    for data_type in data_types {
        let mut steps = Vec::new();
        books
            .each(*data_type, |line: Line| {
                if line.account() != Some(&account.id) || !line.is_posted() {
                    return;
                }
                suspects.compare(line.amount.0, |reason| {
                    line.culprit(*data_type, line.amount.0, reason)
                });
                if opening.is_some() {
                    let step = Step::of(&line);
                    steps.extend(step.map(|step| (step, line.description)));
                }
            })
            .await?;
        for (step, text, odd) in breaks(steps, opening) {
            let suspicion = if odd.abs() == gap.abs() {
                Suspicion::Exact
            } else {
                Suspicion::Odd
            };
            let (id, number) = (&step.id, text.as_deref());
            let culprit = Culprit::new(*data_type, id, number, step.amount, step.reason(odd));
            suspects.add(suspicion, culprit);
        }
    }
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
        .resting_on(&books.pulled, &[DataType::BankAccounts, booked.data_type])
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
    let claim = Claim::new(id, title, sides)
        .resting_on(pulled, &[lines, posted])
        .lacking(postings.other_currencies(account))
        .doubting(why_partial(books).into_iter().collect());
    let suspects = match claim.gap() {
        Some(gap) => Some(explain(books, account, &[lines, posted], None, gap).await?),
        None => None,
    };
    Ok(claim.judge(suspects))
}
