//! What must hold for every text that a stranger can send.
//!
//! Each function panics where it doesn't. The programs below `bin/` give them what libFuzzer makes up, and a test here what is
//! made of the language's own pieces.

pub mod query;
pub mod redirects;
