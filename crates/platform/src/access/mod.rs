//! Proofs of who is calling: API keys of clients, and short tokens of one company.

pub mod company_tokens;
pub mod keys;
