//! The API as a whole: each operation's callers, refusals in one envelope, what is outside the scope.

use api::openapi;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use http::Method;
use platform::access::company_tokens::{Audience, Bearer, issue};
use serde_json::{Value, json};
use store::model::{ClientId, CompanyId};

use crate::harness::{World, story};

/// The operations open to a company's token. Each entry is a decision: add none without one.
const FOR_COMPANIES: &[&str] = &[
    "GET /companies/{companyId}/connections",
    "POST /companies/{companyId}/connections",
    "GET /companies/{companyId}/connections/{connectionId}",
    "PATCH /companies/{companyId}/connections/{connectionId}",
    "GET /companies/{companyId}/connections/{connectionId}/disclosure",
    "GET /companies/{companyId}/connections/{connectionId}/additionalConsents",
    "POST /companies/{companyId}/connections/{connectionId}/additionalConsents",
    "GET /companies/{companyId}/connections/{connectionId}/machine",
    "PUT /companies/{companyId}/connections/{connectionId}/machine",
    "GET /companies/{companyId}/connections/{connectionId}/timeline",
    "GET /companies/{companyId}/connections/{connectionId}/grants",
    "GET /companies/{companyId}/grants",
    "GET /companies/{companyId}/connectionManagement/view",
    "GET /companies/{companyId}/connectionManagement/events",
    "GET /companies/{companyId}/link/view",
    "GET /companies/{companyId}/files",
    "POST /companies/{companyId}/connections/{connectionId}/files",
    "POST /companies/{companyId}/requestedPlatforms",
];

/// Those of them that the Connections component's token doesn't reach.
const FOR_LINK: &[&str] = &[
    "POST /companies/{companyId}/connections",
    "POST /companies/{companyId}/connections/{connectionId}/additionalConsents",
    "GET /companies/{companyId}/link/view",
    "GET /companies/{companyId}/files",
    "POST /companies/{companyId}/connections/{connectionId}/files",
    "POST /companies/{companyId}/requestedPlatforms",
];

/// Operations that need no key: files and figures, and pages behind a link's password.
const IN_THE_OPEN: &[&str] = &[
    "GET /.well-known/jwks.json",
    "GET /assets/",
    "GET /company/",
    "POST /company/",
    "GET /health",
    "GET /link/assets/",
    "GET /machines/",
    "POST /machines/",
    "GET /metrics",
    "GET /oauth/",
    "GET /openapi.json",
    "GET /ready",
    "GET /receipt/",
    "GET /reference",
    "GET /sdk/",
];
const LINK_PAGES: [&str; 9] = [
    "/start",
    "/upload",
    "/leave",
    "/certificate",
    "/choose",
    "/result",
    "/setup",
    "/setup/file",
    "/link/session",
];

