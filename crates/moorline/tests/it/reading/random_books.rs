//! A property of every set of books: pulled in whatever steps, what is stored equals them, to the cent. (A draft that is deleted is in no
//! list of changes: until the next pull of everything it stays.)
//!
//! The sandbox makes the books from a seed: the same in each test run, so that a change is judged by what it changed, and another in each
//! round of `cargo xtask soak`, which sets `MOORLINE_TEST_SEED` to it and takes more steps.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

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
