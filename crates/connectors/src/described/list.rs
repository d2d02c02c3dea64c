//! One list that a data type is read from, as data.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use egress::HeaderName;
use serde_json::{Map, Value};

use super::manifest::{Paging, ReadMethod, RefusalSection, SinceFormat, When};
use super::template::{Address, Headers, MissingName, Template};
use crate::map::Program;

#[derive(Debug)]
pub(crate) struct List {
    pub(crate) when: When,
    pub(crate) method: ReadMethod,
    pub(crate) url: Address,
    pub(crate) query: Vec<(String, Template)>,
    /// Further parameters of a request for more than one month.
    pub(crate) compared: Vec<(String, Template)>,
    pub(crate) headers: Headers,
    pub(crate) body: Option<Body>,
    /// Requests that are made in turn if the one before is refused.
    pub(crate) plainer: Vec<Plainer>,
    pub(crate) paging: Paging,
    pub(crate) since: Option<Since>,
    pub(crate) each: Option<Each>,
    pub(crate) lookups: Vec<ReadLookup>,
    pub(crate) items: String,
    pub(crate) may_be_absent: bool,
    /// Paths in a row: rows that follow each other with equal values there are one record.
    pub(crate) fold: Vec<String>,
    pub(crate) empty_statuses: Vec<u16>,
    pub(crate) refusals: Vec<RefusalSection>,
    pub(crate) map: Program,
    /// Learnt from the first page.
    pub(crate) place: Place,
}

/// The place at which a list's records have the ids of the standard records that they become, once a page has taught it. A wrong one
/// costs time, and nothing else: whoever looks there compares digests.
#[derive(Debug, Default)]
pub(crate) struct Place(OnceLock<Vec<String>>);

impl Place {
    pub(crate) fn get(&self) -> Option<&[String]> {
        self.0.get().map(Vec::as_slice)
    }

    pub(crate) fn learn(&self, place: Vec<String>) {
        // Two pages that are mapped at once find the same.
        let _ = self.0.set(place);
    }
}

/// The parts of a plainer request that differ from the usual one's.
#[derive(Debug)]
pub(crate) struct Plainer {
    pub(crate) query: Option<Vec<(String, Template)>>,
    pub(crate) body: Option<Body>,
}

/// The request for changes.
#[derive(Debug)]
pub(crate) struct Since {
    pub(crate) sent_in: SinceIn,
    pub(crate) format: SinceFormat,
    /// The text that replaces `${since}` in a pull of everything.
    pub(crate) otherwise: String,
}

#[derive(Debug)]
pub(crate) enum SinceIn {
    Query(String),
    Header(HeaderName),
    /// A dotted path.
    Body(String),
    /// The text that replaces `${since}`, with `${time}` in it.
    Text(Template),
}

/// The values for each of which the list is read once.
#[derive(Debug)]
pub(crate) struct Each {
    pub(crate) name: String,
    pub(crate) url: Address,
    pub(crate) query: Vec<(String, Template)>,
    pub(crate) items: String,
    pub(crate) value: String,
    /// The parameter that carries the next page's word, and the word's path.
    pub(crate) next: Option<(String, String)>,
    pub(crate) within: Option<Box<Each>>,
}

impl Each {
    fn uses(&self, name: &str) -> bool {
        self.url.uses(name) || self.query.iter().any(|(_, text)| text.uses(name))
    }
}

/// A value that the map needs beside the records.
#[derive(Debug)]
pub(crate) struct ReadLookup {
    pub(crate) name: String,
    pub(crate) source: LookupSource,
    pub(crate) query: Vec<(String, Template)>,
    pub(crate) body: Option<Body>,
    pub(crate) items: String,
    pub(crate) full: Option<u32>,
    /// The path of the address of the next page.
    pub(crate) next: Option<String>,
    pub(crate) may_be_refused: bool,
}

#[derive(Debug)]
pub(crate) enum LookupSource {
    Url(Address),
    /// No request: the text itself, with the names of a page in it.
    Text(Template),
}

/// A JSON value with names in its texts.
#[derive(Debug)]
pub(crate) enum Body {
    Plain(Value),
    Text(Template),
    List(Vec<Body>),
    Object(Vec<(String, Body)>),
}

impl List {
    /// The number of look-ups that take a request.
    pub(crate) fn requested_lookups(&self) -> usize {
        let lookups = self.lookups.iter();
        let requested = lookups.filter(|lookup| matches!(lookup.source, LookupSource::Url(_)));
        requested.count()
    }

    /// True if a name stands in one of the list's texts.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.url.uses(name)
            || self.query.iter().any(|(_, text)| text.uses(name))
            || self.headers.iter().any(|(_, text)| text.uses(name))
            || self.body.as_ref().is_some_and(|body| body.uses(name))
            || self.each.as_ref().is_some_and(|each| each.uses(name))
    }
}

impl Body {
    /// Reads a manifest's value, which stands at `member`; `read` makes a template of a text, and is given its place.
    pub(crate) fn read<E>(
        member: &str,
        value: Value,
        read: &impl Fn(&str, &str) -> Result<Template, E>,
    ) -> Result<Self, E> {
        Ok(match value {
            Value::String(text) => Self::Text(read(member, &text)?),
            Value::Array(items) => Self::List(
                items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| Self::read(&format!("{member}.{index}"), item, read))
                    .collect::<Result<_, E>>()?,
            ),
            Value::Object(members) => Self::Object(
                members
                    .into_iter()
                    .map(|(name, value)| {
                        let value = Self::read(&format!("{member}.{name}"), value, read)?;
                        Ok((name, value))
                    })
                    .collect::<Result<_, E>>()?,
            ),
            plain => Self::Plain(plain),
        })
    }

    /// The text of a machine's request, if it is one.
    pub(crate) fn xml(&self) -> Option<&Template> {
        let Self::Object(members) = self else {
            return None;
        };
        members.iter().find_map(|(name, value)| match value {
            Self::Text(text) if name == "xml" => Some(text),
            _ => None,
        })
    }

    pub(crate) fn fill(&self, names: &BTreeMap<String, String>) -> Result<Value, MissingName> {
        Ok(match self {
            Self::Plain(value) => value.clone(),
            Self::Text(text) => Value::from(text.fill(names, str::to_owned)?),
            Self::List(items) => items
                .iter()
                .map(|item| item.fill(names))
                .collect::<Result<_, _>>()?,
            Self::Object(members) => members
                .iter()
                .map(|(name, value)| Ok((name.clone(), value.fill(names)?)))
                .collect::<Result<Map<_, _>, _>>()
                .map(Value::Object)?,
        })
    }

    pub(crate) fn uses(&self, name: &str) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Text(text) => text.uses(name),
            Self::List(items) => items.iter().any(|item| item.uses(name)),
            Self::Object(members) => members.iter().any(|(_, value)| value.uses(name)),
        }
    }
}
