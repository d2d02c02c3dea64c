//! The HTTP server: the contract of Codat's Platform API, and the pages of the link journey.

mod around;
mod compression;
mod machines;
pub mod openapi;
mod pages;
mod paths;
mod resources;
mod router;
mod wire;

pub use around::server;
pub use router::router;

pub type AppState = platform::app::Shared;
