//! `/reference`: the document as a page that people read. It works without its script, which filters and copies.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::document;
use crate::AppState;
use crate::around::errors::ApiError;

const STYLES: &str = include_str!("reference.css");
const SCRIPT: &str = include_str!("reference.js");
/// Stands in the page for where this installation is reached.
const ORIGIN: &str = "https://moorline.invalid";

/// Named after their content, so that browsers may keep them for ever.
static STYLES_NAME: LazyLock<String> = LazyLock::new(|| named("reference", STYLES, "css"));
static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| named("reference", SCRIPT, "js"));

static PAGE: LazyLock<Result<String, askama::Error>> = LazyLock::new(|| page(document()).render());

fn named(name: &str, content: &str, kind: &str) -> String {
    let hash = platform::credentials::vault::hex(&Sha256::digest(content)[..8]);
    format!("{name}.{hash}.{kind}")
}

pub(crate) async fn show(State(app): State<AppState>) -> Result<Response, ApiError> {
    let page = PAGE.as_ref().map_err(|error| {
        tracing::error!(%error, "the reference could not be written");
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "An error occurred on our side; its correlation ID is in the log.",
        )
    })?;
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; \
             frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        ),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    Ok((headers, page.replace(ORIGIN, app.config.origin())).into_response())
}

/// Another version's name is answered with this one's content, not to be kept: nodes are replaced one by one.
pub(crate) async fn asset(Path(file): Path<String>) -> Result<Response, ApiError> {
    let (content, kind, name) = if file.ends_with(".css") {
        (STYLES, "text/css; charset=utf-8", &*STYLES_NAME)
    } else if file.ends_with(".js") {
        (SCRIPT, "text/javascript; charset=utf-8", &*SCRIPT_NAME)
    } else {
        return Err(ApiError::no_such_route());
    };
    let caching = if file == *name {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    Ok((
        [
            (CONTENT_TYPE, HeaderValue::from_static(kind)),
            (CACHE_CONTROL, HeaderValue::from_static(caching)),
        ],
        content,
    )
        .into_response())
}

#[derive(Template)]
#[template(path = "reference.html")]
struct Page {
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
    /// What the filter looks in.
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

/// A type in words, with the shape that it leads to.
#[derive(Default)]
struct Kind {
    before: String,
    shape: Option<String>,
    after: String,
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

fn page(document: &Value) -> Page {
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
            Some("link") => "Whoever holds the link",
            _ => "Everybody",
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

fn kind(schema: &Value) -> Kind {
    if let Some(to) = schema["$ref"].as_str() {
        return Kind {
            shape: to.rsplit('/').next().map(str::to_owned),
            ..Kind::default()
        };
    }
    let around = |before: &str, inner: &Value| {
        let inner = kind(inner);
        Kind {
            before: format!("{before} {}", inner.before),
            ..inner
        }
    };
    if schema["properties"]["results"].is_object() && schema["properties"]["_links"].is_object() {
        return around("page of", &schema["properties"]["results"]["items"]);
    }
    for choice in ["anyOf", "allOf"] {
        if let Some(all) = schema[choice].as_array() {
            let mut of = all.iter().filter(|one| one["type"] != "null");
            let mut first = of.next().map(kind).unwrap_or_default();
            for other in of {
                let other = kind(other);
                let name = other.shape.unwrap_or_default();
                first.after.push_str(&format!(" or {}{name}", other.before));
            }
            if all.iter().any(|one| one["type"] == "null") {
                first.after.push_str(" or null");
            }
            return first;
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words
            .iter()
            .map(|word| word.as_str().unwrap_or("null").to_owned())
            .collect();
        return Kind {
            before: words.join(" · "),
            ..Kind::default()
        };
    }
    let (named, nullable) = match &schema["type"] {
        Value::Array(types) => (
            types
                .iter()
                .find(|one| *one != "null")
                .cloned()
                .unwrap_or_default(),
            true,
        ),
        other => (other.clone(), false),
    };
    let mut made = match named.as_str() {
        Some("array") => around("list of", &schema["items"]),
        Some("object") if schema["additionalProperties"].is_object() => {
            around("map of", &schema["additionalProperties"])
        }
        Some(name) => {
            let name = match (name, schema["format"].as_str()) {
                ("string", None) => "text",
                ("string", Some(format)) => format,
                (name, _) => name,
            };
            let range = match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
                (Some(low), Some(high)) => format!(", {low} to {high}"),
                _ => String::new(),
            };
            Kind {
                before: format!("{name}{range}"),
                ..Kind::default()
            }
        }
        None => Kind {
            before: "anything".into(),
            ..Kind::default()
        },
    };
    if nullable {
        made.after.push_str(" or null");
    }
    made
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
