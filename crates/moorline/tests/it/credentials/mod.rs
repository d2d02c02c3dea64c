//! Secrets stay secret, and grants that end are announced.

mod credential_warnings;
mod hostile_platforms;
mod secrets;
