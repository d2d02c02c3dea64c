//! Secrets stay secret, and grants that end are announced.

mod credential_warnings;
pub mod held_grants;
mod hostile_platforms;
mod pauses;
mod refused_access;
mod renewed_scopes;
mod secrets;
mod token_answers;
mod unread_grants;
