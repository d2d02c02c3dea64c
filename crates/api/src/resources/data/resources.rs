//! The resources that data is read as: one for each data type, with its path and its stamps.
//!
//! A new data type is added to [`Resource::of`]; its routes and their description in the API's document follow.

use ::records::DataType;

use store::records::Stamps;

/// The owner of a resource in its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The company, through its current accounting connection.
    Company,
    /// One connection.
    Connection,
}

/// The way in which a resource's records are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A list, and each record by its id.
    ListAndIds,
    List,
    /// On a path of its own: the only record there is, or the records of another.
    OwnPath,
    /// Composed from stored months.
    Statement,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Resource {
    pub(super) data_type: DataType,
    /// Its last segment, which is also its name in the contract's messages.
    pub(super) path: &'static str,
    pub(super) reach: Reach,
    pub(super) reading: Reading,
    pub(super) stamps: Stamps,
    /// True if records may carry `supplementalData`; the contract's list.
    pub(super) supplemented: bool,
}

const NONE: Stamps = Stamps {
    dates: false,
    metadata: false,
};
const DATES: Stamps = Stamps {
    dates: true,
    metadata: false,
};
const ALL: Stamps = Stamps {
    dates: true,
    metadata: true,
};

impl Resource {
    /// The resource of a data type.
    pub(super) const fn of(data_type: DataType) -> Self {
        use Reach::{Company, Connection};
        use Reading::{List, ListAndIds, OwnPath, Statement};

        let (path, reach, reading, stamps, supplemented) = match data_type {
            DataType::AccountTransactions => {
                ("accountTransactions", Connection, ListAndIds, ALL, false)
            }
            DataType::BalanceSheet => ("balanceSheet", Company, Statement, NONE, false),
            DataType::BankAccounts => ("bankAccounts", Connection, ListAndIds, ALL, false),
            // Listed under the bank account that they went through.
            DataType::BankTransactions => ("bankTransactions", Connection, OwnPath, DATES, false),
            DataType::BillCreditNotes => ("billCreditNotes", Company, ListAndIds, ALL, false),
            DataType::BillPayments => ("billPayments", Company, ListAndIds, ALL, false),
            DataType::Bills => ("bills", Company, ListAndIds, ALL, true),
            DataType::CashFlowStatement => ("cashFlowStatement", Company, Statement, NONE, false),
            DataType::ChartOfAccounts => ("accounts", Company, ListAndIds, ALL, true),
            DataType::Company => ("company", Company, OwnPath, NONE, true),
            DataType::CreditNotes => ("creditNotes", Company, ListAndIds, ALL, true),
            DataType::Customers => ("customers", Company, ListAndIds, ALL, true),
            DataType::DirectCosts => ("directCosts", Connection, ListAndIds, ALL, false),
            DataType::DirectIncomes => ("directIncomes", Connection, ListAndIds, ALL, false),
            DataType::Invoices => ("invoices", Company, ListAndIds, ALL, true),
            DataType::ItemReceipts => ("itemReceipts", Connection, ListAndIds, ALL, false),
            DataType::Items => ("items", Company, ListAndIds, ALL, true),
            DataType::JournalEntries => ("journalEntries", Company, ListAndIds, ALL, true),
            DataType::Journals => ("journals", Company, ListAndIds, ALL, false),
            DataType::PaymentMethods => ("paymentMethods", Company, ListAndIds, ALL, false),
            DataType::Payments => ("payments", Company, ListAndIds, ALL, false),
            DataType::ProfitAndLoss => ("profitAndLoss", Company, Statement, NONE, false),
            DataType::PurchaseOrders => ("purchaseOrders", Company, ListAndIds, ALL, false),
            DataType::SalesOrders => ("salesOrders", Company, ListAndIds, ALL, false),
            DataType::Suppliers => ("suppliers", Company, ListAndIds, ALL, true),
            DataType::TaxRates => ("taxRates", Company, ListAndIds, ALL, true),
            // Listed flat; one by its id has a route of its own, which answers with all that is below it.
            DataType::TrackingCategories => ("trackingCategories", Company, List, DATES, false),
            DataType::Transfers => ("transfers", Connection, ListAndIds, ALL, false),
            DataType::BankingAccountBalances => {
                ("banking-accountBalances", Connection, List, DATES, false)
            }
            DataType::BankingAccounts => ("banking-accounts", Connection, ListAndIds, DATES, false),
            DataType::BankingTransactionCategories => {
                let path = "banking-transactionCategories";
                (path, Connection, ListAndIds, DATES, false)
            }
            DataType::BankingTransactions => {
                ("banking-transactions", Connection, ListAndIds, DATES, false)
            }
            DataType::CommerceCompanyInfo => {
                ("commerce-companyInfo", Connection, OwnPath, DATES, true)
            }
            DataType::CommerceCustomers => {
                ("commerce-customers", Connection, ListAndIds, DATES, true)
            }
            DataType::CommerceDisputes => {
                ("commerce-disputes", Connection, ListAndIds, DATES, true)
            }
            DataType::CommerceLocations => {
                ("commerce-locations", Connection, ListAndIds, DATES, true)
            }
            DataType::CommerceOrders => ("commerce-orders", Connection, ListAndIds, DATES, true),
            DataType::CommercePaymentMethods => {
                let path = "commerce-paymentMethods";
                (path, Connection, ListAndIds, DATES, true)
            }
            DataType::CommercePayments => {
                ("commerce-payments", Connection, ListAndIds, DATES, true)
            }
            DataType::CommerceProductCategories => {
                let path = "commerce-productCategories";
                (path, Connection, ListAndIds, DATES, true)
            }
            DataType::CommerceProducts => ("commerce-products", Connection, ListAndIds, NONE, true),
            DataType::CommerceTaxComponents => {
                let path = "commerce-taxComponents";
                (path, Connection, ListAndIds, DATES, true)
            }
            DataType::CommerceTransactions => {
                ("commerce-transactions", Connection, ListAndIds, DATES, true)
            }
        };
        Self {
            data_type,
            path,
            reach,
            reading,
            stamps,
            supplemented,
        }
    }
}

