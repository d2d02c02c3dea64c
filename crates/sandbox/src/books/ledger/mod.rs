//! The general ledger: balanced postings, the bank lines that they cause, and the balance of each account.

pub(crate) mod chart;
pub(crate) mod statements;

use chrono::NaiveDate;

use chart::{Account, BANKS};

/// Milliseconds since 1970-01-01 UTC.
pub(crate) type Moment = i64;
/// Minor units of the business's currency.
pub(crate) type Money = i64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Journal {
    Opening,
    Sales,
    Purchases,
    Cash,
    Payroll,
    General,
}

/// The record that a posting comes from; the numbers are positions in the books' lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Invoice(u32),
    Credit(u32),
    Receipt(u32),
    Bill(u32),
    BillCredit(u32),
    Remittance(u32),
    Transfer(u32),
    Spend(u32),
    Income(u32),
    Manual,
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) day: NaiveDate,
    pub(crate) at: Moment,
    pub(crate) journal: Journal,
    pub(crate) source: Source,
    /// Empty if the source's own record has a better text.
    pub(crate) memo: Box<str>,
    first: u32,
    count: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) account: Account,
    /// Debit positive, credit negative.
    pub(crate) amount: Money,
    /// The contact whose receivable or payable it is.
    pub(crate) contact: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Transfer,
    DirectDebit,
    StandingOrder,
    Card,
    Cash,
    Fee,
    Interest,
    Payroll,
    Deposit,
    Payout,
    OwnTransfer,
    Loan,
}

/// The bank's description of a line, beyond its amount.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) method: Method,
    pub(crate) category: Category,
    pub(crate) party: Party,
    pub(crate) narrative: Box<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Party {
    Unnamed,
    Contact(u32),
    Named(&'static str),
}

#[derive(Debug, Clone)]
pub(crate) struct BankLine {
    pub(crate) account: Account,
    pub(crate) entry: u32,
    pub(crate) day: NaiveDate,
    pub(crate) at: Moment,
    /// In positive, out negative.
    pub(crate) amount: Money,
    pub(crate) balance: Money,
    pub(crate) reconciled_at: Moment,
    pub(crate) notice: Notice,
}

macro_rules! categories {
    ($($name:ident $id:literal $label:literal $parent:expr;)*) => {
        /// The bank's own classification of a line.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Category { $($name),* }

        impl Category {
            pub(crate) const ALL: &'static [Category] = &[$(Category::$name),*];

            /// Id, label, and the category above.
            pub(crate) fn info(self) -> (&'static str, &'static str, Option<Category>) {
                match self { $(Category::$name => ($id, $label, $parent)),* }
            }
        }
    };
}

categories! {
    Income "cat-100" "Income" None;
    CustomerPayments "cat-110" "Customer payments" Some(Category::Income);
    CardSales "cat-120" "Card sales" Some(Category::Income);
    CashDeposits "cat-130" "Cash deposits" Some(Category::Income);
    InterestEarned "cat-140" "Interest earned" Some(Category::Income);
    RunningCosts "cat-200" "Running costs" None;
    Suppliers "cat-210" "Suppliers" Some(Category::RunningCosts);
    RentPaid "cat-220" "Rent" Some(Category::RunningCosts);
    UtilityBills "cat-230" "Utilities" Some(Category::RunningCosts);
    SoftwareAndPhone "cat-240" "Software and phone" Some(Category::RunningCosts);
    TravelAndVehicles "cat-250" "Travel and vehicles" Some(Category::RunningCosts);
    InsurancePaid "cat-260" "Insurance" Some(Category::RunningCosts);
    Advertising "cat-270" "Advertising" Some(Category::RunningCosts);
    Sundry "cat-280" "Office and sundry" Some(Category::RunningCosts);
    People "cat-300" "People" None;
    Salaries "cat-310" "Salaries" Some(Category::People);
    PayrollTaxes "cat-320" "Payroll taxes" Some(Category::People);
    Taxes "cat-400" "Taxes" None;
    SalesTaxes "cat-410" "VAT and sales tax" Some(Category::Taxes);
    Finance "cat-500" "Finance" None;
    Charges "cat-510" "Bank charges" Some(Category::Finance);
    LoanRepayments "cat-520" "Loan repayments" Some(Category::Finance);
    OwnTransfers "cat-530" "Transfers between own accounts" Some(Category::Finance);
    Owners "cat-540" "Owners and dividends" Some(Category::Finance);
    Investment "cat-550" "Equipment" Some(Category::Finance);
    BroughtForward "cat-590" "Balance brought forward" Some(Category::Finance);
}

/// All that has been posted up to now.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) entries: Vec<Entry>,
    lines: Vec<Line>,
    pub(crate) bank_lines: Vec<BankLine>,
    balances: [Money; Account::ALL.len()],
    touched: [Moment; Account::ALL.len()],
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            lines: Vec::new(),
            bank_lines: Vec::new(),
            balances: [0; Account::ALL.len()],
            touched: [0; Account::ALL.len()],
        }
    }
}

