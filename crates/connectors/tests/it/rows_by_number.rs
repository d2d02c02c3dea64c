//! Words of a manifest for platforms that are asked with filters in the body, answer with rows by their number, and say in several places, and in
//! words of their own, what a person may not read and how long to wait.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use connectors::{
    Access, Catalogue, Cursor, DataType, FetchError, Identity, Integration, Lack, LoadProblem,
    Narrowing, Page,
};
use egress::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::emulator::Platform;

const MANIFEST: &str = r#"key = "test"
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
token_claims = ["company", "tenant"]
grant_lost_reason = "It also ends when somebody else is allowed in."

[identity]
path = "${host}/me"
map = "identity.jq"

[identity.lookup]
company = { text = "${company}", may_be_refused = true }
tenant = { text = "${tenant}", may_be_refused = true }
ledger = { path = "${host}/ledger", items = "rows", may_be_refused = true }

[api]
base_url = "${host}"
error_message = ["error.message", "message"]
token_refused = [{ status = 400, path = ["error.message", "message"], contains = ["oken is bad"], values = ["out"] }]
refusals = [{ status = 400, path = ["error.code", "code"], values = ["7"], means = "forbidden", reason = "Ask your administrator." }]

[limits.headers]
retry_after = ["X-Minute-Wait", "X-Hour-Wait"]

[[data]]
type = "journalEntries"
method = "POST"
path = "/rows"
body = { object = "lines", page = { top = 4 } }
since = { body = 'filters.0.$gte.entry\.changed', format = "rfc3339" }
paging = { style = "offset", parameter = "start", first = 1, size_parameter = "size", size = 4 }
items = "rows"
fold = ["entry"]
map = "entries.jq"
"#;

fn load(manifest: &str, base: &str) -> Result<Arc<Integration>, LoadProblem> {
    let dir = TempDir::new().unwrap();
    for (name, content) in [
        ("manifest.toml", manifest),
        (
            "identity.jq",
            "($lookup.company // $lookup.tenant) as $id | if $id == null then error(\"the token says no company\") else {id: $id} end | . + (if $lookup.ledger == null then {lacks: [{permission: \"Ledger: View\", dataTypes: [\"journalEntries\"]}]} else {} end)",
        ),
        (
            "entries.jq",
            "{id: .[0].entry, journalLines: map({netAmount: .amount})}",
        ),
    ] {
        fs::write(dir.path().join(name), content).unwrap();
    }
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
}

impl World {
    async fn start() -> Self {
        Self::of(MANIFEST).await
    }

    async fn of(manifest: &str) -> Self {
        let platform = Platform::start().await;
        Self {
            integration: load(manifest, &platform.base).unwrap(),
            platform,
            token: Secret::new("at-1"),
        }
    }

    fn body_of(rows: &[(&str, i32)]) -> Value {
        let rows = rows
            .iter()
            .map(|(entry, amount)| json!({ "entry": entry, "amount": amount }));
        json!({ "rows": rows.collect::<Vec<Value>>() })
    }

    fn rows(&self, rows: &[(&str, i32)]) {
        self.answers("/rows", 200, "", &Self::body_of(rows));
    }

    /// These rows come once, before the usual ones.
    fn then(&self, rows: &[(&str, i32)]) {
        let body = Self::body_of(rows).to_string();
        self.platform.answers_once("/rows", &body);
    }

    fn answers(&self, path: &str, status: u16, headers: &str, body: &Value) {
        self.platform
            .answers(path, status, headers, &body.to_string());
    }

    async fn page(&self, at: Option<&Cursor>, changes: bool) -> Result<Page, FetchError> {
        let (door, variables) = (self.platform.door(), BTreeMap::new());
        let access = Access {
            token: &self.token,
            variables: &variables,
        };
        let narrowing = Narrowing {
            since: changes.then(|| "2026-03-02T08:00:00Z".parse().unwrap()),
            only_changes: changes,
        };
        self.integration
            .fetch_page(&door, &access, DataType::JournalEntries, at, narrowing)
            .await
    }

    /// The records of a page, each with the number of its lines.
    fn told(&self, page: &Page) -> Vec<(String, usize)> {
        let mapped = self.integration.map_page(DataType::JournalEntries, page);
        let told = |json: String| -> Value { serde_json::from_str(&json).unwrap() };
        let lines = |record: &Value| record["journalLines"].as_array().map_or(0, Vec::len);
        let records = mapped.unwrap().records;
        let each = records
            .iter()
            .map(|record| (record.id.clone(), lines(&told(record.to_json()))));
        each.collect()
    }

