//! From a link to a connection, and what happens on the way.

mod hosted_pages;
mod imported_tokens;
mod journey;
mod several_businesses;
