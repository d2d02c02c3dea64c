//! The door for programs on customers' machines: a service that they call (SOAP 1.1), and the page on which a customer sets one up.

pub(crate) mod service;
pub(crate) mod setup;
pub(crate) mod soap;
