//! `[[auth.way]]`: giving access without a sign-in at the platform.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use serde::Deserialize;

use crate::described::access::way::Algorithm;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WayKind {
    /// Typed values that go into every request: an API key, or a user name and a password.
    Fields,
    /// A key pair is made for the connection; its certificate is registered at the platform, and an assertion signed with the key
    /// gives access tokens (RFC 7523).
    Certificate,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaySection {
    /// A lower-case word.
    pub(crate) key: String,
    pub(crate) kind: WayKind,
    /// The heading on the link page.
    pub(crate) title: String,
    /// Markdown: the steps to the values, for the person who has to find them.
    pub(crate) body: String,
    /// A sentence for the customer whose values the platform refuses: what to check.
    pub(crate) refused: String,
    /// A sentence that says how the customer ends the access at the platform.
    pub(crate) manage_access: String,
    #[serde(default)]
    pub(crate) field: Vec<FieldSection>,
    /// Values of the connection that the other ways of this folder bring, as they are for this one.
    #[serde(default)]
    pub(crate) values: BTreeMap<String, String>,

    // Of kind `fields`.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) basic: Option<BasicSection>,

    // Of kind `certificate`.
    pub(crate) token_url: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) key_id: Option<String>,
    pub(crate) audience: Option<String>,
    /// Further claims of the assertion.
    #[serde(default)]
    pub(crate) claims: BTreeMap<String, String>,
    /// Further parameters of the token request.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
    /// ES256 if left out.
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) certificate_days: Option<NonZeroU16>,
    pub(crate) warning_days: Option<NonZeroU16>,
}

/// HTTP Basic (RFC 7617).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BasicSection {
    pub(crate) user: String,
    #[serde(default)]
    pub(crate) password: String,
}

/// A value that the customer types.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldSection {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) help: Option<String>,
    pub(crate) example: Option<String>,
    /// A regular expression for the whole value.
    pub(crate) pattern: Option<String>,
    /// A sentence that says what the pattern wants.
    pub(crate) rule: Option<String>,
    #[serde(default)]
    pub(crate) secret: bool,
    /// The value is a whole host, such as a shop's: addresses may lead there.
    #[serde(default)]
    pub(crate) host: bool,
}
