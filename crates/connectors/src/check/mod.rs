//! Trying a folder's maps on fixtures, without the platform.

pub(crate) mod coverage;
pub(crate) mod difference;
pub(crate) mod fixture;
pub(crate) mod paths;
