//! Stories, told from outside: through HTTP, on both databases.

mod api_keys;
mod books;
mod counting;
mod document;
mod harness;
mod journey;
mod kills;
mod linking_pages;
mod live;
mod operators;
mod reading;
mod receiver;
mod refusals;
mod secrets;
mod surface;
mod sync_settings;
mod syncing;
mod walls;
mod webhook_delivery;
mod webhooks;
