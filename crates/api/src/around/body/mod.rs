//! JSON bodies, and the refusal of those that can't be used.

mod objects;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde_json::Value;

use objects::Objects;

use super::errors::ApiError;

/// The longest text of a body, in characters. Names and the like have bounds of their own.
const LONGEST_TEXT: usize = 65_536;

/// A JSON body of the shape that the operation takes.
pub(crate) struct Body<T>(pub T);

/// The same for an operation that also works without a body.
pub(crate) struct OptionalBody<T>(pub Option<T>);

impl<T: DeserializeOwned, S: Sync + Send> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match OptionalBody::from_request(request, state).await? {
            OptionalBody(Some(body)) => Ok(Self(body)),
            OptionalBody(None) => Err(ApiError::invalid("body", "A JSON body is required.")),
        }
    }
}

impl<T: DeserializeOwned, S: Sync + Send> FromRequest<S> for OptionalBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let kind = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_ascii_lowercase);
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(ApiError::unread_body)?;
        let is_json = |kind: &str| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
        };
        match kind.as_deref() {
            Some(kind) if !is_json(kind) => {
                return Err(ApiError::not_json());
            }
            _ => {}
        }
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        check_texts(&bytes)?;
        check_is_object(&bytes)?;
        read(&bytes)
            .map(|body| Self(Some(body)))
            .map_err(|(place, error)| {
                let error = in_words_of_json(&without_names(&error.to_string()));
                let at = place.map_or(String::new(), |place| format!("`{place}`: "));
                ApiError::invalid("body", format!("The body can't be used: {at}{error}."))
            })
    }
}

/// The error has the place of the value that it is about, unless that is the whole body.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, (Option<String>, serde_json::Error)> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(Objects(&mut json), &mut track);
    let body = T::deserialize(tracked).map_err(|error| {
        let place = Some(track.path().to_string()).filter(|place| place != ".");
        (place, error)
    })?;
    json.end().map_err(|error| (None, error))?;
    Ok(body)
}

/// Refuses a JSON value that isn't an object: an array would be taken for its members' values in our order.
fn check_is_object(bytes: &[u8]) -> Result<(), ApiError> {
    let kind = match bytes.trim_ascii_start().first() {
        Some(b'[') => "an array",
        Some(b'"') => "a text",
        Some(b'0'..=b'9' | b'-') => "a number",
        Some(b't' | b'f') => "true or false",
        // Null is the absence of a body to some; what isn't JSON is told by its place.
        _ => return Ok(()),
    };
    if serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_err() {
        return Ok(());
    }
    Err(ApiError::invalid(
        "body",
        format!("The body must be an object, such as {{\"name\": \"value\"}}; this is {kind}."),
    ))
}

/// A message of serde's without the names that our own types have in it.
fn without_names(message: &str) -> String {
    let mut words = message.split(' ').peekable();
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        if matches!(word, "struct" | "enum")
            && words.peek().is_some_and(|name| {
                name.chars()
                    .next()
                    .is_some_and(|first| first.is_ascii_uppercase())
            })
        {
            words.next();
            kept.push(if word == "struct" {
                "an object"
            } else {
                "a text"
            });
            if words.peek() == Some(&"with") {
                // "with 6 elements"
                words.by_ref().take(3).for_each(drop);
            }
        } else {
            kept.push(word);
        }
    }
    kept.join(" ")
}

/// A message of serde's with JSON's words for what has others in Rust.
fn in_words_of_json(message: &str) -> String {
    const WORDS: [(&str, &str); 4] = [
        ("invalid type: sequence", "invalid type: array"),
        ("invalid type: map", "invalid type: object"),
        ("expected a sequence", "expected an array"),
        ("expected a map", "expected an object"),
    ];
    WORDS
        .iter()
        .fold(message.to_owned(), |message, (other, ours)| {
            message.replace(other, ours)
        })
}

/// Refuses texts that can't be kept, by their place in the body: with U+0000 in them, or longer than any may be.
fn check_texts(bytes: &[u8]) -> Result<(), ApiError> {
    // Only the escape can bring one: JSON has no bare U+0000. Few bodies are read twice.
    let suspicious = bytes.windows(6).any(|six| six == b"\\u0000");
    if !suspicious && bytes.len() <= LONGEST_TEXT {
        return Ok(());
    }
    match serde_json::from_slice(bytes) {
        Ok(body) => check_value(&String::new, &body),
        // What is wrong with it is said by whoever reads it.
        Err(_) => Ok(()),
    }
}

/// The path of the value is made for a refusal alone: one of its keys may be long, and be above very many values.
fn check_value(at: &dyn Fn() -> String, value: &Value) -> Result<(), ApiError> {
    let check = |text: &str| {
        let name = || {
            Some(at())
                .filter(|at| !at.is_empty())
                .unwrap_or_else(|| "body".to_owned())
        };
        match text {
            text if text.contains('\0') => Err(ApiError::holds_nul(&name())),
            // No more characters than bytes.
            text if text.len() > LONGEST_TEXT => {
                ApiError::check_length(&name(), text, LONGEST_TEXT)
            }
            _ => Ok(()),
        }
    };
    match value {
        Value::String(text) => check(text),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| check_value(&|| format!("{}[{index}]", at()), item)),
        Value::Object(members) => members.iter().try_for_each(|(key, member)| {
            check(key)?;
            let below = || match at() {
                above if above.is_empty() => key.clone(),
                above => format!("{above}.{key}"),
            };
            check_value(&below, member)
        }),
        _ => Ok(()),
    }
}
