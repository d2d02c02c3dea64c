//! Every difference between SQLite and PostgreSQL that a statement meets.

pub(crate) mod postgres;
mod records;

use chrono::{DateTime, Timelike, Utc};

use super::db::{Db, Dynamic, StoreError, Tx, query};
use crate::Bind;
use crate::query::{Literal, Operator};

pub(crate) use records::{known_records, see_records, set_sources, write_records};

/// A field of a query, in SQL.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    /// A column (or expression) of the statement, written by us.
    Column(&'static str),
    /// A dotted path into a JSON document held as text in `column`.
    Json {
        column: &'static str,
        path: Vec<String>,
    },
}

/// Appends a number that was read from a query's text: exact on PostgreSQL.
pub(crate) fn push_number(db: &Db, text: &str, sql: &mut Dynamic) {
    match db {
        Db::Sqlite { .. } => sql
            .push("cast(")
            .bind(Bind::Text(text.to_owned()))
            .push(" as real)"),
        Db::Postgres(_) => sql
            .push("cast(")
            .bind(Bind::Text(text.to_owned()))
            .push(" as numeric)"),
    };
}

/// Appends to a `select` of job ids what keeps two workers from choosing the same row. SQLite needs nothing: its writers
/// take turns.
pub(crate) fn skip_locked(tx: &Tx) -> &'static str {
    match tx {
        Tx::Sqlite(_) => "",
        Tx::Postgres(_) => " for update skip locked",
    }
}

/// Makes the transactions that change a consumer take turns, without holding up those that write messages to it.
pub(crate) async fn lock_webhook(
    tx: &mut Tx,
    webhook: crate::model::WebhookId,
) -> Result<(), StoreError> {
    if let Tx::Postgres(_) = tx {
        query!(
            tx,
            "select 1 from webhook where id = $1 for no key update",
            webhook
        )?;
    }
    Ok(())
}

/// Makes the transactions that change one company's connections take turns. SQLite's writers do anyway.
pub(crate) async fn lock_company(
    tx: &mut Tx,
    company: crate::model::CompanyId,
) -> Result<(), StoreError> {
    if let Tx::Postgres(_) = tx {
        query!(
            tx,
            "select 1 from company where id = $1 for update",
            company
        )?;
    }
    Ok(())
}

/// Makes the transactions that change something whose number is limited for a client take turns.
pub(crate) async fn lock_client(
    tx: &mut Tx,
    client: crate::model::ClientId,
) -> Result<(), StoreError> {
    if let Tx::Postgres(_) = tx {
        query!(
            tx,
            "select 1 from client where id = $1 for no key update",
            client
        )?;
    }
    Ok(())
}

/// Makes the nodes that share out what a client may have under way take turns. No row is locked: that would be a write to the disk.
pub(crate) async fn lock_shares(
    tx: &mut Tx,
    client: crate::model::ClientId,
) -> Result<(), StoreError> {
    if let Tx::Postgres(_) = tx {
        let (_, low) = client.0.as_u64_pair();
        query!(tx, "select pg_advisory_xact_lock($1)", low.cast_signed())?;
    }
    Ok(())
}

// ---- Conditions of the query language ----
//
// Text is compared without regard to ASCII case, which is what both engines can do alike: SQLite's `lower` knows no other
// case, PostgreSQL's none under the collation "C".

/// The words that make text order by its bytes.
pub(crate) fn by_bytes(db: &Db) -> &'static str {
    match db {
        Db::Sqlite { .. } => "",
        Db::Postgres(_) => r#" collate "C""#,
    }
}

fn push_lower(db: &Db, expression: &str, sql: &mut Dynamic) {
    sql.push("lower((")
        .push_checked(expression)
        .push(")")
        .push(by_bytes(db))
        .push(")");
}

/// Appends `expression = text`.
pub(crate) fn push_text_equal(db: &Db, expression: &str, text: &str, sql: &mut Dynamic) {
    push_lower(db, expression, sql);
    sql.push(" = ").bind(Bind::Text(text.to_ascii_lowercase()));
}

