//! Messages of SOAP 1.1, document style, as programs on customers' machines write and read them.

use std::fmt::Write as _;

use connectors::machine::LONGEST_ANSWER;
use connectors::machine::xml::{Element, XmlError, escaped};

/// A message around the longest answer: there every letter may stand as a reference of a few.
pub(crate) const LONGEST: usize = LONGEST_ANSWER + LONGEST_ANSWER / 2;

/// The most elements of a message, which is read before its sender is known.
const MOST_ELEMENTS: usize = 64;

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// An operation that a program calls, with what it says.
pub(super) struct Message {
    operation: Element,
}

/// The value that an operation gives back.
pub(super) enum Value {
    Text(String),
    Number(i32),
    List(Vec<String>),
}

impl Message {
    /// Reads a message. Names are taken without their namespaces: programs differ in them.
    pub(super) fn read(body: &str) -> Result<Self, XmlError> {
        let envelope = Element::read(body, LONGEST, MOST_ELEMENTS)?;
        let is_envelope = envelope.name == "Envelope";
        let mut parts = envelope.children.into_iter();
        let body = parts
            .find(|part| part.name == "Body")
            .filter(|_| is_envelope);
        let operation = body.and_then(|body| body.children.into_iter().next());
        let operation = operation.ok_or(XmlError::Malformed(0))?;
        Ok(Self { operation })
    }

    pub(super) fn operation(&self) -> &str {
        &self.operation.name
    }

    /// A part by its name; empty if it isn't there.
    pub(super) fn part(&self, name: &str) -> &str {
        self.operation.text_of(name)
    }
}

/// The answer to an operation, whose members are all in the service's namespace.
pub(super) fn answer(namespace: &str, operation: &str, value: &Value) -> String {
    let mut result = String::new();
    match value {
        Value::Text(text) => result.push_str(&escaped(text)),
        Value::Number(number) => {
            let _ = write!(result, "{number}");
        }
        Value::List(texts) => {
            for text in texts {
                let _ = write!(result, "<string>{}</string>", escaped(text));
            }
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<soap:Envelope xmlns:soap=\"{ENVELOPE}\"><soap:Body><{operation}Response xmlns=\"{}\"><{operation}Result>{result}</{operation}Result></{operation}Response></soap:Body></soap:Envelope>",
        escaped(namespace)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_with_and_without_namespaces_on_its_parts() {
        for (open, close) in [
            ("<authenticate xmlns=\"urn:x\">", "</authenticate>"),
            ("<q:authenticate xmlns:q=\"urn:x\">", "</q:authenticate>"),
        ] {
            let body = format!(
                "<s:Envelope xmlns:s=\"{ENVELOPE}\"><s:Header/><s:Body>{open}<strUserName> a&amp;b </strUserName>{close}</s:Body></s:Envelope>"
            );
            let message = Message::read(&body).unwrap();
            assert_eq!(message.operation(), "authenticate");
            assert_eq!(message.part("strUserName"), "a&b");
            assert_eq!(message.part("strPassword"), "");
        }
        assert!(Message::read("<Body><x/></Body>").is_err());
    }

    #[test]
    fn an_answer_has_a_member_for_each_text_and_no_markup_from_it() {
        let list = Value::List(vec!["<t>".into(), String::new()]);
        let text = answer("urn:x", "authenticate", &list);
        assert!(text.ends_with("<authenticateResponse xmlns=\"urn:x\"><authenticateResult><string>&lt;t&gt;</string><string></string></authenticateResult></authenticateResponse></soap:Body></soap:Envelope>"), "{text}");
    }
}
