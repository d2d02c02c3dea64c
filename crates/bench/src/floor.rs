//! The floors: servers that do as little as a server can for the same answer.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::Row;
use uuid::Uuid;

use crate::database::Database;

/// A JSON route; one row by its primary key; a page of a hundred rows by the statements that the platform's own page takes.
pub async fn serve(listen: SocketAddr, database: &str) -> Result<()> {
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
    "select id, name, description, created, last_sync from company where client_id = $1
     order by created, id limit 100";

macro_rules! shape_page {
    ($pool:expr, $client:expr, $tags:expr) => {{
        let total: i64 = sqlx::query(COUNT).bind($client).fetch_one($pool).await?.try_get(0)?;
        let rows = sqlx::query(PAGE).bind($client).fetch_all($pool).await?;
        let mut query = sqlx::query($tags);
        for row in &rows {
            query = query.bind(row.try_get::<Uuid, _>(0)?);
        }
        let tags = query.fetch_all($pool).await?;
        let mut results = Vec::with_capacity(rows.len());
        for row in &rows {
            let id: Uuid = row.try_get(0)?;
            let mut own = serde_json::Map::new();
            for tag in &tags {
                if tag.try_get::<Uuid, _>(0)? == id {
                    own.insert(tag.try_get(1)?, json!(tag.try_get::<String, _>(2)?));
                }
            }
            results.push(json!({
                "id": id,
                "name": row.try_get::<String, _>(1)?,
                "description": row.try_get::<Option<String>, _>(2)?,
                "created": row.try_get::<DateTime<Utc>, _>(3)?,
                "lastSync": row.try_get::<Option<DateTime<Utc>>, _>(4)?,
                "tags": own,
            }));
        }
        json!({ "results": results, "totalResults": total, "pageNumber": 1, "pageSize": 100 })
    }};
}

async fn read_page(database: &Database, client: Uuid) -> Result<Value, sqlx::Error> {
    let places: Vec<String> = (1..=100).map(|place| format!("${place}")).collect();
    let tags = format!(
        "select company_id, key, value from company_tag where company_id in ({}) order by key",
        places.join(", ")
    );
    let tags = sqlx::AssertSqlSafe(tags);
    Ok(match database {
        Database::Sqlite(pool) => shape_page!(pool, client, tags),
        Database::Postgres(pool) => shape_page!(pool, client, tags),
    })
}

async fn page(State(database): State<Arc<Database>>, Path(client): Path<Uuid>) -> Response {
    respond(read_page(&database, client).await)
}

fn respond(answer: Result<Value, sqlx::Error>) -> Response {
    match answer {
        Ok(value) => axum::Json(value).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
