//! Words of a manifest for platforms whose accounts have an address each, and are asked in queries: texts that are made of what was
//! learnt, hosts that come of them, questions with a body, and plainer ones where the first is refused.

use std::collections::BTreeMap;

use connectors::{
    Cursor, DataType, FetchError, Grant, Identity, Narrowing, OAuthError, Page, Revocation,
};
use egress::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::emulator::Platform;
use crate::stand::{Stand, client, folder, load};

const MANIFEST: &str = r#"key = "test"
name = "A platform"
source_type = "Accounting"
integration_id = "0b4bd0fe-8a3f-4d0f-a7a3-51d8e6ab1c9c"
source_id = "5bdbcf7e-5d5c-4a55-9ff2-2f3a3a0a6a5d"
hosts = ["*.api.example.com"]

[variables]
rest = "https://${account}.api.example.com/rest"

[texts]
account = { of = "company", lower_case = true, replace = { "_" = "-" } }
of_part = { by = "parts", values = { T = " and part = ${part}", F = "" } }
columns = { text = "id, name" }

[auth]
kind = "oauth2"
authorize_url = "https://login.example.com/authorize"
token_url = "${rest}/token"
revoke_url = "${rest}/revoke"
client_authentication = "none"
callback_parameters = ["company"]

[identity]
path = "${rest}/query"
query = { limit = "10" }
body = { q = "select parts" }
plainer = [{ body = { q = "select one" } }]
lookup = { account = { text = "${company}" }, money = { path = "${rest}/query", body = { q = "select money" }, items = "rows", may_be_refused = true } }
map = "identity.jq"
variables = ["parts", "part"]

[api]
base_url = "${rest}"
headers = { Part = "${part}" }
error_message = "message"
refusals = [
  { status = 400, path = "message", contains = ["too many"], means = "rate_limited" },
  { status = 400, path = "message", contains = ["not found"], means = "not_supported", reason = "The account has none." },
]

[[data]]
type = "customers"
method = "POST"
path = "/query"
query = { limit = "2" }
body = { q = "select ${columns}, mail where id > ${offset}${of_part}${since} order by id" }
plainer = [{ body = { q = "select ${columns} where id > ${offset}${of_part} order by id" } }, { query = { limit = "2", plain = "1" } }]
since = { text = " and changed > ${time}", format = "date" }
paging = { style = "offset", size = 2, last = "id" }
lookup = { home = { path = "/query", body = { q = "select home" }, items = "rows.0.code" }, part = { text = "${part}" } }
items = "rows"
map = "customers.jq"

[[data]]
type = "customers"
when = "changes"
method = "POST"
path = "/gone"
body = { q = "select gone" }
paging = { style = "none" }
items = "rows"
empty_statuses = [400]
map = "customers.jq"
"#;

fn described(manifest: &str) -> TempDir {
    folder(&[
        ("manifest.toml", manifest),
        (
            "identity.jq",
            "(.rows // [null])[] | {id: ([$lookup.account, (.id // \"one\"), ($lookup.money | length | tostring)] | join(\"/\")), variables: {parts: (if .id == null then \"F\" else \"T\" end), part: (.id // \"\")}}",
        ),
        (
            "customers.jq",
            "{id: .id, status: \"Active\", defaultCurrency: $lookup.home, phone: $lookup.part}",
        ),
    ])
}

async fn start(variables: &[(&str, &str)]) -> Stand {
    let platform = Platform::start().await;
    let rest = format!("{}/of/${{account}}", platform.base);
    let integration = load(&described(MANIFEST), &[("rest", &rest)]).unwrap();
    Stand {
        below: "/of/12-sb1",
        ..Stand::new(platform, integration, variables)
    }
}

async fn identities(stand: &Stand) -> Result<Vec<Identity>, FetchError> {
    let (door, access) = (stand.platform.door(), stand.access());
    stand.integration.identities(&door, &access).await
}

async fn customers(stand: &Stand, at: Option<&Cursor>, changes: bool) -> Result<Page, FetchError> {
    let narrowing = Narrowing {
        since: changes.then(|| "2026-03-02T08:00:00Z".parse().unwrap()),
        only_changes: changes,
    };
    stand.page(DataType::Customers, at, narrowing).await
}

/// The queries that were asked, by their texts.
fn queries(stand: &Stand) -> Vec<String> {
    let bodies = stand.platform.all().into_iter().map(|seen| seen.body);
    bodies
        .filter_map(|body| {
            let body: Value = serde_json::from_str(&body).ok()?;
            Some(body["q"].as_str()?.to_owned())
        })
        .collect()
}

