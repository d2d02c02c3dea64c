//! `manifest.toml`, as it is written.

mod auth;
mod limits;
mod machine;
mod reading;
mod scopes;
mod ways;

use std::collections::BTreeMap;

use records::{DataType, SourceType};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

pub(crate) use auth::{
    ApprovalSection, AuthKind, AuthSection, BodyFormat, RevokeMethod, RevokeSection,
};
pub use auth::{ClientAuthentication, RevocationReach};
pub use limits::{Allowed, Limit, Limits};
pub(crate) use machine::{FaultMeaning, FaultSection, MachineSection, NOWHERE};
pub(crate) use reading::{
    DataSection, EachSection, ListSection, Paging, PlainerSection, ReadLookupSection, ReadMethod,
    SinceFormat, SinceSection, UnsupportedSection, When,
};
pub use scopes::PersonDetail;
pub(crate) use scopes::ScopeSection;
pub(crate) use ways::{FieldSection, WayKind, WaySection};

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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) key: String,
    /// The key of the platform that this manifest is laid over, and whose files it shares.
    pub(crate) extends: Option<String>,
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
    /// Texts that are made of a connection's values, for use as `${name}`.
    #[serde(default)]
    pub(crate) texts: BTreeMap<String, TextSection>,
    /// Patterns of the hosts that addresses with a name in their host may lead to.
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    /// A file of jq definitions that the maps share.
    pub(crate) common: Option<String>,
    /// A platform that calls, in place of `[auth]` and the API's address.
    pub(crate) machine: Option<MachineSection>,
    #[serde(default = "machine::no_sign_in")]
    pub(crate) auth: AuthSection,
    #[serde(default)]
    pub(crate) steps: Vec<Step>,
    pub(crate) identity: IdentitySection,
    #[serde(default)]
    pub(crate) api: ApiSection,
    #[serde(default)]
    pub(crate) limits: Limits,
    #[serde(default)]
    pub(crate) branding: BrandingSection,
    #[serde(default)]
    pub(crate) data: Vec<DataSection>,
    #[serde(default)]
    pub(crate) unsupported: Vec<UnsupportedSection>,
    /// Knowledge of the platform's lists for the comparison of their sums.
    #[serde(default)]
    pub(crate) reconciliation: Reconciling,
    #[serde(default)]
    pub(crate) write: Vec<WriteSection>,
    pub(crate) custom: Option<ListSection>,
}

/// Knowledge of a platform's lists for the comparison of their sums. Reasons are whole sentences.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconciling {
    /// The reason why bank transactions aren't all that moved at the bank.
    pub bank_transactions: Option<String>,
    /// Journal entries are all postings of the ledger, though they don't name the documents that they were posted for.
    #[serde(default)]
    pub all_postings: bool,
    /// The reason why a month's profit by the statements may be another one than by the days of the journals.
    pub profit: Option<String>,
}

/// A text in place of `${name}`: of another value's in another spelling, one of several by a value, or the same each time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextSection {
    /// The value that is spelled otherwise.
    pub(crate) of: Option<String>,
    #[serde(default)]
    pub(crate) lower_case: bool,
    #[serde(default)]
    pub(crate) replace: BTreeMap<String, String>,
    /// The value that chooses among the texts.
    pub(crate) by: Option<String>,
    #[serde(default)]
    pub(crate) values: BTreeMap<String, String>,
    /// The text of any other value; without it, another value is refused.
    pub(crate) otherwise: Option<String>,
    /// The text itself.
    pub(crate) text: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentitySection {
    /// The values for each of which the path is read once.
    pub(crate) each: Option<IdentityEachSection>,
    /// Of those, the statuses of answers that are passed over: the person has no access there.
    #[serde(default)]
    pub(crate) skipped_statuses: Vec<u16>,
    /// A sentence for the person, if every answer was one of these.
    pub(crate) all_skipped: Option<String>,
    /// Below the API's base, or a whole URL.
    #[serde(default = "machine::no_path")]
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    /// With a body, it is a POST.
    pub(crate) body: Option<Value>,
    /// Requests that are made in turn if the one before is refused.
    #[serde(default)]
    pub(crate) plainer: Vec<PlainerSection>,
    /// Values that the map needs beside the answer, read first.
    #[serde(default)]
    pub(crate) lookup: BTreeMap<String, ReadLookupSection>,
    /// The business's id, if the answer doesn't say it.
    pub(crate) id: Option<String>,
    pub(crate) map: String,
    /// The members of the map's `variables`, for use as `${name}` in later requests.
    #[serde(default)]
    pub(crate) variables: Vec<String>,
}

