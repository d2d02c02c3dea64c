//! What operators do, and what machines do to them.

mod full_disk;
pub(crate) mod kills;
mod operators;
mod packs;
mod transfer;
mod webhook_kills;
