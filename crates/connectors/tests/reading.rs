//! Lists as real platforms have them: searched by POST, queried by a text, read for each of something, narrowed to changes.

mod emulator;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use connectors::{
    Access, Catalogue, ClientCredentials, Cursor, DataType, FetchError, Grant, Integration, Limit,
    LoadProblem, Narrowing, Page, Revocation,
};
use egress::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;

use emulator::Platform;

const MANIFEST: &str = r#"
key = "test"
name = "A platform"
source_type = "Accounting"
integration_id = "0b4bd0fe-8a3f-4d0f-a7a3-51d8e6ab1c9c"
source_id = "5bdbcf7e-5d5c-4a55-9ff2-2f3a3a0a6a5d"

[variables]
host = "http://nowhere.invalid"

[auth]
kind = "oauth2"
authorize_url = "${host}/authorize"
token_url = "${host}/token"
client_authentication = "post"
token_request = "json"
token_headers = { "X-Version" = "2026-01-01" }
expires_at = "expires_at"
refresh_expires_at = "refresh_token_expires_at"
token_error = "errors.0.code"
token_error_description = "errors.0.detail"
grant_lost = ["GRANT_GONE"]
token_claims = ["event"]
callback_parameters = ["realm"]

[[auth.revoke]]
method = "DELETE"
url = "${host}/links/${link}"

[[auth.revoke]]
url = "${host}/revoke"
body = "json"
parameters = { token = "${refresh_token}", client = "${client_id}" }
authorization = "Client ${client_secret}"

[identity]
path = "${host}/links?event=${event}"
map = "identity.jq"
variables = ["tenant", "link"]

[api]
base_url = "${host}/v1"
error_message = ["Fault.Error.0.Message", "Detail"]

[limits.headers]
day_remaining = "X-Day-Left"
minute_remaining = "X-Minute-Left"
problem = "X-Problem"
problems = { day = "day", burst = "concurrent" }

[[data]]
type = "invoices"
path = "/query"
query = { query = "select * from Invoice where A = 1${since} startposition ${offset} maxresults ${size}" }
paging = { style = "offset", first = 1, size = 2 }
since = { text = " and Changed > '${time}'", format = "rfc3339" }
items = "Answer.0.Invoice"
items_may_be_absent = true
map = "invoice.jq"

[[data]]
type = "invoices"
when = "changes"
path = "/gone"
query = { entities = "Invoice", since = "${since}" }
since = { text = "${time}", format = "rfc3339" }
paging = { style = "none", full = 3 }
items = "ids"
map = "gone.jq"

[[data]]
type = "payments"
method = "POST"
path = "/search"
body = { place_ids = ["${place}"], sort = { field = "UPDATED_AT" }, deep = true }
paging = { style = "cursor", parameter = "paging.cursor", size_parameter = "limit", size = 100, next = "cursor" }
since = { body = "query.filter.updated_at.start_at", format = "rfc3339" }
each = { name = "place", path = "/places", items = "places", value = "id" }
items = "payments"
items_may_be_absent = true
map = "record.jq"

[[data]]
type = "journals"
path = "/journals"
paging = { style = "offset", parameter = "offset", size = 2, last = "Number" }
items = "Journals"
map = "record.jq"

[[data]]
type = "accountTransactions"
path = "/moves"
lookup = { banks = { path = "/accounts", query = { kind = "Bank" }, items = "accounts", full = 3 }, home = { path = "/preferences", may_be_refused = true } }
paging = { style = "none" }
items = "Move|Movement"
map = "move.jq"

[[data]]
type = "billPayments"
each = { name = "payout", path = "/payouts", query = { place = "${place}", from = "${since}" }, items = "payouts", value = "id", parameter = "cursor", next = "cursor", within = { name = "place", path = "/places", items = "places", value = "id" } }
path = "/payouts/${payout}/entries"
since = { text = "${time}", otherwise = "2009-01-01T00:00:00Z", format = "rfc3339" }
paging = { style = "none" }
items = "entries"
items_may_be_absent = true
empty_statuses = [404]
map = "record.jq"

[[data]]
type = "profitAndLoss"
path = "/report"
query = { from = "${first_day}", to = "${last_day}", periods = "${months_before}" }
paging = { style = "months", size = 12 }
map = "record.jq"

