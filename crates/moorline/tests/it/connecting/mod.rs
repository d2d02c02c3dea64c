//! From a link to a connection.

mod all_businesses;
mod businesses_again;
mod certificates;
mod coming_back;
mod disclosures;
mod embedded;
pub mod every_start_page;
mod files;
mod funnel;
mod hosted_pages;
pub mod imported_tokens;
mod journey;
mod languages;
mod leaving_browsers;
mod repeated_imports;
mod several_businesses;
mod strict_links;
mod typed_access;
