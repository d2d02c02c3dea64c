//! Companies, their hierarchy and their products.

mod hierarchy;
mod owners;
mod products;
mod settings;
