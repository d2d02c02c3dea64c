//! Every column that holds something sealed, read in stretches of a table, so that it can be sealed with another key.
//!
//! A stretch is a range of rowids on SQLite and of blocks on PostgreSQL: neither needs an index, and each is read once. What was written
//! or moved meanwhile is met by the next walk.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::columns::row;
use super::db::{Db, On, StoreError, Tx};

/// A column with sealed values: the first byte is a format, the next eight are the id of the key.
#[derive(Debug)]
pub struct Column {
    pub table: &'static str,
    pub name: &'static str,
    /// What a value is sealed to.
    pub to: To,
    /// The word for the column that a value is sealed to.
    pub field: &'static str,
}

/// The row that a value is sealed to, with the client that the row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    Connection,
    /// A client's integration.
    Integration,
    /// A receipt key; of no client.
    ReceiptKey,
    Webhook,
    /// A record that couldn't be read.
    SetAside,
    /// A platform's answer as it came.
    RawPage,
    /// A file that a business has uploaded, by the number of its part.
    File,
    /// The client alone.
    Client,
}

macro_rules! columns {
    ($($table:ident . $name:ident => $to:ident $field:literal),* $(,)?) => {
        /// All of them. The story `every_column_of_bytes_is_known_to_be_sealed_or_not` finds one that is missing.
        pub const COLUMNS: &[Column] = &[
            $(Column { table: stringify!($table), name: stringify!($name), to: To::$to, field: $field }),*
        ];
    };
}

columns! {
    credential.access_token => Connection "access_token",
    credential.refresh_token => Connection "refresh_token",
    credential.unread_answer => Connection "unread_answer",
    held_grant.access_token => Connection "access_token",
    held_grant.refresh_token => Connection "refresh_token",
    held_grant.unread_answer => Connection "unread_answer",
    link_choice.access_token => Connection "access_token",
    link_choice.refresh_token => Connection "refresh_token",
    link_choice.person => Connection "person",
    authorization_attempt.verifier => Connection "pkce_verifier",
    authorization_attempt.held => Connection "held_answer",
    agreement.person => Connection "person",
    key_pair.private_key => Connection "key_pair",
    integration_setting.oauth_client_secret => Integration "oauth_client_secret",
    receipt_key.seed => ReceiptKey "receipt_seed",
    webhook.headers => Webhook "headers",
    webhook.identity => Webhook "identity",
    webhook_secret.sealed => Webhook "secret",
    quarantine.sealed => SetAside "unread_record",
    raw_page.sealed => RawPage "raw_page",
    file_part.sealed => File "file",
    keyed_request.answer => Client "keyed_answer",
}

row! {
    /// A sealed value, with the ids and words of what it is sealed to.
    #[derive(Clone, Debug)]
    pub struct Found {
        /// The row's place in its table at this moment.
        pub at: String,
        pub client: Option<Uuid>,
        /// The connection, the consumer, the caller, or the file.
        pub owner: Option<Uuid>,
        pub dataset: Option<Uuid>,
        /// The platform's key, the receipt key's id, or the data type.
        pub word: Option<String>,
        pub key: Option<String>,
        pub number: Option<i64>,
        pub sealed: Vec<u8>,
    }
}

row! { struct Number { number: i64 } }

/// A stretch's rows on SQLite.
const ROWS: i64 = 500;
/// A stretch's rows on SQLite, and its blocks on PostgreSQL, if values may be long.
const FEW: i64 = 50;
const FEW_BLOCKS: i64 = 2;
const BLOCKS: i64 = 32;

impl Column {
    fn is_bulky(&self) -> bool {
        matches!(self.to, To::SetAside | To::RawPage | To::File | To::Client)
    }

    /// `keyed_request` has no rowid.
    fn has_rowid(&self) -> bool {
        self.to != To::Client
    }

    fn stretch(&self, db: &Db) -> i64 {
        match (db, self.is_bulky()) {
            (Db::Sqlite { .. }, false) => ROWS,
            (Db::Sqlite { .. }, true) => FEW,
            (Db::Postgres(_), false) => BLOCKS,
            (Db::Postgres(_), true) => FEW_BLOCKS,
        }
    }

    /// The selected columns but for the place, and the tables.
    fn select(&self) -> String {
        let [client, owner, dataset, word, key, number] = match self.to {
            To::Connection => [
                "t.client_id",
                "t.connection_id",
                "null",
                "null",
                "null",
                "null",
            ],
            To::Integration => ["t.client_id", "null", "null", "t.key", "null", "null"],
            To::ReceiptKey => ["null", "null", "null", "t.kid", "null", "null"],
            To::Webhook if self.table == "webhook" => {
                ["t.client_id", "t.id", "null", "null", "null", "null"]
            }
            To::Webhook => ["o.client_id", "o.id", "null", "null", "null", "null"],
            To::SetAside => [
                "o.client_id",
                "o.id",
                "null",
                "t.data_type",
                "t.key",
                "null",
            ],
            To::RawPage => [
                "o.client_id",
                "o.id",
                "t.dataset_id",
                "t.data_type",
                "null",
                "cast(t.number as bigint)",
            ],
            To::File => [
                "o.client_id",
                "o.id",
                "null",
                "null",
                "null",
                "cast(t.number as bigint)",
            ],
            To::Client => ["t.client_id", "t.caller", "null", "null", "null", "null"],
        };
        format!(
            "{client} as client, {owner} as owner, {dataset} as dataset, {word} as word, {key} as key, {number} as number, \
             t.{} as sealed",
            self.name
        )
    }

