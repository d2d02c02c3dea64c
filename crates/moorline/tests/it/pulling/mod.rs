//! Pulls: schedules, retries and results.

mod due;
mod endings;
mod quarantine;
mod remap;
mod repeated_pulls;
mod supplemental;
mod sync_settings;
mod turns;
mod validation;
