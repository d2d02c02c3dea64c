//! The resources that data is read as: their paths, and what their schemas show beyond the document.

use ::records::DataType;

use store::records::Stamps;

/// The owner of a resource in its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The company's, through its current accounting connection.
    Company,
    /// One connection's.
    Connection,
}

#[derive(Debug)]
pub(super) struct Resource {
    pub(super) data_type: DataType,
    /// Its last segment, which is also what the contract's messages call it.
    pub(super) path: &'static str,
    pub(super) reach: Reach,
    /// True if a record can be read by its id.
    pub(super) has_ids: bool,
    pub(super) stamps: Stamps,
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

const fn company(data_type: DataType, path: &'static str) -> Resource {
    Resource {
        data_type,
        path,
        reach: Reach::Company,
        has_ids: true,
        stamps: ALL,
    }
}

const fn connection(data_type: DataType, path: &'static str, stamps: Stamps) -> Resource {
    Resource {
        data_type,
        path,
        reach: Reach::Connection,
        has_ids: true,
        stamps,
    }
}

const fn without_ids(resource: Resource) -> Resource {
    Resource {
        has_ids: false,
        ..resource
    }
}

const fn with(resource: Resource, stamps: Stamps) -> Resource {
    Resource { stamps, ..resource }
}

/// Lists, most of them with their records by id. Types that a connection's integration doesn't offer say so.
pub(super) static RESOURCES: &[Resource] = &[
    // Accounting.
    connection(DataType::AccountTransactions, "accountTransactions", ALL),
    company(DataType::ChartOfAccounts, "accounts"),
    connection(DataType::BankAccounts, "bankAccounts", ALL),
    company(DataType::BillCreditNotes, "billCreditNotes"),
    company(DataType::BillPayments, "billPayments"),
    company(DataType::Bills, "bills"),
    company(DataType::CreditNotes, "creditNotes"),
    company(DataType::Customers, "customers"),
    connection(DataType::DirectCosts, "directCosts", ALL),
    connection(DataType::DirectIncomes, "directIncomes", ALL),
    company(DataType::Invoices, "invoices"),
    company(DataType::ItemReceipts, "itemReceipts"),
    company(DataType::Items, "items"),
    company(DataType::JournalEntries, "journalEntries"),
    company(DataType::Journals, "journals"),
    company(DataType::PaymentMethods, "paymentMethods"),
    company(DataType::Payments, "payments"),
    company(DataType::PurchaseOrders, "purchaseOrders"),
    company(DataType::SalesOrders, "salesOrders"),
    company(DataType::Suppliers, "suppliers"),
    company(DataType::TaxRates, "taxRates"),
    TRACKING_CATEGORIES,
    connection(DataType::Transfers, "transfers", ALL),
    // Banking.
    without_ids(connection(
        DataType::BankingAccountBalances,
        "banking-accountBalances",
        DATES,
    )),
    connection(DataType::BankingAccounts, "banking-accounts", DATES),
    connection(
        DataType::BankingTransactionCategories,
        "banking-transactionCategories",
        DATES,
    ),
    BANKING_TRANSACTIONS,
    // Commerce.
    connection(DataType::CommerceCustomers, "commerce-customers", DATES),
    connection(DataType::CommerceDisputes, "commerce-disputes", DATES),
    connection(DataType::CommerceLocations, "commerce-locations", DATES),
    connection(DataType::CommerceOrders, "commerce-orders", DATES),
    connection(
        DataType::CommercePaymentMethods,
        "commerce-paymentMethods",
        DATES,
    ),
    connection(DataType::CommercePayments, "commerce-payments", DATES),
    connection(
        DataType::CommerceProductCategories,
        "commerce-productCategories",
        DATES,
    ),
    connection(DataType::CommerceProducts, "commerce-products", NONE),
    connection(
        DataType::CommerceTaxComponents,
        "commerce-taxComponents",
        DATES,
    ),
    connection(
        DataType::CommerceTransactions,
        "commerce-transactions",
        DATES,
    ),
];

/// Listed flat; one by its id has a route of its own, which answers with all that is below it.
pub(super) const TRACKING_CATEGORIES: Resource = without_ids(with(
    company(DataType::TrackingCategories, "trackingCategories"),
    DATES,
));

pub(super) const BANKING_TRANSACTIONS: Resource =
    connection(DataType::BankingTransactions, "banking-transactions", DATES);

/// Listed under the bank account that they went through.
pub(super) static BANK_TRANSACTIONS: Resource = without_ids(connection(
    DataType::BankTransactions,
    "bankTransactions",
    DATES,
));

pub(super) static COMPANY_INFO: Resource = with(company(DataType::Company, "company"), NONE);

pub(super) static COMMERCE_INFO: Resource =
    connection(DataType::CommerceCompanyInfo, "commerce-companyInfo", DATES);

/// Composed from stored months on reading.
pub(super) static FINANCIALS: &[Resource] = &[
    with(company(DataType::BalanceSheet, "balanceSheet"), NONE),
    with(
        company(DataType::CashFlowStatement, "cashFlowStatement"),
        NONE,
    ),
    with(company(DataType::ProfitAndLoss, "profitAndLoss"), NONE),
];
