//! Accounting: the books of a company.

mod contacts;
mod documents;
mod ledger;
mod payments;
pub mod statements;

pub use contacts::{Address, AddressType, CompanyInfo, Contact, ContactStatus, Customer, Supplier};
pub use documents::{
    Bill, BillLineItem, BillStatus, CreditNote, CreditNoteStatus, Invoice, InvoiceStatus, Item,
    ItemPart, ItemRef, ItemStatus, ItemType, SalesLineItem, TaxRate, TaxRateComponent, TaxRateRef,
    TaxRateStatus, WithholdingTax,
};
pub use ledger::{
    Account, AccountRef, AccountStatus, AccountTransaction, AccountTransactionLine,
    AccountTransactionStatus, AccountType, BankAccount, BankAccountRef, BankAccountType,
    BankTransaction, BankTransactionType, JournalEntry, JournalLine, JournalRef, RecordRef,
    RecordType,
};
pub use payments::{
    Allocation, BillPayment, BillPaymentLine, BillPaymentLink, BillPaymentLinkType, Payment,
    PaymentAllocation, PaymentAllocationPayment, PaymentLine, PaymentLink, PaymentLinkType,
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
