//! Words of a manifest that larger platforms need: companies in two steps, several addresses, links in members with a dot, rows
//! that make one record, refusals with a meaning of their own.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use connectors::{Access, BUILTIN, Catalogue, DataType, FetchError};
use egress::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::emulator::Platform;
use crate::stand::{Stand, folder, load};

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

[identity]
each = { name = "place", path = "${host}/places", items = "value", value = "name" }
skipped_statuses = [401, 403]
all_skipped = "Your account can use none of its places: ask an administrator for a licence."
path = "${host}/in/${place}/companies"
map = "identity.jq"
variables = ["place", "company"]

[api]
base_url = "${host}/in/${place}/v2/companies(${company})"
bases = { reports = "${host}/in/${place}/reports/beta/companies(${company})" }
error_message = "error.message"
refusals = [
  { status = 400, path = "error.message", contains = ["permissions prevented"], means = "forbidden", reason = "Ask your administrator for read access." },
  { status = 400, path = "error.code", values = ["Updating"], means = "unavailable" },
]

[[data]]
type = "customers"
path = "/customers"
query = { "$orderby" = "id", "$filter" = "${since}" }
since = { text = "changed gt ${time}", format = "rfc3339" }
headers = { Prefer = "maxpagesize=2" }
paging = { style = "link", next = '@odata\.nextLink' }
items = "value"
map = "customers.jq"

[[data]]
type = "journalEntries"
path = "/rows"
query = { from = "${offset}" }
paging = { style = "offset", first = 0, size_parameter = "top", size = 4, last = "no" }
items = "value"
fold = ["document", "date"]
map = "entries.jq"

[[data]]
type = "payments"
base = "reports"
path = "/payments"
lookup = { customers = { path = "/customers", items = "value" } }
paging = { style = "none" }
refusals = [{ status = 404, means = "not_supported", reason = "The app “Reports” is not installed there." }]
items = "value"
map = "payments.jq"

[[data]]
type = "profitAndLoss"
path = "/balances"
query = { to = "${last_day}" }
paging = { style = "months", size = 1, earliest = "first" }
lookup = { first = { path = "/rows", items = "value.0.date" }, month = { text = "${last_month}" }, before = { path = "/balances", query = { to = "${day_before}" }, items = "value" } }
map = "report.jq"
"#;

fn described(manifest: &str) -> TempDir {
    folder(&[
        ("manifest.toml", manifest),
        (
            "identity.jq",
            "$lookup.place as $place | [.value[] | {id: \"\\($place.id)/\\(.id)\", companyName: .name, detail: $place.name, variables: {place: $place.name, company: .id}}]",
        ),
        ("customers.jq", "{id: .id, status: \"Active\"}"),
        (
            "entries.jq",
            "{id: (.[0].no | tostring), journalLines: map({netAmount: .amount})}",
        ),
        (
            "payments.jq",
            ".customer as $customer | {id: .id, totalAmount: .sum, customerRef: first($lookup.customers[] | select(.number == $customer) | {id: .id})}",
        ),
        (
            "report.jq",
            "error(\"\\($lookup.month) \\($lookup.before)\")",
        ),
    ])
}

async fn start() -> Stand {
    let platform = Platform::start().await;
    let integration = load(&described(MANIFEST), &[("host", &platform.base)]).unwrap();
    let variables = [
        ("place", "Main"),
        ("company", "c-1"),
        ("today", "2026-03-31"),
        ("months_to_sync", "1200"),
    ];
    Stand::new(platform, integration, &variables)
}

