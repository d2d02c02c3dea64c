//! Secrets stay secret, and grants that end are announced.

mod credential_warnings;
mod held_grants;
mod hostile_platforms;
mod secrets;
