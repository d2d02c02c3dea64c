//! A property of every set of books: pulled in whatever steps, what is stored equals another pull of them all, and documents, payments and
//! bank lines equal what the sandbox itself says of them, to the cent. (A draft that is deleted is in no list of changes: until the next
//! pull of everything it stays.)
//!
//! The sandbox makes the books from a seed: the same in each test run, so that a change is judged by what it changed, and another in each
//! round of `cargo xtask soak`, which sets `MOORLINE_TEST_SEED` to it and takes more steps.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::harness::World;

/// The smallest books.
const BUSINESS: &str = "lindqvist-snickeri";
/// Steps between the first pull and the last look, unless `MOORLINE_TEST_STEPS` sets another number.
const STEPS: usize = 2;
const USUAL: u64 = 4_127_507_408;

/// SplitMix64: a sequence that a seed repeats.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

fn steps_wanted() -> usize {
    let wanted = std::env::var("MOORLINE_TEST_STEPS").ok();
    wanted.map_or(STEPS, |text| {
        text.parse().expect("MOORLINE_TEST_STEPS is a number")
    })
}

fn seed() -> u64 {
    let wanted = std::env::var("MOORLINE_TEST_SEED").ok();
    let seed = wanted.map_or(USUAL, |text| {
        text.parse().expect("MOORLINE_TEST_SEED is a number")
    });
    // Shown if the test fails.
    eprintln!("the books are those of MOORLINE_TEST_SEED={seed}");
    seed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stored_equals_the_books_on_sqlite() {
    let seed = seed();
    let world = World::on_sqlite_with_books(seed).await;
    steps(&world, seed).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stored_equals_the_books_on_postgres() {
    let seed = seed();
    let Some(world) = World::on_postgres_with_books(seed).await else {
        return;
    };
    steps(&world, seed).await;
    world.end().await;
}

async fn steps(world: &Arc<World>, seed: u64) {
    let mut chance = Chance(seed);
    // The sandbox's books are those of the last full hour: pulled at half past, what happens within the half hour before
    // would be listed later than it is dated, and a list of changes since would lack it.
    world.pass(TimeDelta::minutes(30));
    world.pull_every(1).await;
    let (company, connection) = world.synced("mqjo", BUSINESS).await;
    let number = steps_wanted();
    for step in 0..number {
        // Hours or days go by, in which documents are issued, changed, paid, voided and deleted.
        let hours = [1 + chance.below(6), 20 + chance.below(150)][usize::from(step > 0)];
        world.pass(TimeDelta::hours(i64::try_from(hours).unwrap()));
        if chance.below(2) == 0 {
            write_invoice(world, &company, &connection, &mut chance).await;
        }
        // Some types first, and then whatever changed of all of them.
        for data_type in ["invoices", "payments", "journalEntries", "bankTransactions"] {
            if chance.below(3) == 0 {
                let path = format!("/companies/{company}/data/queue/{data_type}");
                let asked = world.client(Method::POST, &path, None).await;
                // The schedule, or the write before, may have begun it already.
                let begun = asked.text().contains("still in progress");
                assert!(begun || asked.status == 200, "{}", asked.text());
            }
        }
        world.settled(&company).await;
        world.pass(TimeDelta::hours(1));
        // What the schedule has queued by itself isn't queued again.
        world.queue_due().await;
        world.settled(&company).await;
        let is_last = step + 1 == number;
        if is_last {
            // Deletions that no list of changes tells of are seen by a whole pull.
            let all = format!("/companies/{company}/data/all");
            assert_eq!(world.client(Method::POST, &all, None).await.status, 204);
            world.settled(&company).await;
        }
        let why = format!("MOORLINE_TEST_SEED={seed}, step {step}");
        reconciles(world, &company, &connection, &why).await;
        equals_the_books(world, &connection, is_last, &why).await;
        if is_last {
            equals_the_sandbox(world, &connection, &why).await;
        }
    }
}

/// An invoice of the client's own goes into the books, and is changed there.
async fn write_invoice(world: &World, company: &str, connection: &str, chance: &mut Chance) {
    let data = format!("/companies/{company}/data");
    let customers = world
        .get(&format!("{data}/customers?pageSize=20"))
        .await
        .ok();
    // The platform takes no invoice for a customer that was put away.
    let customers: Vec<&Value> = (customers["results"].as_array().unwrap().iter())
        .filter(|customer| customer["status"] == "Active")
        .collect();
    let customer = &customers[usize::try_from(chance.below(customers.len() as u64)).unwrap()];
    let invoice = |price: u64| {
        json!({
            "customerRef": { "id": customer["id"] }, "issueDate": "2026-06-15T00:00:00", "dueDate": "2026-07-15T00:00:00",
            "status": "Submitted",
            "lineItems": [{ "description": "Work", "unitAmount": price, "quantity": 1,
                            "accountRef": { "id": "LA-4000" }, "taxRateRef": { "id": "TX-NONE" } }]
        })
    };
    let push = format!("/companies/{company}/connections/{connection}/push/invoices");
    let made = world
        .post(&push, invoice(100 + chance.below(900)))
        .await
        .ok();
    let made = written(world, company, &made).await;
    let id = made["changes"][0]["recordRef"]["id"].as_str().unwrap();
    let changed = Some(invoice(1_000 + chance.below(900)));
    let again = world
        .client(Method::PUT, &format!("{push}/{id}"), changed)
        .await
        .ok();
    written(world, company, &again).await;
}

/// Waits until a write has ended well.
async fn written(world: &World, company: &str, operation: &Value) -> Value {
    let key = operation["pushOperationKey"].as_str().unwrap();
    let path = format!("/companies/{company}/push/{key}");
    let ended = world
        .until("the write has ended", || async {
            let now = world.get(&path).await.ok();
            (now["status"] != "Pending").then_some(now)
        })
        .await;
    assert_eq!(ended["status"], "Success", "{ended}");
    ended
}

async fn reconciles(world: &World, company: &str, connection: &str, why: &str) {
    let path = format!("/companies/{company}/connections/{connection}/reconciliation");
    let made = world.get(&path).await.ok();
    for test in made["tests"].as_array().unwrap() {
        assert_eq!(test["result"], "passed", "{why}: {test}");
    }
}

/// The records of a connection that aren't deleted, by type and id.
async fn present(world: &World, connection: &str) -> BTreeMap<String, String> {
    let rows = world.record_rows(connection).await;
    let of = |row: String| {
        let mut parts = row.splitn(4, ' ');
        let key = format!("{} {}", parts.next()?, parts.next()?);
        let is_deleted = parts.next()? == "true";
        let document = parts.next()?.to_owned();
        (!is_deleted).then_some((key, document))
    };
    rows.into_iter().filter_map(of).collect()
}

/// Compares with the same books, pulled whole through a new connection.
async fn equals_the_books(world: &World, connection: &str, exactly: bool, why: &str) {
    let (_, whole) = world.synced("mqjo", BUSINESS).await;
    let (stored, books) = (
        present(world, connection).await,
        present(world, &whole).await,
    );
    assert!(books.len() > 1_000, "{why}: {}", books.len());
    for (key, document) in &books {
        assert_eq!(stored.get(key), Some(document), "{why}: {key}");
    }
    for (key, document) in stored.iter().filter(|(key, _)| !books.contains_key(*key)) {
        let is_draft = document.contains("\"status\":\"Draft\"");
        assert!(
            !exactly && is_draft,
            "{why}: {key} isn't in the books: {document}"
        );
    }
}

/// The data types with one amount a record, the sandbox's own list of each, and the member that has the amount there and here.
const AMOUNTS: [(&str, &str, &str, &str); 7] = [
    (
        "invoices",
        "sales_documents?kind=INV",
        "gross_total",
        "totalAmount",
    ),
    (
        "creditNotes",
        "sales_documents?kind=CRN",
        "gross_total",
        "totalAmount",
    ),
    (
        "bills",
        "purchase_documents?kind=BILL",
        "gross_total",
        "totalAmount",
    ),
    (
        "billCreditNotes",
        "purchase_documents?kind=PCN",
        "gross_total",
        "totalAmount",
    ),
    ("payments", "receipts?", "amount", "totalAmount"),
    ("billPayments", "remittances?", "amount", "totalAmount"),
    ("bankTransactions", "bank_lines?", "amount", "amount"),
];

/// Compares amounts with the sandbox's own, which no map of ours has touched: integers of the currency's smallest unit.
async fn equals_the_sandbox(world: &World, connection: &str, why: &str) {
    let token = sandbox_token(world).await;
    let stored = present(world, connection).await;
    for (data_type, list, theirs, ours) in AMOUNTS {
        let mut own = BTreeMap::new();
        for page in 1.. {
            let url = format!("accounting/v2/{list}&per_page=250&page={page}");
            let url = world.sandbox.join(&url).unwrap();
            let headers = [("authorization", token.as_str())];
            let answer = world
                .send(Method::GET, url.as_str(), &headers, Vec::new())
                .await
                .ok();
            for row in answer["data"].as_array().unwrap() {
                let amount = row[theirs]
                    .as_i64()
                    .unwrap_or_else(|| panic!("{row}"))
                    .abs();
                let exponent = u32::try_from(row["exponent"].as_u64().unwrap_or(2)).unwrap();
                own.insert(row["id"].as_str().unwrap().to_owned(), (amount, exponent));
            }
            if answer["total_pages"].as_u64().unwrap() <= page {
                break;
            }
        }
        let prefix = format!("{data_type} ");
        let kept: BTreeMap<&str, Value> = stored
            .iter()
            .filter_map(|(key, document)| {
                Some((
                    key.strip_prefix(&prefix)?,
                    serde_json::from_str(document).unwrap(),
                ))
            })
            .collect();
        assert_eq!(kept.len(), own.len(), "{why}: {data_type}");
        for (id, (amount, exponent)) in &own {
            let record = kept
                .get(id.as_str())
                .unwrap_or_else(|| panic!("{why}: {data_type} {id}"));
            let here = record[ours].as_f64().unwrap_or_else(|| panic!("{record}"));
            let here = (here * 10_f64.powi(i32::try_from(*exponent).unwrap()))
                .round()
                .abs();
            #[expect(clippy::cast_possible_truncation, reason = "amounts of small books")]
            let here = here as i64;
            assert_eq!(here, *amount, "{why}: {data_type} {id}: {record}");
        }
    }
    // The reader's grant, the newest, is no connection's.
    let grants = world.provider(Method::GET, "grants", None).await;
    let path = format!("grants/{}/revoke", grants[0]["id"].as_str().unwrap());
    world.provider(Method::POST, &path, None).await;
}

/// An access token of the sandbox's for the business, given to a client of its own.
async fn sandbox_token(world: &World) -> String {
    let (id, secret, redirect) = (
        "a-reader",
        "a secret of the reader",
        "http://localhost:1/callback",
    );
    let client =
        json!({ "id": id, "secret": secret, "product": "accounting", "redirect_uris": [redirect] });
    world.provider(Method::POST, "clients", Some(client)).await;
    let verifier = "a verifier of at least forty-three characters in all".replace(' ', "-");
    let mut authorize = world.sandbox.join("oauth/authorize").unwrap();
    authorize.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", redirect),
        ("scope", "accounting.read"),
        ("state", "s"),
        (
            "code_challenge",
            &URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier)),
        ),
        ("code_challenge_method", "S256"),
    ]);
    let answered = json!({ "authorization_url": authorize, "business": BUSINESS, "person": "reader@books.example" });
    let answered = world.provider(Method::POST, "answer", Some(answered)).await;
    let back = Url::parse(answered["redirect_to"].as_str().unwrap()).unwrap();
    let (_, code) = back.query_pairs().find(|(name, _)| name == "code").unwrap();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", redirect),
            ("code_verifier", &verifier),
        ])
        .finish();
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let headers = [
        ("authorization", basic.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let url = world.sandbox.join("oauth/token").unwrap();
    let answer = world
        .send(Method::POST, url.as_str(), &headers, form.into_bytes())
        .await
        .ok();
    format!("Bearer {}", answer["access_token"].as_str().unwrap())
}
