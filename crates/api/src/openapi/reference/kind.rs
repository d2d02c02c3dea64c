//! Types in words: `list of Invoice`, `integer, 1 to 5000 or null`.

use serde_json::Value;

/// A type in words, with the shape that it leads to.
#[derive(Default)]
pub(super) struct Kind {
    pub(super) before: String,
    pub(super) shape: Option<String>,
    pub(super) after: String,
}

/// The words for a schema.
pub(super) fn kind(schema: &Value) -> Kind {
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
