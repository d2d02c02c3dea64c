//! For tests: a database of either engine, with one company and one connection in it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::clock::random_id;
use crate::model::{ClientId, CompanyId, ConnectionId};
use crate::sql::db::query;
use crate::{Db, StoreError, Tx};

pub(crate) const CLIENT: ClientId = ClientId(Uuid::from_u128(1));
pub(crate) const COMPANY: CompanyId = CompanyId(Uuid::from_u128(1));
pub(crate) const CONNECTION: ConnectionId = ConnectionId(Uuid::from_u128(1));

pub(crate) struct Trial {
    pub(crate) db: Db,
    folder: Option<tempfile::TempDir>,
    server: Option<(sqlx::PgPool, String)>,
}

pub(crate) fn time(text: &str) -> DateTime<Utc> {
    crate::query::read_time(text).expect("a time")
}

pub(crate) async fn sqlite() -> Trial {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("trial.db").display());
    let db = Db::open(&url, 2).await.expect("a database");
    prepare(&db).await.expect("a company");
    Trial {
        db,
        folder: Some(folder),
        server: None,
    }
}

/// A new database on the server whose URL stands in `MOORLINE_TEST_POSTGRES`; None, with a line on standard error, if it isn't set.
pub(crate) async fn postgresql() -> Option<Trial> {
    let Ok(server) = std::env::var("MOORLINE_TEST_POSTGRES") else {
        eprintln!("skipped: MOORLINE_TEST_POSTGRES is not set");
        return None;
    };
    let name = format!("moorline_trial_{}", random_id().simple());
    let admin = sqlx::PgPool::connect(&server).await.expect("a server");
    let create = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::raw_sql(create)
        .execute(&admin)
        .await
        .expect("a new database");
    let mut url = url::Url::parse(&server).expect("a URL");
    url.set_path(&name);
    let db = Db::open(url.as_str(), 2).await.expect("a database");
    prepare(&db).await.expect("a company");
    Some(Trial {
        db,
        folder: None,
        server: Some((admin, name)),
    })
}

impl Trial {
    pub(crate) async fn end(self) {
        self.db.close().await;
        drop(self.folder);
        if let Some((admin, name)) = self.server {
            let remove = sqlx::AssertSqlSafe(format!("drop database {name}"));
            sqlx::raw_sql(remove)
                .execute(&admin)
                .await
                .expect("it goes again");
        }
    }
}

async fn prepare(db: &Db) -> Result<(), StoreError> {
    let now = time("2026-01-01");
    db.migrate(now).await?;
    let mut tx = db.write().await?;
    query!(
        tx,
        "insert into client (id, name, white_list_urls, allowed_origins, show_badge, created) values ($1, 'c', '[]', '[]', $2, $3)",
        CLIENT,
        true,
        now
    )?;
    add_company(&mut tx, COMPANY, "Fern & Fig").await?;
    add_connection(&mut tx, CONNECTION, COMPANY, "Linked").await?;
    tx.commit().await
}

pub(crate) async fn add_company(
    tx: &mut Tx,
    id: CompanyId,
    name: &str,
) -> Result<DateTime<Utc>, StoreError> {
    let created = time("2026-01-01") + chrono::TimeDelta::days(i64::from(id.0.as_bytes()[15]));
    query!(
        tx,
        "insert into company (id, client_id, name, created) values ($1, $2, $3, $4)",
        id,
        CLIENT,
        name,
        created
    )?;
    Ok(created)
}

pub(crate) async fn add_connection(
    tx: &mut Tx,
    id: ConnectionId,
    company: CompanyId,
    status: &str,
) -> Result<(), StoreError> {
    let source_type = if id == CONNECTION {
        "Accounting"
    } else {
        "Commerce"
    };
    query!(
        tx,
        "insert into connection (id, client_id, company_id, integration_key, integration_id, source_id, source_type,
                                 platform_name, status, created)
         values ($1, $2, $3, 'test', $1, $1, $4, 'Sandbox', $5, $6)",
        id,
        CLIENT,
        company,
        source_type,
        status,
        time("2026-01-01")
    )?;
    Ok(())
}
