//! The record of consents and of administrative acts: a chain of entries for each client, appended by the change that each
//! tells of.
//!
//! docs/CONSENT.md says what an entry holds, what the chain proves and what it can't.

mod adopting;
mod chain;
pub mod disclosure;
mod entry;
pub mod exports;
mod following;
pub mod reads;
pub mod receipt;
mod request;
pub mod retention;
pub mod verify;

pub(crate) use adopting::adopt;
pub(crate) use chain::{append, append_under};
pub use entry::{Entry, details};
pub(crate) use following::{
    Told, additional_answered, business_learnt, follow, follow_company, follow_grant,
    follow_passing, follow_product, follow_request, scopes_changed, taken_out,
};
pub(crate) use request::{Shown, note, shown_before_choice, shown_to};
