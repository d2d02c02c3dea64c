//! Texts that strangers choose: bounded, and without the one character that a database can't keep.

use std::collections::BTreeMap;

use api::openapi;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, World, story};

/// The member of a request that a refusal names.
#[track_caller]
fn named(answer: &Answer) -> String {
    let body = answer.json();
    assert_eq!(answer.status, 400, "{body}");
    let error = &body["validation"]["errors"][0];
    error["itemId"]
        .as_str()
        .unwrap_or_else(|| panic!("no member is named: {body}"))
        .to_owned()
}

/// The places of all texts in a body, as refusals name them.
fn texts(at: &str, body: &mut Value, visit: &mut dyn FnMut(&str, &mut String)) {
    match body {
        Value::String(text) => visit(at, text),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                texts(&format!("{at}[{index}]"), item, visit);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let at = if at.is_empty() {
                    key.clone()
                } else {
                    format!("{at}.{key}")
                };
                texts(&at, member, visit);
            }
        }
        _ => {}
    }
}

/// Every operation of the document that answers with JSON: its method, its path and its item.
fn operations() -> Vec<(Method, String, Value)> {
    let paths = openapi::document()["paths"].as_object().unwrap();
    let mut found = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answers = operation["responses"].to_string();
            if !answers.contains("text/html") {
                found.push((method, path.clone(), operation.clone()));
            }
        }
    }
    found
}

/// Ids that exist, by the names of parameters.
async fn ids(world: &World) -> BTreeMap<&'static str, String> {
    let company = world.company("merchant-1").await;
    let connection = world.connection(&company, "mqjo").await["id"].clone();
    let webhook = json!({ "url": "https://example.com/hooks", "eventTypes": ["read.completed"], "disabled": true });
    let webhook = world.post("/webhooks", webhook).await;
    assert_eq!(webhook.status, 201);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    BTreeMap::from([
        ("companyId", company),
        ("connectionId", text(&connection)),
        ("webhookId", text(&webhook.json()["id"])),
        ("platformKey", "mqjo".to_owned()),
        ("dataType", "customers".to_owned()),
        ("productIdentifier", "banking".to_owned()),
        ("customDataIdentifier", "lines".to_owned()),
        ("recordId", "1".to_owned()),
        ("accountId", "1".to_owned()),
    ])
}

fn filled(path: &str, ids: &BTreeMap<&str, String>) -> Option<String> {
    let parts = path.split('/').map(|part| match part.strip_prefix('{') {
        Some(name) => ids.get(name.trim_end_matches('}')).cloned(),
        None => Some(part.to_owned()),
    });
    parts
        .collect::<Option<Vec<_>>>()
        .map(|parts| parts.join("/"))
}

story!(
    a_text_with_u0000_is_refused_by_its_name_wherever_it_stands,
    |world| async move {
        let ids = ids(&world).await;
        let before = world.at_rest().await;
        let (mut in_bodies, mut in_paths) = (0, 0);
        for (method, path, operation) in operations() {
            let is_read = operation["requestBody"].is_null();
            for part in path.split('/').filter(|part| part.starts_with('{')) {
                let at = path.replacen(part, "a%00b", 1);
                let at = at.replace(['{', '}'], "");
                let answer = world.client(method.clone(), &at, None).await;
                assert_eq!(
                    named(&answer),
                    part.trim_matches(['{', '}']),
                    "{method} {at}"
                );
                in_paths += 1;
            }
            let Some(at) = filled(&path, &ids) else {
                continue;
            };
            if is_read {
                let at = format!("{at}?page=1&query=name%3Da%00b");
                let answer = world.client(method.clone(), &at, None).await;
                assert_eq!(named(&answer), "query", "{method} {at}");
                continue;
            }
            let example = &operation["requestBody"]["content"]["application/json"]["example"];
            let mut places = Vec::new();
            texts("", &mut example.clone(), &mut |at, _| {
                places.push(at.to_owned())
            });
            for place in places {
                let mut body = example.clone();
                texts("", &mut body, &mut |at, text| {
                    if at == place {
                        text.insert(text.len() / 2, '\0');
                    }
                });
                let answer = world.client(method.clone(), &at, Some(body)).await;
                assert_eq!(named(&answer), place, "{method} {at}");
                in_bodies += 1;
            }
            // A SOAP service and a form with files read no JSON, whatever is in it.
            let content = &operation["requestBody"]["content"];
            if content["text/xml"].is_object() || content["multipart/form-data"].is_object() {
                continue;
            }
            let answer = world
                .client(method.clone(), &at, Some(json!({ "a\0b": 1 })))
                .await;
            assert_eq!(named(&answer), "body", "{method} {at}");
        }
        assert!(in_bodies >= 40 && in_paths >= 150, "{in_bodies} {in_paths}");
        assert_eq!(world.everything().await, before);
        // An escape that only looks like it.
        world
            .post(
                "/companies",
                json!({ "name": "A", "description": "\\u0000" }),
            )
            .await
            .ok();
    }
);

