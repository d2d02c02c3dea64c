//! The API as a whole: its document, its refusals, its keys.

mod api_keys;
mod assets;
mod bytes;
mod compression;
mod document;
mod operations;
mod refusals;
mod repeated_requests;
mod texts;
