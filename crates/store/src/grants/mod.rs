//! Connections, and what customers granted through them.

pub mod agreements;
pub mod choices;
pub mod connections;
pub mod credentials;
pub mod doubtful;
pub mod endings;
pub mod held;
pub mod issues;
pub mod key_pairs;
pub mod links;
pub mod token_endpoints;
