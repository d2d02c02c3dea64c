//! Operations on a platform by its description: obtaining access, reading, writing, giving access back.
//!
//! Each file adds its operations to [`Integration`](crate::Integration), which is plain data and knows none of them.

pub(crate) mod errors;
pub(crate) mod fetch;
pub(crate) mod identity;
pub(crate) mod json;
pub(crate) mod mapped;
pub(crate) mod oauth;
pub(crate) mod page;
pub(crate) mod presentable;
pub(crate) mod send;
pub(crate) mod supplemental;
pub(crate) mod write;
