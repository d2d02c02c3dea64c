//! SQL answers every query as the evaluator in memory does: random records, random queries, a fixed seed.

use ::records::{Document, Record};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Resolved, push_filter};
use crate::data::records::trial::{self, COMPANY, CONNECTION, Trial, time};
use crate::data::{
    records as stored,
    records::{Scope, Stamps},
};
use crate::model::{CompanyId, ConnectionId, DatasetId};
use crate::people::companies;
use crate::query::{Expression, Kind, Schema, parse, parse_order, parse_tags};
use crate::sql::columns::row;
use crate::sql::db::query;
use crate::sql::list::Wanted;
use crate::{Db, Dynamic, StoreError};

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

fn record(dice: &mut Dice, id: u64) -> Record {
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
    let document = Document::parse(&format!("{{{}}}", members.join(","))).expect("an object");
    let modified = (dice.roll(3) > 0).then(|| time(dice.pick(DAYS)));
    let mut record = Record::custom(&format!("r{id}"), document, modified);
    record.deleted = dice.roll(3) == 0;
    record
}

/// Fields, and values that tell records apart there.
type Fields = [(&'static str, &'static [&'static str])];

const OF_RECORDS: &Fields = &[
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

const OF_COMPANIES: &Fields = &[
    (
        "id",
        &[
            "00000000-0000-0000-0000-000000000007",
            "00000000-0000-0000-0000-00000000000B",
        ],
    ),
    ("name", NAMES),
    ("NAME", &["ller", "LL", "fig"]),
    ("created", &["2026-01-05", "2026-01-08T00:00:00Z"]),
    ("lastSync", &["2026-01-05", "2026-01-08T00:00:00Z"]),
    (
        "dataConnections.status",
        &[
            "PendingAuth",
            "linked",
            "Unlinked",
            "Deauthorized",
            "Nonsense",
            "auth",
        ],
    ),
    ("dataConnections.platformName", &["sandbox", "box"]),
];

const TAGS: &[&str] = &["uk", "UK", "fr", "", "Lending & Co", "100%", "Müller"];
const OF_TAGS: &Fields = &[
    ("region", &["uk", "UK", "fr", "k"]),
    ("uid", &["fr", "100%", "lending & co", "Lending & Co"]),
    ("owning team", &["ü", "Müller", "uk", "&"]),
    ("missing", &["uk"]),
];

fn condition(dice: &mut Dice, fields: &Fields) -> String {
    let of =
        |dice: &mut Dice| fields[usize::try_from(dice.roll(fields.len() as u64)).expect("small")];
    let (field, fitting) = of(dice);
    let (_, any) = of(dice);
    let values = if dice.roll(5) > 0 { fitting } else { any };
    let value = dice.pick(values);
    let operator = dice.pick(&["=", "!=", "~", ">", ">=", "<", "<="]);
    let space = dice.pick(&["", " "]);
    format!("{field}{space}{operator}{space}{value}")
}

fn text_of(dice: &mut Dice, fields: &Fields, depth: u64) -> String {
    text(dice, fields, depth)
}

fn text(dice: &mut Dice, fields: &Fields, depth: u64) -> String {
    if depth == 0 || dice.roll(3) == 0 {
        return condition(dice, fields);
    }
    let parts: Vec<String> = (0..2 + dice.roll(2))
        .map(|_| match dice.roll(2) {
            0 => text(dice, fields, depth - 1),
            _ => format!("{{{}}}", text(dice, fields, depth - 1)),
        })
        .collect();
    parts.join(dice.pick(&["&&", "||", " && ", " || "]))
}

/// Random queries that the schema takes.
fn queries(
    seed: u64,
    fields: &'static Fields,
    schema: Schema,
) -> impl Iterator<Item = (String, Expression)> {
    let mut dice = Dice(seed);
    std::iter::repeat_with(move || text(&mut dice, fields, 2))
        .filter_map(move |text| {
            parse(&text, &schema)
                .ok()
                .map(|expression| (text, expression))
        })
        .take(QUERIES)
}

/// The number of queries that found some but not all: a test that always finds nothing shows nothing.
fn assert_telling(telling: usize) {
    assert!(
        telling > QUERIES / 3,
        "only {telling} of {QUERIES} queries told rows apart"
    );
}

fn expected<'a>(expression: &Expression, values: &'a [(String, Value)]) -> Vec<&'a str> {
    let matching = values.iter().filter(|(_, value)| expression.matches(value));
    matching.map(|(id, _)| id.as_str()).collect()
}

/// Puts random records through the bulk upsert, and reads them back as clients see them.
async fn some_records(db: &Db, scope: &Scope) -> Result<Vec<(String, Value)>, StoreError> {
    let mut tx = db.write().await?;
    let mut dice = Dice(SEED);
    for page in 0..3 {
        let ids = page * RECORDS / 3..(page + 1) * RECORDS / 3;
        let page: Vec<Record> = ids.map(|id| record(&mut dice, id)).collect();
        let at = time(dice.pick(&["2026-02-01", "2026-02-01T12:00:00Z", "2026-02-02"]));
        let dataset = DatasetId(Uuid::from_u128(1));
        stored::upsert_page(&mut tx, CONNECTION, COMPANY, "invoices", dataset, &page, at).await?;
    }
    tx.commit().await?;
    let rows = stored::list(db, scope, "invoices", None, None, 1_000, 0).await?;
    Ok(rows
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
        .collect())
}

async fn records_agree(trial: Trial) {
    let db = &trial.db;
    let scope = Scope {
        company: COMPANY,
        connections: vec![CONNECTION],
    };
    let records = some_records(db, &scope).await.expect("records");
    assert_eq!(records.len() as u64, RECORDS);
    let mut telling = 0;
    for (text, expression) in queries(SEED + 1, OF_RECORDS, stored::schema("Invoice")) {
        let expected = expected(&expression, &records);
        let found = stored::list(db, &scope, "invoices", Some(&expression), None, 1_000, 0).await;
        let found = found.unwrap_or_else(|error| panic!("{text}: {error}"));
        let found: Vec<&str> = found.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(found, expected, "{text}");
        let count = stored::count(db, &scope, "invoices", Some(&expression))
            .await
            .expect("a count");
        assert_eq!(usize::try_from(count), Ok(expected.len()), "{text}");
        telling += usize::from(!expected.is_empty() && expected.len() < records.len());
    }
    assert_telling(telling);
    every_order_is_total(db, &scope, &records).await;
    trial.end().await;
}

/// Pages in any order cover every record once, ascending and descending, with the valueless last.
async fn every_order_is_total(db: &Db, scope: &Scope, records: &[(String, Value)]) {
    let schema = stored::schema("Invoice");
    let fields = [
        "totalAmount",
        "dueDate",
        "customerRef.companyName",
        "sourceModifiedDate",
        "modifiedDate",
        "id",
        "absent",
    ];
    for text in fields
        .into_iter()
        .flat_map(|field| [field.to_owned(), format!("-{field}")])
    {
        let order = parse_order(&text, &schema).expect("an order");
        let mut seen = Vec::new();
        for offset in (0..).step_by(50) {
            let page = stored::list(db, scope, "invoices", None, order.as_ref(), 50, offset).await;
            let page = page.unwrap_or_else(|error| panic!("{text}: {error}"));
            if page.is_empty() {
                break;
            }
            seen.extend(page.into_iter().map(|row| row.id));
        }
        let value = |id: &String| {
            let (_, record) = records
                .iter()
                .find(|(known, _)| known == id)
                .expect("a known record");
            let path = text.trim_start_matches('-').split('.');
            path.into_iter()
                .try_fold(record, |value, name| value.get(name))
                .filter(|value| !value.is_null())
        };
        let values: Vec<Option<&Value>> = seen.iter().map(value).collect();
        let present = values.iter().take_while(|value| value.is_some()).count();
        assert!(
            values[present..].iter().all(Option::is_none),
            "{text}: records without a value come last"
        );
        if text.ends_with("totalAmount") {
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

row! { struct Found { id: CompanyId } }

const COMPANIES: Schema = Schema {
    name: "Company",
    fields: &[
        ("id", Kind::Id),
        ("name", Kind::Text),
        ("created", Kind::Time),
        ("lastSync", Kind::Time),
        (
            "dataConnections.status",
            Kind::Word(&["PendingAuth", "Linked", "Unlinked", "Deauthorized"]),
        ),
        ("dataConnections.platformName", Kind::Text),
    ],
    open: false,
};

fn resolve(field: &str) -> Option<Resolved> {
    const CONNECTIONS: &str = "connection c where c.company_id = company.id";
    Some(match field {
        "id" => Resolved::column("company.id"),
        "name" => Resolved::column("company.name"),
        "created" => Resolved::column("company.created"),
        "lastSync" => Resolved::nullable("company.last_sync"),
        "dataConnections.status" => Resolved::each(CONNECTIONS, "c.status"),
        "dataConnections.platformName" => Resolved::each(CONNECTIONS, "c.platform_name"),
        _ => return None,
    })
}

/// Companies with none to three connections, as rows and as what the contract would show of them.
async fn some_companies(db: &Db) -> Result<Vec<(String, Value)>, StoreError> {
    let mut dice = Dice(SEED);
    let mut companies = Vec::new();
    let mut tx = db.write().await?;
    query!(tx, "delete from company")?;
    for number in 1..=40_u128 {
        let id = CompanyId(Uuid::from_u128(number));
        let name = dice.pick(NAMES);
        let created = trial::add_company(&mut tx, id, name).await?;
        let mut company =
            json!({"id": id, "name": name, "created": created, "dataConnections": [], "tags": {}});
        for key in ["region", "uid", "owning team"] {
            if dice.roll(3) == 0 {
                continue;
            }
            let value = dice.pick(TAGS);
            query!(
                tx,
                "insert into company_tag (client_id, key, value, created, company_id) values ($1, $2, $3, $4, $5)",
                trial::CLIENT,
                key,
                value,
                created,
                id
            )?;
            company["tags"][key] = json!(value);
        }
        if dice.roll(2) == 0 {
            let synced = time(dice.pick(&["2026-01-05", "2026-01-07"]));
            query!(
                tx,
                "update company set last_sync = $2 where id = $1",
                id,
                synced
            )?;
            company["lastSync"] = json!(synced);
        }
        for at in 0..dice.roll(4) {
            let status = dice.pick(&["PendingAuth", "Linked", "Unlinked", "Deauthorized"]);
            let connection = ConnectionId(Uuid::from_u128(number * 100 + u128::from(at)));
            trial::add_connection(&mut tx, connection, id, status).await?;
            let shown = json!({"status": status, "platformName": "Sandbox"});
            company["dataConnections"]
                .as_array_mut()
                .expect("a list")
                .push(shown);
        }
        companies.push((id.to_string(), company));
    }
    tx.commit().await?;
    Ok(companies)
}

async fn companies_agree(trial: Trial) {
    let companies = some_companies(&trial.db).await.expect("companies");
    let mut telling = 0;
    for (text, expression) in queries(SEED + 2, OF_COMPANIES, COMPANIES) {
        let mut sql = Dynamic::new("select id from company where ");
        push_filter(&trial.db, &expression, &resolve, &mut sql);
        sql.push(" order by id");
        let found =
            query!(trial.db, all Found, sql).unwrap_or_else(|error| panic!("{text}: {error}"));
        let found: Vec<String> = found.into_iter().map(|row| row.id.to_string()).collect();
        let expected = expected(&expression, &companies);
        assert_eq!(found, expected, "{text}");
        telling += usize::from(!expected.is_empty() && expected.len() < companies.len());
    }
    assert_telling(telling);
    trial.end().await;
}

/// The list that clients get, asked by the companies' own properties and by their tags at once.
async fn lists_of_companies_agree(trial: Trial) {
    let companies = some_companies(&trial.db).await.expect("companies");
    let mut dice = Dice(SEED + 3);
    let mut telling = 0;
    for (text, expression) in queries(SEED + 4, OF_COMPANIES, companies::SCHEMA).take(200) {
        let (asked, tags) = std::iter::repeat_with(|| text_of(&mut dice, OF_TAGS, 2))
            .find_map(|asked| parse_tags(&asked).ok().map(|tags| (asked, tags)))
            .expect("a tag query");
        let wanted = Wanted {
            filter: (dice.roll(3) > 0).then_some(&expression),
            limit: 1_000,
            ..Wanted::default()
        };
        let found = companies::list(&trial.db, trial::CLIENT, wanted, Some(&tags))
            .await
            .unwrap_or_else(|error| panic!("{text} / {asked}: {error}"));
        let ids: Vec<String> = found.rows.iter().map(|row| row.id.to_string()).collect();
        let expected: Vec<&str> = companies
            .iter()
            .filter(|(_, company)| {
                tags.matches(&company["tags"])
                    && wanted.filter.is_none_or(|filter| filter.matches(company))
            })
            .map(|(id, _)| id.as_str())
            .collect();
        assert_eq!(ids, expected, "{text} / {asked}");
        assert_eq!(
            usize::try_from(found.total),
            Ok(expected.len()),
            "{text} / {asked}"
        );
        telling += usize::from(!expected.is_empty() && expected.len() < companies.len());
    }
    assert!(telling > 60, "only {telling} told companies apart");
    trial.end().await;
}

#[tokio::test]
async fn sqlite_lists_companies_as_the_evaluator_does() {
    lists_of_companies_agree(trial::sqlite().await).await;
}

#[tokio::test]
async fn postgresql_lists_companies_as_the_evaluator_does() {
    if let Some(trial) = trial::postgresql().await {
        lists_of_companies_agree(trial).await;
    }
}

#[tokio::test]
async fn sqlite_answers_for_records_as_the_evaluator_does() {
    records_agree(trial::sqlite().await).await;
}

#[tokio::test]
async fn sqlite_answers_for_companies_as_the_evaluator_does() {
    companies_agree(trial::sqlite().await).await;
}

#[tokio::test]
async fn postgresql_answers_for_records_as_the_evaluator_does() {
    if let Some(trial) = trial::postgresql().await {
        records_agree(trial).await;
    }
}

#[tokio::test]
async fn postgresql_answers_for_companies_as_the_evaluator_does() {
    if let Some(trial) = trial::postgresql().await {
        companies_agree(trial).await;
    }
}