    /// The body of the last request.
    fn asked(&self) -> Value {
        serde_json::from_str(&self.platform.last().body).unwrap()
    }

    async fn identities(&self, known: &[(&str, &str)]) -> Result<Vec<Identity>, FetchError> {
        let door = self.platform.door();
        let known = known
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let access = Access {
            token: &self.token,
            variables: &known.collect(),
        };
        self.integration.identities(&door, &access).await
    }
}

#[tokio::test]
async fn the_next_page_begins_with_the_record_that_a_page_may_have_cut() {
    let world = World::start().await;
    world.rows(&[("A", 5), ("A", -5), ("B", 7), ("B", -3)]);
    let page = world.page(None, false).await.unwrap();
    assert_eq!(world.told(&page), [("A".to_owned(), 2)]);
    assert_eq!(world.asked()["start"], 1);
    world.rows(&[("B", 7), ("B", -3), ("B", -4), ("C", 1)]);
    let page = world.page(page.next.as_ref(), false).await.unwrap();
    assert_eq!(world.asked()["start"], 3, "two rows were whole");
    assert_eq!(world.told(&page), [("B".to_owned(), 3)]);
    world.rows(&[("C", 1), ("C", -1)]);
    let page = world.page(page.next.as_ref(), false).await.unwrap();
    assert_eq!(world.asked()["start"], 6);
    assert_eq!(world.told(&page), [("C".to_owned(), 2)]);
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn a_record_that_fills_pages_is_read_on_to_its_end() {
    let world = World::start().await;
    for start in [1, 2] {
        world.then(&[("A", 1), ("A", 2), ("A", 3), ("A", 4)]);
        world.then(&[("A", 5), ("A", 6), ("A", 7), ("A", 8)]);
        world.then(&[("A", -36), ("B", 7), ("B", -7), ("C", 1)]);
        let at: Option<Cursor> = (start > 1).then(|| serde_json::from_value(json!("2")).unwrap());
        let page = world.page(at.as_ref(), false).await.unwrap();
        assert_eq!(world.asked()["start"], start + 8);
        let whole = [("A".to_owned(), 9), ("B".to_owned(), 2)];
        assert_eq!(world.told(&page), whole);
        world.rows(&[("C", 1), ("C", -1)]);
        let page = world.page(page.next.as_ref(), false).await.unwrap();
        assert_eq!(world.asked()["start"], start + 11);
        assert_eq!(world.told(&page), [("C".to_owned(), 2)]);
        assert_eq!(page.next, None);
    }
    // The last of all.
    world.then(&[("A", 1), ("A", 2), ("A", 3), ("A", 4)]);
    world.rows(&[]);
    let page = world.page(None, false).await.unwrap();
    assert_eq!(world.told(&page), [("A".to_owned(), 4)]);
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn a_record_that_is_longer_than_a_page_of_whole_records_is_set_aside_alone() {
    let by_record = MANIFEST.replace("size = 4 }", "size = 4, last = \"entry\" }");
    let world = World::of(&by_record).await;
    world.rows(&[("A", 5), ("B", 7), ("B", -3), ("B", -4)]);
    let page = world.page(None, false).await.unwrap();
    assert_eq!(world.told(&page), [("A".to_owned(), 1)]);
    world.rows(&[("B", 7), ("B", -3), ("B", -4), ("B", 1)]);
    let page = world.page(page.next.as_ref(), false).await.unwrap();
    assert_eq!(world.asked()["start"], "A");
    let mapped = world
        .integration
        .map_readable(DataType::JournalEntries, &page)
        .unwrap();
    assert!(mapped.records.is_empty());
    let [aside] = mapped.set_aside.as_slice() else {
        panic!("{:?}", mapped.set_aside);
    };
    let message = &aside.refusals[0].message;
    assert_eq!(
        message,
        "it has at least 4 rows, more than can be read together"
    );
    assert!(aside.raw.is_empty(), "it isn't whole");
    world.rows(&[("C", 1), ("C", -1)]);
    let page = world.page(page.next.as_ref(), false).await.unwrap();
    assert_eq!(world.asked()["start"], "B");
    assert_eq!(world.told(&page), [("C".to_owned(), 2)]);
}

#[tokio::test]
async fn a_time_stands_in_a_list_of_filters_and_only_in_a_pull_of_changes() {
    let world = World::start().await;
    world.rows(&[]);
    world.page(None, false).await.unwrap();
    assert_eq!(
        world.asked(),
        json!({ "object": "lines", "page": { "top": 4 }, "start": 1, "size": 4 })
    );
    world.page(None, true).await.unwrap();
    assert_eq!(
        world.asked()["filters"],
        json!([{ "$gte": { "entry.changed": "2026-03-02T08:00:00Z" } }])
    );
}

#[tokio::test]
async fn a_refusal_is_known_by_words_in_any_of_the_places_that_it_may_stand_in() {
    let world = World::start().await;
    for body in [
        json!({ "error": { "message": "The token is bad" } }),
        json!({ "message": "Your token is bad today" }),
        json!({ "message": "out" }),
    ] {
        world.answers("/rows", 400, "", &body);
        let error = world.page(None, false).await.unwrap_err();
        assert!(
            matches!(error, FetchError::Unauthorized { .. }),
            "{body}: {error}"
        );
    }
    for body in [
        json!({ "code": "7", "message": "No." }),
        json!({ "error": { "code": 7, "message": "No." } }),
    ] {
        world.answers("/rows", 400, "", &body);
        let error = world.page(None, false).await.unwrap_err();
        assert_eq!(
            error,
            FetchError::Forbidden("No. Ask your administrator.".into())
        );
    }
    world.answers("/rows", 400, "", &json!({ "message": "out of order" }));
    let error = world.page(None, false).await.unwrap_err();
    assert!(
        matches!(error, FetchError::Refused { status: 400, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn the_longest_wait_of_all_headers_that_ask_for_one_counts() {
    let world = World::start().await;
    for (headers, seconds) in [
        ("X-Minute-Wait: 20\r\n", Some(20)),
        (
            "Retry-After: 3\r\nX-Minute-Wait: 20\r\nX-Hour-Wait: 1800\r\n",
            Some(1_800),
        ),
        ("Retry-After: 30\r\nX-Hour-Wait: soon\r\n", Some(30)),
        ("X-Other-Wait: 20\r\n", None),
    ] {
        world.answers("/rows", 429, headers, &json!({}));
        let expected = seconds.map(Duration::from_secs);
        match world.page(None, false).await {
            Err(FetchError::RateLimited { retry_after, .. }) => {
                assert_eq!(retry_after, expected, "{headers}");
            }
            other => panic!("{headers}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_company_is_known_by_whichever_claim_there_is_and_says_what_the_person_may_not_read() {
    let world = World::start().await;
    world.answers("/me", 200, "", &json!({}));
    world.answers("/ledger", 403, "", &json!({ "message": "No." }));
    let found = world.identities(&[("tenant", "PierStreet")]).await.unwrap();
    assert_eq!(found[0].id, "PierStreet");
    let lack = Lack {
        permission: "Ledger: View".into(),
        data_types: vec![DataType::JournalEntries],
    };
    assert_eq!(found[0].lacks, [lack]);
    world.answers("/ledger", 200, "", &json!({ "rows": [] }));
    let found = world
        .identities(&[("company", "A"), ("tenant", "B")])
        .await
        .unwrap();
    assert_eq!(found[0].id, "A");
    assert_eq!(found[0].lacks, [], "an empty ledger may be read");
    let error = world.identities(&[]).await.unwrap_err();
    assert!(
        error.to_string().contains("the token says no company"),
        "{error}"
    );
}

#[test]
fn a_manifest_whose_refusals_tell_nothing_is_refused_at_its_line() {
    for (right, wrong, expected) in [
        (
            ", contains = [\"oken is bad\"], values = [\"out\"]",
            "",
            "30:18: api.token_refused needs the values that mean it (`values`), or words in them (`contains`)",
        ),
        (
            "path = [\"error.code\", \"code\"], ",
            "",
            "31:13: api.refusals: a path and the values or words there",
        ),
    ] {
        assert!(MANIFEST.contains(right), "{right}");
        let problem = load(&MANIFEST.replacen(right, wrong, 1), "http://a.example");
        let problem = problem.expect_err(wrong).to_string();
        let (_, reported) = problem
            .split_once("manifest.toml:")
            .unwrap_or(("", &problem));
        assert!(reported.starts_with(expected), "{reported}");
    }
    let integration = load(MANIFEST, "http://a.example").unwrap();
    assert_eq!(
        integration.grant_lost_reason(),
        Some("It also ends when somebody else is allowed in.")
    );
}
