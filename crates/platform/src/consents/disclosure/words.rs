//! Data types and a person's details in the words of a business's owner.

use connectors::{DataType, PersonDetail};

/// The kinds of data, in the order in which they are shown.
pub const GROUPS: [&str; 8] = [
    "Business details",
    "Accounts and bookkeeping",
    "Sales",
    "Purchases",
    "Bank accounts",
    "Reports",
    "Shop",
    "Orders and payments",
];

/// A data type's kind, and its name.
pub const fn of_type(data_type: DataType) -> (&'static str, &'static str) {
    const DETAILS: &str = GROUPS[0];
    const BOOKS: &str = GROUPS[1];
    const SALES: &str = GROUPS[2];
    const PURCHASES: &str = GROUPS[3];
    const BANK: &str = GROUPS[4];
    const REPORTS: &str = GROUPS[5];
    const SHOP: &str = GROUPS[6];
    const ORDERS: &str = GROUPS[7];
    match data_type {
        DataType::Company | DataType::CommerceCompanyInfo => (DETAILS, "contact details"),
        DataType::TaxRates | DataType::CommerceTaxComponents => (DETAILS, "tax rates"),
        DataType::PaymentMethods | DataType::CommercePaymentMethods => (DETAILS, "payment methods"),
        DataType::ChartOfAccounts => (BOOKS, "chart of accounts"),
        DataType::JournalEntries => (BOOKS, "journal entries"),
        DataType::Journals => (BOOKS, "journals"),
        DataType::AccountTransactions => (BOOKS, "account transactions"),
        DataType::TrackingCategories => (BOOKS, "tracking categories"),
        DataType::Transfers => (BOOKS, "transfers between accounts"),
        DataType::Customers => (SALES, "customers"),
        DataType::Invoices => (SALES, "invoices"),
        DataType::CreditNotes => (SALES, "credit notes"),
        DataType::Payments => (SALES, "payments received"),
        DataType::DirectIncomes => (SALES, "direct income"),
        DataType::SalesOrders => (SALES, "sales orders"),
        DataType::Items => (SALES, "products"),
        DataType::Suppliers => (PURCHASES, "suppliers"),
        DataType::Bills => (PURCHASES, "bills"),
        DataType::BillCreditNotes => (PURCHASES, "credit notes from suppliers"),
        DataType::BillPayments => (PURCHASES, "payments made"),
        DataType::DirectCosts => (PURCHASES, "direct costs"),
        DataType::ItemReceipts => (PURCHASES, "goods received"),
        DataType::PurchaseOrders => (PURCHASES, "purchase orders"),
        DataType::BankAccounts | DataType::BankingAccounts => (BANK, "bank accounts"),
        DataType::BankTransactions | DataType::BankingTransactions => (BANK, "bank transactions"),
        DataType::BankingAccountBalances => (BANK, "balances"),
        DataType::BankingTransactionCategories => (BANK, "categories of transactions"),
        DataType::BalanceSheet => (REPORTS, "balance sheet"),
        DataType::ProfitAndLoss => (REPORTS, "profit & loss"),
        DataType::CashFlowStatement => (REPORTS, "cash flow"),
        DataType::CommerceLocations => (SHOP, "locations"),
        DataType::CommerceProducts => (SHOP, "products"),
        DataType::CommerceProductCategories => (SHOP, "product categories"),
        DataType::CommerceCustomers => (SHOP, "customers"),
        DataType::CommerceOrders => (ORDERS, "orders"),
        DataType::CommercePayments => (ORDERS, "payments"),
        DataType::CommerceTransactions => (ORDERS, "payouts"),
        DataType::CommerceDisputes => (ORDERS, "disputes"),
    }
}

/// A detail of the person, as the person would say it.
pub const fn of_detail(detail: PersonDetail) -> &'static str {
    match detail {
        PersonDetail::Identifier => "the number of your account there",
        PersonDetail::Profile => "your name and profile",
        PersonDetail::Email => "your email address",
        PersonDetail::Phone => "your phone number",
        PersonDetail::Address => "your postal address",
    }
}

/// `a, b and c`.
pub fn listed(words: &[impl AsRef<str>]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [start @ .., last] => {
            let start: Vec<&str> = start.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", start.join(", "), last.as_ref())
        }
    }
}

/// A number of days in the largest unit that says it exactly.
pub fn days(days: u64) -> String {
    let (number, unit) = match days {
        0 => return "at once".to_owned(),
        _ if days.is_multiple_of(365) => (days / 365, "year"),
        _ => (days, "day"),
    };
    match number {
        1 => format!("1 {unit}"),
        _ => format!("{number} {unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_type_belongs_to_a_group() {
        for data_type in DataType::ALL {
            let (group, name) = of_type(*data_type);
            assert!(GROUPS.contains(&group) && !name.is_empty(), "{data_type}");
        }
    }

    #[test]
    fn words_read_as_a_sentence() {
        assert_eq!(listed(&["a"]), "a");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
        assert_eq!(days(1825), "5 years");
        assert_eq!(days(60), "60 days");
    }
}
