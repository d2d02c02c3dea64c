//! Properties that hold for every text an untrusted caller can send.
//!
//! Each function panics if its property doesn't hold. The programs below `bin/` call them with input that libFuzzer
//! generates, and a test here with texts made of the language's own pieces.

pub mod query;
pub mod redirects;
