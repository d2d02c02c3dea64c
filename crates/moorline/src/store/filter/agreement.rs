//! SQL answers every query as the evaluator in memory does: random records, random queries, a fixed seed.

use chrono::{DateTime, Utc};
use records::DataType;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::{CompanyId, ConnectionId, DatasetId};
use crate::query::{parse, parse_order};
use crate::store::db::query;
use crate::store::records::{self as stored, NewRecord, Scope, Stamps};
use crate::store::{Db, StoreError};

const SEED: u64 = 20_260_731;
const RECORDS: u64 = 120;
const QUERIES: usize = 600;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[usize::try_from(self.roll(from.len() as u64)).expect("small")]
    }
}

const STATUSES: &[&str] = &["Paid", "Submitted", "PartiallyPaid", "Void", "Unknown"];
const NAMES: &[&str] = &[
    "Fern & Fig",
    "fern & fig",
    "Müller",
    "MÜLLER",
    "O'Neil \"Q\"",
    "100%",
    "61",
    "061",
    "true",
    "a_b\\c",
    "null",
];
const DAYS: &[&str] = &[
    "2026-01-31",
    "2026-02-01",
    "2026-02-01T00:00:00",
    "2026-02-01T10:00:00.500Z",
    "2026-02-01T10:00:00.5Z",
    "2025-12-31T23:59:59Z",
];
const AMOUNTS: &[&str] = &[
    "0",
    "0.10",
    "0.1",
    "-12.5",
    "99.99",
    "100",
    "100.00",
    "100.01",
    "123456789.01",
    "61",
];

fn record(dice: &mut Dice, id: u64) -> NewRecord {
    let mut members = vec![format!("\"id\":\"r{id}\"")];
    let mut some = |dice: &mut Dice, name: &str, value: String| {
        // One in six is absent and one in six null.
        match dice.roll(6) {
            0 => {}
            1 => members.push(format!("\"{name}\":null")),
            _ => members.push(format!("\"{name}\":{value}")),
        }
    };
    let status = json!(dice.pick(STATUSES)).to_string();
    some(dice, "status", status);
    let amount = dice.pick(AMOUNTS).to_owned();
    some(dice, "totalAmount", amount);
    let due = json!(dice.pick(DAYS)).to_string();
    some(dice, "dueDate", due);
    let name = json!(dice.pick(NAMES)).to_string();
    let customer = format!("{{\"id\":\"{}\",\"companyName\":{name}}}", dice.roll(70));
    some(dice, "customerRef", customer);
    let taxed = ["true", "false"][usize::from(dice.roll(2) == 0)].to_owned();
    some(dice, "taxed", taxed);
    some(
        dice,
        "lines",
        "[{\"amount\":100,\"id\":\"61\"},7,\"Paid\"]".into(),
    );
    // The same name now a number, now text, now a boolean, now an object.
    let any = dice.pick(&[
        "61",
        "\"61\"",
        "\"2026-02-01\"",
        "true",
        "\"Paid\"",
        "{\"id\":\"61\"}",
        "[61]",
        "61.0",
        "\"2026-99-99\"",
    ]);
    some(dice, "any", any.to_owned());
    NewRecord {
        id: format!("r{id}"),
        document: format!("{{{}}}", members.join(",")),
        source_modified: (dice.roll(3) > 0).then(|| time(dice.pick(DAYS))),
        deleted: dice.roll(3) == 0,
    }
}

fn time(text: &str) -> DateTime<Utc> {
    crate::query::read_time(text).expect("a time")
}

/// Fields, and values that tell records apart there.
const FIELDS: &[(&str, &[&str])] = &[
    ("id", &["r7", "R7", "r1"]),
    ("status", STATUSES),
    ("status", &["paid", "VOID", "PA"]),
    ("totalAmount", AMOUNTS),
    ("dueDate", DAYS),
    ("dueDate", &["2026-02-01T11:00:00.5+01:00", "2026-02", "T"]),
    ("customerRef.id", &["61", "6", "12"]),
    ("customerRef.companyName", NAMES),
    ("customerRef.companyName", &["ller", "LL", "ü", "&"]),
    ("customerRef", &["61"]),
    ("taxed", &["true", "FALSE"]),
    ("lines", &["61", "Paid"]),
    ("lines.amount", &["100"]),
    ("any", &["61", "2026-02-01", "true", "Paid", "2026-99-99"]),
    ("any.id", &["61"]),
    ("absent", &["61", "Paid"]),
    (
        "modifiedDate",
        &["2026-02-01", "2026-02-01T12:00:00Z", "2026-02-02"],
    ),
    ("sourceModifiedDate", DAYS),
    ("metadata.isDeleted", &["true", "false"]),
];

