//! Headers of deprecated operations: since when they are deprecated (RFC 9745), and when they are removed (RFC 8594).

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

use crate::openapi;

/// By `GET /things/{thingId}`: both headers' values.
type Notices = HashMap<String, (HeaderValue, HeaderValue)>;

static NOTICES: LazyLock<Notices> = LazyLock::new(|| notices(openapi::document()));

pub(crate) async fn layer(request: Request, next: Next) -> Response {
    if NOTICES.is_empty() {
        return next.run(request).await;
    }
    let path = request.extensions().get::<MatchedPath>();
    let at = path.map(|path| format!("{} {}", request.method(), path.as_str()));
    let mut response = next.run(request).await;
    if let Some(at) = at {
        announce(&NOTICES, &at, response.headers_mut());
    }
    response
}

fn announce(notices: &Notices, at: &str, headers: &mut HeaderMap) {
    if let Some((since, sunset)) = notices.get(at) {
        headers.insert("deprecation", since.clone());
        headers.insert("sunset", sunset.clone());
    }
}

fn notices(document: &Value) -> Notices {
    let mut found = Notices::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let day = |name: &str| midnight(operation[name].as_str()?);
            if let (Some(since), Some(sunset)) = (day("x-deprecated-since"), day("x-sunset")) {
                let since = HeaderValue::from_str(&format!("@{}", since.timestamp()));
                let sunset = sunset.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
                if let (Ok(since), Ok(sunset)) = (since, HeaderValue::from_str(&sunset)) {
                    let at = format!("{} {path}", method.to_ascii_uppercase());
                    found.insert(at, (since, sunset));
                }
            }
        }
    }
    found
}

fn midnight(text: &str) -> Option<DateTime<Utc>> {
    let day: NaiveDate = text.parse().ok()?;
    Some(day.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_answers_of_deprecated_operations_say_so() {
        let document = json!({ "paths": { "/things": {
            "get": { "x-deprecated-since": "2026-06-15", "x-sunset": "2027-01-31" },
            "post": {},
        } } });
        let notices = notices(&document);
        let mut headers = HeaderMap::new();
        announce(&notices, "POST /things", &mut headers);
        assert!(headers.is_empty());
        announce(&notices, "GET /things", &mut headers);
        assert_eq!(headers["deprecation"], "@1781481600");
        assert_eq!(headers["sunset"], "Sun, 31 Jan 2027 00:00:00 GMT");
    }
}
