//! Warnings of access that fails or will end, each given once.

pub(super) mod degradation;
pub(super) mod forecast;
pub(super) mod restored;
pub(super) mod unreadable;

pub use degradation::CLIENT_REFUSED;
pub use forecast::{end_what_is_over, tell_of_endings};
pub(crate) use restored::Moved;
pub use restored::{RestoredError, count_epoch, installation, note_restored};
pub use unreadable::find_all as find_unreadable;
