//! Events, and the messages that carry them to clients.

pub mod events;
pub mod messages;
pub mod news;
pub mod webhooks;