struct Callers {
    /// Name, `Authorization` header, and true for a known caller.
    strangers: Vec<(&'static str, Option<String>)>,
    own_key: String,
    other_key: String,
    company_token: String,
    management_token: String,
    other_company_token: String,
}

async fn callers(world: &World, company: &str) -> Callers {
    let basic = |key: &str| format!("Basic {}", STANDARD.encode(key));
    let bearer = |token: &Value| format!("Bearer {}", token["accessToken"].as_str().unwrap());
    let token = async |company: &str, kind: &str| {
        bearer(
            &world
                .get(&format!("/companies/{company}/{kind}"))
                .await
                .ok(),
        )
    };
    let gone = world.post("/apiKeys", json!({ "name": "gone" })).await.ok();
    let path = format!("/apiKeys/{}", gone["id"].as_str().unwrap());
    world.client(Method::DELETE, &path, None).await.ok();

    let company_token = token(company, "accessToken").await;
    let other = world.company("merchant-43").await;
    let claims = |audience| Bearer {
        client: ClientId(claim(&company_token, "azp")),
        company: CompanyId(claim(&company_token, "sub")),
        audience,
    };
    let (vault, origin, now) = (
        &world.app.vault,
        world.app.config.origin(),
        world.clock.now(),
    );
    let old = issue(
        vault,
        origin,
        claims(Audience::Company),
        now - TimeDelta::days(2),
    );
    let elsewhere = issue(
        vault,
        "https://elsewhere.example",
        claims(Audience::Company),
        now,
    );
    let mut parts = company_token.trim_start_matches("Bearer ").split('.');
    let payload = parts.nth(1).unwrap();
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let strangers = vec![
        ("no key", None),
        ("a wrong key", Some(basic(&"x".repeat(40)))),
        (
            "a deleted key",
            Some(basic(gone["apiKey"].as_str().unwrap())),
        ),
        ("an expired token", Some(format!("Bearer {old}"))),
        (
            "a token for another audience",
            Some(format!("Bearer {elsewhere}")),
        ),
        ("alg: none", Some(format!("Bearer {unsigned}.{payload}."))),
        (
            "alg: none, with a signature",
            Some(format!(
                "Bearer {unsigned}.{payload}.{}",
                parts.next().unwrap()
            )),
        ),
        (
            "a token as a password",
            Some(basic(&format!("{}:", &company_token[7..]))),
        ),
    ];
    Callers {
        strangers,
        own_key: basic(&world.key),
        other_key: basic(&world.other_client().await),
        management_token: token(company, "connectionManagement/accessToken").await,
        other_company_token: token(&other, "accessToken").await,
        company_token,
    }
}

fn claim(bearer: &str, name: &str) -> uuid::Uuid {
    let payload = bearer.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    claims[name].as_str().unwrap().parse().unwrap()
}

story!(
    every_operation_admits_its_callers_and_no_others,
    |world| async move {
        let document = openapi::document();
        let company = world.company("merchant-42").await;
        let callers = callers(&world, &company).await;
        let mut checked = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let at = format!("{} {path}", method.to_ascii_uppercase());
                let open = at == "GET /"
                    || IN_THE_OPEN.iter().any(|prefix| at.starts_with(prefix))
                    || LINK_PAGES.iter().any(|page| path.ends_with(page));
                let for_company = FOR_COMPANIES.contains(&&*at);
                let audience = operation["x-audience"].as_str().unwrap();
                let expected: &[&str] = match (open, for_company) {
                    (true, false) => &["open", "link"],
                    (false, true) => &["company"],
                    _ => &["client"],
                };
                assert!(
                    expected.contains(&audience),
                    "{at} is for {audience}: was that meant?"
                );

                // Not the company itself, lest it be gone for those who come after.
                let subject = if at == "DELETE /companies/{companyId}" {
                    world.company("merchant-44").await
                } else {
                    company.clone()
                };
                let url = path
                    .replace("{companyId}", &subject)
                    .replace("{dataType}", "invoices")
                    .replace("{id}", "1");
                let url: String = url
                    .split('/')
                    .map(|part| match part.starts_with('{') {
                        true if part.ends_with("Id}") || part.ends_with("OperationKey}") => {
                            store::clock::random_id().to_string()
                        }
                        true => "unknown".to_owned(),
                        false => part.to_owned(),
                    })
                    .collect::<Vec<_>>()
                    .join("/");
                let needed =
                    operation["parameters"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .filter(|parameter| {
                            parameter["in"] == "query" && parameter["required"] == true
                        });
                let needed: String = needed
                    .map(|parameter| format!("&{}=1", parameter["name"].as_str().unwrap()))
                    .collect();
                let url = format!("{url}?{}", needed.trim_start_matches('&'));
                let content = operation["requestBody"]["content"].as_object();
                let kind = content.and_then(|content| content.keys().next());
                let body = content
                    .and_then(|content| content.values().next())
                    .map_or_else(Vec::new, |media| match &media["example"] {
                        Value::Null => Vec::new(),
                        example => example.to_string().into_bytes(),
                    });
                // A stream has no end to wait for: its head is enough.
                let streams =
                    operation["responses"]["200"]["content"]["text/event-stream"].is_object();
                let call = async |authorization: Option<&str>| {
                    let mut headers = Vec::new();
                    if let Some(kind) = kind {
                        headers.push(("content-type", kind.as_str()));
                    }
                    if let Some(authorization) = authorization {
                        headers.push(("authorization", authorization));
                    }
                    let method = if streams {
                        Method::HEAD
                    } else {
                        method.to_ascii_uppercase().parse().unwrap()
                    };
                    world
                        .send(method, &url, &headers, body.clone())
                        .await
                        .status
                        .as_u16()
                };
                for (who, authorization) in &callers.strangers {
                    let status = call(authorization.as_deref()).await;
                    let is_refused = status == 401;
                    assert_eq!(is_refused, !open, "{at} answers {status} to {who}");
                }
                if !open {
                    let manages = for_company && !FOR_LINK.contains(&&*at);
                    for (who, token, admitted) in [
                        ("a company's token", &callers.company_token, for_company),
                        ("the component's token", &callers.management_token, manages),
                    ] {
                        let status = call(Some(token)).await;
                        let let_in = !matches!(status, 401 | 403);
                        assert_eq!(let_in, admitted, "{at} answers {status} to {who}");
                    }
                    let status = call(Some(&callers.other_company_token)).await;
                    assert_eq!(status, 403, "{at} with another company's token");
                    let status = call(Some(&callers.other_key)).await;
                    if path.contains("{companyId}") {
                        assert_eq!(status, 404, "{at} with another client's key");
                    } else {
                        assert!(
                            !matches!(status, 401 | 403),
                            "{at} answers {status} to another client"
                        );
                    }
                    let status = call(Some(&callers.own_key)).await;
                    assert!(
                        !matches!(status, 401 | 403 | 405),
                        "{at} answers {status} to its client"
                    );
                }
                checked += 1;
            }
        }
        assert!(checked > 80, "{checked}");
        // Nobody did any harm on the way.
        let still: Value = world.get(&format!("/companies/{company}")).await.ok();
        assert_eq!(
            still["name"], "Juniper & Rye Ltd",
            "as the client's own key replaced it"
        );
        world.get("/companies").await.ok();
    }
);

