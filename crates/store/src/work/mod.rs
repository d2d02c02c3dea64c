//! The job queue, rate limits that nodes share, and facts about the installation.

pub mod jobs;
pub mod meta;
pub mod paces;
pub mod quotas;
pub mod shares;