story!(
    texts_have_bounds_and_the_refusal_names_them,
    |world| async move {
        let ids = ids(&world).await;
        let before = world.at_rest().await;
        let company = format!("/companies/{}", ids["companyId"]);
        let url = format!("https://a.example/{}", "u".repeat(2_040));
        let urls = vec!["https://a.example"; 101];
        for (method, path, body, name, bound) in [
            (
                Method::POST,
                "/companies",
                json!({ "name": "n".repeat(900_000) }),
                "name",
                "65536",
            ),
            (
                Method::POST,
                "/companies",
                json!({ "name": "ü".repeat(30_000) }),
                "name",
                "250",
            ),
            (
                Method::PUT,
                &company,
                json!({ "name": "n".repeat(251) }),
                "name",
                "250",
            ),
            (
                Method::PATCH,
                &company,
                json!({ "name": "n".repeat(251) }),
                "name",
                "250",
            ),
            (
                Method::POST,
                "/companies",
                json!({ "name": "n", "description": "d".repeat(4_001) }),
                "description",
                "4000",
            ),
            (
                Method::PUT,
                &company,
                json!({ "name": "n", "description": "d".repeat(4_001) }),
                "description",
                "4000",
            ),
            (
                Method::PATCH,
                &company,
                json!({ "description": "d".repeat(4_001) }),
                "description",
                "4000",
            ),
            (
                Method::POST,
                "/companies",
                json!({ "name": "n", "tags": { "t".repeat(50_000): "x" } }),
                "tags",
                "27",
            ),
            (
                Method::PUT,
                "/profile",
                json!({ "name": "n".repeat(251) }),
                "name",
                "250",
            ),
            (
                Method::PUT,
                "/profile",
                json!({ "name": "n", "redirectUrl": url }),
                "redirectUrl",
                "2048",
            ),
            (
                Method::PUT,
                "/profile",
                json!({ "name": "n", "logoUrl": url }),
                "logoUrl",
                "2048",
            ),
            (
                Method::PUT,
                "/profile",
                json!({ "name": "n", "whiteListUrls": urls }),
                "whiteListUrls",
                "100",
            ),
            (
                Method::POST,
                "/corsSettings",
                json!({ "allowedOrigins": urls }),
                "allowedOrigins",
                "100",
            ),
            (
                Method::PUT,
                "/profile/disclosure",
                json!({ "purpose": "p".repeat(70_000) }),
                "purpose",
                "65536",
            ),
        ] {
            let answer = world.client(method.clone(), path, Some(body)).await;
            assert_eq!(named(&answer), name, "{method} {path}");
            assert!(answer.text().contains(bound), "{}", answer.text());
            assert!(
                answer.text().len() < 1_000,
                "{method} {path}: the refusal itself is bounded"
            );
        }
        assert_eq!(world.everything().await, before);
        let longest = json!({ "name": "ü".repeat(250), "description": "d".repeat(4_000) });
        world.post("/companies", longest).await.ok();
    }
);