story!(every_refusal_has_the_same_envelope, |world| async move {
    let key = format!("Basic {}", STANDARD.encode(&world.key));
    let with = |headers: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
        let mut all = vec![("authorization", key.clone())];
        all.extend(
            headers
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        all
    };
    let json = &[("content-type", "application/json")];
    let long = "x".repeat(2_000_000);
    let company = world.company("merchant-42").await;
    let of_company = format!("/companies/{company}");
    for (status, method, path, headers, body) in [
        (404, "GET", "/nowhere", with(&[]), ""),
        (404, "POST", "/companies/1/2/3/4/5/6", with(json), "{}"),
        (400, "GET", "/companies//connections", with(&[]), ""),
        (404, "GET", "/sdk/v9.9.9/connections.js", with(&[]), ""),
        (404, "GET", "/link/assets/nothing.css", with(&[]), ""),
        (
            404,
            "GET",
            "/assets/integrations/mqjo/nothing",
            with(&[]),
            "",
        ),
        (405, "DELETE", "/companies", with(&[]), ""),
        (405, "PUT", "/health", with(&[]), ""),
        (405, "BREW", "/companies", with(&[]), ""),
        (
            405,
            "POST",
            &format!("{of_company}/connectionManagement/view"),
            with(json),
            "{}",
        ),
        (
            415,
            "POST",
            "/companies",
            with(&[("content-type", "text/plain")]),
            "name=x",
        ),
        (
            415,
            "POST",
            "/companies",
            with(&[("content-type", "application/xml")]),
            "<name/>",
        ),
        (413, "POST", "/companies", with(json), &long),
        (400, "POST", "/companies", with(json), "{\"name\":"),
        (400, "POST", "/companies", with(json), "[]"),
        (400, "POST", "/companies", with(json), "\u{feff}{}"),
        (400, "POST", "/companies", with(json), ""),
        (400, "GET", "/companies/%ff%fe", with(&[]), ""),
        (400, "GET", "/companies/%00", with(&[]), ""),
        (400, "GET", "/companies/not-an-id", with(&[]), ""),
        (
            400,
            "GET",
            &format!("{of_company}/connections/%2e%2e%2f"),
            with(&[]),
            "",
        ),
        (400, "GET", "/companies?page=0", with(&[]), ""),
        (400, "GET", "/companies?pageSize=5001", with(&[]), ""),
        (
            400,
            "GET",
            "/companies?page=99999999999999999999",
            with(&[]),
            "",
        ),
        (400, "GET", "/companies?query=name", with(&[]), ""),
        (401, "GET", "/companies", vec![], ""),
        (
            401,
            "GET",
            "/companies",
            vec![("authorization", "Basic ***".into())],
            "",
        ),
        (
            401,
            "GET",
            "/companies",
            vec![("authorization", "Digest x".into())],
            "",
        ),
    ] {
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = world
            .send(
                method.parse().unwrap(),
                path,
                &headers,
                body.as_bytes().to_vec(),
            )
            .await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{method} {path}: {}",
            answer.text()
        );
        answer.refused(status);
        assert_eq!(
            answer.header("content-type"),
            Some("application/json"),
            "{method} {path}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        if status == 405 {
            assert!(
                answer.header("allow").is_some(),
                "{method} {path} says what is allowed"
            );
        }
    }
});