/// Appends `expression contains text`. PostgreSQL finds what is `like` something by trigrams, where there is an index of them.
pub(crate) fn push_text_contains(db: &Db, expression: &str, text: &str, sql: &mut Dynamic) {
    let text = text.to_ascii_lowercase();
    match db {
        Db::Sqlite { .. } => {
            sql.push("instr(");
            push_lower(db, expression, sql);
            sql.push(", ").bind(Bind::Text(text)).push(") > 0");
        }
        Db::Postgres(_) => {
            push_lower(db, expression, sql);
            let mut pattern = String::from("%");
            for letter in text.chars() {
                if matches!(letter, '%' | '_' | '\\') {
                    pattern.push('\\');
                }
                pattern.push(letter);
            }
            pattern.push('%');
            sql.push(" like ").bind(Bind::Text(pattern));
        }
    }
}

/// The shortest text that SQLite's index of names finds, in characters.
const TRIGRAM: usize = 3;

/// The companies whose names have a text in them, by SQLite's index of trigrams: words that follow `from`, and an alias of `company` in
/// them is `company`. Letter case doesn't matter there, in any alphabet, so that the condition itself has to follow. None if there is no
/// such index to be asked.
pub(crate) fn companies_named(db: &Db, text: &str) -> Option<Dynamic> {
    if !matches!(db, Db::Sqlite { .. }) || text.chars().count() < TRIGRAM {
        return None;
    }
    let mut sql = Dynamic::new(
        "(select s.company_id as found from company_names cross join company_search s on s.id = company_names.rowid
          where company_names match ",
    );
    // A phrase, whose quotes are doubled.
    sql.bind(Bind::Text(format!("\"{}\"", text.replace('"', "\"\""))));
    // SQLite keeps to the order of a cross join.
    sql.push(") cross join company on company.id = found");
    Some(sql)
}

/// A path into the JSON text of a column: expressions for its value and for its type.
struct JsonPath {
    value: String,
    kind: String,
}

impl JsonPath {
    /// None if a name could mean more than itself: then nothing is there.
    fn new(db: &Db, column: &str, path: &[String]) -> Option<Self> {
        let plain = |name: &String| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        };
        if path.is_empty() || !path.iter().all(plain) {
            return None;
        }
        Some(match db {
            Db::Sqlite { .. } => {
                let path: String = path.iter().map(|name| format!(".\"{name}\"")).collect();
                Self {
                    value: format!("json_extract({column}, '${path}')"),
                    kind: format!("json_type({column}, '${path}')"),
                }
            }
            Db::Postgres(_) => {
                let path = path.join(",");
                Self {
                    value: format!("({column}::json #>> '{{{path}}}')"),
                    kind: format!("json_typeof({column}::json #> '{{{path}}}')"),
                }
            }
        })
    }

    /// A time of a record (`YYYY-MM-DDTHH:MM:SS[.f][Z]`, in UTC) without what may be left out, so that text compares as time.
    fn time(&self) -> String {
        let value = &self.value;
        format!(
            "(substr({value}, 1, 10) || 'T' || case when length({value}) >= 19 then substr({value}, 12, 8) else '00:00:00' end \
             || rtrim(rtrim(rtrim(substr({value}, 20), 'Z'), '0'), '.'))"
        )
    }

    fn looks_like_time(&self, db: &Db) -> String {
        let value = &self.value;
        match db {
            Db::Sqlite { .. } => {
                let date = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]";
                format!(
                    "({value} glob '{date}' or {value} glob '{date}T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*')"
                )
            }
            Db::Postgres(_) => {
                format!(r"({value} ~ '^\d{{4}}-[01]\d-[0-3]\d(T\d\d:\d\d:\d\d.*)?$')")
            }
        }
    }
}

