//! `[machine]`: a platform that isn't reached, since a program on the customer's machine calls.

use serde::Deserialize;

use super::AuthSection;

/// The address that stands for such a platform wherever one is needed: nothing is ever sent there (RFC 6761 § 6.4).
pub(crate) const NOWHERE: &str = "https://machine.invalid";

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MachineSection {
    /// The document around a request, with `${request}` where that stands.
    pub(crate) envelope: String,
    /// Dotted path to the element of the answer that the paths of lists begin at; `*` is the only child of any name.
    pub(crate) answer: String,
    /// The elements that may stand somewhere more than once.
    #[serde(default)]
    pub(crate) lists: Vec<String>,
    /// The member of that element with the code of the outcome, the codes that aren't refusals, and the member with the reason.
    pub(crate) status: String,
    pub(crate) good: Vec<String>,
    pub(crate) message: String,
    /// A file of the folder: what the customer opens in the program, with `${address}`, `${user}`, `${owner}`, `${file}` and `${name}`.
    pub(crate) setup: String,
    /// The name under which the customer gets it.
    pub(crate) setup_name: String,
    /// A file of the folder: the description (WSDL) of the service that the program calls, with `${address}`.
    pub(crate) service: String,
    /// The name of the program, and the page from which the customer gets it.
    pub(crate) program: String,
    pub(crate) program_url: String,
    /// The way for the business to end access there, as a sentence.
    pub(crate) manage_access: Option<String>,
    /// Outcomes of the program's own, by which it tells that it has no answer.
    #[serde(default)]
    pub(crate) faults: Vec<FaultSection>,
}

/// An outcome of the program's own; or the status of an answer, if it means `lost`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultSection {
    pub(crate) codes: Vec<String>,
    pub(crate) means: FaultMeaning,
    /// A sentence: what it is, and what to do about it.
    pub(crate) reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultMeaning {
    /// Something at the machine is in the way: it is tried again with the next call.
    Obstructed,
    /// The request was not understood.
    Refused,
    /// The business has taken the permission back.
    Withdrawn,
    /// The place in a list is not known any more: it begins anew with the next call.
    Lost,
}

/// `[auth]` of a platform without a sign-in.
pub(crate) fn no_sign_in() -> AuthSection {
    let text = format!(
        "kind = \"oauth2\"\nauthorize_url = \"{NOWHERE}/\"\ntoken_url = \"{NOWHERE}/\"\nclient_authentication = \"none\"\npkce = false"
    );
    toml::from_str(&text).expect("a section of ours")
}

pub(crate) fn nowhere() -> String {
    NOWHERE.to_owned()
}

/// The path of what is asked of such a platform.
pub(crate) fn no_path() -> String {
    format!("{NOWHERE}/")
}
