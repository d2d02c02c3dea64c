//! One operation of the document: from its short block to what OpenAPI wants.

use serde_json::{Map, Value, json};
use toml::Table;

use super::compose::take_text;
use super::shorthand::{Short, json as to_json, schema};

pub(super) type Document = Map<String, Value>;

/// An operation as a file writes it, or as a table of the code gives it.
pub(crate) struct Operation {
    pub(crate) at: String,
    pub(crate) room: String,
    pub(crate) members: Table,
}

/// An operation's block as the document has it. `shared` holds the parameters that operations name.
pub(super) fn written(
    room: String,
    (method, path): (&str, &str),
    mut from: Table,
    shared: &Table,
) -> Result<Value, String> {
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
    let keyed = is_keyed(&who);
    // An upload is too large to be compared with the request that it repeats.
    let is_upload = from.get("takes").and_then(toml::Value::as_str) == Some("multipart/form-data");
    let repeatable = keyed && !is_upload && matches!(method, "POST" | "PUT" | "PATCH");

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

    if repeatable {
        parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "schema": { "type": "string", "format": "uuid" },
            "description": "A request that is sent again with its key is answered as the first time, and changes nothing again.",
        }));
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

    let mut answers = refusals(&who, has_id, body.is_some());
    if repeatable {
        for (status, about) in [
            (
                "409",
                "A request with this Idempotency-Key is still under way.",
            ),
            ("422", "The Idempotency-Key belongs to another request."),
        ] {
            answers.insert(status.to_owned(), refusal(&who, about));
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
            (toml::Value::String(about), true) => refusal(&who, &about),
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

/// The refusals that need no saying in a block.
fn refusals(who: &str, has_id: bool, has_body: bool) -> Document {
    let keyed = is_keyed(who);
    let mut answers = Document::new();
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
            has_body,
            "413",
            "The body is larger than the operation takes.",
        ),
        (
            has_body,
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
            answers.insert(status.to_owned(), refusal(who, about));
        }
    }
    answers
}

/// A refusal in the envelope, or as a page for a customer who holds a link.
fn refusal(who: &str, about: &str) -> Value {
    let envelope = json!({ "schema": { "$ref": "#/components/schemas/ErrorMessage" } });
    let mut content = json!({ "application/json": envelope });
    if who == "link" {
        content["text/html"] = json!({ "schema": { "type": "string" } });
    }
    json!({ "description": about, "content": content })
}

fn is_keyed(who: &str) -> bool {
    matches!(who, "client" | "company")
}

/// A deprecated operation: the days of its deprecation and of its removal, both as `2027-01-31`.
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

/// Headers of answers.
pub(super) fn headers() -> Value {
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
        other => return Err(format!("{other} is not an answer")),
    };
    if kind == "nothing" {
        return Ok(json!({ "description": about.unwrap_or("Done; there is nothing to say.") }));
    }
    let (kind, or_table) = match kind.strip_suffix(" or text/csv") {
        Some(kind) => (kind, true),
        None => (kind, false),
    };
    let mut content = if let Some(of) = kind.strip_prefix("page of ") {
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
    if or_table {
        content["text/csv"] = json!({ "schema": { "type": "string" } });
    }
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