/// Appends a comparison with whatever stands at a path: text as text (`exact`: with its case) or as a time, a number as a
/// number, a boolean as a boolean. Numbers are exact on PostgreSQL; SQLite compares 64-bit floats, which tells any two
/// decimals of up to 15 digits apart and orders them rightly.
pub(crate) fn push_json_comparison(
    db: &Db,
    column: &str,
    path: &[String],
    exact: bool,
    operator: Operator,
    value: &Literal,
    sql: &mut Dynamic,
) {
    let Some(at) = JsonPath::new(db, column, path) else {
        sql.push("false");
        return;
    };
    sql.push("case ").push_checked(&at.kind).push(match db {
        Db::Sqlite { .. } => " when 'text' then ",
        Db::Postgres(_) => " when 'string' then ",
    });
    match operator {
        Operator::Contains => push_text_contains(db, &at.value, &value.text, sql),
        Operator::Equal if exact => {
            sql.push_checked(&at.value)
                .push(" = ")
                .bind(Bind::Text(value.text.clone()));
        }
        Operator::Equal => {
            push_text_equal(db, &at.value, &value.text, sql);
            if let Some(time) = value.time {
                sql.push(" or ");
                push_time_comparison(db, &at, operator, time, sql);
            }
        }
        _ => match value.time {
            Some(time) => push_time_comparison(db, &at, operator, time, sql),
            None => {
                sql.push("false");
            }
        },
    }
    if let (Some(number), true) = (value.number, operator != Operator::Contains) {
        let (kinds, expression) = match db {
            Db::Sqlite { .. } => (["'integer'", "'real'"].as_slice(), at.value.clone()),
            Db::Postgres(_) => (["'number'"].as_slice(), format!("{}::numeric", at.value)),
        };
        for kind in kinds {
            sql.push(" when ")
                .push(kind)
                .push(" then ")
                .push_checked(&expression)
                .push(" ")
                .push(operator.as_str())
                .push(" ");
            push_number(db, &number.to_string(), sql);
        }
    }
    if let (Some(boolean), Operator::Equal) = (value.boolean, operator) {
        match db {
            Db::Sqlite { .. } => sql.push(if boolean {
                " when 'true' then true"
            } else {
                " when 'false' then true"
            }),
            Db::Postgres(_) => {
                let expression = format!("{}::boolean = {boolean}", at.value);
                sql.push(" when 'boolean' then ").push_checked(&expression)
            }
        };
    }
    sql.push(" else false end");
}

fn push_time_comparison(
    db: &Db,
    at: &JsonPath,
    operator: Operator,
    time: DateTime<Utc>,
    sql: &mut Dynamic,
) {
    let mut text = time.format("%Y-%m-%dT%H:%M:%S").to_string();
    if time.nanosecond() > 0 {
        text.push('.');
        text.push_str(format!("{:09}", time.nanosecond()).trim_end_matches('0'));
    }
    sql.push("case when ")
        .push_checked(&at.looks_like_time(db))
        .push(" then ");
    sql.push_checked(&at.time())
        .push(by_bytes(db))
        .push(" ")
        .push(operator.as_str())
        .push(" ")
        .bind(Bind::Text(text));
    sql.push(" else false end");
}

/// Appends an order by whatever stands at a path: numbers by size, then text by its bytes, rows without a value last.
pub(crate) fn push_json_order(
    db: &Db,
    column: &str,
    path: &[String],
    direction: &'static str,
    sql: &mut Dynamic,
) {
    let Some(at) = JsonPath::new(db, column, path) else {
        sql.push("null");
        return;
    };
    let number = match db {
        Db::Sqlite { .. } => format!(
            "case when {} in ('integer', 'real') then {} end",
            at.kind, at.value
        ),
        Db::Postgres(_) => format!(
            "case when {} = 'number' then {}::numeric end",
            at.kind, at.value
        ),
    };
    sql.push_checked(&number)
        .push(direction)
        .push(" nulls last, ");
    sql.push("cast(")
        .push_checked(&at.value)
        .push(" as text)")
        .push(by_bytes(db))
        .push(direction)
        .push(" nulls last");
}
