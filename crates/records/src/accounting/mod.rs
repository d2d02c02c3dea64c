//! Accounting: the books of a company.

mod cash;
mod contacts;
mod documents;
mod ledger;
mod orders;
mod payments;
pub mod statements;

pub use cash::{
    DirectCost, DirectCostLineItem, DirectCostTracking, DirectIncome, DirectIncomeLineItem,
    Transfer, TransferAccount, TransferAccountRef, TransferAccountType, TransferStatus,
};
pub use contacts::{Address, AddressType, CompanyInfo, Contact, ContactStatus, Customer, Supplier};
pub use documents::{
    Bill, BillCreditNote, BillCreditNoteLineItem, BillCreditNoteStatus, BillLineItem, BillStatus,
    CreditNote, CreditNoteStatus, Invoice, InvoiceStatus, Item, ItemPart, ItemRef, ItemStatus,
    ItemType, SalesLineItem, TaxRate, TaxRateComponent, TaxRateRef, TaxRateStatus, WithholdingTax,
};
pub use ledger::{
    Account, AccountRef, AccountStatus, AccountTransaction, AccountTransactionLine,
    AccountTransactionStatus, AccountType, BankAccount, BankAccountRef, BankAccountType,
    BankTransaction, BankTransactionType, Journal, JournalEntry, JournalLine, JournalRef,
    JournalStatus, RecordRef, RecordType, TrackingCategory, TrackingCategoryStatus,
};
pub use orders::{
    InvoicingStatus, ItemReceipt, ItemReceiptLineItem, ItemReceiptStatus, ItemReceiptTracking,
    OrderStatus, PurchaseOrder, PurchaseOrderLineItem, SalesOrder, SalesOrderLineItem,
    SalesOrderLineTracking, ShipTo, ShipToContact,
};
pub use payments::{
    Allocation, BillPayment, BillPaymentLine, BillPaymentLink, BillPaymentLinkType, Payment,
    PaymentAllocation, PaymentAllocationPayment, PaymentLine, PaymentLink, PaymentLinkType,
    PaymentMethod, PaymentMethodStatus, PaymentMethodType,
};

use crate::model::model;

model! {
    Metadata {
        required {
            /// The record is gone at the platform.
            is_deleted: bool,
        }
    }
}

model! {
    CustomerRef {
        required { id: String }
        optional { company_name: String }
    }
}

model! {
    SupplierRef {
        required { id: String }
        optional { supplier_name: String }
    }
}