    fn join(&self) -> &'static str {
        match self.to {
            To::Webhook if self.table != "webhook" => "join webhook o on o.id = t.webhook_id",
            To::File => "join file o on o.id = t.file_id",
            To::SetAside | To::RawPage => "join connection o on o.id = t.connection_id",
            _ => "",
        }
    }

    /// The end of the table, in the stretches' measure.
    async fn end(&self, db: &Db) -> Result<i64, StoreError> {
        let table = self.table;
        let result = match db.hold().await? {
            On::Sqlite(pool) => {
                let sql = if self.has_rowid() {
                    format!("select coalesce(max(rowid), -1) + 1 as number from {table}")
                } else {
                    format!("select count(*) as number from {table}")
                };
                sqlx::query_as::<_, Number>(AssertSqlSafe(sql))
                    .fetch_one(pool)
                    .await
            }
            On::Postgres(mut held) => {
                let sql = format!(
                    "select (pg_relation_size('{table}') / current_setting('block_size')::bigint) as number"
                );
                sqlx::query_as::<_, Number>(AssertSqlSafe(sql))
                    .fetch_one(&mut *held)
                    .await
            }
        };
        Ok(db.noticing(result)?.number)
    }
}

/// A stretch of a column's table: the values in it that aren't sealed with a key, and the place of the next stretch. None behind
/// the end.
///
/// # Errors
/// The database can't be read.
pub async fn others_than(
    db: &Db,
    column: &Column,
    key_id: &[u8],
    from: i64,
) -> Result<Option<(Vec<Found>, i64)>, StoreError> {
    if from >= column.end(db).await? {
        return Ok(None);
    }
    let to = from + column.stretch(db);
    let (table, name) = (column.table, column.name);
    let (selected, join) = (column.select(), column.join());
    let other = format!("t.{name} is not null and substr(t.{name}, 2, 8) <> $1");
    let result = match db.hold().await? {
        On::Sqlite(pool) => {
            let sql = if column.has_rowid() {
                format!(
                    "select cast(t.rowid as text) as at, {selected} from {table} t {join}
                     where t.rowid >= {from} and t.rowid < {to} and {other}"
                )
            } else {
                format!(
                    "select hex(t.idempotency_key) as at, {selected}
                     from (select * from {table} order by client_id, caller, idempotency_key limit {} offset {from}) t
                     where {other}",
                    to - from
                )
            };
            sqlx::query_as::<_, Found>(AssertSqlSafe(sql))
                .bind(key_id)
                .fetch_all(pool)
                .await
        }
        On::Postgres(mut held) => {
            let sql = format!(
                "select t.ctid::text as at, {selected} from {table} t {join}
                 where t.ctid >= '({from},0)'::tid and t.ctid < '({to},0)'::tid and {other}"
            );
            sqlx::query_as::<_, Found>(AssertSqlSafe(sql))
                .bind(key_id)
                .fetch_all(&mut *held)
                .await
        }
    };
    Ok(Some((db.noticing(result)?, to)))
}

/// Puts a value in the place of the one that was found; false if another is there by now.
///
/// # Errors
/// The database can't be written to.
pub async fn replace(
    tx: &mut Tx,
    column: &Column,
    found: &Found,
    sealed: &[u8],
) -> Result<bool, StoreError> {
    let (table, name) = (column.table, column.name);
    let result = match tx.on() {
        On::Sqlite(connection) => {
            let row = if column.has_rowid() {
                "rowid = cast($2 as integer)"
            } else {
                "client_id = $4 and caller = $5 and idempotency_key = unhex($2)"
            };
            let sql = format!("update {table} set {name} = $1 where {row} and {name} = $3");
            let mut query = sqlx::query(AssertSqlSafe(sql))
                .bind(sealed)
                .bind(&found.at)
                .bind(&found.sealed);
            if !column.has_rowid() {
                query = query.bind(found.client).bind(found.owner);
            }
            query
                .execute(connection)
                .await
                .map(|done| done.rows_affected())
        }
        On::Postgres(connection) => {
            let sql = format!(
                "update {table} set {name} = $1 where ctid = ($2::text)::tid and {name} = $3"
            );
            let query = sqlx::query(AssertSqlSafe(sql))
                .bind(sealed)
                .bind(&found.at)
                .bind(&found.sealed);
            query
                .execute(connection)
                .await
                .map(|done| done.rows_affected())
        }
    };
    Ok(tx.noticing(result)? == 1)
}

row! {
    /// Sealed values of a column, by the key that they are sealed with.
    #[derive(Clone, Debug)]
    pub struct Count {
        pub key_id: Vec<u8>,
        pub number: i64,
    }
}

/// The number of a column's values by key.
///
/// # Errors
/// The database can't be read.
pub async fn count(db: &Db, column: &Column) -> Result<Vec<Count>, StoreError> {
    let (table, name) = (column.table, column.name);
    let sql = format!(
        "select substr({name}, 2, 8) as key_id, count(*) as number from {table} where {name} is not null group by 1"
    );
    let result = match db.hold().await? {
        On::Sqlite(pool) => {
            sqlx::query_as::<_, Count>(AssertSqlSafe(sql))
                .fetch_all(pool)
                .await
        }
        On::Postgres(mut held) => {
            sqlx::query_as::<_, Count>(AssertSqlSafe(sql))
                .fetch_all(&mut *held)
                .await
        }
    };
    db.noticing(result)
}