[[unsupported]]
type = "bankTransactions"
reason = "The platform has no feed of bank lines."
"#;

fn folder(manifest: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, content) in [
        ("manifest.toml", manifest),
        (
            "identity.jq",
            "[.[] | {id: .tenant, companyName: .name, detail: .since, variables: {tenant, link: .id}}]",
        ),
        ("record.jq", "{id: .id, totalAmount: .sum}"),
        (
            "invoice.jq",
            "{id: .id, totalAmount: .sum, status: \"Submitted\"}",
        ),
        ("gone.jq", "gone(.)"),
        (
            "move.jq",
            "{id: .id, totalAmount: .sum, status: \"Unknown\", currency: $lookup.home.currency} \
             + (.bank as $bank | {bankAccountRef: first($lookup.banks[] | select(.id == $bank))})",
        ),
    ] {
        fs::write(dir.path().join(name), content).unwrap();
    }
    dir
}

fn load(manifest: &str, base: &str) -> Result<Arc<Integration>, LoadProblem> {
    let dir = folder(manifest);
    let variables = BTreeMap::from([("host".to_owned(), base.to_owned())]);
    let (catalogue, mut problems) = Catalogue::load(&[], &[dir.path().to_owned()], &variables);
    match catalogue.get("test") {
        Some(integration) => Ok(integration.clone()),
        None => Err(problems.remove(0)),
    }
}

struct World {
    platform: Platform,
    integration: Arc<Integration>,
    token: Secret,
    variables: BTreeMap<String, String>,
}

impl World {
    async fn start() -> Self {
        let platform = Platform::start().await;
        let integration = load(MANIFEST, &platform.base).unwrap();
        let variables = [("today", "2026-03-31"), ("months_to_sync", "14")];
        Self {
            platform,
            integration,
            token: Secret::new("at-1"),
            variables: variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        }
    }

    async fn page(
        &self,
        data_type: DataType,
        cursor: Option<&Cursor>,
        narrowing: impl Into<Narrowing>,
    ) -> Result<Page, FetchError> {
        let access = Access {
            token: &self.token,
            variables: &self.variables,
        };
        let door = self.platform.door();
        self.integration
            .fetch_page(&door, &access, data_type, cursor, narrowing)
            .await
    }

    fn last_query(&self) -> BTreeMap<String, String> {
        let url = format!("http://a{}", self.platform.last().target());
        let url = url::Url::parse(&url).unwrap();
        url.query_pairs().into_owned().collect()
    }

    fn last_body(&self) -> Value {
        serde_json::from_str(&self.platform.last().body).unwrap()
    }

    fn ids(&self, data_type: DataType, page: &Page) -> Vec<String> {
        let mapped = self.integration.map_page(data_type, page).unwrap();
        mapped.records.into_iter().map(|record| record.id).collect()
    }
}

fn noon() -> Option<DateTime<Utc>> {
    Some("2026-03-31T12:00:00Z".parse().unwrap())
}

/// As the store keeps it.
fn stored(cursor: &Option<Cursor>) -> Option<Cursor> {
    let stored = serde_json::to_string(cursor).unwrap();
    serde_json::from_str(&stored).unwrap()
}

