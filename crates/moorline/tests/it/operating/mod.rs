//! Operating the program: settings, the command line, archives, crashes.

mod backups;
mod documents;
mod example_settings;
mod first_hour;
pub(crate) mod full_disk;
pub(crate) mod kills;
pub(crate) mod left_grants;
mod litestream;
pub(crate) mod lost_database;
mod night;
mod operators;
mod packs;
mod stops;
mod transfer;
