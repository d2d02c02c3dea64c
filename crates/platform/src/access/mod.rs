//! Clients' own access: their settings, their API keys, and short tokens of one company.

pub mod clients;
pub mod company_tokens;
pub mod keys;
