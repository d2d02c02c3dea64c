//! A jq value as a serde deserialiser, so that it is read into a model without a detour through text.

use std::cell::RefCell;
use std::fmt;

use jaq_json::{Num, Val};
use records::{DECIMAL, DataType, Record};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};

use super::failure::Failure;

/// The result of a native function of a map.
pub(super) type ValR = Result<Val, jaq_core::Error<Val>>;

/// The beginning of a map's output for a word of the platform's that it does not know: `Unknown: <the word>`.
const UNKNOWN: &str = "Unknown";

/// Reads a map's output into the model of its data type. A warning names a member that could be read only in part.
pub(crate) fn record(data_type: DataType, output: &Val) -> Result<(Record, Vec<String>), Failure> {
    let notes = Notes::default();
    let record = records::read(
        data_type,
        Source {
            value: output,
            notes: &notes,
        },
    )
    .map_err(|error| notes.failure(error, output))?;
    Ok((record, notes.warnings.into_inner()))
}

/// The one member of a map's output for a deleted record: its id.
pub(crate) const GONE: &str = "gone";

/// The id of a record that the map says is gone.
pub(crate) fn gone(output: &Val) -> Option<&str> {
    match output {
        Val::Obj(members) if members.len() == 1 => {
            members.get(&Val::from(GONE.to_owned())).and_then(text)
        }
        _ => None,
    }
}

/// Reads a map's output as any type.
pub(crate) fn read<T: DeserializeOwned>(output: &Val) -> Result<T, Failure> {
    let notes = Notes::default();
    T::deserialize(Source {
        value: output,
        notes: &notes,
    })
    .map_err(|error| notes.failure(error, output))
}

/// The path of the member that is being read, and the warnings so far.
#[derive(Default)]
struct Notes {
    path: RefCell<Vec<Step>>,
    warnings: RefCell<Vec<String>>,
}

enum Step {
    Member(String),
    Element(usize),
}

