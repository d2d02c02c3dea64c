//! Commerce: shops and tills, online and off.

use crate::model::{choice, model};
use crate::shared::{PaymentMethodRef, PhoneNumber, SourceUrls, WebLink};
use crate::{Money, Timestamp};

model! {
    /// The shop. One per connection; the contract gives it no id.
    CompanyInfo {
        optional {
            company_name: String,
            commerce_platform_ref: String,
            company_legal_name: String,
            addresses: Vec<Address>,
            phone_numbers: Vec<PhoneNumber>,
            web_links: Vec<WebLink>,
            registration_number: String,
            base_currency: String,
            account_balances: Vec<AccountBalance>,
            source_urls: SourceUrls,
            created_date: Timestamp,
            source_modified_date: Timestamp,
        }
    }
}

model! {
    Address {
        required { r#type: AddressType }
        optional {
            line1: String,
            line2: String,
            city: String,
            region: String,
            country: String,
            postal_code: String,
        }
    }
}

choice! { AddressType { Billing, Delivery, Order, Inventory, Unknown } }

model! {
    /// The money that the payment processor holds for the shop.
    AccountBalance {
        optional { available: Money, pending: Money, reserved: Money, currency: String }
    }
}

model! {
    Location {
        required { id: String }
        optional { name: String, address: Address, source_modified_date: Timestamp }
    }
}

model! {
    Customer {
        required { id: String }
        optional {
            customer_name: String,
            email_address: String,
            phone: String,
            default_currency: String,
            addresses: Vec<Address>,
            note: String,
            created_date: Timestamp,
            source_modified_date: Timestamp,
        }
    }
}

model! {
    /// Its variants carry a date of change; the product itself does not.
    Product {
        required { id: String }
        optional {
            name: String,
            description: String,
            categorization: String,
            is_gift_card: bool,
            variants: Vec<ProductVariant>,
        }
    }
}

model! {
    ProductVariant {
        required { id: String }
        optional {
            name: String,
            is_tax_enabled: bool,
            sku: String,
            barcode: String,
            unit_of_measure: String,
            vat_percentage: Money,
            prices: Vec<ProductPrice>,
            inventory: ProductInventory,
            shipping_required: bool,
            status: ProductVariantStatus,
            created_date: Timestamp,
            source_modified_date: Timestamp,
        }
    }
}

choice! { ProductVariantStatus { Unknown, Published, Unpublished } }

model! {
    ProductPrice {
        optional { currency: String, unit_price: Money }
    }
}

model! {
    ProductInventory {
        optional { total_quantity: Money, locations: Vec<ProductInventoryLocation> }
    }
}

model! {
    ProductInventoryLocation {
        optional { quantity: Money, location_ref: Ref }
    }
}

model! {
    /// Another commerce record.
    Ref {
        required { id: String }
        optional { name: String }
    }
}

model! {
    Order {
        required { id: String }
        optional {
            order_number: String,
            /// ISO 3166-1 alpha-3.
            country: String,
            currency: String,
            created_date: Timestamp,
            closed_date: Timestamp,
            /// With tax, discounts and service charges, without gratuity; refunds are taken off.
            total_amount: Money,
            total_refund: Money,
            total_tax_amount: Money,
            total_discount: Money,
            total_gratuity: Money,
            order_line_items: Vec<OrderLineItem>,
            payments: Vec<OrderPayment>,
            service_charges: Vec<ServiceCharge>,
            location_ref: Ref,
            customer_ref: Ref,
            source_modified_date: Timestamp,
        }
    }
}

model! {
    OrderLineItem {
        required { id: String }
        optional {
            quantity: Money,
            /// 20 is twenty per cent.
            tax_percentage: Money,
            /// With discounts and tax.
            total_amount: Money,
            total_tax_amount: Money,
            /// Without discounts and tax.
            unit_price: Money,
            taxes: Vec<TaxAllocation>,
            product_ref: Ref,
            product_variant_ref: Ref,
            discount_allocations: Vec<DiscountAllocation>,
        }
    }
}

model! {
    TaxAllocation {
        optional { tax_component_ref: Ref, rate: Money }
    }
}

model! {
    DiscountAllocation {
        optional { name: String, total_amount: Money }
    }
}

model! {
    /// A payment as an order lists it. A refund is below zero.
    OrderPayment {
        required { id: String, status: PaymentStatus }
        optional {
            amount: Money,
            currency: String,
            r#type: PaymentType,
            payment_provider: String,
            due_date: Timestamp,
            created_date: Timestamp,
            source_modified_date: Timestamp,
        }
    }
}

choice! {
    PaymentType {
        Cash, Card, Invoice, OnlineCard, Swish, Vipps, Mobile, StoreCredit, Paypal, Custom, Prepaid,
        Unknown,
    }
}

choice! { PaymentStatus { Pending, Authorized, Paid, Failed, Cancelled, Unknown } }

model! {
    ServiceCharge {
        optional {
            description: String,
            /// With tax.
            total_amount: Money,
            tax_percentage: Money,
            tax_amount: Money,
            taxes: Vec<TaxAllocation>,
            quantity: u32,
            r#type: ServiceChargeType,
        }
    }
}

choice! { ServiceChargeType { Generic, Shipping, Overpayment, Unknown } }

model! {
    /// Money from a customer, gratuity included. A refund is a payment of its own, below zero.
    Payment {
        required { id: String, status: PaymentStatus }
        optional {
            amount: Money,
            currency: String,
            payment_method_ref: PaymentMethodRef,
            payment_provider: String,
            due_date: Timestamp,
            created_date: Timestamp,
            source_modified_date: Timestamp,
        }
    }
}

model! {
    /// A movement of the money that the payment processor holds for the shop.
    Transaction {
        required { id: String, r#type: TransactionType }
        optional {
            total_amount: Money,
            currency: String,
            /// The platform's own word.
            sub_type: String,
            transaction_source_ref: TransactionSourceRef,
            created_date: Timestamp,
            source_created_date: Timestamp,
            source_modified_date: Timestamp,
        }
    }
}

choice! {
    TransactionType {
        Payment, Refund, Payout, FailedPayout, Transfer, PaymentFee, PaymentFeeRefund, Unknown,
    }
}

model! {
    TransactionSourceRef {
        required { id: String, r#type: TransactionSourceType }
    }
}

choice! { TransactionSourceType { Fee, Order, Payment, ServiceCharge, Unknown } }

model! {
    /// A payment that the payer's bank wants back.
    Dispute {
        required { id: String, currency: String, status: DisputeStatus }
        optional {
            disputed_transactions: Vec<TransactionSourceRef>,
            total_amount: Money,
            reason: String,
            /// The shop's deadline for an answer.
            due_date: Timestamp,
            created_date: Timestamp,
            source_modified_date: Timestamp,
        }
    }
}

choice! {
    DisputeStatus {
        Won, Lost, Accepted, Processing, ChargeRefunded, EvidenceRequired, InquiryEvidenceRequired,
        InquiryProcessing, InquiryClosed, WaitingThirdParty, Unknown,
    }
}

model! {
    PaymentMethod {
        required { id: String, status: PaymentMethodStatus }
        optional { name: String, source_modified_date: Timestamp }
    }
}

choice! { PaymentMethodStatus { Unknown, Active, Archived } }

model! {
    ProductCategory {
        required { id: String, has_children: bool, ancestor_refs: Vec<CategoryRef> }
        optional { name: String, source_modified_date: Timestamp }
    }
}

model! {
    /// A category above another. The contract's schema requires `type`, its examples have `name`: it has both.
    CategoryRef {
        required { id: String, r#type: CategoryRefType }
        optional { name: String }
    }
}

choice! { CategoryRefType { ProductCategory } }

model! {
    /// A part of a tax; its rate is a fraction: 0.2 is twenty per cent.
    TaxComponent {
        required { id: String, is_compound: bool }
        optional { name: String, rate: Money, source_modified_date: Timestamp }
    }
}
