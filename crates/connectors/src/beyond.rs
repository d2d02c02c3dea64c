//! What a client wants of a platform beyond the standard models: data types of its own, and further fields of standard records.
//!
//! Both name a place below the platform's API and members of its records by paths: `$.Header.Time`, `$.Lines[*].Id`,
//! `$[*].id` (the record itself), or plainly `Header.Time`. Values are taken as the platform wrote them, to the last digit.

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use egress::{Door, HeaderMap};
use records::{DataType, Document, Record, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use url::Url;

use crate::data::plain;
use crate::fetch::{Cursor, FetchError, Page, Remaining, fill_url};
use crate::identity::Access;
use crate::integration::Integration;
use crate::manifest::{Paging, ReadMethod};
use crate::mapping::{MapError, MappedPage};
use crate::paging::{Place, same_origin};
use crate::raw;

/// A data type of a client's own, as the client configures it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomData {
    /// Below the platform's API, with a query if need be: `/reports/CashFlow?year=2026`.
    pub data_source: String,
    /// The client's names, and the paths of what they stand for.
    #[serde(default)]
    pub required_data: BTreeMap<String, String>,
    /// The paths that tell records apart.
    pub key_by: Vec<String>,
    /// Paths of the time at which the platform last changed a record; the first that holds one counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Vec<String>>,
}

/// Further fields of a standard data type's records, by the names that a client gives to groups of them.
pub type SupplementalData = BTreeMap<String, Supplement>;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Supplement {
    /// Below the platform's API. Where it is that which the data type is read from, or absent, the fields are those of
    /// the record that comes anyway; elsewhere `<dataSource>/<id>` is asked for each record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<String>,
    /// The client's names, and the paths in the platform's record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_data: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_data: Option<BTreeMap<String, String>>,
}

/// How the answer of a place is read.
struct List<'a> {
    paging: &'a Paging,
    items: &'a str,
}

const WHOLE: List<'static> = List {
    paging: &Paging::None {},
    items: "",
};

impl Integration {
    /// Fetches a page of a client's own data type.
    pub async fn fetch_custom(
        &self,
        door: &Door,
        access: &Access<'_>,
        wanted: &CustomData,
        cursor: Option<&Cursor>,
    ) -> Result<Page, FetchError> {
        let mut url = self.place(access.variables, &wanted.data_source)?;
        let list = self.list_at(access.variables, &url);
        if let (Paging::Link { .. }, Some(Cursor(link))) = (list.paging, cursor) {
            url = same_origin(&url, link)?;
        } else {
            // What the client asks for itself, it asks for once.
            let given: Vec<String> = url.query_pairs().map(|pair| pair.0.into_owned()).collect();
            let pairs: Vec<_> = list
                .paging
                .pairs(cursor.map(|Cursor(page)| page.as_str()))
                .into_iter()
                .filter(|(name, _)| !given.iter().any(|given| given == name))
                .map(|(name, value)| (name, plain(&value)))
                .collect();
            if !pairs.is_empty() {
                url.query_pairs_mut().extend_pairs(pairs);
            }
        }
        let (body, remaining) = self
            .get(door, access, url.clone(), HeaderMap::new())
            .await?;
        let found = raw::at(&body, list.items)
            .map_err(|_| FetchError::Malformed("it is not JSON".to_owned()))?;
        if found.is_none() {
            // Not the list that the platform's lists usually are: one answer, one record.
            return Ok(Page {
                body,
                remaining,
                ..Page::default()
            });
        }
        let found = Place {
            paging: list.paging,
            items: list.items,
            may_be_absent: false,
            url,
            page: cursor.map(|Cursor(page)| page.as_str()),
            known: access.variables,
        }
        .find(&body)?;
        Ok(Page {
            body,
            next: found.next.map(Cursor),
            total: found.total,
            remaining,
            ..Page::default()
        })
    }

