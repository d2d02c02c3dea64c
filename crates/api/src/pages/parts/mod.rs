//! The parts that pages are made of.

pub mod assets;
pub mod fields;
pub mod markdown;
pub mod page;
pub mod shared;
pub mod views;
