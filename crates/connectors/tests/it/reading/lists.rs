//! Pages, searches and queries, each with what it is read for.

use std::collections::BTreeMap;

use connectors::{DataType, FetchError, Narrowing};
use serde_json::json;

use super::{noon, start};
use crate::stand::stored;

#[tokio::test]
async fn a_query_s_text_carries_its_page_and_what_changed_and_deletions_come_after_it() {
    let stand = start().await;
    let answer = r#"{"Answer":[{"Invoice":[{"id":"1","sum":1},{"id":"2","sum":2}]}]}"#;
    stand.platform.answers("/v1/query", 200, "", answer);
    let page = stand.page(DataType::Invoices, None, None).await.unwrap();
    assert_eq!(
        stand.last_query()["query"],
        "select * from Invoice where A = 1 startposition 1 maxresults 2"
    );
    assert_eq!(stand.ids(DataType::Invoices, &page), ["1", "2"]);
    // An empty answer has no list at all, and is the last page; a whole pull doesn't request deletions.
    stand
        .platform
        .answers("/v1/query", 200, "", r#"{"Answer":[{}]}"#);
    let next = stored(&page.next);
    let page = stand
        .page(DataType::Invoices, next.as_ref(), None)
        .await
        .unwrap();
    assert!(stand.last_query()["query"].ends_with("startposition 3 maxresults 2"));
    assert_eq!(page.next, None);
    assert!(stand.ids(DataType::Invoices, &page).is_empty());

    let page = stand.page(DataType::Invoices, None, noon()).await.unwrap();
    assert_eq!(
        stand.last_query()["query"],
        "select * from Invoice where A = 1 and Changed > '2026-03-31T12:00:00Z' startposition 1 maxresults 2"
    );
    stand
        .platform
        .answers("/v1/gone", 200, "", r#"{"ids":["7"]}"#);
    let next = stored(&page.next);
    let page = stand
        .page(DataType::Invoices, next.as_ref(), noon())
        .await
        .unwrap();
    assert_eq!(stand.last_query()["since"], "2026-03-31T12:00:00Z");
    assert_eq!((page.list, &page.next), (1, &None));
    let mapped = stand
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
    let page = stand.page(DataType::Invoices, None, window).await.unwrap();
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn a_full_list_without_a_next_page_is_not_the_end() {
    let stand = start().await;
    let answer = r#"{"Answer":[{}]}"#;
    stand.platform.answers("/v1/query", 200, "", answer);
    let page = stand.page(DataType::Invoices, None, noon()).await.unwrap();
    let next = stored(&page.next);
    for (ids, cut) in [(r#"["7","8"]"#, false), (r#"["7","8","9"]"#, true)] {
        let body = format!("{{\"ids\":{ids}}}");
        stand.platform.answers("/v1/gone", 200, "", &body);
        let page = stand.page(DataType::Invoices, next.as_ref(), noon()).await;
        assert_eq!(
            page.as_ref().err() == Some(&FetchError::Cut(3)),
            cut,
            "{page:?}"
        );
    }
}

#[tokio::test]
async fn a_map_has_the_values_that_its_list_looks_up() {
    let stand = start().await;
    let kind = DataType::AccountTransactions;
    assert_eq!(stand.integration.requests_of_page(kind), 3);
    assert_eq!(stand.integration.requests_of_page(DataType::Invoices), 1);
    let accounts = r#"{"accounts":[{"id":"a","name":"A"},{"id":"b","name":"B"}]}"#;
    stand
        .platform
        .answers("/v1/accounts?kind=Bank", 200, "", accounts);
    // Asked by one name, answered under another.
    for member in ["Move", "Movement"] {
        let moves = format!(r#"{{"{member}":[{{"id":"1","sum":1.50,"bank":"b"}}]}}"#);
        stand.platform.answers("/v1/moves", 200, "", &moves);
        let page = stand.page(kind, None, None).await.unwrap();
        let mapped = stand.integration.map_page(kind, &page).unwrap();
        assert_eq!(
            mapped.records[0].to_json(),
            r#"{"id":"1","status":"Unknown","totalAmount":1.50,"bankAccountRef":{"id":"b","name":"B"}}"#,
            "the platform refuses its preferences, and the map does without"
        );
    }
    stand
        .platform
        .answers("/v1/preferences", 200, "", r#"{"currency":"GBP"}"#);
    let page = stand.page(kind, None, None).await.unwrap();
    let mapped = stand.integration.map_page(kind, &page).unwrap();
    assert!(mapped.records[0].to_json().contains(r#""currency":"GBP""#));
    // More than are gathered of what the map can do without: it does without all of it.
    let answers = |path: &str, body: &str| stand.platform.answers(path, 200, "", body);
    let more = r#"{"currency":"GBP","more":"/v1/preferences?page=2"}"#;
    answers("/v1/preferences", more);
    answers("/v1/preferences?page=2", r#"{"currency":"EUR"}"#);
    let page = stand.page(kind, None, None).await.unwrap();
    let mapped = stand.integration.map_page(kind, &page).unwrap();
    assert!(!mapped.records[0].to_json().contains("currency"));
    // Nor has it room for what is too long to be mapped beside the rest.
    let note = "n".repeat(6 * 1024 * 1024);
    let long: Vec<_> = (0..2)
        .map(|at| format!(r#"{{"id":"long-{at}","note":"{note}"}}"#))
        .collect();
    let first = "/v1/accounts?kind=Bank";
    answers(
        first,
        &format!(r#"{{"accounts":[{{"id":"b"}},{}]}}"#, long.join(",")),
    );
    let long = format!(r#"{{"currency":"GBP","note":"{note}{note}"}}"#);
    answers("/v1/preferences", &long);
    let page = stand.page(kind, None, None).await.unwrap();
    let mapped = stand.integration.map_page(kind, &page).unwrap();
    assert!(!mapped.records[0].to_json().contains("currency"));
    // The next pages are read, and nothing of them is left out.
    let accounts = |ids: &[&str], next: &str| {
        let accounts: Vec<_> = (ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#))).collect();
        format!(
            r#"{{"accounts":[{}],"more":{{"link":"{next}"}}}}"#,
            accounts.join(",")
        )
    };
    answers(first, &accounts(&["a"], "/v1/accounts?page=2"));
    answers("/v1/accounts?page=2", &accounts(&["c", "b"], ""));
    let page = stand.page(kind, None, None).await.unwrap();
    let mapped = stand.integration.map_page(kind, &page).unwrap();
    assert!(
        mapped.records[0]
            .to_json()
            .contains(r#""bankAccountRef":{"id":"b"}"#)
    );
    // Accounts that are missing would make every movement one of nothing.
    answers("/v1/accounts?page=2", &accounts(&["c", "b", "d"], ""));
    let page = stand.page(kind, None, None).await;
    assert_eq!(page.err(), Some(FetchError::Cut(4)));
    answers(
        "/v1/accounts?page=2",
        &accounts(&["c"], "/v1/accounts?page=2"),
    );
    let page = stand.page(kind, None, None).await;
    assert!(matches!(page, Err(FetchError::Malformed(_))), "{page:?}");
    // Pages that lead to each other, without records.
    answers("/v1/accounts?page=2", &accounts(&[], "/v1/accounts?page=3"));
    answers("/v1/accounts?page=3", &accounts(&[], "/v1/accounts?page=2"));
    let page = stand.page(kind, None, None).await;
    let endless = "a look-up has more than 1000 pages".to_owned();
    assert_eq!(page.err(), Some(FetchError::Malformed(endless)));
    answers(
        first,
        &accounts(&["a"], "https://elsewhere.example/accounts"),
    );
    let page = stand.page(kind, None, None).await;
    assert!(matches!(page, Err(FetchError::Malformed(_))), "{page:?}");
    stand
        .platform
        .answers("/v1/accounts?kind=Bank", 503, "", "");
    assert!(stand.page(kind, None, None).await.is_err());
}

#[tokio::test]
async fn a_list_is_read_for_each_value_of_a_paged_list_that_is_itself_read_for_each_place() {
    let stand = start().await;
    let kind = DataType::BillPayments;
    let answers = |path: &str, body: &str| stand.platform.answers(path, 200, "", body);
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
        let page = stand.page(kind, cursor.as_ref(), None).await.unwrap();
        found.extend(stand.ids(kind, &page));
        cursor = stored(&page.next);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, ["of-p1", "of-p3"], "p2 has no entries");
    // The code of a refusal says that there is nothing; another code of the same status doesn't.
    answers(
        &format!("/v1/payouts?{from}&place=north"),
        r#"{"payouts":[{"id":"p2"}]}"#,
    );
    for (code, is_empty) in [("no-payouts", true), ("internal", false)] {
        let body = format!(r#"{{"code":"{code}"}}"#);
        stand
            .platform
            .answers("/v1/payouts/p2/entries", 400, "", &body);
        let page = stand.page(kind, None, None).await;
        assert_eq!(page.is_ok(), is_empty, "{code}: {page:?}");
        assert_eq!(
            matches!(page, Err(FetchError::Refused { status: 400, .. })),
            !is_empty
        );
    }
    answers("/v1/payouts", "{}");
    stand.page(kind, None, noon()).await.unwrap();
    assert_eq!(stand.last_query()["from"], "2026-03-31T12:00:00Z");
}

#[tokio::test]
async fn a_search_carries_its_cursor_and_its_time_in_the_body_for_each_place() {
    let stand = start().await;
    let places = r#"{"places":[{"id":"north"},{"id":"south"}]}"#;
    stand.platform.answers("/v1/places", 200, "", places);
    let answer = r#"{"payments":[{"id":"1","sum":1}],"cursor":"{next"}"#;
    stand.platform.answers("/v1/search", 200, "", answer);
    let first = stand.page(DataType::Payments, None, noon()).await.unwrap();
    assert_eq!(
        stand.last_body(),
        json!({
            "place_ids": ["north"], "sort": { "field": "UPDATED_AT" }, "deep": true, "limit": 100,
            "query": { "filter": { "updated_at": { "start_at": "2026-03-31T12:00:00Z" } } },
        })
    );
    let seen = stand.platform.last();
    assert!(seen.head.starts_with("POST /v1/search"), "{}", seen.head);
    assert_eq!(seen.header("content-type"), Some("application/json"));

    stand.platform.answers("/v1/search", 200, "", "{}");
    let next = stored(&first.next);
    let asked = stand.platform.asked();
    let page = stand
        .page(DataType::Payments, next.as_ref(), None)
        .await
        .unwrap();
    assert_eq!(
        stand.platform.asked(),
        asked + 1,
        "the places are known by then"
    );
    assert_eq!(
        stand.last_body(),
        json!({
            "place_ids": ["north"], "sort": { "field": "UPDATED_AT" }, "deep": true, "limit": 100,
            "paging": { "cursor": "{next" },
        })
    );
    let next = stored(&page.next);
    let page = stand
        .page(DataType::Payments, next.as_ref(), None)
        .await
        .unwrap();
    assert_eq!(stand.last_body()["place_ids"], json!(["south"]));
    assert_eq!(page.next, None);

    stand.platform.answers("/v1/places", 200, "", "{}");
    let page = stand.page(DataType::Payments, None, None).await.unwrap();
    assert_eq!(page.next, None);
    assert!(stand.ids(DataType::Payments, &page).is_empty());
}

#[tokio::test]
async fn a_list_goes_on_behind_its_last_record_and_statements_month_by_month() {
    let stand = start().await;
    let answer = r#"{"Journals":[{"id":"a","Number":12},{"id":"b","Number":17}]}"#;
    stand.platform.answers("/v1/journals", 200, "", answer);
    let page = stand.page(DataType::Journals, None, None).await.unwrap();
    assert_eq!(stand.last_query()["offset"], "0");
    stand.platform.answers("/v1/journals", 304, "", "");
    let page = stand
        .page(DataType::Journals, stored(&page.next).as_ref(), None)
        .await
        .unwrap();
    assert_eq!(stand.last_query()["offset"], "17");
    assert_eq!(page.next, None);
    assert!(stand.ids(DataType::Journals, &page).is_empty());

    stand.platform.answers("/v1/report", 200, "", "{}");
    let page = stand
        .page(DataType::ProfitAndLoss, None, None)
        .await
        .unwrap();
    let asked = |query: &BTreeMap<String, String>| {
        ["from", "to", "periods"].map(|name| query[name].clone())
    };
    assert_eq!(
        asked(&stand.last_query()),
        ["2025-04-01", "2026-03-31", "11"]
    );
    let page = stand
        .page(DataType::ProfitAndLoss, stored(&page.next).as_ref(), None)
        .await;
    assert_eq!(
        asked(&stand.last_query()),
        ["2025-02-01", "2025-03-31", "1"]
    );
    assert_eq!(page.unwrap().next, None);
}
