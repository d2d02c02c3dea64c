//! Stories, told from outside: through HTTP, on both databases.

mod harness;
mod journey;
mod kills;
mod linking_pages;
mod reading;
mod refusals;
mod secrets;
mod walls;
