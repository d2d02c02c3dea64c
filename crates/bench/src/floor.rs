//! The floors: servers that do as little as a server can for the same answer.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use anyhow::Result;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::Row;
use uuid::Uuid;

use crate::database::Database;

/// A JSON route; one row by its primary key; a page of a hundred rows by the statements that the platform's own page takes.
pub(crate) async fn serve(listen: SocketAddr, database: &str) -> Result<()> {
    let database = Arc::new(Database::open(database).await?);
    let router = Router::new()
        .route(
            "/json",
            get(|| async { axum::Json(json!({ "status": "ok" })) }),
        )
        .route("/connections/{id}", get(one))
        .route("/companies/{client}", get(page))
        .with_state(database);
    let listener = tokio::net::TcpListener::bind(listen).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

const ONE: &str = "select id, company_id, integration_id, integration_key, source_id, source_type, platform_name, status, created
     from connection where id = $1";

macro_rules! shape_connection {
    ($row:expr) => {{
        let row = $row;
        json!({
            "id": row.try_get::<Uuid, _>(0)?,
            "companyId": row.try_get::<Uuid, _>(1)?,
            "integrationId": row.try_get::<Uuid, _>(2)?,
            "integrationKey": row.try_get::<String, _>(3)?,
            "sourceId": row.try_get::<Uuid, _>(4)?,
            "sourceType": row.try_get::<String, _>(5)?,
            "platformName": row.try_get::<String, _>(6)?,
            "status": row.try_get::<String, _>(7)?,
            "created": row.try_get::<DateTime<Utc>, _>(8)?,
        })
    }};
}

async fn read_one(database: &Database, id: Uuid) -> Result<Value, sqlx::Error> {
    Ok(match database {
        Database::Sqlite(pool) => {
            shape_connection!(&sqlx::query(ONE).bind(id).fetch_one(pool).await?)
        }
        Database::Postgres(pool) => {
            shape_connection!(&sqlx::query(ONE).bind(id).fetch_one(pool).await?)
        }
    })
}

async fn one(State(database): State<Arc<Database>>, Path(id): Path<Uuid>) -> Response {
    respond(read_one(&database, id).await)
}

const COUNT: &str = "select number from company_count where client_id = $1";
const PAGE: &str =
    "select id, client_id, name, description, created, last_sync, products, parent_id from company
     where client_id = $1 order by created, id limit $2 offset $3";

/// Statements of a page of a hundred companies beside that for the companies, each for all of them at once.
struct Statements {
    relatives: String,
    tags: String,
    connections: String,
}

static STATEMENTS: LazyLock<Statements> = LazyLock::new(Statements::new);

impl Statements {
    fn new() -> Self {
        let places: Vec<String> = (1..=100).map(|place| format!("${place}")).collect();
        let places = places.join(", ");
        Self {
            relatives: format!(
                "select id, name, description, parent_id from company where parent_id in ({places}) or id in (null) order by created, id"
            ),
            tags: format!(
                "select company_id, key, value from company_tag where company_id in ({places}) order by key"
            ),
            connections: format!(
                "select id, client_id, company_id, integration_key, integration_id, source_id, source_type, platform_name, status,
                        attention_code, attention_message, account_id, account_name, variables, info, first_authorized,
                        last_authorized, last_sync, created,
                        exists (select 1 from connection_error e where e.connection_id = connection.id) as has_errors
                 from connection where company_id in ({places}) order by created desc, id desc"
            ),
        }
    }
}

/// As the platform answers it, without the link and password that it computes for each row.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Company {
    id: Uuid,
    name: String,
    description: Option<String>,
    platform: &'static str,
    redirect: &'static str,
    last_sync: Option<DateTime<Utc>>,
    data_connections: Vec<Connection>,
    created: DateTime<Utc>,
    products: Vec<String>,
    tags: BTreeMap<String, String>,
    reference_subsidiary_companies: Vec<Uuid>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    id: Uuid,
    integration_id: Uuid,
    integration_key: String,
    source_id: Uuid,
    source_type: String,
    platform_name: String,
    link_url: &'static str,
    status: String,
    last_sync: Option<DateTime<Utc>>,
    created: DateTime<Utc>,
}

