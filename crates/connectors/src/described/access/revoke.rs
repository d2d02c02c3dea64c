//! One request of those that give a grant back, as data.

use crate::described::manifest::{BodyFormat, RevokeMethod};
use crate::described::template::{Address, Template};

#[derive(Debug)]
pub(crate) struct RevokeRequest {
    pub(crate) method: RevokeMethod,
    pub(crate) url: Address,
    pub(crate) body: BodyFormat,
    pub(crate) parameters: Vec<(String, Template)>,
    /// The header's text; without it, the same as at the token endpoint.
    pub(crate) authorization: Option<Template>,
    /// Statuses that mean that there is nothing left to give back.
    pub(crate) gone: Vec<u16>,
    /// True if it ends the access to one account alone, and leaves what else the grant leads to.
    pub(crate) one_account: bool,
}

impl RevokeRequest {
    /// True if the request proves itself by the access token, or names the grant by it.
    pub(crate) fn needs_access_token(&self) -> bool {
        let named = |text: &Template| text.uses("access_token");
        let parameters = self.parameters.iter().any(|(_, text)| named(text));
        parameters || self.url.uses("access_token") || self.proves_access()
    }

    /// True if its `Authorization` header is made of the access token.
    pub(crate) fn proves_access(&self) -> bool {
        match &self.authorization {
            Some(text) => text.uses("access_token"),
            None => self.method == RevokeMethod::Delete,
        }
    }
}
