//! The differences of two JSON texts, member by member and to the last digit.

use serde_json::value::RawValue;

use crate::ask::json;

/// A value that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `INV-7: lineItems[0].unitPrice`
    pub path: String,
    /// As JSON; None if nothing was expected.
    pub expected: Option<String>,
    /// As JSON; None if nothing came.
    pub came: Option<String>,
}

/// The differences below `path`. The order of members and spaces don't count; the digits of a number do.
pub(super) fn differences(path: &str, expected: &str, came: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    match (serde_json::from_str(expected), serde_json::from_str(came)) {
        (Ok(expected), Ok(came)) => walk(path, expected, came, &mut found),
        _ if expected == came => {}
        _ => found.push(Difference {
            path: path.to_owned(),
            expected: Some(expected.to_owned()),
            came: Some(came.to_owned()),
        }),
    }
    found
}

fn walk(path: &str, expected: &RawValue, came: &RawValue, found: &mut Vec<Difference>) {
    if let (Ok(wanted), Ok(given)) = (json::object(expected), json::object(came)) {
        for (name, value) in &wanted {
            let path = member(path, name);
            match given.get(name) {
                Some(came) => walk(&path, value, came, found),
                None => found.push(Difference {
                    path,
                    expected: Some(value.get().to_owned()),
                    came: None,
                }),
            }
        }
        for (name, value) in given.iter().filter(|(name, _)| !wanted.contains_key(*name)) {
            found.push(Difference {
                path: member(path, name),
                expected: None,
                came: Some(value.get().to_owned()),
            });
        }
        return;
    }
    if let (Ok(wanted), Ok(given)) = (json::array(expected), json::array(came)) {
        for index in 0..wanted.len().max(given.len()) {
            let path = format!("{path}[{index}]");
            match (wanted.get(index), given.get(index)) {
                (Some(wanted), Some(given)) => walk(&path, wanted, given, found),
                (wanted, given) => found.push(Difference {
                    path,
                    expected: wanted.map(|value| value.get().to_owned()),
                    came: given.map(|value| value.get().to_owned()),
                }),
            }
        }
        return;
    }
    let text = |value: &RawValue| serde_json::from_str::<String>(value.get()).ok();
    let same = match (text(expected), text(came)) {
        (Some(wanted), Some(given)) => wanted == given,
        (None, None) => expected.get() == came.get(),
        _ => false,
    };
    if !same {
        found.push(Difference {
            path: path.to_owned(),
            expected: Some(expected.get().to_owned()),
            came: Some(came.get().to_owned()),
        });
    }
}

fn member(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path if path.ends_with(':') => format!("{path} {name}"),
        path => format!("{path}.{name}"),
    }
}

/// JSON with two spaces to a level, lists of plain values on one line, and every number as it was written.
pub(super) fn laid_out(value: &RawValue, level: usize) -> String {
    let (inner, outer) = ("  ".repeat(level + 1), "  ".repeat(level));
    if let Ok(members) = serde_json::from_str::<Members<'_>>(value.get()) {
        if members.0.is_empty() {
            return "{}".to_owned();
        }
        let members: Vec<_> = members
            .0
            .iter()
            .map(|(name, value)| {
                let name = serde_json::Value::from(name.as_ref());
                format!("{inner}{name}: {}", laid_out(value, level + 1))
            })
            .collect();
        return format!("{{\n{}\n{outer}}}", members.join(",\n"));
    }
    match json::array(value) {
        Ok(items) => {
            let items: Vec<_> = items.iter().map(|item| laid_out(item, level)).collect();
            format!("[{}]", items.join(", "))
        }
        Err(_) => value.get().to_owned(),
    }
}

/// An object's members in their own order.
struct Members<'a>(Vec<(std::borrow::Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: serde::de::MapAccess<'de>>(
                self,
                mut map: M,
            ) -> Result<Self::Value, M::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    members.push((std::borrow::Cow::Owned(name), value));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_reported_by_their_place() {
        let found = differences(
            "INV-7:",
            r#"{"a": 1.50, "b": [1, {"c": "x"}], "d": null, "é": "\u00e9"}"#,
            r#"{"é":"é","b":[1,{"c":"y"},2],"a":1.5}"#,
        );
        let reported: Vec<_> = found
            .iter()
            .map(|d| (d.path.as_str(), d.expected.as_deref(), d.came.as_deref()))
            .collect();
        assert_eq!(
            reported,
            [
                ("INV-7: a", Some("1.50"), Some("1.5")),
                ("INV-7: b[1].c", Some("\"x\""), Some("\"y\"")),
                ("INV-7: b[2]", None, Some("2")),
                ("INV-7: d", Some("null"), None),
            ]
        );
        assert!(differences("", "{ \"b\": 1, \"a\": [] }", "{\"a\":[],\"b\":1}").is_empty());
    }

    #[test]
    fn json_is_laid_out_with_its_digits_and_its_order() {
        let value: Box<RawValue> =
            serde_json::from_str(r#"{"b":1.50,"a":[1,2],"o":{"x":[{"y":0.10}]},"e":{}}"#).unwrap();
        assert_eq!(
            laid_out(&value, 0),
            "{\n  \"b\": 1.50,\n  \"a\": [1, 2],\n  \"o\": {\n    \"x\": [{\n      \"y\": 0.10\n    }]\n  },\n  \"e\": {}\n}"
        );
    }
}
