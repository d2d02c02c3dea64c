//! `[[data]]`: the lists that a data type is read from, their paging, and their restriction to changes.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use records::DataType;
use serde::Deserialize;
use serde_json::Value;

use super::RefusalSection;

/// A list that a data type is read from; there may be several.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataSection {
    pub(crate) r#type: DataType,
    #[serde(default)]
    pub(crate) when: When,
    #[serde(default)]
    pub(crate) method: ReadMethod,
    /// One of `[api.bases]`, below which the path stands; if left out, `base_url`.
    pub(crate) base: Option<String>,
    #[serde(default = "super::machine::no_path")]
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// The body of a POST.
    pub(crate) body: Option<Value>,
    /// Requests that are made in turn if the one before is refused.
    #[serde(default)]
    pub(crate) plainer: Vec<PlainerSection>,
    pub(crate) paging: Paging,
    pub(crate) since: Option<SinceSection>,
    pub(crate) each: Option<EachSection>,
    /// Values that the map needs beside the records (`$lookup.name`), read before each page.
    #[serde(default)]
    pub(crate) lookup: BTreeMap<String, ReadLookupSection>,
    /// Dotted path to the array in a page, or to the one object of it; the whole body if empty.
    #[serde(default)]
    pub(crate) items: String,
    /// Paths in a row: rows that follow each other with equal values there are one record, which the map gets as an array.
    #[serde(default)]
    pub(crate) fold: Vec<String>,
    /// An answer without anything there is an empty list, and not a mistake.
    #[serde(default)]
    pub(crate) items_may_be_absent: bool,
    /// Statuses that say that there is no such list, which is then empty.
    #[serde(default)]
    pub(crate) empty_statuses: Vec<u16>,
    /// Refusals that mean something of this list; looked through before those of `[api]`.
    #[serde(default)]
    pub(crate) refusals: Vec<RefusalSection>,
    pub(crate) map: String,
}

/// The pulls in which a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum When {
    #[default]
    Always,
    /// Pulls of changes.
    Changes,
    /// Pulls of everything.
    Whole,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ReadMethod {
    #[default]
    Get,
    Post,
}

/// The parts of a plainer request that differ from the usual one's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlainerSection {
    pub(crate) query: Option<BTreeMap<String, String>>,
    pub(crate) body: Option<Value>,
}

/// The values for each of which a list is read once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EachSection {
    /// The name of the value in the list's texts.
    pub(crate) name: String,
    pub(crate) base: Option<String>,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    /// Dotted path to the array.
    #[serde(default)]
    pub(crate) items: String,
    /// The member of each element.
    pub(crate) value: String,
    /// The path of the word that stands for the next page, and the parameter that carries it; without them, all is in one
    /// answer.
    pub(crate) next: Option<String>,
    pub(crate) parameter: Option<String>,
    /// The values for each of which these values are read; their name is known here alone.
    pub(crate) within: Option<Box<EachSection>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadLookupSection {
    pub(crate) base: Option<String>,
    pub(crate) path: Option<String>,
    /// Instead of a path: the text itself, for names of the request that the answer doesn't repeat.
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    /// With a body, it is a POST.
    pub(crate) body: Option<Value>,
    /// Dotted path to the value that the map gets; null if nothing is there.
    #[serde(default)]
    pub(crate) items: String,
    /// The number of records at which the platform stops; with `next`, the most that are gathered.
    pub(crate) full: Option<u32>,
    /// Dotted path to the address of the next page, which is read too.
    pub(crate) next: Option<String>,
    /// The map does without it if the platform doesn't give it.
    #[serde(default)]
    pub(crate) may_be_refused: bool,
}

/// A data type that the platform doesn't have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnsupportedSection {
    pub(crate) r#type: DataType,
    /// A sentence.
    pub(crate) reason: String,
}

/// The reading of lists that a client requests itself (custom data types).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListSection {
    pub(crate) paging: Paging,
    /// As in a data type; an answer that has nothing there is one record.
    #[serde(default)]
    pub(crate) items: String,
}

