//! From a link to a connection.

mod hosted_pages;
mod imported_tokens;
mod journey;
mod several_businesses;
