//! The ways of giving access to a business's data, and of giving it back.

pub(crate) mod approval;
pub(crate) mod revoke;
pub(crate) mod way;
