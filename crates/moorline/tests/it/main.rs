//! Stories, told from outside: through HTTP, on both databases.

mod api_keys;
mod books;
mod counting;
mod document;
mod families;
mod foresight;
mod harness;
mod importing;
mod journey;
mod kills;
mod linking_pages;
mod live;
mod operators;
mod products;
mod queries;
mod reading;
mod receiver;
mod refusals;
mod secrets;
mod surface;
mod sync_settings;
mod syncing;
mod validating;
mod walls;
mod webhook_delivery;
mod webhooks;
