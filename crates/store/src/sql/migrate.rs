//! Brings a database to the newest schema, one migration a transaction.

use chrono::{DateTime, Utc};

use super::columns::row;
use super::db::{On, query};
use crate::{Db, StoreError, Tx};

struct Migration {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($name:literal) => {
        Migration {
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }
    };
}

const MIGRATIONS: &[Migration] = &[
    migration!("0001_foundation"),
    migration!("0002_webhooks"),
    migration!("0003_settings"),
    migration!("0004_custom_data"),
    migration!("0005_push"),
    migration!("0006_limits"),
    migration!("0007_forecasts"),
    migration!("0008_counts"),
    migration!("0009_choices"),
    migration!("0010_connection_counts"),
    migration!("0011_supplements"),
    migration!("0012_records"),
    migration!("0013_shares"),
    migration!("0014_link_ends"),
    migration!("0015_renewals"),
    migration!("0016_grants"),
    migration!("0017_disclosure"),
    migration!("0018_record"),
    migration!("0019_steps"),
    migration!("0020_data_requests"),
    migration!("0021_push_in_hand"),
    migration!("0022_idempotency"),
    migration!("0023_quarantine"),
    migration!("0024_raw_pages"),
    migration!("0025_pull_states"),
    migration!("0026_turns"),
    migration!("0030_unreadable"),
    migration!("0031_restored"),
    migration!("0032_key_pairs"),
    migration!("0033_sealing_keys"),
    migration!("0034_confirmations"),
    migration!("0035_machines"),
    migration!("0036_files"),
    migration!("0037_funnel"),
    migration!("0037_shared_grants"),
    migration!("0038_link"),
    migration!("0039_source"),
    migration!("0040_company_names"),
    migration!("0041_beside"),
    migration!("0042_machine_hours"),
];

/// The migrations that this program knows, by name, in order.
pub fn known_migrations() -> Vec<&'static str> {
    MIGRATIONS.iter().map(|migration| migration.name).collect()
}

row! { struct Applied { name: String } }

impl Db {
    /// Applies what is missing and returns the names of what was applied. Safe to run from several processes at once.
    pub async fn migrate(&self, now: DateTime<Utc>) -> Result<Vec<&'static str>, StoreError> {
        let pending = self.pending_migrations().await?;
        let mut may_be_new = pending.len() == MIGRATIONS.len();
        let mut applied_now = Vec::new();
        for migration in MIGRATIONS {
            if !pending.contains(&migration.name) {
                continue;
            }
            let mut tx = self.write().await?;
            if let Tx::Postgres(_) = &tx {
                // Nodes that start together take turns; the lock goes with the transaction.
                patiently(&mut tx, "select pg_advisory_xact_lock(7405138270164)").await?;
            }
            if std::mem::take(&mut may_be_new) {
                self.begin_migrations(&mut tx).await?;
            }
            let done = query!(tx, opt Applied, "select name from migration where name = $1", migration.name)?;
            if done.is_some() {
                continue;
            }
            let text = match self {
                Db::Sqlite { .. } => migration.sqlite,
                Db::Postgres(_) => migration.postgres,
            };
            patiently(&mut tx, text).await?;
            query!(
                tx,
                "insert into migration (name, applied) values ($1, $2)",
                migration.name,
                now
            )?;
            tx.commit().await?;
            applied_now.push(migration.name);
        }
        Ok(applied_now)
    }

    /// Makes the table of migrations, unless another node just did.
    async fn begin_migrations(&self, tx: &mut Tx) -> Result<(), StoreError> {
        match self {
            Db::Sqlite { .. } => query!(
                tx,
                "create table if not exists migration (name text not null primary key, applied text not null) strict"
            )?,
            Db::Postgres(_) => query!(
                tx,
                "create table if not exists migration (name text not null primary key, applied timestamptz not null)"
            )?,
        };
        Ok(())
    }

    /// True if the database is an installation's: some version of the program has begun it.
    pub async fn is_begun(&self) -> Result<bool, StoreError> {
        let known = known_migrations().len();
        Ok(self.pending_migrations().await?.len() < known)
    }

    /// The migrations that this program knows and the database lacks.
    pub async fn pending_migrations(&self) -> Result<Vec<&'static str>, StoreError> {
        let applied = match query!(self, all Applied, "select name from migration") {
            Ok(rows) => rows,
            Err(StoreError::Database(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(MIGRATIONS
            .iter()
            .map(|migration| migration.name)
            .filter(|name| !applied.iter().any(|row| row.name == *name))
            .collect())
    }
}

/// Runs statements for as long as they take: a table may be large, and another node may be at it.
async fn patiently(tx: &mut Tx, text: &'static str) -> Result<(), StoreError> {
    let done = match tx.on() {
        On::Sqlite(connection) => sqlx::raw_sql(text).execute(connection).await.map(drop),
        On::Postgres(connection) => sqlx::raw_sql(text).execute(connection).await.map(drop),
    };
    tx.noticing(done)
}