#[tokio::test]
async fn tokens_come_from_the_accounts_own_address() {
    let stand = start(&[("company", "12_SB1")]).await;
    let tokens = json!({ "access_token": "at-2", "refresh_token": "rt-2", "expires_in": 60 });
    stand.answers("/token", 200, &tokens);
    let (door, code, refresh) = (
        stand.platform.door(),
        Secret::new("code"),
        Secret::new("rt-1"),
    );
    let integration = &stand.integration;
    let known = &stand.variables;
    let own = client();
    let exchanged = integration.exchange(&door, &own, "https://a.example/cb", &code, None, known);
    assert_eq!(exchanged.await.unwrap().access_token.expose(), "at-2");
    let refreshed = integration.refresh(&door, &client(), &refresh, known).await;
    assert_eq!(refreshed.unwrap().access_token.expose(), "at-2");
    stand.answers("/revoke", 200, &json!({}));
    let grant = |variables| Grant {
        access_token: &stand.token,
        refresh_token: Some(&refresh),
        variables,
    };
    let ended = integration.end(&door, &client(), grant(known)).await;
    assert!(matches!(ended, Ok(Revocation::Done(_))), "{ended:?}");
    assert_eq!(stand.platform.last().target(), "/of/12-sb1/revoke");

    // Without the account there is no address: nothing is sent.
    let before = stand.platform.all().len();
    let none = BTreeMap::new();
    let lost = integration.refresh(&door, &client(), &refresh, &none).await;
    assert!(matches!(lost, Err(OAuthError::NoAddress(_))), "{lost:?}");
    let ended = integration.end(&door, &client(), grant(&none)).await;
    assert_eq!(ended, Ok(Revocation::NotOffered));
    assert_eq!(stand.platform.all().len(), before);
}

#[tokio::test]
async fn a_host_that_is_learnt_is_one_of_the_manifests() {
    let integration = load(&described(MANIFEST), &[]).unwrap();
    let platform = Platform::start().await;
    let (door, refresh) = (platform.door(), Secret::new("rt-1"));
    for company in ["evil.example.org/", "a.b", "x@evil.example.org", "", "a:80"] {
        let known = BTreeMap::from([("company".to_owned(), company.to_owned())]);
        let error = integration
            .refresh(&door, &client(), &refresh, &known)
            .await;
        assert!(
            matches!(error, Err(OAuthError::NoAddress(_))),
            "{company}: {error:?}"
        );
    }
    // This host is the platform's by its name; that there is none is found by asking.
    let known = BTreeMap::from([("company".to_owned(), "12_SB1".to_owned())]);
    let error = integration
        .refresh(&door, &client(), &refresh, &known)
        .await;
    assert!(
        matches!(error, Err(OAuthError::Unreachable(_))),
        "{error:?}"
    );

    let problem =
        |old: &str, new: &str| load(&described(&MANIFEST.replace(old, new)), &[]).unwrap_err();
    let open = problem("hosts = [\"*.api.example.com\"]\n", "");
    assert_eq!(open.line, Some(33), "{open}");
    assert!(open.message.contains("list the hosts"), "{open}");
    let other = problem("*.api.example.com", "*.other.example.com");
    assert!(
        other.message.contains("is not a host of the platform's"),
        "{other}"
    );
    let wide = problem("[\"*.api.example.com\"]", "[\"*.com\"]");
    assert_eq!(wide.line, Some(6), "{wide}");
}

#[tokio::test]
async fn a_company_is_asked_for_in_a_query_and_in_a_plainer_one_where_that_is_refused() {
    let stand = start(&[("company", "12_SB1")]).await;
    let refusal = json!({ "message": "parts not found" });
    let rows = json!({ "rows": [{ "id": "7" }, { "id": "8" }] });
    // Look-ups and questions have one address: their order tells them apart.
    stand.answers("/query", 400, &refusal);
    stand.answers("/query?limit=10", 200, &rows);
    let found = identities(&stand).await.unwrap();
    let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["12_SB1/7/0", "12_SB1/8/0"]);
    assert_eq!(found[1].variables["part"], "8");
    assert_eq!(queries(&stand), ["select money", "select parts"]);

    stand.answers("/query?limit=10", 400, &refusal);
    let error = identities(&stand).await;
    assert_eq!(
        error,
        Err(FetchError::NotOffered("The account has none.".into()))
    );
    assert_eq!(
        queries(&stand)[2..],
        ["select money", "select parts", "select one"]
    );
    // A limit is no refusal of the query.
    stand.answers("/query?limit=10", 400, &json!({ "message": "too many" }));
    let error = identities(&stand).await;
    assert!(
        matches!(error, Err(FetchError::RateLimited { .. })),
        "{error:?}"
    );
    assert_eq!(queries(&stand).len(), 7);
}

