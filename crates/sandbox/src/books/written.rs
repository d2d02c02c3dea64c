//! Records that clients wrote into a business's books: kept apart from those that the seed makes, and replayed among them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::documents::{Address, DocumentLine, Kind, Role};
use super::ledger::Moment;

/// One accepted request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    /// Time by the business's clock: after everything that had happened by then.
    pub(crate) at: Moment,
    /// The record's position in its list; the same at each replay, because everything before it is.
    pub(crate) position: u32,
    pub(crate) change: Change,
    pub(crate) once: Option<Once>,
}

/// A caller's own key for a request, so that it is not done twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Once {
    pub(crate) key: String,
    /// SHA-256 of method, path and body, base64: the same key with another request is a mistake.
    pub(crate) fingerprint: String,
}

/// Position and content: no position makes a new record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Contact(Option<u32>, ContactForm),
    Document(Option<u32>, DocumentForm),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ContactForm {
    pub(crate) role: Role,
    pub(crate) name: String,
    pub(crate) given: Option<String>,
    pub(crate) family: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) company_number: Option<String>,
    pub(crate) tax_number: Option<String>,
    pub(crate) terms_days: u32,
    pub(crate) addresses: Vec<Address>,
    pub(crate) dormant: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DocumentForm {
    pub(crate) kind: Kind,
    pub(crate) draft: bool,
    pub(crate) contact: u32,
    pub(crate) issued: NaiveDate,
    pub(crate) due: NaiveDate,
    pub(crate) number: Option<String>,
    pub(crate) their_reference: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) lines: Vec<DocumentLine>,
}
