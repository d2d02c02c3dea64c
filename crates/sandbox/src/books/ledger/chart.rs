//! The chart of accounts that every business keeps.

/// The five classes of accounts in double entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Asset,
    Liability,
    Equity,
    Revenue,
    Expense,
}

/// The part of a statement that an account is shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Income,
    CostOfSales,
    Expenses,
    OtherIncome,
    OtherExpenses,
    Assets,
    Liabilities,
    Equity,
}

pub(crate) struct Info {
    pub(crate) code: &'static str,
    pub(crate) title: &'static str,
    pub(crate) section: Section,
    /// The headings between the section and the account, outermost first.
    pub(crate) groups: &'static [&'static str],
}

macro_rules! chart {
    ($($name:ident $code:literal $title:literal $section:ident [$($group:literal),*];)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[repr(u8)]
        pub(crate) enum Account { $($name),* }

        impl Account {
            pub(crate) const ALL: &'static [Account] = &[$(Account::$name),*];

            pub(crate) fn info(self) -> &'static Info {
                const INFO: &[Info] = &[$(Info {
                    code: $code, title: $title, section: Section::$section, groups: &[$($group),*],
                }),*];
                &INFO[self as usize]
            }
        }
    };
}

chart! {
    Equipment "0100" "Equipment at cost" Assets ["Fixed assets"];
    Depreciation "0110" "Accumulated depreciation" Assets ["Fixed assets"];
    Current "1000" "Current account" Assets ["Current assets", "Bank and cash"];
    Savings "1010" "Savings account" Assets ["Current assets", "Bank and cash"];
    Till "1050" "Cash in the till" Assets ["Current assets", "Bank and cash"];
    Clearing "1060" "Card processor clearing" Assets ["Current assets", "Bank and cash"];
    Receivables "1100" "Accounts receivable" Assets ["Current assets"];
    Inventory "1200" "Stock" Assets ["Current assets"];
    Prepayments "1250" "Prepayments" Assets ["Current assets"];
    Payables "2000" "Accounts payable" Liabilities ["Current liabilities"];
    Card "2050" "Credit card" Liabilities ["Current liabilities"];
    Accruals "2100" "Accruals" Liabilities ["Current liabilities"];
    Tax "2200" "Sales tax" Liabilities ["Current liabilities", "Taxes"];
    PayrollTax "2210" "Payroll taxes" Liabilities ["Current liabilities", "Taxes"];
    WagesPayable "2220" "Wages payable" Liabilities ["Current liabilities"];
    Loan "2500" "Bank loan" Liabilities ["Long-term liabilities"];
    OwnerLoan "2510" "Owner's loan" Liabilities ["Long-term liabilities"];
    Capital "3000" "Share capital" Equity [];
    Retained "3100" "Retained earnings brought in" Equity [];
    Dividends "3200" "Dividends paid" Equity [];
    Sales "4000" "Sales" Income [];
    ShopSales "4010" "Shop sales" Income [];
    Delivery "4020" "Delivery charged" Income [];
    Tips "4030" "Gratuities" Income [];
    Interest "4900" "Interest received" OtherIncome [];
    CostOfSales "5000" "Cost of goods sold" CostOfSales [];
    Subcontract "5100" "Subcontractors" CostOfSales [];
    Wages "6000" "Wages and salaries" Expenses ["People"];
    EmployerCosts "6010" "Employer's contributions" Expenses ["People"];
    Rent "6100" "Rent" Expenses ["Premises"];
    Utilities "6110" "Light, heat and water" Expenses ["Premises"];
    Insurance "6120" "Insurance" Expenses ["Premises"];
    Repairs "6130" "Repairs and cleaning" Expenses ["Premises"];
    Marketing "6200" "Marketing" Expenses ["Selling"];
    CardFees "6210" "Card processing fees" Expenses ["Selling"];
    Freight "6220" "Freight and packaging" Expenses ["Selling"];
    BadDebts "6230" "Bad debts" Expenses ["Selling"];
    Software "6300" "Software" Expenses ["Administration"];
    Telephone "6310" "Telephone and internet" Expenses ["Administration"];
    Office "6320" "Office supplies" Expenses ["Administration"];
    Professional "6330" "Professional fees" Expenses ["Administration"];
    BankCharges "6340" "Bank charges" Expenses ["Administration"];
    Travel "6400" "Travel" Expenses ["Travel and vehicles"];
    Vehicles "6410" "Vehicle running costs" Expenses ["Travel and vehicles"];
    DepreciationCharge "6600" "Depreciation" Expenses [];
    LoanInterest "7000" "Loan interest" OtherExpenses [];
}

impl Account {
    pub(crate) fn class(self) -> Class {
        match self.info().section {
            Section::Assets => Class::Asset,
            Section::Liabilities => Class::Liability,
            Section::Equity => Class::Equity,
            Section::Income | Section::OtherIncome => Class::Revenue,
            Section::CostOfSales | Section::Expenses | Section::OtherExpenses => Class::Expense,
        }
    }

    /// True if a bank keeps this account, and reports its lines.
    pub(crate) fn is_bank(self) -> bool {
        BANKS.contains(&self)
    }

    /// True if it holds money.
    pub(crate) fn is_cash(self) -> bool {
        self.info().groups.contains(&"Bank and cash")
    }

    pub(crate) fn in_profit_and_loss(self) -> bool {
        matches!(self.class(), Class::Revenue | Class::Expense)
    }
}

/// The accounts kept at a bank, in the order the bank lists them.
pub(crate) const BANKS: [Account; 3] = [Account::Current, Account::Savings, Account::Card];