fn condition(dice: &mut Dice) -> String {
    let of =
        |dice: &mut Dice| FIELDS[usize::try_from(dice.roll(FIELDS.len() as u64)).expect("small")];
    let (field, fitting) = of(dice);
    let (_, any) = of(dice);
    let value = if dice.roll(5) > 0 {
        dice.pick(fitting)
    } else {
        dice.pick(any)
    };
    let operator = dice.pick(&["=", "!=", "~", ">", ">=", "<", "<="]);
    let space = dice.pick(&["", " "]);
    format!("{field}{space}{operator}{space}{value}")
}

fn text(dice: &mut Dice, depth: u64) -> String {
    if depth == 0 || dice.roll(3) == 0 {
        return condition(dice);
    }
    let parts: Vec<String> = (0..2 + dice.roll(2))
        .map(|_| match dice.roll(2) {
            0 => text(dice, depth - 1),
            _ => format!("{{{}}}", text(dice, depth - 1)),
        })
        .collect();
    parts.join(dice.pick(&["&&", "||", " && ", " || "]))
}

struct Prepared {
    db: Db,
    scope: Scope,
    records: Vec<(String, Value)>,
}

/// Puts random records through the bulk upsert, and reads them back as clients see them.
async fn prepare(db: Db) -> Result<Prepared, StoreError> {
    let now = time("2026-02-01");
    db.migrate(now).await?;
    let id = Uuid::from_u128(1);
    let (company, connection) = (CompanyId(id), ConnectionId(id));
    let mut tx = db.write().await?;
    query!(
        tx,
        "insert into client (id, name, white_list_urls, allowed_origins, show_badge, created) values ($1, 'c', '[]', '[]', $2, $3)",
        id,
        true,
        now
    )?;
    query!(
        tx,
        "insert into company (id, client_id, name, created) values ($1, $1, 'c', $2)",
        id,
        now
    )?;
    query!(
        tx,
        "insert into connection (id, client_id, company_id, integration_key, integration_id, source_id, source_type,
                                 platform_name, status, created)
         values ($1, $1, $1, 'mqjo', $1, $1, 'Accounting', 'Sandbox', 'Linked', $2)",
        id,
        now
    )?;
    let mut dice = Dice(SEED);
    for page in 0..3 {
        let page: Vec<NewRecord> = (0..RECORDS / 3)
            .map(|at| record(&mut dice, page * RECORDS / 3 + at))
            .collect();
        let at = now
            + chrono::TimeDelta::milliseconds(
                i64::try_from(dice.roll(5)).expect("small") * 12 * 3_600_000,
            );
        stored::upsert_page(
            &mut tx,
            connection,
            company,
            DataType::Invoices,
            DatasetId(id),
            &page,
            at,
        )
        .await?;
    }
    tx.commit().await?;

    let scope = Scope {
        company,
        connections: vec![connection],
    };
    let rows = stored::list(&db, &scope, DataType::Invoices, None, None, 1_000, 0).await?;
    let records = rows
        .iter()
        .map(|row| {
            let mut json = Vec::new();
            row.write(
                Stamps {
                    dates: true,
                    metadata: true,
                },
                &mut json,
            );
            (
                row.id.clone(),
                serde_json::from_slice(&json).expect("a record is JSON"),
            )
        })
        .collect();
    Ok(Prepared { db, scope, records })
}

