//! The platforms that come with the program, and documents of theirs that others wrote.

mod builtin;
mod long_documents;
mod quickbooks_samples;
mod rates;
mod square_specification;
mod xero_specification;