    /// The records of such a page. Work for a processor: call it off the async threads.
    pub fn map_custom(
        &self,
        variables: &BTreeMap<String, String>,
        name: &str,
        wanted: &CustomData,
        page: &Page,
    ) -> Result<MappedPage, MapError> {
        let refused = |index, message: &str| MapError {
            data_type: name.to_owned(),
            index,
            id: None,
            message: message.to_owned(),
        };
        let url = self.place(variables, &wanted.data_source);
        let url = url.map_err(|error| refused(0, &error.to_string()))?;
        let items = self.list_at(variables, &url).items;
        let mut mapped = MappedPage::default();
        for (index, record) in records(&page.body, items)
            .ok_or_else(|| refused(0, "the page is not JSON"))?
            .into_iter()
            .enumerate()
        {
            let parts: Option<Vec<String>> = wanted
                .key_by
                .iter()
                .map(|path| {
                    select(record, path)
                        .first()
                        .and_then(|value| raw::scalar(value))
                })
                .collect();
            let id = parts.map(|parts| parts.join(":")).unwrap_or_default();
            if id.is_empty() {
                let message = format!("nothing at keyBy {}", wanted.key_by.join(", "));
                return Err(refused(index, &message));
            }
            let dates = wanted.source_modified_date.iter().flatten();
            let modified = dates
                .filter_map(|path| select(record, path).first().and_then(|value| time(value)))
                .next();
            let mut document = Document::default();
            document.add("id", &serde_json::Value::from(id.as_str()).to_string());
            document.add("content", &fields(record, &wanted.required_data));
            mapped.records.push(Record::custom(&id, document, modified));
            mapped.items.push(index);
        }
        Ok(mapped)
    }

    /// Whether what is to be added stands in the platform's records as they come.
    pub fn comes_with(
        &self,
        variables: &BTreeMap<String, String>,
        data_type: DataType,
        added: &Supplement,
    ) -> bool {
        let Some(source) = added
            .data_source
            .as_deref()
            .filter(|source| !source.trim().is_empty())
        else {
            return true;
        };
        let Ok(place) = self.place(variables, source) else {
            return false;
        };
        let lists = self.data.get(&data_type).into_iter().flatten();
        lists
            .filter_map(|list| fill_url(&list.url, variables).ok())
            .any(|own| own.path() == place.path())
    }

    /// What the platform answers at a place, or below it at a record's id: none where it has nothing there. And how many
    /// requests it says are left.
    pub async fn fetch_beside(
        &self,
        door: &Door,
        access: &Access<'_>,
        source: &str,
        id: Option<&str>,
    ) -> Result<(Option<Bytes>, Remaining), FetchError> {
        let nothing = (None, Remaining::default());
        let mut url = match self.place(access.variables, source) {
            Ok(url) => url,
            Err(_) => return Ok(nothing),
        };
        if let (Some(id), Ok(mut segments)) = (id, url.path_segments_mut()) {
            segments.pop_if_empty().push(id);
        }
        match self.get(door, access, url, HeaderMap::new()).await {
            Ok((body, remaining)) => Ok((Some(body), remaining)),
            Err(
                FetchError::Refused { .. } | FetchError::Forbidden(_) | FetchError::Malformed(_),
            ) => Ok(nothing),
            Err(error) => Err(error),
        }
    }

    /// Adds `supplementalData` to the records of a page. `beside` holds what was fetched from a source for a record's id;
    /// what can't be had is null. Deleted records stay as they are.
    pub fn supplement(
        &self,
        access: &Access<'_>,
        data_type: DataType,
        page: &Page,
        mapped: &mut MappedPage,
        wanted: &SupplementalData,
        beside: &BTreeMap<(String, String), Bytes>,
    ) {
        let lists = self.data.get(&data_type);
        let items = lists
            .and_then(|lists| lists.get(page.list))
            .map_or("", |list| &list.items);
        let sources = records(&page.body, items).unwrap_or_default();
        let answer = self.custom.as_ref().map_or("", |list| &list.items);
        let with_items = mapped.records.iter_mut().zip(&mapped.items);
        for (record, item) in with_items.filter(|(record, _)| !record.deleted) {
            let groups: Vec<String> = wanted
                .iter()
                .filter_map(|(group, added)| {
                    let pulled = added.pull_data.as_ref()?;
                    let own = self.comes_with(access.variables, data_type, added);
                    let found = if own {
                        sources.get(*item).map(|source| fields(source, pulled))
                    } else {
                        let source = added.data_source.clone().unwrap_or_default();
                        let body = beside.get(&(source, record.id.clone()));
                        body.and_then(|body| records(body, answer))
                            .and_then(|found| found.first().map(|source| fields(source, pulled)))
                    };
                    let found = found.unwrap_or_else(|| nothing(pulled));
                    Some(format!(
                        "{}:{found}",
                        serde_json::Value::from(group.as_str())
                    ))
                })
                .collect();
            if !groups.is_empty() {
                let content = format!("{{\"content\":{{{}}}}}", groups.join(","));
                record.document.add("supplementalData", &content);
            }
        }
    }

