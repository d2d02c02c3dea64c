//! The standard data types, as the contract shows them to clients.

mod data_type;
mod money;

pub use data_type::{DataType, SourceType, UnknownKey};
pub use money::{DECIMAL, Money};