#[tokio::test]
async fn a_query_s_text_carries_its_page_and_what_changed_and_deletions_come_after_it() {
    let world = World::start().await;
    let answer = r#"{"Answer":[{"Invoice":[{"id":"1","sum":1},{"id":"2","sum":2}]}]}"#;
    world.platform.answers("/v1/query", 200, "", answer);
    let page = world.page(DataType::Invoices, None, None).await.unwrap();
    assert_eq!(
        world.last_query()["query"],
        "select * from Invoice where A = 1 startposition 1 maxresults 2"
    );
    assert_eq!(world.ids(DataType::Invoices, &page), ["1", "2"]);
    // An empty answer has no list at all, and is the last page; a whole pull doesn't request deletions.
    world
        .platform
        .answers("/v1/query", 200, "", r#"{"Answer":[{}]}"#);
    let next = stored(&page.next);
    let page = world
        .page(DataType::Invoices, next.as_ref(), None)
        .await
        .unwrap();
    assert!(world.last_query()["query"].ends_with("startposition 3 maxresults 2"));
    assert_eq!(page.next, None);
    assert!(world.ids(DataType::Invoices, &page).is_empty());

    let page = world.page(DataType::Invoices, None, noon()).await.unwrap();
    assert_eq!(
        world.last_query()["query"],
        "select * from Invoice where A = 1 and Changed > '2026-03-31T12:00:00Z' startposition 1 maxresults 2"
    );
    world
        .platform
        .answers("/v1/gone", 200, "", r#"{"ids":["7"]}"#);
    let next = stored(&page.next);
    let page = world
        .page(DataType::Invoices, next.as_ref(), noon())
        .await
        .unwrap();
    assert_eq!(world.last_query()["since"], "2026-03-31T12:00:00Z");
    assert_eq!((page.list, &page.next), (1, &None));
    let mapped = world
        .integration
        .map_page(DataType::Invoices, &page)
        .unwrap();
    assert_eq!(
        (mapped.gone, mapped.records.len()),
        (vec!["7".to_owned()], 0)
    );
    // A window of time alone doesn't request the deletions since.
    let window = Narrowing {
        since: noon(),
        only_changes: false,
    };
    let page = world.page(DataType::Invoices, None, window).await.unwrap();
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn a_full_list_without_a_next_page_is_not_the_end() {
    let world = World::start().await;
    let answer = r#"{"Answer":[{}]}"#;
    world.platform.answers("/v1/query", 200, "", answer);
    let page = world.page(DataType::Invoices, None, noon()).await.unwrap();
    let next = stored(&page.next);
    for (ids, cut) in [(r#"["7","8"]"#, false), (r#"["7","8","9"]"#, true)] {
        let body = format!("{{\"ids\":{ids}}}");
        world.platform.answers("/v1/gone", 200, "", &body);
        let page = world.page(DataType::Invoices, next.as_ref(), noon()).await;
        assert_eq!(
            page.as_ref().err() == Some(&FetchError::Cut(3)),
            cut,
            "{page:?}"
        );
    }
}

#[tokio::test]
async fn a_map_has_the_values_that_its_list_looks_up() {
    let world = World::start().await;
    let kind = DataType::AccountTransactions;
    assert_eq!(world.integration.requests_of_page(kind), 3);
    assert_eq!(world.integration.requests_of_page(DataType::Invoices), 1);
    let accounts = r#"{"accounts":[{"id":"a","name":"A"},{"id":"b","name":"B"}]}"#;
    world
        .platform
        .answers("/v1/accounts?kind=Bank", 200, "", accounts);
    // Asked by one name, answered under another.
    for member in ["Move", "Movement"] {
        let moves = format!(r#"{{"{member}":[{{"id":"1","sum":1.50,"bank":"b"}}]}}"#);
        world.platform.answers("/v1/moves", 200, "", &moves);
        let page = world.page(kind, None, None).await.unwrap();
        let mapped = world.integration.map_page(kind, &page).unwrap();
        assert_eq!(
            mapped.records[0].to_json(),
            r#"{"id":"1","status":"Unknown","totalAmount":1.50,"bankAccountRef":{"id":"b","name":"B"}}"#,
            "the platform refuses its preferences, and the map does without"
        );
    }
    world
        .platform
        .answers("/v1/preferences", 200, "", r#"{"currency":"GBP"}"#);
    let page = world.page(kind, None, None).await.unwrap();
    let mapped = world.integration.map_page(kind, &page).unwrap();
    assert!(mapped.records[0].to_json().contains(r#""currency":"GBP""#));
    // Accounts that are missing would make every movement one of nothing.
    let accounts = r#"{"accounts":[{"id":"a"},{"id":"b"},{"id":"c"}]}"#;
    world
        .platform
        .answers("/v1/accounts?kind=Bank", 200, "", accounts);
    let page = world.page(kind, None, None).await;
    assert_eq!(page.err(), Some(FetchError::Cut(3)));
    world
        .platform
        .answers("/v1/accounts?kind=Bank", 503, "", "");
    assert!(world.page(kind, None, None).await.is_err());
}

#[tokio::test]
async fn a_list_is_read_for_each_value_of_a_paged_list_that_is_itself_read_for_each_place() {
    let world = World::start().await;
    let kind = DataType::BillPayments;
    let answers = |path: &str, body: &str| world.platform.answers(path, 200, "", body);
    answers(
        "/v1/places",
        r#"{"places":[{"id":"north"},{"id":"south"}]}"#,
    );
    let from = "from=2009-01-01T00%3A00%3A00Z";
    answers(
        &format!("/v1/payouts?{from}&place=north"),
        r#"{"payouts":[{"id":"p1"}],"cursor":"2"}"#,
    );
    answers(
        &format!("/v1/payouts?{from}&place=north&cursor=2"),
        r#"{"payouts":[{"id":"p2"}]}"#,
    );
    answers(
        &format!("/v1/payouts?{from}&place=south"),
        r#"{"payouts":[{"id":"p3"}]}"#,
    );
    for payout in ["p1", "p3"] {
        let body = format!(r#"{{"entries":[{{"id":"of-{payout}","sum":1}}]}}"#);
        answers(&format!("/v1/payouts/{payout}/entries"), &body);
    }
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = world.page(kind, cursor.as_ref(), None).await.unwrap();
        found.extend(world.ids(kind, &page));
        cursor = stored(&page.next);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, ["of-p1", "of-p3"], "p2 has no entries");
    answers("/v1/payouts", "{}");
    world.page(kind, None, noon()).await.unwrap();
    assert_eq!(world.last_query()["from"], "2026-03-31T12:00:00Z");
}

#[tokio::test]
async fn a_search_carries_its_cursor_and_its_time_in_the_body_for_each_place() {
    let world = World::start().await;
    let places = r#"{"places":[{"id":"north"},{"id":"south"}]}"#;
    world.platform.answers("/v1/places", 200, "", places);
    let answer = r#"{"payments":[{"id":"1","sum":1}],"cursor":"{next"}"#;
    world.platform.answers("/v1/search", 200, "", answer);
    let first = world.page(DataType::Payments, None, noon()).await.unwrap();
    assert_eq!(
        world.last_body(),
        json!({
            "place_ids": ["north"], "sort": { "field": "UPDATED_AT" }, "deep": true, "limit": 100,
            "query": { "filter": { "updated_at": { "start_at": "2026-03-31T12:00:00Z" } } },
        })
    );
    let seen = world.platform.last();
    assert!(seen.head.starts_with("POST /v1/search"), "{}", seen.head);
    assert_eq!(seen.header("content-type"), Some("application/json"));

    world.platform.answers("/v1/search", 200, "", "{}");
    let next = stored(&first.next);
    let asked = world.platform.asked();
    let page = world
        .page(DataType::Payments, next.as_ref(), None)
        .await
        .unwrap();
    assert_eq!(
        world.platform.asked(),
        asked + 1,
        "the places are known by then"
    );
    assert_eq!(
        world.last_body(),
        json!({
            "place_ids": ["north"], "sort": { "field": "UPDATED_AT" }, "deep": true, "limit": 100,
            "paging": { "cursor": "{next" },
        })
    );
    let next = stored(&page.next);
    let page = world
        .page(DataType::Payments, next.as_ref(), None)
        .await
        .unwrap();
    assert_eq!(world.last_body()["place_ids"], json!(["south"]));
    assert_eq!(page.next, None);

    world.platform.answers("/v1/places", 200, "", "{}");
    let page = world.page(DataType::Payments, None, None).await.unwrap();
    assert_eq!(page.next, None);
    assert!(world.ids(DataType::Payments, &page).is_empty());
}

#[tokio::test]
async fn a_list_goes_on_behind_its_last_record_and_statements_month_by_month() {
    let world = World::start().await;
    let answer = r#"{"Journals":[{"id":"a","Number":12},{"id":"b","Number":17}]}"#;
    world.platform.answers("/v1/journals", 200, "", answer);
    let page = world.page(DataType::Journals, None, None).await.unwrap();
    assert_eq!(world.last_query()["offset"], "0");
    world.platform.answers("/v1/journals", 304, "", "");
    let page = world
        .page(DataType::Journals, stored(&page.next).as_ref(), None)
        .await
        .unwrap();
    assert_eq!(world.last_query()["offset"], "17");
    assert_eq!(page.next, None);
    assert!(world.ids(DataType::Journals, &page).is_empty());

    world.platform.answers("/v1/report", 200, "", "{}");
    let page = world
        .page(DataType::ProfitAndLoss, None, None)
        .await
        .unwrap();
    let asked = |query: &BTreeMap<String, String>| {
        ["from", "to", "periods"].map(|name| query[name].clone())
    };
    assert_eq!(
        asked(&world.last_query()),
        ["2025-04-01", "2026-03-31", "11"]
    );
    let page = world
        .page(DataType::ProfitAndLoss, stored(&page.next).as_ref(), None)
        .await;
    assert_eq!(
        asked(&world.last_query()),
        ["2025-02-01", "2025-03-31", "1"]
    );
    assert_eq!(page.unwrap().next, None);
}

#[tokio::test]
async fn what_the_platform_says_of_its_limits_and_errors_is_understood() {
    let world = World::start().await;
    let left = "x-day-left: 0\r\nx-minute-left: 59\r\n";
    world.platform.answers("/v1/report", 200, left, "{}");
    let page = world
        .page(DataType::ProfitAndLoss, None, None)
        .await
        .unwrap();
    assert_eq!(
        (page.remaining.day, page.remaining.minute),
        (Some(0), Some(59))
    );
    assert_eq!(page.remaining.app_minute, None);
    let met = "retry-after: 77\r\nx-problem: DAY\r\n";
    world.platform.answers("/v1/report", 429, met, "");
    assert_eq!(
        world
            .page(DataType::ProfitAndLoss, None, None)
            .await
            .unwrap_err(),
        FetchError::RateLimited {
            retry_after: Some(std::time::Duration::from_secs(77)),
            limit: Some(Limit::Day),
        }
    );
    for (body, words) in [
        (r#"{"Detail":"no"}"#, "no"),
        (
            r#"{"Fault":{"Error":[{"Message":"wrong"}]},"Detail":"no"}"#,
            "wrong",
        ),
    ] {
        world.platform.answers("/v1/report", 400, "", body);
        assert_eq!(
            world
                .page(DataType::ProfitAndLoss, None, None)
                .await
                .unwrap_err(),
            FetchError::Refused {
                status: 400,
                message: words.to_owned()
            }
        );
    }
    let why: Vec<_> = world.integration.unsupported().collect();
    assert_eq!(
        why,
        [(
            DataType::BankTransactions,
            "The platform has no feed of bank lines."
        )]
    );
}

#[tokio::test]
async fn tokens_are_asked_for_and_given_back_in_the_platforms_own_way() {
    let world = World::start().await;
    let door = world.platform.door();
    let client = ClientCredentials {
        client_id: "me".to_owned(),
        client_secret: Some(Secret::new("s3cret")),
    };
    // {"event":"e 1","other":1}
    let access = "x.eyJldmVudCI6ImUgMSIsIm90aGVyIjoxfQ.y";
    let answer = json!({
        "access_token": access, "token_type": "bearer", "refresh_token": "rt-1",
        "expires_at": "2026-04-30T00:00:00Z", "refresh_token_expires_at": "2026-06-30T02:00:00+02:00",
    });
    world
        .platform
        .answers("/token", 200, "", &answer.to_string());
    let refresh = Secret::new("rt-0");
    let tokens = world
        .integration
        .refresh(&door, &client, &refresh, &BTreeMap::new())
        .await
        .unwrap();
    assert_eq!(
        world.last_body(),
        json!({
            "grant_type": "refresh_token", "refresh_token": "rt-0", "client_id": "me", "client_secret": "s3cret",
        })
    );
    assert_eq!(
        world.platform.last().header("x-version"),
        Some("2026-01-01")
    );
    assert_eq!(
        tokens.expires_at,
        Some("2026-04-30T00:00:00Z".parse().unwrap())
    );
    assert_eq!(
        tokens.refresh_expires_at,
        Some("2026-06-30T00:00:00Z".parse().unwrap())
    );
    for (code, error) in [("GRANT_GONE", "invalid_grant"), ("OTHER", "OTHER")] {
        let body = json!({ "errors": [{ "code": code, "detail": "so it is" }] });
        world.platform.answers("/token", 401, "", &body.to_string());
        let refused = world
            .integration
            .refresh(&door, &client, &refresh, &BTreeMap::new())
            .await
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("the platform refused: {error}")
        );
    }

    // The token's businesses: two, one of them listed twice.
    let mut variables = world.integration.claims_of(&tokens.access_token);
    assert_eq!(
        variables,
        BTreeMap::from([("event".to_owned(), "e 1".to_owned())])
    );
    let links = json!([
        { "id": "l-1", "tenant": "t-1", "name": "Quay Ltd", "since": "2025" },
        { "id": "l-2", "tenant": "t-2", "name": "Quay Ltd", "since": "2026" },
        { "id": "l-2", "tenant": "t-2", "name": "Quay Ltd", "since": "2026" },
    ]);
    world
        .platform
        .answers("/links", 200, "", &links.to_string());
    let token = Access {
        token: &tokens.access_token,
        variables: &variables,
    };
    let found = world.integration.identities(&door, &token).await.unwrap();
    assert_eq!(world.platform.last().target(), "/links?event=e%201");
    let reported: Vec<_> = found
        .iter()
        .map(|one| (one.id.as_str(), one.detail.as_deref()))
        .collect();
    assert_eq!(reported, [("t-1", Some("2025")), ("t-2", Some("2026"))]);
    world.platform.answers("/links", 200, "", "[]");
    let none = world.integration.identities(&door, &token).await;
    assert!(matches!(none, Err(FetchError::Malformed(_))), "{none:?}");

    variables.extend(found[1].variables.clone());
    let refresh = Secret::new("rt-1");
    let grant = Grant {
        access_token: &tokens.access_token,
        refresh_token: Some(&refresh),
        variables: &variables,
    };
    let end = async || world.integration.end(&door, &client, grant).await;
    world.platform.answers("/links/l-2", 401, "", "");
    assert_eq!(end().await, Ok(Revocation::Stale));
    let seen = world.platform.last();
    assert!(seen.head.starts_with("DELETE /links/l-2 "), "{}", seen.head);
    assert_eq!(
        seen.header("authorization"),
        Some(&*format!("Bearer {access}"))
    );
    world.platform.answers("/links/l-2", 204, "", "");
    world.platform.answers("/revoke", 503, "", "");
    assert!(end().await.is_err());
    world.platform.answers("/revoke", 200, "", "{}");
    assert!(matches!(end().await, Ok(Revocation::Done(_))));
    assert_eq!(
        world.last_body(),
        json!({ "token": "rt-1", "client": "me" })
    );
    let seen = world.platform.last();
    assert_eq!(seen.header("authorization"), Some("Client s3cret"));

    // A request without its values was not sent either.
    let unknown = BTreeMap::new();
    let grant = Grant {
        refresh_token: None,
        variables: &unknown,
        ..grant
    };
    let ended = world.integration.end(&door, &client, grant).await;
    assert_eq!(ended, Ok(Revocation::NotOffered));
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused_with_what_is_wrong() {
    for (theirs, instead, reported) in [
        (
            "${offset} maxresults",
            "1 maxresults",
            "${offset} must stand in its path, query, headers or body",
        ),
        (
            "A = 1${since}",
            "A = 1",
            "${since} must stand in its path, query, headers or body",
        ),
        (
            "\"${place}\"",
            "\"north\"",
            "${place} must stand in its path, query, headers or body",
        ),
        ("method = \"POST\"", "", "has a body"),
        ("name = \"place\"", "name = \"cursor\"", "a name of its own"),
        (
            "when = \"changes\"",
            "when = \"sometimes\"",
            "there may be always, changes, whole",
        ),
        (
            "type = \"bankTransactions\"",
            "type = \"journals\"",
            "listed as unsupported and elsewhere too",
        ),
        (
            "links?event=${event}",
            "links?tenant=${tenant}",
            "which only its own answer brings",
        ),
        (
            "\"tenant\", \"link\"",
            "\"offset\", \"link\"",
            "a reserved name",
        ),
        (
            "/links/${link}",
            "/links/${access_token}",
            "must not carry a secret",
        ),
        (
            "{ body = \"query",
            "{ header = \"X\", body = \"query",
            "exactly one of",
        ),
    ] {
        let manifest = MANIFEST.replacen(theirs, instead, 1);
        assert_ne!(manifest, MANIFEST, "{theirs}");
        let problem = load(&manifest, "http://a.example").expect_err(reported);
        assert!(problem.message.contains(reported), "{reported}: {problem}");
    }
    let changes_only = MANIFEST.replacen(
        "path = \"/query\"",
        "when = \"changes\"\npath = \"/query\"",
        1,
    );
    let problem = load(&changes_only, "http://a.example").unwrap_err();
    assert!(
        problem
            .message
            .contains("no list of invoices is read in every pull"),
        "{problem}"
    );
}