story!(
    operations_outside_the_scope_are_refused_as_not_found,
    |world| async move {
        let company = world.company("merchant-42").await;
        let of_company = format!("/companies/{company}");
        let connection = format!("{of_company}/connections/{}", store::clock::random_id());
        for path in [
            "/rules".to_owned(),
            format!("{of_company}/data/invoices/1/pdf"),
            format!("{of_company}/data/invoices/1/attachments"),
            format!("{connection}/data/bills/1/attachments"),
            format!("{connection}/data/bills/1/attachments/2/download"),
            format!("{of_company}/reports/agedCreditor"),
            format!("{of_company}/reports/agedDebtor/available"),
            format!("{of_company}/reports/enhancedProfitAndLoss/accounting"),
            format!(
                "{of_company}/connections/{}/assess/accountCategories",
                store::clock::random_id()
            ),
            format!("/data{of_company}/assess/excel"),
            format!("/data{of_company}/assess/dataTypes/invoices/dataIntegrity/status"),
            format!("/data{connection}/assess/commerceMetrics/revenue"),
            format!("{of_company}/reports/liabilities/loans"),
            format!("{of_company}/reports/categorizedBankStatement"),
            format!("{of_company}/reports"),
            format!("{of_company}/sync/expenses/config"),
            format!("{of_company}/sync/commerce/latest"),
            format!("{of_company}/sync/payables/bills"),
            format!("{connection}/connectionInfo/bankFeedAccounts"),
            format!("{connection}/bankStatements/upload/configuration"),
            format!("{of_company}/groups"),
            "/groups".to_owned(),
            "/config/integrations".to_owned(),
        ] {
            let text = world.get(&path).await.refused(404);
            assert!(text.starts_with("NotFound "), "{path}: {text}");
        }
    }
);

story!(
    the_address_itself_says_what_answers_there,
    |world| async move {
        let page = world.send(Method::GET, "/", &[], vec![]).await;
        assert_eq!(page.status, 200);
        let text = page.text();
        for link in ["/reference", "/openapi.json"] {
            assert!(text.contains(&format!("<a href=\"{link}\">")), "{text}");
        }
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
    }
);
