//! The same seed makes the same books, and time only adds to them.

use std::collections::HashMap;

use serde_json::Value;

use crate::reader::{EVENING, Platform, text};

/// Every accounting list; each is paged, filtered and ordered alike.
pub const LISTS: [&str; 12] = [
    "/ledger_accounts",
    "/bank_accounts",
    "/contacts",
    "/catalogue_items",
    "/tax_codes",
    "/sales_documents",
    "/purchase_documents",
    "/receipts",
    "/remittances",
    "/ledger_entries",
    "/bank_lines",
    "/money_movements",
];

fn by_id(records: Vec<Value>, id: &str) -> HashMap<String, Value> {
    records
        .into_iter()
        .map(|record| (text(&record[id]).to_owned(), record))
        .collect()
}

#[tokio::test]
async fn the_same_seed_gives_the_same_books() {
    let (one, two) = (Platform::at(EVENING), Platform::at(EVENING));
    for path in LISTS {
        let business = "harbour-lane-cafe";
        assert_eq!(
            one.ledger(business, path).await,
            two.ledger(business, path).await
        );
    }
    let orders =
        |platform: Platform| async move { platform.shop("studio-veldhuis", "/orders", 250).await };
    let other = Platform::seeded(8, EVENING);
    let one = orders(one).await;
    assert_eq!(one, orders(two).await);
    assert_ne!(one, orders(other).await);
}

#[tokio::test]
async fn books_reached_by_waiting_are_the_books_reached_by_advancing() {
    let waited = Platform::at(EVENING);
    let advanced = Platform::at(EVENING);
    let business = "lindqvist-snickeri";
    // The books are read before, so that both have something to build on.
    assert_eq!(
        waited.accounting(business, "/trial_balance").await,
        advanced.accounting(business, "/trial_balance").await
    );
    waited.set_clock("2026-11-28T23:30:00Z");
    assert!(advanced.library.advance(business, 10));
    for path in LISTS {
        let (one, two) = (
            waited.ledger(business, path).await,
            advanced.ledger(business, path).await,
        );
        assert_eq!(one, two, "{path}");
    }
}

#[tokio::test]
async fn a_week_adds_and_changes_and_deletes_at_every_business() {
    let platform = Platform::at(EVENING);
    for business in platform.businesses() {
        let drafts = platform
            .ledger(business, "/sales_documents?state=DRAFT")
            .await;
        assert!(platform.library.advance(business, 7));
        let since = "2026-11-18T23:30:00Z";
        let touched = platform
            .ledger(business, &format!("/sales_documents?updated_since={since}"))
            .await;
        let is_new = |document: &&Value| text(&document["created_at"]) > since;
        let added = touched.iter().filter(is_new).count();
        let changed = touched.len() - added;
        assert!(
            added > 0 && changed > 0,
            "{business}: {added} added, {changed} changed"
        );

        let mut gone = 0;
        for draft in drafts {
            let uri = format!("/accounting/v2/sales_documents/{}", text(&draft["id"]));
            let (status, _) = platform
                .send(business, sandbox::Product::Accounting, &uri)
                .await;
            gone += usize::from(status == 404);
        }
        assert!(gone > 0, "{business} deletes a draft every week");
    }
}

#[tokio::test]
async fn a_deleted_draft_is_in_no_list() {
    let platform = Platform::at(EVENING);
    let business = "studio-veldhuis";
    let before = by_id(platform.ledger(business, "/sales_documents").await, "id");
    platform.library.advance(business, 7);
    let after = by_id(platform.ledger(business, "/sales_documents").await, "id");
    let gone: Vec<&Value> = before
        .iter()
        .filter(|(id, _)| !after.contains_key(*id))
        .map(|(_, document)| document)
        .collect();
    assert!(!gone.is_empty());
    assert!(gone.iter().all(|document| document["state"] == "DRAFT"));
}

#[tokio::test]
async fn a_week_erases_a_shopper() {
    let platform = Platform::at(EVENING);
    let business = "alder-ridge-wholesale";
    let before = by_id(platform.shop(business, "/shoppers", 250).await, "shopperId");
    platform.library.advance(business, 7);
    let after = by_id(platform.shop(business, "/shoppers", 250).await, "shopperId");
    assert!(before.keys().any(|id| !after.contains_key(id)));
}

