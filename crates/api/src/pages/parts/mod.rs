//! The parts that pages are made of.

pub(crate) mod assets;
pub(crate) mod fields;
pub(crate) mod markdown;
pub(crate) mod own;
pub(crate) mod page;
pub(crate) mod reader;
pub(crate) mod shared;
pub(crate) mod steps;
pub(crate) mod views;
