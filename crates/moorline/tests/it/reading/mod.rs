//! Pulled data, read back exactly.

mod books;
pub(crate) mod data_types;
mod long_lists;
mod queries;
mod random_books;
mod reconciliation;
mod unsure_books;
