//! The job queue and its turns, requests with an `Idempotency-Key`, rate limits that nodes share, and facts about the installation.

pub mod jobs;
pub mod keyed_requests;
pub mod meta;
pub mod platform_use;
pub mod quotas;
pub mod sealing_keys;
pub mod shares;
pub mod turns;
