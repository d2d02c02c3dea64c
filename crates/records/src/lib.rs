//! The standard data types, as the contract shows them to clients: one typed model each.
//!
//! A model is the validation: a member that the contract does not have is refused, an amount is an exact decimal, and
//! an absent value is left out when it is written. `modifiedDate` is not part of a model, because the store sets it.

pub mod accounting;
pub mod banking;
pub mod commerce;
mod data_type;
mod document;
mod model;
mod money;
mod record;
mod schema;
mod shared;
mod timestamp;

pub use data_type::{DataType, SourceType, UnknownKey};
pub use document::Document;
pub use money::{DECIMAL, Money, currency_exponent, currency_unit};
pub use record::sums::Breach;
pub use record::{Record, Source, describe, describe_record, read};
pub use schema::{Described, Schemas};
pub use shared::{
    PaymentMethodRef, PhoneNumber, PhoneNumberType, SourceUrls, WebLink, WebLinkType,
};
pub use timestamp::Timestamp;
