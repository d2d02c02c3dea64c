//! The page of the reference, from the document.

use askama::Template;
use serde_json::{Map, Value};

use super::kind::{Kind, kind};
use super::{ORIGIN, SCRIPT_NAME, STYLES_NAME};

#[derive(Template)]
#[template(path = "reference.html")]
pub(super) struct Page {
    styles: String,
    script: String,
    version: String,
    /// HTML.
    about: String,
    rooms: Vec<Room>,
    shapes: Vec<Shape>,
}

struct Room {
    anchor: String,
    name: String,
    /// HTML.
    about: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    /// HTML.
    about: String,
    who: &'static str,
    /// The text that the filter searches.
    words: String,
    parameters: Vec<Member>,
    body: Option<Kind>,
    answers: Vec<Answer>,
    curl: String,
}

struct Answer {
    status: String,
    /// HTML.
    about: String,
    kind: Option<Kind>,
}

struct Shape {
    name: String,
    /// HTML.
    about: String,
    kind: Option<Kind>,
    members: Vec<Member>,
}

struct Member {
    name: String,
    place: String,
    required: bool,
    kind: Kind,
    /// HTML.
    about: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A description as HTML: what stands in backticks is code.
fn coded(value: &Value) -> String {
    let mut html = String::new();
    for (index, part) in value.as_str().unwrap_or_default().split('`').enumerate() {
        if index > 0 {
            html.push_str(if index % 2 == 1 { "<code>" } else { "</code>" });
        }
        for letter in part.chars() {
            match letter {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                other => html.push(other),
            }
        }
    }
    html
}

/// The document as the page shows it.
pub(super) fn page(document: &Value) -> Page {
    let nothing = Map::new();
    let paths = document["paths"].as_object().unwrap_or(&nothing);
    let rooms = document["tags"].as_array().map_or_else(Vec::new, |rooms| {
        rooms
            .iter()
            .map(|room| {
                let name = text(&room["name"]);
                let operations = paths
                    .iter()
                    .flat_map(|(path, item)| {
                        ["get", "post", "put", "patch", "delete"]
                            .into_iter()
                            .filter_map(move |method| Some((path, method, item.get(method)?)))
                    })
                    .filter(|(_, _, operation)| operation["tags"][0] == name)
                    .map(|(path, method, operation)| shown(path, method, operation))
                    .collect();
                Room {
                    anchor: name.to_lowercase().replace(' ', "-"),
                    about: coded(&room["description"]),
                    name,
                    operations,
                }
            })
            .collect()
    });
    let schemas = document["components"]["schemas"]
        .as_object()
        .unwrap_or(&nothing);
    Page {
        styles: STYLES_NAME.clone(),
        script: SCRIPT_NAME.clone(),
        version: text(&document["info"]["version"]),
        about: coded(&document["info"]["description"]),
        rooms,
        shapes: schemas
            .iter()
            .map(|(name, schema)| shape(name, schema))
            .collect(),
    }
}

fn shown(path: &str, method: &str, operation: &Value) -> Operation {
    let nothing = Map::new();
    let (id, summary) = (text(&operation["operationId"]), text(&operation["summary"]));
    let media = operation["requestBody"]["content"]
        .as_object()
        .and_then(|content| content.iter().next());
    let parameters = operation["parameters"]
        .as_array()
        .map_or_else(Vec::new, |all| {
            all.iter()
                .map(|parameter| Member {
                    name: text(&parameter["name"]),
                    place: text(&parameter["in"]),
                    required: parameter["required"] == true,
                    kind: kind(&parameter["schema"]),
                    about: coded(&parameter["description"]),
                })
                .collect()
        });
    let answers = operation["responses"].as_object().unwrap_or(&nothing);
    let answers = answers.iter().map(|(status, answer)| Answer {
        status: status.clone(),
        about: coded(&answer["description"]),
        kind: answer["content"]
            .as_object()
            .and_then(|content| content.iter().next())
            .map(|(media, of)| match media.as_str() {
                "application/json" => kind(&of["schema"]),
                other => Kind {
                    before: other.to_owned(),
                    ..Kind::default()
                },
            }),
    });
    Operation {
        words: format!("{method} {path} {id} {summary}").to_lowercase(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        about: match operation["x-sunset"].as_str() {
            Some(day) => format!(
                "<strong>Deprecated:</strong> gone on {day}. {}",
                coded(&operation["description"])
            ),
            None => coded(&operation["description"]),
        },
        who: match operation["x-audience"].as_str() {
            Some("client") => "API key",
            Some("company") => "API key or company token",
            Some("link") => "Customer with a link",
            _ => "No credentials",
        },
        parameters,
        body: media.map(|(name, media)| match name.as_str() {
            "application/json" => kind(&media["schema"]),
            other => Kind {
                before: other.to_owned(),
                ..Kind::default()
            },
        }),
        answers: answers.collect(),
        curl: curl(path, method, operation),
        id,
        summary,
    }
}

/// A call to copy; what stands in braces in the path is a variable of the shell.
fn curl(path: &str, method: &str, operation: &Value) -> String {
    let path = path.replace('{', "$").replace('}', "");
    let needed: Vec<String> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == "query" && parameter["required"] == true)
        .map(|parameter| format!("{}=1", text(&parameter["name"])))
        .collect();
    let query = if needed.is_empty() {
        String::new()
    } else {
        format!("?{}", needed.join("&"))
    };
    let mut call = String::from("curl");
    if method != "get" {
        call.push_str(&format!(" -X {}", method.to_uppercase()));
    }
    call.push_str(&format!(" \"{ORIGIN}{path}{query}\""));
    if matches!(operation["x-audience"].as_str(), Some("client" | "company")) {
        call.push_str(" \\\n  -u \"$MOORLINE_API_KEY:\"");
    }
    let example = &operation["requestBody"]["content"]["application/json"]["example"];
    if !example.is_null() {
        let body = example.to_string().replace('\'', "'\\''");
        call.push_str(&format!(
            " \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"
        ));
    }
    call
}

fn shape(name: &str, schema: &Value) -> Shape {
    let required = schema["required"].as_array();
    let is_required =
        |member: &str| required.is_some_and(|all| all.iter().any(|one| one == member));
    let mut members: Vec<Member> = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(member, schema)| Member {
            name: member.clone(),
            place: String::new(),
            required: is_required(member),
            kind: kind(schema),
            about: coded(&schema["description"]),
        })
        .collect();
    members.sort_by_key(|member| !member.required);
    Shape {
        name: name.to_owned(),
        about: coded(&schema["description"]),
        kind: members.is_empty().then(|| kind(schema)),
        members,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_backticks_are_code_and_nothing_else_is_markup() {
        let text = Value::from("`query` takes <b> & \"a `b`.");
        assert_eq!(
            coded(&text),
            "<code>query</code> takes &lt;b&gt; &amp; &quot;a <code>b</code>."
        );
    }
}
