//! The writing of one data type, as data.

use egress::HeaderName;

use super::manifest::WriteMethod;
use super::options::PushOption;
use super::template::Template;
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
    pub(crate) url: Template,
    pub(crate) items: String,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: WriteMethod,
    pub(crate) url: Template,
}

/// What an integration can write of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteSupport {
    pub create: bool,
    pub update: bool,
    /// The platform knows a request that it has done before by its key, so that it may be repeated.
    pub repeatable: bool,
}
