//! Members of a platform's record, found by a client's paths.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use records::Timestamp;
use serde_json::value::RawValue;

use crate::ask::json;

/// The records of an answer; the whole answer if it has nothing at the path. None if it isn't JSON.
pub(super) fn records<'a>(body: &'a [u8], items: &str) -> Option<Vec<&'a RawValue>> {
    let found = json::at(body, items).ok()?;
    let found = match found {
        Some(found) => Some(found),
        None => json::at(body, "").ok()?,
    };
    Some(found.map(json::each).unwrap_or_default())
}

/// A JSON object of the values at the paths; null if there is nothing.
pub(super) fn fields(record: &RawValue, paths: &BTreeMap<String, String>) -> String {
    object(paths, |path| {
        let found = select(record, path);
        if path_of(path).contains(&Step::All) {
            let texts: Vec<&str> = found.iter().map(|value| value.get()).collect();
            format!("[{}]", texts.join(","))
        } else {
            found.first().map_or("null", |value| value.get()).to_owned()
        }
    })
}

pub(super) fn nothing(paths: &BTreeMap<String, String>) -> String {
    object(paths, |_| "null".to_owned())
}

fn object(paths: &BTreeMap<String, String>, value: impl Fn(&str) -> String) -> String {
    let members: Vec<String> = paths
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

/// The steps of `$.a['b'][0].c[*]`, with or without the `$`; `$[*]` at the beginning is the record itself.
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
        // An unclosed bracket is part of a name that no record has.
        let end = if end == 0 { name.len() } else { end };
        if end > 0 {
            steps.push(Step::Name(&name[..end]));
        }
        rest = &name[end..];
    }
    steps
}

/// The values at a path, nulls left out.
pub(super) fn select<'a>(record: &'a RawValue, path: &str) -> Vec<&'a RawValue> {
    let mut found = vec![record];
    for step in path_of(path) {
        found = found
            .into_iter()
            .flat_map(|value| match step {
                Step::Name(name) => json::object(value)
                    .ok()
                    .and_then(|mut members| members.remove(name))
                    .into_iter()
                    .collect(),
                Step::Index(index) => json::array(value)
                    .ok()
                    .and_then(|items| items.get(index).copied())
                    .into_iter()
                    .collect(),
                Step::All => json::array(value).unwrap_or_default(),
            })
            .collect();
    }
    found.retain(|value| value.get() != "null");
    found
}

/// A time as platforms write them: ISO 8601, or seconds or milliseconds since 1970.
pub(super) fn time(value: &RawValue) -> Option<DateTime<Utc>> {
    /// The smallest number that is read as milliseconds. In seconds this is the year 5138; in milliseconds, 1973.
    const MILLISECONDS: i64 = 100_000_000_000;

    let text = json::scalar(value)?;
    match text.parse::<i64>() {
        Ok(number) if number.abs() >= MILLISECONDS => DateTime::from_timestamp_millis(number),
        Ok(number) => DateTime::from_timestamp(number, 0),
        Err(_) => Timestamp::parse(&text).map(Timestamp::instant),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Box<RawValue> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_path_finds_what_the_platform_wrote_and_nothing_else() {
        let record = parsed(r#"{"a":{"b":1.50,"c d":[{"e":1},{"e":null},{"f":2}]},"n":null}"#);
        let reported = |path: &str| {
            let paths = BTreeMap::from([("x".to_owned(), path.to_owned())]);
            fields(&record, &paths)
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
            assert_eq!(reported(path), format!("{{\"x\":{found}}}"), "{path}");
        }
    }

    #[test]
    fn times_are_read_in_the_usual_ways() {
        let read = |text: &str| time(&parsed(text)).map(|time| time.to_rfc3339());
        let noon = Some("2026-03-31T10:22:05+00:00".to_owned());
        assert_eq!(read(r#""2026-03-31T10:22:05Z""#), noon);
        assert_eq!(read("1774952525"), noon);
        assert_eq!(read("1774952525000"), noon);
        assert_eq!(read(r#""soon""#), None);
        assert_eq!(read("{}"), None);
    }
}
