//! From the rooms' files to one OpenAPI document.

use std::collections::BTreeSet;

use records::{DataType, Schemas};
use serde_json::{Map, Value, json};
use toml::Table;

use super::shorthand::{Short, json as to_json, object, schema};
use store::model::{Actor, ConnectionStatus, DatasetStatus, EventType, PushStatus, SourceType};

/// An operation as the files write it, and those that tables of the code give.
pub struct Operation {
    pub at: String,
    pub room: String,
    pub members: Table,
}

type Document = Map<String, Value>;

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
                            .ok_or_else(|| problem(format!("{name} is no table")))
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
        let made = one(operation.room, path, operation.members, &parameters).map_err(problem)?;
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

fn one(room: String, path: &str, mut from: Table, shared: &Table) -> Result<Value, String> {
    let text = |from: &mut Table, name: &str| take_text(from, name);
    let id = text(&mut from, "id").ok_or("no id")?;
    let summary = text(&mut from, "summary").ok_or("no summary")?;
    let about = text(&mut from, "about");
    let who = text(&mut from, "who").ok_or("no `who`")?;
    let security = match who.as_str() {
        "client" => json!([{ "apiKey": [] }]),
        "company" => json!([{ "apiKey": [] }, { "companyToken": [] }]),
        "link" | "open" => json!([]),
        other => return Err(format!("who is `{other}`?")),
    };
    let keyed = matches!(who.as_str(), "client" | "company");

    let mut parameters = Vec::new();
    for name in in_path(path) {
        let known = shared
            .get(name)
            .ok_or_else(|| format!("shared.toml has no [parameter.{name}]"))?;
        parameters.push(parameter(name, "path", known)?);
    }
    let has_id = !parameters.is_empty();
    if from.remove("list").is_some() {
        for name in ["page", "pageSize", "query", "orderBy"] {
            let known = shared
                .get(name)
                .ok_or("shared.toml has no list parameters")?;
            parameters.push(parameter(name, "query", known)?);
        }
    }
    for (section, place) in [("query", "query"), ("headers", "header")] {
        if let Some(toml::Value::Table(table)) = from.remove(section) {
            for (name, value) in &table {
                parameters.push(parameter(name, place, value)?);
            }
        }
    }

    let mut body = None;
    if let Some(value) = from.remove("body") {
        let short = Short::read(&value)?;
        let mut content = json!({ "schema": short.schema });
        if let Some(example) = from.remove("example") {
            content["example"] = to_json(&example)?;
        }
        let kind = text(&mut from, "takes").unwrap_or_else(|| "application/json".into());
        body = Some(json!({ "required": short.required, "content": { kind: content } }));
    }

    let mut answers = Document::new();
    let refusal = |about: &str| {
        let envelope = json!({ "schema": { "$ref": "#/components/schemas/ErrorMessage" } });
        let mut content = json!({ "application/json": envelope });
        if who == "link" {
            content["text/html"] = json!({ "schema": { "type": "string" } });
        }
        json!({ "description": about, "content": content })
    };
    for (when, status, about) in [
        (
            true,
            "400",
            "The request can't be read or isn't valid; `validation` names what is wrong.",
        ),
        (keyed, "401", "No credentials, or none that are known."),
        (keyed, "403", "These credentials don't reach this."),
        (
            who == "link",
            "403",
            "This came from another page or another browser.",
        ),
        (
            has_id,
            "404",
            "There is no such thing, or not for this client.",
        ),
        (who == "link", "410", "The link was used, or is too old."),
        (
            body.is_some(),
            "413",
            "The body is larger than the operation takes.",
        ),
        (
            body.is_some(),
            "415",
            "The body isn't of the content type that the operation takes.",
        ),
        (
            keyed,
            "429",
            "Too many requests; `Retry-After` says when there are more.",
        ),
        (
            true,
            "500",
            "Something failed on this side; the correlation id leads to it in the log.",
        ),
        (
            true,
            "503",
            "Not at the moment: the database can't be reached, or the request took too long.",
        ),
        (
            true,
            "507",
            "Not at the moment: the disk of the database is full. Nothing was changed.",
        ),
    ] {
        if when {
            answers.insert(status.to_owned(), refusal(about));
        }
    }
    let statuses: Vec<String> = from
        .keys()
        .filter(|key| key.parse::<u16>().is_ok())
        .cloned()
        .collect();
    for status in statuses {
        let value = from.remove(&status).ok_or("no value")?;
        let made = match (value, status.as_str() >= "400") {
            (toml::Value::String(about), true) => refusal(&about),
            (value, _) => answer(&value)?,
        };
        answers.insert(status, made);
    }
    let leaving = from.remove("deprecated").map(|value| Leaving::read(&value));
    let leaving = leaving.transpose()?;
    for (status, answer) in &mut answers {
        let mut names = Vec::new();
        if keyed && (status.as_str() < "300" || status == "429") {
            names.extend([
                "X-Rate-Limit-Limit",
                "X-Rate-Limit-Remaining",
                "X-Rate-Limit-Reset",
            ]);
        }
        if status == "429" {
            names.push("Retry-After");
        }
        if leaving.is_some() {
            names.extend(["Deprecation", "Sunset"]);
        }
        for name in names {
            answer["headers"][name] = json!({ "$ref": format!("#/components/headers/{name}") });
        }
    }
    if let Some((unknown, _)) = from.iter().next() {
        return Err(format!("nothing is called `{unknown}` in an operation"));
    }

    let mut made = json!({
        "operationId": id,
        "summary": summary,
        "tags": [room],
        "security": security,
        "x-audience": who,
        "parameters": parameters,
        "responses": answers,
    });
    if let Some(about) = about {
        made["description"] = about.into();
    }
    if let Some(body) = body {
        made["requestBody"] = body;
    }
    if let Some(leaving) = leaving {
        made["deprecated"] = true.into();
        made["x-deprecated-since"] = leaving.since.into();
        made["x-sunset"] = leaving.sunset.into();
    }
    Ok(made)
}

