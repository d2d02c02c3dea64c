//! A record's JSON in the one form that is stored.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON object as text, without white space around its members and without NUL characters, which PostgreSQL can't hold.
/// Values keep the digits that they came with. It is written once; what is added to it is added to the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document(String);

impl Default for Document {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

impl Document {
    /// Of anything that is written as a JSON object.
    pub(crate) fn of(object: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self(without_nul(serde_json::to_string(object)?)))
    }

    /// Reads a JSON object, whose members keep their places. None if the text is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut json = serde_json::Deserializer::from_str(text);
        let members = json.deserialize_map(Members).ok()?;
        json.end().ok()?;
        let mut document = Self::default();
        for (name, value) in &members {
            document.add(name, value.get());
        }
        Some(document)
    }

    /// Adds a member behind the others; its value is JSON.
    pub fn add(&mut self, name: &str, value: &str) {
        self.0.pop();
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0
            .push_str(&without_nul(serde_json::Value::from(name).to_string()));
        self.0.push(':');
        self.0.push_str(&without_nul(value.to_owned()));
        self.0.push('}');
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
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
    fn a_document_is_an_object_whose_members_are_untouched() {
        let parsed = |text: &str| Document::parse(text).map(|document| document.0);
        assert_eq!(
            parsed(r#"{"id":"1","n":0.10, "big":1e400,"a":{"metadata": 1}}"#).as_deref(),
            Some(r#"{"id":"1","n":0.10,"big":1e400,"a":{"metadata": 1}}"#)
        );
        assert_eq!(parsed("{}").as_deref(), Some("{}"));
        for text in ["", "[]", "1", "{", r#"{"a":1}x"#, r#"{"a":}"#] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn a_member_is_added_to_the_text() {
        let mut document = Document::default();
        document.add("a\"", "0.10");
        document.add("b", r#"{"c": "x\u0000"}"#);
        assert_eq!(document.as_str(), r#"{"a\"":0.10,"b":{"c": "x"}}"#);
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
