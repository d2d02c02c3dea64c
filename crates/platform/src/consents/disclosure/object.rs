//! The disclosure itself: plain data, the same for every reader.

use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};
use connectors::PersonDetail;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::credentials::vault::hex;

/// Everything that a customer is told before giving access through one connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Disclosure {
    /// SHA-256, in hex, of the facts in their canonical form: JSON with the members of every object in the order of their names,
    /// without white space, and without the members that are only [words](WORDED). The same facts have the same version in every
    /// language.
    pub version: String,
    /// SHA-256, in hex, of the client's own texts in all their languages; none in a disclosure of an earlier version, whose
    /// `version` is that of the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statements: Option<String>,
    /// The language of the house's own words; texts of the client have their own.
    pub language: String,
    pub client: Asker,
    pub target: Target,
    pub purpose: Words,
    /// Read of every business, so that it can be told from others.
    pub business: String,
    /// In the order in which they are shown.
    pub reads: Vec<Read>,
    /// Data types of the client's own.
    pub custom: Vec<Custom>,
    pub writes: Vec<Write>,
    /// Details of the person who authorises.
    pub person: Vec<PersonPart>,
    pub access: Access,
    pub stays: Stays,
    /// The scopes that the platform is asked for.
    pub scopes: Vec<String>,
    /// A sentence about them, if they allow more than is done with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes_note: Option<String>,
}

/// The client that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asker {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    pub links: Links,
    pub support: Contact,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Links {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy_notice: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The business and the platform that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    pub company: String,
    pub platform_key: String,
    pub platform_name: String,
    /// A platform to practise on.
    pub sandbox: bool,
}

/// A text with its language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Words {
    pub text: String,
    pub language: String,
    /// False if the client has said nothing, and these are the house's own words.
    pub stated: bool,
}

impl Words {
    pub(super) fn own(text: String, words: &words::Words) -> Self {
        Self {
            text,
            language: words.language().to_owned(),
            stated: false,
        }
    }
}

/// A data type that will be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Read {
    pub data_type: String,
    pub group: String,
    pub name: String,
    pub history: History,
    /// True if it is read as soon as access is given.
    pub at_once: bool,
    /// Hours from one reading to the next; 0 if there is no schedule.
    pub every_hours: u32,
    /// True if it is also read when the client asks for it, at any time.
    pub on_request: bool,
    /// Further fields that the client wants of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<Further>,
}

/// The extent to which a data type is read back: one of these, or everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// The last months, the current one included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// Since a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The same in words.
    pub words: String,
}

/// A group of supplemental fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Further {
    /// The client's name for the group.
    pub name: String,
    /// The address below the platform's API, if it is another than the records' own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The paths of the fields, in order.
    pub fields: Vec<String>,
}

/// A data type of the client's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Custom {
    /// The client's name.
    pub name: String,
    /// The address below the platform's API.
    pub source: String,
    /// The paths of the fields, in order.
    pub fields: Vec<String>,
}

impl Further {
    /// True if the other asks for nothing that this one doesn't have.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.name == other.name
            && self.source == other.source
            && other.fields.iter().all(|field| self.fields.contains(field))
    }
}

impl Custom {
    /// True if the other asks for nothing that this one doesn't have.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.name == other.name
            && self.source == other.source
            && other.fields.iter().all(|field| self.fields.contains(field))
    }
}

impl History {
    /// True if the other reaches no further back. A number of months and a day can't be compared for good, since one of
    /// them moves: the answer is no.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self.months, &self.from, other.months, &other.from) {
            (None, None, _, _) => true,
            (Some(own), _, Some(other), _) => other <= own,
            (None, Some(own), None, Some(other)) => other >= own,
            _ => false,
        }
    }

    /// Its beginning at a time; none if it is everything.
    pub(super) fn begins(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if let Some(months) = self.months {
            return now.checked_sub_months(Months::new(months));
        }
        let from: NaiveDate = self.from.as_ref()?.parse().ok()?;
        Some(from.and_time(NaiveTime::MIN).and_utc())
    }
}

/// A data type that may be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Write {
    pub data_type: String,
    pub name: String,
    pub create: bool,
    pub update: bool,
}

/// A detail of the person who authorises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonPart {
    pub detail: PersonDetail,
    pub name: String,
}

/// The life of the access, and what ends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Access {
    /// Days after which the platform ends access that isn't used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused_days: Option<u64>,
    /// Days after which the customer has to agree again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_days: Option<u64>,
    /// True if disconnecting here gives the access back at the platform too.
    pub revoked_at_platform: bool,
    /// The program on the customer's machine that is set up in place of a sign-in at the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// In words.
    pub lasts: String,
    pub ends: Vec<String>,
}

/// The fate of the data after access has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stays {
    pub words: Words,
    /// Days for which the client keeps the data after access has ended, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// The part of a disclosure that pulls and writes are held to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agreed {
    pub version: String,
    pub reads: Vec<Read>,
    pub custom: Vec<Custom>,
    pub writes: Vec<Write>,
    pub person: Vec<PersonPart>,
    pub scopes: Vec<String>,
}

/// The members of a disclosure that are words, and that its version therefore leaves out.
const WORDED: [&[&str]; 17] = [
    &["version"],
    &["language"],
    &["business"],
    &["client", "links"],
    &["client", "support", "url"],
    &["purpose", "text"],
    &["purpose", "language"],
    &["reads", "group"],
    &["reads", "name"],
    &["reads", "history", "words"],
    &["writes", "name"],
    &["person", "name"],
    &["access", "lasts"],
    &["access", "ends"],
    &["stays", "words", "text"],
    &["stays", "words", "language"],
    &["scopesNote"],
];

/// Removes a member by its path, of each item if a list is on the way.
fn forget(value: &mut Value, path: &[&str]) {
    match (value, path) {
        (Value::Array(items), _) => items.iter_mut().for_each(|item| forget(item, path)),
        (Value::Object(members), [last]) => drop(members.remove(*last)),
        (Value::Object(members), [first, rest @ ..]) => {
            if let Some(below) = members.get_mut(*first) {
                forget(below, rest);
            }
        }
        _ => {}
    }
}

/// SHA-256, in hex, of a value's canonical form.
pub(super) fn digest(value: &Value) -> String {
    let mut text = String::new();
    canonical(value, &mut text);
    hex(&Sha256::digest(text))
}

impl Disclosure {
    /// Gives it the version that belongs to its content.
    pub(super) fn sealed(mut self) -> Self {
        self.version = String::new();
        let mut value = serde_json::to_value(&self).unwrap_or_default();
        for path in WORDED {
            forget(&mut value, path);
        }
        self.version = digest(&value);
        self
    }

    /// As it is stored.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Writes a value with the members of every object in the order of their names, without white space.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            out.push('{');
            for (at, name) in names.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                canonical(&members[name], out);
            }
            out.push('}');
        }
        plain => out.push_str(&plain.to_string()),
    }
}