/// The way from a page of a list to the next one. Paths are dotted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "style", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Paging {
    /// Everything in one answer.
    None {
        /// The number of records at which the platform stops: an answer with as many is not the end.
        full: Option<u32>,
    },
    /// `?page=1`, `?page=2`, … until the last, or until a page is not full.
    Page {
        /// None if `${page}` stands in a text.
        parameter: Option<String>,
        #[serde(default = "one")]
        first: i64,
        size_parameter: Option<String>,
        size: Option<u32>,
        /// The path of the number of pages.
        pages: Option<String>,
        /// The path of the number of records on all pages.
        total: Option<String>,
    },
    /// A word of the platform's that stands for the next page.
    Cursor {
        /// None if `${cursor}` stands in a text.
        parameter: Option<String>,
        size_parameter: Option<String>,
        size: Option<u32>,
        /// The path of the next word.
        next: String,
        /// The path of a boolean: `true` if there are more pages. Absent means no.
        more: Option<String>,
        total: Option<String>,
    },
    /// A walk through a list that a machine keeps during one call, and that goes on by its name; `${cursor}` stands in a text.
    Iterator {
        size: Option<u32>,
        /// The text that begins it, and the one that goes on with it, with `${id}` in it.
        first: String,
        then: String,
        /// The paths of its name, and of the number of records that are left.
        next: String,
        remaining: String,
    },
    /// The URL of the next page, which must be of the same origin.
    Link {
        size_parameter: Option<String>,
        size: Option<u32>,
        next: String,
        total: Option<String>,
    },
    /// A number of records to skip, or the record to go on behind.
    Offset {
        /// None if `${offset}` stands in a text.
        parameter: Option<String>,
        #[serde(default)]
        first: i64,
        size_parameter: Option<String>,
        size: Option<u32>,
        /// The member of a page's last record that the next page starts behind; else records are counted.
        last: Option<String>,
        total: Option<String>,
    },
    /// Months of a statement, back from the current one, `size` at a time.
    Months {
        size: NonZeroU32,
        /// The last day of the months that others may be compared with, for a platform that ends every compared month on the
        /// day on which the last one ends: 31, so that all of them are whole. A shorter last month is requested alone.
        last_day: Option<u32>,
        /// The look-up that gives the day before which there is nothing; null if there is nothing at all. Without it, every month
        /// that is wanted is requested.
        earliest: Option<String>,
        /// Parameters that a request for more than one month has beside the others.
        #[serde(default)]
        compared: BTreeMap<String, String>,
    },
}

impl Paging {
    /// The name that must stand in a text of the list because no parameter carries the page.
    pub(crate) fn needed_name(&self) -> Option<&'static str> {
        match self {
            Self::Page {
                parameter: None, ..
            } => Some("page"),
            Self::Cursor {
                parameter: None, ..
            }
            | Self::Iterator { .. } => Some("cursor"),
            Self::Offset {
                parameter: None, ..
            } => Some("offset"),
            _ => None,
        }
    }

    pub(crate) fn size(&self) -> (Option<&str>, Option<u32>) {
        match self {
            Self::None { .. } | Self::Months { .. } => (None, None),
            Self::Iterator { size, .. } => (None, *size),
            Self::Page {
                size_parameter,
                size,
                ..
            }
            | Self::Cursor {
                size_parameter,
                size,
                ..
            }
            | Self::Link {
                size_parameter,
                size,
                ..
            }
            | Self::Offset {
                size_parameter,
                size,
                ..
            } => (size_parameter.as_deref(), *size),
        }
    }

    /// The rows of a full page, if pages go on behind a row, wherever that one's record ends.
    pub(crate) fn rows_of_folded(&self) -> Option<usize> {
        match self {
            Self::Offset { size, .. } => size.map(|size| size as usize),
            _ => None,
        }
    }

    /// The number of the first row, if rows are counted.
    pub(crate) fn first_row(&self) -> u64 {
        match self {
            Self::Offset { first, .. } => u64::try_from(*first).unwrap_or(0),
            _ => 0,
        }
    }

    /// The member behind whose value the next page starts, if rows aren't counted.
    pub(crate) fn last_member(&self) -> Option<&str> {
        match self {
            Self::Offset { last, .. } => last.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn total(&self) -> Option<&str> {
        match self {
            Self::None { .. } | Self::Months { .. } | Self::Iterator { .. } => None,
            Self::Page { total, .. }
            | Self::Cursor { total, .. }
            | Self::Link { total, .. }
            | Self::Offset { total, .. } => total.as_deref(),
        }
    }
}

/// The request for changes since a time, in exactly one of these ways.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SinceSection {
    pub(crate) query: Option<String>,
    pub(crate) header: Option<String>,
    /// A dotted path in the body.
    pub(crate) body: Option<String>,
    /// The text that replaces `${since}`, with `${time}` in it.
    pub(crate) text: Option<String>,
    /// The text that replaces `${since}` in a pull of everything.
    #[serde(default)]
    pub(crate) otherwise: String,
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

fn one() -> i64 {
    1
}
