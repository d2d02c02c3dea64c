//! Bad input gets a clear 4xx in the contract's envelope, and changes nothing.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, World, story};

/// The caller of a request.
enum By {
    Client,
    Bearer(String),
    Header(&'static str, String),
    Nobody,
}

struct Bad {
    what: &'static str,
    by: By,
    method: Method,
    path: String,
    body: Option<Vec<u8>>,
    kind: &'static str,
    status: u16,
}

impl Bad {
    fn new(what: &'static str, method: Method, path: impl Into<String>, status: u16) -> Self {
        Self {
            what,
            by: By::Client,
            method,
            path: path.into(),
            body: None,
            kind: "application/json",
            status,
        }
    }

    fn json(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string().into_bytes());
        self
    }

    fn raw(mut self, body: &[u8]) -> Self {
        self.body = Some(body.to_vec());
        self
    }

    fn of_type(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    fn by(mut self, by: By) -> Self {
        self.by = by;
        self
    }

    async fn send(&self, world: &World) -> Answer {
        use base64::Engine;
        let basic = format!(
            "Basic {}",
            base64::engine::general_purpose::STANDARD.encode(&world.key)
        );
        let mut headers = Vec::new();
        match &self.by {
            By::Client => headers.push(("authorization", basic.as_str())),
            By::Bearer(token) => headers.push(("authorization", token.as_str())),
            By::Header(name, value) => {
                headers.push((
                    "authorization",
                    value
                        .split_once('\n')
                        .map_or(basic.as_str(), |(_, token)| token),
                ));
                headers.push((
                    name,
                    value
                        .split_once('\n')
                        .map_or(value.as_str(), |(value, _)| value),
                ));
            }
            By::Nobody => {}
        }
        if self.body.is_some() {
            headers.push(("content-type", self.kind));
        }
        world
            .send(
                self.method.clone(),
                &self.path,
                &headers,
                self.body.clone().unwrap_or_default(),
            )
            .await
    }
}

story!(
    bad_input_is_refused_with_the_reason_and_changes_nothing,
    |world| async move {
        let company = world.company("merchant-1").await;
        let other_company = world.company("merchant-2").await;
        let connection = world.connection(&company, "mqjo").await["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let stranger = world.other_client().await;
        let stranger = format!("Basic {}", {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD.encode(stranger)
        });
        let nobody = "01900000-0000-7000-8000-000000000000";
        let token = |path: String| {
            let world = std::sync::Arc::clone(&world);
            async move {
                let answer = world.get(&path).await.ok();
                format!("Bearer {}", answer["accessToken"].as_str().unwrap())
            }
        };
        let bearer = token(format!(
            "/companies/{company}/connectionManagement/accessToken"
        ))
        .await;
        let day_bearer = token(format!("/companies/{company}/accessToken")).await;

        let one = format!("/companies/{company}/connections/{connection}");
        let list = format!("/companies/{company}/connections");
        let huge = vec![b' '; (1 << 20) + 1];
        let (get, post, put, patch, delete) = (
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        );
        let unlink = json!({ "status": "Unlinked" });
        let mut table = vec![
        Bad::new("no credentials", get.clone(), "/companies", 401).by(By::Nobody),
        Bad::new("a wrong key", get.clone(), "/companies", 401).by(By::Bearer("Basic d3Jvbmc=".into())),
        Bad::new("credentials that are no Base64", get.clone(), "/companies", 401).by(By::Bearer("Basic ***".into())),
        Bad::new("another scheme", get.clone(), "/companies", 401).by(By::Bearer("Digest x".into())),
        Bad::new("no such route", get.clone(), "/nothing/here", 404),
        Bad::new("a wrong method", delete.clone(), "/companies", 405),
        Bad::new("malformed JSON", post.clone(), "/companies", 400).raw(b"{\"name\":"),
        Bad::new("no body", post.clone(), "/companies", 400).raw(b""),
        Bad::new("a list for an object", post.clone(), "/companies", 400).raw(b"[]"),
        Bad::new("a list of members in our order", post.clone(), "/companies", 400).raw(b"[\"x\",null,null,null]"),
        Bad::new("a list that would disconnect", patch.clone(), format!("/companies/{company}/connections/{connection}"), 400).raw(b"[\"Unlinked\"]"),
        Bad::new("a list for a profile", put.clone(), "/profile", 400).raw(b"[\"x\",null,null,null,null,null]"),
        Bad::new("a list for a setting inside", post.clone(), "/profile/syncSettings", 400)
            .raw(b"{\"settings\":[[\"invoices\",true,24,0,null,null,null,false]],\"overridesDefaults\":true}"),
        Bad::new("a text for an object", post.clone(), "/apiKeys", 400).raw(b"\"x\""),
        Bad::new("a number for a name", post.clone(), "/companies", 400).json(&json!({ "name": 7 })),
        Bad::new("no name", post.clone(), "/companies", 400).json(&json!({ "description": "x" })),
        Bad::new("a name of nothing but forbidden characters", post.clone(), "/companies", 400).json(&json!({ "name": "()[]" })),
        Bad::new("tags that are a list", post.clone(), "/companies", 400).json(&json!({ "name": "x", "tags": ["a"] })),
        Bad::new("eleven tags", post.clone(), "/companies", 400)
            .json(&json!({ "name": "x", "tags": (0..11).map(|n| (n.to_string(), "v")).collect::<std::collections::BTreeMap<_, _>>() })),
        Bad::new("a tag whose key is too long", post.clone(), "/companies", 400)
            .json(&json!({ "name": "x", "tags": { ("k".repeat(28)): "v" } })),
        Bad::new("a tag whose value is too long", post.clone(), "/companies", 400)
            .json(&json!({ "name": "x", "tags": { "k": "v".repeat(101) } })),
        Bad::new("a body that is no JSON by its type", post.clone(), "/companies", 415).raw(b"name=x").of_type("text/plain"),
        Bad::new("a body that is too large", post.clone(), "/companies", 413).raw(&huge),
        Bad::new("page zero", get.clone(), "/companies?page=0", 400),
        Bad::new("a page that is no number", get.clone(), "/companies?page=two", 400),
        Bad::new("a page too large", get.clone(), "/companies?pageSize=5001", 400),
        Bad::new("a malformed query", get.clone(), "/companies?query=%7Bname%3Dx", 400),
        Bad::new("a query on an unknown field", get.clone(), "/companies?query=colour%3Dred", 400),
        Bad::new("an order by an unknown field", get.clone(), "/companies?orderBy=colour", 400),
        Bad::new("an id that is no UUID", get.clone(), "/companies/42", 400),
        Bad::new("an unknown company", get.clone(), format!("/companies/{nobody}"), 404),
        Bad::new("an unknown company, replaced", put.clone(), format!("/companies/{nobody}"), 404).json(&json!({ "name": "x" })),
        Bad::new("an unknown company, updated", patch.clone(), format!("/companies/{nobody}"), 404).json(&json!({ "name": "x" })),
        Bad::new("an unknown company, deleted", delete.clone(), format!("/companies/{nobody}"), 404),
        Bad::new("a replacement without a name", put.clone(), format!("/companies/{company}"), 400).json(&json!({})),
        Bad::new("an update to an empty name", patch.clone(), format!("/companies/{company}"), 400).json(&json!({ "name": "" })),
        Bad::new("another client's company", get.clone(), format!("/companies/{company}"), 404).by(By::Bearer(stranger.clone())),
        Bad::new("another client's company, deleted", delete.clone(), format!("/companies/{company}"), 404)
            .by(By::Bearer(stranger.clone())),
        Bad::new("another client's connections", get.clone(), list.clone(), 404).by(By::Bearer(stranger.clone())),
        Bad::new("a connection for another client's company", post.clone(), list.clone(), 404)
            .by(By::Bearer(stranger.clone()))
            .json(&json!({ "platformKey": "mqjo" })),
        Bad::new("another client's connection, deleted", delete.clone(), one.clone(), 404).by(By::Bearer(stranger.clone())),
        Bad::new("another client's connection, unlinked", patch.clone(), one.clone(), 404)
            .by(By::Bearer(stranger.clone()))
            .json(&unlink),
        Bad::new("another client's token for a company", get.clone(), format!("/companies/{company}/accessToken"), 404)
            .by(By::Bearer(stranger.clone())),
        Bad::new("connections of an unknown company", get.clone(), format!("/companies/{nobody}/connections"), 404),
        Bad::new("a connection without a platform", post.clone(), list.clone(), 400).json(&json!({})),
        Bad::new("a connection to an unknown platform", post.clone(), list.clone(), 404).json(&json!({ "platformKey": "zzzz" })),
        Bad::new("an unknown connection", get.clone(), format!("{list}/{nobody}"), 404),
        Bad::new("a connection under another company", get.clone(), format!("/companies/{other_company}/connections/{connection}"), 404),
        Bad::new("a status that can't be set", patch.clone(), one.clone(), 400).json(&json!({ "status": "Linked" })),
        Bad::new("no status", patch.clone(), one.clone(), 400).json(&json!({})),
        Bad::new("unlinking what isn't linked", patch.clone(), one.clone(), 400).json(&unlink),
        Bad::new("an unknown integration", get.clone(), "/integrations/zzzz", 404),
        Bad::new("an unknown integration's branding", get.clone(), "/integrations/zzzz/branding", 404),
        Bad::new("integrations by an unknown field", get.clone(), "/integrations?query=colour%3Dred", 400),
        Bad::new("a profile without a name", put.clone(), "/profile", 400).json(&json!({ "redirectUrl": "https://a.example" })),
        Bad::new("a profile with a script for a redirect", put.clone(), "/profile", 400)
            .json(&json!({ "name": "x", "redirectUrl": "javascript:alert(1)" })),
        Bad::new("a profile with a reserved parameter as host", put.clone(), "/profile", 400)
            .json(&json!({ "name": "x", "redirectUrl": "https://{companyId}.example/" })),
        Bad::new("a profile with a logo that is no URL", put.clone(), "/profile", 400)
            .json(&json!({ "name": "x", "redirectUrl": "https://a.example", "logoUrl": "logo.png" })),
        Bad::new("an origin with a path", post.clone(), "/corsSettings", 400).json(&json!({ "allowedOrigins": ["https://a.example/x"] })),
        Bad::new("an origin that is a wildcard", post.clone(), "/corsSettings", 400).json(&json!({ "allowedOrigins": ["*"] })),
        Bad::new("origins that are missing", post.clone(), "/connectionManagement/corsSettings", 400).json(&json!({})),
        Bad::new("a refresh of an unknown company", post.clone(), format!("/companies/{nobody}/data/all"), 404),
        Bad::new("a refresh of an unknown type", post.clone(), format!("/companies/{company}/data/queue/feelings"), 400),
        Bad::new("a refresh with nothing linked", post.clone(), format!("/companies/{company}/data/queue/invoices"), 400),
        Bad::new(
            "a refresh of an unlinked connection",
            post.clone(),
            format!("/companies/{company}/data/queue/invoices?connectionId={connection}"),
            400,
        ),
        Bad::new("the status of an unknown company", get.clone(), format!("/companies/{nobody}/dataStatus"), 404),
        Bad::new("the history of an unknown company", get.clone(), format!("/companies/{nobody}/data/history"), 404),
        Bad::new("an unknown pull operation", get.clone(), format!("/companies/{company}/data/history/{nobody}"), 404),
        Bad::new("history by a field that can't be queried", get.clone(), format!("/companies/{company}/data/history?query=isCompleted%3Dtrue"), 400),
    ];
        // Company tokens reach a few operations of their own company, and nothing else.
        for bearer in [&bearer, &day_bearer] {
            let refused = |what, method: &Method, path: &str, status| {
                Bad::new(what, method.clone(), path, status).by(By::Bearer(bearer.clone()))
            };
            table.extend([
                refused(
                    "a company's token for all companies",
                    &get,
                    "/companies",
                    403,
                ),
                refused(
                    "a company's token for a new company",
                    &post,
                    "/companies",
                    403,
                )
                .json(&json!({ "name": "x" })),
                refused(
                    "a company's token for the company itself",
                    &delete,
                    &format!("/companies/{company}"),
                    403,
                ),
                refused(
                    "a company's token for a further token",
                    &get,
                    &format!("/companies/{company}/accessToken"),
                    403,
                ),
                refused(
                    "a company's token for another company",
                    &get,
                    &format!("/companies/{other_company}/connections"),
                    403,
                ),
                refused(
                    "a company's token for another company's view",
                    &get,
                    &format!("/companies/{other_company}/connectionManagement/view"),
                    403,
                ),
                refused(
                    "a company's token for another company's platforms",
                    &get,
                    &format!("/companies/{other_company}/link/view"),
                    403,
                ),
                refused(
                    "a company's token for another company's new connection",
                    &post,
                    &format!("/companies/{other_company}/connections"),
                    403,
                )
                .json(&json!({ "platformKey": "mqjo" })),
                refused("a company's token for a deletion", &delete, &one, 403),
                refused(
                    "a company's token for data",
                    &get,
                    &format!("/companies/{company}/data/invoices"),
                    403,
                ),
                refused("a company's token for the profile", &get, "/profile", 403),
                refused(
                    "a company's token for the integrations",
                    &get,
                    "/integrations",
                    403,
                ),
            ]);
        }
        table.extend([
            Bad::new(
                "the Connections component's token for a new connection",
                post.clone(),
                list.clone(),
                403,
            )
            .by(By::Bearer(bearer.clone()))
            .json(&json!({ "platformKey": "mqjo" })),
            Bad::new(
                "a company's token for a connection to an unknown platform",
                post.clone(),
                list.clone(),
                404,
            )
            .by(By::Bearer(day_bearer.clone()))
            .json(&json!({ "platformKey": "zzzz" })),
            Bad::new(
                "another client's platforms",
                get.clone(),
                format!("/companies/{company}/link/view"),
                404,
            )
            .by(By::Bearer(stranger.clone())),
        ]);
        let tampered = format!("{}x", &bearer[..bearer.len() - 1]);
        table.push(
            Bad::new(
                "a token that was tampered with",
                get.clone(),
                list.clone(),
                401,
            )
            .by(By::Bearer(tampered)),
        );
        let unsigned = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.";
        table.push(
            Bad::new(
                "a token without a signature",
                get.clone(),
                list.clone(),
                401,
            )
            .by(By::Bearer(unsigned.into())),
        );
        table.push(
            Bad::new(
                "an origin that isn't registered",
                get.clone(),
                list.clone(),
                403,
            )
            .by(By::Header(
                "origin",
                format!("https://evil.example\n{bearer}"),
            )),
        );

        let before = world.at_rest().await;
        for bad in &table {
            let answer = bad.send(&world).await;
            assert_eq!(
                answer.status.as_u16(),
                bad.status,
                "{}: {}",
                bad.what,
                answer.text()
            );
            let text = answer.refused(bad.status);
            assert!(text.len() > 10, "{}: {text}", bad.what);
            assert!(
                answer.header("access-control-allow-origin").is_none(),
                "{}",
                bad.what
            );
        }
        assert_eq!(
            world.everything().await,
            before,
            "nothing of all that changed anything"
        );
        // The table would catch a change: a good request makes one.
        world.company("merchant-3").await;
        assert_ne!(world.everything().await, before);
        // An hour later the component's token is worth nothing, a day later neither is the other.
        world.pass(chrono::TimeDelta::hours(1));
        assert_eq!(
            world
                .authorized(&bearer, Method::GET, &list, None)
                .await
                .status,
            401
        );
        assert_eq!(
            world
                .authorized(&day_bearer, Method::GET, &list, None)
                .await
                .status,
            200
        );
        world.pass(chrono::TimeDelta::hours(23));
        world
            .authorized(&day_bearer, Method::GET, &list, None)
            .await
            .refused(401);
    }
);