pub(crate) struct Posting<'a> {
    pub(crate) day: NaiveDate,
    pub(crate) at: Moment,
    pub(crate) journal: Journal,
    pub(crate) source: Source,
    pub(crate) memo: Box<str>,
    /// Zero amounts are dropped.
    pub(crate) lines: &'a [Line],
    /// Required if a line posts to a bank account.
    pub(crate) notice: Option<Notice>,
}

impl Ledger {
    /// Writes a posting, returning its position.
    ///
    /// # Panics
    /// If debits and credits differ, or a bank line has no notice: an error of the generator.
    pub(crate) fn post(&mut self, posting: Posting<'_>) -> u32 {
        let position = self.entries.len() as u32;
        let first = self.lines.len();
        let mut sum = 0;
        for line in posting.lines {
            if line.amount == 0 {
                continue;
            }
            sum += line.amount;
            self.lines.push(*line);
            let balance = &mut self.balances[line.account as usize];
            *balance += line.amount;
            self.touched[line.account as usize] = posting.at;
            if line.account.is_bank() {
                let notice = posting.notice.clone();
                self.bank_lines.push(BankLine {
                    account: line.account,
                    entry: position,
                    day: posting.day,
                    at: posting.at,
                    amount: line.amount,
                    balance: *balance,
                    reconciled_at: reconciled_at(position, posting.at),
                    notice: notice.expect("a posting to a bank account has a notice"),
                });
            }
        }
        assert_eq!(sum, 0, "debits and credits of {:?} differ", posting.source);
        self.entries.push(Entry {
            day: posting.day,
            at: posting.at,
            journal: posting.journal,
            source: posting.source,
            memo: posting.memo,
            first: first as u32,
            count: (self.lines.len() - first) as u32,
        });
        position
    }

    pub(crate) fn lines(&self, entry: &Entry) -> &[Line] {
        &self.lines[entry.first as usize..(entry.first + entry.count) as usize]
    }

    /// Debit minus credit.
    pub(crate) fn balance(&self, account: Account) -> Money {
        self.balances[account as usize]
    }

    /// The time of the account's last posting; 0 is never.
    pub(crate) fn touched(&self, account: Account) -> Moment {
        self.touched[account as usize]
    }

    /// Orders the bank lines as a bank lists them: by account, then as booked.
    pub(crate) fn bank_order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.bank_lines.len() as u32).collect();
        order.sort_by_key(|position| {
            let line = &self.bank_lines[*position as usize];
            BANKS.iter().position(|bank| *bank == line.account)
        });
        order
    }
}

/// A bookkeeper ticks bank lines off two to six days later.
pub(crate) fn reconciled_at(entry: u32, at: Moment) -> Moment {
    const HOUR: Moment = 3_600_000;
    at + (48 + Moment::from(entry % 5) * 24 + 1) * HOUR
}
