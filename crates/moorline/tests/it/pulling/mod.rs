//! Pulls: when they run, what they skip, what they find.

mod repeated_pulls;
mod supplemental;
mod sync_settings;
mod validation;
