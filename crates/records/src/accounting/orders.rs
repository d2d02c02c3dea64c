//! Agreements before an invoice: purchase orders, sales orders, and the goods that come in.

use super::contacts::Address;
use super::documents::{
    ItemRef, PurchaseOrderLineRef, PurchaseOrderRef, TaxRateRef, TrackingCategoryRef,
};
use super::ledger::TrackingRecordRef;
use super::{AccountRef, CustomerRef, Metadata, RecordRef, SupplierRef};
use crate::model::{choice, model};
use crate::{Money, Timestamp};

model! {
    PurchaseOrder {
        required { id: String, status: OrderStatus }
        optional {
            purchase_order_number: String,
            supplier_ref: SupplierRef,
            issue_date: Timestamp,
            expected_delivery_date: Timestamp,
            /// The day on which the last of it came.
            delivery_date: Timestamp,
            payment_due_date: Timestamp,
            currency: String,
            currency_rate: Money,
            line_items: Vec<PurchaseOrderLineItem>,
            ship_to: ShipTo,
            total_discount: Money,
            sub_total: Money,
            total_tax_amount: Money,
            total_amount: Money,
            note: String,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { OrderStatus { Unknown, Draft, Open, Closed, Void } }

model! {
    PurchaseOrderLineItem {
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
    ShipTo {
        optional { address: Address, contact: ShipToContact }
    }
}

model! {
    ShipToContact {
        optional { name: String, email: String, phone: String }
    }
}

model! {
    SalesOrder {
        required { id: String, status: OrderStatus, invoicing_status: InvoicingStatus }
        optional {
            sales_order_number: String,
            /// The customer's number for it.
            customer_purchase_order_number: String,
            customer_ref: CustomerRef,
            issue_date: Timestamp,
            expected_delivery_date: Timestamp,
            currency: String,
            currency_rate: Money,
            line_items: Vec<SalesOrderLineItem>,
            ship_to: ShipTo,
            total_discount: Money,
            sub_total: Money,
            total_tax_amount: Money,
            total_amount: Money,
            note: String,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { InvoicingStatus { Unknown, PartiallyInvoiced, Invoiced, NotInvoiced } }

model! {
    SalesOrderLineItem {
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
            tracking: SalesOrderLineTracking,
        }
    }
}

model! {
    SalesOrderLineTracking {
        required { record_refs: Vec<TrackingRecordRef> }
        optional { invoice_to: RecordRef }
    }
}

model! {
    /// Goods that came in, mostly for a purchase order.
    ItemReceipt {
        required { id: String, status: ItemReceiptStatus }
        optional {
            reference: String,
            supplier_ref: SupplierRef,
            purchase_order_refs: Vec<PurchaseOrderRef>,
            received_date: Timestamp,
            currency: String,
            currency_rate: Money,
            line_items: Vec<ItemReceiptLineItem>,
            /// Before tax.
            sub_total: Money,
            /// With tax.
            total_amount: Money,
            note: String,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { ItemReceiptStatus { Unknown, Draft, Received, Rejected, Void } }

model! {
    ItemReceiptLineItem {
        optional {
            line_number: String,
            description: String,
            quantity: Money,
            unit_of_measurement: String,
            unit_amount: Money,
            /// After the discount, before tax.
            sub_total: Money,
            /// With tax.
            total_amount: Money,
            account_ref: AccountRef,
            item_ref: ItemRef,
            purchase_order_line_ref: PurchaseOrderLineRef,
            tracking: ItemReceiptTracking,
        }
    }
}

model! {
    ItemReceiptTracking {
        required { record_refs: Vec<TrackingRecordRef> }
    }
}
