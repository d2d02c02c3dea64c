//! The API's document has the routes of the router, and the reference page shows them.

use std::collections::BTreeSet;

use api::openapi;
use http::Method;
use serde_json::Value;

use crate::harness::document::template;
use crate::harness::story;

/// The document's operations, such as `GET /companies/{companyId}`.
fn documented_operations() -> BTreeSet<String> {
    let paths = openapi::document()["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_ascii_uppercase()))
    });
    operations.collect()
}

/// The router's own operations, from its debugging text: the one list that can't forget a route.
fn routed_operations(text: &str) -> BTreeSet<String> {
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
        let router = api::router(std::sync::Arc::clone(&world.app));
        let routed = routed_operations(&format!("{router:?}"));
        let described = documented_operations();
        assert!(routed.len() > 60, "{routed:?}");
        let missing: Vec<_> = routed.difference(&described).collect();
        assert!(
            missing.is_empty(),
            "routes that the document doesn't have (crates/api/openapi/README.md says how they are added): {missing:#?}"
        );
        let extra: Vec<_> = described.difference(&routed).collect();
        assert!(
            extra.is_empty(),
            "described, but there is no route: {extra:#?}"
        );
    }
);

story!(the_document_is_served_with_an_etag, |world| async move {
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
fn every_operation_is_documented_completely() {
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
fn examples_match_their_schemas() {
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

story!(
    the_reference_page_shows_every_operation_and_runs_only_its_own_scripts,
    |world| async move {
        let page = world.send(Method::GET, "/reference", &[], vec![]).await;
        assert_eq!(page.status, 200);
        let text = page.text();
        for operation in documented_operations() {
            let (method, path) = operation.split_once(' ').unwrap();
            let id = openapi::document()["paths"][path][method.to_ascii_lowercase()]["operationId"]
                .clone();
            let id = id.as_str().unwrap();
            assert!(text.contains(&format!("id=\"{id}\"")), "{id}");
            assert!(text.contains(&format!("<a href=\"#{id}\">")), "{id}");
        }
        assert!(
            text.contains(world.app.config.origin()),
            "calls name this installation"
        );
        assert!(!text.contains("moorline.invalid"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none';") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert!(!text.contains("style=") && !text.contains("<style") && !text.contains("onclick"));
        // Every name in the page leads somewhere, and every file is there.
        for link in text.split("href=\"#").skip(1) {
            let name = link.split('"').next().unwrap();
            assert!(text.contains(&format!("id=\"{name}\"")), "#{name}");
        }
        for kind in ["css", "js"] {
            let at = text.split("\"/reference/").skip(1).find_map(|rest| {
                let file = rest.split('"').next()?;
                file.ends_with(kind).then(|| format!("/reference/{file}"))
            });
            let file = world.send(Method::GET, &at.unwrap(), &[], vec![]).await;
            assert_eq!(file.status, 200);
            assert!(file.header("cache-control").unwrap().contains("immutable"));
            let other = world
                .send(
                    Method::GET,
                    &format!("/reference/reference.0.{kind}"),
                    &[],
                    vec![],
                )
                .await;
            assert_eq!(other.header("cache-control"), Some("no-store"));
        }
        world
            .send(Method::GET, "/reference/other.txt", &[], vec![])
            .await
            .refused(404);
    }
);
