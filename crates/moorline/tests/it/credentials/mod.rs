//! Secrets stay secret, and grants that end are announced.

mod credential_warnings;
pub mod held_grants;
mod hostile_platforms;
mod many_credentials;
mod pauses;
mod refused_access;
mod renewed_scopes;
mod revocations;
mod secrets;
mod token_answers;
mod unread_grants;
