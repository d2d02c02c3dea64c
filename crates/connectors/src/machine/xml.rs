//! XML as machines write it: bounded in size and depth, without document types and with no entities but XML's own five.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde_json::{Map, Value};

/// The deepest nesting that is read.
const DEEPEST: usize = 40;

/// An element: names are without their prefixes, texts without white space around them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    /// Without declarations of namespaces.
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

/// The reason why a text can't be read: a sentence without any of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    #[error("it has more than {0} elements")]
    TooMany(usize),
    #[error("it nests more than {DEEPEST} levels deep")]
    TooDeep,
    #[error("it has a document type, which is not read")]
    DocumentType,
    #[error("it uses an entity that it doesn't define")]
    Entity,
    #[error("it is not well-formed XML, at byte {0}")]
    Malformed(u64),
    #[error("`{0}` stands there twice, and is not one of the manifest's lists")]
    Repeated(String),
}

impl Element {
    /// Reads a document of at most `longest` bytes and `most` elements: an element takes many times the bytes that it is written in.
    ///
    /// # Errors
    /// It isn't well-formed, has a document type, or is larger than is read.
    pub fn read(text: &str, longest: usize, most: usize) -> Result<Self, XmlError> {
        if text.len() > longest {
            return Err(XmlError::TooLong(longest));
        }
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        reader.config_mut().expand_empty_elements = true;
        // The first one holds the document's own.
        let mut open = vec![Self::default()];
        let mut number = 0;
        loop {
            let event = reader.read_event();
            let malformed = XmlError::Malformed(reader.buffer_position());
            let current = open.last_mut().ok_or_else(|| malformed.clone())?;
            match event.map_err(|_| malformed.clone())? {
                Event::Start(start) => {
                    number += 1;
                    if number > most {
                        return Err(XmlError::TooMany(most));
                    }
                    if open.len() > DEEPEST {
                        return Err(XmlError::TooDeep);
                    }
                    open.push(Self::begun(&start).ok_or(malformed)?);
                }
                Event::End(_) => {
                    let mut ended = open.pop().ok_or_else(|| malformed.clone())?;
                    ended.text = ended.text.trim().to_owned();
                    open.last_mut().ok_or(malformed)?.children.push(ended);
                }
                Event::Text(text) => current.text.push_str(&text.xml10_content()),
                Event::CData(text) => current.text.push_str(&text.xml10_content()),
                Event::GeneralRef(named) => match named.resolve_char_ref() {
                    Ok(Some(letter)) => current.text.push(letter),
                    Ok(None) => {
                        let known = resolve_predefined_entity(&named);
                        current.text.push_str(known.ok_or(XmlError::Entity)?);
                    }
                    Err(_) => return Err(malformed),
                },
                Event::DocType(_) => return Err(XmlError::DocumentType),
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Empty(_) => {}
            }
        }
        let end = XmlError::Malformed(reader.buffer_position());
        match (open.pop(), open.is_empty()) {
            (Some(mut document), true)
                if document.children.len() == 1 && document.text.trim().is_empty() =>
            {
                document.children.pop().ok_or(end)
            }
            _ => Err(end),
        }
    }

    fn begun(start: &BytesStart<'_>) -> Option<Self> {
        let mut element = Self {
            name: start.local_name().as_ref().to_owned(),
            ..Self::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            let name = attribute.key.as_ref();
            if name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            let name = attribute.key.local_name().as_ref().to_owned();
            element.attributes.push((name, value.into_owned()));
        }
        Some(element)
    }

    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of a name; empty if there is none.
    pub fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.as_str())
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The element as the JSON that maps read: attributes with an `@` before their names, children by theirs, those of `lists`
    /// always in an array; a text alone is a text.
    ///
    /// # Errors
    /// A child stands there twice that isn't one of the lists: one of the two would be lost.
    pub fn to_json(&self, lists: &BTreeSet<String>) -> Result<Value, XmlError> {
        if self.attributes.is_empty() && self.children.is_empty() {
            return Ok(Value::from(self.text.as_str()));
        }
        let attributes = self.attributes.iter();
        let mut members: Map<String, Value> = attributes
            .map(|(name, value)| (format!("@{name}"), Value::from(value.as_str())))
            .collect();
        for child in &self.children {
            let value = child.to_json(lists)?;
            if lists.contains(&child.name) {
                let list = members.entry(&child.name).or_insert(Value::Array(vec![]));
                if let Value::Array(list) = list {
                    list.push(value);
                }
            } else if members.insert(child.name.clone(), value).is_some() {
                return Err(XmlError::Repeated(child.name.clone()));
            }
        }
        if !self.text.is_empty() {
            members.insert("#text".to_owned(), Value::from(self.text.as_str()));
        }
        Ok(Value::Object(members))
    }
}

/// A text as it stands in an element or an attribute. Characters that XML can't have are left out.
pub fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&apos;"),
            '\t' | '\n' => written.push(letter),
            '\r' => {
                let _ = write!(written, "&#13;");
            }
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => written.push(letter),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Element, XmlError> {
        Element::read(text, 10_000, 200)
    }

    fn json(text: &str) -> String {
        let lists = BTreeSet::from(["Line".to_owned()]);
        read(text).unwrap().to_json(&lists).unwrap().to_string()
    }

    #[test]
    fn elements_become_members_and_lists_stay_lists() {
        assert_eq!(
            json(
                "<?xml version=\"1.0\"?><R a=\"1 &amp; 2\"><Name> A &lt;b&gt; &#x20AC; </Name><Line><N>1</N></Line><E/></R>"
            ),
            r#"{"@a":"1 & 2","E":"","Line":[{"N":"1"}],"Name":"A <b> €"}"#
        );
        assert_eq!(
            json("<x:R xmlns:x=\"u\"><x:Line>1</x:Line><x:Line>2</x:Line></x:R>"),
            r#"{"Line":["1","2"]}"#
        );
        let twice = read("<R><A/><A/></R>").unwrap().to_json(&BTreeSet::new());
        assert_eq!(twice, Err(XmlError::Repeated("A".to_owned())));
    }

    #[test]
    fn nothing_is_read_that_grows_or_reaches_out() {
        let entities = "<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><r>&a;</r>";
        assert_eq!(read(entities), Err(XmlError::DocumentType));
        assert_eq!(read("<r>&a;</r>"), Err(XmlError::Entity));
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        assert_eq!(read(&deep), Err(XmlError::TooDeep));
        assert_eq!(read(&"<a/>".repeat(3000)), Err(XmlError::TooLong(10_000)));
        let many = format!("<r>{}</r>", "<a/>".repeat(500));
        assert_eq!(read(&many), Err(XmlError::TooMany(200)));
        for broken in ["", "<a>", "<a></b>", "<a/><b/>", "text", "<a b=c/>", "</a>"] {
            let found = read(broken);
            assert!(
                matches!(found, Err(XmlError::Malformed(_))),
                "{broken}: {found:?}"
            );
        }
    }
}
