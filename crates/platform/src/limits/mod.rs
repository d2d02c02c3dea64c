//! Rate limits: those that clients are held to, and those of platforms that Moorline keeps.

pub mod clients;
pub mod platforms;
