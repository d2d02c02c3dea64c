//! `manifest.toml`: what a platform's folder says about it, as it is written.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use records::{DataType, SourceType};
use serde::Deserialize;
use uuid::Uuid;

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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) source_type: SourceType,
    pub(crate) integration_id: Uuid,
    pub(crate) source_id: Uuid,
    #[serde(default)]
    pub(crate) beta: bool,
    #[serde(default)]
    pub(crate) sandbox: bool,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    /// A file of jq definitions that the maps share.
    pub(crate) common: Option<String>,
    pub(crate) auth: AuthSection,
    #[serde(default)]
    pub(crate) steps: Vec<Step>,
    pub(crate) identity: IdentitySection,
    pub(crate) api: ApiSection,
    #[serde(default)]
    pub(crate) limits: Limits,
    #[serde(default)]
    pub(crate) branding: BrandingSection,
    #[serde(default)]
    pub(crate) data: Vec<DataSection>,
    #[serde(default)]
    pub(crate) write: Vec<WriteSection>,
    pub(crate) custom: Option<ListSection>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthSection {
    pub(crate) kind: AuthKind,
    pub(crate) authorize_url: String,
    /// Further parameters of the authorization URL.
    #[serde(default)]
    pub(crate) authorize_parameters: BTreeMap<String, String>,
    pub(crate) token_url: String,
    pub(crate) revoke_url: Option<String>,
    /// OpenID's user info endpoint.
    pub(crate) userinfo_url: Option<String>,
    pub(crate) issuer: Option<String>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    pub(crate) client_authentication: ClientAuthentication,
    #[serde(default = "yes")]
    pub(crate) pkce: bool,
    /// The member of the token response that says, in seconds, how long the refresh token lives.
    pub(crate) refresh_expires_in: Option<String>,
    /// How long a refresh token lives, where the token response doesn't say.
    pub(crate) refresh_token_days: Option<NonZeroU16>,
    /// How long a customer's consent lasts, however often tokens are refreshed.
    pub(crate) consent_days: Option<NonZeroU16>,
    /// How long before either ends somebody should hear of it.
    pub(crate) warning_days: Option<NonZeroU16>,
    /// Query parameters of the callback that become variables of the connection.
    #[serde(default)]
    pub(crate) callback_parameters: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentitySection {
    /// Below the API's base, or a whole URL.
    pub(crate) path: String,
    pub(crate) map: String,
    /// The members of the map's `variables`, for use as `${name}` in what follows.
    #[serde(default)]
    pub(crate) variables: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiSection {
    pub(crate) base_url: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// Where an error's body has its words: a dotted path.
    pub(crate) error_message: Option<String>,
    pub(crate) validation_errors: Option<ValidationErrors>,
}

/// Where the body of a refusal lists what was wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValidationErrors {
    /// Dotted path to the list.
    pub(crate) items: String,
    /// The members of each that name the field and say what is wrong with it.
    pub(crate) field: Option<String>,
    pub(crate) message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct BrandingSection {
    pub(crate) logo_full: Option<String>,
    pub(crate) logo_square: Option<String>,
    pub(crate) button_default: Option<String>,
    pub(crate) button_hover: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataSection {
    pub(crate) r#type: DataType,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) paging: Paging,
    pub(crate) since: Option<Since>,
    /// Dotted path to the array in a page, or to the one object of it; the whole body where empty.
    #[serde(default)]
    pub(crate) items: String,
    pub(crate) map: String,
}

/// How records of a type are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WriteSection {
    pub(crate) r#type: DataType,
    /// A file of the folder: what a record may say, as the contract's push options.
    pub(crate) options: String,
    /// A file of the folder: `{record, id, lookup}` in, the platform's record out.
    pub(crate) map: String,
    /// What the map needs to know beside the record, read first.
    #[serde(default)]
    pub(crate) lookup: BTreeMap<String, LookupSection>,
    pub(crate) create: Option<OperationSection>,
    /// Its path has `${id}`.
    pub(crate) update: Option<OperationSection>,
    /// The header by which the platform knows a request that it has done before.
    pub(crate) idempotency_header: Option<String>,
    /// Dotted path to the record in the answer; the map of the same type's `data` reads it.
    #[serde(default)]
    pub(crate) result: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookupSection {
    /// `${id}` is the record's own, where there is one.
    pub(crate) path: String,
    /// Dotted path to what the map gets; the whole body where empty.
    #[serde(default)]
    pub(crate) items: String,
}

/// How lists are read that no data type is read from: those that a client asks for itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListSection {
    pub(crate) paging: Paging,
    /// As of a data type; an answer that has nothing there is taken whole.
    #[serde(default)]
    pub(crate) items: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationSection {
    pub(crate) method: WriteMethod,
    pub(crate) path: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum WriteMethod {
    Post,
    Put,
    Patch,
}

/// How a list goes on. Paths are dotted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "style", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Paging {
    /// Everything in one answer.
    None {},
    /// `?page=1`, `?page=2`, … until the last, or until a page is not full.
    Page {
        parameter: String,
        #[serde(default = "one")]
        first: u64,
        size_parameter: Option<String>,
        size: Option<u32>,
        /// Where the answer says how many pages there are.
        pages: Option<String>,
        /// Where it says how many records there are.
        total: Option<String>,
    },
    /// A word of the platform's that asks for the next page.
    Cursor {
        parameter: String,
        size_parameter: Option<String>,
        size: Option<u32>,
        /// Where the answer has the next word.
        next: String,
        /// Where it says whether there is more; a missing word says no as well.
        more: Option<String>,
        total: Option<String>,
    },
    /// The URL of the next page, which must be of the same origin.
    Link {
        size_parameter: Option<String>,
        size: Option<u32>,
        next: String,
        total: Option<String>,
    },
}

/// How the platform is asked for what changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Since {
    pub(crate) query: Option<String>,
    pub(crate) header: Option<String>,
    pub(crate) format: SinceFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SinceFormat {
    /// `2026-03-31T10:22:05Z`
    Rfc3339,
    /// `2026-03-31T10:22:05`, in UTC
    LocalTime,
    /// `2026-03-31`
    Date,
    /// `Tue, 31 Mar 2026 10:22:05 GMT`
    HttpDate,
    EpochSeconds,
    EpochMilliseconds,
}

fn yes() -> bool {
    true
}

fn one() -> u64 {
    1
}