    /// The address that a client names. Whatever it names, it stays below the platform's API.
    fn place(&self, variables: &BTreeMap<String, String>, source: &str) -> Result<Url, FetchError> {
        let refused = || FetchError::NoSuchPlace(source.chars().take(100).collect());
        let base = fill_url(&self.api.base, variables)?;
        let root = base.path().trim_end_matches('/').to_owned();
        let source = source.trim();
        if source.contains("://") || source.starts_with("//") || source.contains(['\\', '#']) {
            return Err(refused());
        }
        let below = source.trim_start_matches('/');
        // A source may repeat the API's own path, as the platform's documentation writes it.
        let below = below
            .strip_prefix(root.trim_start_matches('/'))
            .filter(|rest| !root.is_empty() && rest.starts_with('/'))
            .unwrap_or(below)
            .trim_start_matches('/');
        let text = format!("{}/{below}", base.as_str().trim_end_matches('/'));
        let url = Url::parse(&text).map_err(|_| refused())?;
        let within = url.origin() == base.origin() && url.path().starts_with(&format!("{root}/"));
        if within { Ok(url) } else { Err(refused()) }
    }

    /// A place that a data type is read from is read as the data type is, where there is but one way of reading it.
    fn list_at(&self, variables: &BTreeMap<String, String>, url: &Url) -> List<'_> {
        let mut known = self.data.values().flatten().filter(|data| {
            data.method == ReadMethod::Get
                && data.paging.needed_name().is_none()
                && fill_url(&data.url, variables).is_ok_and(|known| known.path() == url.path())
        });
        if let Some(data) = known.next()
            && known.all(|other| other.paging == data.paging && other.items == data.items)
        {
            return List {
                paging: &data.paging,
                items: &data.items,
            };
        }
        match &self.custom {
            Some(list) => List {
                paging: &list.paging,
                items: &list.items,
            },
            None => WHOLE,
        }
    }
}

/// The records of an answer; the whole answer where it has nothing at the path. None where it is no JSON.
fn records<'a>(body: &'a [u8], items: &str) -> Option<Vec<&'a RawValue>> {
    let found = raw::at(body, items).ok()?;
    let found = match found {
        Some(found) => Some(found),
        None => raw::at(body, "").ok()?,
    };
    Some(found.map(raw::each).unwrap_or_default())
}

/// A JSON object of the values at the paths, null where there is nothing.
fn fields(record: &RawValue, wanted: &BTreeMap<String, String>) -> String {
    object(wanted, |path| {
        let found = select(record, path);
        if path_of(path).contains(&Step::All) {
            let texts: Vec<&str> = found.iter().map(|value| value.get()).collect();
            format!("[{}]", texts.join(","))
        } else {
            found.first().map_or("null", |value| value.get()).to_owned()
        }
    })
}

fn nothing(wanted: &BTreeMap<String, String>) -> String {
    object(wanted, |_| "null".to_owned())
}

