//! Money that moves without an invoice or a bill.

use super::documents::{ItemRef, TaxRateRef, TrackingCategoryRef};
use super::ledger::{ContactRef, TrackingRecordRef};
use super::{Metadata, PaymentAllocation, RecordRef};
use crate::accounting::AccountRef;
use crate::model::{choice, model};
use crate::{Money, Timestamp};

model! {
    /// Money spent at once. Its lines add up to its totals.
    DirectCost {
        required {
            id: String,
            issue_date: Timestamp,
            currency: String,
            line_items: Vec<DirectCostLineItem>,
            /// The accounts that it was paid from.
            payment_allocations: Vec<PaymentAllocation>,
            /// Before tax.
            sub_total: Money,
            tax_amount: Money,
            total_amount: Money,
        }
        optional {
            reference: String,
            note: String,
            contact_ref: ContactRef,
            currency_rate: Money,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

model! {
    DirectCostLineItem {
        required { unit_amount: Money, quantity: Money }
        optional {
            description: String,
            discount_amount: Money,
            discount_percentage: Money,
            sub_total: Money,
            tax_amount: Money,
            total_amount: Money,
            account_ref: AccountRef,
            tax_rate_ref: TaxRateRef,
            item_ref: ItemRef,
            tracking_category_refs: Vec<TrackingCategoryRef>,
            tracking: DirectCostTracking,
        }
    }
}

model! {
    DirectCostTracking {
        required { record_refs: Vec<TrackingRecordRef> }
        optional { invoice_to: RecordRef }
    }
}

model! {
    /// Money received at once.
    DirectIncome {
        required {
            id: String,
            issue_date: Timestamp,
            currency: String,
            line_items: Vec<DirectIncomeLineItem>,
            /// The accounts that it was paid into.
            payment_allocations: Vec<PaymentAllocation>,
            /// Before tax.
            sub_total: Money,
            tax_amount: Money,
            total_amount: Money,
        }
        optional {
            reference: String,
            note: String,
            contact_ref: ContactRef,
            currency_rate: Money,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

model! {
    DirectIncomeLineItem {
        required { unit_amount: Money, quantity: Money }
        optional {
            description: String,
            discount_amount: Money,
            discount_percentage: Money,
            sub_total: Money,
            tax_amount: Money,
            total_amount: Money,
            account_ref: AccountRef,
            tax_rate_ref: TaxRateRef,
            item_ref: ItemRef,
            tracking_category_refs: Vec<TrackingCategoryRef>,
        }
    }
}

model! {
    /// Money moved between the company's own accounts. Each side's amount is in the currency of its own account.
    Transfer {
        required { id: String, from: TransferAccount, to: TransferAccount }
        optional {
            description: String,
            contact_ref: ContactRef,
            date: Timestamp,
            status: TransferStatus,
            tracking_category_refs: Vec<TrackingCategoryRef>,
            deposited_record_refs: Vec<RecordRef>,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { TransferStatus { Unknown, Unreconciled, Reconciled, Void } }

model! {
    TransferAccount {
        required { account_ref: TransferAccountRef }
        optional {
            /// Absent if the platform doesn't say what arrived in, or left, an account of another currency.
            amount: Money,
            currency: String,
        }
    }
}

model! {
    /// The contract's documents show two shapes of it, one with `name` and one with `dataType`: it has both.
    TransferAccountRef {
        required { id: String, data_type: TransferAccountType }
        optional { name: String }
    }
}

choice! {
    #[serde(rename_all = "camelCase")]
    TransferAccountType { BankAccounts, ChartOfAccounts }
}
