//! A platform's data types in the words of a business's owner.

use connectors::{DataSupport, DataType};

use super::views::SharedGroup;

/// In the order in which the page shows them.
const GROUPS: [&str; 8] = [
    "Business details",
    "Accounts and bookkeeping",
    "Sales",
    "Purchases",
    "Bank accounts",
    "Reports",
    "Shop",
    "Orders and payments",
];

/// The data that will be shared, grouped.
pub(crate) fn groups(support: &[DataSupport]) -> Vec<SharedGroup> {
    GROUPS
        .iter()
        .filter_map(|title| {
            let mut words: Vec<&str> = Vec::new();
            for (group, word) in support.iter().map(|support| plain(support.data_type)) {
                if group == *title && !words.contains(&word) {
                    words.push(word);
                }
            }
            (!words.is_empty()).then(|| SharedGroup {
                title,
                words: listed(&words),
            })
        })
        .collect()
}

/// `a, b and c`.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

const fn plain(data_type: DataType) -> (&'static str, &'static str) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_type_is_named_in_some_group() {
        for data_type in DataType::ALL {
            let support = [DataSupport {
                data_type: *data_type,
                incremental: false,
            }];
            assert_eq!(groups(&support).len(), 1, "{data_type}");
        }
    }

    #[test]
    fn groups_read_as_a_sentence() {
        let support = [
            DataType::Invoices,
            DataType::Customers,
            DataType::Payments,
            DataType::Company,
        ]
        .map(|data_type| DataSupport {
            data_type,
            incremental: false,
        });
        let groups = groups(&support);
        assert_eq!(groups[0].title, "Business details");
        assert_eq!(groups[1].words, "invoices, customers and payments received");
    }
}
