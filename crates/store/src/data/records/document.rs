//! A record's document on its way into the table: without what the table itself knows, and without what PostgreSQL can't hold.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Members that are written from the table's columns when the record is read.
const STAMPS: [&str; 3] = ["modifiedDate", "sourceModifiedDate", "metadata"];

/// Makes the text of a JSON object ready to be stored. Every other member keeps its place and its digits. None where the
/// text is no JSON object.
pub(super) fn storable(document: &str) -> Option<String> {
    let mut json = serde_json::Deserializer::from_str(document);
    let members = json.deserialize_map(Members).ok()?;
    json.end().ok()?;
    let mut text = String::with_capacity(document.len());
    text.push('{');
    for (name, value) in members
        .iter()
        .filter(|(name, _)| !STAMPS.contains(&name.as_ref()))
    {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&serde_json::Value::from(name.as_ref()).to_string());
        text.push(':');
        text.push_str(value.get());
    }
    text.push('}');
    Some(without_nul(text))
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// Drops the escape `\u0000` from JSON text, which PostgreSQL's JSON functions refuse, but not the six characters that follow
/// an escaped backslash.
fn without_nul(json: String) -> String {
    const NUL: &str = "\\u0000";
    if !json.contains(NUL) {
        return json;
    }
    let mut kept = String::with_capacity(json.len());
    let mut rest = json.as_str();
    while let Some(at) = rest.find('\\') {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix(NUL) {
            rest = after;
        } else {
            let end = rest
                .char_indices()
                .nth(2)
                .map_or(rest.len(), |(end, _)| end);
            kept.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_table_knows_is_left_out_and_the_rest_untouched() {
        assert_eq!(
            storable(r#"{"id":"1","n":0.10, "metadata":{"isDeleted":true},"big":1e400,"sourceModifiedDate":"2020-01-01","a":{"metadata": 1}}"#)
                .as_deref(),
            Some(r#"{"id":"1","n":0.10,"big":1e400,"a":{"metadata": 1}}"#)
        );
        assert_eq!(storable("{}").as_deref(), Some("{}"));
        for text in ["", "[]", "1", "{", r#"{"a":1}x"#, r#"{"a":}"#] {
            assert_eq!(storable(text), None, "{text}");
        }
    }

    #[test]
    fn only_real_nul_escapes_are_dropped() {
        let dropped = |text: &str| without_nul(text.to_owned());
        assert_eq!(dropped(r#"{"a":"x\u0000y"}"#), r#"{"a":"xy"}"#);
        assert_eq!(
            dropped(r#"{"a":"\\u0000 \u00e9 \u0000\u0000"}"#),
            r#"{"a":"\\u0000 \u00e9 "}"#
        );
        assert_eq!(dropped(r#"{"a":"é\u0000"}"#), r#"{"a":"é"}"#);
    }
}
