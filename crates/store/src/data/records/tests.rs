//! The rows that a pull leaves in the table, on both engines.

use super::trial::{self, COMPANY, CONNECTION, Trial, time};
use super::*;
use uuid::Uuid;

const TYPE: &str = "invoices";

fn record(id: &str, document: &str) -> Record {
    let document = ::records::Document::parse(document).expect("an object");
    Record::custom(id, document, None)
}

/// As a map makes it.
fn mapped(json: &str) -> Record {
    let mut json = serde_json::Deserializer::from_str(json);
    ::records::read(::records::DataType::Payments, &mut json).expect("a payment")
}

async fn store(trial: &Trial, dataset: u128, page: &[Record], at: &str) -> Counts {
    let mut tx = trial.db.write().await.expect("a transaction");
    let dataset = DatasetId(Uuid::from_u128(dataset));
    let counts = upsert_page(&mut tx, CONNECTION, COMPANY, TYPE, dataset, page, time(at))
        .await
        .expect("a stored page");
    tx.commit().await.expect("a commit");
    counts
}

async fn one(trial: &Trial, id: &str) -> Stored {
    get(&trial.db, COMPANY, CONNECTION, TYPE, id)
        .await
        .expect("a read")
        .expect("a record")
}

async fn a_second_pull_doubles_nothing(trial: Trial) {
    let (day, later) = ("2026-02-01", "2026-02-02");
    let page = [
        record("1", r#"{"id":"1","total":0.10}"#),
        record("2", r#"{"id":"2","total":12345678901234567890.123}"#),
        mapped(r#"{"id":"3'\"","totalAmount":1}"#),
        record("1", r#"{"id":"1","total":0.20}"#),
    ];
    assert_eq!(
        store(&trial, 1, &page, day).await,
        Counts {
            inserted: 3,
            changed: 0,
            unchanged: 0
        }
    );
    assert_eq!(
        one(&trial, "1").await.document,
        r#"{"id":"1","total":0.20}"#,
        "the last of a page counts"
    );
    assert_eq!(
        one(&trial, "2").await.document,
        r#"{"id":"2","total":12345678901234567890.123}"#
    );

    let mut changed = page[1].clone();
    changed.source_modified = Some(time("2026-01-31"));
    let stamped = mapped(r#"{"metadata":{"isDeleted":false},"id":"3'\"","totalAmount":1}"#);
    let again = [page[3].clone(), changed, stamped, record("4", "{}")];
    assert_eq!(
        store(&trial, 2, &again, later).await,
        Counts {
            inserted: 1,
            changed: 1,
            unchanged: 2
        }
    );
    assert_eq!(
        one(&trial, "1").await.modified,
        time(day),
        "what says the same keeps its date"
    );
    assert_eq!(one(&trial, "3'\"").await.modified, time(day));
    assert_eq!(one(&trial, "2").await.modified, time(later));
    assert_eq!(
        one(&trial, "2").await.source_modified,
        Some(time("2026-01-31"))
    );

    // A third pull sees two of the four.
    store(&trial, 3, &again[..2], "2026-02-03").await;
    let mut tx = trial.db.write().await.expect("a transaction");
    let third = DatasetId(Uuid::from_u128(3));
    let gone = mark_unseen_deleted(&mut tx, CONNECTION, TYPE, third, time("2026-02-04"))
        .await
        .expect("a sweep");
    let none = mark_unseen_deleted(&mut tx, CONNECTION, TYPE, third, time("2026-02-05"))
        .await
        .expect("a sweep");
    tx.commit().await.expect("a commit");
    assert_eq!((gone, none), (2, 0));
    let gone = one(&trial, "4").await;
    assert!(gone.deleted);
    assert_eq!(gone.modified, time("2026-02-04"));
    assert!(!one(&trial, "1").await.deleted);

    // And it comes back.
    assert_eq!(
        store(&trial, 4, &[record("4", "{}")], "2026-02-06").await,
        Counts {
            changed: 1,
            ..Counts::default()
        }
    );
    assert!(!one(&trial, "4").await.deleted);

    let scope = Scope {
        company: COMPANY,
        connections: vec![CONNECTION],
    };
    assert_eq!(
        count(&trial.db, &scope, TYPE, None).await.expect("a count"),
        4
    );
    let elsewhere = Scope {
        company: CompanyId(Uuid::from_u128(9)),
        ..scope.clone()
    };
    assert_eq!(
        count(&trial.db, &elsewhere, TYPE, None)
            .await
            .expect("a count"),
        0
    );
    assert_eq!(
        count(
            &trial.db,
            &Scope {
                connections: vec![],
                ..scope
            },
            TYPE,
            None
        )
        .await
        .expect("a count"),
        0
    );
    assert_eq!(
        get(&trial.db, COMPANY, CONNECTION, TYPE, "1\0")
            .await
            .expect("a read"),
        None
    );
    trial.end().await;
}

#[tokio::test]
async fn a_second_pull_doubles_nothing_on_sqlite() {
    a_second_pull_doubles_nothing(trial::sqlite().await).await;
}

#[tokio::test]
async fn a_second_pull_doubles_nothing_on_postgresql() {
    if let Some(trial) = trial::postgresql().await {
        a_second_pull_doubles_nothing(trial).await;
    }
}

fn made_from(source: u8, mut record: Record) -> Record {
    record.source = Some(Source::from([source; 32]));
    record
}

async fn unaltered_ids(trial: &Trial, sent: &[(&str, u8)]) -> Vec<String> {
    let sources: Vec<Source> = sent.iter().map(|(_, n)| Source::from([*n; 32])).collect();
    let ids = sent.iter().map(|(id, _)| *id);
    let sent: Vec<(&str, &Source)> = ids.zip(&sources).collect();
    let found = unaltered(&trial.db, CONNECTION, TYPE, &sent).await;
    let mut ids: Vec<String> = found
        .expect("a look")
        .into_iter()
        .map(|one| one.id)
        .collect();
    ids.sort();
    ids
}

async fn what_a_record_was_made_from_tells_whether_it_is_unaltered(trial: Trial) {
    let page = [
        made_from(1, record("1", r#"{"id":"1","total":0.10}"#)),
        made_from(2, record("2", r#"{"id":"2"}"#)),
        record("3", r#"{"id":"3"}"#),
        made_from(4, record("4", r#"{"id":"4"}"#)),
    ];
    store(&trial, 1, &page, "2026-02-01").await;
    let all = [("1", 1), ("2", 2), ("3", 3), ("4", 4), ("5", 5)];
    assert_eq!(unaltered_ids(&trial, &all).await, ["1", "2", "4"]);
    assert_eq!(
        unaltered_ids(&trial, &[("1", 2)]).await,
        Vec::<String>::new()
    );

    // Made from something else, the document is the same: it isn't a change, and what it was made from is known from then on.
    let again = [
        made_from(9, page[0].clone()),
        record("2", r#"{"id":"2"}"#),
        made_from(3, page[2].clone()),
    ];
    let counts = store(&trial, 2, &again, "2026-02-02").await;
    assert_eq!((counts.changed, counts.unchanged), (0, 3));
    assert_eq!(one(&trial, "1").await.modified, time("2026-02-01"));
    let all = [("1", 9), ("2", 2), ("3", 3), ("4", 4)];
    assert_eq!(unaltered_ids(&trial, &all).await, ["1", "3", "4"]);

    // A version of the program that knows no sources writes another document.
    let mut tx = trial.db.write().await.expect("a transaction");
    let digest = Sha256::digest("{}").to_vec();
    let written = query!(
        tx,
        "update record set document = '{}', digest = $3 where connection_id = $1 and id = $2",
        CONNECTION,
        "1",
        digest
    );
    assert_eq!(written.expect("a write"), 1);
    let gone = ["4".to_owned()];
    let gone = mark_deleted(&mut tx, CONNECTION, TYPE, &gone, time("2026-02-03")).await;
    assert_eq!(gone.expect("a mark"), 1);
    tx.commit().await.expect("a commit");
    assert_eq!(unaltered_ids(&trial, &all).await, ["3"]);
    trial.end().await;
}

#[tokio::test]
async fn what_a_record_was_made_from_tells_whether_it_is_unaltered_on_sqlite() {
    what_a_record_was_made_from_tells_whether_it_is_unaltered(trial::sqlite().await).await;
}

#[tokio::test]
async fn what_a_record_was_made_from_tells_whether_it_is_unaltered_on_postgresql() {
    if let Some(trial) = trial::postgresql().await {
        what_a_record_was_made_from_tells_whether_it_is_unaltered(trial).await;
    }
}

#[test]
fn a_record_is_its_document_untouched_and_its_stamps() {
    let shown = |document: &str, stamps: Stamps| {
        let record = Stored {
            connection_id: CONNECTION,
            id: "1".into(),
            document: document.into(),
            modified: time("2023-11-14T22:13:20Z"),
            source_modified: Some(time("2020-09-13T12:26:40.000001Z")),
            deleted: true,
        };
        let mut out = Vec::new();
        record.write(stamps, &mut out);
        String::from_utf8(out).expect("text")
    };
    let all = Stamps {
        dates: true,
        metadata: true,
    };
    assert_eq!(
        shown(r#"{"total":0.10,"n":1e2}"#, all),
        r#"{"total":0.10,"n":1e2,"modifiedDate":"2023-11-14T22:13:20Z","sourceModifiedDate":"2020-09-13T12:26:40.000001Z","metadata":{"isDeleted":true}}"#
    );
    assert_eq!(
        shown(
            "{}",
            Stamps {
                dates: false,
                metadata: true
            }
        ),
        r#"{"metadata":{"isDeleted":true}}"#
    );
    assert_eq!(shown(r#"{"a":1}"#, Stamps::default()), r#"{"a":1}"#);
}