impl Notes {
    /// `lines[2].amount`
    fn member_path(&self) -> String {
        let mut path = String::new();
        for step in self.path.borrow().iter() {
            match step {
                Step::Member(name) if path.is_empty() => path.push_str(name),
                Step::Member(name) => {
                    path.push('.');
                    path.push_str(name);
                }
                Step::Element(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }

    /// Reads below a step. If that fails, the step stays on the path, so that the failure can name it.
    fn within<T>(
        &self,
        step: Step,
        read: impl FnOnce() -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.path.borrow_mut().push(step);
        let read = read()?;
        self.path.borrow_mut().pop();
        Ok(read)
    }

    fn failure(&self, error: Refusal, output: &Val) -> Failure {
        let path = self.member_path();
        let id = match output {
            Val::Obj(members) => members.get(&Val::from("id".to_owned())).and_then(text),
            _ => None,
        };
        let id = id.filter(|id| !id.is_empty());
        Failure {
            id: id.map(str::to_owned),
            message: if path.is_empty() {
                error.0
            } else {
                format!("{path}: {}", error.0)
            },
        }
    }
}

#[derive(Debug)]
struct Refusal(String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Refusal(message.to_string())
    }
}

#[derive(Clone, Copy)]
struct Source<'a> {
    value: &'a Val,
    notes: &'a Notes,
}

impl<'a> Source<'a> {
    fn at(self, value: &'a Val) -> Self {
        Self { value, ..self }
    }
}

/// A text's content.
pub(crate) fn text(value: &Val) -> Option<&str> {
    match value {
        Val::TStr(bytes) | Val::BStr(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}

impl<'de> de::Deserializer<'de> for Source<'de> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.value {
            Val::Null => visitor.visit_unit(),
            Val::Bool(boolean) => visitor.visit_bool(*boolean),
            Val::Num(Num::Int(integer)) => visitor.visit_i64(*integer as i64),
            Val::Num(Num::Float(float)) => visitor.visit_f64(*float),
            Val::Num(Num::BigInt(integer)) => match integer.to_string().parse() {
                Ok(integer) => visitor.visit_i128(integer),
                Err(_) => Err(Refusal("the integer is too large".to_owned())),
            },
            Val::Num(Num::Dec(digits)) => match digits.parse() {
                Ok(float) => visitor.visit_f64(float),
                Err(_) => Err(Refusal("the number can't be read".to_owned())),
            },
            Val::TStr(_) | Val::BStr(_) => match text(self.value) {
                Some(text) => visitor.visit_borrowed_str(text),
                None => Err(Refusal("the text is not UTF-8".to_owned())),
            },
            Val::Arr(items) => visitor.visit_seq(Elements {
                source: self,
                items: items.iter(),
                index: 0,
            }),
            Val::Obj(members) => visitor.visit_map(Members {
                source: self,
                members: members.iter(),
                current: None,
            }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.value {
            Val::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// Decimals keep their digits; a float, which jq's own arithmetic makes of a decimal, is refused.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        if name != DECIMAL {
            return visitor.visit_newtype_struct(self);
        }
        match self.value {
            Val::Num(Num::Dec(digits)) => visitor.visit_str(digits),
            Val::Num(Num::BigInt(integer)) => visitor.visit_str(&integer.to_string()),
            Val::Num(Num::Float(float)) => Err(Refusal(format!(
                "{float} is a float where an exact decimal is needed: use dadd, dsub, dmul, ddiv or minor"
            ))),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let Some(word) = text(self.value) else {
            return Err(Refusal("it is not a text".to_owned()));
        };
        let unknown = word
            .strip_prefix(UNKNOWN)
            .and_then(|rest| rest.strip_prefix(": "));
        match unknown {
            Some(unknown) if variants.contains(&UNKNOWN) => {
                let warning = format!(
                    "{}: `{unknown}` is not a known word",
                    self.notes.member_path()
                );
                self.notes.warnings.borrow_mut().push(warning);
                visitor.visit_enum(UNKNOWN.into_deserializer())
            }
            _ => visitor.visit_enum(word.into_deserializer()),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}

struct Elements<'a> {
    source: Source<'a>,
    items: std::slice::Iter<'a, Val>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Refusal> {
        let Some(item) = self.items.next() else {
            return Ok(None);
        };
        let step = Step::Element(self.index);
        self.index += 1;
        let source = self.source.at(item);
        let read = || seed.deserialize(source);
        self.source.notes.within(step, read).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Members<'a, I> {
    source: Source<'a>,
    members: I,
    current: Option<(&'a Val, &'a Val)>,
}

impl<'de, I: Iterator<Item = (&'de Val, &'de Val)>> MapAccess<'de> for Members<'de, I> {
    type Error = Refusal;

    fn next_key_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Refusal> {
        self.current = self.members.next();
        match self.current {
            Some((key, _)) => seed.deserialize(self.source.at(key)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Refusal> {
        let Some((key, value)) = self.current.take() else {
            return Err(Refusal("a value has no key before it".to_owned()));
        };
        let step = Step::Member(text(key).unwrap_or("?").to_owned());
        let source = self.source.at(value);
        self.source.notes.within(step, || seed.deserialize(source))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Program, value};
    use super::*;

    fn mapped(program: &str, input: &str) -> Result<(Record, Vec<String>), Failure> {
        let program = Program::compile("", program).unwrap();
        let input = value(input.as_bytes()).unwrap();
        let output = program.run(input).next().unwrap()?;
        record(DataType::Payments, &output)
    }

    #[test]
    fn decimals_come_through_with_all_their_digits() {
        for digits in ["0.10", "-12.340", "7", "1234567890123456789012.75", "1e2"] {
            let (record, _) = mapped(
                "{id: \"a\", totalAmount: .x}",
                &format!("{{\"x\":{digits}}}"),
            )
            .unwrap();
            let expected = if digits == "1e2" { "100" } else { digits };
            assert_eq!(
                record.to_json(),
                format!("{{\"id\":\"a\",\"totalAmount\":{expected}}}")
            );
        }
    }

    #[test]
    fn a_float_in_place_of_money_is_an_error_that_names_the_member() {
        let program = "{id: \"a\", totalAmount: 1, lines: [{amount: 1}, {amount: (.x + 0)}]}";
        let failure = mapped(program, "{\"x\":0.10}").unwrap_err();
        assert_eq!(failure.id.as_deref(), Some("a"));
        assert!(
            failure
                .message
                .starts_with("lines[1].amount: 0.1 is a float"),
            "{}",
            failure.message
        );
    }

    #[test]
    fn a_typo_in_a_map_is_an_error() {
        let failure = mapped("{id: \"a\", totalAmount: 1, notes: \"x\"}", "{}").unwrap_err();
        assert!(
            failure.message.contains("unknown field `notes`"),
            "{}",
            failure.message
        );
    }

    #[test]
    fn an_unknown_word_becomes_unknown_and_a_warning() {
        let program = "{id: \"a\", totalAmount: 1, lines: [{amount: 1, links: [{type: (.t | one_of({INV: \"Invoice\"}))}]}]}";
        let (record, warnings) = mapped(program, "{\"t\":\"GIFT\"}").unwrap();
        assert!(record.to_json().contains(r#""type":"Unknown""#));
        assert_eq!(
            warnings,
            ["lines[0].links[0].type: `GIFT` is not a known word"]
        );
        let (record, warnings) = mapped(program, "{\"t\":\"INV\"}").unwrap();
        assert!(record.to_json().contains(r#""type":"Invoice""#));
        assert!(warnings.is_empty());
        // Only a map's own word for it: a misspelt choice in a map is an error.
        assert!(
            mapped(
                "{id: \"a\", totalAmount: 1, lines: [{amount: 1, links: [{type: \"Invoic\"}]}]}",
                "{}"
            )
            .is_err()
        );
    }
}
