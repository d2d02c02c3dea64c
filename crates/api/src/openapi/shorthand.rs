//! Schemas in few words: `"[Company]"`, `"text? | What it is called."`.

use serde_json::{Map, Value, json};
use toml::Table;

/// A schema, whether the member must be there, and what it is.
pub(super) struct Short {
    pub(super) schema: Value,
    pub(super) required: bool,
    pub(super) about: Option<String>,
}

impl Short {
    /// From text, or from a table with `schema`, `optional` and `about`.
    pub(super) fn read(value: &toml::Value) -> Result<Self, String> {
        match value {
            toml::Value::String(text) => Self::parse(text),
            toml::Value::Table(table) => {
                let schema = match table.get("schema") {
                    Some(toml::Value::String(text)) => Self::parse(text)?,
                    Some(verbatim) => Self {
                        schema: json(verbatim)?,
                        required: true,
                        about: None,
                    },
                    None => return Err(format!("no schema in {table}")),
                };
                let optional = table.get("optional").and_then(toml::Value::as_bool);
                let about = table.get("about").and_then(toml::Value::as_str);
                Ok(Self {
                    required: schema.required && optional != Some(true),
                    about: about.map(str::to_owned).or(schema.about),
                    schema: schema.schema,
                })
            }
            other => Err(format!("{other} is neither text nor a table")),
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let (kind, about) = match text.split_once(" | ") {
            Some((kind, about)) => (kind.trim(), Some(about.trim().to_owned())),
            None => (text.trim(), None),
        };
        let (kind, required) = match kind.strip_suffix('?') {
            Some(kind) => (kind, false),
            None => (kind, true),
        };
        Ok(Self {
            schema: schema(kind)?,
            required,
            about,
        })
    }

    /// The schema with its description beside it.
    pub(super) fn described(self) -> Value {
        let mut schema = self.schema;
        if let (Some(about), Some(members)) = (self.about, schema.as_object_mut()) {
            members.insert("description".into(), about.into());
        }
        schema
    }
}

/// A type by its words.
pub(super) fn schema(kind: &str) -> Result<Value, String> {
    let kind = kind.trim();
    if let Some(kind) = kind.strip_suffix(" or null") {
        return Ok(match schema(kind)? {
            Value::Object(mut plain) if plain.get("type").is_some_and(Value::is_string) => {
                let own = plain.remove("type");
                plain.insert("type".into(), json!([own, "null"]));
                if let Some(Value::Array(all)) = plain.get_mut("enum") {
                    all.push(Value::Null);
                }
                Value::Object(plain)
            }
            other => json!({ "anyOf": [other, { "type": "null" }] }),
        });
    }
    if let Some(inner) = between(kind, '[', ']') {
        return Ok(json!({ "type": "array", "items": schema(inner)? }));
    }
    if let Some(inner) = between(kind, '{', '}') {
        return Ok(json!({ "type": "object", "additionalProperties": schema(inner)? }));
    }
    if let Some(words) = kind.strip_prefix("one of ") {
        let words: Vec<&str> = words.split(',').map(str::trim).collect();
        return Ok(json!({ "type": "string", "enum": words }));
    }
    Ok(match kind {
        "text" => json!({ "type": "string" }),
        "uuid" => json!({ "type": "string", "format": "uuid" }),
        "time" => json!({ "type": "string", "format": "date-time" }),
        "date" => json!({ "type": "string", "format": "date" }),
        "uri" => json!({ "type": "string", "format": "uri" }),
        "integer" => json!({ "type": "integer" }),
        "count" => json!({ "type": "integer", "minimum": 0 }),
        "number" => json!({ "type": "number" }),
        "boolean" => json!({ "type": "boolean" }),
        "any" => json!({}),
        "anything" => json!({ "type": "object", "additionalProperties": true }),
        name if is_name(name) => json!({ "$ref": format!("#/components/schemas/{name}") }),
        other => return Err(format!("`{other}` is no type")),
    })
}

/// An object from the table of its members.
pub(super) fn object(table: &Table) -> Result<Value, String> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let mut object = json!({ "type": "object" });
    for (name, value) in table {
        if name == "about" {
            object["description"] = json(value)?;
            continue;
        }
        let short = Short::read(value).map_err(|error| format!("{name}: {error}"))?;
        if short.required {
            required.push(name.clone());
        }
        properties.insert(name.clone(), short.described());
    }
    object["properties"] = Value::Object(properties);
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    Ok(object)
}

/// TOML as JSON.
pub(super) fn json(value: &toml::Value) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|error| error.to_string())
}

fn between(text: &str, open: char, close: char) -> Option<&str> {
    text.strip_prefix(open)?.strip_suffix(close)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_uppercase())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_words_are_a_schema() {
        let short = Short::read(&"[one of A, B]? | Which.".into()).unwrap();
        assert!(!short.required);
        assert_eq!(
            short.described(),
            json!({ "type": "array", "items": { "type": "string", "enum": ["A", "B"] }, "description": "Which." })
        );
        assert_eq!(
            schema("{text or null}").unwrap(),
            json!({ "type": "object", "additionalProperties": { "type": ["string", "null"] } })
        );
        assert_eq!(
            schema("Company or null").unwrap(),
            json!({ "anyOf": [{ "$ref": "#/components/schemas/Company" }, { "type": "null" }] })
        );
        assert!(schema("strnig").is_err());
    }
}