const LINK: &str = "http://localhost:7400/companies/00000000-0000-0000-0000-000000000000/connections/\
    00000000-0000-0000-0000-000000000000/start?otp=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

macro_rules! of_all {
    ($pool:expr, $sql:expr, $ids:expr) => {{
        let mut query = sqlx::query($sql.as_str());
        for id in &$ids {
            query = query.bind(*id);
        }
        query.fetch_all($pool).await?
    }};
}

macro_rules! shape_page {
    ($pool:expr, $client:expr) => {{
        let total: i64 = sqlx::query(COUNT)
            .bind($client)
            .fetch_one($pool)
            .await?
            .try_get(0)?;
        let rows = sqlx::query(PAGE)
            .bind($client)
            .bind(100_i64)
            .bind(0_i64)
            .fetch_all($pool)
            .await?;
        let mut results = Vec::with_capacity(rows.len());
        for row in &rows {
            results.push(Company {
                id: row.try_get(0)?,
                name: row.try_get(2)?,
                description: row.try_get(3)?,
                platform: "",
                redirect: LINK,
                last_sync: row.try_get(5)?,
                data_connections: Vec::new(),
                created: row.try_get(4)?,
                products: serde_json::from_str(row.try_get(6)?).unwrap_or_default(),
                tags: BTreeMap::new(),
                reference_subsidiary_companies: Vec::new(),
            });
        }
        let ids: Vec<Uuid> = results.iter().map(|company| company.id).collect();
        let places: HashMap<Uuid, usize> = ids
            .iter()
            .enumerate()
            .map(|(place, id)| (*id, place))
            .collect();
        for row in of_all!($pool, STATEMENTS.relatives, ids) {
            if let Some(place) = row
                .try_get::<Option<Uuid>, _>(3)?
                .and_then(|parent| places.get(&parent))
            {
                results[*place]
                    .reference_subsidiary_companies
                    .push(row.try_get(0)?);
            }
        }
        for row in of_all!($pool, STATEMENTS.tags, ids) {
            if let Some(place) = places.get(&row.try_get::<Uuid, _>(0)?) {
                results[*place]
                    .tags
                    .insert(row.try_get(1)?, row.try_get(2)?);
            }
        }
        for row in of_all!($pool, STATEMENTS.connections, ids) {
            if let Some(place) = places.get(&row.try_get::<Uuid, _>(2)?) {
                results[*place].data_connections.push(Connection {
                    id: row.try_get(0)?,
                    integration_id: row.try_get(4)?,
                    integration_key: row.try_get(3)?,
                    source_id: row.try_get(5)?,
                    source_type: row.try_get(6)?,
                    platform_name: row.try_get(7)?,
                    link_url: LINK,
                    status: row.try_get(8)?,
                    last_sync: row.try_get(17)?,
                    created: row.try_get(18)?,
                });
            }
        }
        Page {
            results,
            page_number: 1,
            page_size: 100,
            total_results: total,
        }
    }};
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    results: Vec<Company>,
    page_number: u32,
    page_size: u32,
    total_results: i64,
}

async fn read_page(database: &Database, client: Uuid) -> Result<Page, sqlx::Error> {
    Ok(match database {
        Database::Sqlite(pool) => shape_page!(pool, client),
        Database::Postgres(pool) => shape_page!(pool, client),
    })
}

async fn page(State(database): State<Arc<Database>>, Path(client): Path<Uuid>) -> Response {
    respond(read_page(&database, client).await)
}

fn respond<T: Serialize>(answer: Result<T, sqlx::Error>) -> Response {
    match answer {
        Ok(value) => axum::Json(value).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