async fn every_query_agrees(db: Db) {
    let Prepared { db, scope, records } = prepare(db).await.expect("a prepared database");
    assert_eq!(records.len() as u64, RECORDS);
    let schema = stored::schema("Invoice");
    let mut dice = Dice(SEED + 1);
    let (mut asked, mut some) = (0, 0);
    while asked < QUERIES {
        let text = text(&mut dice, 2);
        let Ok(expression) = parse(&text, &schema) else {
            continue;
        };
        asked += 1;
        let expected: Vec<&str> = records
            .iter()
            .filter(|(_, record)| expression.matches(record))
            .map(|(id, _)| id.as_str())
            .collect();
        let found = stored::list(
            &db,
            &scope,
            DataType::Invoices,
            Some(&expression),
            None,
            1_000,
            0,
        )
        .await
        .unwrap_or_else(|error| panic!("{text}: {error}"));
        let found: Vec<&str> = found.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(found, expected, "{text}");
        let count = stored::count(&db, &scope, DataType::Invoices, Some(&expression))
            .await
            .expect("a count");
        assert_eq!(usize::try_from(count), Ok(expected.len()), "{text}");
        some += usize::from(!expected.is_empty() && expected.len() < records.len());
    }
    assert!(
        some > QUERIES / 3,
        "only {some} of {QUERIES} queries told records apart"
    );

    every_order_is_total(&db, &scope, &records).await;
    db.close().await;
}

/// Pages in any order cover every record once, ascending and descending, with the valueless last.
async fn every_order_is_total(db: &Db, scope: &Scope, records: &[(String, Value)]) {
    let schema = stored::schema("Invoice");
    for field in [
        "totalAmount",
        "dueDate",
        "customerRef.companyName",
        "sourceModifiedDate",
        "modifiedDate",
        "id",
        "absent",
    ] {
        for text in [field.to_owned(), format!("-{field}")] {
            let order = parse_order(&text, &schema).expect("an order");
            let mut seen = Vec::new();
            for offset in (0..).step_by(50) {
                let page = stored::list(
                    db,
                    scope,
                    DataType::Invoices,
                    None,
                    order.as_ref(),
                    50,
                    offset,
                )
                .await
                .unwrap_or_else(|error| panic!("{text}: {error}"));
                if page.is_empty() {
                    break;
                }
                seen.extend(page.into_iter().map(|row| row.id));
            }
            let place = |id: &String| {
                &records
                    .iter()
                    .find(|(known, _)| known == id)
                    .expect("a known record")
                    .1
            };
            let values: Vec<Option<&Value>> = seen
                .iter()
                .map(|id| {
                    field
                        .split('.')
                        .try_fold(place(id), |value, name| value.get(name))
                        .filter(|value| !value.is_null())
                })
                .collect();
            let present = values.iter().take_while(|value| value.is_some()).count();
            assert!(
                values[present..].iter().all(Option::is_none),
                "{text}: records without a value come last"
            );
            if field == "totalAmount" {
                let amounts: Vec<f64> = values
                    .iter()
                    .flatten()
                    .filter_map(|value| value.as_f64())
                    .collect();
                let sorted = amounts.is_sorted_by(|a, b| {
                    if text.starts_with('-') {
                        a >= b
                    } else {
                        a <= b
                    }
                });
                assert!(sorted, "{text}: {amounts:?}");
            }
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), records.len(), "{text}: every record once");
        }
    }
}

#[tokio::test]
async fn sqlite_answers_as_the_evaluator_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("query.db").display());
    every_query_agrees(Db::open(&url, 2).await.expect("a database")).await;
}

/// Runs where `MOORLINE_TEST_POSTGRES` is the URL of a server on which databases may be made.
#[tokio::test]
async fn postgresql_answers_as_the_evaluator_does() {
    let Ok(server) = std::env::var("MOORLINE_TEST_POSTGRES") else {
        eprintln!("skipped: MOORLINE_TEST_POSTGRES is not set");
        return;
    };
    let name = format!("moorline_query_{}", Uuid::new_v4().simple());
    let admin = sqlx::PgPool::connect(&server).await.expect("a server");
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}")))
        .execute(&admin)
        .await
        .expect("a new database");
    let (address, parameters) = server
        .split_once('?')
        .map_or((server.as_str(), String::new()), |(a, p)| {
            (a, format!("?{p}"))
        });
    let slash = address
        .rfind('/')
        .filter(|at| *at > address.find("//").map_or(0, |at| at + 1))
        .unwrap_or(address.len());
    let url = format!("{}/{name}{parameters}", &address[..slash]);
    every_query_agrees(Db::open(&url, 2).await.expect("a database")).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("drop database {name}")))
        .execute(&admin)
        .await
        .expect("it goes again");
}