fn object(wanted: &BTreeMap<String, String>, value: impl Fn(&str) -> String) -> String {
    let members: Vec<String> = wanted
        .iter()
        .map(|(name, path)| format!("{}:{}", serde_json::Value::from(name.as_str()), value(path)))
        .collect();
    format!("{{{}}}", members.join(","))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'a> {
    Name(&'a str),
    Index(usize),
    /// Every element.
    All,
}

/// `$.a['b'][0].c[*]`, with or without the `$`; `$[*]` at the beginning is the record itself.
fn path_of(text: &str) -> Vec<Step<'_>> {
    let text = text.trim();
    let mut rest = text.strip_prefix('$').unwrap_or(text);
    rest = rest.strip_prefix("[*]").unwrap_or(rest);
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[')
            && let Some((inside, after)) = inside.split_once(']')
        {
            let name = inside.trim_matches(['\'', '"']);
            steps.push(match inside.parse() {
                Ok(index) => Step::Index(index),
                Err(_) if inside == "*" => Step::All,
                Err(_) => Step::Name(name),
            });
            rest = after;
            continue;
        }
        let name = rest.trim_start_matches('.');
        let end = name.find(['.', '[']).unwrap_or(name.len());
        // A bracket that nobody closes is part of a name that no record has.
        let end = if end == 0 { name.len() } else { end };
        if end > 0 {
            steps.push(Step::Name(&name[..end]));
        }
        rest = &name[end..];
    }
    steps
}

/// The values at a path. Null is nothing.
fn select<'a>(record: &'a RawValue, path: &str) -> Vec<&'a RawValue> {
    let mut found = vec![record];
    for step in path_of(path) {
        found = found
            .into_iter()
            .flat_map(|value| match step {
                Step::Name(name) => raw::object(value)
                    .ok()
                    .and_then(|mut members| members.remove(name))
                    .into_iter()
                    .collect(),
                Step::Index(index) => raw::array(value)
                    .ok()
                    .and_then(|items| items.get(index).copied())
                    .into_iter()
                    .collect(),
                Step::All => raw::array(value).unwrap_or_default(),
            })
            .collect();
    }
    found.retain(|value| value.get() != "null");
    found
}

/// A time as platforms write them: ISO 8601, or seconds or milliseconds since 1970.
fn time(value: &RawValue) -> Option<DateTime<Utc>> {
    /// In seconds this is the year 5138; in milliseconds, 1973.
    const MILLISECONDS: i64 = 100_000_000_000;

    let text = raw::scalar(value)?;
    match text.parse::<i64>() {
        Ok(number) if number.abs() >= MILLISECONDS => DateTime::from_timestamp_millis(number),
        Ok(number) => DateTime::from_timestamp(number, 0),
        Err(_) => Timestamp::parse(&text).map(Timestamp::instant),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_path_finds_what_the_platform_wrote_and_nothing_else() {
        let record = raw(r#"{"a":{"b":1.50,"c d":[{"e":1},{"e":null},{"f":2}]},"n":null}"#);
        let told = |path: &str| {
            let wanted = BTreeMap::from([("x".to_owned(), path.to_owned())]);
            fields(&record, &wanted)
        };
        for (path, found) in [
            ("$.a.b", "1.50"),
            ("a.b", "1.50"),
            ("$[*].a.b", "1.50"),
            ("$['a']['b']", "1.50"),
            ("$.a['c d'][0].e", "1"),
            ("$.a['c d'][*].e", "[1]"),
            ("$.n", "null"),
            ("$.a.z", "null"),
            ("$.a.b.z", "null"),
            ("$.z[*]", "[]"),
            ("$.a[", "null"),
            (
                "$..",
                "{\"a\":{\"b\":1.50,\"c d\":[{\"e\":1},{\"e\":null},{\"f\":2}]},\"n\":null}",
            ),
        ] {
            assert_eq!(told(path), format!("{{\"x\":{found}}}"), "{path}");
        }
    }

    #[test]
    fn times_are_read_in_the_usual_ways() {
        let read = |text: &str| time(&raw(text)).map(|time| time.to_rfc3339());
        let noon = Some("2026-03-31T10:22:05+00:00".to_owned());
        assert_eq!(read(r#""2026-03-31T10:22:05Z""#), noon);
        assert_eq!(read("1774952525"), noon);
        assert_eq!(read("1774952525000"), noon);
        assert_eq!(read(r#""soon""#), None);
        assert_eq!(read("{}"), None);
    }
}
