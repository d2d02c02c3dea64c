//! Companies and the products that are enabled for them.

pub mod products;
