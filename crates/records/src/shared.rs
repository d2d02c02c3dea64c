//! Parts that records of more than one source type share.

use crate::model::{choice, model};
use std::collections::BTreeMap;

/// Addresses at the platform, by a name of the map's choosing.
pub type SourceUrls = BTreeMap<String, String>;

model! {
    PhoneNumber {
        required { r#type: PhoneNumberType }
        optional { number: String }
    }
}

choice! { PhoneNumberType { Primary, Landline, Mobile, Fax, Unknown } }

model! {
    WebLink {
        optional { r#type: WebLinkType, url: String }
    }
}

choice! { WebLinkType { Website, Social, Unknown } }

model! {
    PaymentMethodRef {
        required { id: String }
        optional { name: String }
    }
}
