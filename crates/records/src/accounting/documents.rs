//! Sales and purchases: invoices, credit notes, bills, and the items and tax rates on their lines.

use super::{AccountRef, CustomerRef, Metadata, PaymentAllocation, RecordRef, SupplierRef};
use crate::model::{choice, model};
use crate::{Money, Timestamp};

model! {
    /// Money that a customer owes the company.
    Invoice {
        required { id: String, status: InvoiceStatus }
        optional {
            invoice_number: String,
            customer_ref: CustomerRef,
            sales_order_refs: Vec<SalesOrderRef>,
            issue_date: Timestamp,
            due_date: Timestamp,
            paid_on_date: Timestamp,
            currency: String,
            /// Units of the company's base currency for one of the document's: the contract's examples multiply by it.
            currency_rate: Money,
            line_items: Vec<SalesLineItem>,
            payment_allocations: Vec<PaymentAllocation>,
            withholding_tax: Vec<WithholdingTax>,
            total_discount: Money,
            sub_total: Money,
            additional_tax_amount: Money,
            additional_tax_percentage: Money,
            total_tax_amount: Money,
            /// With tax.
            total_amount: Money,
            amount_due: Money,
            discount_percentage: Money,
            note: String,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { InvoiceStatus { Unknown, Draft, Submitted, PartiallyPaid, Paid, Void } }

model! {
    SalesOrderRef {
        required { id: String }
        optional { data_type: SalesOrderRefType }
    }
}

choice! {
    SalesOrderRefType {
        #[serde(rename = "salesOrders")]
        SalesOrders,
    }
}

model! {
    /// A line of an invoice or of a credit note.
    SalesLineItem {
        required { unit_amount: Money, quantity: Money }
        optional {
            description: String,
            discount_amount: Money,
            /// After the discount, before tax.
            sub_total: Money,
            tax_amount: Money,
            total_amount: Money,
            account_ref: AccountRef,
            /// 5 is five per cent.
            discount_percentage: Money,
            tax_rate_ref: TaxRateRef,
            item_ref: ItemRef,
            tracking_category_refs: Vec<TrackingCategoryRef>,
            tracking: ReceivableTracking,
            is_direct_income: bool,
        }
    }
}

model! {
    TaxRateRef {
        required { id: String }
        optional { name: String, effective_tax_rate: Money }
    }
}

model! {
    ItemRef {
        required { id: String }
        optional { name: String }
    }
}

model! {
    TrackingCategoryRef {
        required { id: String }
        optional { name: String }
    }
}

model! {
    ProjectRef {
        required { id: String }
        optional { name: String }
    }
}

model! {
    ReceivableTracking {
        required {
            category_refs: Vec<TrackingCategoryRef>,
            is_billed_to: ReceivableBilledTo,
            is_rebilled_to: ReceivableBilledTo,
        }
        optional {
            customer_ref: CustomerRef,
            project_ref: ProjectRef,
            record_ref: RecordRef,
        }
    }
}

choice! { ReceivableBilledTo { Unknown, NotApplicable, Project } }

model! {
    PayableTracking {
        required {
            category_refs: Vec<TrackingCategoryRef>,
            is_billed_to: PayableBilledTo,
            is_rebilled_to: PayableBilledTo,
        }
        optional { customer_ref: CustomerRef, project_ref: ProjectRef }
    }
}

choice! { PayableBilledTo { Unknown, NotApplicable, Customer, Project } }

model! {
    WithholdingTax {
        required { name: String, amount: Money }
    }
}

model! {
    /// A reduction that a customer may set against invoices. Its amounts are positive.
    CreditNote {
        required { id: String, status: CreditNoteStatus }
        optional {
            credit_note_number: String,
            customer_ref: CustomerRef,
            withholding_tax: Vec<WithholdingTax>,
            total_amount: Money,
            total_discount: Money,
            sub_total: Money,
            additional_tax_amount: Money,
            additional_tax_percentage: Money,
            total_tax_amount: Money,
            discount_percentage: Money,
            /// The part that is not yet set against an invoice.
            remaining_credit: Money,
            issue_date: Timestamp,
            /// The day on which the last of it was used.
            allocated_on_date: Timestamp,
            currency: String,
            currency_rate: Money,
            line_items: Vec<SalesLineItem>,
            payment_allocations: Vec<PaymentAllocation>,
            note: String,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { CreditNoteStatus { Unknown, Draft, Submitted, Paid, Void, PartiallyPaid } }

model! {
    /// Money that the company owes a supplier.
    Bill {
        required { id: String, status: BillStatus }
        optional {
            reference: String,
            supplier_ref: SupplierRef,
            purchase_order_refs: Vec<PurchaseOrderRef>,
            issue_date: Timestamp,
            due_date: Timestamp,
            currency: String,
            currency_rate: Money,
            line_items: Vec<BillLineItem>,
            withholding_tax: Vec<WithholdingTax>,
            sub_total: Money,
            tax_amount: Money,
            total_amount: Money,
            amount_due: Money,
            note: String,
            payment_allocations: Vec<PaymentAllocation>,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { BillStatus { Unknown, Open, PartiallyPaid, Paid, Void, Draft } }

model! {
    PurchaseOrderRef {
        required { id: String }
        optional { purchase_order_number: String }
    }
}

model! {
    BillLineItem {
        required { unit_amount: Money, quantity: Money }
        optional {
            line_number: String,
            description: String,
            unit_of_measurement: String,
            discount_amount: Money,
            sub_total: Money,
            tax_amount: Money,
            total_amount: Money,
            discount_percentage: Money,
            account_ref: AccountRef,
            tax_rate_ref: TaxRateRef,
            item_ref: ItemRef,
            purchase_order_line_ref: PurchaseOrderLineRef,
            tracking_category_refs: Vec<TrackingCategoryRef>,
            tracking: PayableTracking,
            is_direct_cost: bool,
        }
    }
}

model! {
    PurchaseOrderLineRef {
        optional { id: String, data_type: PurchaseOrderLineRefType, line_number: String }
    }
}

choice! {
    PurchaseOrderLineRefType {
        #[serde(rename = "purchaseOrders")]
        PurchaseOrders,
        #[serde(rename = "bills")]
        Bills,
    }
}

model! {
    /// Something that is sold, bought, or both.
    Item {
        required {
            id: String,
            item_status: ItemStatus,
            r#type: ItemType,
            is_bill_item: bool,
            is_invoice_item: bool,
        }
        optional {
            code: String,
            name: String,
            bill_item: ItemPart,
            invoice_item: ItemPart,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { ItemStatus { Unknown, Active, Archived } }
choice! { ItemType { Unknown, Inventory, NonInventory, Service } }

model! {
    /// The buying or the selling side of an item.
    ItemPart {
        optional {
            description: String,
            unit_price: Money,
            account_ref: AccountRef,
            tax_rate_ref: TaxRateRef,
        }
    }
}

model! {
    /// A rate of tax; 20 is twenty per cent.
    TaxRate {
        required { id: String, status: TaxRateStatus }
        optional {
            code: String,
            name: String,
            effective_tax_rate: Money,
            total_tax_rate: Money,
            components: Vec<TaxRateComponent>,
            valid_datatype_links: Vec<super::ledger::ValidDataTypeLink>,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { TaxRateStatus { Unknown, Active, Archived } }

model! {
    TaxRateComponent {
        required { is_compound: bool }
        optional { name: String, rate: Money }
    }
}

model! {
    /// A reduction of the company's debt to a supplier. Its amounts are positive.
    BillCreditNote {
        required { id: String, status: BillCreditNoteStatus }
        optional {
            bill_credit_note_number: String,
            supplier_ref: SupplierRef,
            withholding_tax: Vec<WithholdingTax>,
            total_amount: Money,
            total_discount: Money,
            sub_total: Money,
            total_tax_amount: Money,
            discount_percentage: Money,
            /// The part that is not yet set against a bill.
            remaining_credit: Money,
            issue_date: Timestamp,
            /// The day on which the last of it was used.
            allocated_on_date: Timestamp,
            currency: String,
            currency_rate: Money,
            line_items: Vec<BillCreditNoteLineItem>,
            payment_allocations: Vec<PaymentAllocation>,
            created_from_refs: Vec<RecordRef>,
            note: String,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { BillCreditNoteStatus { Unknown, Draft, Submitted, Paid, Void, PartiallyPaid } }

model! {
    BillCreditNoteLineItem {
        required { unit_amount: Money, quantity: Money }
        optional {
            description: String,
            unit_of_measurement: String,
            discount_amount: Money,
            sub_total: Money,
            tax_amount: Money,
            total_amount: Money,
            account_ref: AccountRef,
            discount_percentage: Money,
            tax_rate_ref: TaxRateRef,
            item_ref: ItemRef,
            created_from_line_ref: PurchaseOrderLineRef,
            tracking_category_refs: Vec<TrackingCategoryRef>,
            tracking: PayableTracking,
        }
    }
}
