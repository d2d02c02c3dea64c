//! An administrator's approval of the application, as data.

use std::collections::BTreeMap;

use url::Url;

use crate::described::template::Template;

#[derive(Debug)]
pub(crate) struct Approval {
    pub(crate) url: Url,
    pub(crate) parameters: Vec<(String, Template)>,
    /// The parameters of the redirect back, with their values, that mean that it was approved.
    pub(crate) approved: BTreeMap<String, String>,
    /// Words in the error of a sign-in that mean that it needs the approval.
    pub(crate) needed: Vec<String>,
}
