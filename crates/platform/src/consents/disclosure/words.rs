//! Data types and a person's details, by the keys of their words.

use connectors::{DataType, PersonDetail};
use words::Words;

/// The kinds of data, in the order in which they are shown.
pub const GROUPS: [&str; 8] = [
    "group-business",
    "group-books",
    "group-sales",
    "group-purchases",
    "group-bank",
    "group-reports",
    "group-shop",
    "group-orders",
];

/// A data type's kind, and its name: both as keys of the words.
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
        DataType::Company | DataType::CommerceCompanyInfo => (DETAILS, "type-company"),
        DataType::TaxRates | DataType::CommerceTaxComponents => (DETAILS, "type-tax-rates"),
        DataType::PaymentMethods | DataType::CommercePaymentMethods => {
            (DETAILS, "type-payment-methods")
        }
        DataType::ChartOfAccounts => (BOOKS, "type-chart-of-accounts"),
        DataType::JournalEntries => (BOOKS, "type-journal-entries"),
        DataType::Journals => (BOOKS, "type-journals"),
        DataType::AccountTransactions => (BOOKS, "type-account-transactions"),
        DataType::TrackingCategories => (BOOKS, "type-tracking-categories"),
        DataType::Transfers => (BOOKS, "type-transfers"),
        DataType::Customers => (SALES, "type-customers"),
        DataType::Invoices => (SALES, "type-invoices"),
        DataType::CreditNotes => (SALES, "type-credit-notes"),
        DataType::Payments => (SALES, "type-payments"),
        DataType::DirectIncomes => (SALES, "type-direct-incomes"),
        DataType::SalesOrders => (SALES, "type-sales-orders"),
        DataType::Items => (SALES, "type-items"),
        DataType::Suppliers => (PURCHASES, "type-suppliers"),
        DataType::Bills => (PURCHASES, "type-bills"),
        DataType::BillCreditNotes => (PURCHASES, "type-bill-credit-notes"),
        DataType::BillPayments => (PURCHASES, "type-bill-payments"),
        DataType::DirectCosts => (PURCHASES, "type-direct-costs"),
        DataType::ItemReceipts => (PURCHASES, "type-item-receipts"),
        DataType::PurchaseOrders => (PURCHASES, "type-purchase-orders"),
        DataType::BankAccounts | DataType::BankingAccounts => (BANK, "type-bank-accounts"),
        DataType::BankTransactions | DataType::BankingTransactions => {
            (BANK, "type-bank-transactions")
        }
        DataType::BankingAccountBalances => (BANK, "type-account-balances"),
        DataType::BankingTransactionCategories => (BANK, "type-transaction-categories"),
        DataType::BalanceSheet => (REPORTS, "type-balance-sheet"),
        DataType::ProfitAndLoss => (REPORTS, "type-profit-and-loss"),
        DataType::CashFlowStatement => (REPORTS, "type-cash-flow-statement"),
        DataType::CommerceLocations => (SHOP, "type-locations"),
        DataType::CommerceProducts => (SHOP, "type-products"),
        DataType::CommerceProductCategories => (SHOP, "type-product-categories"),
        DataType::CommerceCustomers => (SHOP, "type-commerce-customers"),
        DataType::CommerceOrders => (ORDERS, "type-orders"),
        DataType::CommercePayments => (ORDERS, "type-commerce-payments"),
        DataType::CommerceTransactions => (ORDERS, "type-transactions"),
        DataType::CommerceDisputes => (ORDERS, "type-disputes"),
    }
}

/// A detail of the person, as a key of the words.
pub const fn of_detail(detail: PersonDetail) -> &'static str {
    match detail {
        PersonDetail::Identifier => "detail-identifier",
        PersonDetail::Profile => "detail-profile",
        PersonDetail::Email => "detail-email",
        PersonDetail::Phone => "detail-phone",
        PersonDetail::Address => "detail-address",
    }
}

/// `a, b and c`, for the client's own people.
pub fn listed(names: &[impl AsRef<str>]) -> String {
    Words::english().list(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_type_belongs_to_a_group() {
        for data_type in DataType::ALL {
            let (group, _) = of_type(*data_type);
            assert!(GROUPS.contains(&group), "{data_type}");
        }
    }
}