#[tokio::test]
async fn companies_are_found_in_each_place_that_the_person_may_enter() {
    let stand = start().await;
    let places = json!({ "value": [{ "id": "p1", "name": "Main" }, { "id": "p2", "name": "Closed" }, { "id": "p3", "name": "Trial run" }] });
    stand.answers("/places", 200, &places);
    let companies = json!({ "value": [{ "id": "c-1", "name": "Quay Ltd" }] });
    stand.answers("/in/Main/companies", 200, &companies);
    stand.answers("/in/Closed/companies", 401, &json!({}));
    stand.answers("/in/Trial%20run/companies", 200, &companies);
    let door = stand.platform.door();
    let found = async || stand.integration.identities(&door, &stand.access()).await;
    let told: Vec<(String, Option<String>, String)> = found()
        .await
        .unwrap()
        .into_iter()
        .map(|one| (one.id, one.detail, one.variables["place"].clone()))
        .collect();
    let expected =
        |id: &str, place: &str| (id.to_owned(), Some(place.to_owned()), place.to_owned());
    assert_eq!(
        told,
        [expected("p1/c-1", "Main"), expected("p3/c-1", "Trial run")]
    );

    for place in ["Main", "Closed", "Trial%20run"] {
        stand.answers(&format!("/in/{place}/companies"), 403, &json!({}));
    }
    let sentence = "Your account can use none of its places: ask an administrator for a licence.";
    assert_eq!(
        found().await,
        Err(FetchError::Forbidden(sentence.to_owned()))
    );
    // Trouble is not a lack of access.
    stand.answers("/in/Closed/companies", 503, &json!({}));
    assert!(matches!(
        found().await,
        Err(FetchError::Unavailable { status: 503, .. })
    ));
}

#[tokio::test]
async fn a_link_in_a_member_with_a_dot_is_followed_as_it_stands_and_to_the_same_site_only() {
    let stand = start().await;
    let first = "/in/Main/v2/companies(c-1)/customers?%24orderby=id";
    let link = "/in/Main/v2/companies(c-1)/customers?$orderby=id&$skiptoken=x,2";
    let next = format!("{}{link}", stand.platform.base);
    stand.answers(
        first,
        200,
        &json!({ "value": [{ "id": "1" }, { "id": "2" }], "@odata.nextLink": next }),
    );
    stand.answers(link, 200, &json!({ "value": [{ "id": "3" }] }));
    let (records, targets) = stand.all(DataType::Customers).await;
    assert_eq!(records, ["1", "2", "3"]);
    assert!(targets[1].contains("$skiptoken="), "{targets:?}");
    assert_eq!(
        stand.platform.last().header("prefer"),
        Some("maxpagesize=2")
    );

    // In a pull of everything, the parameter that narrows to changes isn't sent.
    let changes = first.replace('?', "?%24filter=changed+gt+2026-03-01T00%3A00%3A00Z&");
    stand.answers(&changes, 200, &json!({ "value": [{ "id": "9" }] }));
    let since: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().unwrap();
    let (door, access) = (stand.platform.door(), stand.access());
    stand
        .integration
        .fetch_page(&door, &access, DataType::Customers, None, Some(since))
        .await
        .unwrap();
    assert_eq!(stand.platform.last().target(), changes);

    stand.answers(
        first,
        200,
        &json!({ "value": [], "@odata.nextLink": "https://elsewhere.example/x" }),
    );
    let error = stand
        .page(DataType::Customers, None, None)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("another site"), "{error}");
}

#[tokio::test]
async fn rows_of_one_document_are_one_record_across_pages() {
    let stand = start().await;
    let row = |no: u32, document: &str, amount: i32| json!({ "no": no, "document": document, "date": "2026-03-01", "amount": amount });
    let rows = |from: u32, rows: &[Value]| {
        let target = format!("/in/Main/v2/companies(c-1)/rows?from={from}&top=4");
        stand.answers(&target, 200, &json!({ "value": rows }));
    };
    rows(
        0,
        &[
            row(1, "A", 5),
            row(2, "A", -5),
            row(3, "B", 7),
            row(4, "B", -3),
        ],
    );
    // The second document's rows come again, whole.
    rows(
        2,
        &[
            row(3, "B", 7),
            row(4, "B", -3),
            row(5, "B", -4),
            row(6, "A", 1),
        ],
    );
    rows(5, &[row(6, "A", 1), row(7, "A", -1)]);
    let (records, targets) = stand.all(DataType::JournalEntries).await;
    assert_eq!(records, ["1", "3", "6"], "{targets:?}");
    let page = stand
        .page(DataType::JournalEntries, None, None)
        .await
        .unwrap();
    let mapped = stand
        .integration
        .map_page(DataType::JournalEntries, &page)
        .unwrap();
    let lines: Value = serde_json::from_str(&mapped.records[0].to_json()).unwrap();
    assert_eq!(lines["journalLines"].as_array().unwrap().len(), 2);

    // A document of more rows than a page has is read to its end, behind its own rows.
    let long: Vec<Value> = (1..5).map(|no| row(no, "A", 0)).collect();
    rows(0, &long);
    rows(4, &[row(5, "A", 0), row(6, "B", 0)]);
    let (records, targets) = stand.all(DataType::JournalEntries).await;
    assert_eq!(records, ["1", "6"], "{targets:?}");
}

