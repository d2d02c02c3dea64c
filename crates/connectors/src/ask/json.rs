//! Looking into a JSON body without building it: syntax is checked, numbers stay text.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::text::steps;

/// The value at a dotted path (`pageInfo.nextCursor`, `errors.0.detail`); the whole if the path is empty. A step may name
/// several members (`Payment|PaymentTxn`), of which the first that is there counts. A dot of a member's own name stands behind
/// a backslash (`@odata\.nextLink`).
/// `Ok(None)` if there is nothing, or null; an error if the body is not JSON.
pub(crate) fn at<'a>(body: &'a [u8], path: &str) -> Result<Option<&'a RawValue>, NotJson> {
    let mut value: &RawValue = serde_json::from_slice(body).map_err(|_| NotJson)?;
    for step in steps(path) {
        let next = match value.get().as_bytes().first() {
            Some(b'{') => {
                let mut members = object(value)?;
                step.split('|').find_map(|name| members.remove(name))
            }
            Some(b'[') => {
                let items = array(value)?;
                step.parse()
                    .ok()
                    .and_then(|index: usize| items.get(index).copied())
            }
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return Ok(None),
        }
    }
    Ok((value.get() != "null").then_some(value))
}

/// A string's content, or a number's or boolean's text.
pub(crate) fn scalar(value: &RawValue) -> Option<String> {
    let text = value.get();
    match text.as_bytes().first()? {
        b'"' => serde_json::from_str(text).ok(),
        b'{' | b'[' => None,
        _ => Some(text.to_owned()),
    }
}

/// The text or number at a path of members of an object; the rest is read past, and nothing is built.
pub(crate) fn scalar_below(value: &[u8], path: &[String]) -> Option<String> {
    let mut value: &RawValue = serde_json::from_slice(value).ok()?;
    for name in path {
        let mut members = serde_json::Deserializer::from_str(value.get());
        value = Member(name).deserialize(&mut members).ok()??;
    }
    scalar(value)
}

/// The last member of a name, as a reader of the whole object would have it.
struct Member<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, object: D) -> Result<Self::Value, D::Error> {
        object.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = members.next_key::<Key<'de>>()? {
            if name.0 == self.0 {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// A member's name, decoded if it is written with escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>);

/// An array's elements; any other value by itself.
pub(crate) fn each(value: &RawValue) -> Vec<&RawValue> {
    array(value).unwrap_or_else(|_| vec![value])
}

/// The number of an array's elements; 1 for any other value.
pub(crate) fn count(value: &RawValue) -> usize {
    array(value).map_or(1, |items| items.len())
}

/// Rows that follow each other and have equal values at the paths, together. An array is such a group already.
pub(crate) fn groups<'a>(rows: Vec<&'a RawValue>, by: &[String]) -> Vec<Vec<&'a RawValue>> {
    let key_of = |row: &'a RawValue| -> Vec<Option<&'a str>> {
        let paths = by.iter();
        paths
            .map(|path| Some(at(row.get().as_bytes(), path).ok()??.get()))
            .collect()
    };
    let mut groups: Vec<Vec<&RawValue>> = Vec::new();
    let mut last = None;
    for row in rows {
        if let Ok(rows) = array(row) {
            groups.push(rows);
            last = None;
            continue;
        }
        let key = key_of(row);
        match groups.last_mut() {
            Some(group) if last.as_ref() == Some(&key) => group.push(row),
            _ => groups.push(vec![row]),
        }
        last = Some(key);
    }
    groups
}

/// Values as a JSON array.
pub(crate) fn listed(values: &[&RawValue]) -> String {
    let texts: Vec<&str> = values.iter().map(|value| value.get()).collect();
    format!("[{}]", texts.join(","))
}

/// A body that has a value at a dotted path, and nothing else.
pub(crate) fn wrapped(path: &str, value: String) -> String {
    let mut body = value;
    for step in steps(path).iter().rev() {
        body = match step.parse::<usize>() {
            Ok(place) => format!("[{}{body}]", "null,".repeat(place)),
            Err(_) => {
                let name = step.split('|').next().unwrap_or(step);
                format!("{{{}:{body}}}", Value::from(name))
            }
        };
    }
    body
}

/// A value as a query writes it: a text without quotes, anything else as JSON.
pub(crate) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The body is not JSON.
#[derive(Debug)]
pub(crate) struct NotJson;

/// An object's members. Keys are decoded, since a platform may write any of them with escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Object<'a>(#[serde(borrow)] BTreeMap<std::borrow::Cow<'a, str>, &'a RawValue>);

pub(crate) fn object(
    value: &RawValue,
) -> Result<BTreeMap<std::borrow::Cow<'_, str>, &RawValue>, NotJson> {
    serde_json::from_str::<Object<'_>>(value.get())
        .map(|object| object.0)
        .map_err(|_| NotJson)
}

pub(crate) fn array(value: &RawValue) -> Result<Vec<&RawValue>, NotJson> {
    serde_json::from_str(value.get()).map_err(|_| NotJson)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_value_or_to_nothing() {
        let body = br#"{"page":{"next":"a\"b","more":true,"n":12},"list":[{"x":1},2],"none":null}"#;
        let read = |path| at(body, path).unwrap().and_then(scalar);
        assert_eq!(read("page.next").as_deref(), Some("a\"b"));
        assert_eq!(read("page.more").as_deref(), Some("true"));
        assert_eq!(read("list.0.x").as_deref(), Some("1"));
        for path in ["none", "page.none", "list.7", "page.next.further", "list"] {
            assert_eq!(read(path), None, "{path}");
        }
        assert_eq!(count(at(body, "list").unwrap().unwrap()), 2);
        let place = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let below = |names: &[&str]| scalar_below(body, &place(names));
        assert_eq!(below(&["page", "n"]).as_deref(), Some("12"));
        assert_eq!(below(&["page", "next"]).as_deref(), Some("a\"b"));
        assert_eq!(below(&["page"]), None);
        assert_eq!(below(&["list", "x"]), None);
        let written = br#"{"\u0069d":1,"id":"last"}"#;
        assert_eq!(
            scalar_below(written, &place(&["id"])).as_deref(),
            Some("last")
        );
        let dotted = br#"{"@odata.nextLink":"n","@odata":{"nextLink":"other"}}"#;
        let found = at(dotted, r"@odata\.nextLink").unwrap().and_then(scalar);
        assert_eq!(found.as_deref(), Some("n"));
        let rows: Vec<Box<RawValue>> = serde_json::from_str(
            r#"[{"n":1,"d":"x"},{"n":2,"d":"x"},{"n":3,"d":"y"},{"n":4},{"n":5},{"n":6,"d":"x"},[{"n":7,"d":"x"}]]"#,
        )
        .unwrap();
        let groups = groups(rows.iter().map(|row| &**row).collect(), &["d".to_owned()]);
        let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1, 2, 1, 1]);
        assert_eq!(
            wrapped("a.1.b|c", listed(&groups[1])),
            r#"{"a":[null,{"b":[{"n":3,"d":"y"}]}]}"#
        );
        assert!(at(b"{\"a\":1", "a").is_err());
        assert!(at(b"<html>", "").is_err());
    }
}
