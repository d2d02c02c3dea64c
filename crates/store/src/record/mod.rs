//! The record: entries chained for each client, the consents that they leave, reads that are still to be put on it, and the keys
//! that its receipts are signed with.

pub mod consents;
pub mod entries;
pub mod openings;
pub mod reads;
pub mod receipt_keys;
pub mod retention;
