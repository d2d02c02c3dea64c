//! The company itself, its customers and its suppliers.

use super::Metadata;
use crate::Timestamp;
use crate::model::{choice, model};
use crate::shared::{PhoneNumber, SourceUrls, WebLink};

model! {
    /// The company whose books these are. One per connection; the contract gives it no id.
    CompanyInfo {
        optional {
            company_name: String,
            accounting_platform_ref: String,
            company_legal_name: String,
            addresses: Vec<Address>,
            phone_numbers: Vec<PhoneNumber>,
            web_links: Vec<WebLink>,
            ledger_lock_date: Timestamp,
            registration_number: String,
            tax_number: String,
            financial_year_start_date: Timestamp,
            base_currency: String,
            source_urls: SourceUrls,
            created_date: Timestamp,
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

choice! { AddressType { Unknown, Billing, Delivery } }

model! {
    Customer {
        required { id: String, status: ContactStatus }
        optional {
            customer_name: String,
            contact_name: String,
            email_address: String,
            default_currency: String,
            phone: String,
            addresses: Vec<Address>,
            contacts: Vec<Contact>,
            registration_number: String,
            tax_number: String,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

model! {
    Contact {
        required { status: ContactStatus }
        optional {
            name: String,
            email: String,
            phone: Vec<PhoneNumber>,
            address: Address,
            modified_date: Timestamp,
        }
    }
}

choice! { ContactStatus { Unknown, Active, Archived } }

model! {
    Supplier {
        required { id: String, status: ContactStatus }
        optional {
            supplier_name: String,
            contact_name: String,
            email_address: String,
            phone: String,
            addresses: Vec<Address>,
            registration_number: String,
            tax_number: String,
            default_currency: String,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}
