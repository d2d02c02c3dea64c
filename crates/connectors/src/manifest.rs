//! `manifest.toml`: what a platform's folder says about it.

use serde::Deserialize;

use records::DataType;

/// How a customer gives access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthKind {
    OAuth2,
}

/// How this program proves to the token endpoint that it is the client (RFC 6749 § 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuthentication {
    /// The `Authorization` header.
    Basic,
    /// `client_id` and `client_secret` in the body.
    Post,
    /// A public client: `client_id` alone.
    None,
}

/// A page that the customer sees before the redirect, in the manifest's order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Something to read and confirm.
    Instructions {
        title: String,
        /// Markdown.
        body: String,
        /// The button's label.
        confirm: String,
    },
    /// The customer confirms or corrects the company's name.
    ConfirmCompanyName,
}

/// How much the platform lets one connection ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    pub requests_per_minute: Option<u32>,
    pub requests_per_day: Option<u32>,
    pub concurrent_requests: Option<u32>,
}

/// One data type that an integration offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSupport {
    pub data_type: DataType,
    /// False where every sync brings everything, so that a record which no longer comes is gone at the platform.
    pub incremental: bool,
}
