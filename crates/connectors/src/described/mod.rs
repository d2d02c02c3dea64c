//! A platform's folder as data: read, checked, and ready to use.

pub(crate) mod access;
pub(crate) mod branding;
pub(crate) mod folder;
pub(crate) mod integration;
pub(crate) mod list;
pub(crate) mod manifest;
pub(crate) mod names;
pub(crate) mod options;
pub(crate) mod problem;
pub(crate) mod template;
pub(crate) mod write;
