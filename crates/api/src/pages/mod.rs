//! The pages that a customer's browser sees on the way to a platform and back.
//!
//! All of them work without scripts. A GET changes nothing; what a link's one-time password allows is done by a POST of
//! a form that carries it.

pub(crate) mod browser;
pub(crate) mod callback;
pub(crate) mod choose;
pub(crate) mod deadline;
pub(crate) mod ending;
pub(crate) mod overview;
pub(crate) mod owner;
pub(crate) mod parts;
pub(crate) mod start;
pub(crate) mod trouble;
pub(crate) mod visit;