#[tokio::test]
async fn a_list_stands_below_an_address_of_its_own_and_its_refusals_have_their_own_meaning() {
    let stand = start().await;
    let (payments, customers) = (
        "/in/Main/reports/beta/companies(c-1)/payments",
        "/in/Main/v2/companies(c-1)/customers",
    );
    stand.answers(
        customers,
        200,
        &json!({ "value": [{ "id": "k", "number": "10" }] }),
    );
    stand.answers(
        payments,
        200,
        &json!({ "value": [{ "id": "1", "sum": 2, "customer": "10" }] }),
    );
    let page = stand.page(DataType::Payments, None, None).await.unwrap();
    let mapped = stand
        .integration
        .map_page(DataType::Payments, &page)
        .unwrap();
    assert!(
        mapped.records[0]
            .to_json()
            .contains(r#""customerRef":{"id":"k"}"#)
    );

    let error =
        |code: &str, message: &str| json!({ "error": { "code": code, "message": message } });
    let missing = error("NoResource", "No HTTP resource was found");
    stand.answers(payments, 404, &missing);
    let refused = async |data_type| stand.page(data_type, None, None).await.unwrap_err();
    let reason = "The app “Reports” is not installed there.";
    assert_eq!(
        refused(DataType::Payments).await,
        FetchError::NotOffered(reason.to_owned())
    );
    let words = "The current permissions prevented the action.";
    stand.answers(payments, 400, &error("Dialog", words));
    let told = format!("{words} Ask your administrator for read access.");
    assert_eq!(
        refused(DataType::Payments).await,
        FetchError::Forbidden(told)
    );
    stand.answers(payments, 400, &error("Updating", "Later"));
    let later = FetchError::Unavailable {
        status: 400,
        retry_after: None,
    };
    assert_eq!(refused(DataType::Payments).await, later);
    // Of another list the same status means what it says.
    stand.answers(customers, 404, &missing);
    let plain = FetchError::Refused {
        status: 404,
        message: "No HTTP resource was found".to_owned(),
    };
    assert_eq!(refused(DataType::Customers).await, plain);
}

#[tokio::test]
async fn a_statements_look_ups_know_its_month() {
    let stand = start().await;
    let balances = "/in/Main/v2/companies(c-1)/balances";
    for (day, value) in [
        ("2026-03-31", "march"),
        ("2026-02-28", "february"),
        ("2026-01-31", "january"),
    ] {
        stand.answers(
            &format!("{balances}?to={day}"),
            200,
            &json!({ "value": value }),
        );
    }
    // Of many months that are wanted, there is nothing before the first row's.
    let rows = json!({ "value": [{ "date": "2026-02-14" }] });
    stand.answers("/in/Main/v2/companies(c-1)/rows", 200, &rows);
    let mut at = None;
    let mut told = Vec::new();
    loop {
        let page = stand
            .page(DataType::ProfitAndLoss, at.as_ref(), None)
            .await
            .unwrap();
        let refusal = stand
            .integration
            .map_page(DataType::ProfitAndLoss, &page)
            .unwrap_err();
        told.push(refusal.message);
        at = page.next;
        if at.is_none() {
            break;
        }
    }
    assert_eq!(told, ["2026-03-01 february", "2026-02-01 january"]);
    // Where there is nothing at all, one month is asked for.
    stand.answers(
        "/in/Main/v2/companies(c-1)/rows",
        200,
        &json!({ "value": [] }),
    );
    let page = stand
        .page(DataType::ProfitAndLoss, None, None)
        .await
        .unwrap();
    assert!(page.next.is_none());
}

#[tokio::test]
async fn what_changed_and_then_every_open_invoice_is_read_since_a_part_payment_changes_no_time() {
    let platform = Platform::start().await;
    let host = BTreeMap::from([("trji.api".to_owned(), platform.base.clone())]);
    let (catalogue, _) = Catalogue::load(BUILTIN, &[], &host);
    let central = catalogue.get("trji").unwrap();
    let variables = [
        ("tenant", "t"),
        ("environment", "Trial run"),
        ("company", "c"),
    ];
    let variables = variables.map(|(name, value)| (name.into(), value.into()));
    let (token, variables) = (Secret::new("at"), BTreeMap::from(variables));
    let access = Access {
        token: &token,
        variables: &variables,
    };
    let list = "/v2.0/t/Trial%20run/api/v2.0/companies(c)/salesInvoices";
    let lines = "%24expand=salesInvoiceLines%28%24expand%3DdimensionSetLines%29";
    let changed =
        format!("{list}?{lines}&%24filter=lastModifiedDateTime+gt+2026-03-14T09%3A25%3A00Z");
    let open = format!("{list}?{lines}&%24filter=status+eq+%27Open%27");
    let invoice = json!({ "id": "i", "status": "Open", "totalAmountIncludingTax": 120, "remainingAmount": 45.5 });
    platform.answers(&changed, 200, "", &json!({ "value": [] }).to_string());
    platform.answers(&open, 200, "", &json!({ "value": [invoice] }).to_string());
    let since: DateTime<Utc> = "2026-03-14T09:25:00Z".parse().unwrap();
    let (door, mut at, mut told) = (platform.door(), None, Vec::new());
    loop {
        let page = central.fetch_page(&door, &access, DataType::Invoices, at.as_ref(), Some(since));
        let page = page.await.unwrap();
        let mapped = central.map_page(DataType::Invoices, &page).unwrap();
        told.extend(mapped.records.iter().map(|record| record.to_json()));
        at = page.next;
        if at.is_none() {
            break;
        }
    }
    assert_eq!(platform.asked(), 2);
    assert_eq!(platform.last().target(), open);
    let told: Value = serde_json::from_str(&told.join(",")).unwrap();
    assert_eq!(told["status"], "PartiallyPaid");
    assert_eq!(told["amountDue"], 45.5);
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused_at_its_line() {
    for (right, wrong, expected) in [
        (
            "path = \"${host}/in/${place}/companies\"",
            "path = \"${host}/companies\"",
            "20:1: identity.path is read for each place: ${place} must stand in it",
        ),
        (
            "name = \"place\", path",
            "name = \"host\", path",
            "17:1: identity.each needs a name of its own",
        ),
        (
            "skipped_statuses = [401, 403]",
            "",
            "19:1: no answer is passed over: give identity.skipped_statuses",
        ),
        (
            "each = { name = \"place\", path = \"${host}/places\", items = \"value\", value = \"name\" }",
            "",
            "18:1: identity.skipped_statuses is about the answers for identity.each, which there isn't",
        ),
        (
            "base = \"reports\"",
            "base = \"report\"",
            "54:1: there is no base `report` in [api.bases]: did you mean `reports`?",
        ),
        (
            "size_parameter = \"top\", size = 4, last = \"no\"",
            "last = \"no\"",
            "49:1: fold of journalEntries: a record's rows may go on beyond a page's end",
        ),
        ("means = \"forbidden\"", "means = \"forbiden\"", "29:"),
        (
            "contains = [\"permissions prevented\"], ",
            "",
            "29:19: api.refusals: a path and the values or words there",
        ),
        (
            "means = \"not_supported\", reason = \"The app “Reports” is not installed there.\"",
            "means = \"not_supported\"",
            "58:29: data.2.refusals: not_supported needs a reason: one sentence",
        ),
        (
            "earliest = \"first\"",
            "earliest = \"furst\"",
            "66:1: earliest of profitAndLoss names the look-up that gives the first day: there is no look-up `furst`",
        ),
        (
            "month = { text = \"${last_month}\" }",
            "month = { }",
            "67:64: the look-up `month` needs either a path or a text",
        ),
        (
            "lookup = { customers = { path = \"/customers\", items = \"value\" } }",
            "lookup = { customers = { path = \"/customers\", query = { to = \"${last_day}\" } } }",
            "56:57: data.payments.lookup.customers.query.to: no value for ${last_day}",
        ),
    ] {
        assert!(MANIFEST.contains(right), "{right}");
        let manifest = MANIFEST.replacen(right, wrong, 1);
        let problem = load(&described(&manifest), &[("host", "http://a.example")])
            .expect_err(wrong)
            .to_string();
        let (_, reported) = problem
            .split_once("manifest.toml:")
            .unwrap_or(("", &problem));
        assert!(reported.starts_with(expected), "{reported}");
    }
}
