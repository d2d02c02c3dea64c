//! One OpenAPI document from the rooms' files and the tables of the code.

use std::collections::BTreeSet;

use records::{DataType, Schemas};
use serde_json::{Map, Value, json};
use toml::Table;

use super::operation::{Document, Operation, headers, written};
use super::shorthand::{json as to_json, object};
use store::model::{Actor, ConnectionStatus, DatasetStatus, EventType, PushStatus, SourceType};

/// Composes the document. `tables` gives the operations that no file writes, and the schemas that they name.
pub(super) fn compose(
    files: &[(&str, &str)],
    tables: impl FnOnce(&mut Schemas) -> Vec<Operation>,
) -> Result<Value, String> {
    let mut rooms = Vec::new();
    let mut operations: Vec<Operation> = Vec::new();
    let mut schemas = Schemas::default();
    words_of_the_code(&mut schemas);
    let mut parameters = Table::new();
    let mut info = Value::Null;
    for (file, text) in files {
        let problem = |error: String| format!("{file}.toml: {error}");
        let mut table: Table = text.parse().map_err(|error| problem(format!("{error}")))?;
        let room = take_text(&mut table, "room").unwrap_or_default();
        let about = take_text(&mut table, "about").unwrap_or_default();
        if !room.is_empty() {
            rooms.push(json!({ "name": room, "description": about }));
        }
        for (section, value) in table {
            match (section.as_str(), value) {
                ("info", value) => info = to_json(&value).map_err(problem)?,
                ("operation", toml::Value::Array(blocks)) => {
                    for block in blocks {
                        let toml::Value::Table(mut members) = block else {
                            return Err(problem("an operation is a table".into()));
                        };
                        let at = take_text(&mut members, "at")
                            .ok_or_else(|| problem("an operation without `at`".into()))?;
                        let room = room.clone();
                        operations.push(Operation { at, room, members });
                    }
                }
                ("object", toml::Value::Table(objects)) => {
                    for (name, value) in objects {
                        let made = value
                            .as_table()
                            .ok_or_else(|| problem(format!("{name} is not a table")))
                            .and_then(|table| {
                                object(table).map_err(|error| problem(format!("{name}: {error}")))
                            })?;
                        add(&mut schemas, &name, made).map_err(problem)?;
                    }
                }
                ("schema", toml::Value::Table(verbatim)) => {
                    for (name, value) in verbatim {
                        let value = to_json(&value).map_err(problem)?;
                        add(&mut schemas, &name, value).map_err(problem)?;
                    }
                }
                ("parameter", toml::Value::Table(table)) => parameters.extend(table),
                (other, _) => return Err(problem(format!("nothing is called `{other}` here"))),
            }
        }
    }
    operations.extend(tables(&mut schemas));

    let mut paths = Document::new();
    let mut ids = BTreeSet::new();
    for operation in operations {
        let at = operation.at.clone();
        let problem = |error: String| format!("`{at}`: {error}");
        let (method, path) = at
            .split_once(' ')
            .ok_or_else(|| problem("`at` is a method and a path".into()))?;
        let made = written(
            operation.room,
            (method, path),
            operation.members,
            &parameters,
        );
        let made = made.map_err(problem)?;
        let id = made["operationId"].as_str().unwrap_or_default().to_owned();
        if id.is_empty() || !ids.insert(id) {
            return Err(problem("its id is missing, or another's".into()));
        }
        let item = paths.entry(path).or_insert_with(|| json!({}));
        let slot = &mut item[method.to_ascii_lowercase()];
        if !slot.is_null() {
            return Err(problem("is there twice".into()));
        }
        *slot = made;
    }
    // A room may be there before its first operation.
    rooms.retain(|room| {
        let mut all = paths
            .values()
            .filter_map(Value::as_object)
            .flat_map(Map::values);
        all.any(|operation| operation["tags"][0] == room["name"])
    });
    let mut document = json!({
        "openapi": "3.1.0",
        "info": info,
        "servers": [{ "url": "/" }],
        "tags": rooms,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "A client's API key: `Basic` and the key in Base64. The key may stand as the user name of ordinary basic authentication.",
                },
                "companyToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token for one company's own people, which reaches that company only.",
                },
            },
            "headers": headers(),
            "schemas": schemas.0,
        },
    });
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    check_references(&document)?;
    Ok(document)
}

/// Takes a text out of a table.
pub(super) fn take_text(table: &mut Table, name: &str) -> Option<String> {
    match table.remove(name) {
        Some(toml::Value::String(text)) => Some(text),
        _ => None,
    }
}

/// Enums whose values are the code's.
fn words_of_the_code(schemas: &mut Schemas) {
    fn words<T: ToString>(all: &[T]) -> Value {
        let words: Vec<String> = all.iter().map(T::to_string).collect();
        json!({ "type": "string", "enum": words })
    }
    for (name, schema) in [
        ("Actor", words(Actor::ALL)),
        ("ConnectionStatus", words(ConnectionStatus::ALL)),
        ("DataType", words(DataType::ALL)),
        ("DatasetStatus", words(DatasetStatus::ALL)),
        ("EventType", words(EventType::ALL)),
        ("PushStatus", words(PushStatus::ALL)),
        ("SourceType", words(SourceType::ALL)),
    ] {
        schemas.0.insert(name.to_owned(), schema);
    }
}

fn add(schemas: &mut Schemas, name: &str, made: Value) -> Result<(), String> {
    match schemas.0.insert(name.to_owned(), made) {
        None => Ok(()),
        Some(_) => Err(format!("{name} is there twice")),
    }
}

/// Every name leads somewhere.
fn check_references(document: &Value) -> Result<(), String> {
    fn walk<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    match (name.as_str(), value) {
                        ("$ref", Value::String(to)) => {
                            found.insert(to);
                        }
                        _ => walk(value, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    walk(document, &mut found);
    match found
        .iter()
        .find(|to| document.pointer(&to[1..]).is_none_or(Value::is_null))
    {
        Some(to) => Err(format!("there is no {to}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: &str = r#"
room = "Things"

[info]
title = "Things"

[[operation]]
at = "GET /things"
id = "listThings"
summary = "List things"
who = "client"
200 = "[text]"
deprecated = { since = "2026-06-15", sunset = "2027-01-31" }
"#;

    #[test]
    fn a_deprecated_operation_says_so_in_the_document() {
        let file = |text: &str| {
            let error = "[object.ErrorMessage]\nerror = \"text\"\n";
            compose(&[("things", &format!("{text}\n{error}"))], |_| Vec::new())
        };
        let document = file(ROOM).unwrap();
        let operation = &document["paths"]["/things"]["get"];
        assert_eq!(operation["deprecated"], true);
        assert_eq!(operation["x-sunset"], "2027-01-31");
        let headers = operation["responses"]["200"]["headers"]
            .as_object()
            .unwrap();
        assert!(headers.contains_key("Sunset") && headers.contains_key("X-Rate-Limit-Reset"));
        assert!(!operation["responses"]["404"]["headers"].is_object());
        let wrong = file(&ROOM.replace("2027-01-31", "soon")).unwrap_err();
        assert!(wrong.contains("sunset"), "{wrong}");
    }
}
