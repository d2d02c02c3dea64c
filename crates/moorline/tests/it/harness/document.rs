//! The API's document as a check: every answer that a story gets must be as it describes.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use http::Method;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::harness::Answer;

/// The document, with every object closed: a story's answer may have no member that isn't described.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = api::openapi::document().clone();
    close(&mut document);
    document
});

fn close(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.contains_key("properties") && members.get("type") == Some(&json!("object")) {
                members
                    .entry("additionalProperties")
                    .or_insert(Value::Bool(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// The template in the document that a path matches: the one with the most words written out.
pub fn template(path: &str) -> Option<&'static str> {
    let segments: Vec<&str> = path.split('/').collect();
    let matches = |template: &&String| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == segments.len()
            && parts
                .iter()
                .zip(&segments)
                .all(|(part, segment)| part.starts_with('{') || part == segment)
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    paths
        .keys()
        .filter(matches)
        .min_by_key(|template| template.matches('{').count())
        .map(String::as_str)
}

/// True for what holds no one's secrets: pictures, scripts, the reference.
fn is_public(path: &str) -> bool {
    const BELOW: [&str; 4] = ["/assets/", "/link/assets/", "/sdk/", "/reference"];
    let exactly = ["/", "/openapi.json", "/.well-known/jwks.json"];
    exactly.contains(&path) || BELOW.iter().any(|beginning| path.starts_with(beginning))
}

/// Fails when the document doesn't allow the answer, or if a cache may keep one that isn't for everyone.
#[track_caller]
pub fn check(method: &Method, path: &str, answer: &Answer) {
    // HEAD comes with GET, and preflights with the browsers' own rules.
    if matches!(*method, Method::HEAD | Method::OPTIONS) {
        return;
    }
    assert!(
        is_public(path) || answer.header("cache-control") == Some("no-store"),
        "an answer that caches may keep: {method} {path}"
    );
    let status = answer.status.as_u16();
    let shown = || {
        let text = answer.text();
        let short: String = text.chars().take(600).collect();
        format!("{method} {path}: {status} {short}")
    };
    let slot = method.as_str().to_ascii_lowercase();
    let described = template(path).filter(|at| !DOCUMENT["paths"][at][&slot].is_null());
    let Some(at) = described else {
        assert!(
            matches!(status, 400 | 404 | 405 | 414 | 429 | 431 | 503 | 507),
            "not in the document: {}",
            shown()
        );
        validate(
            "error",
            &json!({ "$ref": "#/components/schemas/ErrorMessage" }),
            answer,
            &shown,
        );
        return;
    };
    let response = &DOCUMENT["paths"][at][&slot]["responses"][status.to_string()];
    assert!(
        !response.is_null(),
        "a status that isn't described: {}",
        shown()
    );
    let Some(content) = response["content"].as_object() else {
        assert!(
            answer.body.is_empty(),
            "a body that isn't described: {}",
            shown()
        );
        return;
    };
    let kind = answer.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let wide = format!("{}/*", kind.split('/').next().unwrap_or_default());
    let media = [kind, &wide, "*/*"]
        .into_iter()
        .find_map(|kind| content.get(kind))
        .unwrap_or_else(|| panic!("`{kind}` isn't described: {}", shown()));
    if kind == "application/json" {
        validate(
            &format!("{slot} {at} {status}"),
            &media["schema"],
            answer,
            &shown,
        );
    }
}

#[track_caller]
fn validate(name: &str, schema: &Value, answer: &Answer, shown: &dyn Fn() -> String) {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

    let mut known = KNOWN
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let validator = known.entry(name.to_owned()).or_insert_with(|| {
        let rooted = json!({ "components": DOCUMENT["components"], "allOf": [schema] });
        let made = jsonschema::options()
            .should_validate_formats(true)
            .build(&rooted);
        Arc::new(made.unwrap_or_else(|error| panic!("the schema of {name}: {error}")))
    });
    let validator = Arc::clone(validator);
    drop(known);
    let mut body = answer.json();
    // The beginning of a long list is enough.
    if let Some(results) = body.get_mut("results").and_then(Value::as_array_mut) {
        results.truncate(30);
    }
    let problems: Vec<String> = validator
        .iter_errors(&body)
        .take(5)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(
        problems.is_empty(),
        "not as described: {}\n{}",
        problems.join("\n"),
        shown()
    );
}
