//! The writing of one data type, as data.

use egress::HeaderName;

use super::manifest::WriteMethod;
use super::options::PushOption;
use super::template::Address;
use crate::map::Program;

#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) options: PushOption,
    pub(crate) map: Program,
    pub(crate) lookups: Vec<Lookup>,
    pub(crate) create: Option<Operation>,
    pub(crate) update: Option<Operation>,
    pub(crate) idempotency_header: Option<HeaderName>,
    pub(crate) result: String,
}

#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) name: String,
    pub(crate) url: Address,
    pub(crate) items: String,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: WriteMethod,
    pub(crate) url: Address,
}

/// The operations that an integration has for a type's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteSupport {
    pub create: bool,
    pub update: bool,
    /// The platform recognises a repeated request by its idempotency key, so that a retry is safe.
    pub repeatable: bool,
}