#[tokio::test]
async fn a_list_is_asked_for_in_plainer_words_from_the_page_on_where_it_is_refused() {
    let stand = start(&[("company", "12_SB1"), ("parts", "T"), ("part", "7")]).await;
    let home = json!({ "rows": [{ "code": "KWD" }] });
    let refusal = json!({ "message": "mail not found" });
    stand.answers("/query", 200, &home);
    stand.answers("/query?limit=2", 400, &refusal);
    let rows = json!({ "rows": [{ "id": "1" }, { "id": "2" }] });
    stand.answers("/query?limit=2&plain=1", 200, &rows);
    let first = customers(&stand, None, false).await.unwrap();
    let asked = queries(&stand);
    assert_eq!(
        asked,
        [
            "select home",
            "select id, name, mail where id > 0 and part = 7 order by id",
            "select id, name where id > 0 and part = 7 order by id",
            "select id, name where id > 0 and part = 7 order by id",
        ]
    );
    assert_eq!(stand.platform.last().header("part"), Some("7"));
    let mapped = stand.integration.map_page(DataType::Customers, &first);
    let record: Value = serde_json::from_str(&mapped.unwrap().records[0].to_json()).unwrap();
    assert_eq!(record["defaultCurrency"], "KWD");
    assert_eq!(record["phone"], "7");
    // The next page isn't refused twice again.
    stand.answers(
        "/query?limit=2&plain=1",
        200,
        &json!({ "rows": [{ "id": "3" }] }),
    );
    let second = customers(&stand, first.next.as_ref(), false).await.unwrap();
    assert_eq!(second.next, None);
    let asked = &queries(&stand)[4..];
    assert_eq!(
        asked,
        [
            "select home",
            "select id, name where id > 2 and part = 7 order by id"
        ]
    );
}

#[tokio::test]
async fn texts_and_headers_of_what_an_account_lacks_are_left_out() {
    let stand = start(&[("company", "12_SB1"), ("parts", "F"), ("part", "")]).await;
    stand.answers("/query", 200, &json!({ "rows": [] }));
    stand.answers("/query?limit=2", 200, &json!({ "rows": [{ "id": "1" }] }));
    let page = customers(&stand, None, true).await.unwrap();
    assert_eq!(
        queries(&stand)[1],
        "select id, name, mail where id > 0 and changed > 2026-03-02 order by id"
    );
    assert_eq!(stand.platform.last().header("part"), None);
    // A list that may be absent is empty if it is refused, and not if it only has to wait.
    stand.answers("/gone", 400, &json!({ "message": "too many" }));
    let error = customers(&stand, page.next.as_ref(), true).await;
    assert!(
        matches!(error, Err(FetchError::RateLimited { .. })),
        "{error:?}"
    );
    stand.answers("/gone", 400, &json!({ "message": "gone not found" }));
    let gone = customers(&stand, page.next.as_ref(), true).await.unwrap();
    assert!(gone.body.is_empty());
}

#[test]
fn mistakes_in_texts_and_plainer_requests_are_reported_with_their_place() {
    for (old, new, line, words) in [
        (
            "text = \"id, name\" }",
            "text = \"x\", by = \"parts\" }",
            14,
            "exactly one of `of`, `by` and `text`",
        ),
        (
            "columns = { text = \"id, name\" }",
            "columns = { text = \"${colums}\" }",
            0,
            "did you mean ${columns}?",
        ),
        (
            "of_part = { by",
            "part = { by",
            13,
            "give the text a name of its own",
        ),
        (
            "{ by = \"parts\", values = { T = \" and part = ${part}\", F = \"\" } }",
            "{ by = \"parts\" }",
            13,
            "give `values`",
        ),
        (
            "lower_case = true, ",
            "lowercase = true, ",
            12,
            "did you mean `lower_case`?",
        ),
        (
            "plainer = [{ body = { q = \"select one\" } }]",
            "plainer = [{}]",
            28,
            "it differs in nothing",
        ),
        (
            "body = { q = \"select parts\" }\n",
            "",
            27,
            "a GET has no body",
        ),
        (
            "\"select money\"",
            "\"select money of ${part}\"",
            0,
            "no value for ${part}",
        ),
        (
            "method = \"POST\"\npath = \"/gone\"",
            "path = \"/gone\"",
            0,
            "which a GET can't have",
        ),
    ] {
        assert!(MANIFEST.contains(old), "{old}");
        let problem = load(&described(&MANIFEST.replacen(old, new, 1)), &[]).unwrap_err();
        assert!(problem.message.contains(words), "{old}: {problem}");
        if line > 0 {
            assert_eq!(problem.line, Some(line), "{problem}");
        }
    }
}
