//! Clients and the companies that they work with.

pub mod clients;
pub mod companies;
pub mod counts;
pub mod data_requests;
pub mod disclosures;
pub mod funnel;
pub mod integrations;