#[tokio::test]
async fn what_changed_is_what_updated_since_returns() {
    let platform = Platform::at(EVENING);
    let business = "dilmun-spice-trading";
    let since = "2026-11-18T23:00:01Z";
    let mut before = HashMap::new();
    for path in LISTS {
        before.insert(path, by_id(platform.ledger(business, path).await, "id"));
    }
    platform.library.advance(business, 5);
    for path in LISTS {
        let updated = by_id(
            platform
                .ledger(business, &format!("{path}?updated_since={since}"))
                .await,
            "id",
        );
        for (id, record) in by_id(platform.ledger(business, path).await, "id") {
            // A contact's debt and an account's balance follow from other records.
            let same = before[path].get(&id).is_some_and(|old| {
                let (mut old, mut new) = (old.clone(), record.clone());
                old["open_balance"].take();
                new["open_balance"].take();
                old == new
            });
            assert_eq!(updated.contains_key(&id), !same, "{path} {record}");
        }
    }
    let orders = by_id(platform.shop(business, "/orders", 250).await, "orderId");
    let since = 1_795_042_801_000_i64;
    let uri = format!("/commerce/api/orders?updatedAtMin={since}&limit=250");
    let (_, page) = platform
        .send(business, sandbox::Product::Commerce, &uri)
        .await;
    let updated = page["items"].as_array().expect("items");
    let late = |order: &&Value| order["updatedAt"].as_i64().expect("a time") >= since;
    assert_eq!(updated.len(), orders.values().filter(late).count());
    assert!(!updated.is_empty());
}

#[tokio::test]
async fn the_ledger_is_only_ever_added_to() {
    let platform = Platform::at(EVENING);
    let business = "studio-veldhuis";
    let before = platform.ledger(business, "/ledger_entries").await;
    platform.library.advance(business, 30);
    let after = platform.ledger(business, "/ledger_entries").await;
    // An invoice's number and a contact's name may change; amounts and sources may not.
    let facts = |entry: &Value| {
        (
            entry["date"].clone(),
            entry["source"].clone(),
            entry["lines"].clone(),
        )
    };
    assert!(after.len() > before.len());
    for (old, new) in before.iter().zip(&after) {
        assert_eq!(facts(old), facts(new));
    }
}

#[tokio::test]
async fn orders_come_in_through_the_day() {
    let platform = Platform::at("2026-11-18T09:00:00Z");
    let mut counts = Vec::new();
    for hour in [9, 12, 15, 19] {
        platform.set_clock(&format!("2026-11-18T{hour:02}:20:00Z"));
        counts.push(
            platform
                .shop("harbour-lane-cafe", "/orders", 250)
                .await
                .len(),
        );
    }
    assert!(counts.is_sorted_by(|one, two| one < two), "{counts:?}");
}

#[tokio::test]
async fn an_earlier_clock_still_has_two_years_behind_it() {
    let platform = Platform::at("2026-01-15T12:00:00Z");
    let statements = platform
        .accounting("kawabe-tea", "/statements?months=120")
        .await;
    assert!(statements["months"].as_array().expect("months").len() >= 25);
    let shown = platform.accounting("kawabe-tea", "/statements").await;
    assert_eq!(shown["months"].as_array().expect("months").len(), 24);
    assert_eq!(shown["latest_month"], "2026-01");
}

#[tokio::test]
async fn the_largest_business_has_a_hundred_thousand_entries_in_two_years() {
    let platform = Platform::at(EVENING);
    let uri = "/accounting/v2/ledger_entries?per_page=1&updated_since=2024-11-18T00:00:00Z";
    let (_, page) = platform
        .send("wattle-creek-auto-parts", sandbox::Product::Accounting, uri)
        .await;
    let count = page["total_records"].as_u64().expect("a count");
    assert!((95_000..130_000).contains(&count), "{count}");
}

#[test]
fn an_unknown_business_has_no_time_and_cannot_be_advanced() {
    let platform = Platform::at(EVENING);
    assert!(!platform.library.advance("nobody", 1));
    assert_eq!(platform.library.as_of("nobody"), None);
    assert!(platform.library.advance("kawabe-tea", 2));
    assert_eq!(platform.library.advanced_days("kawabe-tea"), Some(2));
    let time = platform.library.as_of("kawabe-tea").expect("a time");
    assert_eq!(time.to_rfc3339(), "2026-11-20T23:30:00+00:00");
}