/// An operation that goes: since when that is known, and when it is gone, both as `2027-01-31`.
struct Leaving {
    since: String,
    sunset: String,
}

impl Leaving {
    fn read(value: &toml::Value) -> Result<Self, String> {
        let date = |name: &str| {
            let text = value.get(name).and_then(toml::Value::as_str);
            let text = text.ok_or_else(|| format!("deprecated: no `{name}`"))?;
            text.parse::<chrono::NaiveDate>()
                .map_err(|error| format!("deprecated: {name}: {error}"))?;
            Ok::<_, String>(text.to_owned())
        };
        Ok(Self {
            since: date("since")?,
            sunset: date("sunset")?,
        })
    }
}

/// What answers say about themselves.
fn headers() -> Value {
    let of = |about: &str, schema: Value| json!({ "description": about, "schema": schema });
    json!({
        "X-Rate-Limit-Limit": of("Requests a day. Absent where there is no limit, and with company tokens.", json!({ "type": "integer", "minimum": 0 })),
        "X-Rate-Limit-Remaining": of("Requests that are left of them.", json!({ "type": "integer", "minimum": 0 })),
        "X-Rate-Limit-Reset": of("When there are new ones.", json!({ "type": "string", "format": "date-time" })),
        "Retry-After": { "description": "Seconds to wait.", "required": true, "schema": { "type": "integer", "minimum": 1 } },
        "Deprecation": of("Since when this operation is known to go (RFC 9745).", json!({ "type": "string" })),
        "Sunset": of("When it is gone (RFC 8594).", json!({ "type": "string" })),
    })
}

/// `"Company"`, `"page of Company"`, `"nothing"`, `"text/html"`, or a table: `answer` as before, and `about`.
fn answer(value: &toml::Value) -> Result<Value, String> {
    let (kind, about) = match value {
        toml::Value::String(text) => match text.split_once(" | ") {
            Some((kind, about)) => (kind, Some(about)),
            None => (text.as_str(), None),
        },
        toml::Value::Table(table) => (
            table
                .get("answer")
                .and_then(toml::Value::as_str)
                .unwrap_or("nothing"),
            table.get("about").and_then(toml::Value::as_str),
        ),
        other => return Err(format!("{other} is no answer")),
    };
    if kind == "nothing" {
        return Ok(json!({ "description": about.unwrap_or("Done; there is nothing to say.") }));
    }
    let content = if let Some(of) = kind.strip_prefix("page of ") {
        json!({ "application/json": { "schema": {
            "type": "object",
            "required": ["results", "pageNumber", "pageSize", "totalResults", "_links"],
            "properties": {
                "results": { "type": "array", "items": schema(of)? },
                "pageNumber": { "type": "integer", "minimum": 1 },
                "pageSize": { "type": "integer", "minimum": 1 },
                "totalResults": { "type": "integer", "minimum": 0, "description": "After filtering." },
                "_links": { "$ref": "#/components/schemas/Links" },
            },
        } } })
    } else if kind == "text/event-stream" {
        // OpenAPI 3.1 has no words for what a stream's events hold.
        json!({ kind: {} })
    } else if kind.contains('/') {
        json!({ kind: { "schema": { "type": "string" } } })
    } else {
        json!({ "application/json": { "schema": schema(kind)? } })
    };
    Ok(json!({ "description": about.unwrap_or("What was asked for."), "content": content }))
}

fn parameter(name: &str, place: &str, value: &toml::Value) -> Result<Value, String> {
    let short = Short::read(value).map_err(|error| format!("{name}: {error}"))?;
    let mut made = json!({
        "name": name,
        "in": place,
        "required": place == "path" || short.required,
        "schema": short.schema,
    });
    if let Some(about) = short.about {
        made["description"] = about.into();
    }
    if let Some(example) = value.get("example") {
        made["example"] = to_json(example)?;
    }
    Ok(made)
}

fn in_path(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn take_text(table: &mut Table, name: &str) -> Option<String> {
    match table.remove(name) {
        Some(toml::Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The enums that the code knows better than a file.
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
    fn an_operation_that_goes_says_so_in_the_document() {
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
