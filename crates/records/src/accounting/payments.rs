//! Money that settles documents.

use super::{AccountRef, CustomerRef, Metadata, SupplierRef};
use crate::model::{choice, model};
use crate::shared::PaymentMethodRef;
use crate::{Money, Timestamp};

model! {
    /// Money from a customer.
    Payment {
        required { id: String, total_amount: Money }
        optional {
            customer_ref: CustomerRef,
            account_ref: AccountRef,
            payment_method_ref: PaymentMethodRef,
            currency: String,
            currency_rate: Money,
            date: Timestamp,
            note: String,
            lines: Vec<PaymentLine>,
            reference: String,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

model! {
    /// The lines of a payment add up to its total.
    PaymentLine {
        required { amount: Money }
        optional { links: Vec<PaymentLink>, allocated_on_date: Timestamp }
    }
}

model! {
    PaymentLink {
        required { r#type: PaymentLinkType }
        optional {
            id: String,
            /// The change of the linked record's balance: below zero lowers the amount owed. With the line's
            /// amount, the links of a line add up to nothing.
            amount: Money,
            currency_rate: Money,
        }
    }
}

choice! {
    PaymentLinkType {
        Unknown, Unlinked, Invoice, CreditNote, Other, Refund, Payment, PaymentOnAccount,
        ManualJournal, Discount,
    }
}

model! {
    /// Money to a supplier.
    BillPayment {
        required { id: String, total_amount: Money }
        optional {
            supplier_ref: SupplierRef,
            account_ref: AccountRef,
            payment_method_ref: PaymentMethodRef,
            currency: String,
            currency_rate: Money,
            date: Timestamp,
            note: String,
            lines: Vec<BillPaymentLine>,
            reference: String,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

model! {
    BillPaymentLine {
        required { amount: Money }
        optional { links: Vec<BillPaymentLink>, allocated_on_date: Timestamp }
    }
}

model! {
    BillPaymentLink {
        required { r#type: BillPaymentLinkType }
        optional {
            id: String,
            /// As in [`PaymentLink`], of the amount that the company owes.
            amount: Money,
            currency_rate: Money,
        }
    }
}

choice! {
    BillPaymentLinkType {
        Unknown, Unlinked, Bill, Other, CreditNote, BillPayment, PaymentOnAccount, Refund,
        ManualJournal, Discount,
    }
}

model! {
    /// A settlement of a document, seen from the document.
    PaymentAllocation {
        required { payment: PaymentAllocationPayment, allocation: Allocation }
    }
}

model! {
    PaymentAllocationPayment {
        optional {
            id: String,
            note: String,
            reference: String,
            account_ref: AccountRef,
            currency: String,
            currency_rate: Money,
            paid_on_date: Timestamp,
            total_amount: Money,
        }
    }
}

model! {
    Allocation {
        optional {
            currency: String,
            currency_rate: Money,
            allocated_on_date: Timestamp,
            total_amount: Money,
        }
    }
}

model! {
    /// A way in which the company pays or is paid.
    PaymentMethod {
        required { id: String, r#type: PaymentMethodType, status: PaymentMethodStatus }
        optional { name: String, metadata: Metadata, source_modified_date: Timestamp }
    }
}

choice! {
    PaymentMethodType { Unknown, Cash, Check, CreditCard, DebitCard, BankTransfer, Other }
}
choice! { PaymentMethodStatus { Unknown, Active, Archived } }
