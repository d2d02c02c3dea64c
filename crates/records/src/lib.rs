//! The standard data types.
