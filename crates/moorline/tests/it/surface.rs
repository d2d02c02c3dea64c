//! The API as a whole: its document and its routes are the same, and every refusal has the same envelope.

use std::collections::BTreeSet;

use http::Method;
use moorline::http::openapi;
use serde_json::Value;

use crate::document::template;
use crate::harness::story;

/// `GET /companies/{companyId}` and so on, as the document has them.
fn described() -> BTreeSet<String> {
    let paths = openapi::document()["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_ascii_uppercase()))
    });
    operations.collect()
}

/// What the router itself says that it has: the one place that can't forget a route is its debugging text.
fn routed(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let (routes, paths) = text
        .split_once("node: Node")
        .expect("the router tells its paths");
    // `RouteId(3): "/companies"`
    let path_of = |id: &str| {
        let (_, rest) = paths.split_once(&format!("RouteId({id}): \""))?;
        Some(rest.split('"').next().unwrap_or_default().to_owned())
    };
    for route in routes.split("RouteId(").skip(1) {
        let id = route.split(')').next().unwrap_or_default();
        let path = path_of(id).unwrap_or_else(|| panic!("route {id} has a path"));
        for (field, method) in [
            ("get: ", "GET"),
            ("post: ", "POST"),
            ("put: ", "PUT"),
            ("patch: ", "PATCH"),
            ("delete: ", "DELETE"),
        ] {
            let (_, rest) = route.split_once(field).expect("a route has its methods");
            if !rest.starts_with("None") {
                found.insert(format!("{method} {path}"));
            }
        }
    }
    found
}

story!(
    the_document_has_every_route_and_no_other,
    |world| async move {
        let router = moorline::http::router(std::sync::Arc::clone(&world.app));
        let routed = routed(&format!("{router:?}"));
        let described = described();
        assert!(routed.len() > 60, "{routed:?}");
        let missing: Vec<_> = routed.difference(&described).collect();
        assert!(
            missing.is_empty(),
            "routes that the document doesn't have (crates/moorline/openapi/README.md says how they are added): {missing:#?}"
        );
        let extra: Vec<_> = described.difference(&routed).collect();
        assert!(
            extra.is_empty(),
            "described, but there is no route: {extra:#?}"
        );
    }
);

story!(the_document_is_served_and_can_be_kept, |world| async move {
    let first = world.send(Method::GET, "/openapi.json", &[], vec![]).await;
    assert_eq!(first.ok()["openapi"], "3.1.0");
    assert_eq!(first.json(), *openapi::document());
    let etag = first.header("etag").unwrap();
    let again = world
        .send(
            Method::GET,
            "/openapi.json",
            &[("if-none-match", etag)],
            vec![],
        )
        .await;
    assert_eq!(again.status, 304);
});

#[test]
fn every_operation_says_what_a_reader_needs() {
    let document = openapi::document();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let at = format!("{method} {path}");
            for member in ["operationId", "summary", "x-audience"] {
                let text = operation[member].as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{at} has no {member}");
            }
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                responses.keys().any(|status| status.as_str() < "400"),
                "{at} never succeeds"
            );
            if operation["requestBody"]["content"]["application/json"].is_object() {
                let example = &operation["requestBody"]["content"]["application/json"]["example"];
                assert!(!example.is_null(), "{at} takes a body and shows none");
            }
            let own = template(path);
            assert_eq!(own, Some(path.as_str()), "{at} is hidden by another path");
        }
    }
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(schemas.values().all(Value::is_object));
}

#[test]
fn examples_are_of_the_shape_that_they_are_examples_of() {
    let document = openapi::document();
    let mut seen = 0;
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let media = &operation["requestBody"]["content"]["application/json"];
            if media["example"].is_null() {
                continue;
            }
            let schema = serde_json::json!({ "components": document["components"], "allOf": [media["schema"]] });
            let validator = jsonschema::options()
                .should_validate_formats(true)
                .build(&schema)
                .unwrap();
            let problem = validator
                .validate(&media["example"])
                .err()
                .map(|error| error.to_string());
            assert_eq!(problem, None, "{}", operation["operationId"]);
            seen += 1;
        }
    }
    assert!(seen > 5);
}