/// A list that the access token leads to, such as an account's environments, each of which has companies of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityEachSection {
    /// The name of the value in the identity's path, and of the whole element in its map (`$lookup.name`).
    pub(crate) name: String,
    pub(crate) path: String,
    /// Dotted path to the array.
    #[serde(default)]
    pub(crate) items: String,
    /// The member of each element.
    pub(crate) value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiSection {
    #[serde(default = "machine::nowhere")]
    pub(crate) base_url: String,
    /// Further addresses, by the names that `base` of a list gives.
    #[serde(default)]
    pub(crate) bases: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// The dotted path of the message in an error's body, or several, of which the first that leads to a message counts.
    #[serde(default)]
    pub(crate) error_message: Paths,
    pub(crate) validation_errors: Option<ValidationErrors>,
    /// Answers that refuse the access token, beside those with a status of 401.
    #[serde(default)]
    pub(crate) token_refused: Vec<TokenRefused>,
    /// Refusals that mean something else than their status says.
    #[serde(default)]
    pub(crate) refusals: Vec<RefusalSection>,
}

impl Default for ApiSection {
    fn default() -> Self {
        toml::from_str("").expect("every member may be absent")
    }
}

/// A refusal that means something else than its status says, of which the first that fits counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusalSection {
    pub(crate) status: u16,
    /// Dotted path to a value of the body, or several; without it, the status alone tells.
    #[serde(default)]
    pub(crate) path: Paths,
    /// The values there that mean it.
    #[serde(default)]
    pub(crate) values: Vec<String>,
    /// Words in the value there that mean it.
    #[serde(default)]
    pub(crate) contains: Vec<String>,
    pub(crate) means: Meaning,
    /// A sentence: why the data type isn't there, or what to do about it.
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Meaning {
    /// The person may not read it.
    Forbidden,
    /// This company doesn't have the data type.
    NotSupported,
    /// This company doesn't have one of the data type's lists, which is empty.
    Empty,
    RateLimited,
    /// Worth a retry later.
    Unavailable,
}

/// An answer that means that the access token isn't valid, or isn't any longer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRefused {
    pub(crate) status: u16,
    /// Dotted path to a value of the body, or several.
    pub(crate) path: Paths,
    /// The values there that mean it.
    #[serde(default)]
    pub(crate) values: Vec<String>,
    /// Words in the value there that mean it.
    #[serde(default)]
    pub(crate) contains: Vec<String>,
}

/// One dotted path, or several.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(untagged)]
pub(crate) enum Paths {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

impl Paths {
    pub(crate) fn into_vec(self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::One(path) => vec![path],
            Self::Several(paths) => paths,
        }
    }

    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::None => &[],
            Self::One(path) => std::slice::from_ref(path),
            Self::Several(paths) => paths,
        }
    }
}

/// The list of a record's mistakes in the body of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValidationErrors {
    /// Dotted path to the list.
    pub(crate) items: String,
    /// The members of each that name the field and describe the mistake.
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

/// The writing of a data type's records.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WriteSection {
    pub(crate) r#type: DataType,
    /// A file of the folder: the members that a record may have, as the contract's push options.
    pub(crate) options: String,
    /// A file of the folder: `{record, id, lookup}` in, the platform's record out.
    pub(crate) map: String,
    /// Values that the map needs beside the record, read first.
    #[serde(default)]
    pub(crate) lookup: BTreeMap<String, LookupSection>,
    pub(crate) create: Option<OperationSection>,
    /// Its path has `${id}`.
    pub(crate) update: Option<OperationSection>,
    /// The header by which the platform recognises a repeated request.
    pub(crate) idempotency_header: Option<String>,
    /// Dotted path to the record in the answer; the map of the same type's `data` reads it.
    #[serde(default)]
    pub(crate) result: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookupSection {
    /// `${id}` is the record's own, if it has one.
    pub(crate) path: String,
    /// Dotted path to the value that the map gets; the whole body if empty.
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
