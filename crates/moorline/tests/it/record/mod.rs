//! The record of consents and of administrative acts.

mod acts;
mod chains;
mod consents;
mod openings;
mod receipts;
mod retention;
