//! Every table as it is, out of one database and into another of either engine.
//!
//! The tables are read from the database's own catalogue, so that none can be forgotten. Values are carried in five kinds that both
//! engines have; the receiving column's own type says what is made of them.

use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::columns::row;
use super::db::{Db, On, StoreError, Tx, query};

/// Tables that are never carried: the installation's facts about itself, and what its nodes share out while they run.
const OWN: &[&str] = &[
    "migration",
    "request_share",
    "address_minute",
    "sealing_node",
    // Follows the companies by itself, as their index of names does.
    "company_search",
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// The column that refers to the `id` of another row of the same table.
    above: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// The kind of value that a column takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SQLite's blob: bytes, or a UUID's sixteen.
    Bytes,
    Uuid,
    Text,
    Time,
    Integer,
    Real,
    Boolean,
    /// Another type of PostgreSQL's, carried as its text.
    Other(String),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bytes(Vec<u8>),
    Text(String),
    Integer(i64),
    Real(f64),
}

row! { struct Named { name: String, kind: String } }
row! { struct Number { number: i64 } }

/// The tables in the order in which they were made, so that what is referred to comes first.
pub async fn tables(db: &Db) -> Result<Vec<Table>, StoreError> {
    let named = match db {
        Db::Sqlite { .. } => query!(
            db,
            all Named,
            "select name, type as kind from sqlite_schema
             where type = 'table' and name not like 'sqlite~_%' escape '~' and name not like 'company~_names%' escape '~'
             order by rowid"
        )?,
        Db::Postgres(_) => query!(
            db,
            all Named,
            "select relname::text as name, 'table' as kind from pg_class
             where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace order by oid"
        )?,
    };
    let mut tables = Vec::new();
    for table in named {
        if OWN.contains(&table.name.as_str()) {
            continue;
        }
        let columns = match db {
            Db::Sqlite { .. } => query!(
                db,
                all Named,
                "select name, type as kind from pragma_table_info($1) order by cid",
                &table.name
            )?,
            Db::Postgres(_) => query!(
                db,
                all Named,
                "select attname::text as name, format_type(atttypid, atttypmod) as kind from pg_attribute
                 where attrelid = to_regclass(quote_ident($1)) and attnum > 0 and not attisdropped
                   and attgenerated = '' order by attnum",
                &table.name
            )?,
        };
        let columns = columns.into_iter().map(|column| Column {
            kind: Kind::named(&column.kind),
            name: column.name,
        });
        tables.push(Table {
            columns: columns.collect(),
            name: table.name,
            above: None,
        });
    }
    referred_first(db, tables).await
}

row! { struct Reference { table_name: String, refers_to: String, by: String } }

/// A table that was made anew by a later migration may refer to what stands behind it.
async fn referred_first(db: &Db, mut rest: Vec<Table>) -> Result<Vec<Table>, StoreError> {
    let references = match db {
        Db::Sqlite { .. } => query!(
            db,
            all Reference,
            "select s.name as table_name, f.\"table\" as refers_to, f.\"from\" as by from sqlite_schema s, pragma_foreign_key_list(s.name) f
             where s.type = 'table'"
        )?,
        Db::Postgres(_) => query!(
            db,
            all Reference,
            "select conrelid::regclass::text as table_name, confrelid::regclass::text as refers_to, attname::text as by
             from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
             where contype = 'f' and connamespace = current_schema()::regnamespace"
        )?,
    };
    for table in &mut rest {
        let own = references
            .iter()
            .find(|one| one.table_name == table.name && one.refers_to == table.name);
        table.above = own.map(|reference| reference.by.clone());
    }
    let mut ordered: Vec<Table> = Vec::new();
    while !rest.is_empty() {
        let free = rest.iter().position(|table| {
            references
                .iter()
                .filter(|reference| reference.table_name == table.name)
                .all(|reference| {
                    reference.refers_to == table.name
                        || rest.iter().all(|other| other.name != reference.refers_to)
                })
        });
        // A circle can't be resolved by order; the database will say so.
        ordered.push(rest.remove(free.unwrap_or(0)));
    }
    Ok(ordered)
}