const COUNT: usize = DataType::ALL.len();

static TABLE: [Resource; COUNT] = {
    let mut table = [Resource::of(DataType::ALL[0]); COUNT];
    let mut position = 1;
    while position < COUNT {
        table[position] = Resource::of(DataType::ALL[position]);
        position += 1;
    }
    table
};

pub(super) static COMPANY_INFO: Resource = Resource::of(DataType::Company);
pub(super) static COMMERCE_INFO: Resource = Resource::of(DataType::CommerceCompanyInfo);
pub(super) static BANK_TRANSACTIONS: Resource = Resource::of(DataType::BankTransactions);
pub(super) static BANKING_TRANSACTIONS: Resource = Resource::of(DataType::BankingTransactions);
pub(super) static TRACKING_CATEGORIES: Resource = Resource::of(DataType::TrackingCategories);

/// Every resource, by kind of platform and then by path.
fn all() -> impl Iterator<Item = &'static Resource> {
    let mut all: Vec<&Resource> = TABLE.iter().collect();
    all.sort_by_key(|resource| (resource.data_type.source_type(), resource.path));
    all.into_iter()
}

/// Resources with lists, most of them with their records by id. Types that a connection's integration doesn't offer say so.
pub(super) fn lists() -> impl Iterator<Item = &'static Resource> {
    all().filter(|resource| matches!(resource.reading, Reading::List | Reading::ListAndIds))
}

/// Composed from stored months on reading.
pub(super) fn statements() -> impl Iterator<Item = &'static Resource> {
    all().filter(|resource| resource.reading == Reading::Statement)
}

/// Data types whose records may carry `supplementalData`.
pub(super) fn supplemented() -> impl Iterator<Item = DataType> {
    all()
        .filter(|resource| resource.supplemented)
        .map(|resource| resource.data_type)
}
