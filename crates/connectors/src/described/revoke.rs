//! One request of those that give a grant back, as data.

use super::manifest::{BodyFormat, RevokeMethod};
use super::template::Template;

#[derive(Debug)]
pub(crate) struct RevokeRequest {
    pub(crate) method: RevokeMethod,
    pub(crate) url: Template,
    pub(crate) body: BodyFormat,
    pub(crate) parameters: Vec<(String, Template)>,
    /// The header's text; without it, the same as at the token endpoint.
    pub(crate) authorization: Option<Template>,
}