impl Kind {
    fn named(declared: &str) -> Self {
        match declared.to_ascii_lowercase().as_str() {
            "blob" | "bytea" => Self::Bytes,
            "uuid" => Self::Uuid,
            "text" | "character varying" => Self::Text,
            "timestamp with time zone" => Self::Time,
            "integer" | "bigint" | "smallint" => Self::Integer,
            "real" | "double precision" => Self::Real,
            "boolean" => Self::Boolean,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl Table {
    /// The columns as a select gives them.
    fn list(&self) -> String {
        let columns = self.columns.iter().map(|column| {
            let name = quoted(&column.name);
            match &column.kind {
                Kind::Other(_) => format!("{name}::text"),
                // PostgreSQL's smaller integers are read as the large one.
                Kind::Integer => format!("cast({name} as bigint)"),
                _ => name,
            }
        });
        columns.collect::<Vec<_>>().join(", ")
    }

    /// `numbered`: the engine's words for writing a column that it usually numbers itself.
    fn insert(&self, numbered: &str) -> String {
        let names: Vec<String> = self.columns.iter().map(|c| quoted(&c.name)).collect();
        let places = self.columns.iter().enumerate().map(|(at, column)| {
            let place = at + 1;
            match &column.kind {
                Kind::Other(kind) => format!("${place}::{kind}"),
                Kind::Integer => format!("cast(${place} as bigint)"),
                _ => format!("${place}"),
            }
        });
        format!(
            "insert into {} ({}) {numbered} values ({}) on conflict do nothing",
            quoted(&self.name),
            names.join(", "),
            places.collect::<Vec<_>>().join(", ")
        )
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub async fn count(tx: &mut Tx, table: &Table) -> Result<i64, StoreError> {
    let sql = format!("select count(*) as number from {}", quoted(&table.name));
    let counted = match tx.on() {
        On::Sqlite(tx) => {
            sqlx::query_as::<_, Number>(AssertSqlSafe(sql))
                .fetch_one(&mut *tx)
                .await
        }
        On::Postgres(tx) => {
            sqlx::query_as::<_, Number>(AssertSqlSafe(sql))
                .fetch_one(&mut *tx)
                .await
        }
    };
    Ok(tx.noticing(counted)?.number)
}

/// Hands over every row of a table, one after the other.
pub async fn read(
    tx: &mut Tx,
    table: &Table,
    mut each: impl FnMut(Vec<Value>) -> std::io::Result<()>,
) -> Result<std::io::Result<()>, StoreError> {
    let name = quoted(&table.name);
    // A row that refers to another of the same table comes behind it.
    let sql = match &table.above {
        None => format!("select {} from {name} order by 1", table.list()),
        Some(above) => {
            let above = quoted(above);
            format!(
                "with recursive tree (id, depth) as (
                     select id, 0 from {name} where {above} is null
                     union all select t.id, tree.depth + 1 from {name} t join tree on t.{above} = tree.id)
                 select {} from {name} join (select id as tree_id, depth from tree) below on tree_id = id order by depth, 1",
                table.list()
            )
        }
    };
    match tx.on() {
        On::Sqlite(tx) => {
            let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut *tx);
            while let Some(row) = rows.try_next().await? {
                let values = table.columns.iter().enumerate();
                let values = values.map(|(at, column)| from_sqlite(&row, at, column));
                if let Err(error) = each(values.collect::<Result<_, _>>()?) {
                    return Ok(Err(error));
                }
            }
        }
        On::Postgres(tx) => {
            let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut *tx);
            while let Some(row) = rows.try_next().await? {
                let values = table.columns.iter().enumerate();
                let values = values.map(|(at, column)| from_postgres(&row, at, column));
                if let Err(error) = each(values.collect::<Result<_, _>>()?) {
                    return Ok(Err(error));
                }
            }
        }
    }
    Ok(Ok(()))
}

fn from_sqlite(row: &SqliteRow, at: usize, column: &Column) -> Result<Value, StoreError> {
    Ok(match column.kind {
        Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(at)?.map(Value::Bytes),
        Kind::Integer => row.try_get::<Option<i64>, _>(at)?.map(Value::Integer),
        Kind::Real => row.try_get::<Option<f64>, _>(at)?.map(Value::Real),
        _ => row.try_get::<Option<String>, _>(at)?.map(Value::Text),
    }
    .unwrap_or(Value::Null))
}

fn from_postgres(row: &PgRow, at: usize, column: &Column) -> Result<Value, StoreError> {
    Ok(match column.kind {
        Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(at)?.map(Value::Bytes),
        Kind::Uuid => {
            let id = row.try_get::<Option<Uuid>, _>(at)?;
            id.map(|id| Value::Bytes(id.as_bytes().to_vec()))
        }
        Kind::Time => {
            let time = row.try_get::<Option<DateTime<Utc>>, _>(at)?;
            time.map(|time| Value::Text(as_sqlite_writes(time)))
        }
        Kind::Integer => row.try_get::<Option<i64>, _>(at)?.map(Value::Integer),
        Kind::Real => row.try_get::<Option<f64>, _>(at)?.map(Value::Real),
        Kind::Boolean => {
            let yes = row.try_get::<Option<bool>, _>(at)?;
            yes.map(|yes| Value::Integer(yes.into()))
        }
        Kind::Text | Kind::Other(_) => row.try_get::<Option<String>, _>(at)?.map(Value::Text),
    }
    .unwrap_or(Value::Null))
}

/// The text that the driver makes of a time, so that a carried row compares equal to one written there.
fn as_sqlite_writes(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// Checks that a column can take a value; the words say why not.
pub fn fits(column: &Column, value: &Value) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{} takes {what}", column.name));
    match (&column.kind, value) {
        (_, Value::Null)
        | (Kind::Bytes, Value::Bytes(_))
        | (Kind::Text | Kind::Other(_), Value::Text(_))
        | (Kind::Integer, Value::Integer(_))
        | (Kind::Real, Value::Real(_) | Value::Integer(_))
        | (Kind::Boolean, Value::Integer(0 | 1)) => Ok(()),
        (Kind::Uuid, Value::Bytes(bytes)) if bytes.len() == 16 => Ok(()),
        (Kind::Time, Value::Text(text)) if DateTime::parse_from_rfc3339(text).is_ok() => Ok(()),
        (Kind::Bytes, _) => wrong("bytes"),
        (Kind::Uuid, _) => wrong("sixteen bytes"),
        (Kind::Text | Kind::Other(_), _) => wrong("text"),
        (Kind::Time, _) => wrong("a time"),
        (Kind::Integer | Kind::Real, _) => wrong("a number"),
        (Kind::Boolean, _) => wrong("0 or 1"),
    }
}

/// Writes a row that [`fits`]; one that is there already stays as it is.
pub async fn write(tx: &mut Tx, table: &Table, values: &[Value]) -> Result<(), StoreError> {
    let written = match tx.on() {
        On::Sqlite(tx) => {
            let mut query = sqlx::query(AssertSqlSafe(table.insert("")));
            for (column, value) in table.columns.iter().zip(values) {
                query = match (value, &column.kind) {
                    (Value::Null, _) => query.bind(None::<String>),
                    (Value::Bytes(bytes), _) => query.bind(bytes.clone()),
                    (Value::Integer(number), _) => query.bind(*number),
                    (Value::Real(number), _) => query.bind(*number),
                    (Value::Text(text), _) => query.bind(text.clone()),
                };
            }
            query.execute(&mut *tx).await.map(drop)
        }
        On::Postgres(tx) => {
            let mut query = sqlx::query(AssertSqlSafe(table.insert("overriding system value")));
            for (column, value) in table.columns.iter().zip(values) {
                let bytes = match value {
                    Value::Bytes(bytes) => Some(bytes.clone()),
                    _ => None,
                };
                let text = match value {
                    Value::Text(text) => Some(text.clone()),
                    _ => None,
                };
                let number = match value {
                    Value::Integer(number) => Some(*number),
                    _ => None,
                };
                query = match column.kind {
                    Kind::Bytes => query.bind(bytes),
                    Kind::Uuid => query.bind(bytes.and_then(|bytes| Uuid::from_slice(&bytes).ok())),
                    Kind::Text | Kind::Other(_) => query.bind(text),
                    Kind::Time => query.bind(text.and_then(|text| {
                        let time = DateTime::parse_from_rfc3339(&text).ok()?;
                        Some(time.to_utc())
                    })),
                    Kind::Integer => query.bind(number),
                    Kind::Real => query.bind(match value {
                        Value::Real(number) => Some(*number),
                        #[expect(clippy::cast_precision_loss, reason = "the column is a float")]
                        Value::Integer(number) => Some(*number as f64),
                        _ => None,
                    }),
                    Kind::Boolean => query.bind(number.map(|number| number != 0)),
                };
            }
            query.execute(&mut *tx).await.map(drop)
        }
    };
    tx.noticing(written)
}

/// Copies the whole of a SQLite database, as it is at one moment, into a file that doesn't exist or is empty. Writers go on meanwhile.
/// False on PostgreSQL, which has no such statement.
///
/// # Errors
/// The database can't be read, or the file can't be written.
pub async fn copy_into(db: &Db, path: &std::path::Path) -> Result<bool, StoreError> {
    let Db::Sqlite { readers, .. } = db else {
        return Ok(false);
    };
    let path = path.display().to_string();
    let copied = sqlx::query("vacuum into $1")
        .bind(path)
        .execute(readers)
        .await;
    db.noticing(copied.map(|_| true))
}

row! { struct Word { word: String } }

/// What SQLite finds wrong with the pages, indexes and references of a database. Nothing on PostgreSQL, which checks its own.
///
/// # Errors
/// The database can't be read at all.
pub async fn damage(db: &Db) -> Result<Vec<String>, StoreError> {
    let Db::Sqlite { readers, .. } = db else {
        return Ok(Vec::new());
    };
    let pages =
        sqlx::query_as::<_, Word>("select integrity_check as word from pragma_integrity_check")
            .fetch_all(readers)
            .await;
    let mut found: Vec<String> = db
        .noticing(pages)?
        .into_iter()
        .map(|row| row.word)
        .filter(|word| word != "ok")
        .collect();
    let lost = sqlx::query_as::<_, Word>(
        "select distinct \"table\" || ' refers to rows of ' || parent || ' that are not there' as word from pragma_foreign_key_check",
    )
    .fetch_all(readers)
    .await;
    found.extend(db.noticing(lost)?.into_iter().map(|row| row.word));
    Ok(found)
}

row! { struct Sequence { sequence: Option<String> } }

/// Numbers that the database gives go on behind the largest that was carried; SQLite sees to that itself.
pub async fn go_on_counting(tx: &mut Tx, tables: &[Table]) -> Result<(), StoreError> {
    let Tx::Postgres(_) = tx else {
        return Ok(());
    };
    for table in tables {
        for column in &table.columns {
            if column.kind != Kind::Integer {
                continue;
            }
            let found = query!(
                tx,
                opt Sequence,
                "select pg_get_serial_sequence(quote_ident($1), $2) as sequence",
                &table.name,
                &column.name
            )?;
            if let Some(sequence) = found.and_then(|row| row.sequence)
                && let On::Postgres(tx) = tx.on()
            {
                let sql = format!(
                    "select setval('{}', greatest(1, coalesce((select max({}) from {}), 1)), (select count(*) > 0 from {}))",
                    sequence.replace('\'', "''"),
                    quoted(&column.name),
                    quoted(&table.name),
                    quoted(&table.name)
                );
                sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await?;
            }
        }
    }
    Ok(())
}

/// Empties the table of what the installation knows of itself, but for what is `kept`.
pub async fn forget_all_but(tx: &mut Tx, kept: &str) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from meta where key not like $1",
        format!("{kept}%")
    )?;
    Ok(())
}

/// The names of the migrations that made this schema.
pub async fn schema(db: &Db) -> Result<Vec<String>, StoreError> {
    let names = query!(
        db,
        all Named,
        "select name, '' as kind from migration order by name"
    )?;
    Ok(names.into_iter().map(|row| row.name).collect())
}
