//! A JSON Schema of each model, made from the model itself.

use std::collections::BTreeMap;

use serde::de::value::Error;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::{Serialize, forward_to_deserialize_any};
use serde_json::{Map, Value, json};

use crate::{Money, Timestamp};

/// A type that has a schema.
pub trait Described {
    /// Its schema, or a reference to it; the schema referred to is in `schemas` afterwards.
    fn describe(schemas: &mut Schemas) -> Value;
}

/// Schemas by their names: the content of `components.schemas` in an OpenAPI document.
#[derive(Debug, Default)]
pub struct Schemas(pub BTreeMap<String, Value>);

/// A member of a model, in the place that it has there.
pub(crate) struct Member {
    schema: Value,
    about: String,
    required: bool,
}

impl Member {
    pub(crate) fn required<T: Described>(schemas: &mut Schemas, about: &str) -> Self {
        Self {
            schema: T::describe(schemas),
            about: sentence(about),
            required: true,
        }
    }

    pub(crate) fn optional<T: Described>(schemas: &mut Schemas, about: &str) -> Self {
        Self {
            required: false,
            ..Self::required::<T>(schemas, about)
        }
    }
}

impl Schemas {
    pub(crate) fn object<T: DeserializeOwned>(
        &mut self,
        name: &str,
        about: &str,
        members: impl FnOnce(&mut Self) -> Vec<Member>,
    ) -> Value {
        let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
        if self.0.contains_key(name) {
            return reference;
        }
        // Inserted before its members, because a member may refer back to it.
        self.0.insert(name.to_owned(), Value::Null);
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (name, member) in spellings::<T>().iter().zip(members(self)) {
            if member.required {
                required.push(*name);
            }
            let mut schema = member.schema;
            if let (false, Some(schema)) = (member.about.is_empty(), schema.as_object_mut()) {
                schema.insert("description".into(), member.about.into());
            }
            properties.insert((*name).to_owned(), schema);
        }
        let mut schema =
            json!({ "type": "object", "properties": properties, "additionalProperties": false });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        let about = sentence(about);
        if !about.is_empty() {
            schema["description"] = about.into();
        }
        self.0.insert(name.to_owned(), schema);
        reference
    }

    pub(crate) fn choice<T: Serialize>(&mut self, name: &str, about: &str, all: &[T]) -> Value {
        let mut schema = json!({ "type": "string", "enum": all });
        let about = sentence(about);
        if !about.is_empty() {
            schema["description"] = about.into();
        }
        self.0.insert(name.to_owned(), schema);
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }
}

/// `Accounting` before the name of a model of `records::accounting::…`, since several kinds have a `Customer`.
pub(crate) fn name_of(module: &str, name: &str) -> String {
    let kind = match module.split("::").nth(1) {
        Some("accounting") => "Accounting",
        Some("banking") => "Banking",
        Some("commerce") => "Commerce",
        _ => "",
    };
    format!("{kind}{name}")
}

/// The text of doc comments among attributes.
macro_rules! words {
    ($([$($meta:tt)*])*) => { concat!($($crate::schema::words!(@ $($meta)*)),*) };
    (@ doc = $text:literal) => { $text };
    (@ $($other:tt)*) => { "" };
}
pub(crate) use words;

/// Doc comments as prose: without the marks that only rustdoc reads.
fn sentence(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('`', "")
}

/// The names of a model's members as they are written, in their order.
fn spellings<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    let nothing = T::deserialize(Listener(&mut names));
    debug_assert!(nothing.is_err());
    names
}

/// A deserialiser that records the member names passed to it and never yields a value.
struct Listener<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Listener<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        members: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = members;
        Err(Error::custom(
            "this deserialiser only collects member names",
        ))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom(
            "this deserialiser only collects member names",
        ))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

macro_rules! plain {
    ($($type:ty: $schema:tt;)+) => {
        $(impl Described for $type {
            fn describe(_: &mut Schemas) -> Value {
                json!($schema)
            }
        })+
    };
}

plain! {
    String: { "type": "string" };
    bool: { "type": "boolean" };
    i32: { "type": "integer" };
    i64: { "type": "integer" };
    u32: { "type": "integer", "minimum": 0 };
    Money: { "type": "number" };
    Timestamp: { "type": "string", "format": "timestamp", "examples": ["2026-03-31T00:00:00", "2026-03-31T10:22:05Z"] };
    Value: {};
}

impl<T: Described> Described for Vec<T> {
    fn describe(schemas: &mut Schemas) -> Value {
        json!({ "type": "array", "items": T::describe(schemas) })
    }
}

impl<T: Described> Described for Box<T> {
    fn describe(schemas: &mut Schemas) -> Value {
        T::describe(schemas)
    }
}

impl<T: Described> Described for BTreeMap<String, T> {
    fn describe(schemas: &mut Schemas) -> Value {
        json!({ "type": "object", "additionalProperties": T::describe(schemas) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounting, commerce, describe};

    #[test]
    fn a_model_describes_itself_with_what_it_is_made_of() {
        let mut schemas = Schemas::default();
        let payment = <accounting::Payment as Described>::describe(&mut schemas);
        assert_eq!(
            payment,
            json!({ "$ref": "#/components/schemas/AccountingPayment" })
        );
        let payment = &schemas.0["AccountingPayment"];
        assert_eq!(payment["required"], json!(["id", "totalAmount"]));
        assert_eq!(payment["properties"]["totalAmount"]["type"], "number");
        assert_eq!(payment["additionalProperties"], false);
        assert_eq!(
            schemas.0["AccountingMetadata"]["properties"]["isDeleted"]["description"],
            "The record is gone at the platform."
        );
        <accounting::Customer as Described>::describe(&mut schemas);
        <commerce::Customer as Described>::describe(&mut schemas);
        assert!(schemas.0.contains_key("AccountingCustomer"));
        assert!(schemas.0.contains_key("CommerceCustomer"));
        assert!(!schemas.0.values().any(Value::is_null));
    }

    #[test]
    fn choices_are_spelled_as_on_the_wire_and_a_model_may_lead_back_to_itself() {
        let mut schemas = Schemas::default();
        <accounting::RecordRef as Described>::describe(&mut schemas);
        let kinds = &schemas.0["AccountingRecordType"]["enum"];
        assert_eq!(kinds[0], "bankTransactions");
        describe(crate::DataType::ProfitAndLoss, &mut schemas);
        assert_eq!(
            schemas.0["AccountingReportLine"]["properties"]["items"]["items"]["$ref"],
            "#/components/schemas/AccountingReportLine"
        );
    }
}
